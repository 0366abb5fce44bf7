// The list of members beside the picture. It holds what the room's events said last and draws
// it; it asks nobody.

const byId = (id) => document.getElementById(id);

const members = new Map(); // id -> member entity, as the server sent it
const rows = new Map(); // id -> <li>
const lines = new Map(); // id -> how good their line is, as the server called it last
let self = null;

/** Starts the list anew from a `room.joined` payload. */
export function reset(joined) {
  members.clear();
  rows.clear();
  lines.clear();
  byId("people").replaceChildren();
  self = joined.member_id;
  for (const member of joined.room_session?.members ?? []) put(member);
  count();
}

/** A member came, or changed: the newest entity wins, key by key. */
export function put(member) {
  if (!member?.id || member.type === "audience") return;
  members.set(member.id, { ...members.get(member.id), ...member });
  draw(member.id);
  count();
}

/** A member left. */
export function remove(member) {
  members.delete(member?.id);
  rows.get(member?.id)?.remove();
  rows.delete(member?.id);
  lines.delete(member?.id);
  count();
}

/** A member began or ended to talk. */
export function talking(member) {
  const row = rows.get(member?.id);
  if (!row) return;
  row.dataset.talking = String(Boolean(member.talking));
  draw(member.id);
}

/** Somebody's line is good, fair or poor. */
export function line(member, level) {
  if (!members.has(member?.id)) return;
  lines.set(member.id, level);
  draw(member.id);
}

/** What the list knows of a member, or undefined. */
export function get(id) {
  return members.get(id);
}

function draw(id) {
  const member = members.get(id);
  const row = rows.get(id) ?? add(id);
  const [, who, state] = row.children;
  who.textContent = (member.name || "Somebody") + (id === self ? " (you)" : "");
  state.textContent = words(member, row.dataset.talking === "true");
}

function words(member, isTalking) {
  const said = [];
  if (member.type === "screen") said.push("screen");
  if (member.media_lost) said.push("no connection");
  else if (lines.get(member.id) === "poor") said.push("weak connection");
  if (member.audio_muted) said.push("muted");
  else if (isTalking) said.push("talking");
  if (member.video_muted) said.push("camera off");
  return said.join(", ");
}

function add(id) {
  const row = document.createElement("li");
  row.dataset.talking = "false";
  for (const name of ["talk", "who", "state"]) {
    const part = document.createElement("span");
    part.className = name;
    if (name === "talk") part.setAttribute("aria-hidden", "true");
    row.append(part);
  }
  rows.set(id, row);
  byId("people").append(row);
  return row;
}

function count() {
  byId("people-count").textContent = String(members.size);
  byId("people-none").hidden = members.size > 0;
  byId("invite").hidden = members.size > 1;
}
