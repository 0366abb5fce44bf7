// Deafness, volumes and sensitivity, measured in the samples a browser receives.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { hearsTone, losesHz, said } from "./lib/legs.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const MIXING = ["deaf", "undeaf", "set_input_volume", "set_output_volume", "set_input_sensitivity"];
const HOST = MIXING.flatMap((verb) => [`room.self.${verb}`, `room.member.${verb}`]);
const SILENT = -60; // dBFS

describe("sound", () => {
  const it = world("sound");
  const room = fresh("sound");
  const [one, two] = tones(2);
  let ann; // may change what anybody hears
  let ben; // may change what he hears, and his microphone

  test("two people hear each other", { timeout: 90_000 }, async () => {
    const own = [...MIXING.map((verb) => `room.self.${verb}`), "room.self.audio_unmute"];
    ann = await it.joined("Ann", room, { tone: one, token: { permissions: HOST } });
    ben = await it.joined("Ben", room, { tone: two, token: { permissions: own } });
    await ann.hears(ben, { tolerance: 1 });
    await ben.hears(ann, { tolerance: 1 });
  });

  test("the deaf hear nothing 200 ms after the answer, while packets go on, and their microphone is off", { timeout: 60_000 }, async (t) => {
    // What the browser keeps before it plays is its own affair, and more on a busy machine.
    const all = [];
    let since;
    for (const round of [1, 2, 3]) {
      if (round > 1) await ben.call("undeaf");
      await until("there is something to hear", async () => (await loudness()) > -40);
      since = await ann.mark();
      all.push(await ben.page.evaluate((level) => lab.silentAfterCall(level, 3000, "deaf"), SILENT));
    }
    const kept = await ben.page.evaluate(() => lab.playoutDelay());
    t.diagnostic(`silent after ${all.map(Math.round).join(", ")} ms, of which the browser kept ${Math.round(kept)}`);
    assert.ok(Math.min(...all) - kept <= 200, `${all} ms`);
    const { payload } = await ann.event("member.updated", ({ member }) => member.id === ben.memberId && member.updated?.includes("deaf"), { since });
    assert.deepEqual([payload.member.deaf, payload.member.audio_muted, payload.member.updated], [true, true, ["deaf", "audio_muted"]]);
    await ann.losesTone(ben);
    const before = await ben.received();
    await until("packets go on", async () => (await ben.received()).audioPackets >= before.audioPackets + 100);
    assert.ok((await loudness()) < SILENT, "still silent");
  });

  test("the deaf may speak again and still hear nothing; undeaf gives both back", { timeout: 60_000 }, async () => {
    await ben.call("audioUnmute");
    await ann.hears(ben);
    assert.ok((await loudness()) < SILENT, "deaf all the same");
    await ann.call("deaf", { memberId: ben.memberId });
    await ann.losesTone(ben);
    const since = await ann.mark();
    await ann.call("undeaf", { memberId: ben.memberId });
    const { payload } = await ann.event("member.updated", ({ member }) => member.id === ben.memberId && member.updated?.includes("deaf"), { since });
    assert.deepEqual([payload.member.deaf, payload.member.audio_muted], [false, false]);
    await ben.hears(ann);
    await ann.hears(ben);
  });

  test("an input volume is how loud all others hear, in dB", { timeout: 90_000 }, async () => {
    for (const volume of [-20, 10]) {
      await told(() => ann.call("setInputVolume", { memberId: ben.memberId, volume }), ben, { input_volume: volume });
      await hearsTone(ann, two, { dbfs: ben.dbfs + volume, tolerance: 1 });
    }
    await told(() => ben.call("setMicrophoneVolume", { volume: -50 }), ben, { input_volume: -50 });
    await losesHz(ann, two, { dbfs: -80 });
    await ben.hears(ann, { tolerance: 1 });
    await told(() => ben.call("setInputVolume", { volume: 0 }), ben, { input_volume: 0 });
    await ann.hears(ben, { tolerance: 1 });
  });

  test("an output volume is how loud oneself hears, in dB", { timeout: 90_000 }, async () => {
    for (const volume of [-20, 10]) {
      await told(() => ben.call("setSpeakerVolume", { volume }), ben, { output_volume: volume });
      await hearsTone(ben, one, { dbfs: ann.dbfs + volume, tolerance: 1 });
    }
    await ann.hears(ben, { tolerance: 1 });
    await told(() => ann.call("setOutputVolume", { memberId: ben.memberId, volume: -50 }), ben, { output_volume: -50 });
    await until("silence", async () => (await loudness()) < SILENT);
    const before = await ben.received();
    await until("packets go on", async () => (await ben.received()).audioPackets >= before.audioPackets + 50);
    await told(() => ben.call("setOutputVolume", { volume: 0 }), ben, { output_volume: 0 });
    await ben.hears(ann, { tolerance: 1 });
  });

  test("with a sensitivity of 0 one never talks nor is heard", { timeout: 60_000 }, async () => {
    const since = await ann.mark();
    await told(() => ann.call("setInputSensitivity", { memberId: ben.memberId, value: 0 }), ben, { input_sensitivity: 0 });
    await losesHz(ann, two, { dbfs: -80 });
    await ann.event("member.talking", ({ member }) => member.id === ben.memberId && !member.talking, { since });
    const quiet = await ann.mark();
    await told(() => ben.call("setInputSensitivity", { value: 30 }), ben, { input_sensitivity: 30 });
    await ann.event("member.talking", ({ member }) => member.id === ben.memberId && member.talking, { since: quiet });
    await ann.hears(ben, { tolerance: 1 });
  });

  test("what is out of range is refused and changes nothing", { timeout: 30_000 }, async () => {
    for (const volume of [51, -51, 50.6, "loud", null]) {
      for (const method of ["setInputVolume", "setOutputVolume"]) {
        assert.equal(said(await ben.tryCall(method, { volume })).code, "422", `${method} ${volume}`);
      }
    }
    for (const value of [101, -1, "much"]) {
      assert.equal(said(await ben.tryCall("setInputSensitivity", { value })).code, "422", `${value}`);
    }
    const { members } = await ben.call("getMembers");
    const own = members.find(({ id }) => id === ben.memberId);
    assert.deepEqual([own.input_volume, own.output_volume, own.input_sensitivity], [0, 0, 30]);
  });

  const loudness = () => ben.page.evaluate(() => lab.loudness());

  async function told(act, target, fields) {
    const since = await ann.mark();
    await act();
    await ann.event("member.updated", ({ member }) => member.id === target.memberId &&
      Object.entries(fields).every(([key, value]) => member.updated?.includes(key) && member[key] === value), { since });
  }
});
