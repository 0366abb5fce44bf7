// One's own camera and microphone: opened, muted, exchanged, and opened again when they were lost to a
// telephone call, to sleep, or to somebody who pulled the plug.

import type { Log } from "../log.js";
import { problem, type RoomSessionError } from "../errors.js";
import type { PreparedTrack, PrepareTrack } from "../types/options.js";
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
  /** What the device gives. */
  source: MediaStreamTrack | null;
  /** What an application makes of it. */
  prepared: PreparedTrack | null;
  /** What is sent: either of the two. */
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

/** A device that was opened, and what is made of it. */
type Opened = Pick<Own, "source" | "prepared">;

const nothing = (): Own => ({
  constraints: null, source: null, prepared: null, track: null, isMuted: false, isForeign: false, last: null, isLost: false,
  timer: undefined, patienceMs: SILENT_MS.least,
});

export class LocalMedia {
  stream = new MediaStream();
  readonly #own: Record<Kind, Own> = { audio: nothing(), video: nothing() };
  readonly #stops: Record<Kind, boolean>;
  readonly #prepareTrack: PrepareTrack | undefined;
  readonly #listener: LocalListener;
  readonly #log: Log;
  #isOver = false;

  constructor(stops: Record<Kind, boolean>, listener: LocalListener, log: Log, prepareTrack?: PrepareTrack) {
    this.#prepareTrack = prepareTrack;
    this.#stops = stops;
    this.#listener = listener;
    this.#log = log;
  }

  track(kind: Kind): MediaStreamTrack | null {
    return this.#own[kind].track;
  }

