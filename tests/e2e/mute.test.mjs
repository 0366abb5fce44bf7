// Mutes, of oneself and of others: what is seen, what is heard, what is told, who may.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fresh, tones } from "./lib/random.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const SELF_ONLY = ["room.self.audio_mute", "room.self.audio_unmute", "room.self.video_mute", "room.self.video_unmute"];
const REFUSED = { code: "403", message: "Unauthorized" };
const said = ({ error }) => ({ code: error?.code, message: error?.message });

describe("muting", () => {
  const it = world("mute");
  const room = fresh("mute");
  const [one, two] = tones(2);
  let ann; // may mute everybody
  let ben; // may mute himself only

  test("two people join, see and hear each other", { timeout: 90_000 }, async () => {
    ann = await it.joined("Ann", room, { tone: one });
    ben = await it.joined("Ben", room, { tone: two, token: { permissions: SELF_ONLY } });
    await ann.sees(ben, { within: 15_000 });
    await ben.sees(ann, { within: 15_000 });
    await ann.hears(ben);
    await ben.hears(ann);
  });

  const sound = [
    ["a member mutes its own sound", () => [ann, ann]],
    ["a member with the permission mutes another's sound", () => [ann, ben]],
  ];
  for (const [what, people] of sound) {
    test(`${what}: everybody is told, the tone goes and comes back`, { timeout: 60_000 }, async () => {
      const [actor, target] = people();
      const others = [ann, ben].filter((who) => who !== target);
      await change(actor, "audioMute", target, ["audio_muted"], { audio_muted: true });
      for (const listener of others) await listener.losesTone(target);
      await change(actor, "audioUnmute", target, ["audio_muted"], { audio_muted: false });
      for (const listener of others) await listener.hears(target);
    });
  }

  const pictures = [
    ["a member mutes its own picture", () => [ben, ben]],
    ["a member with the permission mutes another's picture", () => [ann, ben]],
  ];
  for (const [what, people] of pictures) {
    test(`${what}: a mute image stands in its cell until it comes back`, { timeout: 60_000 }, async () => {
      const [actor, target] = people();
      await change(actor, "videoMute", target, ["video_muted", "visible"], { video_muted: true, visible: false });
      for (const viewer of [ann, ben]) await viewer.losesColour(target);
      await ann.sees(ann);
      await change(actor, "videoUnmute", target, ["video_muted", "visible"], { video_muted: false, visible: true });
      for (const viewer of [ann, ben]) await viewer.sees(target);
    });
  }

  test("the answer to a mute comes before its events", { timeout: 20_000 }, async () => {
    const from = ben.frames.length;
    await ben.call("audioMute");
    await ben.call("audioUnmute");
    const later = await until("both events", () => {
      const list = ben.frames.slice(from);
      return list.filter(isUpdated).length >= 2 && list;
    });
    const asked = later.find((f) => f.way === "out" && f.message.method === "video.member.audio_mute");
    const answered = later.findIndex((f) => f.way === "in" && f.message.id === asked.message.id && "result" in f.message);
    const told = later.findIndex(isUpdated);
    assert.ok(answered >= 0 && answered < told, `answer at ${answered}, event at ${told}`);
  });

  test("a muted member is never said to talk, and talks again when it is heard again", { timeout: 40_000 }, async () => {
    const since = await ann.mark();
    await ben.call("audioMute");
    await ann.losesTone(ben);
    const quiet = await ann.mark();
    await ann.event("member.updated", ({ member }) => member.id === ben.memberId && member.audio_muted, { since });
    await ben.call("audioUnmute");
    await ann.hears(ben);
    await ann.event("member.talking", ({ member }) => member.id === ben.memberId && member.talking, { since: quiet, within: 8000 });
    const between = (await ann.events()).slice(since);
    const muted = between.findIndex((e) => e.name === "member.updated" && e.payload.member.id === ben.memberId && e.payload.member.audio_muted === true);
    const unmuted = between.findIndex((e, at) => at > muted && e.name === "member.updated" && e.payload.member.id === ben.memberId && e.payload.member.audio_muted === false);
    const talks = between.slice(muted, unmuted).filter((e) => e.name === "member.talking" && e.payload.member.id === ben.memberId && e.payload.member.talking);
    assert.deepEqual(talks, []);
  });

  test("who lacks the permission is refused, and nothing changes", { timeout: 40_000 }, async () => {
    const since = await ann.mark();
    for (const method of ["audioMute", "videoMute", "audioUnmute", "videoUnmute"]) {
      assert.deepEqual(said(await ben.tryCall(method, { memberId: ann.memberId })), REFUSED, method);
    }
    const { members } = await ben.call("getMembers");
    const entity = members.find((member) => member.id === ann.memberId);
    assert.deepEqual([entity.audio_muted, entity.video_muted, entity.visible], [false, false, true]);
    await ben.sees(ann);
    await ben.hears(ann);
    const told = (await ann.events()).slice(since).filter((event) => event.name === "member.updated");
    assert.deepEqual(told, []);
  });

  test("permission is asked before existence", { timeout: 20_000 }, async () => {
    const nobody = { memberId: "00000000-0000-4000-8000-000000000000" };
    assert.deepEqual(said(await ben.tryCall("audioMute", nobody)), REFUSED);
    assert.equal(said(await ann.tryCall("audioMute", nobody)).code, "404");
  });

  // Calls the method and waits until both were told: the keys that changed, and their values.
  async function change(actor, method, target, keys, values) {
    const marks = new Map([[ann, await ann.mark()], [ben, await ben.mark()]]);
    await actor.call(method, actor === target ? {} : { memberId: target.memberId });
    for (const who of [ann, ben]) {
      await who.event("member.updated", ({ member }) =>
        member.id === target.memberId &&
        keys.every((key) => member.updated?.includes(key)) &&
        Object.entries(values).every(([key, value]) => member[key] === value),
      { since: marks.get(who) });
    }
  }
});

const isUpdated = ({ way, message }) => way === "in" && message.params?.event_type === "video.member.updated";
