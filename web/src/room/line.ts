// How the connection does: what is wrong with it and what is being done, and how good people's lines are.

import { effect, signal } from "@preact/signals";
import type { NetworkQualityEvent } from "../../../sdk/src/index.ts";
import { t, type Word } from "../words/index.ts";
import type { Stay } from "./stay.ts";

type Quality = NetworkQualityEvent["network_quality"];

/** From here on the server calls a line poor. */
const MUCH_LOST_PERCENT = 10;
const LONG_MS = 800;
const UNEVEN_MS = 150;
/** Other reasons for the same weakness are told so long after the last. */
const REPEATED_AFTER_MS = 30_000;

const isAtLeast = (figure: number | null, bound: number): boolean => figure !== null && figure >= bound;

/** What is said of one's own line, and of what. */
export interface Known {
  level: Quality["level"];
  picture: Quality["picture"];
  words: Word[];
  at: number;
}

function reasons({ level, picture, round_trip_ms: roundTrip, down, up }: Quality): Word[] {
  if (level === "good") return [];
  const said: Word[] = [];
  if (picture === "none") said.push("lineStill");
  if (picture === "half" || picture === "quarter") said.push("lineSmall");
  if (isAtLeast(down.loss_percent, MUCH_LOST_PERCENT)) said.push("lineDown");
  if (isAtLeast(up.loss_percent, MUCH_LOST_PERCENT)) said.push("lineUp");
  const isUneven = [down, up].some(({ jitter_ms: jitter }) => isAtLeast(jitter, UNEVEN_MS));
  if (isAtLeast(roundTrip, LONG_MS) || isUneven) said.push("lineSlow");
  return said;
}

/**
 * What somebody is to know of their own line after a reading at `now` (ms), given what they know. It is read
 * aloud to some, so that of a line that is as weak as before another reason is not given at once; and a poor
 * line without a reason in its figures keeps the words it had.
 */
export function aboutLine(quality: Quality, before: Known | null, now: number): Known {
  const { level, picture } = quality;
  const isAsBefore = before?.level === level && before.picture === picture && before.words.length > 0;
  if (before && isAsBefore && now - before.at < REPEATED_AFTER_MS) return before;
  const words = reasons(quality);
  if (words.length > 0 || level !== "poor") return { level, picture, words, at: now };
  return { level, picture, words: before?.words.length ? before.words : ["lineWeak"], at: now };
}

/** Follows the connection and the lines. */
export function hearLine(stay: Stay): void {
  const { session } = stay;
  const trouble = signal<Word | null>(null);
  const known = signal<Known | null>(null);
  session.on("connection.changed", ({ state, signalling, media }) => {
    const isWell = state === "connected" && signalling && media;
    trouble.value = isWell ? null : media ? "lineSocket" : "lineLost";
  });
  session.on("room.joined", () => (known.value = null));
  session.on("member.network_quality", ({ member, network_quality: quality }) => {
    stay.lines.value = new Map(stay.lines.value).set(member.id, quality.level);
    if (member.id === stay.selfId.value) known.value = aboutLine(quality, known.value, performance.now());
  });
  effect(() => void (stay.banner.value = trouble.value ? t(trouble.value) : ""));
  effect(() => void (stay.weakness.value = (known.value?.words ?? []).map((word) => t(word)).join(" ")));
}
