// A session that is over: when it was, and who was there.

import { get } from "../call.ts";
import type { List, Past, Session } from "../entities.ts";
import { when } from "../format.ts";
import { useFresh } from "../fresh.ts";
import { Heading } from "../parts/heading.tsx";
import { More, useMore } from "../parts/more.tsx";
import { Empty, Reading } from "../parts/reading.tsx";
import { Section } from "../parts/section.tsx";
import { a } from "../words/index.ts";
import { to } from "../address.ts";

/** The view. */
export function PastSession({ id }: { id: string }) {
  const { count, more } = useMore();
  const read = async () => {
    const [session, members] = await Promise.all([get<Session>(`room_sessions/${id}`), get<List<Past>>(`room_sessions/${id}/members?page_size=${count}`)]);
    return { session, members };
  };
  const fresh = useFresh(read, `past ${id} ${count}`);
  const session = fresh.value?.session;
  return (
    <>
      <Heading text={session ? session.display_name || session.name : a("session")} />
      <p class="card section">{a("sessionIsOver")} <a href={to("live")}>{a("toLive")}</a></p>
      <Reading fresh={fresh}>
        {({ session: { start_time: from, end_time: until }, members }) => (
          <Section title={a("wereThere")}>
            <p class="soft">{until ? a("fromUntil", { from: when(from), until: when(until) }) : when(from)}</p>
            {members.data.length === 0 && <Empty words={a("nobodyWas")} />}
            <ul class="rows" aria-label={a("wereThere")}>
              {members.data.map((one) => (
                <li key={one.id} class="row"><strong>{one.name || a("somebody")}</strong> <span class="soft">{a("fromUntil", { from: when(one.join_time), until: when(one.leave_time) })}</span></li>
              ))}
            </ul>
            <More has={members.links.next !== undefined} more={more} />
          </Section>
        )}
      </Reading>
    </>
  );
}
