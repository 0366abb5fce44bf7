// Audience: people who watch and listen, have no camera to ask for, and are nobody's business.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fresh, tones } from "./lib/random.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const WATCHER = { camera: false, token: { join_as: "audience", permissions: undefined } };

describe("audience", () => {
  const it = world("audience");
  const room = fresh("show");
  const [one, two] = tones(2);
  let early; // there before anybody else
  let ann; // the only member, later

  test("alone in the room it gets a picture and sound packets all the same", { timeout: 60_000 }, async () => {
    early = await it.joined("Early", room, WATCHER);
    assert.equal(early.interactivityMode, "audience");
    assert.deepEqual(early.permissions, []);
    await until("frames and packets", async () => {
      const { videoFrames, audioPackets } = await early.received();
      return videoFrames >= 2 && audioPackets >= 50;
    });
    // What arrived is not drawn yet.
    await until("a picture of 720 lines", async () => {
      const size = await early.size();
      return size?.width === 1280 && size.height === 720;
    });
  });

  test("it was never asked for a camera", () => {
    const complaints = early.said.filter((line) => /NotAllowed|Permission denied/.test(line));
    assert.deepEqual(complaints, []);
  });

  test("it sees and hears a member who comes later", { timeout: 60_000 }, async () => {
    ann = await it.joined("Ann", room, { tone: one });
    await early.event("member.joined", ({ member }) => member.id === ann.memberId);
    await early.sees(ann);
    await early.hears(ann);
  });

  test("members do not see it come: no member.joined, no seat in the list", { timeout: 60_000 }, async () => {
    const since = await ann.mark();
    const late = await it.joined("Late", room, WATCHER);
    await late.sees(ann);
    const { members } = await ann.call("getMembers");
    assert.deepEqual(members.map((member) => member.id), [ann.memberId]);
    const [{ payload }] = await ann.events("room.joined");
    assert.deepEqual(payload.room_session.members.map((member) => member.type), ["member"]);
    await late.call("leave");
    await late.event("room.left");
    const heard = (await ann.events()).slice(since).map((event) => event.name);
    assert.ok(!heard.includes("member.joined") && !heard.includes("member.left"), heard.join(" "));
    assert.equal((await ann.layout()).layers.filter((layer) => layer.member_id).length, 1);
  });

  test("it finds itself in its own join payload only", async () => {
    const [{ payload }] = await early.events("room.joined");
    const self = payload.room_session.members.find((member) => member.id === early.memberId);
    assert.equal(self.type, "audience");
  });

  test("a newcomer has a picture at once, and needs to ask for none", { timeout: 60_000 }, async (t) => {
    const newcomer = await it.participant("Newcomer", WATCHER);
    const token = await it.rest.token({ room_name: room, join_as: "audience" });
    const joined = await newcomer.join({ token, host: it.server.ws });
    const first = await until("a first frame", async () => {
      const now = await newcomer.received();
      return now.videoFrames > 0 && now;
    }, { within: 5000, every: 20 });
    t.diagnostic(`join ${Math.round(joined.ms)} ms, first frame seen ${Math.round(first.at - joined.at)} ms after it`);
    assert.ok(first.at - joined.at < 1000, `${first.at - joined.at} ms`);
    assert.equal(first.plis, 0, "the last key frame and every frame since came unasked");
    await newcomer.sees(ann);
  });

  test("two members and an audience: it hears both, they do not hear themselves", { timeout: 60_000 }, async () => {
    const ben = await it.joined("Ben", room, { tone: two });
    await early.hears(ann);
    await early.hears(ben);
    await ann.hears(ben);
    await ann.losesTone(ann);
    await early.sees(ben);
  });

  test("it may change nothing", { timeout: 20_000 }, async () => {
    for (const [method, ...args] of [["audioMute", { memberId: ann.memberId }], ["setLayout", { name: "5up" }], ["getLayouts"]]) {
      const { error } = await early.tryCall(method, ...args);
      assert.deepEqual([error?.code, error?.message], ["403", "Unauthorized"], method);
    }
  });
});
