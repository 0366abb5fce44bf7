// Who is in the room and how they are, with what one may do to them.

import { signal } from "@preact/signals";
import type { VideoMemberEntity } from "../../../sdk/src/index.ts";
import { handPlace, nameOf } from "../room/people.ts";
import type { Stay } from "../room/stay.ts";
import { Icon } from "../ui/icon.tsx";
import { t } from "../words/index.ts";
import { hasActions } from "./acts.ts";
import { LobbyList } from "./lobby.tsx";
import { Panel } from "./panel.tsx";
import { PersonActions } from "./person.tsx";
import { demoted, MovedPeople } from "./moved.tsx";

/** Whose actions are open. */
const opened = signal("");

/** Everybody who takes part, raised hands first in their line. */
function inOrder(stay: Stay): VideoMemberEntity[] {
  const rank = (member: VideoMemberEntity) => handPlace(stay, member.id) || Number.POSITIVE_INFINITY;
  return [...stay.members.value].sort((one, other) => {
    const [first, second] = [rank(one), rank(other)];
    return first === second ? 0 : first - second;
  });
}

/** The panel. */
export function PeoplePanel({ stay }: { stay: Stay }) {
  const people = inOrder(stay);
  return (
    <Panel stay={stay} title={`${t("people")} · ${people.filter(({ type }) => type === "member").length}`}>
      <div class="panel-body">
        <LobbyList stay={stay} />
        {people.length === 0 && <p class="soft">{t("nobodyYet")}</p>}
        <ul class="people" aria-label={t("people")}>{people.map((member) => <Person key={member.id} stay={stay} member={member} />)}</ul>
        {stay.room.value.audience > 0 && <p class="audience"><Icon name="eye" />{t("watching", { n: stay.room.value.audience })}</p>}
        {demoted.value.length > 0 && <MovedPeople stay={stay} />}
      </div>
    </Panel>
  );
}

function Person({ stay, member }: { stay: Stay; member: VideoMemberEntity }) {
  const name = nameOf(stay, member);
  const isOpen = opened.value === member.id;
  const isTalking = stay.talking.value.has(member.id) && !member.audio_muted;
  return (
    <li class={isTalking ? "person talking" : "person"}>
      <span class="avatar" aria-hidden="true">{member.type === "member" ? initials(member.name) : <Icon name="screen" />}</span>
      <span class="person-words">
        <span class="person-name">{name}</span>
        <span class="person-state">{stateOf(stay, member, isTalking).join(" · ")}</span>
      </span>
      <States stay={stay} member={member} />
      {hasActions(stay, member) && (
        <button
          type="button" class="icon-button" aria-expanded={isOpen} aria-label={t("actionsFor", { name })}
          onClick={() => (opened.value = isOpen ? "" : member.id)}
        >
          <Icon name="more" />
        </button>
      )}
      {isOpen && <PersonActions stay={stay} member={member} close={() => (opened.value = "")} />}
    </li>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words.slice(0, 2).map((word) => [...word][0] ?? "");
  return first.join("").toLocaleUpperCase() || "?";
}

function stateOf(stay: Stay, member: VideoMemberEntity, isTalking: boolean): string[] {
  const hand = handPlace(stay, member.id);
  const said: string[] = [];
  if (hand > 0) said.push(t("handUpPlace", { n: hand }));
  if (member.media_lost) said.push(t("noLine"));
  else if (stay.lines.value.get(member.id) === "poor") said.push(t("weakLine"));
  if (isTalking) said.push(t("speaking"));
  if (member.audio_muted && member.type === "member") said.push(t("muted"));
  if (member.video_muted && member.type === "member") said.push(t("cameraOffState"));
  return said;
}

function States({ stay, member }: { stay: Stay; member: VideoMemberEntity }) {
  const isWeak = member.media_lost === true || stay.lines.value.get(member.id) === "poor";
  return (
    <span class="states" aria-hidden="true">
      {isWeak && <Icon name="warning" />}
      {handPlace(stay, member.id) > 0 && <Icon name="hand" />}
      {member.audio_muted && member.type === "member" && <Icon name="microphoneOff" />}
      {member.video_muted && member.type === "member" && <Icon name="cameraOff" />}
    </span>
  );
}
