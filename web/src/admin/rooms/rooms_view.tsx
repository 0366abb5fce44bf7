// The project's rooms, and the making of one.

import { go, to } from "../address.ts";
import { get, post } from "../call.ts";
import type { List, Room } from "../entities.ts";
import { attempt, useFresh } from "../fresh.ts";
import { Field, sent } from "../parts/field.tsx";
import { Heading } from "../parts/heading.tsx";
import { More, useMore } from "../parts/more.tsx";
import { Empty, Reading } from "../parts/reading.tsx";
import { Section } from "../parts/section.tsx";
import { a } from "../words/index.ts";

/** The view. */
export function RoomsView() {
  const { count, more } = useMore();
  const fresh = useFresh(() => get<List<Room>>(`rooms?include_active_session=true&page_size=${count}`), `rooms ${count}`);
  return (
    <>
      <Heading text={a("rooms")} />
      <Reading fresh={fresh}>
        {({ data, links }) => (
          <>
            {data.length === 0 && <Empty words={a("roomsEmpty")} />}
            <ul class="rows" aria-label={a("rooms")}>{data.map((one) => <RoomRow key={one.id} room={one} />)}</ul>
            <More has={links.next !== undefined} more={more} />
          </>
        )}
      </Reading>
      <NewRoom />
    </>
  );
}

function RoomRow({ room }: { room: Room }) {
  return (
    <li class="card row">
      <div class="row-words">
        <p><a href={to("rooms", room.id)}>{room.display_name || room.name}</a></p>
        <p class="soft" dir="ltr">{room.name}</p>
      </div>
      {room.active_session && <a class="badge live" href={to("sessions", room.active_session.id)}>{a("live")}</a>}
    </li>
  );
}

function NewRoom() {
  const submit = async (event: SubmitEvent) => {
    const form = sent(event);
    if (!form) return;
    const [name, shown] = [form.text("name"), form.text("display_name")];
    await attempt(async () => go("rooms", (await post<Room>("rooms", { name, ...(shown && { display_name: shown }) })).id));
  };
  return (
    <Section title={a("newRoom")}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Field label={a("roomName")} name="name" type="text" required maxLength={100} pattern="[A-Za-z0-9_\-]+" title={a("roomNameHint")} hint={a("roomNameHint")} autocomplete="off" dir="ltr" />
        <Field label={a("displayName")} name="display_name" type="text" maxLength={200} autocomplete="off" />
        <button type="submit" class="primary">{a("makeRoom")}</button>
      </form>
    </Section>
  );
}
