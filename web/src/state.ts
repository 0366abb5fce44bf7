// Which view is due: the stay in the room, or why there is none.

import { signal } from "@preact/signals";
import type { Problem } from "./failures.ts";
import type { Stay } from "./room/stay.ts";

/** The stay in the room, or null before and after it. */
export const current = signal<Stay | null>(null);
/** Why the last stay ended, or the next did not begin. */
export const problem = signal<Problem | null>(null);
