// Rooms in which somebody is now.

import { Icon } from "../../ui/icon.tsx";
import { to } from "../address.ts";
import { get } from "../call.ts";
import type { List, Session } from "../entities.ts";
import { since } from "../format.ts";
import { useFresh } from "../fresh.ts";
import { Heading } from "../parts/heading.tsx";
import { More, useMore } from "../parts/more.tsx";
import { Empty, Reading } from "../parts/reading.tsx";
import { a } from "../words/index.ts";
import { Preview } from "./preview.tsx";

/** The view. */
export function LiveView() {
  const { count, more } = useMore();
  const fresh = useFresh(() => get<List<Session>>(`room_sessions?status=in-progress&page_size=${count}`), `live ${count}`);
  return (
    <>
      <Heading text={a("live")} />
      <Reading fresh={fresh}>
        {({ data, links }) => (
          <>
            {data.length === 0 && <Empty words={a("liveEmpty")} />}
            <ul class="sessions" aria-label={a("live")}>{data.map((one) => <li key={one.id}><SessionCard session={one} /></li>)}</ul>
            <More has={links.next !== undefined} more={more} />
          </>
        )}
      </Reading>
    </>
  );
}

function SessionCard({ session }: { session: Session }) {
  const name = session.display_name || session.name;
  return (
    <a class="card session-card" href={to("sessions", session.id)}>
      <Preview url={session.preview_url} name={name} />
      <span class="session-card-words">
        <strong>{name}</strong>
        <span class="soft">{a("runsFor", { time: since(session.start_time) })}</span>
        {session.locked && <span class="badge"><Icon name="lock" />{a("locked")}</span>}
      </span>
    </a>
  );
}
