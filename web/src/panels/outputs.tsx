// Recording, streaming and playback: what runs, and the buttons that begin and end it.

import type { ComponentChildren } from "preact";
import { useEffect, useId } from "preact/hooks";
import type { RoomSessionPlayback, RoomSessionRecording, RoomSessionStream } from "../../../sdk/src/index.ts";
import { attempt } from "../room/actions.ts";
import { readStreams } from "../room/outputs.ts";
import { may } from "../room/people.ts";
import type { Stay } from "../room/stay.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import { language, t, type Word } from "../words/index.ts";
import { Part } from "./part.tsx";

/** A button that does something and says in words when that is refused. */
function Act({ stay, icon, words, act }: { stay: Stay; icon: IconName; words: Word; act: () => Promise<unknown> }) {
  return <button type="button" class="quiet" onClick={() => void attempt(stay, act)}><Icon name={icon} />{t(words)}</button>;
}

/** The recording, of which one runs at a time from here. */
export function RecordingPart({ stay }: { stay: Stay }) {
  const { recordings } = stay.running.value;
  return (
    <Part title={t("recording")}>
      {recordings.map((one) => <Recording key={one.id} stay={stay} recording={one} state={one.state} />)}
      {recordings.length === 0 && <Act stay={stay} icon="record" words="startRecording" act={() => stay.session.startRecording()} />}
    </Part>
  );
}

const clock = (date: Date | undefined): string => new Intl.DateTimeFormat(language.value, { timeStyle: "short" }).format(date ?? new Date());

// The SDK's objects change in place; what is drawn of them is handed over beside them, so that it is drawn anew.

function Recording({ stay, recording, state }: { stay: Stay; recording: RoomSessionRecording; state: string }) {
  const isPaused = state === "paused";
  return (
    <>
      <p class="soft">{t(isPaused ? "recordingPaused" : "recordingSince", { time: clock(recording.startedAt) })}</p>
      <div class="part-buttons">
        {isPaused ? <Act stay={stay} icon="record" words="resume" act={() => recording.resume()} /> : <Act stay={stay} icon="pause" words="pause" act={() => recording.pause()} />}
        <Act stay={stay} icon="stop" words="stopRecording" act={() => recording.stop()} />
      </div>
    </>
  );
}

interface AddressProps {
  label: string;
  scheme: string;
  words: Word;
  go: (url: string) => Promise<boolean>;
}

/** An address and the button that goes there. */
function Address({ label, scheme, words, go }: AddressProps) {
  const id = useId();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    const url = new FormData(form).get("url");
    if (typeof url === "string" && (await go(url.trim()))) form.reset();
  };
  return (
    <form class="address" onSubmit={(event) => void submit(event)}>
      <label for={id}>{label}</label>
      <div class="writing-line">
        <input id={id} name="url" type="url" required placeholder={`${scheme}://`} autocomplete="off" dir="ltr" />
        <button type="submit" class="quiet">{t(words)}</button>
      </div>
    </form>
  );
}

const HEALTH: Record<string, Word> = { connecting: "streamConnecting", live: "streamLive", retrying: "streamRetrying", failed: "streamFailed" };

/** So often it is asked how streams do, while some run. */
const EVERY_MS = 2_000;

/** Streams to other servers. */
export function StreamPart({ stay }: { stay: Stay }) {
  const isAny = stay.running.value.streams.length > 0;
  useEffect(() => {
    if (!isAny || !may(stay, "stream")) return;
    const timer = setInterval(() => void readStreams(stay), EVERY_MS);
    return () => clearInterval(timer);
  }, [isAny]);
  const start = (url: string) => attempt(stay, () => stay.session.startStream({ url }));
  return (
    <Part title={t("streaming")}>
      {stay.running.value.streams.map((one) => <Stream key={one.id} stay={stay} stream={one} health={one.health} />)}
      <Address label={t("streamAddress")} scheme="rtmp" words="startStream" go={start} />
    </Part>
  );
}

function Stream({ stay, stream, health = "live" }: { stay: Stay; stream: RoomSessionStream; health?: string }) {
  return (
    <Line words={t(HEALTH[health] ?? "streamLive")} detail={hostOf(stream.url)}>
      <Act stay={stay} icon="stop" words="stopStream" act={() => stream.stop()} />
    </Line>
  );
}

/** Where it goes without the key, which is nobody's business. */
function hostOf(url: string | undefined): string {
  return url && URL.canParse(url) ? new URL(url).host : "";
}

function Line({ words, detail, children }: { words: string; detail: string; children: ComponentChildren }) {
  return <div class="output"><p><strong>{words}</strong> <span class="soft" dir="ltr">{detail}</span></p><div class="part-buttons">{children}</div></div>;
}

const QUIETEST = -50;
const LOUDEST = 50;

/** Films and sounds in the room. */
export function PlaybackPart({ stay }: { stay: Stay }) {
  const start = (url: string) => attempt(stay, () => stay.session.play({ url }));
  return (
    <Part title={t("playback")}>
      {stay.running.value.playbacks.map((one) => <Playback key={one.id} stay={stay} playback={one} state={one.state} volume={one.volume} />)}
      <Address label={t("playbackAddress")} scheme="https" words="play" go={start} />
    </Part>
  );
}

interface PlaybackProps {
  stay: Stay;
  playback: RoomSessionPlayback;
  state: string;
  volume: number;
}

function Playback({ stay, playback, state, volume }: PlaybackProps) {
  const id = useId();
  const isPaused = state === "paused";
  const turn = (next: number) => void attempt(stay, () => playback.setVolume(next));
  return (
    <Line words={t(isPaused ? "playbackPaused" : "playbackPlays")} detail={hostOf(playback.url)}>
      {isPaused ? <Act stay={stay} icon="play" words="resume" act={() => playback.resume()} /> : <Act stay={stay} icon="pause" words="pause" act={() => playback.pause()} />}
      <Act stay={stay} icon="stop" words="stopPlayback" act={() => playback.stop()} />
      <label for={id}>{t("volume")}</label>
      <input id={id} type="range" min={QUIETEST} max={LOUDEST} value={volume} onChange={({ currentTarget }) => turn(Number(currentTarget.value))} />
    </Line>
  );
}
