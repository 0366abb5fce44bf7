// What is said, in letters. The area is there only while some come.

import { signal } from "@preact/signals";
import type { CaptionEvent } from "../../../sdk/src/index.ts";
import { t } from "../words/index.ts";
import type { Stay } from "./stay.ts";

/** One person's latest words. */
interface Line {
  id: string;
  name: string;
  /** What is settled, and what may still change. */
  settled: string;
  open: string;
  lang: string;
  timer: ReturnType<typeof setTimeout>;
}

/** So long after its last piece a line is gone. */
const STAYS_MS = 8_000;
const MOST_LINES = 3;
/** Of a long speech its end is shown. */
const MOST_CHARACTERS = 220;

const lines = signal<readonly Line[]>([]);
/** Whether one wants to see them, and whether any came. */
export const areWanted = signal(true);
export const came = signal(false);

/** Follows the captions. */
export function hearCaptions({ session }: Stay): void {
  session.on("room.joined", () => (came.value = false));
  session.on("captions.pushed", (piece) => {
    came.value = true;
    take(piece);
  });
}

function take({ member_id: member, name, text, final: isFinal, lang }: CaptionEvent): void {
  const id = member ?? "";
  const before = lines.value.find((line) => line.id === id);
  if (before) clearTimeout(before.timer);
  const said = before?.settled ?? "";
  const settled = isFinal ? `${said} ${text}`.trim().slice(-MOST_CHARACTERS) : said;
  const timer = setTimeout(() => (lines.value = lines.value.filter((line) => line.id !== id)), STAYS_MS);
  const line: Line = { id, name, settled, open: isFinal ? "" : text, lang, timer };
  lines.value = [...lines.value.filter((one) => one.id !== id), line].slice(-MOST_LINES);
}

/** The area over the lower edge of the picture. */
export function Captions() {
  if (!areWanted.value || lines.value.length === 0) return null;
  return (
    <section class="captions" aria-label={t("captions")}>
      {lines.value.map(({ id, name, settled, open, lang }) => (
        <p key={id} lang={lang} dir="auto"><strong>{name || t("somebody")}</strong> {settled} <span class="open">{open}</span></p>
      ))}
    </section>
  );
}
