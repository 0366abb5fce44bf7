// The words of the operator's page, a catalogue of their own so that the page of a room need not load them. They
// follow the language of that page's, from which come the words that both have.

import { signal } from "@preact/signals";
import { type Language, type Parts, speakAlso } from "../../words/index.ts";
import { en } from "./en.ts";

export { language } from "../../words/index.ts";

/** Names of all words. */
export type AdminWord = keyof typeof en;
type Catalogue = Record<AdminWord, string>;

const fetchers: Record<Language, () => Promise<Catalogue>> = {
  en: async () => en,
  de: async () => (await import("./de.ts")).de,
  es: async () => (await import("./es.ts")).es,
  fr: async () => (await import("./fr.ts")).fr,
  ar: async () => (await import("./ar.ts")).ar,
};

const catalogue = signal<Catalogue>(en);

speakAlso(async (tag) => {
  const words = await fetchers[tag]();
  return () => (catalogue.value = words);
});

/** The words of a name, with the parts put in. */
export function a(word: AdminWord, parts: Parts = {}): string {
  return catalogue.value[word].replace(/\{(\w+)\}/g, (whole, name: string) => String(parts[name] ?? whole));
}
