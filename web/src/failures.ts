// What went wrong, as the words that say so and what to do. Pure: it touches neither page nor network.

import { RoomSessionError, type ErrorKind } from "../../sdk/src/index.ts";
import { base } from "./address.ts";
import type { TokenFacts } from "./token.ts";
import { type Parts, t, type Word } from "./words/index.ts";

/** A problem in words: names of words, so that it follows the language. */
export interface Problem {
  title: Word;
  text: Word;
  parts?: Parts;
}

/** Something that could not be done, with its words. */
export class Failure extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** Noise suppression or blur could not be started. */
export const effectFailed: Problem = { title: "effectFailedTitle", text: "effectFailedText" };

const ofDevice: Record<string, Problem> = {
  denied: { title: "deniedTitle", text: "deniedText" },
  no_device: { title: "noDeviceTitle", text: "noDeviceText" },
  device_busy: { title: "busyTitle", text: "busyText" },
  not_prepared: effectFailed,
};

const ofJoin: Partial<Record<ErrorKind, Problem>> = {
  ...ofDevice,
  auth: { title: "tokenTitle", text: "tokenText" },
  locked: { title: "lockedTitle", text: "lockedText" },
  full: { title: "fullTitle", text: "fullText" },
  not_found: { title: "noRoomTitle", text: "noRoomText" },
  unreachable: { title: "serverGoneTitle", text: "serverGoneText", parts: { host: base.host } },
  timeout: { title: "serverGoneTitle", text: "serverGoneText", parts: { host: base.host } },
  interrupted: { title: "serverGoneTitle", text: "serverGoneText", parts: { host: base.host } },
  not_admitted: { title: "notAdmittedTitle", text: "notAdmittedText" },
  no_media: { title: "noWayTitle", text: "noWayText" },
};

/** The server is not there. */
export const serverGone: Problem = { title: "serverGoneTitle", text: "serverGoneText", parts: { host: base.host } };

const because = (title: Word, error: unknown): Problem => {
  const reason = error instanceof Error ? error.message : String(error ?? "");
  return { title, text: "failedText", parts: { reason } };
};

const kindOf = (error: unknown): ErrorKind | null => (error instanceof RoomSessionError ? error.kind : null);

/** Camera or microphone could not be opened. */
export function aboutDevices(error: unknown): Problem {
  return ofDevice[kindOf(error) ?? ""] ?? because("deviceTitle", error);
}

/** Joining did not work; what the token says of its times makes the words exact. */
export function aboutJoin(error: unknown, token: TokenFacts | null, now: number = Date.now()): Problem {
  if (error instanceof Failure) return error.problem;
  const kind = kindOf(error);
  if (kind === "permission" || kind === "closed") return aboutTimes(token, now);
  return (kind && ofJoin[kind]) || because("joinFailedTitle", error);
}

function aboutTimes(token: TokenFacts | null, now: number): Problem {
  const isAhead = token?.opensAt != null && token.opensAt * 1000 > now;
  if (isAhead) return { title: "earlyTitle", text: "earlyText", parts: { time: moment(token.opensAt) } };
  const isPast = token?.closesAt != null && token.closesAt * 1000 <= now;
  if (isPast) return { title: "lateTitle", text: "lateText", parts: { time: moment(token.closesAt) } };
  return { title: "closedTitle", text: "closedText" };
}

const moment = (seconds: number | null): string =>
  new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }).format((seconds ?? 0) * 1000);

/** The room refused something. */
export function aboutRefusal(error: unknown): Problem {
  const kind = kindOf(error);
  if (kind === "permission") return { title: "forbiddenTitle", text: "forbiddenText" };
  if (kind === "too_often") return { title: "tooOftenTitle", text: "tooOftenText" };
  if (kind === "too_long") return { title: "tooLongTitle", text: "tooLongText" };
  return ofDevice[kind ?? ""] ?? because("failedTitle", error);
}

/** The exchange of a link gave no token; `status` is 0 when nobody answered. */
export function aboutLink(status: number): Problem {
  switch (status) {
    case 0:
      return serverGone;
    case 404:
      return { title: "linkUnknownTitle", text: "linkUnknownText" };
    case 422:
      return { title: "linkOverTitle", text: "linkOverText" };
    case 429:
      return { title: "linkBusyTitle", text: "linkBusyText" };
    default:
      return because("failedTitle", `status ${status}`);
  }
}

/** Dev's own token was not given. */
export function aboutDevToken(status: number): Problem {
  if (status === 0) return serverGone;
  if (status === 404 || status === 405) return { title: "inviteOnlyTitle", text: "inviteOnlyText" };
  if (status === 403) return { title: "foreignTitle", text: "foreignText" };
  return because("failedTitle", `status ${status}`);
}

/** The link has no key. */
export const keyMissing: Problem = { title: "noKeyTitle", text: "noKeyText" };

/** The problem's words in the language of the page. */
export const inWords = ({ title, text, parts }: Problem): { title: string; text: string } => ({ title: t(title, parts), text: t(text, parts) });
