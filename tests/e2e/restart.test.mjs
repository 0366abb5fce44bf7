// kill -9 at any moment: what was acknowledged is still there, and history tells the truth.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { launch, Participant } from "./lib/browser.mjs";
import { fresh, random } from "./lib/random.mjs";
import { expect, restClient } from "./lib/rest.mjs";
import { startServer } from "./lib/server.mjs";
import { person } from "./lib/settings.mjs";
import { startStatic } from "./lib/static.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING, soak } from "./lib/world.mjs";

describe("restart", () => {
  let server;
  let browser;
  let lab;
  before(async () => {
    server = await startServer({ name: "restart" });
    lab = await startStatic();
    browser = await launch();
  }, { timeout: 120_000 });
  after(async () => {
    await browser?.close();
    await lab?.stop();
    await server?.dispose();
  }, { timeout: 60_000 });

  const rounds = soak ? 30 : 4;
  test(`after each of ${rounds} kills in the middle of writing, every acknowledged write is there`, { timeout: rounds * 30_000 }, async (t) => {
    const written = new Map(); // room id -> what was acknowledged last
    for (let round = 0; round < rounds; round += 1) {
      const writing = [1, 2, 3].map(() => write(restClient(server), written));
      const enough = written.size + 5 + Math.floor(random() * 25);
      await until("some writes", () => written.size >= enough, { every: 2 });
      await server.kill9();
      await Promise.all(writing);
      server = await server.restart();
      for (const [id, room] of written) {
        const stored = expect(await restClient(server).get(`/rooms/${id}`), 200);
        assert.ok(room.possible.includes(stored.description), `${stored.description} of ${room.possible}`);
        room.possible = [stored.description]; // it may not change any more
      }
    }
    t.diagnostic(`${written.size} rooms, ${rounds} kills`);
  });

  test("a session that ran when the server died is closed in history, and its token still works", { timeout: 90_000 }, async () => {
    const name = fresh("crash");
    const { id } = await restClient(server).room({ name });
    const token = await restClient(server).token({ room_name: name, user_name: "Ann" });
    const ann = await Participant.open(browser, lab.origin, "Ann", { tone: 500 });
    await ann.join({ token, host: server.ws });
    await server.kill9();
    await ann.close();
    server = await server.restart();
    const session = expect(await restClient(server).get(`/room_sessions/${ann.roomSessionId}`), 200);
    assert.equal(session.status, "completed");
    assert.ok(session.end_time >= session.start_time);
    assert.equal(session.room_id, id);
    const [member] = expect(await restClient(server).get(`/room_sessions/${session.id}/members`), 200).data;
    assert.notEqual(member.leave_time, null);
    const again = await Participant.open(browser, lab.origin, "Ann again", { tone: 500 });
    await again.join({ token, host: server.ws });
    assert.notEqual(again.roomSessionId, session.id, "a new session, not the dead one");
    await again.sees(again);
    await again.close();
  });

  const endings = [
    ["is killed", () => server.kill9()],
    ["is told to end and another follows", async () => assert.deepEqual(await server.stop(), { code: 0, signal: null })],
  ];
  for (const [what, end] of endings) {
    test(`a page whose server ${what} sees the canvas move again within 10 s and is not told that it left`, { timeout: 90_000 }, async (t) => {
      const token = await restClient(server).token({ room_name: fresh("again"), user_name: "Ann", permissions: EVERYTHING });
      const ann = await Participant.open(browser, lab.origin, "Ann", { tone: 500 });
      await ann.join({ token, host: server.ws });
      await ann.sees(ann);
      const { memberId, roomSessionId } = ann;
      const [from, sent] = [await ann.mark(), ann.frames.length];
      await end();
      server = await server.restart();
      const ready = Date.now();
      await ann.event("layout.changed", ({ layout }) => layout.layers.some(({ member_id: id }) => id === memberId), { since: from, within: 10_000 });
      const pictures = async () => (await ann.received()).videoFrames;
      const before = await pictures();
      await until("the canvas moves", async () => (await pictures()) > before + 10, { within: ready + 10_000 - Date.now() });
      await ann.page.evaluate(() => lab.showReceived());
      t.diagnostic(`the canvas moved ${Date.now() - ready} ms after the server was ready`);
      await ann.sees(ann);
      const out = ann.frames.slice(sent).filter(({ way }) => way === "out");
      const connects = out.filter(({ message }) => message.method === "signalwire.connect");
      assert.ok(connects.length <= 3, `${connects.length} connects`);
      const facts = await ann.page.evaluate(() => lab.facts());
      assert.equal(facts.memberId, memberId, "the same member");
      assert.notEqual(facts.roomSessionId, roomSessionId, "in another session");
      await ann.call("audioMute");
      await ann.event("member.updated", ({ member }) => member.id === memberId && member.audio_muted, { since: from });
      assert.deepEqual(await ann.events("room.left"), []);
      const session = expect(await restClient(server).get(`/room_sessions/${roomSessionId}`), 200);
      assert.equal(session.status, "completed");
      // One line, that she joined; nothing of a connection that is not known, however often she tried.
      const told = server.logText().split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
      const lines = told.filter(({ fields, target }) => target.startsWith("rotunda_hub") && /join|connect|leg/i.test(fields.message) && (fields.member ?? memberId) === memberId);
      assert.ok(lines.length <= 1, JSON.stringify(lines));
      await ann.close();
    });
  }

  test("who was muted when the server was killed is muted when they are back", { timeout: 60_000 }, async () => {
    const room = fresh("silent");
    const token = await restClient(server).token({ room_name: room, user_name: "Ann", permissions: EVERYTHING });
    const ann = await Participant.open(browser, lab.origin, "Ann", { tone: 500 });
    await ann.join({ token, host: server.ws });
    await ann.call("audioMute");
    await ann.event("member.updated", ({ member }) => member.audio_muted === true);
    const from = await ann.mark();
    await server.kill9();
    server = await server.restart();
    const { payload } = await ann.event("room.joined", undefined, { since: from, within: 10_000 });
    const own = payload.room_session.members.find(({ id }) => id === ann.memberId);
    assert.equal(own.audio_muted, true);
    await ann.close();
  });

  test("seats of the settings door are had again after a restart by the same tokens, but by none that was removed", { timeout: 90_000 }, async () => {
    const room = fresh("seat");
    await restClient(server).room({ name: room });
    const door = await person(server, "Ann", { rooms: { [room]: "contribute" } }, "io4");
    const root = await person(server, "Root", { admin: true }, "io4");
    // Two devices of one user, and a third whose person is removed.
    const first = await door.ok("videochat:getTokenForVideochat", { roomId: room });
    const anns = [await sits(first)];
    anns.push(await sits(await door.ok("videochat:getToken", { videochatId: first.videochatId })));
    const ben = await person(server, "Ben", { rooms: { [room]: "contribute" } }, "io4");
    const removed = await sits(await ben.ok("videochat:getToken", { videochatId: first.videochatId }));
    const boss = await sits(await root.ok("videochat:getToken", { videochatId: first.videochatId }));
    await boss.call("removeMember", { memberId: removed.memberId });
    await removed.event("room.left");
    // Nobody but a manager may begin; whoever was there comes back nevertheless.
    await root.ok("room:videochat:setRoomVideochatInitUser", { roomId: room, videochatInitUser: "manager" });
    for (const one of [door, root, ben]) one.close();
    const from = await anns[0].mark();
    await server.kill9();
    server = await server.restart();
    for (const ann of [...anns, boss]) {
      await ann.event("room.joined", undefined, { since: ann === anns[0] ? from : 0, within: 10_000 });
      await until(`${ann.memberId} is in the new session`, async () => (await ann.events("room.joined")).length === 2, { within: 10_000 });
      assert.equal((await ann.page.evaluate(() => lab.facts())).memberId, ann.memberId);
      assert.deepEqual(await ann.events("room.left"), []);
    }
    // Their users are the seats', as before, and of who was removed there is nothing.
    const videochatId = (await anns[0].events("room.joined")).at(-1).payload.room_session.id;
    const again = await person(server, "Root", { admin: true }, "io4");
    const { identities } = await again.ok("videochat:getStatus", { videochatId });
    const seats = new Map(identities.map((one) => [one.identity, one.user.id]));
    assert.deepEqual(seats, new Map([...anns.map((ann) => [ann.memberId, "ann"]), [boss.memberId, "root"]]));
    again.close();
    for (const page of [...anns, boss, removed]) await page.close();

    async function sits({ token, identity }) {
      const page = await Participant.open(browser, lab.origin, identity, { tone: 500 });
      await page.join({ token, host: server.ws });
      assert.equal(page.memberId, identity);
      return page;
    }
  });

  test("SIGINT ends sessions cleanly and in time, and everybody is told to leave", { timeout: 60_000 }, async () => {
    const token = await restClient(server).token({ room_name: fresh("end"), user_name: "Ann" });
    const ann = await Participant.open(browser, lab.origin, "Ann", { tone: 500 });
    await ann.join({ token, host: server.ws });
    const how = await server.interrupt();
    assert.deepEqual(how, { code: 0, signal: null }, server.tail());
    await ann.event("room.left");
    await ann.close();
    server = await server.restart();
    const session = expect(await restClient(server).get(`/room_sessions/${ann.roomSessionId}`), 200);
    assert.equal(session.status, "completed");
  });
});

// Creates a room and changes it, again and again, until the server is gone. A write that was
// sent but not acknowledged may have happened or not: both values are possible then.
async function write(rest, written) {
  try {
    for (;;) {
      const room = await rest.room({ name: fresh("w"), description: "0" });
      const row = { possible: ["0"] };
      written.set(room.id, row);
      for (let step = 1; step <= 3; step += 1) {
        row.possible.push(`${step}`);
        expect(await rest.put(`/rooms/${room.id}`, { description: `${step}` }), 200);
        row.possible = [`${step}`];
      }
    }
  } catch (error) {
    const gone = error.name === "TypeError" || ["ECONNREFUSED", "ECONNRESET"].includes(error.cause?.code);
    if (!gone) throw error;
  }
}
