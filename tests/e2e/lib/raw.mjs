// A connection to the rooms' door without a leg, in raw frames: what waits in a lobby, or listens as an application.

import WebSocket from "ws";

import { PATIENCE, until, within } from "./wait.mjs";

/** Connects with a room token, or as an application with `{project, token}`; `resume` is what `keeps()` gave. */
export async function raw(url, authentication, resume = {}) {
  const socket = new WebSocket(url);
  const answers = new Map();
  const events = [];
  const kept = { ...resume };
  let asked = 0;
  socket.on("message", (text) => {
    const frame = JSON.parse(text);
    if (!frame.method) return answers.get(frame.id)?.(frame);
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: frame.id, result: frame.method === "signalwire.ping" ? { timestamp: frame.params.timestamp } : {} }));
    if (frame.method !== "signalwire.event") return;
    const { event_type: name, params } = frame.params;
    if (name === "signalwire.authorization.state") kept.authorization_state = params.authorization_state;
    else events.push({ name, params });
  });
  await within(10_000, "the socket opens", new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  }));

  /** The frame that answers. */
  function frame(method, params = {}) {
    asked += 1;
    const id = `${method}-${asked}`;
    const answer = new Promise((resolve) => answers.set(id, resolve));
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return within(10_000, `${method} is answered`, answer);
  }

  const { result, error } = await frame("signalwire.connect", {
    version: { major: 3, minor: 0, revision: 0 }, event_acks: true, agent: "raw",
    authentication: typeof authentication === "string" ? { jwt_token: authentication } : authentication, ...resume,
  });
  if (error) throw new Error(`not connected: ${JSON.stringify(error)}`);
  kept.protocol = result.protocol;
  return {
    events,
    /** What the server answers, refusals included: `{code, message, …}`. */
    ask: async (method, params) => (await frame(method, params)).result,
    /** The first event of that name that suits, after `since`. */
    event: (name, suits = () => true, { since = 0, within: ms = PATIENCE } = {}) =>
      until(`${name} comes`, () => events.slice(since).find((event) => event.name === name && suits(event.params)), { within: ms }).then(({ params }) => params),
    /** What takes the connection up again. */
    keeps: () => ({ ...kept }),
    isClosed: () => socket.readyState === WebSocket.CLOSED,
    close: () => socket.close(),
  };
}
