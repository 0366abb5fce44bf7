// The keyboard in the room: M, V, H, and the space bar that is held to talk.

import { signal } from "@preact/signals";
import { isHeard, isSeen, setHeard, setSeen, toggleHand } from "./actions.ts";
import { may } from "./people.ts";
import type { Stay } from "./stay.ts";

/** Whether one is heard only while the space bar is held. */
export const isTalkKeyHeld = signal(false);

/** Whether a key is meant for what has the focus. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, button, a, dialog, [contenteditable]") !== null;
}

/** A letter is a shortcut also where a button has the focus, for a button does nothing with it. */
function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, dialog, [contenteditable]") !== null;
}

/** Listens until it is ended. */
export function listenKeys(stay: Stay): () => void {
  const down = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || stay.isAudience.value) return;
    if (event.code === "Space" && !isTyping(event.target)) return talk(stay, event);
    if (!event.repeat && !isWriting(event.target)) letter(stay, event.key.toLowerCase());
  };
  const up = (event: KeyboardEvent) => event.code === "Space" && hush(stay);
  const blur = () => hush(stay);
  window.addEventListener("keydown", down);
  window.addEventListener("keyup", up);
  window.addEventListener("blur", blur);
  return () => {
    window.removeEventListener("keydown", down);
    window.removeEventListener("keyup", up);
    window.removeEventListener("blur", blur);
  };
}

function letter(stay: Stay, key: string): void {
  if (key === "m") void setHeard(stay, !isHeard(stay));
  if (key === "v") void setSeen(stay, !isSeen(stay));
  if (key === "h" && may(stay, "self.raisehand")) void toggleHand(stay);
}

function talk(stay: Stay, event: KeyboardEvent): void {
  event.preventDefault();
  if (event.repeat || isHeard(stay)) return;
  isTalkKeyHeld.value = true;
  void setHeard(stay, true);
}

function hush(stay: Stay): void {
  if (!isTalkKeyHeld.value) return;
  isTalkKeyHeld.value = false;
  void setHeard(stay, false);
}
