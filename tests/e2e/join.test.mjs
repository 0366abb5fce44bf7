// The unmodified SDK joins as a member: how fast, what it is told, and that media flows.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { expect } from "./lib/rest.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING, world } from "./lib/world.mjs";

const MEMBER_KEYS = [
  "id", "room_id", "room_session_id", "name", "type", "parent_id", "requested_position", "current_position",
  "visible", "audio_muted", "video_muted", "deaf", "handraised", "input_volume", "output_volume",
  "input_sensitivity", "meta", "media_lost",
];

describe("joining", () => {
  const it = world("join");
  const name = fresh("lab");
  const [tone] = tones(1);
  let alice;
  let room;

  test("join() settles in less than four seconds", { timeout: 60_000 }, async (t) => {
    room = await it.rest.room({ name, display_name: "The lab", meta: { floor: 3 } });
    alice = await it.joined("Alice", name, { tone });
    t.diagnostic(`join() took ${Math.round(alice.joining.ms)} ms`);
    assert.ok(alice.joining.ms < 4000, `${alice.joining.ms} ms`);
  });

  test("room.joined says who one is, where, and who else is there", async () => {
    const [{ payload }] = await alice.events("room.joined");
    const session = payload.room_session;
    assert.equal(payload.member_id, alice.memberId);
    assert.equal(session.id, alice.roomSessionId);
    assert.equal(session.room_session_id, session.id);
    assert.equal(session.room_id, room.id);
    assert.match(payload.call_id, /^[0-9a-f-]{36}$/);
    const { layout_name, locked, recording, streaming, hide_video_muted, prioritize_handraise, display_name, meta } = session;
    assert.deepEqual(
      { name: session.name, layout_name, locked, recording, streaming, hide_video_muted, prioritize_handraise, display_name, meta },
      { name, layout_name: "grid-responsive", locked: false, recording: false, streaming: false, hide_video_muted: false, prioritize_handraise: false, display_name: "The lab", meta: { floor: 3 } },
    );
    assert.deepEqual(session.members.map((m) => [m.id, m.name, m.type]), [[alice.memberId, "Alice", "member"]]);
    for (const key of MEMBER_KEYS) assert.ok(key in session.members[0], `a member has ${key}`);
    assert.equal(typeof session.event_channel, "string");
    assert.equal(payload.room.room_id, room.id, "the duplicate is there too");
    assert.deepEqual(payload.room.members, session.members);
  });

  test("the permissions are the token's, in its order", () => {
    assert.deepEqual(alice.permissions, EVERYTHING);
    assert.equal(alice.interactivityMode, "member");
  });

  test("the wire says: answer, then room.subscribed, member.joined, layout.changed", () => {
    const kinds = alice.frames
      .filter(({ way, message }) => way === "in" && message.method === "signalwire.event")
      .map(({ message: { params } }) => (params.event_type === "webrtc.message" ? params.params.method : params.event_type))
      .filter((kind) => ["verto.answer", "video.room.subscribed", "video.member.joined", "video.layout.changed"].includes(kind));
    const firsts = [...new Set(kinds)];
    assert.deepEqual(firsts, ["verto.answer", "video.room.subscribed", "video.member.joined", "video.layout.changed"]);
  });

  test("a picture of 1280x720 arrives with her own colour in her cell", { timeout: 30_000 }, async () => {
    await alice.sees(alice);
    assert.deepEqual(await alice.size(), { width: 1280, height: 720 });
    const layout = await alice.layout();
    const own = layout.layers.find((layer) => layer.member_id === alice.memberId);
    assert.deepEqual([own.x, own.y, own.width, own.height], [0, 0, 100, 100], "alone she fills the canvas");
  });

  test("sound packets flow about fifty times a second though there is nothing to hear", { timeout: 30_000 }, async (t) => {
    const before = await until("a first packet", async () => {
      const now = await alice.received();
      return now.audioPackets > 0 && now;
    });
    const later = await until("150 packets more", async () => {
      const now = await alice.received();
      return now.audioPackets >= before.audioPackets + 150 && now;
    });
    const rate = ((later.audioPackets - before.audioPackets) / (later.at - before.at)) * 1000;
    t.diagnostic(`${rate.toFixed(1)} packets/s`);
    assert.ok(rate > 40 && rate < 60, `${rate}`);
    await alice.losesTone(alice);
  });

  test("a member who talks is said to talk", { timeout: 20_000 }, async () => {
    const { payload } = await alice.event("member.talking", ({ member }) => member.talking === true, { within: 8000 });
    assert.deepEqual(Object.keys(payload).sort(), ["member", "room_id", "room_session_id"]);
    assert.deepEqual(Object.keys(payload.member).sort(), ["id", "room_id", "room_session_id", "talking"]);
    assert.equal(payload.member.id, alice.memberId);
  });

  test("REST shows the session and the member in it", async () => {
    const list = expect(await it.rest.get(`/room_sessions?room_name=${name}`), 200);
    const [session] = list.data;
    assert.deepEqual([session.id, session.room_id, session.status], [alice.roomSessionId, room.id, "in-progress"]);
    const members = expect(await it.rest.get(`/room_sessions/${session.id}/members`), 200).data;
    assert.deepEqual(members.map((m) => [m.id, m.name, m.leave_time]), [[alice.memberId, "Alice", null]]);
    const put = expect(await it.rest.put(`/rooms/${room.id}`, { description: "live" }), 200);
    assert.equal(put.active_session.id, session.id);
  });

  test("leave() ends in room.left, and the member's time is written down", { timeout: 30_000 }, async () => {
    await alice.call("leave");
    await alice.event("room.left");
    const member = await until("a leave_time", async () => {
      const [one] = expect(await it.rest.get(`/room_sessions/${alice.roomSessionId}/members`), 200).data;
      return one.leave_time && one;
    });
    assert.ok(member.leave_time >= member.join_time);
  });

  test("a token alone makes its room when it may", { timeout: 30_000 }, async () => {
    const made = fresh("adhoc");
    const bob = await it.joined("Bob", made, { tone, token: { auto_create_room: true } });
    const [{ payload }] = await bob.events("room.joined");
    assert.equal(payload.room_session.name, made);
    const [session] = expect(await it.rest.get(`/room_sessions?room_name=${made}`), 200).data;
    assert.equal(session.room_id, null, "only an auto-created room has no id in REST");
  });
});
