// What one may read of the people in the room: names, the line of hands, and what the token permits.

import type { VideoMemberEntity } from "../../../sdk/src/index.ts";
import { t } from "../words/index.ts";
import type { Stay } from "./stay.ts";

/** One's own member, or undefined while one looks on. */
export const self = (stay: Stay): VideoMemberEntity | undefined => stay.members.value.find(({ id }) => id === stay.selfId.value);

/** How somebody is called, screens by whose they are. */
export function nameOf(stay: Stay, member: VideoMemberEntity): string {
  const owner = stay.members.value.find(({ id }) => id === member.parent_id);
  const name = (owner ?? member).name || t("somebody");
  if (member.type === "screen") return t("screenOf", { name });
  if (member.type === "device") return t("deviceOf", { name });
  return member.id === stay.selfId.value ? t("nameYou", { name }) : name;
}

/** Somebody's place in the line of raised hands, from 1; 0 where the hand is down. */
export function handPlace(stay: Stay, id: string): number {
  const line = [...stay.hands.value].sort(([, one], [, other]) => one - other);
  return line.findIndex(([member]) => member === id) + 1;
}

/** Whether one's token permits a thing: to oneself, to others, or to the room. */
export const may = (stay: Stay, permission: string): boolean => stay.permissions.value.has(`room.${permission}`);

/** Whether one may do a thing to a member. */
export function mayTo(stay: Stay, verb: string, member: VideoMemberEntity): boolean {
  const isOwn = member.id === stay.selfId.value || member.parent_id === stay.selfId.value;
  return may(stay, `${isOwn ? "self" : "member"}.${verb}`);
}
