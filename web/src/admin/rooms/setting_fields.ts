// The settings of a room: what they are called, how they stand in a form, and what of a form differs from a room.

import type { Room } from "../entities.ts";
import { a, type AdminWord } from "../words/index.ts";

/** Texts, with the most characters they may have. */
export const TEXTS: ReadonlyArray<readonly [name: string, words: AdminWord, most: number]> = [
  ["display_name", "displayName", 200],
  ["description", "description", 3000],
];

/** Numbers, with the largest they may be. */
export const NUMBERS: ReadonlyArray<readonly [name: string, words: AdminWord, most: number]> = [
  ["max_members", "maxMembers", 300],
  ["remove_after_seconds_elapsed", "removeAfter", 200000],
];

/** Moments. */
export const MOMENTS: ReadonlyArray<readonly [name: string, words: AdminWord]> = [
  ["join_from", "joinFrom"],
  ["join_until", "joinUntil"],
  ["remove_at", "removeAt"],
];

/** Yes or no. */
export const FLAGS: ReadonlyArray<readonly [name: string, words: AdminWord]> = [
  ["lobby", "lobby"],
  ["record_on_start", "recordOnStart"],
  ["enable_room_previews", "enablePreviews"],
  ["prioritize_handraise", "prioritizeHands"],
  ["tone_on_entry_and_exit", "tones"],
  ["meeting_mode", "meetingMode"],
  ["room_join_video_off", "roomVideoOff"],
  ["user_join_video_off", "userVideoOff"],
  ["blind_mode", "blindMode"],
  ["silent_mode", "silentMode"],
];

/** One of several; an empty text is the server's own choice. */
interface Choosable {
  name: string;
  words: AdminWord;
  options: ReadonlyArray<readonly [value: string, words: AdminWord | null]>;
}

const THREE = [["", "asServer"], ["true", "yes"], ["false", "no"]] as const;

export const CHOICES: readonly Choosable[] = [
  { name: "quality", words: "quality", options: [["720p", null], ["1080p", null]] },
  { name: "enable_chat", words: "chat", options: [["off", "chatOff"], ["members", "chatMembers"], ["all", "chatAll"]] },
  { name: "logos_visible", words: "logos", options: THREE },
  { name: "audio_video_sync", words: "lipSync", options: THREE },
];

/** Its options in words. */
export const optionsOf = ({ options }: Choosable): ReadonlyArray<readonly [string, string]> =>
  options.map(([value, words]) => [value, words ? a(words) : value] as const);

/** Objects, written as JSON. */
export const METAS: ReadonlyArray<readonly [name: string, words: AdminWord]> = [["meta", "meta"]];

/** A moment as a field of local time has it: without seconds where there are none. */
function local(moment: string): string {
  const date = new Date(moment);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19).replace(/(:\d\d):00$/, "$1");
}

const isOf = (list: ReadonlyArray<readonly [name: string, ...rest: unknown[]]>, name: string): boolean => list.some(([one]) => one === name);

/** A setting as it stands in its field. */
export function inField(room: Room, name: string): string {
  const value = room[name];
  if (value === null || value === undefined) return "";
  if (isOf(METAS, name)) return JSON.stringify(value, null, 2);
  return isOf(MOMENTS, name) ? local(String(value)) : String(value);
}

/** What stands in a field as REST takes it; null puts the setting back to its default. */
function fromField(name: string, text: string): unknown {
  if (text === "") return null;
  if (isOf(NUMBERS, name)) return Number(text);
  if (isOf(MOMENTS, name)) return new Date(text).toISOString();
  if (isOf(METAS, name)) return JSON.parse(text) as unknown;
  if (name === "logos_visible" || name === "audio_video_sync") return text === "true";
  return text;
}

/** What a form says otherwise than a room; an error where something cannot be read. */
export function changes(room: Room, form: HTMLFormElement): Record<string, unknown> | Error {
  const entries = new FormData(form);
  const changed: Record<string, unknown> = {};
  const names = [...TEXTS, ...NUMBERS, ...MOMENTS, ...METAS].map(([name]) => name as string).concat("layout", CHOICES.map(({ name }) => name));
  for (const [name] of FLAGS) if (entries.has(name) !== (room[name] === true)) changed[name] = entries.has(name);
  for (const name of names) {
    const text = String(entries.get(name) ?? "").trim();
    if (text === inField(room, name)) continue;
    try {
      changed[name] = fromField(name, text);
    } catch {
      return new Error(a("metaWrong", { example: `{"key": "value"}` }));
    }
  }
  return changed;
}