  device(kind: Kind): { deviceId: string; label: string } | null {
    return deviceOf(this.#own[kind].source) ?? this.#own[kind].last;
  }

  isMuted(kind: Kind): boolean {
    return this.#own[kind].isMuted;
  }

  /** Opens what is wanted; a kind that is `null` is not touched. */
  async open(wanted: Record<Kind, MediaTrackConstraints | true | null>, signal?: AbortSignal): Promise<void> {
    this.#isOver = false;
    const missing = KINDS.filter((kind) => wanted[kind] && !this.#isLive(kind));
    if (missing.length > 0) {
      const constraints = Object.fromEntries(missing.map((kind) => [kind, wanted[kind] ?? false]));
      const stream = await openUserMedia(constraints, signal);
      const opened = await this.#prepareAll(missing, stream);
      this.#stillThere(opened.map(([, one]) => one));
      for (const [kind, one] of opened) this.#take(kind, one, false);
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
      if (!before.isForeign) letGo(before);
      this.#take(kind, { source: track, prepared: null }, true);
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
      letGo(own);
      return openUserMedia({ [kind]: constraints }, signal);
    });
    const opened = await this.#prepare(kind, stream);
    this.#stillThere([opened]);
    if (!own.isForeign) letGo(own);
    own.constraints = constraints;
    this.#take(kind, opened, false);
    if (own.isMuted) this.mute(kind);
    const current = this.device(kind);
    if (current) this.#listener.exchanged(kind, current, previous ?? { deviceId: "", label: "" });
  }

  /** Nothing of it leaves the browser any more, whatever the server does. */
  mute(kind: Kind): void {
    const own = this.#own[kind];
    own.isMuted = true;
    if (!own.track) return;
    enable(own, false);
    if (!this.#stops[kind] || own.isForeign) return;
    own.last = deviceOf(own.source);
    letGo(own);
    this.#put(kind, { source: null, prepared: null });
  }

  /** Opens it again; a device that is gone gives way to another. */
  async unmute(kind: Kind): Promise<void> {
    const own = this.#own[kind];
    own.isMuted = false;
    enable(own, true);
    if (own.source?.muted) this.#bear(kind, own.source);
    if (!this.#isLive(kind)) await this.#reopen(kind);
  }

  /** Lets go of camera and microphone; a stream of the application's stays open. */
  close(): void {
    this.#isOver = true;
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.#look);
    document.removeEventListener("visibilitychange", this.#look);
    for (const kind of KINDS) {
      const own = this.#own[kind];
      clearTimeout(own.timer);
      if (own.source) [own.source.onended, own.source.onmute, own.source.onunmute] = [null, null, null];
      if (!own.isForeign) letGo(own);
      this.#own[kind] = nothing();
    }
    this.stream = new MediaStream();
  }

  /** What is allowed after one left is let go of. */
  #stillThere(opened: Opened[]): void {
    if (!this.#isOver) return;
    for (const one of opened) letGo(one);
    throw problem("aborted", "the room was left while devices were asked for");
  }

  #isLive(kind: Kind): boolean {
    return this.#own[kind].source?.readyState === "live";
  }

  async #prepareAll(kinds: Kind[], stream: MediaStream): Promise<Array<readonly [Kind, Opened]>> {
    const opened: Array<readonly [Kind, Opened]> = [];
    try {
      for (const kind of kinds) opened.push([kind, await this.#prepare(kind, stream)]);
    } catch (error) {
      for (const [, one] of opened) letGo(one);
      stopAll(stream);
      throw error;
    }
    return opened;
  }

  /** What the application makes of a device's track; one that it cannot do anything with is not sent as it is. */
  async #prepare(kind: Kind, stream: MediaStream): Promise<Opened> {
    const source = tracksOf(stream, kind)[0] ?? null;
    if (!source || !this.#prepareTrack) return { source, prepared: null };
    try {
      return { source, prepared: (await this.#prepareTrack(source, kind)) ?? null };
    } catch (error) {
      source.stop();
      throw problem("not_prepared", `what ${kind === "audio" ? "the microphone" : "the camera"} gives could not be prepared`, error);
    }
  }

  #take(kind: Kind, opened: Opened, isForeign: boolean): void {
    const own = this.#own[kind];
    const { source } = opened;
    own.isForeign = isForeign;
    own.isLost = false;
    own.last = deviceOf(source);
    this.#put(kind, opened);
    if (!source) return;
    source.onended = () => this.#ended(kind, source);
    // Some browsers give a device back that a telephone call took, or sleep; others only to who asks for it anew.
    source.onmute = () => this.#bear(kind, source);
    source.onunmute = () => this.#gives(kind, source);
    if (source.muted) this.#bear(kind, source);
  }

  #put(kind: Kind, { source, prepared }: Opened): void {
    for (const old of tracksOf(this.stream, kind)) this.stream.removeTrack(old);
    const track = prepared?.track ?? source;
    if (track) this.stream.addTrack(track);
    Object.assign(this.#own[kind], { source, prepared, track });
    this.#listener.changed(kind, track);
  }

  /** The device gives nothing just now. */
  #bear(kind: Kind, source: MediaStreamTrack): void {
    const own = this.#own[kind];
    clearTimeout(own.timer);
    // What stays silent was switched off by somebody, and opening it again is no help.
    if (own.source !== source || own.isForeign || own.isMuted || own.patienceMs > SILENT_MS.most) return;
    own.timer = setTimeout(() => {
      // What is not seen is given nothing, and gets it back when it is.
      if (own.source !== source || !source.muted || own.isMuted || document.visibilityState === "hidden") return;
      own.patienceMs *= 2;
      source.onended = null;
      // Telephones open one device of a kind at a time.
      source.stop();
      this.#ended(kind, source);
    }, own.patienceMs);
  }

  #gives(kind: Kind, source: MediaStreamTrack): void {
    const own = this.#own[kind];
    if (own.source !== source) return;
    clearTimeout(own.timer);
    own.patienceMs = SILENT_MS.least;
  }

  /** Called by the browser only, never for a track that we stopped. */
  #ended(kind: Kind, source: MediaStreamTrack): void {
    const own = this.#own[kind];
    if (own.source !== source || this.#isOver) return;
    own.isLost = true;
    const device = own.last ?? { deviceId: "", label: source.label };
    letGo(own);
    this.#put(kind, { source: null, prepared: null });
    this.#listener.lost(kind, device);
    if (!own.isForeign) void this.#reopen(kind);
  }

  async #reopen(kind: Kind): Promise<void> {
    const own = this.#own[kind];
    const { constraints, last } = own;
    if (!constraints || own.isForeign) return;
    try {
      const opened = await this.#prepare(kind, await this.#openAny(kind, constraints));
      if (this.#isOver || own.isMuted || this.#isLive(kind)) return letGo(opened);
      const wasLost = own.isLost;
      this.#take(kind, opened, false);
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

/** Lets go of a device and of what was made of it; what is let go of twice is released once. */
function letGo(opened: Opened): void {
  const { source, prepared } = opened;
  opened.prepared = null;
  source?.stop();
  prepared?.track.stop();
  prepared?.release();
}

function enable({ source, track }: Own, isOn: boolean): void {
  for (const one of [source, track]) if (one) one.enabled = isOn;
}

const tracksOf = (stream: MediaStream, kind: Kind): MediaStreamTrack[] => (kind === "audio" ? stream.getAudioTracks() : stream.getVideoTracks());
