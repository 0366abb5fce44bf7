// One WebSocket and what was asked over it. It knows nothing of what comes after its end.

import { bounded, problem, type RoomSessionError } from "../errors.js";
import { type Frame, uuid } from "./frames.js";

/** The server gives up after nine seconds, so that its word comes first. */
const ANSWER_MS = 10_000;

interface Question {
  resolve(frame: Frame): void;
  reject(error: RoomSessionError): void;
}

/** What a socket tells. */
export interface SocketListener {
  /** Something came: the line is alive. */
  alive(): void;
  /** The server asks for something or tells an event. */
  asked(frame: Frame): void;
  /** It is over, once, for whatever reason. */
  ended(): void;
}

export class Socket {
  readonly #socket: WebSocket;
  readonly #questions = new Map<string, Question>();
  readonly #listener: SocketListener;
  readonly opened: Promise<void>;
  #isOver = false;

  constructor(url: string, listener: SocketListener) {
    this.#listener = listener;
    this.#socket = new WebSocket(url);
    this.opened = new Promise((resolve, reject) => {
      this.#socket.onopen = () => resolve();
      this.#socket.onclose = () => {
        reject(problem("unreachable", `nobody answers at ${url}`));
        this.#end();
      };
    });
    this.opened.catch(() => {});
    this.#socket.onmessage = ({ data }) => this.#take(data);
  }

  /** Sends a request and gives the whole frame that answers it. */
  ask(method: string, params: Record<string, unknown>, ms = ANSWER_MS): Promise<Frame> {
    const id = uuid();
    const answer = new Promise<Frame>((resolve, reject) => this.#questions.set(id, { resolve, reject }));
    this.send({ jsonrpc: "2.0", id, method, params });
    const late = () => problem("timeout", `${method} was not answered within ${ms / 1000} s`);
    return bounded(answer, ms, late).finally(() => this.#questions.delete(id));
  }

  send(frame: Frame): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** Ends it at once; a dead network would let the browser wait for half a minute. */
  close(): void {
    this.#socket.close();
    this.#end();
  }

  #take(text: unknown): void {
    if (this.#isOver) return;
    this.#listener.alive();
    const frame = parse(text);
    if (!frame) return;
    if (frame.method !== undefined) this.#listener.asked(frame);
    else this.#questions.get(frame.id ?? "")?.resolve(frame);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const broken = problem("interrupted", "the connection broke before the answer came");
    for (const question of this.#questions.values()) question.reject(broken);
    this.#questions.clear();
    this.#listener.ended();
  }
}

function parse(text: unknown): Frame | null {
  try {
    const value = JSON.parse(String(text)) as unknown;
    return value && typeof value === "object" ? (value as Frame) : null;
  } catch {
    return null;
  }
}
