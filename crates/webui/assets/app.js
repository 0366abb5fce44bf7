// The page's two views, before joining and in the room, and the way from one to the other.
// Where a token comes from is decided here and nowhere else.
//
// Address: ?room=NAME (dev mode; "demo" if absent), ?as=audience to watch only, ?name=NAME to
// fill in the name, #token=JWT for a token that an application made (never sent to the server
// in the address, because it stands behind the #). A room link is r/NAME#KEY: its key is exchanged
// for a token in the visitor's name.

import * as devices from "./devices.js";
import { enter } from "./room.js";
import { aboutJoin, aboutLink, aboutToken } from "./words.js";

const byId = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const given = new URLSearchParams(location.hash.slice(1)).get("token");
const watching = query.get("as") === "audience";
const linked = /\/r\/([A-Za-z0-9_-]+)$/.exec(location.pathname)?.[1] ?? null;
const room = linked ?? (query.get("room") || null);

let release = () => {};

function prepare() {
  byId("room-name").textContent = roomOf(given) ?? room ?? "demo";
  byId("name").value = query.get("name") ?? localStorage.getItem("rotunda.name") ?? "";
  byId("problem-close").addEventListener("click", () => (byId("problem").hidden = true));
  byId("join-form").addEventListener("submit", (event) => {
    event.preventDefault();
    join();
  });
  prepareOtherWay();
  if (watching) prepareWatching();
  else prepareDevices();
  if (!byId("name").value) byId("name").focus({ preventScroll: true });
}

function prepareWatching() {
  byId("entry-title").textContent = "Watch the room";
  byId("entry-text").textContent = "You see and hear everybody; nobody sees or hears you.";
  byId("join").textContent = "Watch";
  byId("device-fields").hidden = true;
  document.querySelector(".look").hidden = true;
}

function prepareDevices() {
  if (!devices.available()) {
    byId("insecure").hidden = window.isSecureContext;
    byId("secure-link").href = location.href.replace(/^http:/, "https:");
    byId("secure-link").textContent = location.origin.replace(/^http:/, "https:");
  }
  devices.start(problem);
}

function prepareOtherWay() {
  const link = byId("other-way-link");
  const other = new URL(location.href);
  if (watching) {
    other.searchParams.delete("as");
    link.textContent = "Join with camera and microphone";
  } else {
    other.searchParams.set("as", "audience");
  }
  link.href = other.href;
  byId("other-way").hidden = Boolean(given || linked); // a ready-made token, or the link, decides that itself
}

async function join() {
  byId("problem").hidden = true;
  busy(true);
  const media = devices.chosen();
  try {
    const token = given ?? (await (linked ? exchangeLink() : fetchToken()));
    devices.stop();
    release = await enter({ token, media, watching, report: problem, over: leaveView });
    byId("room-title").textContent = `In the room ${byId("room-name").textContent}`;
    show("room");
  } catch (error) {
    problem(error.words ?? aboutJoin(error));
    if (!watching) devices.open(problem);
  } finally {
    busy(false);
  }
}

// The key stays where nobody but this page reads it: it is neither kept nor put into another address.
async function exchangeLink() {
  const user_name = nameOf() || "Guest";
  const { status, json } = await post("../api/video/link_tokens", { room_name: linked, key: location.hash.slice(1), user_name });
  if (status !== 200) throw Object.assign(new Error("no token"), { words: aboutLink(status, json) });
  return json.token;
}

function nameOf() {
  const name = byId("name").value.trim();
  localStorage.setItem("rotunda.name", name);
  return name;
}

async function post(path, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
  return { status: answer?.status ?? 0, json: await answer?.json().catch(() => null) };
}

async function fetchToken() {
  const name = nameOf();
  const wish = { user_name: name, join_as: watching ? "audience" : "member" };
  if (room) wish.room_name = room;
  const { status, json } = await post("dev/token", wish);
  if (status !== 200) throw Object.assign(new Error("no token"), { words: aboutToken(status) });
  byId("room-name").textContent = json.room_name;
  return json.token;
}

function leaveView(words) {
  release();
  release = () => {};
  show("entry");
  if (words) problem(words);
  if (!watching) devices.open(problem);
}

function show(view) {
  document.body.dataset.view = view;
  byId("entry").hidden = view !== "entry";
  byId("room").hidden = view !== "room";
  // The heading, not a button: whoever presses Enter once too often shall not hang up.
  byId(view === "room" ? "room-title" : "join").focus({ preventScroll: true });
}

function busy(is) {
  const button = byId("join");
  button.disabled = is;
  button.textContent = is ? "Joining…" : watching ? "Watch" : "Join";
}

function problem({ title, text }) {
  byId("problem-title").textContent = title;
  byId("problem-text").textContent = text;
  byId("problem").hidden = false;
}

// The room's name inside a token, for the header only; the server reads its own.
function roomOf(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).r ?? null;
  } catch {
    return null;
  }
}

prepare();
