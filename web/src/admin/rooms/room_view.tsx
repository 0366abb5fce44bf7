// One room: its settings, the links and tokens that open it, the streams that stand with it, and its end.

import { useState } from "preact/hooks";
import { Icon } from "../../ui/icon.tsx";
import { go, to } from "../address.ts";
import { get, remove } from "../call.ts";
import type { Room } from "../entities.ts";
import { useFresh } from "../fresh.ts";
import { Ask } from "../parts/ask.tsx";
import { Heading } from "../parts/heading.tsx";
import { Reading } from "../parts/reading.tsx";
import { Section } from "../parts/section.tsx";
import { a } from "../words/index.ts";
import { Links } from "./links.tsx";
import { Settings } from "./settings.tsx";
import { Streams } from "./streams.tsx";
import { Tokens } from "./tokens.tsx";

/** The view. */
export function RoomView({ id }: { id: string }) {
  const fresh = useFresh(() => get<Room>(`rooms/${encodeURIComponent(id)}?include_active_session=true`), `room ${id}`);
  const room = fresh.value;
  return (
    <>
      <Heading text={room ? room.display_name || room.name : a("room")}>
        {room?.active_session && <a class="badge live" href={to("sessions", room.active_session.id)}>{a("live")}</a>}
      </Heading>
      <p><a href={to("rooms")}>{a("allRooms")}</a></p>
      <Reading fresh={fresh}>{(known) => <Parts room={known} />}</Reading>
    </>
  );
}

function Parts({ room }: { room: Room }) {
  return (
    <>
      <div class="two">
        <Section title={a("links")}><Links room={room.id} /></Section>
        <div class="stack">
          <Section title={a("tokens")}><Tokens room={room.name} /></Section>
          <Section title={a("streams")}><Streams room={room.id} /></Section>
        </div>
      </div>
      <Section title={a("settings")}><Settings room={room} /></Section>
      <Deletion room={room} />
    </>
  );
}

function Deletion({ room }: { room: Room }) {
  const [isAsking, setAsking] = useState(false);
  const act = async () => {
    await remove(`rooms/${room.id}`);
    go("rooms");
  };
  return (
    <p>
      <button type="button" class="quiet danger" onClick={() => setAsking(true)}><Icon name="trash" />{a("deleteRoom")}</button>
      {isAsking && (
        <Ask title={a("deleteRoomTitle", { name: room.display_name || room.name })} verb={a("deleteRoom")} act={act} close={() => setAsking(false)}>
          <p>{a("deleteRoomText")}</p>
        </Ask>
      )}
    </p>
  );
}
