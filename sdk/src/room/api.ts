// How the methods of a session reach the server; they stand by subject in the files beside this one.

import { Emitter } from "../emitter.js";
import { problem } from "../errors.js";
import type { RoomSessionEvents } from "../types/events.js";
import type { Answer } from "./call.js";

/** What all methods of a session stand on. */
export abstract class RoomApi extends Emitter<RoomSessionEvents> {
  /** Id of one's own member in the room; empty before `join()`. */
  abstract get memberId(): string;

  /** @internal Asks by a method of the wire, in the name of the session. */
  protected abstract call<Method extends string>(method: Method, params?: Record<string, unknown>): Promise<Answer<Method>>;

  /** @internal Asks something of a member, of oneself where nobody is named. */
  protected async ofMember<Method extends string>(
    method: Method,
    { memberId, ...params }: { memberId?: string; [name: string]: unknown } = {},
  ): Promise<Answer<Method>> {
    return this.call(method, { member_id: memberId ?? this.memberId, ...params });
  }

  /** @internal What cannot be left out. */
  protected need(value: unknown, name: string): void {
    if (value === undefined || value === null || value === "") throw problem("invalid", `${name} is missing`);
  }
}
