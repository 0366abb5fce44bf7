// What happens below a RoomSession: one's place in the room, the connection, one's devices and legs, and how
// they come and go together. It tells events and knows no method of the room.

import { AuthError, bounded, problem, type RoomSessionError, throwIfAborted } from "../errors.js";
import { Log } from "../log.js";
import type { Kind, Leg } from "../media/leg.js";
import { LocalMedia } from "../media/local.js";
import { StatsReader } from "../media/stats.js";
import type { Authorization, VideoMemberEntity } from "../types/entities.js";
import type { JoinOptions, RoomSessionOptions } from "../types/options.js";
import type { RoomSessionStats } from "../types/stats.js";
import { Connection } from "../wire/connection.js";
import { type EventFrame, uuid, type VertoMessage } from "../wire/frames.js";
import { Memory } from "../wire/memory.js";
import { readToken, socketUrl } from "../wire/token.js";
import type { Answer, Call } from "./call.js";
import type { ChildHost, ChildLeg } from "./child.js";
import { Expiry } from "./expiry.js";
import { hear, type Hearing } from "./hearing.js";
import { Legs, SET_UP_MS } from "./legs.js";
import { Waiting } from "./lobby.js";
import { Members } from "./members.js";
import { Naming } from "./naming.js";
import { outputs, type Outputs } from "./outputs.js";
import { Presentation } from "./presentation.js";
import { Recovery } from "./recovery.js";
import { nowhere, placeOf, type Place, type Subscribed } from "./stay.js";
import { agree, type Ways, ways } from "./ways.js";

/** What the server says of a seat that it does not keep any more: DESTINATION_OUT_OF_ORDER, INVALID_CALL_REFERENCE. */
const GONE = ["27", "81"];
const DEVICE: Record<Kind, string> = { audio: "microphone", video: "camera" };

/** What an engine needs of its session. */
export interface EngineHost {
  tell(event: string, ...args: readonly unknown[]): void;
  /** Names that somebody listens to. */
  listened(): string[];
  /** The token runs out. */
  refresh(): void;
}

export class Engine implements ChildHost {
  readonly members = new Members();
  readonly local: LocalMedia;
  readonly outputs: Outputs;
  readonly presentation: Presentation;
  place: Place = nowhere();
  /** The application's own stream, in place of camera and microphone. */
  ownStream: MediaStream | undefined;
  readonly #options: RoomSessionOptions;
  readonly #host: EngineHost;
  readonly #log: Log;
  readonly #memory: Memory;
  readonly #legs: Legs;
  readonly #recovery: Recovery;
  readonly #naming: Naming;
  readonly #waiting: Waiting;
  #token: string;
  #state: "idle" | "joining" | "joined" = "idle";
  #connection: Connection | undefined;
  #ways: Ways | undefined;
  #joinOptions: JoinOptions = {};
  #subscribed = new Map<string, { resolve(): void; reject(error: RoomSessionError): void }>();
  #isStandingNew = false;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #stats = new StatsReader();
  readonly #expiry = new Expiry();

