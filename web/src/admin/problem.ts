// What went wrong, as words that say so and what to do.

import { signal } from "@preact/signals";
import type { Words } from "../ui/warning.tsx";
import { NoPasskey } from "./account/passkey.ts";
import { base } from "./address.ts";
import { Trouble } from "./call.ts";
import { a, type AdminWord, language } from "./words/index.ts";

/** What went wrong last, to be told on top of the page. */
export const problem = signal<Error | null>(null);

const OF_STATUS: Record<number, readonly [title: AdminWord, text: AdminWord]> = {
  0: ["goneTitle", "goneText"],
  401: ["sessionOverTitle", "sessionOver"],
  403: ["notYoursTitle", "notYoursText"],
  404: ["nothingThereTitle", "nothingThereText"],
  503: ["busyTitle", "busyText"],
};

/** Seconds as words: "30 seconds". */
const wait = (seconds: number): string => new Intl.NumberFormat(language.value, { style: "unit", unit: "second", unitDisplay: "long" }).format(seconds);

/** An error in words. */
export function inWords(error: Error): Words {
  if (error instanceof NoPasskey) return { title: a("noPasskeyTitle"), text: a("noPasskeyText") };
  if (!(error instanceof Trouble)) return { title: a("failedTitle"), text: error.message };
  if (error.status === 429) return { title: a("tooOftenTitle"), text: a("tooOftenText", { time: wait(error.waits ?? 30) }) };
  const words = OF_STATUS[error.status];
  if (words) return { title: a(words[0]), text: a(words[1], { host: base.host }) };
  return { title: a("refusedTitle"), text: error.details.length > 0 ? a("refusedText", { reason: error.details.join("; ") }) : a("failedText") };
}

/** Why signing in did not work; there a 401 is about what was typed. */
export function aboutSignIn(error: Error, wrong: AdminWord): Words {
  if (error instanceof Trouble && error.status === 401) return { title: a("wrongTitle"), text: a(wrong) };
  if (error instanceof Trouble && error.status === 404) return { title: a("invitationOverTitle"), text: a("invitationOverText") };
  return inWords(error);
}
