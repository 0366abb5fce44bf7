// A lobby from both sides by our own browser package: guests by a room link wait, a host sees them, lets one in and
// sends another away; a page that is closed gives its place back in time, and a restart of the server keeps the line.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { fresh, tones } from "./lib/random.mjs";
import { expect } from "./lib/rest.mjs";
import { until, within } from "./lib/wait.mjs";
import { EVERYTHING, world } from "./lib/world.mjs";

const GRACE = 27; // seconds, the least there may be
const EVENTS = ["lobby.waiting", "lobby.updated", "connection.changed"];

describe("our own SDK in a lobby", () => {
  const it = world("sdk_lobby", { server: { env: { ROTUNDA_SESSION__GRACE_SECONDS: `${GRACE}` } } });
  const name = fresh("sdk-lobby");
  const [one, two] = tones(2);
  let room;
  let host;
  let ben; // let in
  let fay; // closes the page while she waits
  let closedAt;

  before(async () => {
    room = await it.rest.room({ name, lobby: true, tone_on_entry_and_exit: false });
  }, { timeout: 60_000 });

  const open = (who, wish = {}) => it.participant(who, { path: "/ours/", tone: two, ...wish });
  const linked = async (who, role = "guest") => {
    const { url } = expect(await it.rest.post(`/rooms/${room.id}/links`, { role }), 201);
    const wish = { host: it.server.ws, roomName: name, key: new URL(url).hash.slice(1), userName: who.name };
    return who.page.evaluate((w) => Rotunda.exchangeLink(w), wish);
  };

  /** Somebody who came by a link of their own and waits; `joining()` gives what became of it. */
  async function waits(called, joinOptions = {}) {
    const who = await open(called);
    const wish = { token: await linked(who), host: it.server.ws, events: EVENTS, joinOptions };
    await who.page.evaluate((w) => void (lab.joining = lab.join(w)), wish);
    who.joining = () => within(20_000, `${called} is answered`, who.page.evaluate(() => lab.joining));
    who.place = (await who.event("lobby.waiting", undefined, { within: 10_000 })).payload;
    return who;
  }
  const hosts = (method, ...args) =>
    host.page.evaluate(async ([m, list]) => lab.session.lobby[m](...list), [method, args]);
  const line = async () => (await hosts("list")).map((one) => one.name);
  const isTold = (names, since) =>
    host.event("lobby.updated", ({ waiting }) => `${waiting.map((one) => one.name)}` === `${names}`, { since, within: 10_000 });
  const legs = (who) => who.page.evaluate(() => lab.livePeers().length);

  test("guests by a link wait without a leg, and the host is told of them as they come", { timeout: 60_000 }, async () => {
    host = await open("Host", { tone: one });
    await host.join({ token: await linked(host, "host"), host: it.server.ws, events: EVENTS });
    ben = await waits("Ben");
    fay = await waits("Fay");
    assert.deepEqual([ben.place.name, typeof ben.place.since], ["Ben", "number"]);
    const { payload } = await isTold(["Ben", "Fay"]);
    assert.deepEqual(payload.waiting, [ben, fay].map(({ place }) => place));
    assert.equal(payload.room_session_id, host.roomSessionId);
    assert.deepEqual(await hosts("list"), payload.waiting);
    assert.deepEqual([await legs(ben), (await host.call("getMembers")).members.length], [0, 1]);
    await fay.close();
    closedAt = Date.now();
  });

  test("who is let in is in without doing anything, and who is sent away learns it", { timeout: 60_000 }, async () => {
    const dan = await waits("Dan");
    const since = await host.mark();
    await hosts("admit", ben.place.id);
    const { ok, error } = await ben.joining();
    assert.ok(ok, JSON.stringify(error));
    Object.assign(ben, await ben.page.evaluate(() => lab.facts()));
    await Promise.all([ben.hears(host), host.hears(ben)]);
    await host.event("member.joined", ({ member }) => member.id === ben.memberId && member.name === "Ben", { since });
    await hosts("deny", [dan.place.id]);
    const denied = await dan.joining();
    assert.deepEqual([denied.ok, denied.error.kind], [false, "not_admitted"]);
    assert.match(denied.error.message, /a host did not let you in/);
    await isTold(["Fay"], since);
    const refused = await ben.page.evaluate(() => lab.session.lobby.list().catch(({ kind }) => kind));
    assert.equal(refused, "permission");
    await Promise.all([ben, dan].map((who) => who.close()));
  });

  test("the published SDK's join is refused in words, and so is ours where it is not to wait", { timeout: 60_000 }, async () => {
    const guest = await open("Gus");
    const token = await linked(guest);
    const unwilling = await guest.tryJoin({ token, host: it.server.ws, joinOptions: { lobby: false } });
    const published = await it.participant("Gus", { tone: two });
    const { ok, error } = await published.tryJoin({ token, host: it.server.ws });
    for (const said of [unwilling.error, error]) {
      assert.equal(said.code, "403");
      assert.match(said.message, /^This room has a lobby: ask to be let in/);
    }
    assert.deepEqual([ok, unwilling.error.kind], [false, "lobby"]);
    await Promise.all([guest, published].map((who) => who.close()));
  });

  test("a page that was closed keeps its place for the grace time and not longer", { timeout: 60_000 }, async () => {
    // What was asked at the end of it was asked before it was over.
    const names = await line();
    assert.ok(names.includes("Fay") || Date.now() - closedAt > GRACE * 1000, "not before");
    await until("the place is given up", async () => !(await line()).includes("Fay"), { within: (GRACE + 10) * 1000 });
    assert.ok(Date.now() - closedAt > (GRACE - 2) * 1000);
  });

  test("a restart of the server keeps the line, and whoever is let in then comes in", { timeout: 90_000 }, async () => {
    const [kim, lea] = [await waits("Kim"), await waits("Lea")];
    await isTold(["Kim", "Lea"]);
    const marks = [await kim.mark(), await lea.mark()];
    const before = await host.mark();
    await it.server.kill9();
    it.server = await it.server.restart();
    const again = await Promise.all([kim, lea].map((who, at) => who.event("lobby.waiting", undefined, { since: marks[at], within: 20_000 })));
    assert.deepEqual(again.map(({ payload }) => payload), [kim, lea].map(({ place }) => place));
    await host.event("connection.changed", ({ state }) => state === "connected", { since: before, within: 20_000 });
    await isTold(["Kim", "Lea"], before);
    await hosts("admit", "all");
    for (const who of [kim, lea]) assert.ok((await who.joining()).ok);
    await until("all are in", async () => (await host.call("getMembers")).members.length === 3);
  });
});
