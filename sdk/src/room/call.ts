// How objects of a room ask the server for something.

/** Asks by a method of the wire, in the name of the session. */
export type Call = (method: string, params?: Record<string, unknown>) => Promise<Record<string, unknown>>;

/** A time of the wire, in seconds since the epoch. */
export const date = (seconds: number | null | undefined): Date | undefined => (seconds ? new Date(seconds * 1000) : undefined);
