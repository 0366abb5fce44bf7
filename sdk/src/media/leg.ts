// One peer connection with the server and the call it belongs to: offers, answers, and its way back when
// packets stop. It knows nothing of rooms and members.

import { bounded, problem, type RoomSessionError, refusal } from "../errors.js";
import type { Connection } from "../wire/connection.js";
import { uuid, type VertoMessage } from "../wire/frames.js";

/** Sound or picture. */
export type Kind = "audio" | "video";
export const KINDS: readonly Kind[] = ["audio", "video"];

/** Longest time from the offer to the answer. */
const ANSWER_MS = 20_000;
/** A restart that is not answered so fast goes over a dead socket. */
const RESTART_MS = 4_000;

/** What one kind is to do; a kind that is left out has no section in the offer. */
export interface Way {
  track: MediaStreamTrack | null;
  direction: RTCRtpTransceiverDirection;
  /** Sizes in which a picture is offered, the smallest first; one where nothing is said. */
  sizes?: RTCRtpEncodingParameters[];
}

/** What a leg is made of. */
export interface LegPlan {
  callId: string;
  role: "main" | "screen" | "device";
  ways: Partial<Record<Kind, Way>>;
  stream: MediaStream;
  iceServers: RTCIceServer[];
  userVariables: Record<string, unknown>;
}

/** What a leg tells. */
export interface LegListener {
  /** A track of the other side. */
  track(track: MediaStreamTrack): void;
  /** The browser's own word on the line. */
  state(state: RTCPeerConnectionState): void;
  /** The server ended it. */
  ended(error: RoomSessionError): void;
}

