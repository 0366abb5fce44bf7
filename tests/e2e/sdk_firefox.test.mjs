// Our own browser package in Firefox ESR: joining, muting, and the way back from a broken socket and a cut
// cable. In a soak; Firefox takes no media from loopback, so that it needs an address of the machine's own.

import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { after, before, describe, test } from "node:test";

import { openFirefox } from "./lib/firefox.mjs";
import { ORANGE } from "./lib/legs.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { fresh } from "./lib/random.mjs";
import { route, startRelay } from "./lib/relay.mjs";
import { restClient } from "./lib/rest.mjs";
import { startServer } from "./lib/server.mjs";
import { startStatic } from "./lib/static.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING, soak } from "./lib/world.mjs";

const PREFS = [
  'user_pref("media.autoplay.default", 0);',
  'user_pref("media.autoplay.blocking_policy", 0);',
  'user_pref("media.peerconnection.ice.obfuscate_host_addresses", false);',
];
const host = Object.values(networkInterfaces()).flat().find(({ family, internal }) => family === "IPv4" && !internal)?.address;

describe("our own SDK in Firefox", { skip: !soak || !host }, () => {
  let server, lab, proxy, relay, page;
  before(async () => {
    server = await startServer({ name: "sdk-firefox", host });
    [lab, proxy, relay] = await Promise.all([startStatic(), startProxy(server.ws), startRelay(server.ports.udp, host)]);
    page = await openFirefox(`${lab.origin}/ours/`, { prefs: PREFS });
  }, { timeout: 120_000 });
  after(async () => {
    await page?.close();
    await Promise.all([lab?.stop(), proxy?.stop(), relay?.stop()]);
    await server?.dispose();
  }, { timeout: 60_000 });

  const call = async (...args) => {
    const result = await page.evaluate((list) => lab.call(...list), args);
    assert.ok(result.ok, JSON.stringify(result.error));
    return result.value;
  };
  const names = (since) => page.evaluate((from) => lab.events.slice(from).map(({ name }) => name), since);
  const mark = () => page.evaluate(() => lab.events.length);
  const seesItself = () => until("its own colour", () => page.evaluate((colour) => lab.cellShare(lab.session.memberId, [colour], 40) > 0.8, ORANGE));

  test("it joins, sees itself in its cell, mutes, and is sized to its cell", { timeout: 60_000 }, async () => {
    const token = await restClient(server).token({ room_name: fresh("fox"), user_name: "Fox", permissions: [...EVERYTHING, "room.set_meta"] });
    await page.evaluate((colour) => lab.setUp({ camera: { palette: [colour], sequence: [0] }, microphone: { hz: 500, amplitude: 0.12 } }), ORANGE);
    await page.evaluate(() => lab.camera.resize(1280, 720));
    await page.evaluate(route, relay.port);
    const joined = await page.evaluate((wish) => lab.join(wish), { token, host: proxy.host, events: ["connection.changed", "media.stats"] });
    assert.ok(joined.ok, JSON.stringify(joined.error));
    await seesItself();
    await call("videoMute");
    await until("the camera is let go of", () => page.evaluate(() => lab.session.localVideoTrack === null));
    await call("videoUnmute");
    await seesItself();
    await call("setLayout", { name: "6x6" });
    await until("a smaller picture", () => page.evaluate(() =>
      lab.livePeers()[0].getSenders().find(({ track }) => track?.kind === "video").getParameters().encodings.at(-1).scaleResolutionDownBy > 2));
    await call("setLayout", { name: "1x1" });
    await until("three sizes", () => page.evaluate(async () => {
      const stats = [...(await lab.livePeers()[0].getStats()).values()];
      return stats.filter(({ type, kind, framesSent }) => type === "outbound-rtp" && kind === "video" && framesSent > 0).length === 3;
    }));
    await seesItself();
    await until("figures", () => page.evaluate(() => lab.events.some(({ name, payload }) => name === "media.stats" && payload.up.video?.kbps > 0)));
  });

  test("a broken socket is replaced, and a cut cable is told within two seconds and survived", { timeout: 90_000 }, async (t) => {
    proxy.cut();
    await until("it is told", async () => (await names(0)).includes("connection.changed"));
    await call("setMeta", { said: "from afar" });
    const since = await mark();
    const cut = Date.now();
    relay.cut();
    await until("the loss is told", async () => (await names(since)).includes("media.reconnecting"), { within: 5_000 });
    t.diagnostic(`told after ${Date.now() - cut} ms`);
    assert.ok(Date.now() - cut < 2_500);
    relay.rebind();
    relay.mend();
    await until("it is back", async () => (await names(since)).includes("media.connected"), { within: 20_000 });
    await seesItself();
    assert.ok(!(await names(0)).includes("room.left"));
    await call("leave");
  });
});
