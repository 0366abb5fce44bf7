// kill -9 at any moment: what was acknowledged is still there, and history tells the truth.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { launch, Participant } from "./lib/browser.mjs";
import { fresh, random } from "./lib/random.mjs";
import { expect, restClient } from "./lib/rest.mjs";
import { startServer } from "./lib/server.mjs";
import { startStatic } from "./lib/static.mjs";
import { until } from "./lib/wait.mjs";
import { soak } from "./lib/world.mjs";

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

  test("SIGTERM ends sessions cleanly and in time", { timeout: 60_000 }, async () => {
    const token = await restClient(server).token({ room_name: fresh("end"), user_name: "Ann" });
    const ann = await Participant.open(browser, lab.origin, "Ann", { tone: 500 });
    await ann.join({ token, host: server.ws });
    const how = await server.stop();
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
