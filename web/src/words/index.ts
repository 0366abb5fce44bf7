// In which language the page speaks, and its words. English is there at once, others are fetched when chosen.

import { batch, signal } from "@preact/signals";
import { kept, keep } from "../kept.ts";
import { en } from "./en.ts";

/** Names of all words. */
export type Word = keyof typeof en;
/** All words in one language. */
export type Catalogue = Record<Word, string>;
/** What is put into a text. */
export type Parts = Record<string, string | number>;

/** Languages by their tags, each with its own name for itself and how its words are fetched. */
export const LANGUAGES = {
  en: { name: "English", words: async (): Promise<Catalogue> => en },
  de: { name: "Deutsch", words: async (): Promise<Catalogue> => (await import("./de.ts")).de },
  es: { name: "Español", words: async (): Promise<Catalogue> => (await import("./es.ts")).es },
  fr: { name: "Français", words: async (): Promise<Catalogue> => (await import("./fr.ts")).fr },
  ar: { name: "العربية", words: async (): Promise<Catalogue> => (await import("./ar.ts")).ar },
} as const;

/** Tag of a language. */
export type Language = keyof typeof LANGUAGES;

/** The language of the page. */
export const language = signal<Language>("en");
const catalogue = signal<Catalogue>(en);

const isLanguage = (tag: string): tag is Language => Object.hasOwn(LANGUAGES, tag);

/** The words of a name, with the parts put in. */
export function t(word: Word, parts: Parts = {}): string {
  return catalogue.value[word].replace(/\{(\w+)\}/g, (whole, name: string) => String(parts[name] ?? whole));
}

/** Fetches the words of another catalogue; what it gives makes the page speak them. */
export type Further = (tag: Language) => Promise<() => void>;

const further: Further[] = [];

/** Has another catalogue follow the language of this one. */
export const speakAlso = (catalogueToo: Further): void => void further.push(catalogueToo);

/** Speaks another language from now on; stays with what it was when the words cannot be fetched. */
export async function speak(tag: Language): Promise<void> {
  const others = Promise.all(further.map((fetchWords) => fetchWords(tag)));
  const fetched = await Promise.all([LANGUAGES[tag].words(), others]).catch(() => null);
  if (!fetched) return;
  const [words, takes] = fetched;
  batch(() => {
    catalogue.value = words;
    takes.forEach((take) => take());
    language.value = tag;
  });
  Object.assign(document.documentElement, { lang: tag, dir: tag === "ar" ? "rtl" : "ltr" });
}

/** Speaks another language, now and the next time. */
export function choose(tag: Language): Promise<void> {
  keep("language", tag);
  return speak(tag);
}

/** The language chosen before, else the first of the browser's that there is. */
export function preferred(): Language {
  const wanted = [kept("language") ?? "", ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())];
  return wanted.find(isLanguage) ?? "en";
}
