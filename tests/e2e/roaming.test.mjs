// Somebody whose address changes in a call, and who notices nothing of it themself.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { fresh, tones } from "./lib/random.mjs";
import { routeVia, startRelay } from "./lib/relay.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING, world } from "./lib/world.mjs";

/** Chromium looks after a path that works every two and a half seconds. */
const CHECK = 2_500;
/** What loaded machines take longer. */
const SLACK = 2_500;

describe("an address that changes", () => {
  const it = world("roaming");
  const [one, two] = tones(2);
  let relay;
  after(() => relay?.stop());

  test("a NAT shows another port: media is back with the next check, both ways, and the seat stays", { timeout: 60_000 }, async (t) => {
    const room = fresh("nat");
    const ann = await it.joined("Ann", room, { tone: one });
    const ben = await it.participant("Ben", { tone: two });
    relay = await startRelay(it.server.ports.udp);
    await routeVia(ben, relay);
    const token = await it.rest.token({ room_name: room, user_name: "Ben", permissions: EVERYTHING });
    await ben.join({ token, host: it.server.ws });
    await ann.sees(ben);
    for (let times = 0; times < 2; times += 1) {
      relay.rebind();
      const [before, at] = [relay.counts().mediaDown, Date.now()];
      await until("media comes to the new port", () => relay.counts().mediaDown > before + 20, { within: 2 * CHECK + SLACK });
      t.diagnostic(`media again after ${Date.now() - at} ms`);
      await Promise.all([ann.hears(ben), ben.hears(ann), ann.sees(ben), ben.sees(ann)]);
      assert.deepEqual(await ann.events("member.left"), []);
    }
  });
});
