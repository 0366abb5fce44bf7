// What a person brings beside their own leg: a screen, a camera, a microphone. Each is a member of its own,
// with the person as its parent.

import { Emitter } from "../emitter.js";
import { problem, type RoomSessionError } from "../errors.js";
import { stopAll } from "../media/devices.js";
import { KINDS, type Kind, type Leg } from "../media/leg.js";
import type { VideoMemberEntity } from "../types/entities.js";
import type { Abortable } from "../types/options.js";
import type { Call } from "./call.js";

/** @internal What a child needs of its session. */
export interface ChildHost {
  /** Adds a leg and gives the member that it became, one child after the other. */
  bring(child: ChildLeg, beside: Record<string, unknown>, signal?: AbortSignal): Promise<{ leg: Leg; member: VideoMemberEntity }>;
  /** It is gone. */
  gone(child: ChildLeg): void;
  call: Call;
}

/** Events of a screen or device of one's own. */
export interface ChildEvents {
  /** It is in the room. */
  "room.joined": [];
  /** It is not in the room any more. */
  "room.left": [];
}

/** Of the mute and volume methods of a child. */
interface ChildSource {
  open(signal?: AbortSignal): Promise<MediaStream>;
  beside: Record<string, unknown>;
}

/** A screen or device of one's own, in the room or about to come. */
export abstract class ChildLeg extends Emitter<ChildEvents> {
  /** @internal */
  abstract readonly role: "screen" | "device";
  readonly #host: ChildHost;
  readonly #source: ChildSource;
  #leg: Leg | undefined;
  #member: VideoMemberEntity | undefined;
  #stream: MediaStream | undefined;

  /** @internal */
  constructor(host: ChildHost, source: ChildSource, stream?: MediaStream) {
    super();
    this.#host = host;
    this.#source = source;
    this.#stream = stream;
  }

  /** Whether it is in the room. */
  get active(): boolean {
    return this.#leg !== undefined && !this.#leg.isOver;
  }

  /** Id of the member that it is; undefined until it joined. */
  get memberId(): string | undefined {
    return this.#member?.id;
  }

  /** Id of the room; undefined until it joined. */
  get roomId(): string | undefined {
    return this.#member?.room_id;
  }

  /** Id of the room session; undefined until it joined. */
  get roomSessionId(): string | undefined {
    return this.#member?.room_session_id;
  }

  /** What is sent. */
  get localStream(): MediaStream | undefined {
    return this.#stream;
  }

  /** What is sent of sound. */
  get localAudioTrack(): MediaStreamTrack | null {
    return this.#stream?.getAudioTracks()[0] ?? null;
  }

  /** What is sent of a picture. */
  get localVideoTrack(): MediaStreamTrack | null {
    return this.#stream?.getVideoTracks()[0] ?? null;
  }

  /**
   * Joins the room, where it was made with `autoJoin: false`.
   * Permission: `room.self.screenshare` for a screen, `room.self.additional_source` for a device.
   * Events: `member.joined`, `layout.changed`.
   */
  async join({ signal }: Abortable = {}): Promise<void> {
    if (this.active) throw problem("conflict", "it is in the room already");
    this.#stream ??= await this.#source.open(signal);
    try {
      const { leg, member } = await this.#host.bring(this, this.#source.beside, signal);
      this.#leg = leg;
      this.#member = member;
    } catch (error) {
      this.letGo();
      throw error;
    }
    // "Stop sharing" of the browser itself, or a plug that was pulled.
    for (const track of this.#stream?.getTracks() ?? []) track.onended = () => this.#trackEnded();
    this.emit("room.joined");
  }

  /** Takes it out of the room. Events: `member.left`, `layout.changed`. */
  async leave(): Promise<void> {
    const leg = this.#leg;
    this.ended();
    await leg?.bye();
  }

  /** Mutes its sound. Permission: `room.self.audio_mute`. Event: `member.updated`. */
  async audioMute(): Promise<void> {
    await this.#ask("video.member.audio_mute");
  }

  /** Unmutes its sound. Permission: `room.self.audio_unmute`. Event: `member.updated`. */
  async audioUnmute(): Promise<void> {
    await this.#ask("video.member.audio_unmute");
  }

  /** Mutes its picture. Permission: `room.self.video_mute`. Events: `member.updated`, `layout.changed`. */
  async videoMute(): Promise<void> {
    await this.#ask("video.member.video_mute");
  }

  /** Unmutes its picture. Permission: `room.self.video_unmute`. Events: `member.updated`, `layout.changed`. */
  async videoUnmute(): Promise<void> {
    await this.#ask("video.member.video_unmute");
  }

  /** Sets how loud it is heard, −50 to 50. Permission: `room.self.set_input_volume`. Event: `member.updated`. */
  async setInputVolume({ volume }: { volume: number }): Promise<void> {
    await this.#ask("video.member.set_input_volume", { volume });
  }

  /** Sets how easily it is taken to speak, 0 to 100. Permission: `room.self.set_input_sensitivity`. Event: `member.updated`. */
  async setInputSensitivity({ value }: { value: number }): Promise<void> {
    await this.#ask("video.member.set_input_sensitivity", { value });
  }

  /** @internal Its leg, for those who size what it sends. */
  get leg(): Leg | undefined {
    return this.#leg;
  }

  /** @internal The server muted it, or not. */
  muted(kind: Kind, isMuted: boolean): void {
    const tracks = kind === "audio" ? this.#stream?.getAudioTracks() : this.#stream?.getVideoTracks();
    for (const track of tracks ?? []) track.enabled = !isMuted;
  }

  /** @internal It is out, whoever ended it. */
  ended(_error?: RoomSessionError): void {
    const was = this.#leg !== undefined;
    this.#leg = undefined;
    this.letGo();
    this.#host.gone(this);
    if (was) this.emit("room.left");
  }

  /** @internal Lets go of screen or device. */
  letGo(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.onended = null;
    stopAll(this.#stream);
    this.#stream = undefined;
  }

  #trackEnded(): void {
    const isAllOver = KINDS.every((kind) => {
      const track = kind === "audio" ? this.localAudioTrack : this.localVideoTrack;
      return track === null || track.readyState === "ended" || (kind === "audio" && this.role === "screen");
    });
    if (isAllOver) void this.leave();
  }

  async #ask(method: string, params: Record<string, unknown> = {}): Promise<void> {
    if (!this.active) throw problem("not_joined", `${method}: it is not in the room`);
    await this.#host.call(method, { member_id: this.memberId, ...params });
  }
}

/** A screen of one's own in the room. */
export class RoomSessionScreenShare extends ChildLeg {
  /** @internal */
  readonly role = "screen";
}

/** A further camera or microphone of one's own in the room. */
export class RoomSessionDevice extends ChildLeg {
  /** @internal */
  readonly role = "device";

  /** Id of its camera, or null. */
  get cameraId(): string | null {
    return this.localVideoTrack?.getSettings().deviceId ?? null;
  }

  /** Name of its camera, or null. */
  get cameraLabel(): string | null {
    return this.localVideoTrack?.label ?? null;
  }

  /** Id of its microphone, or null. */
  get microphoneId(): string | null {
    return this.localAudioTrack?.getSettings().deviceId ?? null;
  }

  /** Name of its microphone, or null. */
  get microphoneLabel(): string | null {
    return this.localAudioTrack?.label ?? null;
  }
}
