// A weak line, as it is told: to the page of whoever has it, to the others, to the operator, and to nobody
// who did not ask.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { openPage } from "./lib/browser.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { routeVia, startRelay } from "./lib/relay.mjs";
import { expect } from "./lib/rest.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const EVENT = "video.member.network_quality";
/** Browsers report sound every five seconds, a little sooner or later, and what is good must be so for five. */
const SOON = { within: 30_000 };

describe("a weak line", () => {
  const it = world("weak");
  const room = fresh("weak");
  const [tone] = tones(1);
  let relay;
  let ann; // on the page, on a good line
  let ben; // on the page, on a line that loses packets
  let cid; // an application's own page, which listens to what the SDK documents
  after(() => relay?.stop());

  async function enter(name, route = async () => {}) {
    const visit = await openPage(it.browser, `${it.server.http}/?room=${room}`);
    it.pages.push(visit.context);
    await route(visit);
    await visit.page.getByLabel("Your name").fill(name);
    await visit.page.getByRole("button", { name: "Join", exact: true }).click();
    await visit.page.locator("#room").waitFor({ state: "visible" });
    return visit;
  }
  const named = ({ frames }) => frames.filter(({ message }) => message?.params?.event_type === EVENT).map(({ message }) => message.params.params);
  const words = ({ page }) => page.locator("#line").textContent();
  const state = ({ page }, who) => page.locator("#people li", { hasText: who }).locator(".state").textContent();
  const facts = (visit) => visit.frames.find(({ message }) => message?.params?.event_type === "video.room.subscribed").message.params.params;
  const lines = async () => expect(await it.rest.get(`/room_sessions/${cid.roomSessionId}/network_quality`), 200).data;

  test("on good lines nothing is said, and the figures are there", { timeout: 120_000 }, async () => {
    relay = await startRelay(it.server.ports.udp);
    ann = await enter("Ann");
    ben = await enter("Ben", (visit) => routeVia(visit, relay));
    cid = await it.joined("Cid", room, { tone });
    const own = facts(ben).member_id;
    await until("Ben's page hears of Ben and Ann", () => new Set(named(ben).map(({ member }) => member.id)).size >= 2, SOON);
    const { member, room_id, room_session_id, network_quality: quality } = named(ben).find((event) => event.member.id === own);
    assert.deepEqual([room_session_id, member.room_session_id, member.room_id], [cid.roomSessionId, cid.roomSessionId, room_id]);
    assert.deepEqual(Object.keys(member).sort(), ["id", "room_id", "room_session_id"]);
    assert.deepEqual(Object.keys(quality).sort(), ["down", "level", "over_tcp", "picture", "round_trip_ms", "up"]);
    assert.equal(quality.over_tcp, false);
    await until("everybody's line is known", async () => (await lines()).length === 3, SOON);
    const listed = (await lines()).find(({ id }) => id === own);
    assert.deepEqual([listed.name, listed.type], ["Ben", "member"]);
    await until("all are good", async () => (await lines()).every(({ network_quality: { level } }) => level === "good"), SOON);
    const isWhole = ({ down, up }) => [down, up].every((way) => way.kbps > 50 && way.loss_percent < 2 && way.jitter_ms !== null);
    await until("Ben's figures are whole", async () => isWhole((await lines()).find(({ id }) => id === own).network_quality), SOON);
    assert.equal((await lines()).find(({ id }) => id === own).network_quality.picture, "full");
    for (const visit of [ann, ben]) assert.equal(await words(visit), "");
  });

  test("a line that loses packets is told to whoever has it in words, and to the others", { timeout: 90_000 }, async (t) => {
    const at = Date.now();
    relay.lose(6);
    await until("Ben reads it", async () => /^Your connection loses much/.test(await words(ben)), SOON);
    t.diagnostic(`${await words(ben)} (after ${Date.now() - at} ms)`);
    await until("Ann sees whose it is", async () => (await state(ann, "Ben")).includes("weak connection"));
    assert.equal(await words(ann), "", "Ann's own is good");
    assert.ok(!(await state(ann, "Cid")).includes("weak"));
    await until("REST has it", async () => (await lines()).some(({ name, network_quality: { level } }) => name === "Ben" && level === "poor"));
  });

  test("when it is good again the words go away", { timeout: 120_000 }, async () => {
    relay.mend();
    await until("nothing is said", async () => (await words(ben)) === "", { within: 90_000 });
    await until("of nobody", async () => !(await state(ann, "Ben")).includes("weak"));
  });

  test("who did not listen was sent none of it", async () => {
    assert.deepEqual(named(cid), []);
    const invite = cid.frames.find(({ way, message }) => way === "out" && message?.params?.message?.method === "verto.invite");
    assert.ok(!JSON.stringify(invite.message).includes("network_quality"));
  });

  test("when the session is over there is nothing to list", { timeout: 30_000 }, async () => {
    const id = cid.roomSessionId;
    await cid.call("leave");
    await it.closePages();
    await until("404", async () => (await it.rest.get(`/room_sessions/${id}/network_quality`)).status === 404, { within: 20_000 });
  });

  test("each kind of weak line has words of its own", { timeout: 30_000 }, async () => {
    const { page, context } = await openPage(it.browser, `${it.server.http}/`);
    it.pages.push(context);
    const fine = { loss_percent: 0, jitter_ms: 5, kbps: 100 };
    const lost = { ...fine, loss_percent: 12 };
    const good = { level: "good", picture: "full", over_tcp: false, round_trip_ms: 40, down: fine, up: fine };
    const poor = { ...good, level: "poor" };
    const knows = (quality, text, at = 0) => ({ level: quality.level, picture: quality.picture, text, at });
    const half = { ...good, level: "fair", picture: "half" };
    const rows = [
      [good, undefined, ""],
      [good, knows(poor, "Before."), ""],
      [half, undefined, "Your connection is weak: you see a smaller picture."],
      [{ ...poor, picture: "quarter" }, undefined, "Your connection is weak: you see a smaller picture."],
      [{ ...poor, picture: "none" }, undefined, "Your connection is weak: sound only, with a still picture now and then."],
      [{ ...good, level: "fair", picture: null, down: { ...fine, loss_percent: 3 } }, undefined, ""],
      [{ ...poor, up: lost }, undefined, "Your connection loses much of what you send."],
      [{ ...poor, down: lost }, undefined, "Your connection loses much of what is sent to you."],
      [{ ...poor, round_trip_ms: 900 }, undefined, "Your connection is slow: you and the others hear each other late."],
      [{ ...poor, down: { ...fine, jitter_ms: 200 } }, undefined, "Your connection is slow: you and the others hear each other late."],
      [{ ...good, level: "fair", round_trip_ms: 400 }, knows(poor, "Before."), ""],
      [poor, knows(half, "Before."), "Before."],
      [{ ...poor, down: lost }, knows(poor, "Before.", 70_000), "Before."],
      [{ ...poor, down: lost }, knows(poor, "Before.", 69_000), "Your connection loses much of what is sent to you."],
      [{ ...poor, round_trip_ms: null, down: { loss_percent: null, jitter_ms: null, kbps: 0 } }, undefined, "Your connection is weak."],
    ];
    const said = await page.evaluate(async (rows) => {
      const { aboutLine } = await import(new URL("assets/words.js", location.href).href);
      return rows.map(([quality, before]) => aboutLine(quality, before ?? undefined, 99_500).text);
    }, rows);
    assert.deepEqual(said, rows.map(([, , expected]) => expected));
  });
});
