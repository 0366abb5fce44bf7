// WHIP and WHEP with the clients of npm's whip-whep, unchanged, from a page of another origin.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { PALETTE } from "./lib/colours.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING, world } from "./lib/world.mjs";

describe("WHIP and WHEP", () => {
  const it = world("wish");
  const room = fresh("stage");
  const [annsTone, pubsTone] = tones(2);
  let ann; // a member with the SDK
  let pub; // publishes by WHIP
  let eve; // watches by WHEP
  const status = async (url, method = "GET") => (await fetch(url, { method })).status;

  /** A page with the clients of npm. */
  async function page(name, wish) {
    const opened = await it.participant(name, wish);
    await opened.page.addScriptTag({ url: "/whip_whep.js", type: "module" });
    await until("the module runs", () => opened.page.evaluate(() => Boolean(lab.stop)));
    return opened;
  }

  test("a WHIP publisher is a member the room sees and hears", { timeout: 60_000 }, async () => {
    const permissions = [...EVERYTHING, "room.member.remove"];
    ann = await it.joined("Ann", room, { tone: annsTone, token: { permissions } });
    pub = await page("Pub", { tone: pubsTone });
    const token = await it.rest.token({ room_name: room, user_name: "Pub", permissions: [] });
    pub.url = await pub.page.evaluate((args) => lab.publish(...args), [`${it.server.http}/whip`, token]);
    const { payload } = await ann.event("member.joined", ({ member }) => member.name === "Pub");
    assert.equal(payload.member.type, "member");
    pub.memberId = payload.member.id;
    await ann.sees(pub);
    await ann.hears(pub);
    assert.equal(await status(pub.url), 204);
    const { audioPackets, videoFrames } = await pub.received();
    assert.deepEqual([audioPackets, videoFrames], [0, 0], "nothing is sent to it");
  });

  test("a WHEP viewer sees and hears both, and is in nobody's list", { timeout: 60_000 }, async () => {
    eve = await page("Eve", { camera: false });
    const token = await it.rest.token({ room_name: room, user_name: "Eve", join_as: "audience" });
    eve.url = await eve.page.evaluate((args) => lab.view(...args), [`${it.server.http}/whep`, token]);
    for (const other of [ann, pub]) {
      await until(`Eve sees ${other.name}`, async () => {
        await eve.page.evaluate((layout) => (lab.layout = layout), await ann.layout());
        return (await eve.cellShare(other.memberId, PALETTE, 40)) >= 0.9;
      });
      await eve.hears(other);
    }
    const { members } = await ann.call("getMembers");
    assert.deepEqual(members.map(({ name }) => name).sort(), ["Ann", "Pub"]);
    await ann.event("room.audienceCount", ({ total }) => total === 1);
  });

  test("its microphone is switched off like anybody's", { timeout: 30_000 }, async () => {
    await ann.call("audioMute", { memberId: pub.memberId });
    await eve.losesTone(pub);
    await ann.losesTone(pub);
    await ann.call("audioUnmute", { memberId: pub.memberId });
    await eve.hears(pub);
  });

  test("stop() of either client ends its leg, and the room is told", { timeout: 30_000 }, async () => {
    await eve.page.evaluate(() => lab.stop());
    await ann.event("room.audienceCount", ({ total }) => total === 0);
    await pub.page.evaluate(() => lab.stop());
    await ann.event("member.left", ({ member }) => member.id === pub.memberId);
    assert.deepEqual([await status(eve.url), await status(pub.url)], [404, 404]);
  });

  test("the client is told why it is refused", { timeout: 30_000 }, async () => {
    const token = await it.rest.token({ room_name: room, user_name: "Eve", join_as: "audience" });
    const refused = pub.page.evaluate((args) => lab.publish(...args), [`${it.server.http}/whip`, token]);
    await assert.rejects(refused, /status 403/);
  });
});