export class Leg {
  readonly callId: string;
  readonly peer: RTCPeerConnection;
  readonly #plan: LegPlan;
  readonly #connection: Connection;
  readonly #listener: LegListener;
  #nodeId: string | undefined;
  #answer: { resolve(sdp: string): void; reject(error: RoomSessionError): void } | undefined;
  #isOver = false;
  #wasConnected = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(plan: LegPlan, connection: Connection, listener: LegListener) {
    this.callId = plan.callId;
    this.#plan = plan;
    this.#connection = connection;
    this.#listener = listener;
    // No pool of candidates: with one, Chromium gathers nothing when ICE is restarted.
    this.peer = new RTCPeerConnection({ iceServers: plan.iceServers, bundlePolicy: "max-bundle" });
    this.peer.ontrack = ({ track }) => this.#isOver || listener.track(track);
    this.peer.onconnectionstatechange = () => {
      this.#wasConnected ||= this.peer.connectionState === "connected";
      if (!this.#isOver) listener.state(this.peer.connectionState);
    };
    // Sound first, always: the server's answers have that order.
    for (const kind of KINDS) {
      const way = plan.ways[kind];
      if (way) this.peer.addTransceiver(way.track ?? kind, { direction: way.direction, streams: [plan.stream], ...(way.sizes && { sendEncodings: way.sizes }) });
    }
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  transceiver(kind: Kind): RTCRtpTransceiver | undefined {
    return this.peer.getTransceivers().find(({ receiver }) => receiver.track.kind === kind);
  }

  /** Offers the leg, and applies the answer. What stands beside the offer is for the server. */
  invite(subscribe: string[], beside: Record<string, unknown> = {}): Promise<void> {
    return this.#inTurn(() => this.#offer({ subscribe, beside, ms: ANSWER_MS }));
  }

  /**
   * The same leg on another path, when packets stopped. Gives whether the server still had it: one that had
   * given it up refuses, or, before it did so, answered with another, of which this peer connection can make
   * nothing.
   */
  async restartIce(subscribe: string[]): Promise<boolean> {
    const before = fingerprint(this.peer);
    const restarted = this.#inTurn(() => this.#offer({ subscribe, beside: {}, ms: RESTART_MS, iceRestart: true }));
    // It had given the leg up, and says so.
    const isThere = await restarted.then(() => true, (error: RoomSessionError) => {
      if (error.kind === "conflict") return false;
      throw error;
    });
    return isThere && fingerprint(this.peer) === before;
  }

  /** Puts a track in another's place. */
  async replace(kind: Kind, track: MediaStreamTrack | null): Promise<void> {
    await this.transceiver(kind)?.sender.replaceTrack(track);
  }

  /** Changes the direction of one kind; the server agrees in its answer. */
  redirect(kind: Kind, direction: RTCRtpTransceiverDirection, track?: MediaStreamTrack | null): Promise<void> {
    return this.#inTurn(async () => {
      const transceiver = this.transceiver(kind);
      if (!transceiver) throw problem("invalid", `this leg was made without ${kind}`);
      if (track !== undefined) await transceiver.sender.replaceTrack(track);
      if (transceiver.direction === direction) return;
      transceiver.direction = direction;
      await this.peer.setLocalDescription(await this.peer.createOffer());
      const sdp = this.peer.localDescription?.sdp ?? "";
      const result = await this.#message("verto.modify", { sdp, action: "updateMedia" });
      await this.peer.setRemoteDescription({ type: "answer", sdp: String(result.sdp) });
    });
  }

  /** Stops all media of the leg, or resumes it. */
  async hold(held: boolean): Promise<void> {
    await this.#message("verto.modify", { action: held ? "hold" : "unhold" });
  }

  /** Sends digits. */
  async digits(dtmf: string): Promise<void> {
    await this.#message("verto.info", { dtmf });
  }

  /** Says goodbye and ends the leg, whether anybody answers or not. */
  async bye(cause?: { cause: string; causeCode: string }): Promise<void> {
    if (this.#isOver) return;
    const said = this.#connection.isUp ? this.#message("verto.bye", { ...cause }, 2_000) : Promise.resolve({});
    this.end();
    await said.catch(() => {});
  }

  /** Ends the leg here. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.peer.close();
    this.#answer?.reject(problem("aborted", "the leg was ended"));
  }

  /** A message of the server for this leg. */
  heard({ id, method, params }: VertoMessage, nodeId: string | undefined): void {
    if (nodeId !== undefined) this.#nodeId = nodeId;
    switch (method) {
      case "verto.answer":
      case "verto.media":
        this.#reply(id, { method });
        if (params.sdp) this.#answer?.resolve(params.sdp);
        break;
      case "verto.bye":
        this.#reply(id, { method });
        this.#hungUp(params);
        break;
      case "verto.ping":
        void this.#send({ jsonrpc: "2.0", id: uuid(), method: "verto.pong", params }, {}).catch(() => {});
        break;
      case "verto.mediaParams":
        void this.#constrain(params.mediaParams as Partial<Record<Kind, MediaTrackConstraints>> | undefined);
        break;
    }
  }

  #hungUp({ cause = "NORMAL_CLEARING", causeCode = 16 }: Record<string, unknown>): void {
    const said = refusal({ code: String(causeCode), message: String(cause) }, "verto.bye");
    const waiting = this.#answer;
    const isAnswered = this.peer.signalingState === "stable" && this.peer.remoteDescription !== null;
    const wasConnected = this.#wasConnected || this.peer.connectionState === "connected";
    const error = isAnswered && !wasConnected ? problem("no_media", "no packet of this page reached the server", said) : said;
    this.#isOver = true;
    this.peer.close();
    if (waiting) waiting.reject(error);
    this.#listener.ended(error);
  }

  /** One negotiation after the other. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(act, act);
    this.#turn = run.catch(() => {});
    return run;
  }

  async #offer({ subscribe, beside, ms, iceRestart = false }: { subscribe: string[]; beside: Record<string, unknown>; ms: number; iceRestart?: boolean }): Promise<void> {
    // The candidates are not waited for: the server is reached by the addresses in its answer, and learns
    // where its packets come from by them.
    await this.peer.setLocalDescription(await this.peer.createOffer({ iceRestart }));
    const sdp = this.peer.localDescription?.sdp ?? "";
    const answer = new Promise<string>((resolve, reject) => (this.#answer = { resolve, reject }));
    answer.catch(() => {});
    try {
      const asked = this.#message("verto.invite", { sdp, ...beside }, ms, { subscribe });
      const late = () => problem("timeout", `the leg was not answered within ${ms / 1000} s`);
      const sdpOfServer = await bounded(asked.then(() => answer), ms, late);
      await this.peer.setRemoteDescription({ type: "answer", sdp: sdpOfServer });
    } catch (error) {
      if (!this.#isOver && iceRestart) await this.peer.setLocalDescription({ type: "rollback" }).catch(() => {});
      throw error;
    } finally {
      this.#answer = undefined;
    }
  }

  #message(method: string, params: Record<string, unknown>, ms?: number, outer: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const message = { jsonrpc: "2.0", id: uuid(), method, params: { dialogParams: this.#dialog(), ...params } };
    return this.#send(message, { callID: this.callId, ...outer }, ms);
  }

  #reply(id: string, result: unknown): void {
    this.#send({ jsonrpc: "2.0", id, result }, {}).catch(() => {});
  }

  #send(message: unknown, outer: Record<string, unknown>, ms?: number): Promise<Record<string, unknown>> {
    const node = this.#nodeId === undefined ? {} : { node_id: this.#nodeId };
    return this.#connection.request("video.message", { message, ...outer, ...node }, ms);
  }

  #dialog(): Record<string, unknown> {
    return {
      attach: false,
      reattaching: false,
      userVariables: this.#plan.userVariables,
      screenShare: this.#plan.role === "screen",
      additionalDevice: this.#plan.role === "device",
      pingSupported: true,
      version: 1000,
      callID: this.callId,
      remote_caller_id_name: "Outbound Call",
      remote_caller_id_number: "",
      caller_id_name: "",
      caller_id_number: "",
    };
  }

  async #constrain(wanted: Partial<Record<Kind, MediaTrackConstraints>> = {}): Promise<void> {
    for (const kind of KINDS) {
      const constraints = wanted[kind];
      const track = this.transceiver(kind)?.sender.track;
      if (constraints && track) await track.applyConstraints(constraints).catch(() => {});
    }
  }
}

/** Who the other side is: of a leg that lasts it stays the same. */
const fingerprint = (peer: RTCPeerConnection): string | undefined => /^a=fingerprint:(.*)$/m.exec(peer.remoteDescription?.sdp ?? "")?.[1];
