// What is read to those who do not see: who comes, goes, is muted, speaks. One sentence at a time; in a crowd
// the latest counts, for nobody can listen to all.

import type { VideoMemberEntity } from "../../../sdk/src/index.ts";
import { t, type Word } from "../words/index.ts";
import { nameOf } from "./people.ts";
import type { Stay } from "./stay.ts";

/** Somebody who goes on speaking is named again so much later. */
const SPEAKS_AGAIN_MS = 20_000;

/** Says something to those who listen to the page. */
export function say(stay: Stay, word: Word, parts: Record<string, string> = {}): void {
  stay.said.value = t(word, parts);
}

const ownWords: Record<string, readonly [Word, Word]> = {
  audio_muted: ["saidYouMuted", "saidYouUnmuted"],
  video_muted: ["saidCameraOff", "saidCameraOn"],
};
const othersWords: Record<string, readonly [Word, Word | null]> = {
  audio_muted: ["saidMuted", "saidUnmuted"],
  handraised: ["saidHand", null],
};

/** Follows what is worth saying. */
export function announceEvents(stay: Stay): void {
  const { session } = stay;
  const spoke = new Map<string, number>();
  const called = (id: string) => {
    const member = stay.members.value.find((one) => one.id === id);
    return member && nameOf(stay, member);
  };
  session.on("member.joined", ({ member }) => {
    if (member.id !== stay.selfId.value) say(stay, "saidJoined", { name: nameOf(stay, member) });
  });
  session.on("member.left", ({ member }) => {
    const name = member.name ?? called(member.id);
    if (name) say(stay, "saidLeft", { name });
  });
  session.on("member.updated", ({ member }) => sayChange(stay, member, called(member.id)));
  session.on("member.talking", ({ member: { id, talking } }) => {
    const isOld = performance.now() - (spoke.get(id) ?? -SPEAKS_AGAIN_MS) >= SPEAKS_AGAIN_MS;
    const name = called(id);
    if (!talking || !isOld || !name || id === stay.selfId.value) return;
    spoke.set(id, performance.now());
    say(stay, "saidSpeaks", { name });
  });
}

type Change = Partial<VideoMemberEntity> & { id: string; updated: string[] };

function sayChange(stay: Stay, member: Change, name: string | undefined): void {
  const table = member.id === stay.selfId.value ? ownWords : othersWords;
  for (const field of member.updated) {
    const words = table[field];
    if (!words) continue;
    const word = Reflect.get(member, field) === true ? words[0] : words[1];
    if (word) say(stay, word, { name: name ?? t("somebody") });
  }
}
