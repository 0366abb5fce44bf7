// The people in a session: what they send, how their lines are, and what can be done about them.

import { useState } from "preact/hooks";
import { Icon, type IconName } from "../../ui/icon.tsx";
import type { Line, Live, Member, Quality } from "../entities.ts";
import { delay, percent, rate } from "../format.ts";
import { Empty } from "../parts/reading.tsx";
import { a, type AdminWord } from "../words/index.ts";
import { MemberActions } from "./member_actions.tsx";

/** Somebody here, who takes part or looks on. */
export interface Somebody {
  id: string;
  name: string;
  type: Line["type"];
  member: Member | null;
  quality: Quality | null;
}

function everybody(live: Live, lines: Line[]): Somebody[] {
  const quality = new Map(lines.map((line) => [line.id, line.network_quality]));
  const members = live.members.map((member) => ({ id: member.id, name: member.name, type: member.type, member, quality: quality.get(member.id) ?? null }));
  const audience = lines.filter(({ type }) => type === "audience").map((line) => ({ id: line.id, name: line.name, type: line.type, member: null, quality: line.network_quality }));
  return [...members, ...audience];
}

const TYPES: Record<Line["type"], AdminWord> = { member: "typeMember", audience: "typeAudience", screen: "typeScreen", device: "typeDevice" };

/** The list of them. */
export function Members({ live, lines }: { live: Live; lines: Line[] }) {
  const all = everybody(live, lines);
  if (all.length === 0) return <Empty words={a("nobody")} />;
  return <ul class="members" aria-label={a("people")}>{all.map((one) => <MemberRow key={one.id} session={live.id} one={one} />)}</ul>;
}

function MemberRow({ session, one }: { session: string; one: Somebody }) {
  const [isOpen, setOpen] = useState(false);
  const name = one.name || a("somebody");
  return (
    <li class="member">
      <div class="member-head">
        <p><strong>{name}</strong> <span class="soft">{a(TYPES[one.type])}</span></p>
        <States member={one.member} />
        <button type="button" class="quiet small" aria-expanded={isOpen} aria-label={a("actionsFor", { name })} onClick={() => setOpen(!isOpen)}>{a("actions")}</button>
      </div>
      <Figures quality={one.quality} />
      {isOpen && <MemberActions session={session} one={one} name={name} close={() => setOpen(false)} />}
    </li>
  );
}

function States({ member }: { member: Member | null }) {
  if (!member) return <span />;
  const states: Array<readonly [is: boolean, icon: IconName, words: AdminWord]> = [
    [member.media_lost, "warning", "stateLost"],
    [member.audio_muted, "microphoneOff", "stateMuted"],
    [member.video_muted, "cameraOff", "stateDark"],
    [member.deaf, "speaker", "stateDeaf"],
    [member.handraised, "hand", "stateHand"],
  ];
  return (
    <ul class="states">
      {states.filter(([is]) => is).map(([, icon, words]) => <li key={words} title={a(words)}><Icon name={icon} /><span class="unseen">{a(words)}</span></li>)}
    </ul>
  );
}

const LEVELS: Record<Quality["level"], AdminWord> = { good: "levelGood", fair: "levelFair", poor: "levelPoor" };
const PICTURES: Record<NonNullable<Quality["picture"]>, AdminWord> = { full: "tierFull", half: "tierHalf", quarter: "tierQuarter", none: "tierNone" };

/** A line in figures, each with its name. */
function Figures({ quality }: { quality: Quality | null }) {
  if (!quality) return <p class="soft">{a("notMeasured")}</p>;
  const { level, picture, over_tcp: isTcp, round_trip_ms: roundTrip, down, up } = quality;
  const ways = (there: string, back: string) => [a("toThem", { n: there }), a("fromThem", { n: back })];
  const figures: Array<readonly [name: AdminWord, texts: string[]]> = [
    ["line", [a(LEVELS[level])]],
    ["transport", [isTcp ? "TCP" : "UDP"]],
    ["bitrate", ways(rate(down.kbps), rate(up.kbps))],
    ["loss", ways(percent(down.loss_percent), percent(up.loss_percent))],
    ["roundTrip", [delay(roundTrip)]],
    ["tier", [picture === null ? "–" : a(PICTURES[picture])]],
  ];
  return (
    <dl class={`figures ${level}`}>
      {figures.map(([name, texts]) => <div key={name}><dt>{a(name)}</dt><dd>{texts.map((text, at) => <span key={at}>{text}</span>)}</dd></div>)}
    </dl>
  );
}
