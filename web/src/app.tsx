// The page's two views, before joining and in the room.

import { Entry } from "./entry/entry.tsx";
import { Room } from "./room/room.tsx";
import { current, problem } from "./state.ts";

/** The view that is due. */
export function App() {
  const stay = current.value;
  return stay ? <Room stay={stay} /> : <Entry joined={(made) => (current.value = made)} problem={problem} />;
}
