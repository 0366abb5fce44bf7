// Clients of the settings door: socket.io of both majors and the plain WebSocket, one interface.

import io2 from "socket.io-client-2";
import WebSocket from "ws";
import { io as io4 } from "socket.io-client";

import { basic, expect } from "./rest.mjs";
import { until, within } from "./wait.mjs";

/** Calls under `/api/v1/auth`. */
export async function auth(server, path, { body, headers = {}, method = "POST" } = {}) {
  const answer = await fetch(`${server.http}/api/v1/auth/${path}`, {
    method,
    headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === "" ? null : JSON.parse(text) };
}

/** A session of a user, made by the application; gives its id. */
export async function session(server, wish) {
  const headers = { authorization: basic(server.project_id, server.api_token) };
  return expect(await auth(server, "sessions", { body: wish, headers }), 201).sessionId;
}

class Settings {
  constructor(name) {
    Object.assign(this, { name, pushes: [] });
  }

  heard(event, payload) {
    this.pushes.push({ event, payload });
  }

  /** The answer to an endpoint, whatever it is. */
  call(endpoint, data, event) {
    return within(10_000, `${this.name}: ${endpoint}`, this.ask(endpoint, { data, ...(event && { event }) }));
  }

  /** The data of an answer that must not be an error. */
  async ok(endpoint, data, event) {
    const answer = await this.call(endpoint, data, event);
    if (answer.error.status !== false) throw new Error(`${endpoint}: ${JSON.stringify(answer)}`);
    return answer.data;
  }

  /** The code of an answer that must be an error. */
  async refused(endpoint, data, event) {
    const { error } = await this.call(endpoint, data, event);
    if (error.status !== true) throw new Error(`${endpoint} was done`);
    return error.code;
  }

  mark() {
    return this.pushes.length;
  }

  /** The first push of this name after `since` that suits. */
  push(event, suits = () => true, { since = 0, within: ms = 5_000 } = {}) {
    return until(`${this.name} is told ${event}`, () => {
      const found = this.pushes.slice(since).find((push) => push.event === event && suits(push.payload.data));
      return found?.payload.data;
    }, { within: ms });
  }

  names(since = 0) {
    return this.pushes.slice(since).map(({ event }) => event);
  }
}

const EVENTS = [
  "user_info", "room:settingsUpdated", "videochat:started", "videochat:videochatEnded", "videochat:videochatStatusUpdated",
  "videochat:identityConnected", "videochat:identityDisconnected", "videochat:participantIdentityUpdated",
  "videochat:conferencePromotionRequested", "videochat:conferencePromotionDeclined", "videochat:shareScreenStarted",
  "videochat:shareScreenStopped", "videochat:liveStreamStarted", "videochat:liveStreamStopped", "room:videochatPresenterChanged", "room:videochatCoPresenterChanged",
];

/** socket.io: major 2 is how the product's web client connects, 4 is today's. */
function overSocketIo(io, server, name, sessionId) {
  const it = new Settings(name);
  const socket = io(server.http, {
    path: "/socket", transports: ["websocket"], upgrade: false, forceNew: true, reconnection: false,
    query: sessionId === undefined ? {} : { sessionId },
  });
  for (const event of EVENTS) socket.on(event, (payload) => it.heard(event, payload));
  socket.on("disconnect", () => (it.isClosed = true));
  it.ask = (endpoint, body) => new Promise((resolve) => socket.emit(endpoint, body, resolve));
  it.raw = socket;
  it.close = () => socket.close();
  return it;
}

function overWebSocket(server, name, sessionId) {
  const it = new Settings(name);
  const socket = new WebSocket(`${server.ws}/ws?sessionId=${sessionId ?? ""}`);
  const waiting = new Map();
  let last = 0;
  socket.onmessage = ({ data }) => {
    const { endpoint, event, ...rest } = JSON.parse(data);
    const resolve = waiting.get(event?.id);
    if (!resolve) return it.heard(endpoint, rest);
    waiting.delete(event.id);
    resolve(rest);
  };
  socket.onclose = () => (it.isClosed = true);
  it.ask = async (endpoint, body) => {
    await until("the socket is open", () => socket.readyState === WebSocket.OPEN);
    // Answers are told apart by the id, which is part of the protocol here.
    const id = body.event?.id ?? `own-${(last += 1)}`;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ endpoint, ...body, event: { ...body.event, id } }));
    });
  };
  it.raw = socket;
  it.close = () => socket.close();
  return it;
}

const DOORS = {
  io2: (...args) => overSocketIo(io2, ...args),
  io4: (...args) => overSocketIo(io4, ...args),
  ws: overWebSocket,
};

/** A client of that kind with a session of its own; `wish` is what the session is made with. */
export async function person(server, name, wish = {}, door = "io2") {
  const sessionId = await session(server, { user_id: name.toLowerCase(), name, ...wish });
  const it = DOORS[door](server, name, sessionId);
  it.sessionId = sessionId;
  await it.push("user_info");
  return it;
}

/** A client with this session id, or none, that is told nothing at first. */
export const stranger = (server, name, sessionId, door = "io2") => DOORS[door](server, name, sessionId);
