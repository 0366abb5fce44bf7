// One's own leg renegotiated and on hold, and a camera that changes its size and turns: what others
// see and hear of it, and what still arrives.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { losesColour, ORANGE, seesColour, SKY } from "./lib/legs.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { pause, until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

describe("media of a leg", () => {
  const it = world("media");
  const room = fresh("media");
  const [one, two] = tones(2);
  let ann, ben;

  test("two people join", { timeout: 90_000 }, async () => {
    ann = await it.joined("Ann", room, { tone: one, colour: ORANGE });
    ben = await it.joined("Ben", room, { tone: two, colour: SKY });
    await both();
  });

  test("who is on hold is sent nothing, and others see the mute image and hear nothing", { timeout: 60_000 }, async () => {
    const since = await ben.mark();
    await ann.call("hold");
    assert.deepEqual(lastState(ann), { action: "hold", holdState: "held" });
    await ben.losesTone(ann);
    await losesColour(ben, ann.memberId, ORANGE);
    await ben.event("member.updated", ({ member }) => member.id === ann.memberId && member.visible === false && !member.audio_muted, { since });
    await standsStill(ann);
    assert.deepEqual((await ben.call("getMembers")).members.map(({ id }) => id), [ann.memberId, ben.memberId]);
  });

  test("what is offered meanwhile changes nothing, and unhold gives all of it back", { timeout: 60_000 }, async () => {
    await ann.call("updateMedia", { audio: { direction: "sendrecv" }, video: { direction: "sendrecv" } });
    assert.equal(lastState(ann).holdState, "held");
    await standsStill(ann);
    await ann.call("unhold");
    await both();
    assert.deepEqual(await ann.events("room.left"), []);
  });

  test("the answer mirrors every direction, and media follows it", { timeout: 120_000 }, async () => {
    // One kind at a time: of both at once the SDK offers the second in a further round of its own.
    const mirror = { sendrecv: "sendrecv", recvonly: "sendonly", sendonly: "recvonly", inactive: "inactive" };
    for (const direction of ["recvonly", "sendrecv", "inactive", "sendrecv"]) {
      for (const kind of ["Audio", "Video"]) {
        await ann.call(`set${kind}Direction`, direction);
        const offered = directions(request(ann).params.message.params.sdp);
        assert.equal(offered[kind === "Audio" ? 0 : 1], direction);
        assert.deepEqual(directions(reply(ann).sdp), offered.map((way) => mirror[way]), `${kind} ${direction}`);
      }
      if (direction === "sendrecv") await ben.hears(ann);
      else await ben.losesTone(ann);
      if (direction === "inactive") await standsStill(ann);
      else await until("media arrives", async () => moved(ann));
    }
    // The SDK ends its own received tracks when it goes inactive, so only others can tell.
    await seesColour(ben, ann.memberId, ORANGE);
  });

  test("a camera that grows, shrinks and turns in mid-stream is seen on", { timeout: 60_000 }, async () => {
    for (const [width, height] of [[1280, 720], [320, 180], [360, 640], [640, 360]]) {
      await ann.page.evaluate((size) => lab.camera.resize(...size), [width, height]);
      const turned = height > width;
      await until(`a camera of ${width}x${height} is seen`, async () => {
        const { x, y, width: w, height: h } = (await ben.layout()).layers.find((layer) => layer.member_id === ann.memberId);
        const strip = (left) => ben.page.evaluate((r) => lab.rectangle(r), { x: x + w * left, y: y + h * 0.4, width: w * 0.06, height: h * 0.2 });
        const [middle, side] = [await strip(0.47), await strip(0.05)];
        const near = (rgb) => rgb.every((value, i) => Math.abs(value - ORANGE[i]) <= 40);
        if (near(middle) && near(side) === !turned) return true;
        throw new Error(`middle ${middle}, side ${side}`);
      });
    }
    await ben.hears(ann);
  });

  test("who joined with a camera alone stays through a renegotiation", { timeout: 60_000 }, async () => {
    const cam = await it.joined("Cam", room, { colour: ORANGE, join: { constructorOptions: { audio: false, video: true } } });
    await seesColour(ben, cam.memberId, ORANGE);
    await cam.call("updateMedia", { video: { direction: "sendonly" } });
    await cam.call("updateMedia", { video: { direction: "sendrecv" } });
    const { videoFrames } = await cam.received();
    await until("the canvas comes again", async () => (await cam.received()).videoFrames > videoFrames + 20);
    await seesColour(ben, cam.memberId, ORANGE);
    assert.deepEqual(await cam.events("room.left"), []);
    await cam.call("leave");
  });

  async function both() {
    for (const [viewer, other, colour] of [[ann, ben, SKY], [ben, ann, ORANGE]]) {
      await viewer.hears(other);
      await seesColour(viewer, other.memberId, colour, { within: 15_000 });
    }
  }

  const counts = async (who) => {
    const { audioPackets, videoFrames } = await who.received();
    return [audioPackets, videoFrames];
  };

  async function moved(who) {
    const [sound, picture] = await counts(who);
    await pause(300);
    const [later, seen] = await counts(who);
    return later > sound && seen > picture;
  }

  /** Waits until no packet and no picture arrives for half a second. */
  const standsStill = (who) => until(`nothing reaches ${who.name}`, async () => {
    const before = await counts(who);
    await pause(500);
    return `${await counts(who)}` === `${before}`;
  });
});

const directions = (sdp) => sdp.match(/^a=(sendrecv|sendonly|recvonly|inactive)/gm).map((line) => line.slice(2));

/** The newest verto.modify. */
function request(who) {
  const asked = who.frames.filter(({ way, message }) => way === "out" && message.params?.message?.method === "verto.modify");
  return asked[asked.length - 1].message;
}

/** The answer to it. */
function reply(who) {
  const { id } = request(who);
  return who.frames.find(({ way, message }) => way === "in" && message.id === id).message.result.result.result;
}

function lastState(who) {
  const { action, holdState } = reply(who);
  return action === "hold" ? { action, holdState } : { holdState };
}
