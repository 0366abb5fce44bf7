// A lobby, against a server that the test plays: who waits is let in, sent away, gives up, or loses the connection
// meanwhile; and a host answers.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { RoomSession } from "../dist/index.js";
import { errorOf, install, restore, until } from "./lib/fakes.mjs";

const LOOKS = { audio: false, video: false, receiveAudio: true, receiveVideo: true };
const REFUSED = { code: "403", message: "This room has a lobby: ask to be let in (video.lobby.enter) and wait for a host" };
const PLACE = { id: "w", name: "Ben", since: 1795293666.5 };

describe("a lobby", () => {
  let server;
  let room;
  let told;

  beforeEach(() => {
    server = install();
    server.answers["verto.invite"] = () => REFUSED;
    server.answers["video.lobby.enter"] = () => ({ code: "200", message: "OK", ...PLACE, state: "waiting" });
    room = new RoomSession({ token: "a.b.c", host: "wss://rooms.example", reattach: false });
    told = [];
    for (const name of ["lobby.waiting", "room.joined", "room.left"]) room.on(name, (payload) => told.push([name, payload?.id]));
  });
  afterEach(() => {
    room.destroy();
    restore();
  });

  const waits = () => until("it waits", () => told.length > 0);
  const admit = () => {
    delete server.answers["verto.invite"];
    server.tell("video.lobby.admitted", { room_id: "r", room_session_id: "s", id: "w" });
  };
  const knocks = () => server.of("video.lobby.enter").length;

  test("whoever waits is told so, and comes in by themself when a host lets them", async () => {
    const joining = room.join({ ...LOOKS, name: "Ben" });
    await waits();
    assert.deepEqual(server.of("video.lobby.enter").map(({ params }) => params), [{ name: "Ben" }]);
    assert.equal(room.active, false);
    admit();
    await joining;
    assert.equal(room.active, true);
    assert.deepEqual(told, [["lobby.waiting", "w"], ["room.joined", undefined]]);
    const ids = server.of("verto.invite").map(({ params }) => params.dialogParams.callID);
    assert.equal(new Set(ids).size, 2);
  });

  test("a knock that is answered at once costs no wait", async () => {
    server.answers["video.lobby.enter"] = () => {
      delete server.answers["verto.invite"];
      return { code: "200", message: "OK", state: "admitted" };
    };
    await room.join(LOOKS);
    assert.deepEqual(told, [["room.joined", undefined]]);
  });

  test("whoever is sent away learns why, by a kind of its own", async () => {
    for (const [reason, words] of [["denied", /did not let you in/], ["elsewhere", /another place/], ["closed", /is no more/]]) {
      const joining = errorOf(room.join(LOOKS));
      await until("it waits", () => told.some(([name]) => name === "lobby.waiting"));
      server.tell("video.lobby.denied", { room_id: "r", room_session_id: "s", id: "w", reason });
      const error = await joining;
      assert.deepEqual([error.name, error.kind], ["RoomSessionError", "not_admitted"]);
      assert.match(error.message, words);
      told = [];
    }
  });

  test("a knock that is refused rejects the join with the server's words", async () => {
    const rows = [
      ["403", "You were not let in; you may ask again a minute later", "not_admitted"],
      ["422", "at most 5 knocks in 10 seconds; wait a moment", "too_often"],
      ["403", "Room is locked", "locked"],
    ];
    for (const [code, message, kind] of rows) {
      server.answers["video.lobby.enter"] = () => ({ code, message });
      const error = await errorOf(room.join(LOOKS));
      assert.deepEqual([error.kind, error.message], [kind, message]);
    }
    assert.deepEqual(told, []);
  });

  test("a signal and leave() give the place back", async () => {
    const giving = new AbortController();
    const first = errorOf(room.join({ ...LOOKS, signal: giving.signal }));
    await waits();
    giving.abort();
    assert.equal((await first).kind, "aborted");
    told = [];
    const second = errorOf(room.join(LOOKS));
    await waits();
    await room.leave();
    assert.equal((await second).kind, "aborted");
    assert.equal(server.of("video.lobby.leave").length, 2);
  });

  test("whoever lost the socket knocks again, and has the place they had", async () => {
    const joining = room.join(LOOKS);
    await waits();
    server.socket.close();
    await until("it knocks again", () => knocks() === 2);
    // One knock too many is no end for somebody whom the server knows.
    server.answers["video.lobby.enter"] = () => ({ code: "422", message: "at most 5 knocks in 10 seconds; wait a moment" });
    server.socket.close();
    await until("it knocks again", () => knocks() === 3);
    admit();
    await joining;
    assert.equal(room.active, true);
  });

  test("a socket that breaks under the knock does not lose it", async () => {
    server.answers["video.lobby.enter"] = () => {
      server.answers["video.lobby.enter"] = () => ({ code: "200", message: "OK", ...PLACE, state: "waiting" });
      queueMicrotask(() => server.socket.close());
      return undefined;
    };
    const joining = room.join(LOOKS);
    await waits();
    assert.equal(knocks(), 2);
    admit();
    await joining;
  });

  test("whoever does not want to wait is refused in the server's words", async () => {
    const error = await errorOf(room.join({ ...LOOKS, lobby: false }));
    assert.deepEqual([error.kind, error.code, error.message], ["lobby", "403", REFUSED.message]);
    assert.equal(knocks(), 0);
  });

  test("a host lists, lets in and sends away, and is told of the line", async () => {
    delete server.answers["verto.invite"];
    server.answers["video.lobby.list"] = () => ({ code: "200", message: "OK", waiting: [PLACE] });
    const lines = [];
    room.on("lobby.updated", ({ waiting }) => lines.push(waiting));
    await room.join(LOOKS);
    assert.deepEqual(await room.lobby.list(), [PLACE]);
    await room.lobby.admit("w");
    await room.lobby.admit("all");
    await room.lobby.deny(["w", "x"]);
    const asked = ["admit", "deny"].flatMap((name) => server.of(`video.lobby.${name}`).map(({ params: { room_session_id: _, ...given } }) => given));
    assert.deepEqual(asked, [{ ids: ["w"] }, { all: true }, { ids: ["w", "x"] }]);
    assert.equal((await errorOf(room.lobby.admit([]))).kind, "invalid");
    assert.ok(server.of("verto.invite")[0].subscribe.includes("video.lobby.updated"));
    server.tell("video.lobby.updated", { room_id: "r", room_session_id: "s", waiting: [PLACE] });
    await until("it is told", () => lines.length === 1);
    assert.deepEqual(lines, [[PLACE]]);
  });
});