  constructor(options: RoomSessionOptions, host: EngineHost, made: (call: Call) => Outputs = outputs) {
    this.#options = options;
    this.ownStream = options.localStream;
    this.#host = host;
    this.#log = new Log(options.logLevel);
    this.#token = options.token;
    this.#memory = new Memory(options.reattach === false ? undefined : readToken(options.token).room);
    const tell = (event: string, ...args: readonly unknown[]) => host.tell(event, ...args);
    const { stopCameraWhileMuted = true, stopMicrophoneWhileMuted = true } = options;
    this.local = new LocalMedia({ audio: stopMicrophoneWhileMuted, video: stopCameraWhileMuted }, {
      changed: (kind, track) => this.#trackChanged(kind, track),
      lost: (kind, device) => tell(`${DEVICE[kind]}.disconnected`, device),
      exchanged: (kind, current, previous) => tell(`${DEVICE[kind]}.updated`, { current, previous }),
      failed: (error) => tell("session.error", error),
    }, this.#log, options.prepareTrack);
    this.outputs = made((method, params) => this.call(method, params));
    this.presentation = new Presentation(options, this.#log, tell);
    this.#legs = new Legs({
      connection: () => this.#connection,
      iceServers: () => options.iceServers,
      place: () => this.place,
      sizesOf: (track) => this.presentation.sizesOf(track),
      listener: (leg) => ({
        track: (track) => this.#trackCame(leg(), track),
        state: (state) => leg() === this.main && this.#recovery.peerSays(state),
      }),
    });
    this.#naming = new Naming({
      listened: () => host.listened(),
      isJoined: () => this.isJoined,
      offer: async (names) => this.main?.invite(names),
      handsNamed: () => this.#askMembers(),
    }, this.#log);
    this.#waiting = new Waiting({ ask: this.#ask, tell });
    this.#recovery = new Recovery({
      tell,
      isJoined: () => this.isJoined,
      isUp: () => this.#connection?.isUp ?? false,
      main: () => this.main,
      restart: (leg) => leg.restartIce(this.#naming.take()),
      rebuild: (leg) => this.#enterAgain(leg.callId),
      replace: () => this.#enterAgain(uuid()),
      over: () => this.#end({ reason: "RECONNECTION_ATTEMPT_TIMEOUT" }),
    }, this.#log);
  }

  get isJoined(): boolean {
    return this.#state === "joined";
  }

  get authorization(): Authorization | undefined {
    return this.#connection?.authorization;
  }

  get main(): Leg | undefined {
    return this.#legs.main;
  }

  get children(): Set<ChildLeg> {
    return this.#legs.children;
  }

  /** Asks the server for something of this session. */
  readonly call: Call = async (method, params = {}) => {
    if (!this.isJoined) throw problem("not_joined", `${method}: not in the room`);
    return this.#ask(method, { room_session_id: this.place.roomSessionId, ...params });
  };

  readonly #ask: Call = async <Method extends string>(method: Method, params = {}) => {
    if (!this.#connection) throw problem("not_joined", `${method}: there is no connection`);
    return this.#connection.request(method, params) as Promise<Answer<Method>>;
  };

  /** Goes in. Whatever was begun is taken back when it fails. */
  async join(options: JoinOptions): Promise<void> {
    if (this.#state !== "idle") throw problem("conflict", "join() was called already");
    this.#state = "joining";
    this.#memory.claim();
    this.#joinOptions = options;
    try {
      await this.#join(options);
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  /** Goes out, and tells the server. */
  async leave(cause?: { cause: string; causeCode: string }): Promise<void> {
    if (this.#state === "idle") return;
    await this.#waiting.leave(problem("aborted", "the room was left"));
    await this.#legs.bye(cause);
    this.#end({});
  }

  /** Lets go of everything here; the server is told nothing. */
  destroy(): void {
    this.#close();
    this.presentation.overlay.domElement.remove();
  }

  async renew(token: string): Promise<void> {
    await this.#connection?.renew(token);
    this.#token = token;
    this.#expiry.renewed();
  }

  async stats(): Promise<RoomSessionStats> {
    if (!this.main || this.main.isOver) throw problem("not_joined", "getStats: not in the room");
    return this.#stats.read(this.main.peer);
  }

  async hold(held: boolean): Promise<void> {
    if (!this.main) throw problem("not_joined", "not in the room");
    if (held) this.#recovery.isHeld = true;
    await this.main.hold(held);
    this.#recovery.isHeld = held;
  }

  /** Other directions on one's own leg, and what is listened to for a loss with them. */
  async redirect(kind: Kind, direction: RTCRtpTransceiverDirection): Promise<void> {
    const { main } = this;
    if (!main || !this.isJoined) throw problem("not_joined", "not in the room");
    await main.redirect(kind, direction);
    this.#recovery.watch(main);
  }

  /** Somebody listens to something more. */
  listening(): void {
    this.#naming.check();
  }

  bring(child: ChildLeg, beside: Record<string, unknown>, signal?: AbortSignal): Promise<{ leg: Leg; member: VideoMemberEntity }> {
    return this.#legs.bring(child, beside, signal);
  }

  gone(child: ChildLeg): void {
    this.children.delete(child);
  }

  // ---------- coming in ----------

  async #join({ signal, ...options }: JoinOptions): Promise<void> {
    this.#connect();
    await this.#connection?.open(signal);
    this.presentation.open();
    const kept = this.#memory.get("callId");
    await this.#pass(kept ?? uuid(), options, signal).catch(async (error: RoomSessionError) => {
      if (kept === undefined || !GONE.includes(String(error.code))) throw error;
      // The seat of before is not there any more: as a newcomer, then.
      this.#connection?.close();
      this.#memory.forget();
      this.#connect();
      await this.#connection?.open(signal);
      await this.#pass(uuid(), options, signal);
    });
    this.#ticker = setInterval(() => this.#tick(), 1_000);
  }

  #connect(): void {
    const { host } = readToken(this.#token);
    this.#connection = new Connection(socketUrl(host ?? this.#options.host), this.#token, this.#memory, this.#log, {
      event: (event) => this.#event(event),
      broke: () => this.#recovery.socketBroke(),
      back: () => {
        this.#recovery.socketIsBack();
        this.#naming.check();
        this.#waiting.back();
      },
      refused: (error) => this.#refused(error),
    });
  }

  /** Goes in; where the server wants somebody to be let in first, once a host did. */
  async #pass(callId: string, options: JoinOptions, signal?: AbortSignal): Promise<void> {
    await this.#enter(callId, options, signal).catch(async (error: RoomSessionError) => {
      if (error.kind !== "lobby" || options.lobby === false) throw error;
      await this.#waiting.run(options.name, signal);
      await this.#enter(uuid(), options, signal);
    });
  }

  /** A new main leg, and the place in the room that it brings. */
  async #enter(callId: string, options: JoinOptions, signal?: AbortSignal): Promise<void> {
    const { authorization } = this;
    if (!authorization) throw problem("not_joined", "there is no connection");
    const plan = (this.#ways = ways(authorization, options, this.#options));
    if (this.ownStream) this.local.adopt(this.ownStream);
    const asked = (kind: Kind) => (this.ownStream ? null : plan[kind].constraints);
    await this.local.open({ audio: asked("audio"), video: asked("video") }, signal);
    throwIfAborted(signal);
    if (this.#state === "idle") throw problem("aborted", "the room was left");
    const agreed = agree(plan, (kind) => this.local.track(kind), (track) => this.presentation.sizesOf(track));
    const leg = this.#legs.make({ callId, role: "main", stream: this.local.stream, ways: agreed, userVariables: {} }, (error) => this.#mainEnded(leg, error));
    if (!this.main || this.main.isOver) this.#legs.main = leg;
    const placed = new Promise<void>((resolve, reject) => this.#subscribed.set(callId, { resolve, reject }));
    placed.catch(() => {});
    try {
      const late = () => problem(leg.peer.connectionState === "connected" ? "timeout" : "no_media", "sound and picture found no way through within 20 s");
      await bounded(leg.invite(this.#naming.take()).then(() => placed), SET_UP_MS, late, signal);
      this.#size();
    } catch (error) {
      await this.#legs.giveUp(leg, error);
      throw error;
    } finally {
      this.#subscribed.delete(callId);
    }
  }

  async #enterAgain(callId: string): Promise<void> {
    const { signal: _, ...options } = this.#joinOptions;
    // The server said so itself, and that is under way.
    if (!this.#isStandingNew) await this.#enter(callId, options);
  }

  // ---------- what the server says ----------

  #event({ event_type: type, params, node_id: nodeId }: EventFrame): void {
    if (type === "webrtc.message") return this.#legs.heard(params as unknown as VertoMessage, nodeId);
    if (!type.startsWith("video.")) return;
    this.#waiting.heard(type.slice(6), params);
    // What the server says in a shape that nobody expects must not silence what follows.
    try {
      hear(type.slice(6), params, this.#hearing);
    } catch (error) {
      this.#log.warn("an event that is not understood", type, error);
    }
  }

  readonly #hearing: Hearing = {
    engine: this,
    tell: (event, ...args) => this.#host.tell(event, ...args),
    subscribed: (payload, tellJoined) => this.#placed(payload, tellJoined),
    standing: (authorization) => void this.#standingChanged(authorization),
    arranged: () => this.#arranged(),
    ownMuted: (kind, isMuted) => this.#ownMuted(kind, isMuted),
    childCame: (member) => this.#legs.came(member),
  };

  #placed(payload: Subscribed, tellJoined: () => void): void {
    const leg = this.#legs.get(payload.call_id);
    if (!leg || leg.isOver) return;
    const before = this.main;
    const isNews = before === leg || this.#isStandingNew || this.place.memberId !== payload.member_id;
    this.#isStandingNew = false;
    this.place = { ...placeOf(payload), layout: this.place.layout };
    this.members.seed(payload.room_session.members);
    this.#legs.main = leg;
    this.#memory.set("callId", leg.callId);
    this.presentation.show(leg);
    if (before && before !== leg) {
      this.presentation.forget(before);
      this.#legs.retire(before, leg);
    }
    const own = payload.room_session.members.find(({ id }) => id === payload.member_id);
    this.#ownMuted("audio", own?.audio_muted ?? false);
    this.#ownMuted("video", own?.video_muted ?? false);
    this.#state = "joined";
    this.#stats = new StatsReader();
    if (isNews) tellJoined();
    this.#host.tell("memberList.updated", { members: this.members.list() });
    this.#recovery.watch(leg);
    this.#subscribed.get(payload.call_id)?.resolve();
    this.#naming.check();
  }

  async #askMembers(): Promise<void> {
    const { members } = await this.call("video.members.get");
    for (const member of members) this.members.put(member);
    this.#host.tell("memberList.updated", { members: this.members.list() });
  }

  /** Promoted, demoted, or told so because the server was started anew: a new leg brings the place. */
  async #standingChanged(authorization: Authorization): Promise<void> {
    if (!this.#connection) return;
    this.#connection.authorization = authorization;
    this.#isStandingNew = true;
    try {
      const { signal: _, ...options } = this.#joinOptions;
      await this.#enter(uuid(), options);
      if (authorization.join_as === "audience") this.local.close();
    } catch (error) {
      this.#log.warn("no place after a change of standing", error);
      this.#host.tell("session.error", error);
      this.#end({});
    }
  }

  #ownMuted(kind: Kind, isMuted: boolean): void {
    if (isMuted) this.local.mute(kind);
    else if (this.#ways?.[kind].constraints && this.local.isMuted(kind)) void this.local.unmute(kind);
  }

  #arranged(): void {
    const { layout, memberId } = this.place;
    if (!layout) return;
    this.members.seat(layout);
    this.presentation.arrange(layout, memberId);
    this.#size();
  }

  #mainEnded(leg: Leg, error: RoomSessionError): void {
    this.#subscribed.get(leg.callId)?.reject(error);
    if (leg !== this.main || !this.isJoined) return;
    this.#host.tell("hangup");
    this.#end({});
  }

  #refused(error: AuthError): void {
    if (this.#waiting.isOn) return this.#waiting.fail(error);
    this.#host.tell("session.error", error);
    this.#recovery.giveUp();
    this.#end({});
  }

  // ---------- sound and picture ----------

  #trackCame(leg: Leg, track: MediaStreamTrack): void {
    this.presentation.keep(leg, track);
    if (leg === this.main) this.presentation.show(leg);
  }

  #trackChanged(kind: Kind, track: MediaStreamTrack | null): void {
    if (kind === "video") this.presentation.overlay.setTrack(track);
    const leg = this.main;
    if (!leg || leg.isOver) return;
    this.#send(leg, kind, track).catch((error) => this.isJoined && this.#host.tell("session.error", error));
  }

  async #send(leg: Leg, kind: Kind, track: MediaStreamTrack | null): Promise<void> {
    const direction = leg.transceiver(kind)?.direction;
    if (track && this.isJoined && (direction === "recvonly" || direction === "inactive")) {
      await leg.redirect(kind, direction === "recvonly" ? "sendrecv" : "sendonly", track);
      if (this.#ways) this.#ways[kind].constraints ??= true;
    } else {
      await leg.replace(kind, track);
    }
    if (kind === "video") this.#size();
  }

  #size(): void {
    const { layout, memberId } = this.place;
    if (!layout) return;
    const beside = [...this.children].map((child) => [child.leg, child.memberId] as const);
    this.presentation.size(layout, [[this.main, memberId], ...beside]);
  }

  #tick(): void {
    if (this.#host.listened().includes("media.stats")) {
      this.stats().then((stats) => this.isJoined && this.#host.tell("media.stats", stats), () => {});
    }
    if (!this.#expiry.isDue(this.authorization?.expires_at)) return;
    this.#host.tell("session.expiring");
    this.#host.refresh();
  }

  // ---------- the end ----------

  #end(payload: { reason?: string }): void {
    if (this.#state === "idle") return;
    this.#memory.forget();
    this.#close();
    this.#host.tell("room.left", payload);
    this.#host.tell("destroy");
  }

  #close(): void {
    this.#state = "idle";
    this.#waiting.fail(problem("aborted", "the room was left"));
    clearInterval(this.#ticker);
    this.#recovery.stop();
    this.#legs.end();
    this.#connection?.close();
    this.#memory.release();
    this.local.close();
    this.presentation.close();
    this.members.clear();
  }
}
