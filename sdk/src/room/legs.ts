// The legs of one person: the main one and those beside it, each known to the server by its call id.

import { bounded, problem, type RoomSessionError, throwIfAborted } from "../errors.js";
import { type Kind, KINDS, Leg, type LegListener, type LegPlan, type Way } from "../media/leg.js";
import type { VideoMemberEntity } from "../types/entities.js";
import type { Connection } from "../wire/connection.js";
import { uuid, type VertoMessage } from "../wire/frames.js";
import type { ChildLeg } from "./child.js";
import type { Place } from "./stay.js";

/** Longest time from the first offer to a place in the room. */
export const SET_UP_MS = 20_000;

/** What a leg needs of its session. */
export interface LegHost {
  connection(): Connection | undefined;
  /** STUN and TURN servers of the application's. */
  iceServers(): RTCIceServer[] | undefined;
  /** Sizes in which a camera is offered. */
  sizesOf(track: MediaStreamTrack | null): RTCRtpEncodingParameters[] | undefined;
  listener(leg: () => Leg): Pick<LegListener, "track" | "state">;
  place(): Place;
}

export class Legs {
  main: Leg | undefined;
  readonly children = new Set<ChildLeg>();
  readonly #host: LegHost;
  readonly #all = new Map<string, Leg>();
  #turn: Promise<unknown> = Promise.resolve();
  #awaited: { role: string; resolve(member: VideoMemberEntity): void } | undefined;

  constructor(host: LegHost) {
    this.#host = host;
  }

  get(callId: string): Leg | undefined {
    return this.#all.get(callId);
  }

  make({ callId = uuid(), ...plan }: Omit<LegPlan, "callId" | "iceServers"> & { callId?: string }, ended: (error: RoomSessionError) => void): Leg {
    const connection = this.#host.connection();
    if (!connection) throw problem("not_joined", "there is no connection");
    const iceServers = this.#host.iceServers() ?? connection.iceServers;
    const leg: Leg = new Leg({ callId, iceServers, ...plan }, connection, {
      ...this.#host.listener(() => leg),
      ended: (error) => {
        this.#drop(leg);
        ended(error);
      },
    });
    this.#all.set(callId, leg);
    return leg;
  }

  /** A leg that did not come about. What the server refused itself needs no goodbye. */
  async giveUp(leg: Leg, error: unknown): Promise<void> {
    this.#drop(leg);
    const { main } = this;
    if (main && main !== leg && main.callId === leg.callId) {
      // It was to be the same call anew: that call goes on without it.
      this.#all.set(main.callId, main);
      leg.end();
    } else if (["aborted", "timeout", "no_media"].includes((error as RoomSessionError).kind)) await leg.bye();
    else leg.end();
  }

  /** Another leg took this one's place; a goodbye for the same call would end both. */
  retire(leg: Leg, by: Leg): void {
    this.#drop(leg);
    if (leg.callId === by.callId) leg.end();
    else void leg.bye();
  }

  #drop(leg: Leg): void {
    if (this.#all.get(leg.callId) === leg) this.#all.delete(leg.callId);
  }

  /** A message of the server for one of them. */
  heard(message: VertoMessage, nodeId: string | undefined): void {
    this.#all.get(message.params?.callID ?? "")?.heard(message, nodeId);
  }

  /** Adds a leg beside the main one; one after the other, for what tells of them names no call. */
  bring(child: ChildLeg, beside: Record<string, unknown>, signal?: AbortSignal): Promise<{ leg: Leg; member: VideoMemberEntity }> {
    const act = () => this.#bring(child, beside, signal);
    const run = this.#turn.then(act, act);
    this.#turn = run.catch(() => {});
    return run;
  }

  /** Somebody came into the room: perhaps the child that is waited for. */
  came(member: VideoMemberEntity): void {
    if (member.parent_id !== this.#host.place().memberId || member.type !== this.#awaited?.role) return;
    if (![...this.children].some((child) => child.memberId === member.id)) this.#awaited.resolve(member);
  }

  /** Says goodbye for all of them. */
  async bye(cause?: { cause: string; causeCode: string }): Promise<void> {
    const beside = [...this.children].map((child) => child.leg);
    await Promise.all([...beside, this.main].map((leg) => leg?.bye(cause)));
  }

  /** Ends all of them here. */
  end(): void {
    for (const child of [...this.children]) child.ended();
    for (const leg of this.#all.values()) leg.end();
    this.#all.clear();
    this.main?.end();
    this.main = undefined;
  }

  /** A screen is sent in one size: its letters are read, or it is not worth sending. */
  #way(child: ChildLeg, track: MediaStreamTrack | null): Way {
    const sizes = track?.kind === "video" && child.role === "device" ? this.#host.sizesOf(track) : undefined;
    return { track, direction: "sendonly", sizes };
  }

  async #bring(child: ChildLeg, beside: Record<string, unknown>, signal?: AbortSignal): Promise<{ leg: Leg; member: VideoMemberEntity }> {
    const { memberId } = this.#host.place();
    if (!this.main || !memberId) throw problem("not_joined", "not in the room");
    throwIfAborted(signal);
    const tracks: Record<Kind, MediaStreamTrack | null> = { audio: child.localAudioTrack, video: child.localVideoTrack };
    const sent = KINDS.filter((kind) => tracks[kind]);
    const leg = this.make({
      role: child.role,
      stream: child.localStream ?? new MediaStream(),
      ways: Object.fromEntries(sent.map((kind) => [kind, this.#way(child, tracks[kind])])),
      userVariables: { memberCallId: this.main.callId, memberId },
    }, (error) => child.ended(error));
    try {
      const came = new Promise<VideoMemberEntity>((resolve) => (this.#awaited = { role: child.role, resolve }));
      const late = () => problem("no_media", `the ${child.role} did not come into the room within 20 s`);
      const name = child.role === "screen" ? "video.room.screenshare" : "video.room.additionaldevice";
      const member = await bounded(leg.invite([name], beside).then(() => came), SET_UP_MS, late, signal);
      this.children.add(child);
      return { leg, member };
    } catch (error) {
      await this.giveUp(leg, error);
      throw error;
    } finally {
      this.#awaited = undefined;
    }
  }
}
