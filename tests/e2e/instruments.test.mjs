// The measuring instruments themselves, without any server: a page calls itself, and what the
// synthetic camera and microphone send must come back as what they were. When this fails, no
// other colour or tone in these tests means anything.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { launch, openPage } from "./lib/browser.mjs";
import { delays, nameOf, PALETTE } from "./lib/colours.mjs";
import { colourSequence, tones } from "./lib/random.mjs";
import { startStatic } from "./lib/static.mjs";
import { until } from "./lib/wait.mjs";

describe("instruments", () => {
  let browser;
  let lab;
  before(async () => {
    lab = await startStatic();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  for (const codec of ["video/VP8", "video/H264"]) {
    test(`a colour sent as ${codec} is read as itself and late by less than half a second`, { timeout: 60_000 }, async (t) => {
      const { page, context } = await openPage(browser, lab.origin);
      await page.evaluate((wish) => lab.setUp(wish), {
        camera: { palette: PALETTE, sequence: colourSequence(PALETTE.length) },
        microphone: { hz: 440, amplitude: 0.12 },
      });
      await page.evaluate(loopback, codec);
      await until("a first colour", () => page.evaluate(seen).then((s) => s && nameOf(s.cells.me) >= 0), { within: 15_000 });
      await page.evaluate(() => lab.watch(40));
      const start = await page.evaluate(() => lab.camera.changes.length);
      await until("six changes", async () => (await page.evaluate(() => lab.camera.changes.length)) - start >= 7, { within: 20_000 });
      const samples = await page.evaluate(() => lab.seen());
      const found = delays(await page.evaluate(() => lab.camera.changes), samples, "me");
      t.diagnostic(`${codec}: delays in ms ${found.join(" ")}`);
      assert.ok(found.length >= 3, `some changes were judged: ${found.length}`);
      assert.ok(found.every((ms) => ms <= 500), found.join(" "));
      await context.close();
    });
  }

  test("a tone is read at its level, and a tone that is not there is far below", { timeout: 60_000 }, async (t) => {
    const [sent, absent] = tones(2);
    const { page, context } = await openPage(browser, lab.origin);
    await page.evaluate((wish) => lab.setUp(wish), {
      camera: { palette: PALETTE, sequence: [0, 1, 2] },
      microphone: { hz: sent, amplitude: 0.12 },
    });
    await page.evaluate(loopback, "video/VP8");
    const expected = 20 * Math.log10(0.12);
    const heard = await until("the tone at its level", async () => {
      const levels = await page.evaluate((list) => lab.levels(list), [sent, absent]);
      return levels && Math.abs(levels[0] - expected) < 1.5 && levels[1] < expected - 40 && levels;
    }, { within: 15_000, every: 150 });
    t.diagnostic(`sent ${expected.toFixed(1)} dBFS, read ${heard[0].toFixed(1)}; absent tone ${heard[1].toFixed(1)}`);
    await context.close();
  });

  test("a wrong or missing colour is not taken for a palette colour", () => {
    assert.equal(nameOf([0, 0, 0]), -1);
    assert.equal(nameOf([120, 120, 120]), -1);
    assert.equal(nameOf([24, 28, 33]), -1);
    PALETTE.forEach((colour, at) => assert.equal(nameOf(colour), at));
    const never = delays([{ at: 100, colour: 0 }], [{ at: 0, cells: {} }, { at: 5000, cells: {} }], "me");
    assert.deepEqual(never, [Infinity]);
  });
});

// One cell that fills the picture, standing for a room of one.
const whole = { member_id: "me", x: 0, y: 0, width: 100, height: 100 };
const seen = `lab.look(undefined, [${JSON.stringify(whole)}])`;

// Runs in the page: a call with itself, shown where the instruments look for the room's picture.
async function loopback(codec) {
  const near = new RTCPeerConnection();
  const far = new RTCPeerConnection();
  near.onicecandidate = ({ candidate }) => candidate && far.addIceCandidate(candidate);
  far.onicecandidate = ({ candidate }) => candidate && near.addIceCandidate(candidate);
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  stream.getTracks().forEach((track) => near.addTrack(track, stream));
  const frame = document.createElement("div");
  frame.className = "mcuContent";
  const video = Object.assign(document.createElement("video"), { autoplay: true, muted: true });
  const audio = new Audio();
  audio.autoplay = true;
  frame.append(video);
  document.getElementById("root").append(frame);
  far.ontrack = ({ track }) => {
    (track.kind === "video" ? video : audio).srcObject = new MediaStream([track]);
  };
  const sending = near.getTransceivers().find((one) => one.sender.track.kind === "video");
  const all = RTCRtpReceiver.getCapabilities("video").codecs;
  sending.setCodecPreferences(all.filter((one) => one.mimeType === codec));
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
  lab.layout = { layers: [{ member_id: "me", x: 0, y: 0, width: 100, height: 100 }] };
}
