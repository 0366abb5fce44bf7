// Our own browser package against the real server: everything once, and what it does better than the published
// one. The other files run over it, too, with ROTUNDA_SDK=ours.

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { openPage } from "./lib/browser.mjs";
import { startFilms } from "./lib/foreign.mjs";
import { add, hearsTone, legs, losesColour, losesHz, ORANGE, PURPLE, seesColour, SKY } from "./lib/legs.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { routeVia, startRelay } from "./lib/relay.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING, world } from "./lib/world.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const HOST = [
  ...EVERYTHING, "room.self.screenshare", "room.self.additional_source", "room.recording", "room.playback", "room.stream",
  "room.member.promote", "room.member.demote", "room.self.raisehand", "room.self.lowerhand", "room.prioritize_handraise",
  "room.set_meta", "room.self.deaf", "room.set_position", "room.captions.push",
];
const FURTHER = ["room.audience_count", "connection.changed", "media.stats", "camera.updated", "camera.disconnected", "microphone.updated", "session.error"];
const OURS = { path: "/ours/" };
const RED = [230, 20, 20];
const GREEN = [20, 200, 20];
const FILM_HZ = 700;

describe("our own SDK", () => {
  const it = world("sdk", { server: { env: { ROTUNDA_NETWORK__ALLOW_PRIVATE: "true" } } });
  const room = fresh("sdk");
  const [one, two, extra] = tones(3);
  let films;
  let proxy; // carries Ann's socket
  let relay; // carries Ann's media
  let ann;
  let ben;

  before(async () => {
    films = await startFilms({ hz: FILM_HZ, dbfs: -20, first: RED, then: GREEN });
  }, { timeout: 120_000 });
  after(() => Promise.all([films?.stop(), proxy?.stop(), relay?.stop()]));

  const tokenOf = (who, wish = {}) => it.rest.token({ room_name: room, user_name: who, permissions: HOST, ...wish });

  async function joined(who, { token, join, ...wish }) {
    const participant = await it.participant(who, { ...OURS, ...wish });
    await participant.join({ token: await tokenOf(who, token), host: it.server.ws, events: FURTHER, ...join });
    return participant;
  }

  test("two join, see and hear each other, and the canvas moves", { timeout: 90_000 }, async (t) => {
    await it.rest.room({ name: room, tone_on_entry_and_exit: false });
    ben = await joined("Ben", { tone: two, colour: ORANGE });
    [proxy, relay] = [await startProxy(it.server.ws), await startRelay(it.server.ports.udp)];
    ann = await it.participant("Ann", { ...OURS, tone: one, colour: PURPLE });
    await ann.page.evaluate(keepAccounts);
    await routeVia(ann, relay);
    const { ms } = await ann.join({ token: await tokenOf("Ann"), host: proxy.host, events: FURTHER });
    t.diagnostic(`join() took ${Math.round(ms)} ms`);
    await Promise.all([seesColour(ann, ben.memberId, ORANGE), seesColour(ben, ann.memberId, PURPLE), ann.hears(ben), ben.hears(ann)]);
    const { videoFrames } = await ann.received();
    await until("the canvas goes on", async () => (await ann.received()).videoFrames > videoFrames + 10);
  });

  test("the member list begins with whom one met, and its first event comes with the join", async () => {
    const [list] = await ann.events("memberList.updated");
    assert.deepEqual(list.payload.members.map(({ name }) => name).sort(), ["Ann", "Ben"]);
    const all = (await ann.events()).map(({ name }) => name);
    assert.equal(all.indexOf("memberList.updated"), all.indexOf("room.joined") + 1);
    assert.deepEqual((await ann.events("member.joined")).map(({ payload }) => payload.member.id), [ann.memberId]);
  });

  test("the overlay is there, lies on the drawn cell, and can be a mirror", async () => {
    const facts = await until("it is seen", () => ann.page.evaluate(() => {
      const { localOverlay: own } = lab.session;
      if (!own.visible) return null;
      own.setMirrored(true);
      const [box, video] = [own.domElement.getBoundingClientRect(), document.querySelector("#root .mcuContent video").getBoundingClientRect()];
      const layer = lab.layout.layers.find(({ member_id: id }) => id === lab.session.memberId);
      const percent = (value, whole) => (100 * value) / whole;
      return {
        layer: [layer.x, layer.y, layer.width, layer.height],
        box: [percent(box.x - video.x, video.width), percent(box.y - video.y, video.height), percent(box.width, video.width), percent(box.height, video.height)],
        mirrored: [own.mirrored, own.video.style.transform],
      };
    }));
    for (const [at, value] of facts.box.entries()) assert.ok(Math.abs(value - facts.layer[at]) < 0.2, `${facts.box} over ${facts.layer}`);
    assert.deepEqual(facts.mirrored, [true, "scaleX(-1)"]);
  });

  test("a mute is told once, felt at once, and a muted camera is let go of", { timeout: 30_000 }, async () => {
    const since = await ben.mark();
    await ann.call("audioMute");
    await ben.losesTone(ann);
    await ann.call("videoMute");
    await losesColour(ben, ann.memberId, PURPLE);
    await until("no track is left", () => ann.page.evaluate(() => lab.session.localVideoTrack === null && lab.session.localAudioTrack === null));
    const told = (await ben.events()).slice(since).filter(({ name }) => name === "member.updated").map(({ payload }) => payload.member.updated);
    assert.deepEqual(told, [["audio_muted"], ["video_muted", "visible"]]);
    await ann.call("audioUnmute");
    await ann.call("videoUnmute");
    await Promise.all([ben.hears(ann), seesColour(ben, ann.memberId, PURPLE)]);
    assert.deepEqual(await ann.events("camera.disconnected"), [], "a mute is no lost camera");
    await ben.event("member.talking", ({ member }) => member.id === ann.memberId && member.talking, { since });
  });

  test("hands toggle, the priority is what was set, and a refusal says its kind and its cure", { timeout: 20_000 }, async () => {
    const since = await ben.mark();
    for (const raised of [true, false]) {
      await ann.call("setRaisedHand");
      await ben.event("member.updated", ({ member }) => member.id === ann.memberId && member.handraised === raised, { since });
    }
    assert.deepEqual([await ann.call("setPrioritizeHandraise", true), await ann.call("setPrioritizeHandraise", false)], [true, false]);
    assert.equal(await ann.call("deleteMeta", ["nothing"]), null);
    const { error } = await ann.tryCall("removeMember", { memberId: ben.memberId });
    assert.deepEqual([error.name, error.code, error.message, error.kind], ["RoomSessionError", "403", "Unauthorized", "permission"]);
    assert.match(error.cure, /room token/);
    assert.equal((await ann.tryCall("removeMember", {})).error.kind, "invalid");
    assert.equal((await ann.tryCall("join")).error.kind, "conflict");
  });

  test("what is sent is as large as the cell", { timeout: 30_000 }, async () => {
    const sent = () => ann.page.evaluate(async () => {
      const sender = lab.livePeers()[0].getSenders().find(({ track }) => track?.kind === "video");
      const { scaleResolutionDownBy: scale, maxBitrate, maxFramerate } = sender.getParameters().encodings.at(-1);
      return { scale, maxBitrate, maxFramerate };
    });
    // The page's camera is 640x360: a cell of a 6x6 grid is 120 lines high.
    await ann.call("setLayout", { name: "6x6" });
    const small = await until("a smaller picture", async () => {
      const now = await sent();
      return now.scale > 2.5 && now;
    });
    assert.ok(small.maxBitrate <= 200_000, JSON.stringify(small));
    await ann.call("setLayout", { name: "grid-responsive" });
    const large = await until("the whole picture", async () => {
      const now = await sent();
      return now.scale === 1 && now;
    });
    assert.ok(large.maxBitrate > 2 * small.maxBitrate, JSON.stringify(large));
    await seesColour(ben, ann.memberId, PURPLE);
  });

  test("figures of the line come each second, as plain numbers", { timeout: 15_000 }, async () => {
    const { payload } = await ann.event("media.stats", ({ up, down }) => up.video?.kbps > 0 && down.audio?.kbps > 0);
    assert.equal(payload.transport, "udp");
    assert.deepEqual([payload.down.video.width, payload.down.video.height], [1280, 720]);
    assert.ok(payload.roundTripMs < 200, JSON.stringify(payload));
    const now = await ann.call("getStats");
    assert.deepEqual(Object.keys(now), Object.keys(payload));
  });

  test("a screen is shared with its sound, and ends when the browser's own button is pressed", { timeout: 40_000 }, async () => {
    const screen = await add(ann, "screen", "startScreenShare", { colour: SKY, hz: extra }, { audio: true, layout: "screen-share", positions: { self: "reserved-1" } });
    await Promise.all([seesColour(ben, screen, SKY), hearsTone(ben, extra)]);
    assert.deepEqual((await legs(ann)).screens, [screen]);
    const since = await ben.mark();
    // What the browser does then, which no page can do to a drawing.
    await ann.page.evaluate(() => {
      const { localVideoTrack: track } = lab.session.screenShareList[0];
      track.stop();
      track.dispatchEvent(new Event("ended"));
    });
    await ben.event("member.left", ({ member }) => member.id === screen, { since });
    await losesHz(ben, extra);
    assert.deepEqual((await legs(ann)).screens, []);
  });

  test("two devices that are added at once both come, each with its own member", { timeout: 40_000 }, async () => {
    const ids = await ann.page.evaluate((wish) => lab.withDevice(wish, async () => {
      const both = await Promise.all([lab.session.addCamera(), lab.session.addMicrophone()]);
      return both.map(({ memberId }) => memberId);
    }), { colour: SKY, hz: extra });
    assert.notEqual(ids[0], ids[1]);
    await Promise.all([seesColour(ben, ids[0], SKY), hearsTone(ben, extra)]);
    await ann.page.evaluate(() => Promise.all(lab.session.deviceList.map((device) => device.leave())));
    await until("both are gone", async () => (await ben.call("getMembers")).members.length === 2);
  });

  test("what takes time can be given up", { timeout: 20_000 }, async () => {
    const kinds = await ann.page.evaluate(async () => {
      const given = AbortSignal.abort();
      const kind = (promise) => promise.then(() => "done", (error) => error.kind);
      return [
        await kind(lab.session.addCamera({ signal: given })),
        await kind(lab.session.startScreenShare({ signal: given })),
        await kind(new Rotunda.Video.RoomSession({ token: "a.b.c", host: "ws://127.0.0.1:9" }).join({ signal: given })),
        await kind(new Rotunda.Video.RoomSession({ token: "a.b.c", host: "ws://127.0.0.1:9" }).join()),
      ];
    });
    assert.deepEqual(kinds, ["aborted", "aborted", "aborted", "unreachable"]);
    const pending = await ann.page.evaluate(async ([token, host]) => {
      const own = navigator.mediaDevices.getUserMedia;
      let allow;
      navigator.mediaDevices.getUserMedia = (wish) => new Promise((resolve) => { allow = () => own(wish).then((stream) => (resolve(stream), stream)); });
      const giving = new AbortController();
      const session = new Rotunda.Video.RoomSession({ token, host });
      const joining = session.join({ signal: giving.signal }).then(() => "done", (error) => error.kind);
      while (!allow) await new Promise((resolve) => setTimeout(resolve, 10));
      giving.abort();
      const kind = await joining;
      const stream = await allow();
      await new Promise((resolve) => setTimeout(resolve, 0));
      navigator.mediaDevices.getUserMedia = own;
      return [kind, stream.getTracks().map(({ readyState }) => readyState)];
    }, [await tokenOf("Nobody"), it.server.ws]);
    assert.deepEqual(pending, ["aborted", ["ended", "ended"]], "a prompt that is answered later opens nothing");
    assert.equal((await ben.call("getMembers")).members.length, 2);
  });

  test("a recording and a film are objects that follow what happens", { timeout: 60_000 }, async () => {
    const states = await ann.page.evaluate(async () => {
      lab.told = [];
      for (const name of ["started", "updated", "ended"]) {
        lab.session.on(`recording.${name}`, ({ state }) => lab.told.push(`recording ${state}`));
        lab.session.on(`playback.${name}`, ({ state }) => lab.told.push(`playback ${state}`));
      }
      lab.recording = await lab.session.startRecording();
      const begun = [lab.recording.state, lab.recording.startedAt instanceof Date];
      await lab.recording.pause();
      await lab.recording.stop();
      return begun;
    });
    assert.deepEqual(states, ["recording", true]);
    const told = (list) => until(`${list}`, async () => `${await ann.page.evaluate(() => lab.told)}` === `${list}`);
    await told(["recording recording", "recording paused", "recording completed"]);
    assert.equal(await ann.page.evaluate(async () => (await lab.session.getRecordings()).recordings[0] === lab.recording), true);
    const film = await ann.page.evaluate(async (url) => {
      lab.told = [];
      lab.film = await lab.session.play({ url, volume: -10 });
      return lab.film.id;
    }, films.url("film.mp4"));
    await Promise.all([seesColour(ben, film, RED, { within: 20_000 }), hearsTone(ben, FILM_HZ, { dbfs: -30 })]);
    await ann.page.evaluate(() => lab.film.stop());
    await told(["playback playing", "playback completed"]);
  });

  test("a broken socket is told, replaced, and costs nothing", { timeout: 30_000 }, async () => {
    const marks = { ann: await ann.mark(), ben: await ben.mark() };
    proxy.pull();
    await ann.event("connection.changed", ({ state, signalling, media }) => state === "interrupted" && !signalling && media, { since: marks.ann, within: 2_000 });
    // Asked while there is no socket: it waits for the next.
    const asked = ann.call("setMeta", { said: "from afar" });
    proxy.plug();
    await asked;
    await ann.event("connection.changed", ({ state }) => state === "connected", { since: marks.ann });
    await ben.event("room.updated", ({ room: changed }) => changed.meta?.said === "from afar", { since: marks.ben });
    await ann.hears(ben);
    assert.deepEqual((await ben.events()).slice(marks.ben).filter(({ name }) => /joined|left/.test(name)), []);
  });

  test("lost media is told within two seconds, and comes back on a path that the network forgot", { timeout: 60_000 }, async (t) => {
    const since = await ann.mark();
    relay.cut();
    const cut = Date.now();
    const lost = await ann.event("media.reconnecting", undefined, { since, within: 4_000 });
    t.diagnostic(`told after ${Math.round(lost.at - cut)} ms`);
    assert.ok(lost.at - cut <= 2_000 + 500, `${lost.at - cut} ms`);
    await ann.event("connection.changed", ({ state, media }) => state === "interrupted" && !media, { since });
    relay.rebind();
    relay.mend();
    await ann.event("media.connected", undefined, { since, within: 15_000 });
    await Promise.all([seesColour(ben, ann.memberId, PURPLE), ben.hears(ann), ann.hears(ben)]);
    assert.deepEqual(await ann.events("room.left"), []);
    assert.equal((await ann.events("room.joined")).length, 1);
  });

  test("two sessions in one page are two people, and neither takes the other's seat", { timeout: 30_000 }, async () => {
    const token = await tokenOf("Ann too");
    const { ids, mine } = await ann.page.evaluate(async ([given, host]) => {
      const own = lab.session;
      const other = await new Rotunda.Video.RoomSession({ token: given, host }).join();
      const { members } = await own.getMembers();
      const facts = { ids: members.map(({ id }) => id), mine: [own.memberId, other.memberId] };
      await other.leave();
      return facts;
    }, [token, it.server.ws]);
    assert.deepEqual(ids, [ben.memberId, ...mine]);
    await until("two are left", async () => (await ben.call("getMembers")).members.length === 2);
    await ben.hears(ann);
  });

  test("a camera that is unplugged gives way to another", { timeout: 20_000 }, async () => {
    const since = await ann.mark();
    await ann.page.evaluate(() => {
      const { localVideoTrack: track } = lab.session;
      track.stop();
      track.dispatchEvent(new Event("ended"));
    });
    await ann.event("camera.disconnected", undefined, { since });
    await ann.event("camera.updated", undefined, { since });
    await seesColour(ben, ann.memberId, PURPLE);
  });

  test("a microphone that a telephone call took, and does not give back, is opened anew", { timeout: 30_000 }, async () => {
    const since = await ann.mark();
    await ann.page.evaluate(() => {
      const { localAudioTrack: track } = lab.session;
      Object.defineProperty(track, "muted", { value: true });
      track.dispatchEvent(new Event("mute"));
      lab.taken = track;
    });
    await ann.event("microphone.updated", undefined, { since, within: 8_000 });
    assert.deepEqual(await ann.page.evaluate(() => [lab.taken.readyState, lab.session.localAudioTrack.muted]), ["ended", false]);
    await ben.hears(ann);
  });

  test("a page that was frozen, and lost its socket meanwhile, is back as soon as it goes on", { timeout: 30_000 }, async () => {
    const since = await ann.mark();
    const devtools = await ann.context.newCDPSession(ann.page);
    await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
    proxy.cut();
    await devtools.send("Page.setWebLifecycleState", { state: "active" });
    await ann.event("connection.changed", ({ state, signalling }) => state === "connected" && signalling, { since });
    await Promise.all([ben.hears(ann), ann.hears(ben)]);
    assert.deepEqual((await ann.events()).slice(since).filter(({ name }) => /^room\.(left|joined)$/.test(name)), []);
  });

  test("who looks on is counted under the documented name, promoted, shown what comes, and demoted", { timeout: 60_000 }, async () => {
    const since = await ann.mark();
    const eve = await joined("Eve", { tone: extra, colour: SKY, token: { join_as: "audience", permissions: undefined } });
    await ann.event("room.audience_count", ({ total }) => total === 1, { since });
    assert.deepEqual([eve.interactivityMode, eve.permissions], ["audience", []]);
    await seesColour(eve, ann.memberId, PURPLE);
    const mark = await eve.mark();
    await ann.call("promote", { memberId: eve.memberId, permissions: ["room.self.audio_mute"] });
    await eve.event("room.joined", undefined, { since: mark });
    await seesColour(ann, eve.memberId, SKY);
    await Promise.all([seesColour(eve, ann.memberId, PURPLE), ann.hears(eve)]);
    await ann.call("demote", { memberId: eve.memberId });
    await eve.event("member.demoted", undefined, { since: mark });
    await until("her camera is off", () => eve.page.evaluate(() => lab.session.localVideoTrack === null));
    await until("two are left", async () => (await ann.call("getMembers")).members.length === 2);
    await seesColour(eve, ann.memberId, PURPLE);
    await eve.close();
  });

  test("React: a room is joined while it is shown, its people and what they write are lists, and it is left when it goes", { timeout: 40_000 }, async () => {
    const since = await ben.mark();
    const before = await ann.page.evaluate(async () => (await lab.session.chat.send({ text: "before" })).id);
    const page = await react({ token: await tokenOf("React", { permissions: [...HOST, "room.member.remove"] }), host: it.server.ws });
    const { payload } = await ben.event("member.joined", ({ member }) => member.name === "React", { since, within: 20_000 });
    await until("the people are listed", async () => (await page.evaluate(() => document.querySelector("#people").textContent)) === "joined: Ann Ben React");
    await until("the canvas is there", () => page.evaluate(() => document.querySelector("video").videoWidth === 1280));
    const written = (text) => until(`${text} is shown`, async () => (await page.evaluate(() => document.querySelector("#written").textContent)) === text);
    await written("before");
    await page.evaluate(() => window.send({ text: "hello" }));
    await written("before | hello");
    await page.evaluate((id) => window.remove(id), before);
    await ann.page.evaluate(async () => {
      for (const text of ["good eve", "good evening"]) await lab.session.captions.push({ text, final: text === "good evening", lang: "en" });
    });
    await written("gone | hello | said good evening");
    await page.evaluate(() => window.unmount());
    await ben.event("member.left", ({ member }) => member.id === payload.member.id, { since });
    // In strict mode React shows everything twice at the beginning, and nobody of it stays.
    await until("two are left", async () => (await ben.call("getMembers")).members.length === 2);
    assert.deepEqual(await page.evaluate(() => [document.querySelectorAll("video").length, lab.livePeers().length]), [0, 0]);
    await page.context().close();
  });

  test("leave() lets go of everything, and one may join again", { timeout: 30_000 }, async () => {
    const since = await ben.mark();
    await ann.call("leave");
    await ben.event("member.left", ({ member }) => member.id === ann.memberId, { since });
    assert.deepEqual(await ann.page.evaluate(() => [lab.session.active, lab.livePeers().length, document.querySelectorAll("#root *").length, Object.keys(sessionStorage).length]), [false, 0, 0, 0]);
    assert.deepEqual(await ann.page.evaluate(() => lab.held()), { sockets: 0, intervals: 0, listeners: [], tracks: 0 });
    await ann.call("join");
    await seesColour(ben, await ann.page.evaluate(() => lab.session.memberId), PURPLE);
    await ann.call("leave");
    assert.deepEqual((await ann.events("session.error")).map(({ payload }) => payload), []);
  });

  /** A page whose application is made with React and our packages. */
  async function react(wish) {
    const sdk = join(here, "../../sdk");
    const { outputFiles: [{ text }] } = await build({
      stdin: { contents: APP, resolveDir: here }, bundle: true, write: false, logLevel: "error",
      define: { "process.env.NODE_ENV": '"development"' },
      alias: { "@rotunda/js": join(sdk, "dist/index.js"), "@rotunda/react": join(sdk, "react/dist/index.js"), react: join(here, "node_modules/react") },
    });
    const { page } = await openPage(it.browser, `${it.lab.origin}/ours/`);
    await page.evaluate((w) => {
      window.wish = w;
      lab.setUp({ camera: { palette: [[20, 120, 230]], sequence: [0] }, microphone: { hz: 300, amplitude: 0.0004 } });
    }, wish);
    await page.addScriptTag({ content: text });
    return page;
  }
});

