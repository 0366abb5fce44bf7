// How objects of a room ask the server for something.

import type { Answers } from "../types/wire.generated.js";

/** What a method answers beside its code; of most nobody reads anything. */
export type Answer<Method extends string> = Method extends keyof Answers ? Answers[Method] : Record<string, unknown>;

/** Asks by a method of the wire, in the name of the session. */
export type Call = <Method extends string>(method: Method, params?: Record<string, unknown>) => Promise<Answer<Method>>;

/** A time of the wire, in seconds since the epoch. */
export const date = (seconds: number | null | undefined): Date | undefined => (seconds ? new Date(seconds * 1000) : undefined);
