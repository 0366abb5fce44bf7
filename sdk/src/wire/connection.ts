// What one is to the server across sockets that come and go: who one is, what one may ask, and the way
// back when a socket broke.

import { AuthError, bounded, problem, refusal, throwIfAborted } from "../errors.js";
import type { Log } from "../log.js";
import type { Authorization } from "../types/entities.js";
import { type EventFrame, type Frame, unwrap } from "./frames.js";
import type { Memory } from "./memory.js";
import { Socket } from "./socket.js";

const AGENT = "@rotunda/js/browser/0.1.0";
const OPEN_MS = 6_000;
/** Longest wait of a call for a socket that is on its way back. */
const AWAIT_MS = 15_000;
/** The server pings every five seconds once it pinged. */
const SILENT_MS = 15_000;
const PAUSES_MS = [0, 300, 700, 1_500, 3_000, 4_000];
const FIRST_TRIES = 3;
const UNKNOWN_HERE = "Requester validation failed";

interface ConnectResult {
  protocol: string;
  ice_servers?: RTCIceServer[];
  authorization: Authorization;
}

/** What a connection tells. */
export interface ConnectionListener {
  event(event: EventFrame): void;
  /** The socket broke; the way back has begun. */
  broke(): void;
  /** There is a socket again; `same` when the server still knew the connection. */
  back(same: boolean): void;
  /** The server will not have this connection any more. */
  refused(error: AuthError): void;
}

