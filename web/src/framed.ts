// In a frame of somebody else's page (`<rotunda-room>`): what that page is told. It has to greet first, and is then
// told by its origin alone; who may frame this page at all is said by the server's `webui.frame_ancestors`.

import { effect } from "@preact/signals";
import { current } from "./state.ts";

/** What the page around is told: that one can join, that one did, that one is out again. */
type Word = { type: "rotunda-ready" } | { type: "rotunda-joined"; room: string } | { type: "rotunda-left" };

function isGreeting(data: unknown): boolean {
  return typeof data === "object" && data !== null && Reflect.get(data, "type") === "rotunda-hello";
}

/** Tells the page around, once it has greeted. */
export function tellFrame(): void {
  if (window.parent === window) return;
  let origin: string | null = null;
  let isIn = false;
  const tell = (word: Word) => {
    if (origin) window.parent.postMessage(word, origin);
  };
  const tellStay = () => {
    const stay = current.value;
    if (!stay && !isIn) return;
    isIn = stay !== null;
    tell(stay ? { type: "rotunda-joined", room: stay.room.peek().name } : { type: "rotunda-left" });
  };
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || !isGreeting(event.data) || event.origin === "null") return;
    origin = event.origin;
    tell({ type: "rotunda-ready" });
    if (isIn) tellStay();
  });
  effect(tellStay);
}
