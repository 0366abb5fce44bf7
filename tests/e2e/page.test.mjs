// The page of a room: two people open the join link in two browsers, see and hear each other, and use what is
// there, by the names that stand on it. Also how it looks: the pictures in out/ are for human eyes.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fresh } from "./lib/random.mjs";
import { Visitor } from "./lib/visitor.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const SIZES = { wide: { width: 1280, height: 800 }, middle: { width: 768, height: 1024 }, narrow: { width: 360, height: 740 }, flat: { width: 740, height: 360 } };

describe("the page", () => {
  const it = world("page");
  const room = fresh("faces");
  let ann;
  let ben;

  const enter = async (name, query = "", options = {}) => {
    const visitor = await Visitor.open(it, `?room=${room}${query}`, options);
    await visitor.join(name);
    return visitor;
  };
  const named = async (visitor, name) => (await visitor.people()).filter({ hasText: name });

  test("it is served compressed, with its policy, and what has a hash in its name is kept", async () => {
    const page = await fetch(`${it.server.http}/`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-type"), /^text\/html/);
    assert.match(page.headers.get("content-security-policy"), /default-src 'none'.*script-src 'self' 'wasm-unsafe-eval';/);
    assert.equal(page.headers.get("content-encoding"), "gzip");
    const script = /src="\.\/(assets\/[^"]+)"/.exec(await page.text())[1];
    const answer = await fetch(`${it.server.http}/${script}`);
    assert.match(answer.headers.get("cache-control"), /immutable/);
    const plain = await fetch(`${it.server.http}/${script}`, { headers: { "accept-encoding": "identity" } });
    assert.equal(plain.headers.get("content-encoding"), null);
    assert.equal(await plain.text(), await answer.text());
    assert.equal((await fetch(`${it.server.http}/assets/none.js`)).status, 404);
    assert.match((await fetch(`${it.server.http}/assets/manifest.webmanifest`)).headers.get("content-type"), /manifest\+json/);
  });

  test("two people open the join link and each sees both", { timeout: 120_000 }, async () => {
    ann = await enter("Ann");
    ben = await enter("Ben");
    for (const visitor of [ann, ben]) {
      const people = await visitor.people();
      await until("both are listed", async () => (await people.count()) === 2);
      for (const name of ["Ann", "Ben"]) assert.equal(await (await named(visitor, name)).count(), 1);
      await until("both cells show a camera", () => visitor.page.evaluate(bothCells), { within: 15_000 });
    }
  });

  test("who has joined is at the room's heading, so that Enter once more hangs nobody up", async () => {
    const dan = await enter("Dan");
    assert.deepEqual(await dan.page.evaluate(() => [document.activeElement.tagName, document.activeElement.textContent]), ["H1", `In the room ${room}`]);
    await dan.page.keyboard.press("Enter");
    assert.equal(await dan.button("Leave").isVisible(), true);
    await dan.page.close({ runBeforeUnload: false });
    const people = await ann.people();
    await until("a closed tab is gone at once, not after the grace time", async () => (await people.count()) === 2, { within: 8_000 });
  });

  test("each hears the other: who speaks is marked, in the picture and in the list", { timeout: 30_000 }, async () => {
    // The browser's false microphone beeps once a second.
    for (const visitor of [ann, ben]) await (await visitor.people()).filter({ hasText: "speaking" }).first().waitFor({ timeout: 15_000 });
  });

  test("names stand on the cells, and one's own picture lies on its own cell to the pixel", async () => {
    const boxes = await ann.page.evaluate(() => {
      const box = (element) => ["left", "top", "width", "height"].map((side) => Math.round(element.getBoundingClientRect()[side] * 10) / 10);
      const own = [...document.querySelectorAll(".tile")].find((tile) => tile.textContent.includes("Ann (you)"));
      return [box(document.querySelector(".rotunda-own")), box(own)];
    });
    assert.deepEqual(boxes[0], boxes[1]);
    assert.equal(await ann.page.locator(".tile", { hasText: "Ben" }).count(), 1);
  });

  test("microphone and camera are turned off and on by their buttons, and by M and V", { timeout: 60_000 }, async () => {
    await ann.button("Mute").click();
    await ann.button("Unmute").waitFor();
    await (await named(ben, "Ann")).filter({ hasText: "muted" }).waitFor();
    await ann.page.keyboard.press("m");
    await ann.button("Mute").waitFor();
    await ann.page.keyboard.press("v");
    await ann.button("Turn camera on").waitFor();
    await (await named(ben, "Ann")).filter({ hasText: "camera off" }).waitFor();
    await until("one cell less", async () => !(await ben.page.evaluate(bothCells)), { within: 10_000 });
    await ann.button("Turn camera on").click();
    await until("both cells again", () => ben.page.evaluate(bothCells), { within: 15_000 });
  });

  test("who is muted is heard while the space bar is held", { timeout: 30_000 }, async () => {
    await ann.button("Mute").click();
    await ann.button("Unmute").waitFor();
    await ann.page.keyboard.down("Space");
    await ann.page.getByText("You are heard while you hold the space bar.").waitFor();
    await ann.button("Mute").waitFor();
    await ann.page.keyboard.up("Space");
    await ann.button("Unmute").click();
    await ann.button("Mute").waitFor();
  });

  test("what happens is said to those who do not see", { timeout: 30_000 }, async () => {
    const said = ann.page.getByRole("log");
    await ben.button("Mute").click();
    await said.getByText("Ben is muted.").waitFor();
    await ben.button("Unmute").click();
    await ben.button("Mute").waitFor();
  });

  test("a raised hand has its place in the line, and whoever may lowers it", { timeout: 30_000 }, async () => {
    await ann.button("Raise hand").click();
    await (await named(ben, "Ann")).filter({ hasText: "hand up, number 1" }).waitFor();
    await ben.button("Raise hand").click();
    await (await named(ann, "Ben")).filter({ hasText: "hand up, number 2" }).waitFor();
    await ann.button(/^Lower hand/).click();
    await (await named(ann, "Ben")).filter({ hasText: "hand up, number 1" }).waitFor();
    await ben.page.keyboard.press("h");
    await ben.button("Raise hand").waitFor();
  });

  test("a layout is chosen by its picture's name and shown by all", { timeout: 30_000 }, async () => {
    await ann.button("Layout").click();
    await ann.page.getByRole("dialog").waitFor();
    await ann.isOpenToAll();
    await ann.look("layouts", SIZES.wide);
    await ann.button("Grid for 4").click();
    await ann.page.getByRole("dialog").waitFor({ state: "hidden" });
    await ben.button("Layout").click();
    await until("the other page shows it", async () => (await ben.button("Grid for 4").getAttribute("aria-pressed")) === "true");
    await ben.button("Grid, as many as there are").click();
    await ben.page.getByRole("dialog").waitFor({ state: "hidden" });
  });

  test("another microphone is taken without leaving", { timeout: 30_000 }, async () => {
    await ann.button("More").click();
    await ann.button("Devices and settings").click();
    const list = ann.page.getByRole("dialog").getByLabel("Microphone");
    const names = await list.locator("option").allTextContents();
    assert.ok(names.length > 1, names.join());
    await list.selectOption({ index: names.length - 1 });
    await ann.isOpenToAll();
    await ann.page.keyboard.press("Escape");
    await ann.page.getByRole("dialog").waitFor({ state: "hidden" });
    await (await named(ben, "Ann")).filter({ hasText: "speaking" }).waitFor();
  });

  test("somebody is muted by whoever may, from the list", { timeout: 30_000 }, async () => {
    await ann.button("Actions for Ben").click();
    await (await named(ann, "Ben")).getByRole("button", { name: "Mute", exact: true }).click();
    await ben.button("Unmute").click();
    await ben.button("Mute").waitFor();
  });

  test("who comes without a camera turns it on later", { timeout: 60_000 }, async () => {
    const eve = await Visitor.open(it, `?room=${room}`);
    await eve.page.getByLabel("Your name").fill("Eve");
    await eve.button("Join without camera").click();
    await eve.inside();
    await eve.button("Turn camera on").click();
    await eve.button("Turn camera off").waitFor();
    await eve.button("Leave").click();
    await eve.button("Join").waitFor();
    await eve.context.close();
  });

  test("?as=audience watches without asking for a camera, and is counted", { timeout: 60_000 }, async () => {
    const counting = `navigator.mediaDevices.getUserMedia = () => { window.asked = true; return Promise.reject(new Error("no")); };`;
    const wim = await enter("Wim", "&as=audience", { init: counting });
    await wim.sees();
    assert.equal(await wim.page.evaluate(() => window.asked), undefined);
    assert.equal(await wim.button(/^(Mute|Turn camera)/).count(), 0);
    assert.equal(await (await wim.people()).count(), 2);
    await ann.page.getByText("Watching: 1").first().waitFor();
    await wim.isOpenToAll();
    await wim.context.close();
  });

  for (const [size, viewport] of Object.entries(SIZES)) {
    test(`it fits a ${size} window, in the room and before, in both themes`, { timeout: 90_000 }, async () => {
      await ann.page.setViewportSize(viewport);
      await ann.isOpenToAll();
      await ann.look(`room-people-${size}`);
      await ann.button("Close").click();
      await ann.look(`room-${size}`);
      await ann.people();
      const door = await Visitor.open(it, "", { context: { viewport } });
      await until("the preview", () => door.page.evaluate(() => document.querySelector("video").videoWidth > 0));
      await door.isOpenToAll();
      await door.look(`entry-${size}`);
      await door.context.close();
    });
  }

  test("the keyboard reaches every control, in the order in which they are seen", async () => {
    await ann.page.setViewportSize(SIZES.wide);
    await ann.button("Mute").focus();
    for (const name of ["Turn camera off", "Share screen", "Raise hand", "More", "Leave"]) {
      await ann.page.keyboard.press("Tab");
      assert.equal(await ann.button(name).evaluate((button) => button === document.activeElement), true, name);
    }
  });

  test("the browser refused nothing, and nothing came from elsewhere", async () => {
    for (const visitor of [ann, ben]) await visitor.isClean();
  });

  test("a server that falls silent is told within two seconds, and that it is back", { timeout: 30_000 }, async () => {
    const banner = ann.page.getByText("The connection is interrupted");
    const start = Date.now();
    process.kill(it.server.pid, "SIGSTOP");
    try {
      await banner.waitFor({ timeout: 8_000 });
    } finally {
      process.kill(it.server.pid, "SIGCONT");
    }
    assert.ok(Date.now() - start < 4_000, "noticed long before a quarter of a minute");
    await banner.waitFor({ state: "hidden" });
  });

  test("leaving shows the door again without a problem, and the other stays", { timeout: 60_000 }, async () => {
    await ben.button("Leave").click();
    await ben.button("Join").waitFor();
    assert.equal(await ben.page.getByRole("alert").getByText(/./).count(), 0);
    const people = await ann.people();
    await until("Ann is alone", async () => (await people.count()) === 1);
  });

  test("a page that is loaded anew can join again, under the name it remembers", { timeout: 60_000 }, async () => {
    await ann.page.reload();
    await ann.join();
    await ann.sees();
    assert.equal(await (await named(ann, "Ann (you)")).count(), 1);
  });
});

// Whether every cell of the picture shows the browser's false camera, which is green, and there
// are two: reads the two middles of a room of two. Runs in the page.
function bothCells() {
  const video = document.querySelector(".mcuContent video");
  if (!video?.videoWidth) return false;
  const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 });
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, 160, 90);
  return [10, 90].every((left) => {
    const { data } = pen.getImageData(left, 30, 60, 30);
    let green = 0;
    for (let at = 0; at < data.length; at += 4) green += data[at + 1] > data[at] + 40 && data[at + 1] > data[at + 2] + 40 ? 1 : 0;
    return green > (data.length / 4) * 0.3;
  });
}
