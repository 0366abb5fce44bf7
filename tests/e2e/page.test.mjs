// The page at `/`: two people open the join link in two browsers and see each other. Also how it
// looks: the pictures in out/ are for human eyes.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { openPage } from "./lib/browser.mjs";
import { fresh } from "./lib/random.mjs";
import { expect } from "./lib/rest.mjs";
import { OUT } from "./lib/server.mjs";
import { PUBLISHED, sha256, vendored } from "./lib/static.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const WIDTHS = { wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } };
const THEMES = ["light", "dark"];

// Runs before the page's own scripts: what the browser refused to load or run.
const NOTE_REFUSALS = `
  window.refused = [];
  addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective + " " + e.blockedURI));
`;

describe("the page", () => {
  const it = world("page");
  const room = fresh("faces");
  let ann;
  let ben;

  const open = async (query, context) => {
    const visit = await openPage(it.browser, `${it.server.http}/${query}`, { context, init: NOTE_REFUSALS });
    visit.foreign = [];
    visit.page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (!["127.0.0.1"].includes(hostname) && !["data:", "blob:"].includes(protocol)) visit.foreign.push(request.url());
    });
    it.pages.push(visit.context);
    return visit;
  };

  const enter = async (name, query = "") => {
    const visit = await open(`?room=${room}${query}`);
    await visit.page.getByLabel("Your name").fill(name);
    await visit.page.getByRole("button", { name: /^(Join|Watch)$/ }).click();
    await visit.page.locator("#room").waitFor({ state: "visible" });
    return visit;
  };

  test("it is served with its policy, and the SDK in it is the published file", async () => {
    const page = await fetch(`${it.server.http}/`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-type"), /^text\/html/);
    assert.match(page.headers.get("content-security-policy"), /default-src 'self'/);
    const sdk = await fetch(`${it.server.http}/assets/vendor/signalwire-js-3.30.0/index.umd.js`);
    const bytes = Buffer.from(await sdk.arrayBuffer());
    assert.equal(sha256(bytes), vendored().files["index.umd.js"].sha256);
    assert.ok(bytes.equals(readFileSync(PUBLISHED)));
    assert.equal((await fetch(`${it.server.http}/assets/none.js`)).status, 404);
  });

  test("a room link lets a visitor in under the name they give, removes them when it is revoked, and then says so", { timeout: 90_000 }, async () => {
    const hall = fresh("hall");
    await it.rest.room({ name: hall });
    const link = expect(await it.rest.post(`/rooms/${hall}/links`, { role: "member" }), 201);
    const { page, foreign } = await open(link.url.slice(it.server.http.length + 1));
    await page.getByLabel("Your name").fill("Vera");
    await page.getByRole("button", { name: "Join", exact: true }).click();
    await page.locator("#people .who", { hasText: "Vera" }).waitFor();
    assert.deepEqual(foreign, []);
    expect(await it.rest.delete(`/links/${link.id}`), 204);
    await page.getByRole("button", { name: "Join", exact: true }).click({ timeout: 30_000 });
    await page.getByText("This link opens nothing").waitFor();
  });

  test("two people open the join link and each sees both", { timeout: 120_000 }, async () => {
    ann = await enter("Ann");
    ben = await enter("Ben");
    for (const { page } of [ann, ben]) {
      await page.locator("#people li").nth(1).waitFor();
      const names = await page.locator("#people .who").allTextContents();
      assert.deepEqual(names.map((name) => name.replace(" (you)", "")).sort(), ["Ann", "Ben"]);
      await until("both cells show a camera", () => page.evaluate(bothCells), { within: 15_000 });
    }
  });

  test("who has joined stands at the room's heading, so that Enter once more hangs nobody up", async () => {
    const focused = () => ann.page.evaluate(() => [document.activeElement.tagName, document.activeElement.textContent]);
    assert.deepEqual(await focused(), ["H1", `In the room ${room}`]);
    await ann.page.keyboard.press("Enter");
    assert.equal(await ann.page.locator("#room").isVisible(), true);
  });

  test("each hears the other: sound with energy arrives", { timeout: 30_000 }, async () => {
    for (const { page } of [ann, ben]) {
      // The browser's false microphone beeps once a second; the member list shows who talks.
      await page.locator('#people li[data-talking="true"]').first().waitFor({ timeout: 15_000 });
    }
  });

  test("the microphone button mutes, says so, and unmutes", { timeout: 60_000 }, async () => {
    await ann.page.getByRole("button", { name: "Mute", exact: true }).click();
    await ann.page.getByRole("button", { name: "Unmute" }).waitFor();
    assert.equal(await ann.page.locator("#toggle-microphone").getAttribute("data-off"), "true");
    await ben.page.locator("#people li", { hasText: "Ann" }).locator(".state", { hasText: "muted" }).waitFor();
    await ann.page.getByRole("button", { name: "Unmute" }).click();
    await ann.page.getByRole("button", { name: "Mute", exact: true }).waitFor();
  });

  test("the camera button puts a mute image in the cell", { timeout: 60_000 }, async () => {
    await ann.page.getByRole("button", { name: "Camera off" }).click();
    await ann.page.getByRole("button", { name: "Camera on" }).waitFor();
    await ben.page.locator("#people li", { hasText: "Ann" }).locator(".state", { hasText: "camera off" }).waitFor();
    await until("one cell less", async () => !(await ben.page.evaluate(bothCells)), { within: 10_000 });
    await ann.page.getByRole("button", { name: "Camera on" }).click();
    await until("both cells again", () => ben.page.evaluate(bothCells), { within: 15_000 });
  });

  test("the layout chosen by one is shown by both", { timeout: 30_000 }, async () => {
    await ann.page.getByLabel("Layout").selectOption("2x2");
    await until("the other page shows it", async () => (await ben.page.getByLabel("Layout").inputValue()) === "2x2");
    await ann.page.getByLabel("Layout").selectOption("grid-responsive");
  });

  test("?as=audience watches without asking for a camera", { timeout: 60_000 }, async () => {
    const watcher = await enter("Wim", "&as=audience");
    await until("a picture", () => watcher.page.evaluate(() => document.querySelector("#stage video")?.videoWidth > 0), { within: 15_000 });
    assert.equal(await watcher.page.locator("#toggle-camera").isVisible(), false);
    assert.equal(await watcher.page.locator("#people li").count(), 2);
    await watcher.context.close();
  });

  for (const [size, viewport] of Object.entries(WIDTHS)) {
    test(`in the room it fits a ${size} window, in both themes`, { timeout: 60_000 }, async () => {
      for (const theme of THEMES) {
        await ann.page.setViewportSize(viewport);
        await ann.page.emulateMedia({ colorScheme: theme });
        await picture(ann.page, `room-${size}-${theme}`);
        assert.equal(await ann.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "no sideways scrolling");
      }
    });

    test(`before joining it fits a ${size} window, in both themes`, { timeout: 60_000 }, async () => {
      for (const theme of THEMES) {
        const { page, context } = await open("", { viewport, colorScheme: theme });
        await until("the preview", () => page.evaluate(() => document.querySelector("#preview-video").videoWidth > 0));
        await picture(page, `entry-${size}-${theme}`);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "no sideways scrolling");
        await context.close();
      }
    });
  }

  test("every control has a name, and the keyboard reaches it", async () => {
    const nameless = await ann.page.evaluate(() =>
      [...document.querySelectorAll("button, input, select, a, video, meter")]
        .filter((one) => one.checkVisibility() && !one.closest("#stage"))
        .filter((one) => !(one.textContent.trim() || one.labels?.length || one.getAttribute("aria-label")))
        .map((one) => one.outerHTML));
    assert.deepEqual(nameless, []);
    await ann.page.locator("#toggle-microphone").focus();
    for (const id of ["toggle-camera", "layout", "leave"]) {
      await ann.page.keyboard.press("Tab");
      assert.equal(await ann.page.evaluate(() => document.activeElement.id), id);
    }
  });

  test("the browser refused nothing, and nothing came from elsewhere", async () => {
    for (const visit of [ann, ben]) {
      assert.deepEqual(await visit.page.evaluate(() => window.refused), []);
      assert.deepEqual(visit.foreign, []);
      assert.deepEqual(visit.said.filter((line) => line.startsWith("pageerror")), []);
    }
  });

  test("a server that falls silent is told within two seconds, and that it is back", { timeout: 30_000 }, async () => {
    const line = ann.page.locator("#status");
    const start = Date.now();
    process.kill(it.server.pid, "SIGSTOP");
    try {
      await line.getByText("The connection is interrupted").waitFor({ timeout: 8_000 });
    } finally {
      process.kill(it.server.pid, "SIGCONT");
    }
    assert.ok(Date.now() - start < 4_000, "noticed long before the SDK's quarter of a minute");
    await until("the line is well again", async () => (await line.textContent()) === "");
  });

  test("leaving shows the entry again, and the other stays", { timeout: 60_000 }, async () => {
    await ben.page.getByRole("button", { name: "Leave" }).click();
    await ben.page.locator("#entry").waitFor({ state: "visible" });
    assert.equal(await ben.page.locator("#problem").isVisible(), false, "leaving is no problem");
    await until("Ann is alone", async () => (await ann.page.locator("#people li").count()) === 1);
  });

  test("a closed tab is gone at once, not after the grace time", { timeout: 60_000 }, async () => {
    const dan = await enter("Dan");
    await until("Dan is seen", async () => (await ann.page.locator("#people li").count()) === 2);
    await dan.page.close({ runBeforeUnload: false });
    await until("Dan is gone", async () => (await ann.page.locator("#people li").count()) === 1, { within: 5_000 });
  });

  test("a page that is loaded anew can join again", { timeout: 60_000 }, async () => {
    await ann.page.reload();
    await ann.page.getByRole("button", { name: "Join", exact: true }).click();
    await ann.page.locator("#room").waitFor({ state: "visible" });
    await until("a picture", () => ann.page.evaluate(() => document.querySelector("#stage video")?.videoWidth > 0), { within: 15_000 });
  });

  test("a server that is gone is told in plain words", { timeout: 60_000 }, async () => {
    const { page } = await open("");
    await page.route("**/dev/token", (route) => route.abort("connectionrefused"));
    await page.getByLabel("Your name").fill("Cid");
    await page.getByRole("button", { name: "Join", exact: true }).click();
    await page.getByRole("alert").getByText("The server does not answer").waitFor();
    await picture(page, "entry-refused");
  });
});

// Whether every cell of the picture shows the browser's false camera, which is green, and there
// are two: reads the two middles of a room of two. Runs in the page.
function bothCells() {
  const video = document.querySelector("#stage .mcuContent video");
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

async function picture(page, name) {
  mkdirSync(OUT, { recursive: true });
  await page.screenshot({ path: join(OUT, `${name}.png`) });
}
