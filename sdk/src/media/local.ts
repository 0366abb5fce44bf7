// One's own camera and microphone: opened, muted, exchanged, and opened again when they were lost to a
// telephone call, to sleep, or to somebody who pulled the plug.

import type { Log } from "../log.js";
import { problem, type RoomSessionError } from "../errors.js";
import { deviceOf, openUserMedia, stopAll } from "./devices.js";
import { type Kind, KINDS } from "./leg.js";

/** What is told of one's own devices. */
export interface LocalListener {
  /** Another track is to be sent, or none. */
  changed(kind: Kind, track: MediaStreamTrack | null): void;
  /** A device was lost. */
  lost(kind: Kind, device: { deviceId: string; label: string }): void;
  /** A device took another's place. */
  exchanged(kind: Kind, current: { deviceId: string; label: string }, previous: { deviceId: string; label: string }): void;
  /** A device could not be opened again. */
  failed(error: RoomSessionError): void;
}

interface Own {
  constraints: MediaTrackConstraints | true | null;
  track: MediaStreamTrack | null;
  isMuted: boolean;
  /** Given by the application: never opened anew by us. */
  isForeign: boolean;
  /** What it was before it was let go of. */
  last: { deviceId: string; label: string } | null;
  isLost: boolean;
  /** Runs while the device gives nothing. */
  timer: ReturnType<typeof setTimeout> | undefined;
  /** How long that is borne with. */
  patienceMs: number;
}

/** A device that gives nothing for so long, without being closed, is opened anew; then after twice as long, and once more. */
const SILENT_MS = { least: 3_000, most: 12_000 };

const nothing = (): Own => ({ constraints: null, track: null, isMuted: false, isForeign: false, last: null, isLost: false, timer: undefined, patienceMs: SILENT_MS.least });

export class LocalMedia {
  stream = new MediaStream();
  readonly #own: Record<Kind, Own> = { audio: nothing(), video: nothing() };
  readonly #stops: Record<Kind, boolean>;
  readonly #listener: LocalListener;
  readonly #log: Log;
  #isOver = false;

  constructor(stops: Record<Kind, boolean>, listener: LocalListener, log: Log) {
    this.#stops = stops;
    this.#listener = listener;
    this.#log = log;
  }

  track(kind: Kind): MediaStreamTrack | null {
    return this.#own[kind].track;
  }

