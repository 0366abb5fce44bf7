// Order, places, hands and meta: each method once, felt in the picture and in what others are told.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { losesColour, NOT_FOUND, ORANGE, PURPLE, REFUSED, said, seesColour, SKY } from "./lib/legs.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const HOST = [
  "room.lock", "room.unlock", "room.member.remove", "room.hide_video_muted", "room.show_video_muted",
  "room.set_layout", "room.set_position", "room.self.set_position", "room.member.set_position",
  "room.set_meta", "room.self.set_meta", "room.member.set_meta",
  "room.member.video_mute", "room.member.video_unmute", "room.member.raisehand", "room.member.lowerhand",
  "room.prioritize_handraise", "room.captions.push", "room.links",
];
const HANDS = ["video.member.raisehand", "video.member.lowerhand"]; // the seed's spelling
const STRANGER = "00000000-0000-4000-8000-000000000000";

describe("room methods", () => {
  const it = world("methods");
  const room = fresh("methods");
  const [one, two, three] = tones(3);
  let ann; // may do everything
  let ben; // may raise hands only
  let cid; // may do nothing

  test("two people join", { timeout: 90_000 }, async () => {
    await it.rest.room({ name: room }); // one that a token makes has no links
    ann = await it.joined("Ann", room, { tone: one, colour: ORANGE, token: { permissions: HOST } });
    ben = await it.joined("Ben", room, { tone: two, colour: SKY, token: { permissions: HANDS } });
    assert.deepEqual(ben.permissions, HANDS);
    await seesColour(ann, ben.memberId, SKY, { within: 15_000 });
    await seesColour(ben, ann.memberId, ORANGE);
  });

  test("a locked room refuses newcomers and nobody else", { timeout: 60_000 }, async () => {
    await changesRoom(() => ann.call("lock"), { locked: true });
    cid = await it.participant("Cid", { tone: three, colour: PURPLE });
    const token = await it.rest.token({ room_name: room, user_name: "Cid", permissions: [] });
    const refused = await cid.tryJoin({ token, host: it.server.ws });
    assert.deepEqual(said(refused), { code: "403", message: "Room is locked" });
    await changesRoom(() => ann.call("unlock"), { locked: false });
    await cid.join({ token, host: it.server.ws });
    await seesColour(ann, cid.memberId, PURPLE);
  });

  test("who joins later has the whole member list within a second, without a false member.joined", { timeout: 20_000 }, async () => {
    const everybody = [ann, ben, cid].map((who) => who.memberId).sort();
    const list = await cid.event("memberList.updated", ({ members }) => members.length === 3);
    assert.deepEqual(list.payload.members.map((member) => member.id).sort(), everybody);
    assert.deepEqual(list.payload.members.map((member) => member.name).sort(), ["Ann", "Ben", "Cid"]);
    const [joined] = (await cid.events("room.joined")).slice(-1);
    assert.ok(list.at - joined.at < 1000, `${list.at - joined.at} ms`);
    const newcomers = (await cid.events("member.joined")).map(({ payload }) => payload.member.id);
    assert.deepEqual(newcomers, [cid.memberId]);
  });

  test("a hand goes up and down, and everybody is told", { timeout: 30_000 }, async () => {
    await changesMember(() => ben.call("setRaisedHand"), ben, { handraised: true });
    await changesMember(() => ben.call("setRaisedHand", { raised: false }), ben, { handraised: false });
    await changesMember(() => ann.call("setRaisedHand", { memberId: cid.memberId }), cid, { handraised: true });
  });

  test("raised hands take the lowest seat while they are prioritized, and give it back", { timeout: 60_000 }, async () => {
    assert.deepEqual(await places(), { [ann.memberId]: "standard-1", [ben.memberId]: "standard-2", [cid.memberId]: "standard-3" });
    let value;
    await changesRoom(async () => { value = await ann.call("setPrioritizeHandraise", true); }, { prioritize_handraise: true });
    assert.equal(value, true);
    await until("the raised hand sits first", async () => (await places())[cid.memberId] === "standard-1");
    await seesColour(ben, cid.memberId, PURPLE);
    await changesMember(() => ann.call("setRaisedHand", { memberId: cid.memberId, raised: false }), cid, { handraised: false });
    await until("the former order is back", async () => (await places())[ann.memberId] === "standard-1");
    assert.equal((await places())[cid.memberId], "standard-3");
    await changesRoom(() => ann.call("setPrioritizeHandraise", false), { prioritize_handraise: false });
  });

  for (const [hide, show] of [[["hideVideoMuted"], ["showVideoMuted"]], [["setHideVideoMuted", true], ["setHideVideoMuted", false]]]) {
    test(`${hide.join(" ")}: who has the camera off has no cell, until ${show.join(" ")}`, { timeout: 60_000 }, async () => {
      await ann.call("videoMute", { memberId: ben.memberId });
      await losesColour(ann, ben.memberId, SKY);
      await changesRoom(() => ann.call(...hide), { hide_video_muted: true });
      await until("no cell is Ben's", async () => !(ben.memberId in (await places())));
      await seesColour(ann, cid.memberId, PURPLE);
      await changesRoom(() => ann.call(...show), { hide_video_muted: false });
      await until("Ben has a cell", async () => ben.memberId in (await places()));
      await losesColour(ann, ben.memberId, SKY);
      await ann.call("videoUnmute", { memberId: ben.memberId });
      await seesColour(ann, ben.memberId, SKY);
    });
  }

  test("setLayout with positions is one step", { timeout: 40_000 }, async () => {
    const since = await ben.mark();
    await ann.call("setLayout", { name: "2x2", positions: { self: "standard-4", [ben.memberId]: "standard-1" } });
    const { payload } = await ben.event("layout.changed", ({ layout }) => layout.name === "2x2", { since });
    assert.equal(placesOf(payload.layout)[ann.memberId], "standard-4");
    assert.equal(placesOf(payload.layout)[ben.memberId], "standard-1");
    await paintedAt(cid, { x: 50, y: 50 }, ORANGE);
    await paintedAt(cid, { x: 0, y: 0 }, SKY);
  });

  test("setPositions moves several at once", { timeout: 40_000 }, async () => {
    const since = await cid.mark();
    await ann.call("setPositions", { positions: { self: "standard-1", [ben.memberId]: "standard-2", [cid.memberId]: "standard-3" } });
    for (const who of [ann, ben, cid]) {
      await cid.event("member.updated", ({ member }) => member.id === who.memberId && member.updated?.includes("requested_position"), { since });
    }
    await paintedAt(cid, { x: 0, y: 0 }, ORANGE);
    await paintedAt(cid, { x: 50, y: 0 }, SKY);
    await paintedAt(cid, { x: 0, y: 50 }, PURPLE);
  });

  test("setMemberPosition off-canvas takes the cell and leaves the sound; auto gives a cell again", { timeout: 40_000 }, async () => {
    await changesMember(() => ann.call("setMemberPosition", { memberId: ben.memberId, position: "off-canvas" }), ben,
      { requested_position: "off-canvas", current_position: "off-canvas", visible: false }, ["requested_position"]);
    await until("no cell is Ben's", async () => !(ben.memberId in (await places())));
    await cid.hears(ben);
    await changesMember(() => ann.call("setMemberPosition", { memberId: ben.memberId, position: "auto" }), ben, { requested_position: "auto", visible: true }, ["requested_position"]);
    await seesColour(cid, ben.memberId, SKY);
  });

  test("wrong places are refused and nobody moves", { timeout: 30_000 }, async () => {
    const before = await places();
    const since = await cid.mark();
    const position = async (wish) => said(await ann.tryCall("setPositions", { positions: wish })).code;
    assert.equal(await position({ self: "playback" }), "422");
    assert.equal(await position({ [STRANGER]: "auto" }), "404");
    assert.equal(await position({ self: "standard-4", [ben.memberId]: "nowhere" }), "422");
    assert.equal(await position({ self: "standard-4", [STRANGER]: "standard-1" }), "404");
    assert.equal(said(await ann.tryCall("setMemberPosition", { position: "full-screen" })).code, "422");
    assert.deepEqual(await places(), before);
    const moves = (await cid.events()).slice(since).filter(({ name }) => name === "layout.changed");
    assert.deepEqual(moves, []);
  });

  test("the room's meta is set, updated and deleted, each change told once", { timeout: 40_000 }, async () => {
    await changesRoom(() => ann.call("setMeta", { foo: "bar", baz: true }), { meta: { foo: "bar", baz: true } });
    await changesRoom(() => ann.call("updateMeta", { baz: false, t: 10 }), { meta: { foo: "bar", baz: false, t: 10 } });
    await changesRoom(() => ann.call("deleteMeta", ["foo"]), { meta: { baz: false, t: 10 } });
    assert.deepEqual(await cid.call("getMeta"), await ann.call("getMeta"));
    assert.deepEqual((await cid.call("getMeta")).meta, { baz: false, t: 10 });
    const told = cid.frames.filter(isEvent("video.room.updated")).filter(({ message }) => message.params.params.room.updated.includes("meta"));
    assert.equal(told.length, 3);
    assert.equal(said(await ann.tryCall("setMeta", { long: "x".repeat(2000) })).code, "422");
    assert.deepEqual((await cid.call("getMeta")).meta, { baz: false, t: 10 });
  });

  test("a member's meta is set, updated and deleted", { timeout: 40_000 }, async () => {
    const memberId = ben.memberId;
    await changesMember(() => ann.call("setMemberMeta", { memberId, meta: { foo: "bar", baz: true } }), ben, { meta: { foo: "bar", baz: true } });
    await changesMember(() => ann.call("updateMemberMeta", { memberId, meta: { baz: false, t: 10 } }), ben, { meta: { foo: "bar", baz: false, t: 10 } });
    await changesMember(() => ann.call("deleteMemberMeta", { memberId, keys: ["foo"] }), ben, { meta: { baz: false, t: 10 } });
    assert.deepEqual((await cid.call("getMemberMeta", { memberId })).meta, { baz: false, t: 10 });
    assert.deepEqual((await ben.call("getMemberMeta")).meta, { baz: false, t: 10 });
    assert.deepEqual((await ann.call("getMemberMeta")).meta, {});
    await changesMember(() => ann.call("setMemberMeta", { meta: { email: "joe@example.com" } }), ann, { meta: { email: "joe@example.com" } });
  });

  test("digits are taken when they are digits", { timeout: 20_000 }, async () => {
    assert.equal(await ben.call("sendDigits", "1"), null);
    assert.equal(await ben.call("sendDigits", "0123456789ABCD*#"), null);
    for (const wrong of ["", "xyz", "1".repeat(33)]) {
      assert.equal(said(await ben.tryCall("sendDigits", wrong)).code, "422", wrong);
    }
    await until("the session's list holds them", async () => {
      const { body } = await it.rest.get(`/room_sessions/${ben.roomSessionId}/events?page_size=100`);
      const digits = body.data.filter(({ name }) => name.endsWith("member.digits")).map(({ payload }) => payload);
      if (digits.length === 0) throw new Error(body.data.map(({ name }) => name).join(" "));
      assert.ok(digits.every(({ member_id: id }) => id === ben.memberId));
      return digits.map((one) => one.digits).sort().join(" ") === "0123456789ABCD*# 1";
    });
  });

  test("without the permission every method is refused in the same words, for known and unknown members", { timeout: 60_000 }, async () => {
    const before = await places();
    const since = await ann.mark();
    const meta = { a: 1 };
    const room = [
      ["lock"], ["unlock"], ["hideVideoMuted"], ["showVideoMuted"], ["setPrioritizeHandraise", true], ["removeAllMembers"],
      ["setLayout", { name: "5up" }], ["setPositions", { positions: { self: "standard-1" } }],
      ["setMeta", meta], ["updateMeta", meta], ["deleteMeta", ["baz"]],
      ["setRaisedHand"], ["setMemberPosition", { position: "auto" }], ["setMemberMeta", { meta }],
      ["deaf"], ["undeaf"], ["setInputVolume", { volume: 5 }], ["setOutputVolume", { volume: 5 }], ["setInputSensitivity", { value: 50 }],
    ];
    const others = [ann.memberId, STRANGER].flatMap((memberId) => [
      ["removeMember", { memberId }], ["promote", { memberId }], ["demote", { memberId }], ["setRaisedHand", { memberId }],
      ["setMemberPosition", { memberId, position: "auto" }], ["deaf", { memberId }], ["undeaf", { memberId }],
      ["setInputVolume", { memberId, volume: 5 }], ["setOutputVolume", { memberId, volume: 5 }],
      ["setInputSensitivity", { memberId, value: 50 }], ["setMemberMeta", { memberId, meta }],
      ["updateMemberMeta", { memberId, meta }], ["deleteMemberMeta", { memberId, keys: ["a"] }],
    ]);
    for (const [method, ...args] of [...room, ...others]) {
      assert.deepEqual(said(await cid.tryCall(method, ...args)), REFUSED, `${method} ${JSON.stringify(args)}`);
    }
    assert.deepEqual(await places(), before);
    const told = (await ann.events()).slice(since).filter(({ name }) => ["member.updated", "room.updated", "layout.changed", "member.left"].includes(name));
    assert.deepEqual(told, []);
  });

  test("with the permission an unknown member is not found", { timeout: 20_000 }, async () => {
    const memberId = STRANGER;
    for (const [method, wish] of [["removeMember", {}], ["setRaisedHand", {}], ["setMemberPosition", { position: "auto" }], ["setMemberMeta", { meta: {} }], ["getMemberMeta", {}]]) {
      assert.deepEqual(said(await ann.tryCall(method, { memberId, ...wish })), NOT_FOUND, method);
    }
  });

  test("removeMember: who is removed has left, and the others are told once", { timeout: 40_000 }, async () => {
    const since = await ben.mark();
    await ann.call("removeMember", { memberId: cid.memberId });
    const { payload } = await cid.event("room.left");
    assert.ok(!payload?.reason, JSON.stringify(payload));
    assert.deepEqual(byes(cid), [{ code: 16, cause: "NORMAL_CLEARING" }]);
    const left = await ben.event("member.left", ({ member }) => member.id === cid.memberId, { since });
    assert.equal(left.payload.member.name, "Cid");
    await until("no cell is Cid's", async () => !(cid.memberId in (await places())));
    assert.equal(ben.frames.filter(isEvent("video.member.left")).length, 1);
    const { members } = await ann.call("getMembers");
    assert.deepEqual(members.map(({ id }) => id), [ann.memberId, ben.memberId]);
  });

  test("what is written is kept until who may remove people takes it away, and a page that did not ask is told nothing", { timeout: 20_000 }, async () => {
    const ask = (who, method, params) => who.call("execute", { method, params: { room_session_id: ann.roomSessionId, ...params } });
    const { chat_message: sent } = await ask(ben, "video.chat.send", { text: "hello" });
    assert.deepEqual([sent.from, sent.name, sent.text], [ben.memberId, "Ben", "hello"]);
    const list = async () => (await ask(ann, "video.chat.list")).messages.map(({ id, text, deleted = false }) => ({ id, text, deleted }));
    assert.deepEqual(await list(), [{ id: sent.id, text: "hello", deleted: false }]);
    await ask(ann, "video.chat.delete", { message_id: sent.id });
    assert.deepEqual(await list(), [{ id: sent.id, text: "", deleted: true }]);
    await ask(ann, "video.captions.push", { text: "hello", lang: "en" });
    for (const who of [ann, ben]) {
      assert.deepEqual(who.frames.filter((frame) => isEvent("video.chat.message")(frame) || isEvent("video.captions.pushed")(frame)), []);
    }
  });

  test("whoever may make links makes one, finds it in the list, and revokes it", { timeout: 20_000 }, async () => {
    const ask = (who, method, params) => who.tryCall("execute", { method, params: { room_session_id: ann.roomSessionId, ...params } });
    assert.equal((await ask(ben, "video.links.list")).error.code, "403");
    const made = await ask(ann, "video.links.create", { role: "audience", max_uses: 1 });
    assert.ok(made.ok, JSON.stringify(made.error));
    const { link } = made.value;
    assert.deepEqual([link.role, link.max_uses, link.uses, link.key.length], ["audience", 1, 0, 22]);
    assert.equal((await ask(ann, "video.links.create", { role: "host" })).error.code, "403", "nobody lets in as more than they are");
    const { links } = (await ask(ann, "video.links.list")).value;
    assert.deepEqual(links.map(({ id, key }) => [id, key]), [[link.id, undefined]]);
    assert.equal((await ask(ann, "video.links.revoke", { link_id: link.id })).ok, true);
    assert.equal((await ask(ann, "video.links.revoke", { link_id: link.id })).error.code, "404");
  });

  test("hangupAll without the permission to remove ends the caller only", { timeout: 40_000 }, async () => {
    const since = await ann.mark();
    await ben.call("hangupAll");
    await ben.event("room.left");
    await ann.event("member.left", ({ member }) => member.id === ben.memberId, { since });
    const sent = ben.frames.filter(({ way, message }) => way === "in" && message.result?.result?.result?.cause === "REJECT_ALL");
    assert.deepEqual(sent.map(({ message }) => message.result.result.result.causeCode), [825]);
    assert.deepEqual((await ann.call("getMembers")).members.map(({ id }) => id), [ann.memberId]);
  });

  test("hangupAll with it ends everybody, and the session", { timeout: 60_000 }, async () => {
    const dan = await it.joined("Dan", room, { tone: two, token: { permissions: [] } });
    assert.equal(dan.roomSessionId, ann.roomSessionId);
    await ann.call("hangupAll");
    await ann.event("room.left");
    await dan.event("room.left");
    assert.deepEqual(byes(dan), [{ code: 825, cause: "REJECT_ALL" }]);
    await until("the session is over", async () => (await it.rest.get(`/room_sessions/${ann.roomSessionId}`)).body.status === "completed");
  });

  test("removeAllMembers ends everybody, and the session", { timeout: 90_000 }, async () => {
    await it.closePages();
    const other = fresh("all");
    const host = await it.joined("Host", other, { tone: one, token: { permissions: HOST } });
    const guest = await it.joined("Guest", other, { tone: two, token: { permissions: [] } });
    await host.call("removeAllMembers");
    for (const who of [host, guest]) {
      await who.event("room.left");
      assert.deepEqual(byes(who), [{ code: 16, cause: "NORMAL_CLEARING" }], who.name);
    }
    await until("the session is over", async () => (await it.rest.get(`/room_sessions/${host.roomSessionId}`)).body.status === "completed");
  });

  const places = async () => placesOf(await ben.layout());

  // Does it, and waits until everybody was told of the fields' new values.
  async function changesRoom(act, fields) {
    const marks = await Promise.all([ann, ben].map((who) => who.mark()));
    await act();
    for (const [at, who] of [ann, ben].entries()) {
      const { payload } = await who.event("room.updated", ({ room: changed }) => Object.keys(fields).every((key) => changed.updated.includes(key)), { since: marks[at] });
      for (const [key, value] of Object.entries(fields)) {
        assert.deepEqual(payload.room[key], value, key);
        assert.deepEqual(payload.room_session[key], value, key);
      }
      assert.equal(payload.room_session.id, ann.roomSessionId);
    }
  }

  async function changesMember(act, target, fields, updated = Object.keys(fields)) {
    const marks = await Promise.all([ann, ben].map((who) => who.mark()));
    await act();
    for (const [at, who] of [ann, ben].entries()) {
      const { payload } = await who.event("member.updated", ({ member }) => member.id === target.memberId && updated.every((key) => member.updated?.includes(key)), { since: marks[at] });
      for (const [key, value] of Object.entries(fields)) assert.deepEqual(payload.member[key], value, key);
    }
  }
});

const placesOf = ({ layers }) => Object.fromEntries(layers.filter((layer) => layer.member_id).map((layer) => [layer.member_id, layer.position]));

const isEvent = (type) => ({ way, message }) => way === "in" && message.params?.event_type === type;

// How the server ended this page's legs.
function byes(who) {
  const messages = who.frames.filter(isEvent("webrtc.message")).map(({ message }) => message.params.params);
  return messages.filter(({ method }) => method === "verto.bye").map(({ params }) => ({ code: params.causeCode, cause: params.cause }));
}

// The quarter of the picture that begins there shows this colour: read off the picture alone.
function paintedAt(viewer, { x, y }, colour) {
  const rectangle = { x: x + 12, y: y + 12, width: 25, height: 25 };
  return until(`${viewer.name} sees ${colour} at ${x},${y}`, async () => {
    const rgb = await viewer.page.evaluate((one) => lab.rectangle(one), rectangle);
    if (rgb?.every((value, i) => Math.abs(value - colour[i]) <= 40)) return true;
    throw new Error(`${rgb}`);
  });
}
