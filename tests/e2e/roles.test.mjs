// Promote and demote: the same person, another standing; what they may, send, see and are told.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { losesColour, NOT_FOUND, PURPLE, REFUSED, said, seesColour } from "./lib/legs.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const HOST = ["room.member.promote", "room.member.demote"];
const PROMOTED = ["room.self.audio_mute", "room.self.audio_unmute", "room.list_available_layouts"];

describe("promote and demote", () => {
  const it = world("roles");
  const room = fresh("roles");
  const [one, two] = tones(2);
  let hal; // may promote and demote
  let eve; // looks on at first

  test("somebody looks on and is counted, with nothing to do", { timeout: 90_000 }, async () => {
    hal = await it.joined("Hal", room, { tone: one, token: { permissions: HOST } });
    eve = await it.joined("Eve", room, { tone: two, colour: PURPLE, token: { join_as: "audience", permissions: undefined } });
    assert.deepEqual([eve.interactivityMode, eve.permissions], ["audience", []]);
    await hal.event("room.audienceCount", ({ total }) => total === 1);
    await eve.hears(hal);
    assert.deepEqual(said(await eve.tryCall("promote", { memberId: eve.memberId })), REFUSED);
  });

  test("promoted: the same member, heard, seen and allowed as granted, told once", { timeout: 60_000 }, async () => {
    const marks = { hal: await hal.mark(), eve: await eve.mark() };
    const meta = { table: 7 };
    await hal.call("promote", { memberId: eve.memberId, mediaAllowed: "all", joinAudioMuted: true, meta, permissions: PROMOTED });
    const promoted = await eve.event("member.promoted", undefined, { since: marks.eve });
    assert.equal(promoted.payload.member_id, eve.memberId);
    assert.deepEqual(promoted.payload.authorization.room.scopes, PROMOTED);
    const own = await eve.event("room.joined", undefined, { since: marks.eve });
    assert.equal(own.payload.member_id, eve.memberId);
    const self = own.payload.room_session.members.find(({ id }) => id === eve.memberId);
    assert.deepEqual([self.type, self.meta, self.audio_muted], ["member", meta, true]);
    const joined = await hal.event("member.joined", ({ member }) => member.id === eve.memberId, { since: marks.hal });
    const { name, type, meta: told, audio_muted: muted, video_muted: dark } = joined.payload.member;
    assert.deepEqual([name, type, told, muted, dark], ["Eve", "member", meta, true, false]);
    await hal.event("room.audienceCount", ({ total }) => total === 0, { since: marks.hal });
    const facts = await eve.page.evaluate(() => lab.facts());
    assert.deepEqual([facts.memberId, facts.interactivityMode, facts.permissions], [eve.memberId, "member", PROMOTED]);
    await seesColour(hal, eve.memberId, PURPLE);
    await hal.losesTone(eve);
    await eve.call("audioUnmute");
    await hal.hears(eve);
    await eve.hears(hal);
    await eve.page.evaluate(() => lab.showReceived());
    await eve.sees(hal);
    await seesColour(eve, eve.memberId, PURPLE);
    await oldLegEnds(2);
    const events = (await hal.events()).slice(marks.hal).map(({ name: event }) => event);
    assert.equal(events.filter((event) => event === "member.joined").length, 1);
    assert.equal(events.filter((event) => event === "member.left").length, 0);
    assert.ok((await eve.call("getLayouts")).layouts.length > 20);
    assert.deepEqual(said(await eve.tryCall("videoMute")), REFUSED);
  });

  test("promoting a member is accepted and changes nothing", { timeout: 30_000 }, async () => {
    const since = await eve.mark();
    await hal.call("promote", { memberId: eve.memberId });
    assert.ok((await eve.call("getLayouts")).layouts.length > 20);
    const told = (await eve.events()).slice(since).map(({ name }) => name);
    assert.ok(!told.includes("member.promoted"), told.join(" "));
  });

  test("demoted to audio only: gone for the others at once and once, and hears on", { timeout: 60_000 }, async () => {
    const marks = { hal: await hal.mark(), eve: await eve.mark() };
    await hal.call("demote", { memberId: eve.memberId, mediaAllowed: "audio-only" });
    const demoted = await eve.event("member.demoted", undefined, { since: marks.eve });
    assert.equal(demoted.payload.member_id, eve.memberId);
    const left = await hal.event("member.left", ({ member }) => member.id === eve.memberId, { since: marks.hal });
    assert.equal(left.payload.member.name, "Eve");
    for (const who of [hal, eve]) {
      const { payload } = await who.event("layout.changed", undefined, { since: marks[who === hal ? "hal" : "eve"] });
      assert.ok(!payload.layout.layers.some(({ member_id: id }) => id === eve.memberId), `${who.name}: the first layout is without Eve`);
    }
    await hal.losesTone(eve);
    await hal.event("room.audienceCount", ({ total }) => total === 1, { since: marks.hal });
    const own = await eve.event("room.joined", undefined, { since: marks.eve });
    assert.equal(own.payload.member_id, eve.memberId);
    const facts = await eve.page.evaluate(() => lab.facts());
    assert.deepEqual([facts.memberId, facts.interactivityMode, facts.permissions], [eve.memberId, "audience", []]);
    await oldLegEnds(3);
    await eve.hears(hal);
    const before = await eve.received();
    await until("sound comes", async () => (await eve.received()).audioPackets > before.audioPackets + 50);
    assert.equal((await eve.received()).videoFrames, before.videoFrames, "no picture comes");
    const events = (await hal.events()).slice(marks.hal).map(({ name }) => name);
    assert.equal(events.filter((event) => event === "member.left").length, 1);
    assert.equal(events.filter((event) => event === "member.joined").length, 0);
    assert.deepEqual((await hal.call("getMembers")).members.map(({ id }) => id), [hal.memberId]);
    assert.deepEqual(said(await eve.tryCall("getLayouts")), REFUSED);
  });

  test("who looks on already cannot be demoted", { timeout: 20_000 }, async () => {
    assert.deepEqual(said(await hal.tryCall("demote", { memberId: eve.memberId })), NOT_FOUND);
  });

  test("promoted with sound only: heard, and no camera is seen", { timeout: 60_000 }, async () => {
    const marks = { hal: await hal.mark(), eve: await eve.mark() };
    await hal.call("promote", { memberId: eve.memberId, mediaAllowed: "audio-only" });
    await eve.event("room.joined", undefined, { since: marks.eve });
    await hal.event("member.joined", ({ member }) => member.id === eve.memberId, { since: marks.hal });
    await hal.hears(eve);
    await losesColour(hal, eve.memberId, PURPLE);
    await eve.page.evaluate(() => lab.showReceived());
    await eve.sees(hal);
    await hal.sees(hal);
  });

  test("wrong wishes are refused", { timeout: 20_000 }, async () => {
    const memberId = eve.memberId;
    for (const wish of [{ mediaAllowed: "smell" }, { permissions: ["room.fly"] }]) {
      assert.equal(said(await hal.tryCall("promote", { memberId, ...wish })).code, "422", JSON.stringify(wish));
    }
    assert.equal(said(await hal.tryCall("demote", { memberId, mediaAllowed: "smell" })).code, "422");
  });

  test("without a member named it is oneself who is demoted", { timeout: 60_000 }, async () => {
    const since = await hal.mark();
    await hal.call("demote", {});
    await hal.event("member.demoted", undefined, { since });
    await hal.event("room.joined", undefined, { since });
    await eve.losesTone(hal);
    await hal.hears(eve);
    assert.deepEqual((await eve.call("getMembers")).members.map(({ id }) => id), [eve.memberId]);
  });

  // The client hangs up the leg of its former standing; its answer is the last that happens.
  async function oldLegEnds(count) {
    await until(`${count - 1} legs hung up`, () => {
      const ended = eve.frames.filter(({ way, message }) => way === "in" && message.result?.result?.result?.message === "CALL ENDED");
      return ended.length >= count - 1;
    });
    assert.deepEqual(await eve.events("room.left"), []);
  }
});
