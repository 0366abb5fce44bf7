// Whether sound and picture come, and the way back when they do not: a short hole heals by itself, a longer one
// by a restart of ICE on the same leg, a long one by the same call on another peer connection, as after a reload;
// and a call that the server forgot by another.

import type { RoomSessionError } from "../errors.js";
import type { Log } from "../log.js";
import { KINDS, type Leg } from "../media/leg.js";
import { LineWatch } from "../media/watch.js";
import type { ConnectionChangedEvent } from "../types/events.js";

/** How long it is tried to get media back; the server keeps a seat for half a minute. */
const LOST_AFTER_MS = 45_000;
const FIRST_RESTART_MS = 800;
const NEXT_RESTART_MS = 4_500;
/** A restart does not bring back what both sides have given up on. */
const RESTARTS = 3;

/** What recovery needs of a session. */
export interface Recoverable {
  tell(event: string, ...args: readonly unknown[]): void;
  /** Whether somebody is in the room. */
  isJoined(): boolean;
  /** Whether the server can be asked. */
  isUp(): boolean;
  main(): Leg | undefined;
  /** The same leg on another path; false where the server had given it up. */
  restart(leg: Leg): Promise<boolean>;
  /** The same call on another peer connection. */
  rebuild(leg: Leg): Promise<void>;
  /** Another call, when the server does not know this one any more. */
  replace(): Promise<void>;
  /** It was given up. */
  over(): void;
}

export class Recovery {
  /** Who is on hold hears nothing, and that is no loss. */
  isHeld = false;
  readonly #of: Recoverable;
  readonly #log: Log;
  #watch: LineWatch | undefined;
  #isLost = false;
  #isRecovering = false;
  #isConnectedTold = false;

  constructor(of: Recoverable, log: Log) {
    this.#of = of;
    this.#log = log;
  }

  /** Watches this leg from now on; it is connected. */
  watch(leg: Leg): void {
    this.#watch?.stop();
    this.#watch = undefined;
    const gets = KINDS.find((kind) => /recv/.test(leg.transceiver(kind)?.direction ?? ""));
    if (gets) this.#watch = new LineWatch(leg.peer, gets, (isSilent) => (isSilent ? this.#lost() : this.#back()));
    this.#back();
  }

  /** The browser's own word on the line; it comes late when it is bad. */
  peerSays(state: RTCPeerConnectionState): void {
    if (state === "failed") this.#lost();
  }

  socketBroke(): void {
    this.#changed("interrupted");
  }

  socketIsBack(): void {
    if (this.#isLost) void this.#recover();
    else this.#changed("connected");
  }

  /** Tells how the connection does. */
  #changed(state: ConnectionChangedEvent["state"]): void {
    if (!this.#of.isJoined()) return;
    const now: ConnectionChangedEvent = { state, signalling: this.#of.isUp(), media: !this.#isLost };
    this.#of.tell("connection.changed", now);
  }

  /** It is given up: says so, and no more. */
  giveUp(): void {
    this.#changed("lost");
  }

  stop(): void {
    this.#watch?.stop();
    this.#watch = undefined;
    [this.#isLost, this.#isConnectedTold, this.isHeld] = [false, false, false];
  }

  #lost(): void {
    if (this.#isLost || !this.#of.isJoined() || this.isHeld) return;
    this.#isLost = true;
    this.#isConnectedTold = false;
    this.#of.tell("media.disconnected");
    this.#of.tell("media.reconnecting");
    this.#changed("interrupted");
    void this.#recover();
  }

  #back(): void {
    this.#isLost = false;
    if (this.#isConnectedTold) return;
    this.#isConnectedTold = true;
    this.#of.tell("media.connected");
    if (this.#of.isUp()) this.#changed("connected");
  }

  async #recover(): Promise<void> {
    if (this.#isRecovering) return;
    this.#isRecovering = true;
    const until = performance.now() + LOST_AFTER_MS;
    let wait = FIRST_RESTART_MS;
    let tries = 0;
    while (this.#isStillLost() && performance.now() < until) {
      await pause(wait);
      const leg = this.#of.main();
      if (!this.#isStillLost() || !leg || !this.#of.isUp()) {
        wait = FIRST_RESTART_MS;
        continue;
      }
      wait = NEXT_RESTART_MS;
      tries += 1;
      await this.#try(leg, tries <= RESTARTS).catch((error: RoomSessionError) => this.#notRestarted(error));
    }
    this.#isRecovering = false;
    if (!this.#isStillLost()) return;
    this.#of.tell("media.disconnected");
    this.#changed("lost");
    this.#of.over();
  }

  async #try(leg: Leg, isYoung: boolean): Promise<void> {
    if (!isYoung || !(await this.#of.restart(leg))) await this.#of.rebuild(leg);
  }

  #isStillLost(): boolean {
    return this.#isLost && this.#of.isJoined();
  }

  /** The server was started anew, or kept the seat as long as it could. */
  async #notRestarted(error: RoomSessionError): Promise<void> {
    this.#log.info("the leg was not taken up again", error);
    if (["timeout", "interrupted", "aborted", "no_media"].includes(error.kind) || !this.#of.isJoined()) return;
    await this.#of.replace().catch((again: unknown) => this.#log.info("nor was another", again));
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
