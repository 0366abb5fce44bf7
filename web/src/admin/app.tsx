// Which view is due: signing in, or one of those inside.

import { useEffect, useRef } from "preact/hooks";
import { Warning } from "../ui/warning.tsx";
import { account } from "./account/state.ts";
import { SignIn } from "./account/sign_in.tsx";
import { place } from "./address.ts";
import { Head } from "./head.tsx";
import { HappeningsView } from "./happenings_view.tsx";
import { LiveView } from "./live/live_view.tsx";
import { SessionView } from "./live/session_view.tsx";
import { inWords, problem } from "./problem.ts";
import { RecordingsView } from "./recordings_view.tsx";
import { RoomView } from "./rooms/room_view.tsx";
import { RoomsView } from "./rooms/rooms_view.tsx";

/** The page. */
export function App() {
  return account.value ? <Inside /> : <SignIn />;
}

function View() {
  const { view, id } = place.value;
  if (view === "sessions" && id) return <SessionView key={id} id={id} />;
  if (view === "rooms") return id ? <RoomView key={id} id={id} /> : <RoomsView />;
  if (view === "recordings") return <RecordingsView />;
  if (view === "events") return <HappeningsView />;
  return <LiveView />;
}

function Inside() {
  const main = useRef<HTMLElement>(null);
  const { view, id } = place.value;
  // Whoever went to another view is to hear its name, and to begin there.
  useEffect(() => {
    problem.value = null;
    window.scrollTo(0, 0);
    main.current?.querySelector("h1")?.focus({ preventScroll: true });
  }, [view, id]);
  return (
    <div class="admin">
      <Head />
      <main ref={main} class="admin-main">
        <Warning words={problem.value && inWords(problem.value)} close={() => (problem.value = null)} />
        <View />
      </main>
    </div>
  );
}
