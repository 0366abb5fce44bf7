// What can be done in a session that runs, by the same actions as every application's.

import { post } from "../call.ts";

/** Does something in a session; `about` says to whom or to what. */
export const act = (session: string, action: string, about: Record<string, unknown> = {}): Promise<unknown> =>
  post(`room_sessions/${session}/actions`, { action, ...about });
