// How much our own browser package sends: the camera in three sizes, the largest as large as its cell, no more
// than the canvas shows; and that the server draws what comes, whichever of them it is.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fresh, tones } from "./lib/random.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING, world } from "./lib/world.mjs";

const CAMERA = [1280, 720];
const FRAMES = 20; // of the canvas, a second

describe("what our own SDK sends of a camera", () => {
  const it = world("sdk_uplink");
  const room = fresh("uplink");
  const [one, two] = tones(2);
  let ann;
  let ben;

  async function joined(who, wish) {
    const page = await it.participant(who, { path: "/ours/", ...wish });
    await page.page.evaluate((size) => lab.camera && lab.camera.resize(...size), CAMERA);
    const token = await it.rest.token({ room_name: room, user_name: who, permissions: EVERYTHING });
    await page.join({ token, host: it.server.ws, joinOptions: { video: page.camera, receiveVideo: true } });
    return page;
  }

  /** What is sent, by size: `{height, frames, kbps, active}` from one reading to the next. */
  const sent = () => ann.page.evaluate(async () => {
    const read = async () => [...(await lab.livePeers()[0].getStats()).values()].filter(({ type, kind }) => type === "outbound-rtp" && kind === "video");
    const before = await read();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { encodings } = lab.livePeers()[0].getSenders().find(({ track }) => track?.kind === "video").getParameters();
    return (await read()).map(({ id, rid, framesSent = 0, bytesSent = 0, frameHeight = 0 }) => {
      const was = before.find((stat) => stat.id === id);
      return {
        rid, height: frameHeight, frames: framesSent - (was?.framesSent ?? 0), kbps: ((bytesSent - (was?.bytesSent ?? 0)) * 8) / 1000,
        active: encodings.find((encoding) => encoding.rid === rid)?.active,
      };
    });
  });
  const sends = (what, suits) => {
    let last;
    return until(what, async () => {
      last = await sent();
      const live = last.filter(({ frames }) => frames > 0).map(({ height }) => height).sort((a, b) => a - b);
      if (suits(live)) return last;
      throw new Error(JSON.stringify(last));
    }, { within: 30_000 });
  };
  /** Waits until the drawn cell shows another colour than before: the picture goes on. */
  const goesOn = async (viewer, who) => {
    const colour = async () => (await viewer.look())?.cells[who.memberId];
    const first = await until("a picture", colour);
    await until("another colour", async () => (await colour()).some((part, at) => Math.abs(part - first[at]) > 60));
  };

  test("alone on the canvas it is sent in three sizes, as often as the canvas is drawn", { timeout: 90_000 }, async (t) => {
    ann = await joined("Ann", { tone: one });
    ben = await joined("Ben", { tone: two, camera: false });
    await ann.call("setLayout", { name: "1x1" });
    const sizes = await sends("three sizes", (live) => `${live}` === "180,360,720");
    t.diagnostic(JSON.stringify(sizes));
    for (const { frames } of sizes) assert.ok(frames <= FRAMES + 4, JSON.stringify(sizes));
    await goesOn(ann, ann);
  });

  test("in a small cell nothing is sent that is larger, and nothing that is too small for a face", { timeout: 60_000 }, async (t) => {
    await ann.call("setLayout", { name: "6x6" });
    const sizes = await sends("one small size", (live) => live.length === 1 && live[0] >= 108 && live[0] <= 134);
    t.diagnostic(JSON.stringify(sizes));
    assert.ok(sizes.reduce((sum, { kbps }) => sum + kbps, 0) < 250, JSON.stringify(sizes));
    await goesOn(ben, ann);
  });

  test("when the cell grows it is large again, and the picture never stands still", { timeout: 60_000 }, async () => {
    await ann.call("setLayout", { name: "1x1" });
    await sends("three sizes", (live) => `${live}` === "180,360,720");
    await goesOn(ben, ann);
  });

  test("the server takes a smaller size when the largest is left out, as on a narrow line", { timeout: 60_000 }, async () => {
    const leaveOut = (rids) => ann.page.evaluate(async (names) => {
      const sender = lab.livePeers()[0].getSenders().find(({ track }) => track?.kind === "video");
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings) encoding.active = !names.includes(encoding.rid);
      await sender.setParameters(parameters);
    }, rids);
    await leaveOut(["f"]);
    await sends("two sizes", (live) => `${live}` === "180,360");
    await goesOn(ben, ann);
    await leaveOut(["h", "f"]);
    await goesOn(ben, ann);
    await leaveOut([]);
    await sends("three sizes", (live) => `${live}` === "180,360,720");
    await goesOn(ben, ann);
  });

  test("its figures are those of one picture", { timeout: 30_000 }, async () => {
    await ann.call("getStats");
    const { up } = await until("a rate", async () => {
      const stats = await ann.call("getStats");
      return stats.up.video.kbps > 0 && stats;
    });
    assert.deepEqual([up.video.width, up.video.height], CAMERA);
  });
});
