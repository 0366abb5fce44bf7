// What leaves a session and what comes into it beside its people: recordings, streams, films.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon, type IconName } from "../../ui/icon.tsx";
import type { Live, Running } from "../entities.ts";
import { since } from "../format.ts";
import { attempt } from "../fresh.ts";
import { sent } from "../parts/field.tsx";
import { a, type AdminWord } from "../words/index.ts";
import { act } from "./act.ts";

/** States by their names, as words. */
export const STATES: Record<string, AdminWord> = {
  recording: "stateRecording", paused: "statePaused", processing: "stateProcessing", completed: "stateCompleted",
  idle: "stateIdle", connecting: "stateConnecting", live: "stateLive", retrying: "stateRetrying", failed: "stateFailed", playing: "statePlaying",
};

/** A state as words; one that is not known as it is written. */
export function stateName(state: string): string {
  const words = STATES[state];
  return words ? a(words) : state;
}

/** All of them, each with what begins and ends it. */
export function Outputs({ live }: { live: Live }) {
  return (
    <>
      <Kind title={a("recordings")} empty={a("notRecorded")} all={live.recordings}>
        {(one) => <Steering live={live} one={one} kind="recording" />}
      </Kind>
      {live.recordings.length === 0 && <Act live={live} icon="record" words="startRecording" action="start_recording" />}
      <Kind title={a("streams")} empty={a("notStreamed")} all={live.streams}>
        {(one) => <Act live={live} icon="stop" words="stop" action="stop_stream" about={{ stream_id: one.id }} />}
      </Kind>
      <Address live={live} action="start_stream" label="streamAddress" scheme="rtmp" words="startStream" />
      <Kind title={a("playbacks")} empty={a("notPlayed")} all={live.playbacks}>
        {(one) => <Steering live={live} one={one} kind="playback" />}
      </Kind>
      <Address live={live} action="play" label="playAddress" scheme="https" words="play" />
    </>
  );
}

interface KindProps {
  title: string;
  empty: string;
  all: Running[];
  children: (one: Running) => ComponentChildren;
}

function Kind({ title, empty, all, children }: KindProps) {
  return (
    <div class="kind">
      <h3>{title}</h3>
      {all.length === 0 && <p class="soft">{empty}</p>}
      <ul class="running" aria-label={title}>
        {all.map((one) => (
          <li key={one.id}>
            <p><strong>{stateName(one.state)}</strong> <span class="soft">{since(one.started_at)}</span> {one.url && <span class="soft" dir="ltr">{hostOf(one.url)}</span>}</p>
            {one.error && <p class="soft">{one.error}</p>}
            <div class="buttons">{children(one)}</div>
          </li>
        ))}
      </ul>
    </div>
  );
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

/** Pause, go on, end. */
function Steering({ live, one, kind }: { live: Live; one: Running; kind: "recording" | "playback" }) {
  const about = { [`${kind}_id`]: one.id };
  const isPaused = one.state === "paused";
  return (
    <>
      <Act live={live} icon={isPaused ? "play" : "pause"} words={isPaused ? "resume" : "pause"} action={`${isPaused ? "resume" : "pause"}_${kind}`} about={about} />
      <Act live={live} icon="stop" words="stop" action={`stop_${kind}`} about={about} />
    </>
  );
}

interface ActProps {
  live: Live;
  icon: IconName;
  words: AdminWord;
  action: string;
  about?: Record<string, string>;
}

function Act({ live, icon, words, action, about = {} }: ActProps) {
  return <button type="button" class="quiet small" onClick={() => void attempt(() => act(live.id, action, about))}><Icon name={icon} />{a(words)}</button>;
}

interface AddressProps {
  live: Live;
  action: string;
  label: AdminWord;
  scheme: string;
  words: AdminWord;
}

/** An address, and the button that goes there. */
function Address({ live, action, label, scheme, words }: AddressProps) {
  const id = useId();
  const submit = async (event: SubmitEvent) => {
    const form = sent(event);
    if (form && (await attempt(() => act(live.id, action, { url: form.text("url") })))) form.form.reset();
  };
  return (
    <form class="field" onSubmit={(event) => void submit(event)}>
      <label for={id}>{a(label)}</label>
      <div class="copy-line">
        <input id={id} name="url" type="url" required placeholder={`${scheme}://`} autocomplete="off" dir="ltr" />
        <button type="submit" class="quiet">{a(words)}</button>
      </div>
    </form>
  );
}
