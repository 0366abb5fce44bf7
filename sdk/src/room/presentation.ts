// What of a room is seen and heard in the page, and how much of one's own is sent for it.

import type { RoomSessionError } from "../errors.js";
import type { Log } from "../log.js";
import type { Kind, Leg } from "../media/leg.js";
import { Speaker } from "../media/speaker.js";
import { apply, sizesOf, uplinkFor } from "../media/uplink.js";
import type { VideoLayout } from "../types/entities.js";
import type { RoomSessionOptions } from "../types/options.js";
import { LocalOverlay } from "../view/overlay.js";
import { Stage } from "../view/stage.js";
import { uuid } from "../wire/frames.js";

export class Presentation {
  readonly overlay = new LocalOverlay(`rotunda-own-${uuid().slice(0, 8)}`);
  remoteStream: MediaStream | undefined;
  speaker: Speaker | undefined;
  readonly #options: RoomSessionOptions;
  readonly #log: Log;
  readonly #tell: (event: string, ...args: readonly unknown[]) => void;
  readonly #received = new Map<Leg, Map<Kind, MediaStreamTrack>>();
  #stage: Stage | undefined;

  constructor(options: RoomSessionOptions, log: Log, tell: (event: string, ...args: readonly unknown[]) => void) {
    this.#options = options;
    this.#log = log;
    this.#tell = tell;
  }

  /** Makes room in the page. */
  open(): void {
    const { rootElement, applyLocalVideoOverlay = true, speakerId } = this.#options;
    if (rootElement) this.#stage = new Stage(rootElement, applyLocalVideoOverlay ? this.overlay : null, this.#log);
    this.speaker = new Speaker(this.#log, (device) => this.#tell("speaker.disconnected", device));
    if (speakerId) this.speaker.choose(speakerId).catch((error: RoomSessionError) => this.#tell("session.error", error));
  }

  close(): void {
    this.speaker?.close();
    this.#stage?.remove();
    this.#received.clear();
    [this.speaker, this.#stage, this.remoteStream] = [undefined, undefined, undefined];
  }

  /** A track came on a leg; it is shown when the leg is. */
  keep(leg: Leg, track: MediaStreamTrack): void {
    const tracks = this.#received.get(leg) ?? new Map<Kind, MediaStreamTrack>();
    tracks.set(track.kind as Kind, track);
    this.#received.set(leg, tracks);
  }

  forget(leg: Leg): void {
    this.#received.delete(leg);
  }

  /** Shows what comes on this leg, in place of what was shown. */
  show(leg: Leg): void {
    const tracks = this.#received.get(leg);
    if (!tracks) return;
    const before = this.remoteStream?.getTracks() ?? [];
    const fresh = [...tracks.values()].filter((track) => !before.includes(track));
    if (fresh.length === 0 && before.length === tracks.size) return;
    this.remoteStream = new MediaStream([...tracks.values()]);
    for (const track of fresh) {
      if (track.kind === "audio") this.speaker?.play(track);
      else this.#stage?.show(track);
    }
  }

  arrange(layout: VideoLayout, memberId: string): void {
    this.#stage?.arrange(layout, memberId);
  }

  /** Sizes in which a camera is offered; one where nothing is said. */
  sizesOf(track: MediaStreamTrack | null): RTCRtpEncodingParameters[] | undefined {
    return this.#options.adaptUplink === false ? undefined : sizesOf(track);
  }

  /** Sends everything of one's own as large as its cell. */
  size(layout: VideoLayout, legs: ReadonlyArray<readonly [Leg | undefined, string | undefined]>): void {
    if (this.#options.adaptUplink === false) return;
    const canvas = this.#stage?.canvas ?? { width: 0, height: 0 };
    for (const [leg, id] of legs) {
      const sender = leg?.isOver ? undefined : leg?.transceiver("video")?.sender;
      if (!sender?.track || !id) continue;
      apply(sender, uplinkFor(layout, id, canvas)).catch((error) => this.#log.debug("not sized", error));
    }
  }
}
