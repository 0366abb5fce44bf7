// Times, sizes and rates in the language of the page.

import { language } from "./words/index.ts";

/** Day and time of a moment. */
export function when(moment: string | number | null): string {
  if (moment === null) return "";
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }).format(new Date(moment));
}

/** Time of day, to the second. */
export const clock = (moment: number): string => new Intl.DateTimeFormat(language.value, { timeStyle: "medium" }).format(moment);

/** Hours, minutes and seconds: `1:02:03`. */
export function lasting(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number: number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}

/** How long ago a moment is. */
export const since = (moment: string): string => lasting((Date.now() - Date.parse(moment)) / 1000);

const unit = (number: number, name: string, digits = 0): string =>
  new Intl.NumberFormat(language.value, { style: "unit", unit: name, maximumFractionDigits: digits }).format(number);

/** Bytes, in what they are best said in. */
export function size(bytes: number): string {
  if (bytes < 1e6) return unit(bytes / 1e3, "kilobyte");
  return bytes < 1e9 ? unit(bytes / 1e6, "megabyte", 1) : unit(bytes / 1e9, "gigabyte", 1);
}

/** What is not known is a dash. */
const known = (number: number | null, say: (number: number) => string): string => (number === null ? "–" : say(number));

/** Kilobits a second. */
export const rate = (kbps: number): string => unit(kbps, "kilobit-per-second");
/** Milliseconds. */
export const delay = (ms: number | null): string => known(ms, (number) => unit(number, "millisecond"));
/** Percent. */
export const percent = (part: number | null): string => known(part, (number) => unit(number, "percent", 1));
