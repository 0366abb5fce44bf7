// One stay in the room: joins through the published SDK, draws the controls, and tells when it
// is over. It knows nothing of devices beyond the constraints it is given.

import { whenSilent } from "./line.js";
import * as people from "./people.js";
import { aboutJoin, aboutLeaving, aboutLine, aboutRefusal } from "./words.js";

const byId = (id) => document.getElementById(id);

// Beside the page, wherever a proxy puts it: https://site/video/ has its socket at wss://site/video/, and so
// has the page of a room link, https://site/video/r/NAME.
const HOST = new URL(/\/r\/[^/]+$/.test(location.pathname) ? ".." : ".", location.href).href.replace(/^http/, "ws");
const INTERRUPTED = "The connection is interrupted. Trying again…";
const SOCKET_DEADLINE_MS = 6_000;
// Longer than the SDK's own limit for setting up a call (20 s), so that its word comes first.
const JOIN_DEADLINE_MS = 25_000;

/**
 * Enters the room and resolves when it is joined; rejects with the SDK's own error.
 * `report` shows a problem, `over` is called once when the stay ends.
 */
export async function enter({ token, media, watching, report, over }) {
  await knock();
  const session = new SignalWire.Video.RoomSession({
    token,
    host: HOST,
    rootElement: byId("stage"),
  });
  const stay = { session, report, joined: false, asked: false };
  listen(session, stay, over);
  try {
    await withDeadline(JOIN_DEADLINE_MS, session.join(joinOptions(media, watching)));
  } catch (error) {
    session.destroy();
    throw error;
  }
  stay.joined = true;
  await offerLayouts(stay);
  return controls(stay);
}

// A kind switched off must still be received: `video: false` alone would switch off both ways.
function joinOptions(media, watching) {
  if (watching) return { audio: true, video: true, sendAudio: false, sendVideo: false };
  return {
    audio: media.audio,
    video: media.video,
    sendAudio: Boolean(media.audio),
    sendVideo: Boolean(media.video),
    receiveAudio: true,
    receiveVideo: true,
  };
}

// Opens a socket and lets go of it. The SDK tries a refused one for ever and tells nobody; this
// way a refusal is known before the SDK begins.
async function knock() {
  const socket = new WebSocket(HOST);
  const opened = new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(noAnswer());
  });
  try {
    await withDeadline(SOCKET_DEADLINE_MS, opened);
  } finally {
    socket.close();
  }
}

function withDeadline(ms, promise) {
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(noAnswer()), ms);
  });
  return Promise.race([promise, deadline]).finally(() => clearTimeout(timer));
}

const noAnswer = () => Object.assign(new Error("no answer"), { name: "NoAnswer" });

function listen(session, stay, over) {
  session.on("room.joined", (event) => {
    people.reset(event);
    line("");
    // On a new leg (promoted, or back after the server was started anew) the SDK leaves its picture
    // on the former one, which has ended.
    const picture = document.querySelector(".mcuContent video");
    if (picture && session.remoteStream) picture.srcObject = session.remoteStream;
    drawOwn(session);
  });
  session.on("member.joined", ({ member }) => people.put(member));
  session.on("member.updated", ({ member }) => {
    people.put(member);
    if (member.id === session.memberId) drawOwn(session);
  });
  session.on("member.left", ({ member }) => people.remove(member));
  session.on("member.talking", ({ member }) => people.talking(member));
  let known; // of one's own line
  // Not of the SDK's: the server sends it to whoever listens to it (docs/compat/extensions.md).
  session.on("member.network_quality", ({ member, network_quality: quality }) => {
    people.line(member, quality.level);
    if (member.id !== session.memberId) return;
    known = aboutLine(quality, known, performance.now());
    line(known.text);
  });
  session.on("layout.changed", ({ layout }) => choose(layout.name));
  session.on("media.connected", () => status(""));
  session.on("media.reconnecting", () => status(INTERRUPTED));
  session.on("media.disconnected", () => status("The connection is lost."));
  session.on("room.left", (event) => {
    if (!stay.joined) return; // a refused join is told by its own error
    stay.joined = false;
    over(stay.asked ? null : aboutLeaving(event?.reason));
  });
}

function status(text) {
  byId("status").textContent = text;
}

// Screen readers say it anew when it is written anew, so the same words are left alone.
function line(text) {
  if (byId("line").textContent !== text) byId("line").textContent = text;
}

// Whether this member sends a kind at all decides if its button is there.
function drawOwn(session) {
  const own = people.get(session.memberId);
  const talks = own && own.type !== "audience";
  byId("toggle-microphone").hidden = !talks;
  byId("toggle-camera").hidden = !talks;
  if (!talks) return;
  press("toggle-microphone", "microphone", own.audio_muted, ["Mute", "Unmute"]);
  press("toggle-camera", "camera", own.video_muted, ["Camera off", "Camera on"]);
}

function press(id, icon, off, [whenOn, whenOff]) {
  const button = byId(id);
  button.dataset.off = String(Boolean(off)); // the words name the action, the colour the state
  button.querySelector(".control-text").textContent = off ? whenOff : whenOn;
  button.querySelector("use").setAttribute("href", `assets/icons.svg#${icon}${off ? "-off" : ""}`);
}

// A token without the permission gets no list; then the choice is not shown at all.
async function offerLayouts({ session }) {
  const field = byId("layout-field");
  const answer = await session.getLayouts().catch(() => null);
  field.hidden = !answer?.layouts?.length;
  if (field.hidden) return;
  const select = byId("layout");
  select.replaceChildren(...answer.layouts.map((name) => new Option(name, name)));
  if (session.currentLayout) choose(session.currentLayout.name);
}

// Others may have set a layout that the list does not name; it is shown all the same.
function choose(name) {
  const select = byId("layout");
  if (![...select.options].some((option) => option.value === name)) select.add(new Option(name, name));
  select.value = name;
}

// Binds the buttons for this stay; the returned function lets go of them again.
function controls(stay) {
  const { session, report } = stay;
  const unwatch = whenSilent((silent) => status(silent ? INTERRUPTED : ""));
  // A closed tab says so; what it does not say leaves its picture standing until the server knows.
  const goodbye = () => void session.leave().catch(() => {});
  window.addEventListener("pagehide", goodbye);
  const own = () => people.get(session.memberId);
  const ask = (what, action) => async () => {
    try {
      await action();
    } catch (error) {
      report(aboutRefusal(error, what));
    }
  };
  const handlers = [
    ["toggle-microphone", "click", ask("change your microphone", () => (own()?.audio_muted ? session.audioUnmute() : session.audioMute()))],
    ["toggle-camera", "click", ask("change your camera", () => (own()?.video_muted ? session.videoUnmute() : session.videoMute()))],
    ["layout", "change", ask("change the layout", () => session.setLayout({ name: byId("layout").value }))],
    ["leave", "click", () => leave(stay)],
  ];
  for (const [id, event, handler] of handlers) byId(id).addEventListener(event, handler);
  return () => {
    for (const [id, event, handler] of handlers) byId(id).removeEventListener(event, handler);
    window.removeEventListener("pagehide", goodbye);
    unwatch();
    byId("stage").replaceChildren();
    status("");
    line("");
  };
}

async function leave(stay) {
  stay.asked = true;
  try {
    await stay.session.leave();
  } catch (error) {
    stay.report(aboutJoin(error));
  }
}
