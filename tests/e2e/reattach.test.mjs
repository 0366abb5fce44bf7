// Seats that survive: a page that is loaded again, a socket that breaks while media is healthy.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { add, losesColour, ORANGE, PURPLE, said, seesColour, SKY } from "./lib/legs.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { expected } from "./lib/sdk.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const HOST = [
  "room.member.audio_mute", "room.member.audio_unmute", "room.member.raisehand", "room.set_layout", "room.set_position",
  "room.member.set_input_volume", "room.member.set_output_volume", "room.member.set_input_sensitivity",
  "room.member.set_position", "room.member.set_meta", "room.member.video_mute", "room.member.video_unmute",
  "room.member.promote", "room.lock", "room.set_meta",
];
const OWN = ["room.self.audio_mute", "room.self.audio_unmute", "room.self.screenshare"];

describe("coming back", () => {
  const it = world("reattach", { server: { env: { ROTUNDA_SESSION__GRACE_SECONDS: "27" } } });
  const room = fresh("back");
  const [one, two] = tones(2);
  let proxy; // carries Ben's socket
  let ann;
  let ben;
  after(() => proxy?.stop());

  test("two people join, one through a cable that can be pulled", { timeout: 90_000 }, async () => {
    proxy = await startProxy(it.server.ws);
    ann = await it.joined("Ann", room, { tone: one, colour: ORANGE, token: { permissions: HOST } });
    ben = await it.joined("Ben", room, { tone: two, colour: PURPLE, token: { permissions: OWN }, join: { host: proxy.host } });
    await seesColour(ann, ben.memberId, PURPLE, { within: 15_000 });
    await ann.hears(ben);
    await ben.hears(ann);
  });

  test("a broken socket is replaced; media never notices, and what happened meanwhile is made good", { timeout: 60_000 }, async () => {
    const marks = { ann: await ann.mark(), ben: await ben.mark() };
    const sockets = connects(ben);
    proxy.pull();
    await until("the socket is gone", () => proxy.connections() === 0);
    await ann.call("setMeta", { said: "while you were away" });
    await ann.call("setLayout", { name: "2x2" });
    await ann.hears(ben);
    await seesColour(ann, ben.memberId, PURPLE);
    proxy.plug();
    await ben.event("room.updated", ({ room: changed }) => changed.meta?.said === "while you were away", { since: marks.ben, within: 20_000 });
    await ben.event("layout.changed", ({ layout }) => layout.name === "2x2", { since: marks.ben });
    assert.equal(connects(ben), sockets + 1);
    assert.equal((await ben.call("getMembers")).members.length, 2);
    await ben.hears(ann);
    await ann.hears(ben);
    await ann.call("audioMute", { memberId: ben.memberId });
    await ben.event("member.updated", ({ member }) => member.id === ben.memberId && member.audio_muted, { since: marks.ben });
    await ann.call("audioUnmute", { memberId: ben.memberId });
    await ann.hears(ben);
    await nobodyCameOrWent(marks.ann);
    assert.deepEqual((await ben.events("room.joined")).length, 1);
    assert.deepEqual(await ben.events("room.left"), []);
  });

  test("the socket may break again and again", { timeout: 60_000 }, async () => {
    const since = await ann.mark();
    for (const round of [1, 2, 3]) {
      const before = connects(ben);
      proxy.cut();
      await until("connected anew", () => connects(ben) === before + 1, { within: 15_000 });
      const mark = await ben.mark();
      await ann.call("setMeta", { round });
      await ben.event("room.updated", ({ room: changed }) => changed.meta?.round === round, { since: mark });
    }
    await nobodyCameOrWent(since);
  });

  test("what was sent into a dead network is sent again, once", { timeout: 60_000 }, async () => {
    const marks = { ann: await ann.mark(), ben: await ben.mark() };
    const sockets = connects(ben);
    proxy.freeze();
    for (const step of [1, 2, 3]) {
      await ann.call("setMeta", { step });
      await ann.event("room.updated", ({ room: changed }) => changed.meta?.step === step, { since: marks.ann });
    }
    proxy.cut();
    await until("connected anew", () => connects(ben) === sockets + 1, { within: 15_000 });
    await ann.call("setMeta", { step: 4 });
    await ben.event("room.updated", ({ room: changed }) => changed.meta?.step === 4, { since: marks.ben });
    const later = (await ben.events()).slice(marks.ben).filter(({ name }) => name === "room.updated");
    assert.deepEqual(later.map(({ payload }) => payload.room.meta?.step).filter(Boolean), [1, 2, 3, 4]);
    await nobodyCameOrWent(marks.ann);
  });

  test("a page that is loaded again is the same member in the same seat, and all about it is as it was", { timeout: 90_000 }, async () => {
    const { memberId } = ben;
    await ann.call("setMemberPosition", { memberId, position: "standard-3" });
    await ann.call("setMemberMeta", { memberId, meta: { table: 7 } });
    await ann.call("setRaisedHand", { memberId });
    await ann.call("setInputVolume", { memberId, volume: -10 });
    await ann.call("setOutputVolume", { memberId, volume: 5 });
    await ann.call("setInputSensitivity", { memberId, value: 40 });
    await ann.call("audioMute", { memberId });
    const before = await entity(memberId);
    assert.deepEqual([before.current_position, before.handraised, before.audio_muted], ["standard-3", true, true]);
    const since = await ann.mark();
    const { roomSessionId } = ben;
    await ann.call("lock"); // who comes back is no newcomer
    await reload();
    assert.deepEqual([ben.memberId, ben.roomSessionId], [memberId, roomSessionId]);
    await until("everything is as it was", async () => {
      assert.deepEqual(await entity(memberId), before);
      return true;
    });
    const [{ payload }] = await ben.events("room.joined");
    assert.deepEqual(payload.room_session.members.find(({ id }) => id === memberId), before);
    await seesColour(ann, memberId, PURPLE);
    await ann.losesTone(ben);
    await ben.call("audioUnmute");
    await until("heard, 10 dB lower", async () => Math.abs((await ann.levels([two]))[0] - (ben.dbfs - 10)) <= 2);
    await nobodyCameOrWent(since);
  });

  test("whose camera was off stays dark after a reload", { timeout: 60_000 }, async () => {
    const { memberId } = ben;
    await ann.call("videoMute", { memberId });
    await losesColour(ann, memberId, PURPLE);
    await reload();
    assert.equal(ben.memberId, memberId);
    assert.equal((await entity(memberId)).video_muted, true);
    await losesColour(ann, memberId, PURPLE);
    await ann.call("videoUnmute", { memberId });
    await seesColour(ann, memberId, PURPLE);
  });

  test("a token alone is a newcomer: without what its tab kept, nobody is taken for another", { timeout: 60_000 }, async () => {
    const other = await it.participant("Ben too", { tone: two });
    const token = await it.rest.token({ room_name: room, user_name: "Ben", permissions: OWN });
    const refused = await other.tryJoin({ token, host: it.server.ws });
    assert.equal(refused.error?.message, "Room is locked");
    await other.close();
  });

  const proofs = [
    ["the right connection and a wrong secret", "as-", "stolen", { code: "27", message: "DESTINATION_OUT_OF_ORDER" }],
    ["the right connection, its secret and an unknown call", "ci-", "00000000-0000-4000-8000-000000000000", { code: "81", message: "INVALID_CALL_REFERENCE" }],
  ];
  for (const [what, key, value, error] of proofs) {
    test(`${what}: the reload does not get the seat, and the right ones still find it`, { timeout: 60_000 }, async () => {
      const own = fresh("proof");
      const cid = await it.joined("Cid", own, { tone: two });
      const { memberId } = cid;
      await cid.reload();
      const kept = await cid.page.evaluate(() => ({ ...sessionStorage }));
      await cid.page.evaluate(([name, text]) => sessionStorage.setItem(name, text), [key + own, value]);
      const wish = { token: await it.rest.token({ room_name: own, user_name: "Cid" }), host: it.server.ws };
      if (expected("unprovenReload") === "newcomer") {
        await cid.join(wish);
        assert.notEqual(cid.memberId, memberId, "in as somebody else");
        return cid.close();
      }
      assert.deepEqual(said(await cid.tryJoin(wish)), error);
      await cid.reload();
      await cid.page.evaluate((all) => Object.entries(all).forEach(([name, text]) => sessionStorage.setItem(name, text)), kept);
      await cid.join(wish);
      assert.equal(cid.memberId, memberId);
      await cid.close();
    });
  }

  test("an unknown connection is a new member of the same session", { timeout: 60_000 }, async () => {
    const own = fresh("unknown");
    const cid = await it.joined("Cid", own, { tone: two });
    const { memberId, roomSessionId } = cid;
    await cid.reload();
    await cid.page.evaluate((name) => sessionStorage.setItem(name, "signalwire_0_unknown"), `pt-${own}`);
    await cid.join({ token: await it.rest.token({ room_name: own, user_name: "Cid" }), host: it.server.ws });
    assert.notEqual(cid.memberId, memberId);
    assert.equal(cid.roomSessionId, roomSessionId);
    await cid.close();
  });

  test("a reload ends the screen that was shared, and nothing of it stays", { timeout: 60_000 }, async () => {
    const since = await ann.mark();
    const screen = await add(ben, "screen", "startScreenShare", { colour: SKY }, { layout: "screen-share" });
    await seesColour(ann, screen, SKY);
    const { memberId } = ben;
    await reload();
    assert.equal(ben.memberId, memberId);
    await ann.event("member.left", ({ member }) => member.id === screen, { since });
    await ann.event("layout.changed", ({ layout }) => layout.name === "2x2", { since });
    await seesColour(ann, memberId, PURPLE);
    assert.deepEqual((await ann.call("getMembers")).members.map(({ id }) => id), [ann.memberId, memberId]);
  });

  test("promoted, then loaded again with a token of the new kind: the same member", { timeout: 90_000 }, async () => {
    const stage = fresh("stage");
    const host = await it.joined("Host", stage, { tone: one, token: { permissions: HOST } });
    const eve = await it.joined("Eve", stage, { tone: two, colour: SKY, token: { join_as: "audience", permissions: undefined } });
    const { memberId } = eve;
    const marks = { eve: await eve.mark(), host: await host.mark() };
    await host.call("promote", { memberId, permissions: OWN, meta: { seat: 1 } });
    await eve.event("room.joined", undefined, { since: marks.eve });
    await seesColour(host, memberId, SKY);
    await eve.reload();
    const token = await it.rest.token({ room_name: stage, user_name: "Eve", permissions: OWN });
    await eve.join({ token, host: it.server.ws });
    assert.deepEqual([eve.memberId, eve.interactivityMode], [memberId, "member"]);
    await seesColour(host, memberId, SKY);
    const events = (await host.events()).slice(marks.host).filter(({ name }) => /^member\.(joined|left)$/.test(name));
    assert.deepEqual(events.map(({ name }) => name), ["member.joined"]);
  });

  test("who closes the page, also after destroy(), is gone after the grace, and the tile too", { timeout: 90_000 }, async () => {
    const dee = await it.joined("Dee", fresh("destroyed"), { tone: two, colour: SKY });
    const since = await ann.mark();
    const gone = Date.now();
    await ben.page.close();
    // The SDK's destroy() lets go of listeners and tells nobody: socket and media end with the page.
    await dee.page.evaluate(() => lab.session.destroy());
    await dee.page.close();
    const inTime = (at, who) => assert.ok(at - gone >= 26_000 && at - gone <= 32_000, `${who.name}: ${at - gone} ms`);
    inTime((await ann.event("member.left", ({ member }) => member.id === ben.memberId, { since, within: 40_000 })).at, ben);
    const time = await until("Dee's time is written down", async () => {
      const [one] = (await it.rest.get(`/room_sessions/${dee.roomSessionId}/members`)).body.data;
      return one.leave_time;
    });
    inTime(Date.parse(time), dee);
    await until("Ann alone has a cell", async () => {
      const seated = (await ann.layout()).layers.map(({ member_id: id }) => id).filter(Boolean);
      return seated.length === 1 && seated[0] === ann.memberId;
    });
    assert.deepEqual((await ann.call("getMembers")).members.map(({ id }) => id), [ann.memberId]);
  });

  // The page again, with a fresh token, as an application does it.
  async function reload() {
    await ben.reload();
    const token = await it.rest.token({ room_name: room, user_name: "Ben", permissions: OWN });
    await ben.join({ token, host: proxy.host });
  }

  async function entity(memberId) {
    const { members } = await ann.call("getMembers");
    return members.find(({ id }) => id === memberId);
  }

  async function nobodyCameOrWent(since) {
    const events = (await ann.events()).slice(since).filter(({ name }) => /^member\.(joined|left)$/.test(name));
    assert.deepEqual(events, []);
  }
});

// How many connects of this page were accepted.
function connects(who) {
  return who.frames.filter(({ way, message }) => way === "in" && message.result?.protocol).length;
}
