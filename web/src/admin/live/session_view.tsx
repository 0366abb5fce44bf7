// One session: who is in it and how their lines are, what runs in it, and what may be done about that.

import { useState } from "preact/hooks";
import { Choice } from "../../ui/choice.tsx";
import { Icon } from "../../ui/icon.tsx";
import { to } from "../address.ts";
import { get, Trouble } from "../call.ts";
import type { Line, Live } from "../entities.ts";
import { since } from "../format.ts";
import { attempt, useFresh } from "../fresh.ts";
import { useLayouts } from "../layouts.ts";
import { Ask } from "../parts/ask.tsx";
import { Heading } from "../parts/heading.tsx";
import { Reading } from "../parts/reading.tsx";
import { Section } from "../parts/section.tsx";
import { a } from "../words/index.ts";
import { act } from "./act.ts";
import { Lobby } from "./lobby.tsx";
import { Members } from "./members.tsx";
import { Outputs } from "./outputs.tsx";
import { PastSession } from "./past_session.tsx";
import { Preview } from "./preview.tsx";

interface Now {
  live: Live;
  lines: Line[];
}

/** What runs; null when it does not any more. */
async function read(id: string): Promise<{ now: Now | null }> {
  try {
    const [live, lines] = await Promise.all([get<Live>(`room_sessions/${id}/live`), get<{ data: Line[] }>(`room_sessions/${id}/network_quality`)]);
    return { now: { live, lines: lines.data } };
  } catch (trouble) {
    if (trouble instanceof Trouble && trouble.status === 404) return { now: null };
    throw trouble;
  }
}

/** The view. */
export function SessionView({ id }: { id: string }) {
  const fresh = useFresh(() => read(id), `session ${id}`);
  if (fresh.value?.now === null) return <PastSession id={id} />;
  return (
    <>
      <Heading text={fresh.value?.now?.live.display_name ?? a("session")} />
      <Reading fresh={fresh}>{({ now }) => now && <Running now={now} />}</Reading>
    </>
  );
}

function Running({ now: { live, lines } }: { now: Now }) {
  return (
    <>
      <p class="facts">
        <span class="badge live">{a("live")}</span>
        <span>{a("runsFor", { time: since(live.start_time) })}</span>
        <span>{a("audienceCount", { n: live.audience_count })}</span>
        {live.locked && <span class="badge"><Icon name="lock" />{a("locked")}</span>}
        <a href={to("rooms", live.room_id)}>{a("roomSettings")}</a>
      </p>
      <div class="two">
        <Section title={a("picture")}><Preview url={live.preview_url} name={live.display_name} /><Layout live={live} /><Doing live={live} /></Section>
        <Section title={a("outputs")}><Outputs live={live} /></Section>
      </div>
      {live.waiting.length > 0 && <Section title={a("waiting")}><Lobby live={live} /></Section>}
      <Section title={a("people")}><Members live={live} lines={lines} /></Section>
    </>
  );
}

function Layout({ live }: { live: Live }) {
  const options = useLayouts(live.layout);
  return <Choice label={a("layoutNow")} value={live.layout} options={options} choose={(layout) => void attempt(() => act(live.id, "set_layout", { layout }))} />;
}

function Doing({ live }: { live: Live }) {
  const [isAsking, setAsking] = useState(false);
  return (
    <div class="buttons">
      <button type="button" class="quiet" onClick={() => void attempt(() => act(live.id, live.locked ? "unlock" : "lock"))}>
        <Icon name="lock" />{a(live.locked ? "unlock" : "lock")}
      </button>
      <button type="button" class="quiet danger" onClick={() => setAsking(true)}><Icon name="leave" />{a("endSession")}</button>
      {isAsking && (
        <Ask title={a("endTitle", { name: live.display_name })} verb={a("endSession")} act={() => act(live.id, "end")} close={() => setAsking(false)}>
          <p>{a("endText")}</p>
        </Ask>
      )}
    </div>
  );
}
