// Why a stay ended, where nobody asked for it: in words.

import type { Problem } from "../failures.ts";
import { keepHere, keptHere } from "../kept.ts";
import type { Stay } from "./stay.ts";

const NEWER = "rotunda.newer";
const SEAT = "seat";

/** This tab's name for its seat. A tab that was made as a copy of another has the other's, and its seat. */
function seatOfTab(): string {
  const seat = keptHere(SEAT) ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
  keepHere(SEAT, seat);
  return seat;
}

/**
 * Asks an older tab with the same seat to give way, and gives way to a newer one: two that both came back to it
 * would take it from each other for ever.
 */
function shareSeat(giveWay: () => void): () => void {
  if (typeof BroadcastChannel === "undefined") return () => {};
  const tabs = new BroadcastChannel(NEWER);
  const seat = seatOfTab();
  tabs.postMessage(seat);
  tabs.addEventListener("message", ({ data }) => {
    if (data !== seat) return;
    tabs.close();
    giveWay();
  });
  return () => tabs.close();
}

/** Follows the end. */
export function hearEnd(stay: Stay): void {
  const { session } = stay;
  let why: Problem = { title: "removedTitle", text: "removedText" };
  let isIn = false;
  const release = shareSeat(() => {
    session.destroy();
    stay.ended.value?.({ title: "newerTabTitle", text: "newerTabText" });
  });
  session.on("room.joined", () => (isIn = true));
  session.on("room.ended", () => (why = { title: "endedTitle", text: "endedText" }));
  session.on("session.error", (error) => {
    if (error.kind === "auth") why = { title: "tokenTitle", text: "tokenText" };
  });
  session.on("room.left", ({ reason }) => {
    release();
    if (!isIn) return;
    const lost: Problem = { title: "lostTitle", text: "lostText" };
    stay.ended.value?.(stay.isLeaving.value ? null : reason === "RECONNECTION_ATTEMPT_TIMEOUT" ? lost : why);
  });
}
