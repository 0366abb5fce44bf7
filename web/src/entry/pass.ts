// The token with which somebody goes in: where it comes from, and that a link is used once for each person and
// tab, however often they press Join.

import { base, type Invitation } from "../address.ts";
import { aboutDevToken, aboutLink, Failure, keyMissing } from "../failures.ts";
import { keepHere, keptHere } from "../kept.ts";
import { readToken, type TokenFacts } from "../token.ts";

/** A token, what it says, and whether it was got before. */
export interface Pass {
  token: string;
  facts: TokenFacts;
  isKept: boolean;
}

const slot = "pass";
/** Which link a kept token is of; its key is kept no further than the token itself. */
const mark = ({ room, key }: { room: string; key: string }): string => `${room}#${key}`;

interface Kept {
  of: string;
  token: string;
}

function isKept(value: unknown): value is Kept {
  return typeof value === "object" && value !== null && "of" in value && "token" in value && typeof value.of === "string" && typeof value.token === "string";
}

function parse(text: string | null): Kept | null {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return isKept(value) ? value : null;
  } catch {
    return null;
  }
}

let inMemory: Kept | null = parse(keptHere(slot));

/** What is known of the token before anybody presses anything; null when it has to be asked for. */
export function passNow(invitation: Invitation): Pass | null {
  if (invitation.by === "token") return made(invitation.token, true);
  if (invitation.by !== "link" || inMemory?.of !== mark(invitation)) return null;
  return made(inMemory.token, true);
}

function made(token: string, isKept: boolean): Pass | null {
  const facts = readToken(token);
  return facts && { token, facts, isKept };
}

/** Forgets the link's token: it was refused, or is to carry another name. */
export function forgetPass(): void {
  inMemory = null;
  keepHere(slot, null);
}

/** Gets a token in somebody's name. */
export async function askPass(invitation: Invitation, name: string): Promise<Pass> {
  const before = passNow(invitation);
  if (before) return before;
  const token = invitation.by === "link" ? await exchange(invitation, name) : await askDev(invitation, name);
  const pass = made(token, false);
  if (!pass) throw new Failure(aboutLink(200));
  return pass;
}

async function exchange(link: { room: string; key: string }, name: string): Promise<string> {
  if (!link.key) throw new Failure(keyMissing);
  const { status, json } = await post("api/video/link_tokens", { room_name: link.room, key: link.key, user_name: name });
  const token = textOf(json, "token");
  if (!token) throw new Failure(aboutLink(status));
  inMemory = { of: mark(link), token };
  keepHere(slot, JSON.stringify(inMemory));
  return token;
}

async function askDev(invitation: Invitation, name: string): Promise<string> {
  const { room, watches } = invitation.by === "dev" ? invitation : { room: null, watches: false };
  const asked = { user_name: name, join_as: watches ? "audience" : "member", ...(room ? { room_name: room } : {}) };
  const { status, json } = await post("dev/token", asked);
  const token = textOf(json, "token");
  if (!token) throw new Failure(aboutDevToken(status));
  return token;
}

/** Whether this server gives tokens to whoever opens its page; null when it does not answer. */
export async function isDev(): Promise<boolean | null> {
  const answer = await fetch(new URL("dev/token", base), { method: "HEAD" }).catch(() => null);
  return answer && answer.status !== 404;
}

async function post(path: string, body: object): Promise<{ status: number; json: unknown }> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(new URL(path, base), { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
  return { status: answer?.status ?? 0, json: await answer?.json().catch(() => null) };
}

function textOf(json: unknown, name: string): string | null {
  if (typeof json !== "object" || json === null) return null;
  const value: unknown = Reflect.get(json, name);
  return typeof value === "string" ? value : null;
}