  device(kind: Kind): { deviceId: string; label: string } | null {
    return deviceOf(this.#own[kind].track) ?? this.#own[kind].last;
  }

  isMuted(kind: Kind): boolean {
    return this.#own[kind].isMuted;
  }

  /** Opens what is wanted; a kind that is `null` is not touched. */
  async open(wanted: Record<Kind, MediaTrackConstraints | true | null>, signal?: AbortSignal): Promise<void> {
    this.#isOver = false;
    const missing = KINDS.filter((kind) => wanted[kind] && this.#own[kind].track?.readyState !== "live");
    if (missing.length > 0) {
      const constraints = Object.fromEntries(missing.map((kind) => [kind, wanted[kind] ?? false]));
      const stream = await openUserMedia(constraints, signal);
      this.#stillThere(stream);
      for (const kind of missing) this.#take(kind, tracksOf(stream, kind)[0] ?? null, false);
    }
    for (const kind of KINDS) if (wanted[kind]) this.#own[kind].constraints = wanted[kind];
    navigator.mediaDevices?.addEventListener?.("devicechange", this.#look);
    document.addEventListener("visibilitychange", this.#look);
  }

  /** Takes a stream of the application's in place of camera and microphone. */
  adopt(stream: MediaStream): Kind[] {
    const given = KINDS.filter((kind) => tracksOf(stream, kind).length > 0);
    for (const kind of given) {
      const before = this.#own[kind];
      const track = tracksOf(stream, kind)[0] ?? null;
      if (before.track && !before.isForeign) before.track.stop();
      this.#take(kind, track, true);
      if (track && this.#own[kind].isMuted) track.enabled = false;
    }
    return given;
  }

  /** Opens a device by other constraints and puts it in the former one's place. */
  async exchange(kind: Kind, constraints: MediaTrackConstraints, signal?: AbortSignal): Promise<void> {
    const own = this.#own[kind];
    const previous = this.device(kind);
    const stream = await openUserMedia({ [kind]: constraints }, signal).catch((error: RoomSessionError) => {
      if (error.kind !== "device_busy" || own.isForeign) throw error;
      // Telephones open one camera at a time.
      own.track?.stop();
      return openUserMedia({ [kind]: constraints }, signal);
    });
    this.#stillThere(stream);
    const track = tracksOf(stream, kind)[0] ?? null;
    if (!own.isForeign) own.track?.stop();
    own.constraints = constraints;
    this.#take(kind, track, false);
    if (own.isMuted) this.mute(kind);
    const current = this.device(kind);
    if (current) this.#listener.exchanged(kind, current, previous ?? { deviceId: "", label: "" });
  }

  /** Nothing of it leaves the browser any more, whatever the server does. */
  mute(kind: Kind): void {
    const own = this.#own[kind];
    own.isMuted = true;
    if (!own.track) return;
    own.track.enabled = false;
    if (!this.#stops[kind] || own.isForeign) return;
    own.last = deviceOf(own.track);
    own.track.stop();
    this.#put(kind, null);
  }

  /** Opens it again; a device that is gone gives way to another. */
  async unmute(kind: Kind): Promise<void> {
    const own = this.#own[kind];
    own.isMuted = false;
    if (own.track) own.track.enabled = true;
    if (own.track?.muted) this.#bear(kind, own.track);
    if (own.track?.readyState === "live") return;
    await this.#reopen(kind);
  }

  /** Lets go of camera and microphone; a stream of the application's stays open. */
  close(): void {
    this.#isOver = true;
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.#look);
    document.removeEventListener("visibilitychange", this.#look);
    for (const kind of KINDS) {
      const own = this.#own[kind];
      clearTimeout(own.timer);
      if (own.track) [own.track.onended, own.track.onmute, own.track.onunmute] = [null, null, null];
      if (!own.isForeign) own.track?.stop();
      this.#own[kind] = nothing();
    }
    this.stream = new MediaStream();
  }

  /** What is allowed after one left is let go of. */
  #stillThere(stream: MediaStream): void {
    if (!this.#isOver) return;
    stopAll(stream);
    throw problem("aborted", "the room was left while devices were asked for");
  }

  #take(kind: Kind, track: MediaStreamTrack | null, isForeign: boolean): void {
    const own = this.#own[kind];
    own.isForeign = isForeign;
    own.isLost = false;
    own.last = deviceOf(track);
    this.#put(kind, track);
    if (!track) return;
    track.onended = () => this.#ended(kind, track);
    // Some browsers give a device back that a telephone call took, or sleep; others only to who asks for it anew.
    track.onmute = () => this.#bear(kind, track);
    track.onunmute = () => this.#gives(kind, track);
    if (track.muted) this.#bear(kind, track);
  }

  #put(kind: Kind, track: MediaStreamTrack | null): void {
    for (const old of tracksOf(this.stream, kind)) this.stream.removeTrack(old);
    if (track) this.stream.addTrack(track);
    this.#own[kind].track = track;
    this.#listener.changed(kind, track);
  }

  /** The device gives nothing just now. */
  #bear(kind: Kind, track: MediaStreamTrack): void {
    const own = this.#own[kind];
    clearTimeout(own.timer);
    // What stays silent was switched off by somebody, and opening it again is no help.
    if (own.track !== track || own.isForeign || own.isMuted || own.patienceMs > SILENT_MS.most) return;
    own.timer = setTimeout(() => {
      // What is not seen is given nothing, and gets it back when it is.
      if (own.track !== track || !track.muted || own.isMuted || document.visibilityState === "hidden") return;
      own.patienceMs *= 2;
      track.onended = null;
      // Telephones open one device of a kind at a time.
      track.stop();
      this.#ended(kind, track);
    }, own.patienceMs);
  }

  #gives(kind: Kind, track: MediaStreamTrack): void {
    const own = this.#own[kind];
    if (own.track !== track) return;
    clearTimeout(own.timer);
    own.patienceMs = SILENT_MS.least;
  }

  /** Called by the browser only, never for a track that we stopped. */
  #ended(kind: Kind, track: MediaStreamTrack): void {
    const own = this.#own[kind];
    if (own.track !== track || this.#isOver) return;
    own.isLost = true;
    const device = own.last ?? { deviceId: "", label: track.label };
    this.#put(kind, null);
    this.#listener.lost(kind, device);
    if (!own.isForeign) void this.#reopen(kind);
  }

  async #reopen(kind: Kind): Promise<void> {
    const own = this.#own[kind];
    const { constraints, last } = own;
    if (!constraints || own.isForeign) return;
    try {
      const stream = await this.#openAny(kind, constraints);
      if (this.#isOver || own.isMuted || own.track?.readyState === "live") return stopAll(stream);
      const wasLost = own.isLost;
      this.#take(kind, tracksOf(stream, kind)[0] ?? null, false);
      const current = this.device(kind);
      const isAnother = current !== null && last !== null && current.deviceId !== last.deviceId;
      if (current && (wasLost || isAnother)) this.#listener.exchanged(kind, current, last ?? { deviceId: "", label: "" });
    } catch (error) {
      this.#log.warn(`${kind} could not be opened again`, error);
      own.isLost = true;
      this.#listener.failed(error as RoomSessionError);
    }
  }

  /** As wanted, else whatever there is of the kind. */
  async #openAny(kind: Kind, constraints: MediaTrackConstraints | true): Promise<MediaStream> {
    try {
      return await openUserMedia({ [kind]: constraints });
    } catch (error) {
      if (constraints === true || !constraints.deviceId || (error as RoomSessionError).kind === "denied") throw error;
      const { deviceId: _, ...others } = constraints;
      return openUserMedia({ [kind]: others });
    }
  }

  /** A device was plugged in, or the page is seen again: what was lost may be there. */
  readonly #look = (): void => {
    if (document.visibilityState === "hidden") return;
    for (const kind of KINDS) {
      const own = this.#own[kind];
      if (own.track?.muted) {
        own.patienceMs = SILENT_MS.least;
        this.#bear(kind, own.track);
      }
      if (own.isLost && !own.isMuted && !own.isForeign) {
        own.isLost = false;
        void this.#reopen(kind);
      }
    }
  };
}

const tracksOf = (stream: MediaStream, kind: Kind): MediaStreamTrack[] => (kind === "audio" ? stream.getAudioTracks() : stream.getVideoTracks());
