// A weak line, as it is told: to the page of whoever has it, to the others, to the operator, and to nobody
// who did not ask.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { fresh, tones } from "./lib/random.mjs";
import { routeVia, startRelay } from "./lib/relay.mjs";
import { expect } from "./lib/rest.mjs";
import { Visitor } from "./lib/visitor.mjs";
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
    const visitor = await Visitor.open(it, `?room=${room}`);
    await route(visitor);
    await visitor.join(name);
    return visitor;
  }
  const named = ({ frames }) => frames.filter(({ message }) => message?.params?.event_type === EVENT).map(({ message }) => message.params.params);
  const words = ({ page }) => page.getByRole("status").first().textContent();
  const state = async (visitor, who) => (await visitor.people()).filter({ hasText: who }).textContent();
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

  test("each kind of weak line has words of its own", async () => {
    const aboutLine = await fromPage("room/line.ts", "aboutLine");
    const fine = { loss_percent: 0, jitter_ms: 5, kbps: 100 };
    const lost = { ...fine, loss_percent: 12 };
    const good = { level: "good", picture: "full", over_tcp: false, round_trip_ms: 40, down: fine, up: fine };
    const poor = { ...good, level: "poor" };
    const knows = (quality, words, at = 0) => ({ level: quality.level, picture: quality.picture, words, at });
    const half = { ...good, level: "fair", picture: "half" };
    const before = ["lineUp"];
    const rows = [
      [good, null, []],
      [good, knows(poor, before), []],
      [half, null, ["lineSmall"]],
      [{ ...poor, picture: "quarter" }, null, ["lineSmall"]],
      [{ ...poor, picture: "none" }, null, ["lineStill"]],
      [{ ...good, level: "fair", picture: null, down: { ...fine, loss_percent: 3 } }, null, []],
      [{ ...poor, up: lost }, null, ["lineUp"]],
      [{ ...poor, down: lost }, null, ["lineDown"]],
      [{ ...poor, round_trip_ms: 900 }, null, ["lineSlow"]],
      [{ ...poor, down: { ...fine, jitter_ms: 200 } }, null, ["lineSlow"]],
      [{ ...good, level: "fair", round_trip_ms: 400 }, knows(poor, before), []],
      [poor, knows(half, before), before],
      [{ ...poor, down: lost }, knows(poor, before, 70_000), before],
      [{ ...poor, down: lost }, knows(poor, before, 69_000), ["lineDown"]],
      [{ ...poor, round_trip_ms: null, down: { loss_percent: null, jitter_ms: null, kbps: 0 } }, null, ["lineWeak"]],
    ];
    assert.deepEqual(rows.map(([quality, known]) => aboutLine(quality, known, 99_500).words), rows.map(([, , expected]) => expected));
  });
});

/** Something of the page's source, as a browser would have it. */
async function fromPage(path, name) {
  const entry = fileURLToPath(new URL(`../../web/src/${path}`, import.meta.url));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm", logLevel: "silent" });
  return (await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`))[name];
}
