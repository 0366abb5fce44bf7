// The server SDK, unchanged: an application listens to its rooms and does what anybody in them may
// do; what it does is heard, seen and told in the browsers.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { SignalWire } from "@signalwire/realtime-api";

import { losesColour, NOT_FOUND, ORANGE, seesColour, SKY } from "./lib/legs.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { rotunda } from "./lib/server.mjs";
import { until, within } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const ROOM_EVENTS = [
  "onRoomSubscribed", "onRoomUpdated", "onRoomEnded", "onRoomAudienceCount", "onLayoutChanged",
  "onMemberJoined", "onMemberUpdated", "onMemberLeft", "onMemberTalking", "onMemberTalkingStarted",
  "onMemberAudioMuted", "onMemberVideoMuted", "onMemberInputVolume",
];

describe("the server SDK", () => {
  const it = world("node");
  const room = fresh("node");
  const [one, two] = tones(2);
  const clients = [];
  const heard = []; // what the application was told, in order
  let ann, ben, client, session, proxy;

  after(async () => {
    await Promise.all(clients.map((each) => within(5_000, "disconnect", each.disconnect()).catch(() => {})));
    await proxy?.stop();
  });

  test("a wrong token, another's project and words without sense are refused with a typed error", { timeout: 30_000 }, async () => {
    const { project_id: project, api_token: token } = it.server;
    const second = "00000000-0000-4000-8000-000000000000";
    for (const [p, t] of [[project, "PTwrong"], [second, token], ["no id", token], [project, ""]]) {
      const error = await within(10_000, "the refusal", new Promise((resolve) => {
        void SignalWire({ project: p, token: t, host: it.server.ws, logLevel: "silent", listen: { onAuthError: resolve } });
      }));
      assert.equal(error.name, "AuthError");
      assert.equal(error.code, -32002);
      assert.ok(!error.message.includes(token));
    }
  });

  test("the beginning of a room is told to who listens", { timeout: 90_000 }, async () => {
    proxy = await startProxy(it.server.ws);
    client = await connect(proxy.host);
    await client.video.listen({
      onRoomStarted: (started) => heard.push(["room.started", started]),
      onRoomEnded: (ended) => heard.push(["room.ended", ended]),
    });
    ann = await it.joined("Ann", room, { tone: one, colour: ORANGE });
    const [, started] = await told("room.started");
    assert.deepEqual([started.id, started.name, started.roomId], [ann.roomSessionId, room, ann.roomId]);
    assert.equal(await wouldHearMore("room.started"), 1);
  });

  test("sessions and their members can be looked up, and who listens later is told of what runs", { timeout: 60_000 }, async () => {
    const { roomSessions } = await client.video.getRoomSessions();
    assert.deepEqual(roomSessions.map(({ id }) => id), [ann.roomSessionId]);
    ({ roomSession: session } = await client.video.getRoomSessionById(ann.roomSessionId));
    assert.deepEqual([session.name, session.locked, session.layoutName], [room, false, "grid-responsive"]);
    const { members } = await session.getMembers();
    assert.deepEqual(members.map(({ id, name, type, audioMuted }) => [id, name, type, audioMuted]), [[ann.memberId, "Ann", "member", false]]);
    const late = await connect(it.server.ws);
    const running = await within(5_000, "the running room", new Promise((resolve) => {
      void late.video.listen({ onRoomStarted: resolve });
    }));
    assert.equal(running.id, ann.roomSessionId);
  });

  test("an application that listens to a session is shown it, and hears what happens in it", { timeout: 60_000 }, async () => {
    const listeners = ROOM_EVENTS.map((name) => [name, (what) => heard.push([name, what])]);
    await session.listen(Object.fromEntries(listeners));
    await told("onRoomSubscribed", (shown) => shown.id === ann.roomSessionId);
    ben = await it.joined("Ben", room, { tone: two, colour: SKY });
    await told("onMemberJoined", (member) => member.id === ben.memberId && member.name === "Ben");
    await told("onLayoutChanged", ({ layout }) => layout.layers.some((layer) => layer.memberId === ben.memberId));
    await told("onMemberTalkingStarted", (member) => member.id === ben.memberId);
    await ben.hears(ann);
  });

  test("whom the application mutes is not heard any more, and is heard again when it pleases", { timeout: 60_000 }, async () => {
    const since = await ann.mark();
    await session.audioMute({ memberId: ann.memberId });
    await ben.losesTone(ann);
    await ann.event("member.updated", ({ member }) => member.id === ann.memberId && member.audio_muted, { since });
    await told("onMemberAudioMuted", (member) => member.id === ann.memberId && member.audioMuted);
    await session.audioUnmute({ memberId: ann.memberId });
    await ben.hears(ann);
    await session.videoMute({ memberId: ben.memberId });
    await losesColour(ann, ben.memberId, SKY);
    await told("onMemberVideoMuted", (member) => member.id === ben.memberId && member.videoMuted);
    await session.videoUnmute({ memberId: ben.memberId });
    await seesColour(ann, ben.memberId, SKY);
  });

  test("each further method has the effect it has in a browser", { timeout: 120_000 }, async () => {
    const target = { memberId: ben.memberId };
    const steps = [
      [() => session.deaf(target), { deaf: true, audio_muted: true }],
      [() => session.undeaf(target), { deaf: false, audio_muted: false }],
      [() => session.setInputVolume({ ...target, volume: -20 }), { input_volume: -20 }],
      [() => session.setMicrophoneVolume({ ...target, volume: 0 }), { input_volume: 0 }],
      [() => session.setOutputVolume({ ...target, volume: -20 }), { output_volume: -20 }],
      [() => session.setSpeakerVolume({ ...target, volume: 0 }), { output_volume: 0 }],
      [() => session.setInputSensitivity({ ...target, value: 40 }), { input_sensitivity: 40 }],
      [() => session.setRaisedHand(target), { handraised: true }],
      [() => session.setRaisedHand({ ...target, raised: false }), { handraised: false }],
      [() => session.setMemberMeta({ ...target, meta: { a: 1 } }), { meta: { a: 1 } }],
      [() => session.updateMemberMeta({ ...target, meta: { b: 2 } }), { meta: { a: 1, b: 2 } }],
      [() => session.deleteMemberMeta({ ...target, keys: ["a"] }), { meta: { b: 2 } }],
      [() => session.setMemberPosition({ member_id: ben.memberId, position: "off-canvas" }), { requested_position: "off-canvas" }],
      [() => session.setPositions({ positions: { [ben.memberId]: "standard-1" } }), { requested_position: "standard-1" }],
    ];
    for (const [act, fields] of steps) await changes(ann, "member.updated", "member", act, fields);
    assert.deepEqual((await session.getMemberMeta(target)).meta, { b: 2 });
    const ofRoom = [
      [() => session.lock(), { locked: true }],
      [() => session.unlock(), { locked: false }],
      [() => session.setHideVideoMuted(true), { hide_video_muted: true }],
      [() => session.setHideVideoMuted(false), { hide_video_muted: false }],
      [() => session.setPrioritizeHandraise(true), { prioritize_handraise: true }],
      [() => session.setMeta({ a: 1 }), { meta: { a: 1 } }],
      [() => session.updateMeta({ b: 2 }), { meta: { a: 1, b: 2 } }],
      [() => session.deleteMeta(["a"]), { meta: { b: 2 } }],
      [() => session.setLayout({ name: "2x1" }), { layout_name: "2x1" }],
    ];
    for (const [act, fields] of ofRoom) await changes(ann, "room.updated", "room", act, fields);
    assert.deepEqual((await session.getMeta()).meta, { b: 2 });
    assert.equal((await session.getLayouts()).layouts.length, 24);
    await told("onRoomUpdated", (updated) => updated.layoutName === "2x1" && updated.name === room);
  });

  test("what is wrong is refused in the words a browser gets", { timeout: 30_000 }, async () => {
    await assert.rejects(session.audioMute({ memberId: "00000000-0000-4000-8000-000000000000" }), NOT_FOUND);
    await assert.rejects(session.setInputVolume({ memberId: ben.memberId, volume: 51 }), { code: "422" });
    await assert.rejects(session.setLayout({ name: "nonsense" }), { code: "422" });
  });

  test("another project sees, hears and reaches none of it", { timeout: 60_000 }, async () => {
    const data = ["--data-dir", it.server.dataDir];
    const project = (await rotunda(["project", "create", "--name", "other", ...data])).stdout.trim();
    const made = await rotunda(["api-token", "create", "--project", project, "--scope", "video", ...data]);
    const token = made.stdout.trim();
    const other = await connect(it.server.ws, { project, token });
    const seen = [];
    await other.video.listen({ onRoomStarted: (what) => seen.push(what), onRoomEnded: (what) => seen.push(what) });
    assert.deepEqual((await other.video.getRoomSessions()).roomSessions, []);
    await assert.rejects(quietly(() => other.video.getRoomSessionById(ann.roomSessionId)), NOT_FOUND);
    const { _client: wire } = other;
    const named = { room_session_id: ann.roomSessionId };
    const { eventChannel: channel } = (await client.video.getRoomSessionById(ann.roomSessionId)).roomSession;
    for (const [method, params] of [
      ["video.members.get", named],
      ["video.member.audio_mute", { ...named, member_id: ann.memberId }],
      ["video.member.remove", { ...named, member_id: "all" }],
      ["signalwire.subscribe", { event_channel: channel, events: ["video.member.updated"], get_initial_state: true }],
    ]) await assert.rejects(wire.execute({ method, params }), NOT_FOUND, method);
    await assert.rejects(wire.execute({ method: "video.message", params: {} }), { code: "403" });
    await ben.hears(ann);
    assert.deepEqual(seen, []);
  });

  test("a person's token opens none of the application's doors", { timeout: 30_000 }, async () => {
    const jwt = await it.rest.token({ room_name: room, user_name: "Eve", permissions: [] });
    const events = { event_channel: "video.rooms", events: ["video.room.started"], get_initial_state: true };
    const answers = await ann.page.evaluate(talk, [it.server.ws, [
      ["signalwire.connect", { authentication: { jwt_token: jwt } }],
      ["signalwire.subscribe", events],
      ["video.rooms.get", {}],
      ["video.room.get", { room_session_id: ann.roomSessionId }],
    ]]);
    const [connected, ...refused] = answers.map(({ result }) => result);
    assert.equal(connected.authorization.join_as, "member");
    assert.deepEqual(refused.map(({ code }) => code), ["403", "403", "404"]);
  });

  test("after its socket broke the application hears on, what it missed included", { timeout: 60_000 }, async () => {
    const before = heard.length;
    proxy.cut();
    await ann.call("audioMute");
    await told("onMemberUpdated", (member) => member.id === ann.memberId && member.audioMuted, { since: before, ms: 15_000 });
    await ann.call("audioUnmute");
    await told("onMemberUpdated", (member) => member.id === ann.memberId && !member.audioMuted, { since: before });
  });

  test("whom the application removes is gone, and the end of the room is told", { timeout: 60_000 }, async () => {
    await session.removeMember({ memberId: ben.memberId });
    await ben.event("room.left");
    await told("onMemberLeft", (member) => member.id === ben.memberId);
    await session.removeAllMembers();
    await ann.event("room.left");
    const [, ended] = await told("room.ended");
    assert.equal(ended.id, session.id);
    await told("onRoomEnded");
    assert.deepEqual((await client.video.getRoomSessions()).roomSessions, []);
    await assert.rejects(session.getMembers(), NOT_FOUND);
  });

  async function connect(host, { project = it.server.project_id, token = it.server.api_token } = {}) {
    const connected = await SignalWire({ project, token, host, logLevel: "silent" });
    clients.push(connected);
    return connected;
  }

  /** Waits until the application was told something of that name that suits. */
  const told = (name, suits = () => true, { since = 0, ms = 5_000 } = {}) =>
    until(`the application hears ${name}`, () => heard.slice(since).find(([what, value]) => what === name && suits(value)), { within: ms });

  /** How often it was told by the time a later event came. */
  async function wouldHearMore(name) {
    await client.video.getRoomSessions();
    return heard.filter(([what]) => what === name).length;
  }

  async function changes(viewer, event, entity, act, fields) {
    const since = await viewer.mark();
    await act();
    await viewer.event(event, (payload) => {
      const changed = payload[entity];
      return Object.entries(fields).every(([key, value]) => changed.updated?.includes(key) && JSON.stringify(changed[key]) === JSON.stringify(value));
    }, { since });
  }
});

/** In the page: asks one thing after the other on a socket of its own. */
async function talk([url, questions]) {
  const socket = new WebSocket(url);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const answers = [];
  for (const [method, params] of questions) {
    const answer = new Promise((resolve) => socket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.id === method) resolve(frame);
    }));
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: method, method, params }));
    answers.push(await answer);
  }
  socket.close();
  return answers;
}

/** The SDK prints what it rejects with. */
async function quietly(act) {
  const { error } = console;
  console.error = () => {};
  return act().finally(() => { console.error = error; });
}
