// Noise suppression and a blurred background, on the page: nothing of them is fetched until they are chosen, they do
// what they say through mutes and other devices, and turned off they leave the devices' own tracks.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { fresh } from "./lib/random.mjs";
import { STUDIO } from "./lib/studio.mjs";
import { Visitor } from "./lib/visitor.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const THEIRS = /rnnoise|selfie_segmentation/;
/** The flag at the edge of the picture, and the face in its middle. */
const EDGE = { x: 8, y: 20, width: 70, height: 150 };
const FACE = { x: 235, y: 80, width: 100, height: 90 };

describe("what one's sound and picture go through", () => {
  const it = world("page_effects");
  let ann;
  const fetched = [];
  const plain = {};

  const ask = (what, ...args) => ann.page.evaluate(([name, list]) => studio[name](...list), [what, args]);
  const settings = async () => {
    await ann.button("More").click();
    await ann.button("Devices and settings").click();
  };
  const effect = (name) => ann.page.getByRole("dialog").getByLabel(name);
  const close = async () => {
    await ann.page.keyboard.press("Escape");
    await ann.page.getByRole("dialog").waitFor({ state: "hidden" });
  };
  const isQuiet = async () => (await ask("level")) < plain.noise - 15;
  /** Lets somebody speak, by which the network learns what is noise; gives how loud that was, once it is quiet after it. */
  const hearing = async () => {
    await ask("speak", true);
    const speech = await until("speech", async () => Math.max(0, (await ask("level")) - plain.noise) && ask("level"), { within: 20_000 });
    await ask("speak", false);
    await until("it is quiet", isQuiet, { within: 20_000 });
    return speech;
  };
  const isBlurred = async () => (await ask("detail", EDGE)) < plain.edge * 0.6;
  const offAndOn = async (off, on) => {
    await ann.button(off).click();
    await ann.button(on).click();
    await ann.button(off).waitFor();
  };

  before(async () => {
    ann = await Visitor.open(it, `?room=${fresh("studio")}`, { init: STUDIO });
    ann.page.on("request", (request) => THEIRS.test(request.url()) && fetched.push(request.url()));
    await ann.join("Ann");
    await ann.sees();
  }, { timeout: 60_000 });

  test("until they are chosen nothing of them is fetched, and what is sent is what the devices give", { timeout: 60_000 }, async () => {
    plain.noise = await ask("level");
    await ask("speak", true);
    plain.speech = await ask("level");
    await ask("speak", false);
    plain.edge = await until("the picture is whole", async () => Math.max(0, (await ask("detail", EDGE)) - 2) && ask("detail", EDGE), { within: 15_000 });
    plain.face = await ask("detail", FACE);
    assert.ok(plain.noise > -40 && plain.speech > plain.noise + 3, JSON.stringify(plain));
    assert.deepEqual([await ask("isPlain", "audio"), await ask("isPlain", "video"), fetched], [true, true, []]);
  });

  test("noise is suppressed and speech is not", { timeout: 60_000 }, async (t) => {
    await settings();
    await effect("Suppress noise").check();
    await until("it is another track", async () => !(await ask("isPlain", "audio")), { within: 20_000 });
    const speech = await hearing();
    const noise = await ask("level");
    t.diagnostic(`noise ${plain.noise.toFixed(1)} dBFS to ${noise.toFixed(1)}, speech ${plain.speech.toFixed(1)} to ${speech.toFixed(1)}`);
    assert.ok(speech > plain.speech - 14 && speech > noise + 15, `${speech} of ${plain.speech}, ${noise}`);
    assert.ok(fetched.length > 0 && fetched.every((url) => /rnnoise/.test(url)), fetched.join());
    await ann.isOpenToAll();
    await ann.look("effects");
    await close();
  });

  test("it stays so after a mute and on another microphone", { timeout: 90_000 }, async () => {
    await offAndOn("Mute", "Unmute");
    await hearing();
    await settings();
    const list = ann.page.getByRole("dialog").getByLabel("Microphone");
    await list.selectOption({ index: (await list.locator("option").count()) - 1 });
    await until("the first one is let go of", async () => (await ask("open", "audio")) === 1 && (await ask("given", "audio")) >= 4);
    await hearing();
    assert.equal(await ask("isPlain", "audio"), false);
  });

  test("turned off, the microphone's own track is sent", { timeout: 60_000 }, async () => {
    await effect("Suppress noise").uncheck();
    await until("the noise is back", async () => (await ask("level")) > plain.noise - 3, { within: 20_000 });
    assert.equal(await ask("isPlain", "audio"), true);
  });

  test("the background is blurred and the person is not", { timeout: 120_000 }, async (t) => {
    await effect("Blur my background").check();
    await until("the edge is blurred", isBlurred, { within: 60_000 });
    const [edge, face] = [await ask("detail", EDGE), await ask("detail", FACE)];
    t.diagnostic(`detail at the edge ${plain.edge.toFixed(1)} to ${edge.toFixed(1)}, of the face ${plain.face.toFixed(1)} to ${face.toFixed(1)}`);
    assert.ok(face > plain.face * 0.6, `${face} of ${plain.face}`);
    await ann.look("effects-blur");
    await close();
  });

  test("it stays so when the camera was off", { timeout: 90_000 }, async () => {
    await ann.button("Turn camera off").click();
    await until("nothing is sent", async () => !(await ask("sends", "video")));
    assert.equal(await ask("open", "video"), 0, "the camera is closed");
    await ann.button("Turn camera on").click();
    await until("something is sent", () => ask("sends", "video"), { within: 30_000 });
    assert.equal(await ask("isPlain", "video"), false);
    await until("blurred again", isBlurred, { within: 30_000 });
  });

  test("turned off, the camera's own track is sent", { timeout: 60_000 }, async () => {
    await settings();
    await effect("Blur my background").uncheck();
    await until("the camera's own", () => ask("isPlain", "video"), { within: 20_000 });
    await until("the edge is back", async () => (await ask("detail", EDGE)) > plain.edge * 0.8, { within: 20_000 });
    assert.equal(await ask("open", "video"), 1);
    await close();
  });

  test("one that cannot be had is told in words, is off, and nothing is sent as it is by mistake", { timeout: 60_000 }, async () => {
    await ann.isClean();
    await ann.page.route(/selfie_segmentation.*\.tflite/, (route) => route.abort());
    await ann.page.reload();
    await ann.join();
    await settings();
    await effect("Blur my background").click();
    await ann.told("That effect does not work here");
    assert.equal(await effect("Blur my background").isChecked(), false);
  });
});
