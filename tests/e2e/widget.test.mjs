// A room in somebody else's page: by SignalWire's own prebuilt widget, as npm has it, which finds this server by the
// names `stack1.DOMAIN` and `relay.DOMAIN`; and by `<rotunda-room>`, which frames our own page.

import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { execFileSync } from "node:child_process";
import { createServer } from "node:https";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, openPage } from "./lib/browser.mjs";
import { fresh } from "./lib/random.mjs";
import { expect } from "./lib/rest.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const DOMAIN = "rooms.test";
/** Where the page with the room in it is: on a server of its own, on loopback as ours, for from elsewhere Chromium lets no page in there. */
const SITE = `https://www.${DOMAIN}/`;
const SERVER = `https://stack1.${DOMAIN}`;

const folder = mkdtempSync(join(tmpdir(), "rotunda-widget-"));
const [CERT, KEY] = [join(folder, "cert.pem"), join(folder, "key.pem")];
const names = ["stack1", "relay", "www"].map((name) => `DNS:${name}.${DOMAIN}`);
execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
  "-subj", "/CN=rotunda test", "-addext", `subjectAltName=${names.join(",")}`, "-keyout", KEY, "-out", CERT], { stdio: "ignore" });

/** The certificate's key, as Chromium names one that it is to trust. */
function spki() {
  const key = new X509Certificate(readFileSync(CERT)).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}

describe("a room in another page", () => {
  const env = { ROTUNDA_TLS__CERT_FILE: CERT, ROTUNDA_TLS__KEY_FILE: KEY, ROTUNDA_WEBUI__FRAME_ANCESTORS: SITE.slice(0, -1) };
  const it = world("widget", { browser: false, server: { env } });
  let hall, moderator, guest, body;
  const other = createServer({ cert: readFileSync(CERT), key: readFileSync(KEY) }, (_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<!doctype html><meta charset="utf-8"><title>Somebody's page</title>${body}`);
  });

  before(async () => {
    await new Promise((resolve) => other.listen(0, "127.0.0.1", resolve));
    const maps = [`MAP www.${DOMAIN} 127.0.0.1:${other.address().port}`, `MAP *.${DOMAIN} 127.0.0.1:${new URL(it.server.http).port}`];
    const flags = [`--host-resolver-rules=${maps.join(",")}`, `--ignore-certificate-errors-spki-list=${spki()}`];
    it.browser = await launch({ flags });
    hall = expect(await it.rest.post("/conferences", { display_name: fresh("Hall"), dark_primary: "#3355ff", light_primary: "#3355ff" }), 200);
    [moderator, guest] = expect(await it.rest.get(`/conferences/${hall.id}/conference_tokens`), 200).data;
  }, { timeout: 120_000 });
  after(() => {
    other.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens the site, whose body is `html`. */
  async function site(html) {
    body = html;
    const opened = await openPage(it.browser, SITE, { context: { ignoreHTTPSErrors: false } });
    it.pages.push(opened.context);
    return opened;
  }

  const inside = async () => {
    const { data } = expect(await it.rest.get(`/room_sessions?room_name=${hall.name}&status=in-progress`), 200);
    if (!data[0]) return [];
    const members = expect(await it.rest.get(`/room_sessions/${data[0].id}/members`), 200).data;
    return members.filter((member) => !member.leave_time).map((member) => member.name);
  };

  test("SignalWire's prebuilt widget joins and shows the canvas", { timeout: 90_000 }, async () => {
    const { page, said } = await site(`<div style="width:960px;height:540px"><div id="room"></div></div>
      <script type="module" src="${SERVER}/assets/app-kit/signalwire.esm.js"></script>`);
    await page.waitForFunction(() => window.SignalWire?.AppKit).catch((error) => {
      throw new Error(`${error.message}\n${said.join("\n")}`);
    });
    await page.evaluate((params) => SignalWire.AppKit.VideoConference({ rootElement: document.getElementById("room"), prejoin: false, ...params }),
      { token: guest.token, domain: DOMAIN, userName: "Ann" });
    const sees = () => page.evaluate(() => {
      const video = document.querySelector("ready-room")?.shadowRoot.querySelector("#ready-room-video-root video");
      return video?.videoWidth === 1280 && video.currentTime > 0;
    });
    await until("the canvas is shown", sees, { within: 40_000 }).catch((error) => {
      throw new Error(`${error.message}\n${said.slice(-15).join("\n")}`);
    });
    await until("Ann is inside", async () => (await inside()).includes("Ann"));
    await it.closePages();
  });

  test("<rotunda-room> shows our own page in the conference's colours, and tells who holds it", { timeout: 90_000 }, async () => {
    const link = `${SERVER}/r/${hall.name}#${moderator.token}`;
    const { page } = await site(`<script src="${SERVER}/assets/rotunda-room.js"></script>
      <script>window.heard = []; for (const name of ["ready", "joined", "left"]) addEventListener("rotunda-" + name, (e) => heard.push([e.type, e.detail.room ?? ""]));</script>
      <rotunda-room link="${link}" name="Ben" style="width:1200px;height:700px"></rotunda-room>`);
    const room = page.frameLocator("rotunda-room iframe");
    const button = (name) => room.getByRole("button", { name });
    await button(/^(Join|Continue)$/).first().waitFor();
    await until("it is painted", () => room.locator(":root").evaluate((root) => root.style.getPropertyValue("--accent") === "#3355ff"));
    if (await button("Continue").count()) await button("Continue").click();
    await button(/^Join$/).click();
    await button("Leave").waitFor();
    await until("Ben is inside", async () => (await inside()).includes("Ben"));
    await button("Leave").click();
    const heard = () => page.evaluate(() => heard);
    await until("it is told that he left", async () => (await heard()).length >= 3);
    const [ready, joined, left] = await heard();
    assert.deepEqual([ready[0], joined[0], left[0]], ["rotunda-ready", "rotunda-joined", "rotunda-left"]);
    assert.equal(joined[1], hall.display_name);
    // What comes from another window, or from the same one without being one of the three, is nobody's event.
    await page.evaluate(() => postMessage({ type: "rotunda-joined" }, "*"));
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    assert.equal((await heard()).length, 3);
    await it.closePages();
  });
});
