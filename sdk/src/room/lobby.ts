// The lobby from both sides: a host's word on who waits, and the wait of somebody whom the server does not let in
// without it.

import { bounded, problem, type RoomSessionError, throwIfAborted } from "../errors.js";
import type { LobbyWaiter } from "../types/entities.js";
import type { Answer, Call } from "./call.js";

/** The lobby of a room session: `room.lobby`. Who waits is told as `lobby.updated`. */
export class RoomSessionLobby {
  readonly #call: Call;

  /** @internal */
  constructor(call: Call) {
    this.#call = call;
  }

  /**
   * Gives everybody who waits, the first first.
   *
   * Permission: `room.member.promote`.
   */
  async list(): Promise<LobbyWaiter[]> {
    const { waiting } = await this.#call("video.lobby.list");
    return waiting;
  }

  /**
   * Lets in those of these ids, or everybody who waits; their `join()` goes on by itself.
   *
   * Permission: `room.member.promote`.
   * Event: `lobby.updated`; `member.joined` as soon as they are in.
   */
  async admit(whom: string | readonly string[] | "all"): Promise<void> {
    await this.#call("video.lobby.admit", meant(whom));
  }

  /**
   * Sends away those of these ids, or everybody who waits; their `join()` is rejected with the kind `not_admitted`,
   * and they may ask again a minute later.
   *
   * Permission: `room.member.promote`.
   * Event: `lobby.updated`.
   */
  async deny(whom: string | readonly string[] | "all"): Promise<void> {
    await this.#call("video.lobby.deny", meant(whom));
  }
}

function meant(whom: string | readonly string[]): Record<string, unknown> {
  if (whom === "all") return { all: true };
  const ids = typeof whom === "string" ? [whom] : [...whom];
  if (ids.length === 0 || ids.some((id) => !id)) throw problem("invalid", "ids are missing");
  return { ids };
}

/** @internal What waiting needs of its session. */
export interface WaitHost {
  /** Asks the server, who knows the waiter by the connection. */
  ask: Call;
  /** Tells the application. */
  tell(event: string, ...args: readonly unknown[]): void;
}

/** Longest time for a goodbye. */
const GOODBYE_MS = 2_000;

/** @internal Waiting in a lobby, from the knock to the answer; most sessions never do. */
export class Waiting {
  readonly #host: WaitHost;
  #name: string | undefined;
  #answer: { resolve(): void; reject(error: RoomSessionError): void } | undefined;
  /** Whether the server knows of it. */
  #isKnown = false;

  constructor(host: WaitHost) {
    this.#host = host;
  }

  get isOn(): boolean {
    return this.#answer !== undefined;
  }

  /** Knocks, and waits until a host answers. */
  async run(name: string | undefined, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    [this.#name, this.#isKnown] = [name, false];
    const answered = new Promise<void>((resolve, reject) => (this.#answer = { resolve, reject }));
    const onAbort = () => void this.leave(problem("aborted", "it was given up", signal?.reason));
    signal?.addEventListener("abort", onAbort);
    this.#knock();
    try {
      await answered;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#answer = undefined;
    }
  }

  /** There is a socket again: whoever knocks again has the place they had, after a restart of the server as well. */
  back(): void {
    if (this.isOn) this.#knock();
  }

  /** An event of the wire, by its name behind `video.`. */
  heard(name: string, params: Record<string, unknown>): void {
    if (name === "lobby.admitted") this.#answer?.resolve();
    else if (name === "lobby.denied") this.fail(turnedAway(params));
  }

  /** It cannot go on. */
  fail(error: RoomSessionError): void {
    this.#answer?.reject(error);
  }

  /** Gives the place back, and gives up. */
  async leave(error: RoomSessionError): Promise<void> {
    if (!this.isOn) return;
    await bounded(this.#host.ask("video.lobby.leave", {}), GOODBYE_MS, () => error).catch(() => {});
    this.fail(error);
  }

  #knock(): void {
    const name = this.#name === undefined ? {} : { name: this.#name };
    this.#host.ask("video.lobby.enter", name).then(
      (answer) => this.#knocked(answer),
      (error: RoomSessionError) => this.#isPassing(error) || this.fail(error),
    );
  }

  /** Another socket is on its way, and a knock with it; or the server remembers more knocks than it needs. */
  #isPassing({ kind }: RoomSessionError): boolean {
    return kind === "interrupted" || kind === "timeout" || (kind === "too_often" && this.#isKnown);
  }

  #knocked({ state, id, name, since }: Answer<"video.lobby.enter">): void {
    this.#isKnown = true;
    if (state === "admitted") this.#answer?.resolve();
    else if (this.isOn) this.#host.tell("lobby.waiting", { id, name, since });
  }
}

const WHY: Record<string, string> = {
  denied: "a host did not let you in; you may ask again a minute later",
  elsewhere: "you wait with the same token in another place",
  closed: "what you waited for is no more",
};

function turnedAway({ reason }: Record<string, unknown>): RoomSessionError {
  return problem("not_admitted", WHY[String(reason)] ?? "you were not let in", { reason });
}