export class Connection {
  authorization: Authorization | undefined;
  iceServers: RTCIceServer[] = [];
  readonly #url: string;
  readonly #memory: Memory;
  readonly #log: Log;
  readonly #listener: ConnectionListener;
  #token: string;
  #protocol: string | undefined;
  #authorizationState: string | undefined;
  #socket: Socket | undefined;
  #isUp = false;
  #isOver = false;
  #whenUp: Array<() => void> = [];
  #wake: (() => void) | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, token: string, memory: Memory, log: Log, listener: ConnectionListener) {
    this.#url = url;
    this.#token = token;
    this.#memory = memory;
    this.#log = log;
    this.#listener = listener;
    this.#protocol = memory.get("protocol");
    this.#authorizationState = memory.get("authorizationState");
    globalThis.addEventListener?.("online", this.#hurry);
    // A page that was frozen, or kept for the way back to it, lost its socket and its time.
    globalThis.addEventListener?.("pageshow", this.#hurry);
    document.addEventListener("resume", this.#hurry);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Connects the first time; unlike later times it is told when that does not work. */
  async open(signal?: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      throwIfAborted(signal);
      try {
        await bounded(this.#connect(), OPEN_MS * 2, () => problem("timeout", "the server does not answer"), signal);
        return;
      } catch (error) {
        this.#socket?.close();
        if (error instanceof AuthError || tries >= FIRST_TRIES || signal?.aborted || this.#isOver) throw error;
        await pause(PAUSES_MS[tries] ?? 0);
      }
    }
  }

  /** Asks for something; waits for a socket that is on its way back. Rejects with what the server says. */
  async request(method: string, params: Record<string, unknown>, ms?: number): Promise<Record<string, unknown>> {
    const socket = await this.#up(method);
    try {
      return unwrap(await socket.ask(method, params, ms), method);
    } catch (error) {
      // What does not answer in time is dead: whoever comes next shall find another.
      if ((error as { kind?: string }).kind === "timeout") socket.close();
      throw error;
    }
  }

  /** Puts another token in place of one that runs out. */
  async renew(token: string): Promise<void> {
    const { project_id: project } = this.authorization ?? {};
    const socket = await this.#up("signalwire.reauthenticate");
    const { result, error } = await socket.ask("signalwire.reauthenticate", { authentication: { project, jwt_token: token } });
    if (error) throw refusal(error, "signalwire.reauthenticate");
    this.#token = token;
    this.#keep(result as ConnectResult);
  }

  /** Takes the socket for dead; the way back begins. */
  drop(): void {
    this.#socket?.close();
  }

  /** Ends it for good. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#silence);
    globalThis.removeEventListener?.("online", this.#hurry);
    globalThis.removeEventListener?.("pageshow", this.#hurry);
    document.removeEventListener("resume", this.#hurry);
    this.#socket?.close();
    this.#hurry();
    this.#tellWaiting();
  }

  /** Forgets what the server does not know any more. */
  #forget(): void {
    this.#protocol = undefined;
    this.#authorizationState = undefined;
    this.#memory.forget();
  }

  async #up(method: string): Promise<Socket> {
    if (!this.#isUp && !this.#isOver) {
      const later = new Promise<void>((resolve) => this.#whenUp.push(resolve));
      await bounded(later, AWAIT_MS, () => problem("interrupted", `${method}: there is no connection to the server`));
    }
    if (!this.#socket || this.#isOver) throw problem("not_joined", `${method}: not in the room`);
    return this.#socket;
  }

  /** One try: a socket, and a connect that is accepted. Gives whether the server knew the connection. */
  async #connect(): Promise<boolean> {
    const socket: Socket = new Socket(this.#url, {
      alive: () => this.#silence !== undefined && this.#listen(),
      asked: (frame) => this.#asked(socket, frame),
      ended: () => this.#ended(socket),
    });
    this.#socket = socket;
    await bounded(socket.opened, OPEN_MS, () => problem("unreachable", `nobody answers at ${this.#url}`)).catch((error) => {
      socket.close();
      throw error;
    });
    const asked = this.#protocol;
    const frame = await this.#introduce(socket);
    const result = frame.result as ConnectResult;
    this.#keep(result);
    this.#isUp = true;
    this.#tellWaiting();
    return asked !== undefined && asked === result.protocol;
  }

  async #introduce(socket: Socket): Promise<Frame> {
    for (const isLast of [false, true]) {
      const frame = await socket.ask("signalwire.connect", this.#introduction());
      if (!frame.error) return frame;
      const { code = "401", message = "" } = frame.error as { code?: string | number; message?: string };
      if (isLast || message !== UNKNOWN_HERE) throw new AuthError(message, code, frame.error);
      this.#forget();
    }
    throw problem("server", "no answer");
  }

  #introduction(): Record<string, unknown> {
    const params: Record<string, unknown> = {
      version: { major: 3, minor: 0, revision: 0 },
      event_acks: true,
      agent: AGENT,
      authentication: { jwt_token: this.#token },
    };
    if (this.#protocol === undefined) return params;
    params.protocol = this.#protocol;
    if (this.#authorizationState !== undefined) params.authorization_state = this.#authorizationState;
    return params;
  }

  #keep({ protocol, ice_servers: iceServers = [], authorization }: ConnectResult): void {
    this.authorization = authorization;
    this.iceServers = iceServers;
    this.#protocol = protocol;
    this.#memory.set("protocol", protocol);
  }

  #asked(socket: Socket, { id, method, params = {} }: Frame): void {
    const answer = (result: unknown) => socket.send({ jsonrpc: "2.0", ...(id === undefined ? {} : { id }), result });
    if (method === "signalwire.ping") {
      this.#listen();
      answer({ timestamp: params.timestamp });
    } else if (method === "signalwire.event") {
      answer({});
      this.#told(params as unknown as EventFrame);
    } else if (method === "signalwire.disconnect") {
      answer({});
    }
  }

  #told(event: EventFrame): void {
    if (event.event_type === "signalwire.authorization.state") {
      this.#authorizationState = String(event.params.authorization_state);
      this.#memory.set("authorizationState", this.#authorizationState);
    } else {
      this.#listener.event(event);
    }
  }

  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.drop(), SILENT_MS);
  }

  #ended(socket: Socket): void {
    if (socket !== this.#socket) return;
    clearTimeout(this.#silence);
    this.#silence = undefined;
    const was = this.#isUp;
    this.#isUp = false;
    if (!was || this.#isOver) return;
    this.#listener.broke();
    void this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    for (let tries = 0; !this.#isOver; tries += 1) {
      const wait = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0;
      await this.#rest(wait * (0.75 + Math.random() / 2));
      if (this.#isOver) return;
      try {
        const same = await this.#connect();
        if (!this.#isOver) this.#listener.back(same);
        return;
      } catch (error) {
        this.#log.debug("not back yet", error);
        this.#socket?.close();
        if (error instanceof AuthError) return this.#listener.refused(error);
      }
    }
  }

  /** Waits; a network that comes back ends the wait. */
  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  readonly #hurry = (): void => this.#wake?.();

  #tellWaiting(): void {
    for (const go of this.#whenUp.splice(0)) go();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
