// What one may do to a member, as far as one's token permits it.

import type { VideoMemberEntity } from "../../../sdk/src/index.ts";
import { attempt } from "../room/actions.ts";
import { may, mayTo } from "../room/people.ts";
import type { Stay } from "../room/stay.ts";
import type { IconName } from "../ui/icon.tsx";
import type { Word } from "../words/index.ts";
import { noteDemoted } from "./moved.tsx";

/** One thing that can be done. */
export interface Act {
  icon: IconName;
  words: Word;
  press: () => void;
}

type Method = "audioMute" | "audioUnmute" | "videoMute" | "videoUnmute";

const MUTES: ReadonlyArray<readonly [when: (member: VideoMemberEntity) => boolean, verb: string, method: Method, icon: IconName, words: Word]> = [
  [(member) => !member.audio_muted, "audio_mute", "audioMute", "microphoneOff", "muteThem"],
  [(member) => member.audio_muted, "audio_unmute", "audioUnmute", "microphone", "unmuteThem"],
  [(member) => !member.video_muted, "video_mute", "videoMute", "cameraOff", "stopTheirCamera"],
  [(member) => member.video_muted, "video_unmute", "videoUnmute", "camera", "startTheirCamera"],
];

/** Everything that may be done to a member but removing, which is asked about first, and moving. */
export function actionsOf(stay: Stay, member: VideoMemberEntity): Act[] {
  return [...mutes(stay, member), ...hand(stay, member), ...pin(stay, member), ...demote(stay, member)];
}

function mutes(stay: Stay, member: VideoMemberEntity): Act[] {
  // One's own microphone and camera have their buttons below the picture.
  if (member.id === stay.selfId.value) return [];
  const open = MUTES.filter(([when, verb]) => when(member) && mayTo(stay, verb, member));
  return open.map(([, , method, icon, words]) => {
    return { icon, words, press: () => void attempt(stay, () => stay.session[method]({ memberId: member.id })) };
  });
}

function hand(stay: Stay, member: VideoMemberEntity): Act[] {
  if (!member.handraised || member.id === stay.selfId.value || !mayTo(stay, "lowerhand", member)) return [];
  const lower = () => stay.session.setRaisedHand({ memberId: member.id, raised: false });
  return [{ icon: "hand", words: "lowerTheirHand", press: () => void attempt(stay, lower) }];
}

const PINNED = "highlight-1-responsive";

function pin(stay: Stay, member: VideoMemberEntity): Act[] {
  if (!may(stay, "set_layout") || !may(stay, "set_position")) return [];
  const large = () => stay.session.setLayout({ name: PINNED, positions: { [member.id]: "reserved-1" } });
  return [{ icon: "layout", words: "pin", press: () => void attempt(stay, large) }];
}

function demote(stay: Stay, member: VideoMemberEntity): Act[] {
  if (member.type !== "member" || member.id === stay.selfId.value || !may(stay, "member.demote")) return [];
  const move = async () => {
    if (await attempt(stay, () => stay.session.demote({ memberId: member.id }))) noteDemoted(member);
  };
  return [{ icon: "eye", words: "demote", press: () => void move() }];
}

/** Whether one may remove a member. */
export const mayRemove = (stay: Stay, member: VideoMemberEntity): boolean => may(stay, "member.remove") && member.id !== stay.selfId.value;

/** Whether there is anything that one may do to a member. */
export const hasActions = (stay: Stay, member: VideoMemberEntity): boolean =>
  actionsOf(stay, member).length > 0 || mayRemove(stay, member) || mayTo(stay, "set_position", member);
