// What can be done about somebody; removing is asked about first.

import { useState } from "preact/hooks";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { attempt } from "../fresh.ts";
import { Ask } from "../parts/ask.tsx";
import { a, type AdminWord } from "../words/index.ts";
import { act } from "./act.ts";
import type { Somebody } from "./members.tsx";

type Action = readonly [action: string, words: AdminWord, icon: IconName];

function actionsOf({ member, type }: Somebody): Action[] {
  if (!member) return [["promote", "promote", "people"]];
  const sound: Action = member.audio_muted ? ["audio_unmute", "unmuteSound", "microphone"] : ["audio_mute", "muteSound", "microphoneOff"];
  const picture: Action = member.video_muted ? ["video_unmute", "unmutePicture", "camera"] : ["video_mute", "mutePicture", "cameraOff"];
  if (type !== "member") return [sound, picture];
  const hearing: Action = member.deaf ? ["undeaf", "undeafen", "speaker"] : ["deaf", "deafen", "speaker"];
  const hand: Action[] = member.handraised ? [["lowerhand", "lowerHand", "hand"]] : [];
  return [sound, picture, hearing, ...hand, ["demote", "demote", "eye"]];
}

interface MemberActionsProps {
  session: string;
  one: Somebody;
  name: string;
  close: () => void;
}

/** The list of actions, below whom they are about. */
export function MemberActions({ session, one, name, close }: MemberActionsProps) {
  const [isAsking, setAsking] = useState(false);
  const press = async (action: string) => {
    if (await attempt(() => act(session, action, { member_id: one.id }))) close();
  };
  return (
    <div class="acts">
      {actionsOf(one).map(([action, words, icon]) => (
        <button key={action} type="button" class="menu-entry" onClick={() => void press(action)}><Icon name={icon} />{a(words)}</button>
      ))}
      <button type="button" class="menu-entry danger" onClick={() => setAsking(true)}><Icon name="close" />{a("removeMember")}</button>
      {isAsking && <RemoveDialog session={session} one={one} name={name} close={() => setAsking(false)} />}
    </div>
  );
}

function RemoveDialog({ session, one, name, close }: MemberActionsProps) {
  const [keepOut, setKeepOut] = useState(false);
  const isPerson = one.type === "member" || one.type === "audience";
  const about = { member_id: one.id, ...(keepOut && { keep_out: true }) };
  return (
    <Ask title={a("removeTitle", { name })} verb={a("removeMember")} act={() => act(session, "remove", about)} close={close}>
      <p>{a("removeText")}</p>
      {isPerson && (
        <label class="check">
          <input type="checkbox" checked={keepOut} onChange={({ currentTarget }) => setKeepOut(currentTarget.checked)} />
          {a("keepOut")}
        </label>
      )}
    </Ask>
  );
}
