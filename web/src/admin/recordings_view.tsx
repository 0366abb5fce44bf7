// What was recorded: to be looked at, downloaded, deleted.

import { useState } from "preact/hooks";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { here, to } from "./address.ts";
import { get, remove } from "./call.ts";
import type { List, Recording, Session } from "./entities.ts";
import { lasting, size, when } from "./format.ts";
import { useFresh } from "./fresh.ts";
import { stateName } from "./live/outputs.tsx";
import { Ask } from "./parts/ask.tsx";
import { Heading } from "./parts/heading.tsx";
import { More, useMore } from "./parts/more.tsx";
import { Empty, Reading } from "./parts/reading.tsx";
import { a } from "./words/index.ts";

interface Named extends Recording {
  room: string;
}

/** Names of sessions' rooms, which do not change; asked for once. */
const names = new Map<string, string>();
/** More than this are not remembered. */
const NAMES = 2000;

async function nameOf(session: string): Promise<string> {
  const known = names.get(session);
  if (known !== undefined) return known;
  const found = await get<Session>(`room_sessions/${session}`).catch(() => null);
  if (!found) return "";
  if (names.size >= NAMES) names.clear();
  names.set(session, found.display_name || found.name);
  return found.display_name || found.name;
}

async function read(count: number): Promise<List<Named>> {
  const { data, links } = await get<List<Recording>>(`room_recordings?page_size=${count}`);
  const rooms = new Map<string, string>();
  // One after the other: a list of many sessions is no reason for a storm.
  for (const { room_session_id: id } of data) if (!rooms.has(id)) rooms.set(id, await nameOf(id));
  return { data: data.map((one) => ({ ...one, room: rooms.get(one.room_session_id) ?? "" })), links };
}

/** The view. */
export function RecordingsView() {
  const { count, more } = useMore();
  const fresh = useFresh(() => read(count), `recordings ${count}`);
  return (
    <>
      <Heading text={a("recordings")} />
      <Reading fresh={fresh}>
        {({ data, links }) => (
          <>
            {data.length === 0 && <Empty words={a("recordingsEmpty")} />}
            <ul class="rows" aria-label={a("recordings")}>{data.map((one) => <RecordingRow key={one.id} recording={one} />)}</ul>
            <More has={links.next !== undefined} more={more} />
          </>
        )}
      </Reading>
    </>
  );
}

function RecordingRow({ recording }: { recording: Named }) {
  // The address of a film is good for a while and is another each time; a film that plays keeps the one it has.
  const [film, setFilm] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const name = recording.room || a("recording");
  const uri = recording.uri && here(recording.uri);
  const about = { name, time: when(recording.started_at) };
  return (
    <li class="card row recording">
      <div class="row-words">
        <p><a href={to("sessions", recording.room_session_id)}>{name}</a> <span class="badge">{stateName(recording.status)}</span></p>
        <p class="soft">{facts(recording)}</p>
      </div>
      <div class="buttons">
        {uri && <button type="button" class="quiet small" aria-label={a("watchFilm", about)} onClick={() => setFilm(uri)}><Icon name="play" />{a("watch")}</button>}
        {uri && <a class="quiet small" href={uri} download={`${name}.mp4`} aria-label={a("downloadFilm", about)}>{a("download")}</a>}
        {recording.status === "completed" && <button type="button" class="quiet small danger" aria-label={a("deleteFilm", about)} onClick={() => setAsking(true)}><Icon name="trash" />{a("delete")}</button>}
      </div>
      {film && <Player film={film} title={name} close={() => setFilm(null)} />}
      {isAsking && (
        <Ask title={a("deleteFilm", about)} verb={a("delete")} act={() => remove(`room_recordings/${recording.id}`)} close={() => setAsking(false)}>
          <p>{a("deleteFilmText")}</p>
        </Ask>
      )}
    </li>
  );
}

function facts({ started_at: started, duration, size_in_bytes: bytes }: Recording): string {
  return [when(started), duration === null ? "" : lasting(duration), bytes === null ? "" : size(bytes)].filter((one) => one !== "").join(" · ");
}

function Player({ film, title, close }: { film: string; title: string; close: () => void }) {
  const [isBroken, setBroken] = useState(false);
  return (
    <Dialog title={title} close={close} kind="wide-dialog">
      {isBroken && <p role="alert">{a("filmBroken")}</p>}
      <video class="film" src={film} controls autoplay playsInline aria-label={title} onError={() => setBroken(true)} />
    </Dialog>
  );
}
