// Who is in the room and how it is arranged, as the session tells it.

import type { RoomSessionFacts, VideoMemberEntity } from "../../../sdk/src/index.ts";
import type { Stay } from "./stay.ts";

/** Follows members, layout and the room itself. */
export function hearPeople(stay: Stay): void {
  const { session } = stay;
  session.on("room.joined", ({ member_id: id, room_session: facts }) => {
    stay.selfId.value = id;
    stay.permissions.value = new Set(session.permissions);
    stay.isAudience.value = session.interactivityMode === "audience";
    stay.talking.value = new Set();
    stay.lines.value = new Map();
    hearRoom(stay, facts);
  });
  session.on("memberList.updated", ({ members }) => hearMembers(stay, members));
  // The server says since when hands are up to those who name it.
  session.on("member.updated.hand_raised_at", () => {});
  session.on("member.talking", ({ member }) => {
    const talking = new Set(stay.talking.value);
    if (member.talking) talking.add(member.id);
    else talking.delete(member.id);
    stay.talking.value = talking;
  });
  session.on("layout.changed", ({ layout }) => (stay.layout.value = layout));
  session.on("room.updated", ({ room }) => hearRoom(stay, room));
  session.on("room.audience_count", ({ total }) => hearRoom(stay, { audience_count: total }));
}

function hearRoom(stay: Stay, facts: Partial<RoomSessionFacts>): void {
  const before = stay.room.value;
  stay.room.value = {
    name: facts.display_name || facts.name || before.name,
    locked: facts.locked ?? before.locked,
    recording: facts.recording ?? before.recording,
    streaming: facts.streaming ?? before.streaming,
    audience: facts.audience_count ?? before.audience,
  };
}

function hearMembers(stay: Stay, members: VideoMemberEntity[]): void {
  stay.members.value = members;
  stay.hands.value = handsOf(members, stay.hands.value);
  const isHere = (id: string) => members.some((member) => member.id === id);
  const talking = [...stay.talking.value].filter(isHere);
  if (talking.length !== stay.talking.value.size) stay.talking.value = new Set(talking);
}

/** Since when each hand is up: the server's word, else when it was seen first. */
function handsOf(members: VideoMemberEntity[], before: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const up = members.filter(({ handraised }) => handraised);
  const since = (member: VideoMemberEntity) => member.hand_raised_at ?? before.get(member.id) ?? Date.now() / 1000;
  return new Map(up.map((member) => [member.id, since(member)]));
}
