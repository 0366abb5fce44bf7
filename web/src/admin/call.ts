// Asking the server. What it refuses is thrown with all that its answer says; nothing else knows of HTTP.

import { batch } from "@preact/signals";
import { account, type Account, project, whySignedOut } from "./account/state.ts";
import { own, rest } from "./address.ts";

/** Why something was not done. */
export class Trouble extends Error {
  /** Status of the answer; 0 when there was none. */
  readonly status: number;
  /** What is wrong, in the server's words. */
  readonly details: string[];
  /** Seconds after which it may be tried again. */
  readonly waits: number | null;

  constructor(status: number, details: string[] = [], waits: number | null = null) {
    super(details.join("; ") || `status ${status}`);
    this.status = status;
    this.details = details;
    this.waits = waits;
  }
}

/** Base64 of UTF-8, as RFC 7617 has it. */
const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** Who asks, as headers; a token wins over any cookie. */
export function credentials(by: Account | null): RequestInit {
  if (by?.by !== "token") return { credentials: "same-origin", headers: project.value ? { "X-Rotunda-Project": project.value } : {} };
  return { credentials: "omit", headers: { Authorization: `Basic ${base64(`${by.project}:${by.token}`)}` } };
}

interface Errors {
  errors?: Array<{ message?: string }>;
  message?: string;
}

async function troubleOf(answer: Response): Promise<Trouble> {
  const said = (await answer.json().catch(() => ({}))) as Errors;
  const details = said.errors?.map(({ message }) => message ?? "") ?? [said.message ?? ""];
  const waits = Number(answer.headers.get("Retry-After"));
  return new Trouble(answer.status, details.filter((one) => one !== ""), waits > 0 ? waits : null);
}

async function send<Answer>(url: URL, method: string, how: RequestInit, body?: unknown): Promise<Answer> {
  const headers = new Headers(how.headers);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const request = { ...how, method, headers, cache: "no-store" as const, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await fetch(url, request).catch(() => null);
  if (!answer) throw new Trouble(0);
  if (!answer.ok) throw await troubleOf(answer);
  return (answer.status === 204 ? null : await answer.json()) as Answer;
}

/** The session is over, or the token was revoked: back to signing in, with words. */
export function shutOut(): void {
  batch(() => {
    account.value = null;
    whySignedOut.value = "sessionOver";
  });
}

async function asking<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const before = account.value;
  try {
    return await send<Answer>(rest(path), method, credentials(before), body);
  } catch (trouble) {
    if (trouble instanceof Trouble && trouble.status === 401 && before && before === account.value) shutOut();
    throw trouble;
  }
}

/** Asks REST, as whoever is signed in. */
export const get = <Answer>(path: string): Promise<Answer> => asking("GET", path);
export const post = <Answer>(path: string, body: unknown): Promise<Answer> => asking("POST", path, body);
export const put = <Answer>(path: string, body: unknown): Promise<Answer> => asking("PUT", path, body);
export const remove = (path: string): Promise<void> => asking("DELETE", path);

/** Whether a token opens its project. */
export const tryToken = (by: Account): Promise<unknown> => send(rest("rooms?page_size=1"), "GET", credentials(by));

/** Asks what belongs to operators themselves. */
export const askOwn = <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => send(own(path), method, { credentials: "same-origin" }, body);
