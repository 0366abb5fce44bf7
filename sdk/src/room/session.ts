// The class of the reference. What it does stands in the files that it is made of: methods by subject below
// it, everything that lasts in its engine.

import { problem } from "../errors.js";
import { openDisplayMedia, openUserMedia } from "../media/devices.js";
import { KINDS, type Kind } from "../media/leg.js";
import type { VideoLayout, VideoMemberEntity } from "../types/entities.js";
import type { AddDeviceOptions, AddTrackOptions, JoinOptions, RoomSessionOptions, ScreenShareOptions, UpdateTrackOptions } from "../types/options.js";
import type { RoomSessionStats } from "../types/stats.js";
import type { LocalOverlay } from "../view/overlay.js";
import { RoomSessionCaptions, RoomSessionChat } from "./chat.js";
import { RoomSessionDevice, RoomSessionScreenShare } from "./child.js";
import { Engine } from "./engine.js";
import type { Answer, Call } from "./call.js";
import { RoomSessionLinks } from "./links.js";
import { RoomSessionLobby } from "./lobby.js";
import { outputs, type Outputs } from "./outputs.js";
import { Production } from "./produce.js";

/**
 * One person's stay in a room.
 *
 * ```ts
 * const roomSession = new Rotunda.Video.RoomSession({ token, rootElement });
 * roomSession.on("member.joined", (e) => console.log(`${e.member.name} joined`));
 * await roomSession.join();
 * ```
 */
export class RoomSession extends Production {
  /** What people write to each other; told as `chat.message`. Not in the reference. */
  readonly chat: RoomSessionChat;
  /** What is said, in letters; told as `captions.pushed`. Not in the reference. */
  readonly captions: RoomSessionCaptions;
  /** Who waits to be let in, for whoever lets in; told as `lobby.updated`. Not in the reference. */
  readonly lobby: RoomSessionLobby;
  /** The links that open the room, for whoever may make them. Not in the reference. */
  readonly links: RoomSessionLinks;
  readonly #engine: Engine;

