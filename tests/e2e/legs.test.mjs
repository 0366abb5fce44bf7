// Further legs of a member: screen shares, cameras and microphones, seen, heard, muted and ended.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { add, callLeg, hearsTone, legs, losesColour, losesHz, ORANGE, PURPLE, REFUSED, said, seesColour, SKY, tryAdd } from "./lib/legs.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { expected } from "./lib/sdk.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const PRESENTER = [
  "room.self.screenshare", "room.self.additional_source", "room.set_layout", "room.set_position",
  "room.self.audio_mute", "room.self.audio_unmute", "room.self.video_mute", "room.self.video_unmute",
  "room.self.set_input_volume", "room.member.remove",
];

describe("screens and devices", () => {
  const it = world("legs");
  const room = fresh("legs");
  const [one, two, extra] = tones(3);
  let ann; // may share and add
  let ben; // may do nothing

  test("two people join", { timeout: 90_000 }, async () => {
    ann = await it.joined("Ann", room, { tone: one, colour: PURPLE, token: { permissions: PRESENTER } });
    ben = await it.joined("Ben", room, { tone: two, token: { permissions: [] } });
    await seesColour(ben, ann.memberId, PURPLE, { within: 15_000 });
    await ann.hears(ben);
  });

  test("without the permission a leg is refused, and the person's own leg does not notice", { timeout: 60_000 }, async () => {
    const since = await ann.mark();
    for (const [method, options] of [["startScreenShare", { audio: true, video: true }], ["addCamera", {}], ["addMicrophone", {}], ["addDevice", { audio: true, video: true }]]) {
      assert.deepEqual(said(await tryAdd(ben, "refused", method, { colour: SKY, hz: extra }, options)), REFUSED, method);
    }
    assert.equal((await ben.call("getMembers")).members.length, 2);
    const before = await ben.received();
    await until("frames go on", async () => (await ben.received()).videoFrames > before.videoFrames + 5);
    await ann.hears(ben);
    assert.deepEqual(await ben.events("room.left"), []);
    const told = (await ann.events()).slice(since).map(({ name }) => name).filter((name) => /joined|left/.test(name));
    assert.deepEqual(told, []);
  });

  test("a shared screen is seen by all and heard by all but its owner", { timeout: 60_000 }, async () => {
    const since = await ben.mark();
    const id = await add(ann, "screen", "startScreenShare", { colour: ORANGE, hz: extra }, { audio: true, video: true });
    const { payload } = await ben.event("member.joined", ({ member }) => member.id === id, { since });
    assert.equal(payload.member.type, "screen");
    assert.equal(payload.member.parent_id, ann.memberId);
    assert.deepEqual((await legs(ann)).screens, [id]);
    for (const viewer of [ann, ben]) await seesColour(viewer, id, ORANGE);
    await hearsTone(ben, extra);
    await ann.hears(ben);
    await losesHz(ann, extra);
  });

  test("the parent's mute is not the screen's", { timeout: 60_000 }, async () => {
    await ann.call("audioMute");
    await ann.call("videoMute");
    await ben.losesTone(ann);
    await losesColour(ben, ann.memberId, PURPLE);
    await hearsTone(ben, extra);
    const [id] = (await legs(ann)).screens;
    await seesColour(ben, id, ORANGE);
    await ann.call("audioUnmute");
    await ann.call("videoUnmute");
    await ben.hears(ann);
  });

  test("the end of a share is told once and leaves the person in the room", { timeout: 60_000 }, async () => {
    const [id] = (await legs(ann)).screens;
    await leaves("screen", id);
    await losesHz(ben, extra);
    assert.deepEqual((await legs(ann)).screens, []);
    await seesColour(ben, ann.memberId, PURPLE);
  });

  test("a share with layout screen-share fills the canvas, and the former layout comes back", { timeout: 60_000 }, async () => {
    const id = await shareInFull();
    const at = (x, y) => ben.page.evaluate((rectangle) => lab.rectangle(rectangle), { x, y, width: 4, height: 4 });
    await until("the screen fills the picture", async () => {
      for (const [x, y] of [[2, 90], [30, 40], [50, 90]]) {
        const rgb = await at(x, y);
        if (!rgb?.every((value, i) => Math.abs(value - ORANGE[i]) <= 40)) throw new Error(`${rgb} at ${x},${y}`);
      }
      return true;
    });
    const since = await ben.mark();
    await leaves("full", id);
    const back = await ben.event("layout.changed", ({ layout }) => layout.name === "grid-responsive", { since });
    assert.deepEqual(back.payload.layout.layers.map(({ width }) => width), [49.6875, 49.6875], "two cells side by side, less the gap");
    await ben.event("room.updated", ({ room: changed }) => changed.layout_name === "grid-responsive", { since });
    await seesColour(ben, ann.memberId, PURPLE);
  });

  test("two shares are seen side by side; in full the newest fills the canvas beside the older, which has it back at its end", { timeout: 90_000 }, async () => {
    const second = await add(ann, "second", "startScreenShare", { colour: SKY }, { video: true });
    const side = await add(ann, "side", "startScreenShare", { colour: ORANGE }, { video: true });
    for (const [id, colour] of [[second, SKY], [side, ORANGE]]) await seesColour(ben, id, colour);
    await leaves("side", side);
    const first = await add(ann, "full", "startScreenShare", { colour: ORANGE }, { video: true, layout: "screen-share" });
    const fills = (id) => until("it has the full layer", async () => (await ben.layout()).layers.some((layer) => layer.member_id === id && layer.width === 100));
    await fills(first);
    for (const [id, colour] of [[second, SKY], [first, ORANGE]]) await seesColour(ben, id, colour);
    await leaves("full", first);
    await fills(second);
    await seesColour(ben, second, SKY);
    assert.equal((await ben.layout()).name, "screen-share", "one goes on");
    const since = await ben.mark();
    await leaves("second", second);
    await ben.event("layout.changed", ({ layout }) => layout.name === "grid-responsive", { since });
    await seesColour(ben, ann.memberId, PURPLE);
  });

  test("a layout somebody set meanwhile stays when the share ends", { timeout: 60_000 }, async () => {
    const id = await shareInFull();
    await ann.call("setLayout", { name: "2x2" });
    await ben.event("layout.changed", ({ layout }) => layout.name === "2x2");
    await leaves("full", id);
    await until("the share has no cell", async () => !(await ben.layout()).layers.some((layer) => layer.member_id === id));
    assert.equal((await ben.layout()).name, "2x2");
    await ann.call("setLayout", { name: "grid-responsive" });
  });

  test("a share may wait for its join()", { timeout: 60_000 }, async () => {
    assert.equal(await add(ann, "waiting", "startScreenShare", { colour: ORANGE }, { autoJoin: false }), null);
    assert.equal((await ben.call("getMembers")).members.length, 2);
    await callLeg(ann, "waiting", "join");
    assert.deepEqual(lastOffer(ann), expected("offerOfSilentScreen"), "without sound the published SDK offers the picture first");
    const id = await until("it knows its member", async () => (await legs(ann)).each.waiting.memberId);
    await seesColour(ben, id, ORANGE);
    await leaves("waiting", id);
  });

  test("a second camera, a second microphone and a device of both are seen and heard", { timeout: 90_000 }, async () => {
    const [first, second] = tones(2);
    const camera = await add(ann, "camera", "addCamera", { colour: SKY }, {});
    await seesColour(ben, camera, SKY);
    const microphone = await add(ann, "microphone", "addMicrophone", { hz: first }, {});
    await hearsTone(ben, first);
    const device = await add(ann, "device", "addDevice", { colour: ORANGE, hz: second }, { audio: true, video: true });
    await seesColour(ben, device, ORANGE);
    await hearsTone(ben, second);
    assert.deepEqual((await legs(ann)).devices, [camera, microphone, device]);
    const { members } = await ben.call("getMembers");
    const kinds = [camera, microphone, device].map((id) => members.find((member) => member.id === id));
    assert.deepEqual(kinds.map(({ type, parent_id: parent }) => [type, parent]), Array(3).fill(["device", ann.memberId]));
    await losesHz(ann, first);
    await losesHz(ann, second);
    await devicesMute({ camera, microphone, device, first, second });
  });

  // One test with the one before: four legs of one page are slow to set up.
  async function devicesMute({ camera, microphone, device, first, second }) {
    await told(() => callLeg(ann, "camera", "videoMute"), camera, { video_muted: true, visible: false });
    await losesColour(ben, camera, SKY);
    await told(() => callLeg(ann, "camera", "videoUnmute"), camera, { video_muted: false, visible: true });
    await seesColour(ben, camera, SKY);
    await told(() => callLeg(ann, "microphone", "audioMute"), microphone, { audio_muted: true });
    await losesHz(ben, first);
    await hearsTone(ben, second);
    await told(() => callLeg(ann, "microphone", "audioUnmute"), microphone, { audio_muted: false });
    await hearsTone(ben, first);
    await told(() => callLeg(ann, "device", "setInputVolume", { volume: -10 }), device, { input_volume: -10 });
    await hearsTone(ben, second, { dbfs: -28.4 });
    await told(() => callLeg(ann, "device", "setInputVolume", { volume: 0 }), device, { input_volume: 0 });
  }

  test("four legs beside one's own are the most", { timeout: 60_000 }, async () => {
    await add(ann, "fourth", "startScreenShare", { colour: SKY }, {});
    const refused = await tryAdd(ann, "fifth", "addCamera", { colour: ORANGE }, {});
    assert.equal(refused.error?.code, "422");
    assert.equal((await ben.call("getMembers")).members.length, 6);
  });

  test("a leg can be removed like anybody, and its person stays", { timeout: 60_000 }, async () => {
    const { memberId } = (await legs(ann)).each.fourth;
    const since = await ben.mark();
    await ann.call("removeMember", { memberId });
    await ben.event("member.left", ({ member }) => member.id === memberId, { since });
    await until("the list is empty", async () => (await legs(ann)).screens.length === 0);
    assert.deepEqual(await ann.events("room.left"), []);
    assert.equal((await ann.call("getMembers")).members.length, 5);
  });

  test("legs end with their person", { timeout: 60_000 }, async () => {
    const { devices } = await legs(ann);
    const since = await ben.mark();
    await ann.call("leave");
    for (const id of [...devices, ann.memberId]) {
      await ben.event("member.left", ({ member }) => member.id === id, { since });
    }
    assert.deepEqual((await ben.call("getMembers")).members.map(({ id }) => id), [ben.memberId]);
    const left = (await ben.events()).slice(since).filter(({ name }) => name === "member.left");
    assert.equal(left.length, 4);
    await ben.sees(ben);
  });

  // Shares in the words of the SDK's own example; everybody is told in one step.
  async function shareInFull() {
    const since = await ben.mark();
    const id = await add(ann, "full", "startScreenShare", { colour: ORANGE, hz: extra },
      { audio: true, video: true, layout: "screen-share", positions: { self: "reserved-1" } });
    const joined = await ben.event("member.joined", ({ member }) => member.id === id, { since });
    assert.equal(joined.payload.member.current_position, "reserved-1");
    const { payload } = await ben.event("layout.changed", undefined, { since });
    assert.equal(payload.layout.name, "screen-share");
    const layer = payload.layout.layers.find(({ member_id: who }) => who === id);
    assert.deepEqual([layer.position, layer.x, layer.y, layer.width, layer.height], ["reserved-1", 0, 0, 100, 100]);
    await ben.event("room.updated", ({ room: changed }) => changed.layout_name === "screen-share", { since });
    return id;
  }

  async function leaves(name, id) {
    const since = await ben.mark();
    await callLeg(ann, name, "leave");
    const { payload } = await ben.event("member.left", ({ member }) => member.id === id, { since });
    assert.equal(payload.member.name, "Ann");
    await until("it is in nobody's list", async () => !(await ben.call("getMembers")).members.some((member) => member.id === id));
    assert.deepEqual(await ann.events("room.left"), []);
  }

  async function told(act, id, fields) {
    const since = await ben.mark();
    await act();
    await ben.event("member.updated", ({ member }) => member.id === id &&
      Object.entries(fields).every(([key, value]) => member.updated?.includes(key) && member[key] === value), { since });
  }
});

// The kinds of the newest offer, in their order.
function lastOffer(who) {
  const invites = who.frames.filter(({ way, message }) => way === "out" && message.params?.message?.method === "verto.invite");
  const { sdp } = invites[invites.length - 1].message.params.message.params;
  return sdp.match(/^m=\w+/gm).map((line) => line.slice(2));
}
