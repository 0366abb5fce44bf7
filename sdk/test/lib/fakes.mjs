// As much of a browser as the package needs to join a room of a server that the test itself plays: sockets, peer
// connections without media, an empty page. And that server, whose answers a test can change.

import { randomUUID } from "node:crypto";

/** A camera or microphone that a test can take away. */
export class FakeTrack {
  enabled = true;
  muted = false;
  readyState = "live";
  constructor(kind, settings = {}) {
    Object.assign(this, { kind, label: `${kind} of a test`, getSettings: () => ({ deviceId: kind, ...settings }) });
  }
  stop() {
    this.readyState = "ended";
  }
  /** What a browser does when the plug is pulled. */
  end() {
    this.stop();
    this.onended?.();
  }
  /** What it does when a telephone call takes the device, and gives it back. */
  silence(isSilent) {
    this.muted = isSilent;
    (isSilent ? this.onmute : this.onunmute)?.();
  }
}

/** As Safari has it: no encodings before the answer; parameters are good for one change, and keep number, names and order. */
class FakeSender {
  changes = [];
  #peer;
  #encodings;
  #given;
  constructor(peer, track, encodings = [{}]) {
    Object.assign(this, { track });
    this.#peer = peer;
    this.#encodings = encodings;
  }
  async replaceTrack(track) {
    if (this.#peer.connectionState === "closed") throw new DOMException("closed", "InvalidStateError");
    this.track = track;
  }
  getParameters() {
    const encodings = this.#peer.remoteDescription ? structuredClone(this.#encodings) : [];
    return (this.#given = { encodings });
  }
  async setParameters(parameters) {
    const names = (list) => `${list.map(({ rid }) => rid)}`;
    if (parameters !== this.#given || names(parameters.encodings) !== names(this.#encodings)) throw new DOMException("not these", "InvalidModificationError");
    this.#given = undefined;
    await null;
    this.#encodings = structuredClone(parameters.encodings);
    this.changes.push(this.#encodings);
  }
}

/** A server of one test. */
export class FakeServer {
  /** Every request in the order in which it came: `{method, params}`, of legs `{method, params, subscribe}`. */
  asked = [];
  /** By the method of the wire: takes the parameters, gives the result or throws `{code, message}`. */
  answers = {};
  sockets = [];
  peers = [];
  /** Makes the track of a kind; what it throws is what the browser says. */
  devices = { audio: () => new FakeTrack("audio"), video: () => new FakeTrack("video", { width: 1280, height: 720 }) };
  /** What was asked of the browser. */
  opened = [];
  vendor = "Google Inc.";
  /** What this server tells of the session when somebody comes in. */
  members = [];
  authorization = {
    join_as: "member", audio_allowed: "both", video_allowed: "both", project_id: "p", expires_at: null,
    room: { name: "lab", display_name: "lab", scopes: [], meta: {} },
  };

  /** The socket that counts. */
  get socket() {
    return this.sockets.at(-1);
  }

  /** Requests of one method. */
  of(method) {
    return this.asked.filter((one) => one.method === method);
  }

  /** Tells an event. */
  tell(event_type, params) {
    this.#send(this.socket, { id: randomUUID(), method: "signalwire.event", params: { event_type, params } });
  }

  /** Takes a frame of the client's. */
  take(socket, { id, method, params = {} }) {
    if (method === undefined) return;
    const message = method === "video.message" ? params.message : undefined;
    const asked = message ? { method: message.method, params: message.params, subscribe: params.subscribe } : { method, params };
    if (asked.method === undefined) return this.#send(socket, { id, result: {} });
    this.asked.push(asked);
    let result;
    try {
      result = this.#answer(asked);
    } catch (refusal) {
      if (!refusal.code) throw refusal;
      result = refusal;
    }
    if (result !== undefined) this.#send(socket, { id, result: message && !result.code ? wrapped(message.id, result) : result });
    if (asked.method === "verto.invite" && !result?.code) this.#seat(asked);
  }

  #answer({ method, params }) {
    const answer = this.answers[method];
    if (answer) return answer(params);
    if (method === "signalwire.connect") return { protocol: "one", ice_servers: [], authorization: this.authorization };
    return {};
  }

  /** Answers the offer, and lets whoever is new in. */
  #seat({ params }) {
    const { callID } = params.dialogParams;
    this.tell("webrtc.message", { jsonrpc: "2.0", id: randomUUID(), method: "verto.answer", params: { callID, sdp: "a=fingerprint:one" } });
    if (this.seated === callID) return;
    this.seated = callID;
    const room_session = { id: "s", room_session_id: "s", room_id: "r", name: "lab", members: this.members };
    this.tell("video.room.subscribed", { call_id: callID, member_id: "me", room_session, room: room_session });
  }

  #send(socket, frame) {
    queueMicrotask(() => socket?.readyState === 1 && socket.onmessage?.({ data: JSON.stringify({ jsonrpc: "2.0", ...frame }) }));
  }
}

const wrapped = (id, result) => ({ code: "200", result: { jsonrpc: "2.0", id, result } });

/** Puts a server behind every socket, and the rest of a page around it, until `restore()`; gives the server. */
export function install(facts = {}) {
  const server = Object.assign(new FakeServer(), facts);
  class WebSocket {
    static OPEN = 1;
    readyState = 0;
    constructor() {
      server.sockets.push(this);
      queueMicrotask(() => {
        this.readyState = 1;
        this.onopen?.();
      });
    }
    send(text) {
      server.take(this, JSON.parse(text));
    }
    close() {
      if (this.readyState === 3) return;
      this.readyState = 3;
      queueMicrotask(() => this.onclose?.());
    }
  }
  class RTCPeerConnection {
    connectionState = "connected";
    signalingState = "stable";
    localDescription = null;
    remoteDescription = null;
    #transceivers = [];
    constructor() {
      server.peers.push(this);
    }
    addTransceiver(what, { direction, sendEncodings }) {
      const kind = typeof what === "string" ? what : what.kind;
      const sender = new FakeSender(this, kind === what ? null : what, sendEncodings);
      this.#transceivers.push({ direction, receiver: { track: { kind } }, sender });
    }
    getTransceivers = () => this.#transceivers;
    createOffer = async (options) => ({ type: "offer", sdp: `offer ${JSON.stringify(options ?? {})}` });
    getStats = async () => new Map();
    async setLocalDescription(description) {
      this.localDescription = description;
    }
    async setRemoteDescription(description) {
      this.remoteDescription = description;
    }
    close() {
      this.connectionState = "closed";
    }
  }
  class MediaStream {
    #tracks;
    constructor(tracks = []) {
      this.#tracks = new Set(tracks);
    }
    getTracks = () => [...this.#tracks];
    getAudioTracks = () => this.getTracks().filter(({ kind }) => kind === "audio");
    getVideoTracks = () => this.getTracks().filter(({ kind }) => kind === "video");
    addTrack = (track) => this.#tracks.add(track);
    removeTrack = (track) => this.#tracks.delete(track);
  }
  /** Opens what the test plugged in; asked again it opens it anew. */
  const getUserMedia = async (wish) => {
    server.opened.push(wish);
    const kinds = ["audio", "video"].filter((kind) => wish[kind]);
    return new MediaStream(kinds.map((kind) => server.devices[kind]()));
  };
  // Made by `new` or by `createElement()`.
  const element = function () {
    return { style: {}, append() {}, remove() {}, addEventListener() {}, removeEventListener() {}, play: async () => {}, pause() {} };
  };
  const page = {
    WebSocket, RTCPeerConnection, MediaStream,
    document: Object.assign(new EventTarget(), { createElement: element, visibilityState: "visible" }),
    location: new URL("https://rooms.example/lobby"),
    Audio: element,
  };
  page.navigator = { vendor: server.vendor, mediaDevices: { getUserMedia, addEventListener() {}, removeEventListener() {} } };
  for (const [name, value] of Object.entries(page)) replace(name, value);
  return server;
}

const before = new Map();

/** Puts something of a browser into this process, whose other tests are to find what they know. */
export function replace(name, value) {
  if (!before.has(name)) before.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** Puts back what was there. */
export function restore() {
  for (const [name, descriptor] of before) {
    delete globalThis[name];
    if (descriptor) Object.defineProperty(globalThis, name, descriptor);
  }
  before.clear();
}

/** What `act` gives as soon as it gives something; an error of the last try when it does not within two seconds. */
export async function until(what, act) {
  const end = performance.now() + 2_000;
  for (;;) {
    const value = await act();
    if (value) return value;
    if (performance.now() > end) throw new Error(`not within two seconds: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The error of a promise that must be rejected. */
export const errorOf = (promise) => promise.then(() => { throw new Error("it was not refused"); }, (error) => error);