  /** Makes a session; nothing is asked of anybody before `join()`. */
  constructor(options: RoomSessionOptions) {
    super();
    if (!options?.token) throw problem("invalid", "token is missing: your application makes one over REST");
    this.#engine = new Engine(options, {
      tell: (event, ...args) => this.tell(event, args),
      listened: () => this.listenedTo(),
      refresh: () => void this.#refresh(options),
    }, (call) => this.makeOutputs(call));
    this.chat = new RoomSessionChat(this.#engine.call);
    this.captions = new RoomSessionCaptions(this.#engine.call);
    this.links = new RoomSessionLinks(this.#engine.call);
    this.lobby = new RoomSessionLobby(this.#engine.call);
  }

  // ---------- properties ----------

  /** Whether one is in the room. */
  get active(): boolean {
    return this.#engine.isJoined;
  }

  /** Id of the camera, or null. */
  get cameraId(): string | null {
    return this.#engine.local.device("video")?.deviceId ?? null;
  }

  /** Name of the camera, or null. */
  get cameraLabel(): string | null {
    return this.#engine.local.device("video")?.label ?? null;
  }

  /** Further cameras and microphones that were added. */
  get deviceList(): RoomSessionDevice[] {
    return [...this.#engine.children].filter((child): child is RoomSessionDevice => child instanceof RoomSessionDevice);
  }

  /** Whether one takes part or looks on. */
  get interactivityMode(): "audience" | "member" {
    return this.#engine.authorization?.join_as ?? "member";
  }

  /** What is sent of one's own sound, or null. */
  get localAudioTrack(): MediaStreamTrack | null {
    return this.#engine.local.track("audio");
  }

  /** What is sent, while one is in the room. */
  get localStream(): MediaStream | undefined {
    return this.active ? this.#engine.local.stream : undefined;
  }

  /** What is sent of one's own picture, or null. */
  get localVideoTrack(): MediaStreamTrack | null {
    return this.#engine.local.track("video");
  }

  /** One's own picture over one's own cell; `setMirrored(true)` shows it as in a mirror. */
  get localOverlay(): LocalOverlay {
    return this.#engine.presentation.overlay;
  }

  /** Id of one's own member; empty before `join()`. */
  get memberId(): string {
    return this.#engine.place.memberId;
  }

  /** Id of the microphone, or null. */
  get microphoneId(): string | null {
    return this.#engine.local.device("audio")?.deviceId ?? null;
  }

  /** Name of the microphone, or null. */
  get microphoneLabel(): string | null {
    return this.#engine.local.device("audio")?.label ?? null;
  }

  /** What one may do here, as the server counts it. */
  get permissions(): string[] {
    return this.#engine.authorization?.room?.scopes ?? [];
  }

  /** Where a small moving picture of the room is, if the room has one. */
  get previewUrl(): string | undefined {
    return this.#engine.place.previewUrl;
  }

  /** What comes from the room: the canvas and the sound of the others. */
  get remoteStream(): MediaStream | undefined {
    return this.#engine.presentation.remoteStream;
  }

  /** Id of the room; empty before `join()`. */
  get roomId(): string {
    return this.#engine.place.roomId;
  }

  /** Id of the room session; empty before `join()`. */
  get roomSessionId(): string {
    return this.#engine.place.roomSessionId;
  }

  /** Screens that are shared. */
  get screenShareList(): RoomSessionScreenShare[] {
    return [...this.#engine.children].filter((child): child is RoomSessionScreenShare => child instanceof RoomSessionScreenShare);
  }

  /** The layout as it was told last. Not in the reference. */
  get currentLayout(): VideoLayout | undefined {
    return this.#engine.place.layout;
  }

  /** Everybody who takes part, as they were told of last. Not in the reference. */
  get memberList(): VideoMemberEntity[] {
    return this.#engine.members.list();
  }

  // ---------- coming and going ----------

  /**
   * Goes into the room, as a member or as audience, as the token says. Rejects with words when that does not
   * work: nobody answers, the token is refused, the room is full or locked, a camera is busy, media finds no way.
   *
   * Where the room has a lobby it waits: `lobby.waiting` is told, and it goes on by itself when a host lets one in. It
   * is rejected with the kind `not_admitted` when a host does not, and given up by the signal or by `leave()`.
   *
   * Events: `room.joined`, `memberList.updated`, `media.connected`; for the others `member.joined`, `layout.changed`.
   */
  async join(params: JoinOptions = {}): Promise<this> {
    await this.#engine.join(params);
    return this;
  }

  /**
   * Leaves the room, with all screens and devices. One may `join()` again afterwards.
   *
   * Events: `room.left`; for the others `member.left`, `layout.changed`.
   */
  async leave(): Promise<void> {
    await this.#engine.leave();
  }

  /**
   * Hangs up all of one's own, and everybody else where one may remove them.
   *
   * Permission: none for one's own; `room.member.remove` for the others.
   * Event: `room.left` for all whom it concerns.
   */
  async hangupAll(): Promise<void> {
    await this.#engine.leave({ cause: "REJECT_ALL", causeCode: "825" });
  }

  /** Lets go of everything in this page: camera, picture, listeners. The server is told nothing. */
  destroy(): void {
    this.#engine.destroy();
    this.removeAllListeners();
  }

  /**
   * Sends digits to the session: 1 to 32 of `0-9`, `A-D`, `*` and `#`.
   */
  async sendDigits(dtmf: string): Promise<void> {
    await this.#leg().digits(dtmf);
  }

  // ---------- devices ----------

  /**
   * Adds a camera beside one's own.
   *
   * Permission: `room.self.additional_source`.
   * Events: `member.joined`, `layout.changed`.
   */
  async addCamera(opts: AddTrackOptions = {}): Promise<RoomSessionDevice> {
    const { autoJoin, signal, ...video } = opts;
    return this.addDevice({ autoJoin, signal, video: wanted(video) });
  }

  /**
   * Adds a microphone beside one's own.
   *
   * Permission: `room.self.additional_source`.
   * Event: `member.joined`.
   */
  async addMicrophone(opts: AddTrackOptions = {}): Promise<RoomSessionDevice> {
    const { autoJoin, signal, ...audio } = opts;
    return this.addDevice({ autoJoin, signal, audio: wanted(audio) });
  }

  /**
   * Adds a camera, a microphone, or both as one, beside one's own.
   *
   * Permission: `room.self.additional_source`.
   * Events: `member.joined`, `layout.changed`.
   */
  async addDevice(opts: AddDeviceOptions): Promise<RoomSessionDevice> {
    const { audio = false, video = false, autoJoin = true, signal } = opts;
    if (!audio && !video) throw problem("invalid", "a device needs audio, video or both");
    this.#leg();
    const source = { open: (given?: AbortSignal) => openUserMedia({ audio, video }, given), beside: {} };
    const device = new RoomSessionDevice(this.#engine, source);
    if (autoJoin) await device.join({ signal });
    return device;
  }

  /**
   * Uses another camera, or the same by other constraints.
   *
   * Event: `camera.updated`.
   */
  async updateCamera(opts: UpdateTrackOptions): Promise<void> {
    await this.#exchange("video", opts);
  }

  /**
   * Uses another microphone, or the same by other constraints.
   *
   * Event: `microphone.updated`.
   */
  async updateMicrophone(opts: UpdateTrackOptions): Promise<void> {
    await this.#exchange("audio", opts);
  }

  /**
   * Uses another loudspeaker. Not every browser can: `WebRTC.supportsMediaOutput()` says.
   *
   * Event: `speaker.updated`.
   */
  async updateSpeaker({ deviceId }: { deviceId: string }): Promise<undefined> {
    this.#leg();
    const { speaker } = this.#engine.presentation;
    const previous = speaker?.device;
    const current = await speaker?.choose(deviceId);
    this.tell("speaker.updated", [{ current, previous }]);
    return undefined;
  }

  /**
   * Sends another stream in place of what is sent: a drawing, a film, a camera of one's own making.
   */
  async setLocalStream(stream: MediaStream): Promise<void> {
    this.#engine.ownStream = stream;
    this.#engine.local.adopt(stream);
  }

  // ---------- screens ----------

  /**
   * Shares a screen, a window or a tab, with its sound where `audio` is given. The browser asks which.
   *
   * Permission: `room.self.screenshare`; to seat others `room.set_position`, too.
   * Events: `member.joined`, `layout.changed`.
   */
  async startScreenShare(opts: ScreenShareOptions = {}): Promise<RoomSessionScreenShare> {
    const { audio = false, video = true, autoJoin = true, layout, positions, signal } = opts;
    this.#leg();
    const stream = await openDisplayMedia({ audio: audio && soundOf(audio), video: video || true, ...SYSTEM_SOUND }, signal);
    for (const track of stream.getVideoTracks()) track.contentHint ||= "detail";
    for (const track of stream.getAudioTracks()) track.contentHint ||= "music";
    const beside: Record<string, unknown> = {};
    if (layout !== undefined) beside.layout = layout;
    if (positions !== undefined) beside.positions = positions;
    const source = { open: async () => stream, beside };
    const share = new RoomSessionScreenShare(this.#engine, source, stream);
    if (autoJoin) await share.join({ signal });
    return share;
  }

  /**
   * Shares a screen with its sound.
   *
   * Permission: `room.self.screenshare`.
   * Events: `member.joined`, `layout.changed`.
   * @deprecated Use `startScreenShare()`.
   */
  async createScreenShareObject(opts: Pick<ScreenShareOptions, "audio" | "autoJoin" | "video"> = {}): Promise<RoomSessionScreenShare> {
    return this.startScreenShare({ audio: true, ...opts });
  }

  // ---------- beyond the reference ----------

  /** Figures of one's own line now. The event `media.stats` has them each second. Not in the reference. */
  async getStats(): Promise<RoomSessionStats> {
    return this.#engine.stats();
  }

  /** Puts another token in place of one that runs out. Not in the reference. */
  async updateToken(token: string): Promise<void> {
    await this.#engine.renew(token);
  }

  /** Stops all media of one's own leg in both directions. Event: `member.updated` with `visible`. Not in the reference. */
  async hold(): Promise<void> {
    await this.#engine.hold(true);
  }

  /** Resumes it. Event: `member.updated` with `visible`. Not in the reference. */
  async unhold(): Promise<void> {
    await this.#engine.hold(false);
  }

  /** Sends or receives sound, or stops. Not in the reference. */
  async setAudioDirection(direction: RTCRtpTransceiverDirection): Promise<void> {
    await this.#engine.redirect("audio", direction);
  }

  /** Sends or receives the picture, or stops. Not in the reference. */
  async setVideoDirection(direction: RTCRtpTransceiverDirection): Promise<void> {
    await this.#engine.redirect("video", direction);
  }

  /** Sets both directions. Not in the reference. */
  async updateMedia(params: Partial<Record<Kind, { direction: RTCRtpTransceiverDirection }>>): Promise<void> {
    for (const kind of KINDS) {
      const wish = params[kind];
      if (wish) await this.#engine.redirect(kind, wish.direction);
    }
  }

  // ---------- below ----------

  /** @internal */
  protected override listened(): void {
    this.#engine.listening();
  }

  /** @internal Where events leave; who speaks an older dialect adds its names here. */
  protected tell(event: string, args: readonly unknown[]): void {
    this.emit(event, ...args);
  }

  /** @internal Recordings, playbacks and streams as this dialect has them. */
  protected makeOutputs(call: Call): Outputs {
    return outputs(call);
  }

  /** @internal */
  protected override call<Method extends string>(method: Method, params?: Record<string, unknown>): Promise<Answer<Method>> {
    return this.#engine.call(method, params);
  }

  /** @internal */
  protected override known(id: string): VideoMemberEntity | undefined {
    return this.#engine.members.get(id);
  }

  /** @internal */
  protected override get outputs(): Outputs {
    return this.#engine.outputs;
  }

  #leg() {
    const { main } = this.#engine;
    if (!this.active || !main) throw problem("not_joined", "not in the room: wait for join()");
    return main;
  }

  async #exchange(kind: Kind, { signal, ...constraints }: UpdateTrackOptions): Promise<void> {
    if (!this.#leg().transceiver(kind)) throw problem("invalid", `this stay was joined without ${kind} in either direction`);
    this.#engine.ownStream = undefined;
    await this.#engine.local.exchange(kind, constraints, signal);
  }

  async #refresh({ onRefreshToken }: RoomSessionOptions): Promise<void> {
    try {
      const token = await onRefreshToken?.(this);
      if (token) await this.updateToken(token);
    } catch (error) {
      this.tell("session.error", [error]);
    }
  }
}

/** What every browser that can is to offer: the sound of the whole machine, and this very tab last. */
const SYSTEM_SOUND = { systemAudio: "include", selfBrowserSurface: "exclude", surfaceSwitching: "include" };

/** Sound of a screen as it is: what is made for voices would spoil it. */
const soundOf = (audio: true | MediaTrackConstraints): MediaTrackConstraints => ({
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  ...(audio === true ? {} : audio),
});

const wanted = (constraints: MediaTrackConstraints): true | MediaTrackConstraints => (Object.keys(constraints).length > 0 ? constraints : true);