/** In the page, before anything is made: counts what is taken and given back. */
function keepAccounts() {
  const [sockets, intervals, listeners, tracks] = [new Set(), new Set(), new Map(), new Set()];
  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      sockets.add(this);
    }
  };
  const { setInterval: set, clearInterval: clear } = window;
  window.setInterval = (act, ms, ...rest) => {
    const id = set(act, ms, ...rest);
    if (ms !== 50) intervals.add(id); // the test's own cameras draw twenty times a second
    return id;
  };
  window.clearInterval = (id) => {
    intervals.delete(id);
    clear(id);
  };
  for (const [name, target] of Object.entries({ window, document, devices: navigator.mediaDevices })) {
    const { addEventListener: add, removeEventListener: remove } = target;
    const key = (listener) => listeners.get(listener) ?? listeners.set(listener, new Set()).get(listener);
    target.addEventListener = function (type, listener, ...rest) {
      key(listener).add(`${name} ${type}`);
      return add.call(target, type, listener, ...rest);
    };
    target.removeEventListener = function (type, listener, ...rest) {
      key(listener).delete(`${name} ${type}`);
      return remove.call(target, type, listener, ...rest);
    };
  }
  const ask = navigator.mediaDevices.getUserMedia;
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await ask(wish);
    for (const track of stream.getTracks()) tracks.add(track);
    return stream;
  };
  lab.held = () => ({
    sockets: [...sockets].filter(({ readyState }) => readyState < WebSocket.CLOSING).length,
    intervals: intervals.size,
    listeners: [...listeners.values()].flatMap((kinds) => [...kinds]),
    tracks: [...tracks].filter(({ readyState }) => readyState === "live").length,
  });
}

const APP = `
import React from "react";
import { createRoot } from "react-dom/client";
import { Room, useCaptions, useChat, useMembers } from "@rotunda/react";

const People = ({ session, state }) =>
  React.createElement("p", { id: "people" }, state + ": " + useMembers(session).map(({ name }) => name).sort().join(" "));
const Written = ({ session }) => {
  const { messages, ...acts } = useChat(session);
  Object.assign(window, acts);
  return React.createElement("p", { id: "written" },
    [...messages.map(({ text, deleted }) => deleted ? "gone" : text), ...useCaptions(session).map(({ text }) => "said " + text)].join(" | "));
};
const Both = (stay) => React.createElement("div", null, React.createElement(People, stay), React.createElement(Written, stay));
const root = createRoot(document.getElementById("root"));
window.unmount = () => root.unmount();
root.render(React.createElement(React.StrictMode, null,
  React.createElement(Room, window.wish, (stay) => React.createElement(Both, stay))));
`;
