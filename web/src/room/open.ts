// Which dialog of the room is open.

import { signal } from "@preact/signals";

/** The dialogs there are. */
export type DialogName = "layout" | "settings" | "more";
export const dialog = signal<DialogName | null>(null);
