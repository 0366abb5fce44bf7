// Who may not come in is told why, in the SDK's own words, and never left waiting.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fresh } from "./lib/random.mjs";
import { expect, restClient } from "./lib/rest.mjs";
import { startServer } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const inSeconds = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();

describe("refusals", () => {
  const it = world("refusals");

  const attempt = async (wish, who = "Guest") => {
    const guest = await it.participant(who, { tone: 500 });
    const token = typeof wish === "string" ? wish : await it.rest.token({ user_name: who, ...wish });
    const result = await guest.tryJoin({ token, host: it.server.ws });
    return { guest, result, code: result.error?.code, message: result.error?.message };
  };

  const forged = {
    "with a changed signature": (token) => token.slice(0, -6) + (token.endsWith("AAAAAA") ? "BBBBBB" : "AAAAAA"),
    "with a changed room": (token) => edit(token, (payload) => ({ ...payload, r: "other" })),
    "with more permissions": (token) => edit(token, (payload) => ({ ...payload, s: ["room.member.remove"] })),
    "with no algorithm": (token) => [part({ typ: "VRT", alg: "none" }), token.split(".")[1], ""].join("."),
    "that is no token at all": () => "hello",
  };
  for (const [what, forge] of Object.entries(forged)) {
    test(`a token ${what} is refused at connect with -32002`, { timeout: 60_000 }, async () => {
      const honest = await it.rest.token({ room_name: fresh("r") });
      const { result, code } = await attempt(forge(honest));
      assert.equal(result.ok, false);
      assert.equal(String(code), "-32002");
      assert.equal(result.error.name, "AuthError");
      await it.closePages();
    });
  }

  test("another server's token is refused, though it is well made", { timeout: 90_000 }, async () => {
    const other = await startServer({ name: "refusals-other" });
    try {
      const token = await restClient(other).token({ room_name: "lab" });
      const { code } = await attempt(token);
      assert.equal(String(code), "-32002");
    } finally {
      await other.dispose();
      await it.closePages();
    }
  });

  const closed = {
    "not open yet by its room": [{ join_from: inSeconds(3600) }, {}],
    "closed by its room": [{ join_until: inSeconds(-3600) }, {}],
    "not open yet by the token": [{}, { join_from: inSeconds(3600) }],
    "closed by the token": [{}, { join_until: inSeconds(-3600) }],
  };
  for (const [what, [room, token]] of Object.entries(closed)) {
    test(`a room ${what}: 403 Unauthorized`, { timeout: 60_000 }, async () => {
      const { name } = await it.rest.room({ name: fresh("window"), ...room });
      const { code, message } = await attempt({ room_name: name, ...token });
      assert.deepEqual([code, message], ["403", "Unauthorized"]);
      await it.closePages();
    });
  }

  test("a token's window replaces its room's, in either direction", { timeout: 60_000 }, async () => {
    const { name } = await it.rest.room({ name: fresh("window"), join_from: inSeconds(3600) });
    const { result } = await attempt({ room_name: name, join_from: inSeconds(-60) });
    assert.equal(result.ok, true, JSON.stringify(result.error));
    await it.closePages();
  });

  test("no room and auto_create_room false: 404 Room not found", { timeout: 60_000 }, async () => {
    const { code, message } = await attempt({ room_name: fresh("nowhere"), auto_create_room: false });
    assert.deepEqual([code, message], ["404", "Room not found"]);
    await it.closePages();
  });

  test("a full room: 403 Room is full, and an audience still comes in", { timeout: 120_000 }, async () => {
    const { id, name } = await it.rest.room({ name: fresh("full"), max_members: 1 });
    const first = await attempt({ room_name: name }, "First");
    assert.equal(first.result.ok, true, JSON.stringify(first.result.error));
    const { code, message } = await attempt({ room_name: name }, "Second");
    assert.deepEqual([code, message], ["403", "Room is full"]);
    const watcher = await attempt({ room_name: name, join_as: "audience" }, "Watcher");
    assert.equal(watcher.result.ok, true, JSON.stringify(watcher.result.error));
    expect(await it.rest.put(`/rooms/${id}`, { max_members: 2 }), 200);
    const third = await attempt({ room_name: name }, "Third");
    assert.equal(third.result.ok, true, "a higher limit acts on the running session");
    await it.closePages();
  });

  test("a window that closes keeps newcomers out and disturbs nobody inside", { timeout: 90_000 }, async () => {
    const { id, name } = await it.rest.room({ name: fresh("closing") });
    const inside = await attempt({ room_name: name }, "Inside");
    assert.equal(inside.result.ok, true, JSON.stringify(inside.result.error));
    expect(await it.rest.put(`/rooms/${id}`, { join_until: inSeconds(-10) }), 200);
    const { code, message } = await attempt({ room_name: name }, "Late");
    assert.deepEqual([code, message], ["403", "Unauthorized"]);
    assert.deepEqual(await inside.guest.events("room.left"), []);
    await it.closePages();
  });

  test("whose time is up gets room.left", { timeout: 60_000 }, async () => {
    const { result, guest } = await attempt({ room_name: fresh("short"), remove_after_seconds_elapsed: 2 });
    assert.equal(result.ok, true, JSON.stringify(result.error));
    await guest.event("room.left", () => true, { within: 8000 });
    await it.closePages();
  });

  test("a deleted room sends everybody out and keeps its history", { timeout: 60_000 }, async () => {
    const { id, name } = await it.rest.room({ name: fresh("deleted") });
    const { result, guest } = await attempt({ room_name: name });
    assert.equal(result.ok, true, JSON.stringify(result.error));
    assert.equal((await it.rest.delete(`/rooms/${id}`)).status, 204);
    await guest.event("room.left", () => true, { within: 8000 });
    // The guest is told first, and the history is written then.
    await until("the history says so", async () => {
      const [session] = expect(await it.rest.get(`/room_sessions?room_name=${name}`), 200).data;
      return session.room_id === id && session.status === "completed";
    });
    await it.closePages();
  });
});

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function edit(token, change) {
  const [header, payload, signature] = token.split(".");
  return [header, part(change(JSON.parse(Buffer.from(payload, "base64url")))), signature].join(".");
}
