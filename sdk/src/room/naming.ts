// What the server is told that one listens to. Most it tells everybody; what is ours it tells those alone who
// named it, in the offer of their main leg. Somebody who begins to listen later names it by offering that leg
// once more as it is: nothing of its media changes by that.

import type { Log } from "../log.js";

/** What it tells everybody. */
const ALL = [
  "room.subscribed", "room.updated", "room.ended", "room.audience_count", "member.joined", "member.updated", "member.left",
  "member.talking", "member.promoted", "member.demoted", "layout.changed", "recording.started", "recording.updated",
  "recording.ended", "playback.started", "playback.updated", "playback.ended", "stream.started", "stream.ended",
];
/** Since when hands are up; it changes members and is no event of the wire. */
const HANDS = "member.updated.hand_raised_at";
/** What it tells those alone who named it. */
const BY_NAME = ["member.network_quality", HANDS, "chat.message", "captions.pushed", "lobby.updated"];

/** What naming needs of its session. */
export interface Nameable {
  /** Names that somebody listens to. */
  listened(): string[];
  /** Whether there is a leg in the room. */
  isJoined(): boolean;
  /** Offers the main leg once more. */
  offer(names: string[]): Promise<void>;
  /** Hands are told of from now on: those who are there already are to be asked for. */
  handsNamed(): Promise<void>;
}

export class Naming {
  readonly #of: Nameable;
  readonly #log: Log;
  #named: string[] = [];
  #isOffering = false;

  constructor(of: Nameable, log: Log) {
    this.#of = of;
    this.#log = log;
  }

  /** Everything that is listened to, for an offer of the main leg. */
  take(): string[] {
    this.#named = this.#wanted();
    return [...ALL, ...this.#named].map((name) => `video.${name}`);
  }

  /** Somebody listens to something more, or came in meanwhile: names it, if it was not. */
  check(): void {
    if (this.#isOffering || !this.#isMissing()) return;
    this.#isOffering = true;
    // Whoever listens to several things does so in one go.
    queueMicrotask(() => void this.#offer());
  }

  async #offer(): Promise<void> {
    const before = this.#named;
    let isNamed = true;
    try {
      await this.#of.offer(this.take());
      if (!before.includes(HANDS) && this.#named.includes(HANDS)) await this.#of.handsNamed();
    } catch (error) {
      // The next offer of this leg or another names it.
      this.#log.warn("what is listened to could not be named", error);
      this.#named = before;
      isNamed = false;
    }
    this.#isOffering = false;
    if (isNamed) this.check();
  }

  #wanted(): string[] {
    const listened = this.#of.listened();
    return BY_NAME.filter((name) => listened.includes(name));
  }

  #isMissing(): boolean {
    return this.#of.isJoined() && this.#wanted().some((name) => !this.#named.includes(name));
  }
}
