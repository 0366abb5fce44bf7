// Room links: what somebody who was given one shows the server, to get a room token in their name.

import { problem, RoomSessionError, throwIfAborted } from "./errors.js";
import type { Abortable } from "./types/options.js";
import { socketUrl } from "./wire/token.js";

/** Of `exchangeLink()`. The link `https://rooms.example/r/NAME#KEY` has all but the visitor's name in it. */
export interface LinkOptions extends Abortable {
  /** Address of the server, `https://rooms.example` or as a RoomSession takes it. Default: the page's own. */
  host?: string;
  /** Name of the room, as it stands in the link behind `/r/`. */
  roomName: string;
  /** What stands behind the `#`. It is a secret: it belongs into no log and into no other address. */
  key: string;
  /** How the visitor is called in the room. */
  userName: string;
}

/**
 * Exchanges a room link for a room token, which a RoomSession takes. Needs no credentials but the link's key.
 * Rejects with the kind `not_found` (no such link, or revoked), `closed` (over or used up), `invalid` (a name that
 * may not be), `too_often` (wait; the message says how long), `unreachable` or `aborted`.
 *
 * ```ts
 * const token = await exchangeLink({ host, roomName: "lab", key: location.hash.slice(1), userName: "Ann" });
 * await new RoomSession({ token, host }).join();
 * ```
 */
export async function exchangeLink({ host, roomName, key, userName, signal }: LinkOptions): Promise<string> {
  for (const [name, value] of Object.entries({ roomName, key, userName })) {
    if (!value) throw problem("invalid", `${name} is missing`);
  }
  throwIfAborted(signal);
  const url = new URL("/api/video/link_tokens", socketUrl(host).replace(/^ws/, "http"));
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ room_name: roomName, key, user_name: userName }),
    signal,
  }).catch((error: unknown) => {
    throwIfAborted(signal);
    throw problem("unreachable", `nobody answers at ${url.origin}`, error);
  });
  const body = (await answer.json().catch(() => ({}))) as Answer;
  if (answer.ok && body.token) return body.token;
  throw refused(answer, body);
}

interface Answer {
  token?: string;
  error?: string;
  errors?: Array<{ code: string; message: string }>;
}

const KINDS = { 404: "not_found", 422: "invalid", 429: "too_often" } as const;

function refused({ status, headers }: Response, { error, errors }: Answer): RoomSessionError {
  const wait = headers.get("retry-after");
  const isOver = errors?.some(({ code }) => code === "invalid_state");
  const kind = isOver ? "closed" : KINDS[status as keyof typeof KINDS] ?? "server";
  const words = errors?.map(({ message }) => message).join("; ") ?? error ?? `the server answered ${status}`;
  const message = status === 429 && wait ? `${words}: again in ${wait} s` : words;
  return new RoomSessionError(message, { code: String(status), kind, cause: { error, errors } });
}
