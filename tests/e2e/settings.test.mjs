// Room videochat settings on the wire: every setter as it is printed, what it answers, who may, and
// what others are told; tokens of vendors, checked by the vendors' own packages. No browser.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { describe, test } from "node:test";

import { TokenVerifier } from "livekit-server-sdk";

import { fresh } from "./lib/random.mjs";
import { decode } from "./lib/rest.mjs";
import { binary } from "./lib/server.mjs";
import { auth, person, session, stranger } from "./lib/settings.mjs";
import { pause, until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const require = createRequire(import.meta.url);
const jsonwebtoken = createRequire(require.resolve("twilio"))("jsonwebtoken");
const { AccessToken2 } = require("agora-token/src/AccessToken2");

const APP_ID = "970CA35de60c44645bbae8a215061b33";
const CERTIFICATE = "5CFd2fd1755d40ecb72977518be15d3b";
const KEYS = {
  ROTUNDA_TWILIO__ACCOUNT_SID: "AC0123456789abcdef0123456789abcdef", ROTUNDA_TWILIO__API_KEY: "SK0123456789abcdef",
  ROTUNDA_TWILIO__API_SECRET: "twilio-secret-of-the-test", ROTUNDA_LIVEKIT__URL: "wss://livekit.example",
  ROTUNDA_LIVEKIT__API_KEY: "APIkey", ROTUNDA_LIVEKIT__API_SECRET: "livekit-secret-of-the-test-with-32-bytes",
  ROTUNDA_AGORA__APP_ID: APP_ID, ROTUNDA_AGORA__APP_CERTIFICATE: CERTIFICATE,
};
const SET = "room:videochat:setRoomVideochat";
const FINE = { error: { status: false, code: 0, message: "" } };
const event = (id) => ({ id, date: new Date().toISOString() });

describe("room videochat settings", () => {
  const it = world("settings", { server: { env: KEYS }, browser: false });
  const lobby = fresh("lobby");
  let room; // its id
  let olga; // manages it, on socket.io 2
  let root; // administrates, on socket.io 4
  let ann; // contributes, on the plain socket

  test("sessions are made by the application, and user_info tells who one is", { timeout: 30_000 }, async () => {
    room = (await it.rest.room({ name: lobby })).id;
    olga = await person(it.server, "Olga", { rooms: { [lobby]: "manage" } }, "io2");
    root = await person(it.server, "Root", { admin: true }, "io4");
    ann = await person(it.server, "Ann", { rooms: { [room]: "contribute" } }, "ws");
    const info = await root.push("user_info");
    assert.deepEqual([info.user.id, info.user.permissions.admin, info.network.id], ["root", true, it.server.project_id]);
    assert.equal((await olga.push("user_info")).user.permissions.admin, false);
    const { settings } = await ann.ok("room:getRoomSettings", { networkId: it.server.project_id, roomId: lobby });
    assert.deepEqual(settings.videochat, {
      videochatMode: "videochat", videochatType: "group", videochatEngine: "native", videochatInitUser: "any",
      excludeListeners: false, usePresentationBoard: false, enableStreaming: true, notificationMode: 0,
      autoPromotion: { useCustomSettings: false, autoPromotionLimit: 0, autoDemoteOnLimit: false },
      limitSettings: { useCustomSettings: false, videochatLimit: 0 },
    });
  });

  // The nine requests as printed, with the field that changes; the seed's comments name the values.
  const auto = { useCustomSettings: true, autoPromotionLimit: 3, autoDemoteOnLimit: true };
  const SHAPES = [
    ["Mode", "videochatMode", ["conference", "videochat"]],
    ["Type", "videochatType", ["peer-to-peer", "group-small", "group"]],
    ["Engine", "videochatEngine", ["twilio", "agora", "livekit", "native"]],
    ["ExcludeListeners", "excludeListeners", [true, false]],
    ["UsePresentationBoard", "usePresentationBoard", [true, false]],
    ["EnableStreaming", "enableStreaming", [false, true]],
    ["NotificationMode", "notificationMode", [1, 2, 3, 0]],
    ["AutoPromotion", "autoPromotion", [auto, { ...auto, useCustomSettings: false }, { useCustomSettings: false, autoPromotionLimit: 0, autoDemoteOnLimit: false }]],
    ["Limit", "limitSettings", [{ useCustomSettings: true, videochatLimit: 5 }, { useCustomSettings: true, videochatLimit: 0 }, { useCustomSettings: false, videochatLimit: 0 }]],
    ["InitUser", "videochatInitUser", ["manager", "any"]],
  ];
  for (const [name, field, values] of SHAPES) {
    test(`${SET}${name}: answered, told to another, read by another, and no news twice`, { timeout: 30_000 }, async () => {
      for (const [index, value] of values.entries()) {
        const who = index % 2 ? root : name === "Type" || name === "Engine" ? root : olga;
        const since = ann.mark();
        const request = index % 2 ? undefined : event(`${name}-${index}`);
        assert.deepEqual(await who.call(`${SET}${name}`, { roomId: index % 2 ? room : lobby, [field]: value }, request), FINE);
        const told = await ann.push("room:settingsUpdated", undefined, { since });
        assert.deepEqual([told.roomId, told.updatedFields], [room, { videochat: { [field]: value } }]);
        assert.match(told.date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        const { settings } = await ann.ok("room:getRoomSettings", { roomId: room });
        assert.deepEqual(settings.videochat[field], value);
        assert.deepEqual(await who.call(`${SET}${name}`, { roomId: room, [field]: value }), FINE);
        assert.deepEqual(await ann.ok("room:getRoomSettings", { roomId: room }).then(({ settings: again }) => again), settings);
        assert.equal(ann.names(since).filter((one) => one === "room:settingsUpdated").length, 1, "setting it again is no news");
      }
    });
  }

  test("wrong values are 400 and change nothing, in all three doors alike", { timeout: 30_000 }, async () => {
    const before = await ann.ok("room:getRoomSettings", { roomId: room });
    const since = ann.mark();
    const wrong = [
      ["Mode", { videochatMode: "Conference" }], ["Mode", { videochatMode: 1 }], ["Mode", {}],
      ["Type", { videochatType: "go" }], ["Engine", { videochatEngine: "janus" }],
      ["ExcludeListeners", { excludeListeners: "true" }], ["UsePresentationBoard", { usePresentationBoard: 1 }],
      ["EnableStreaming", { enableStreaming: null }], ["NotificationMode", { notificationMode: 4 }],
      ["NotificationMode", { notificationMode: -1 }], ["NotificationMode", { notificationMode: "3" }],
      ["AutoPromotion", { autoPromotion: { useCustomSettings: true, autoPromotionLimit: 3 } }],
      ["AutoPromotion", { autoPromotion: { ...auto, autoPromotionLimit: 10_001 } }], ["AutoPromotion", {}],
      ["Limit", { limitSettings: { useCustomSettings: true, videochatLimit: -1 } }],
      ["Limit", { limitSettings: { useCustomSettings: true, videochatLimit: 1.5 } }],
      ["Limit", { limitSettings: { videochatLimit: 3 } }], ["Limit", { limitSettings: 3 }],
    ];
    const boss = await person(it.server, "Boss", { admin: true }, "ws");
    for (const [name, data] of wrong) {
      for (const door of [root, boss]) assert.equal(await door.refused(`${SET}${name}`, { roomId: room, ...data }), 400, JSON.stringify(data));
    }
    assert.equal(await root.refused(`${SET}Mode`, { videochatMode: "conference" }), 400, "roomId is missing");
    assert.equal(await root.refused(`${SET}Nothing`, { roomId: room }), 404);
    assert.deepEqual(await ann.ok("room:getRoomSettings", { roomId: room }), before);
    assert.equal(ann.mark(), since);
    boss.close();
  });

  test("who may: administrators engine and type, managers the rest, others nothing, strangers not even know", { timeout: 30_000 }, async () => {
    const mode = { roomId: room, videochatMode: "conference" };
    assert.equal(await olga.refused(`${SET}Engine`, { roomId: room, videochatEngine: "native" }), 403);
    assert.equal(await olga.refused(`${SET}Type`, { roomId: room, videochatType: "nonsense" }), 403, "asked before the value");
    assert.equal(await ann.refused(`${SET}Mode`, mode), 403);
    assert.equal(await ann.refused(`${SET}Limit`, { roomId: room }), 403);
    const bob = await person(it.server, "Bob", { rooms: { elsewhere: "manage" } });
    assert.equal(await bob.refused(`${SET}Mode`, mode), 404);
    assert.equal(await bob.refused("room:getRoomSettings", { roomId: "nowhere" }), 404);
    assert.equal(await bob.refused("videochat:getTokenForVideochat", { roomId: room }), 404);
    bob.close();
    for (const door of ["io2", "io4", "ws"]) {
      const nobody = stranger(it.server, "Nobody", "us_forged", door);
      assert.equal(await nobody.refused(`${SET}Mode`, mode), 401, door);
      assert.deepEqual(nobody.names(), [], "no user_info");
      nobody.close();
    }
  });

  test("an event id is answered once, and one of another endpoint is not it", { timeout: 30_000 }, async () => {
    const since = ann.mark();
    const limit = (videochatLimit) => ({ roomId: room, limitSettings: { useCustomSettings: true, videochatLimit } });
    await olga.ok(`${SET}Limit`, limit(7), event("same"));
    await olga.ok(`${SET}Limit`, limit(8), event("same"));
    await ann.push("room:settingsUpdated", undefined, { since });
    assert.equal((await ann.ok("room:getRoomSettings", { roomId: room })).settings.videochat.limitSettings.videochatLimit, 7);
    await olga.ok(`${SET}ExcludeListeners`, { roomId: room, excludeListeners: true }, event("same"));
    await ann.push("room:settingsUpdated", ({ updatedFields }) => updatedFields.videochat.excludeListeners === true, { since });
    await olga.ok(`${SET}ExcludeListeners`, { roomId: room, excludeListeners: false }, { id: "" , date: Date.now() });
    await olga.ok(`${SET}Limit`, { roomId: room, limitSettings: { useCustomSettings: false, videochatLimit: 0 } });
  });

  test("setters that come at once leave one of the values, whole, and tell of each", { timeout: 30_000 }, async () => {
    const values = Array.from({ length: 20 }, (_, n) => ({ useCustomSettings: n % 2 === 0, autoPromotionLimit: n, autoDemoteOnLimit: n % 2 === 1 }));
    const askers = [olga, root];
    await Promise.all(values.map((autoPromotion, n) => askers[n % 2].ok(`${SET}AutoPromotion`, { roomId: room, autoPromotion })));
    const { settings } = await ann.ok("room:getRoomSettings", { roomId: room });
    const stored = settings.videochat.autoPromotion;
    assert.deepEqual(stored, values[stored.autoPromotionLimit]);
    const last = ann.pushes.filter(({ event: name }) => name === "room:settingsUpdated").at(-1);
    assert.deepEqual(last.payload.data.updatedFields.videochat.autoPromotion, stored);
    await olga.ok(`${SET}AutoPromotion`, { roomId: room, autoPromotion: values[1] });
    await olga.ok(`${SET}AutoPromotion`, { roomId: room, autoPromotion: { useCustomSettings: false, autoPromotionLimit: 0, autoDemoteOnLimit: false } });
  });

  test("the limit is reserved with the token, and a room deleted meanwhile is 404", { timeout: 30_000 }, async () => {
    const name = fresh("small");
    const { id } = await it.rest.room({ name });
    await root.ok(`${SET}Limit`, { roomId: id, limitSettings: { useCustomSettings: true, videochatLimit: 3 } });
    const people = await Promise.all(Array.from({ length: 8 }, (_, n) => person(it.server, `P${n}`, { rooms: { [name]: "contribute" } }, n % 2 ? "io4" : "io2")));
    const answers = await Promise.all(people.map((one) => one.call("videochat:getTokenForVideochat", { roomId: name })));
    const codes = answers.map(({ error }) => error.code).sort((a, b) => a - b);
    assert.deepEqual(codes, [0, 0, 0, 10009, 10009, 10009, 10009, 10009]);
    const [first] = answers.filter(({ error }) => !error.status);
    assert.deepEqual([first.data.videochatMode, first.data.videochatEngine, first.data.room], ["videochat", "native", name]);
    assert.equal(first.data.permissions.isPromoted, true);
    assert.equal(decode(first.data.token).payload.ja, "member");
    assert.equal((await it.rest.delete(`/rooms/${id}`)).status, 204);
    assert.equal(await root.refused(`${SET}Limit`, { roomId: id, limitSettings: { useCustomSettings: false, videochatLimit: 0 } }), 404);
    await people[0].push("videochat:videochatEnded").catch(() => {});
    people.forEach((one) => one.close());
  });

  test("who may begin: a manager when the room says so", { timeout: 30_000 }, async () => {
    const name = fresh("led");
    await it.rest.room({ name });
    await root.ok(`${SET}InitUser`, { roomId: name, videochatInitUser: "manager" });
    const ben = await person(it.server, "Ben", { rooms: { [name]: "contribute" } }, "io4");
    assert.equal(await ben.refused("videochat:getTokenForVideochat", { roomId: name }), 10010);
    await ben.ok("videochat:subscribeToRoomVideochats", { roomId: name });
    const { videochatId } = await root.ok("videochat:getTokenForVideochat", { roomId: name });
    const started = await ben.push("videochat:started");
    assert.deepEqual([started.videochatId, started.notification], [videochatId, { show: true, sound: false }]);
    const own = await ben.ok("videochat:getToken", { videochatId });
    assert.equal(own.videochatId, videochatId);
    assert.equal(await ben.refused("videochat:endVideochat", { videochatId }), 10002);
    await root.ok("videochat:endVideochat", { videochatId });
    await ben.push("videochat:videochatEnded");
    assert.equal(await ben.refused("videochat:getStatus", { videochatId }), 404);
    ben.close();
  });

  for (const engine of ["livekit", "twilio", "agora"]) {
    test(`${engine}: the next session's tokens are the vendor's, good to its own package`, { timeout: 30_000 }, async () => {
      const name = fresh(engine);
      await it.rest.room({ name });
      await root.ok(`${SET}Engine`, { roomId: name, videochatEngine: engine });
      await root.ok(`${SET}Mode`, { roomId: name, videochatMode: "conference" });
      await root.ok(`${SET}ExcludeListeners`, { roomId: name, excludeListeners: true });
      const own = await root.ok("videochat:getTokenForVideochat", { roomId: name });
      const cat = await person(it.server, "Cat", { rooms: { [name]: "contribute" } });
      const others = await cat.ok("videochat:getTokenForVideochat", { roomId: name });
      const listens = await cat.ok("videochat:getListenerTokenForVideochat", { videochatId: own.videochatId });
      assert.deepEqual([own.videochatEngine, own.room, own.permissions.isOwner], [engine, own.videochatId, true]);
      assert.deepEqual([others.permissions.isPromoted, others.permissions.isParticipant], [false, true]);
      assert.deepEqual([listens.identity, listens.permissions.isListener], [undefined, true]);
      await VERIFY[engine](own, true);
      await VERIFY[engine](others, false);
      await VERIFY[engine](listens, false);
      // Its people are known by what their clients say.
      await cat.ok("videochat:onConnection", { videochatId: own.videochatId, identity: others.identity });
      const told = await root.push("videochat:identityConnected", ({ identity }) => identity.identity === others.identity);
      assert.deepEqual([told.identity.user, told.identity.uid], [{ id: "cat", name: "Cat" }, others.uid]);
      const status = await root.ok("videochat:getStatus", { videochatId: own.videochatId });
      assert.deepEqual([status.engine, status.counter, status.isStreamEnabled], [engine, 1, true]);
      const refused = await root.call("videochat:changeParticipantPermissions", { videochatId: own.videochatId, targetUser: "cat", permissions: { isPromoted: true } });
      assert.equal(refused.error.code, 501);
      assert.match(refused.error.message, new RegExp(`changing permissions.*${engine}`));
      const token = await it.rest.token({ room_name: name, user_name: "sdk" });
      assert.ok(token);
      // An engine changed now is the next session's.
      await root.ok(`${SET}Engine`, { roomId: name, videochatEngine: "native" });
      assert.equal((await root.ok("videochat:getStatus", { videochatId: own.videochatId })).engine, engine);
      await cat.ok("videochat:onDisconnection", { videochatId: own.videochatId, identity: others.identity });
      await root.push("videochat:identityDisconnected");
      cat.close();
    });
  }

  const VERIFY = {
    async livekit({ token, identity, videochatUrl, room: there }, publishes) {
      const claims = await new TokenVerifier("APIkey", KEYS.ROTUNDA_LIVEKIT__API_SECRET).verify(token);
      assert.equal(videochatUrl, "wss://livekit.example");
      if (identity) assert.equal(claims.sub, identity);
      const { video } = claims;
      assert.deepEqual([video.room, video.roomJoin, video.canPublish, video.canSubscribe, video.hidden], [there, true, publishes, true, !publishes]);
    },
    twilio({ token, identity, room: there }) {
      const { header, payload } = jsonwebtoken.verify(token, KEYS.ROTUNDA_TWILIO__API_SECRET, { complete: true });
      assert.equal(header.cty, "twilio-fpa;v=1");
      assert.deepEqual([payload.iss, payload.sub, payload.grants.video], [KEYS.ROTUNDA_TWILIO__API_KEY, KEYS.ROTUNDA_TWILIO__ACCOUNT_SID, { room: there }]);
      if (identity) assert.equal(payload.grants.identity, identity);
    },
    agora({ token, uid, videochatAppId, room: there }, publishes) {
      const read = new AccessToken2("", "", 0, 0);
      assert.ok(read.from_string(token), "the vendor's package reads it");
      assert.ok(read.verifySignature(CERTIFICATE));
      assert.ok(!read.verifySignature("0".repeat(32)));
      assert.deepEqual([videochatAppId, `${read.appId}`], [APP_ID, APP_ID]);
      const rtc = Object.values(read.services).find((service) => service.service_type() === 1);
      assert.equal(`${rtc.__channel_name}`, there);
      if (uid) assert.equal(`${rtc.__uid}`, `${uid}`);
      assert.deepEqual(Object.keys(rtc.__privileges).map(Number), publishes ? [1, 2, 3, 4] : [1]);
    },
  };

  test("signing in, checking, signing out; a wrong password too often waits", { timeout: 60_000 }, async () => {
    await addUser(it.server.dataDir, it.server.project_id, ["--login", "otto", "--name", "Otto", "--admin"], "correct horse");
    assert.equal((await auth(it.server, "signin", { body: { login: "otto", password: "wrong" } })).status, 401);
    assert.equal((await auth(it.server, "signin", { body: { login: "nobody", password: "correct horse" } })).status, 401);
    const { status, body } = await auth(it.server, "signin", { body: { login: "otto", password: "correct horse", networkId: it.server.project_id } });
    assert.deepEqual([status, body.user.name, body.user.permissions.admin], [200, "Otto", true]);
    const headers = { "x-session-id": body.sessionId };
    assert.equal((await auth(it.server, "check", { headers })).body.user.name, "Otto");
    assert.equal((await auth(it.server, `check?sessionId=${body.sessionId}`, { method: "GET" })).status, 200);
    const otto = stranger(it.server, "Otto", body.sessionId, "io4");
    await otto.push("user_info");
    assert.deepEqual(await otto.call(`${SET}Type`, { roomId: room, videochatType: "group" }), FINE);
    assert.equal((await auth(it.server, "signout", { headers })).status, 204);
    await until("its socket is closed", () => otto.isClosed);
    assert.equal((await auth(it.server, "check", { headers })).status, 401);
    let last;
    for (let n = 0; n < 11; n += 1) last = await auth(it.server, "signin", { body: { login: "otto", password: "wrong" } });
    assert.equal(last.status, 429);
    assert.ok(Number(last.headers.get("retry-after")) > 0);
    assert.equal((await auth(it.server, "sessions", { body: { user_id: "x" } })).status, 401);
    assert.ok(!it.server.logText().includes(body.sessionId), "no session id is in the log");
    assert.ok(!it.server.logText().includes(olga.sessionId));
  });

  test("without credentials an engine is 501 and nothing is stored", { timeout: 30_000 }, async () => {
    const { startServer } = await import("./lib/server.mjs");
    const { restClient } = await import("./lib/rest.mjs");
    const plain = await startServer({ name: "settings-plain" });
    try {
      await restClient(plain).room({ name: "bare" });
      const admin = await person(plain, "Admin", { admin: true });
      for (const videochatEngine of ["twilio", "agora", "livekit"]) {
        const { error } = await admin.call(`${SET}Engine`, { roomId: "bare", videochatEngine });
        assert.deepEqual([error.status, error.code, error.message], [true, 501, `engine ${videochatEngine} is not configured`]);
      }
      assert.equal((await admin.ok("room:getRoomSettings", { roomId: "bare" })).settings.videochat.videochatEngine, "native");
      admin.close();
    } finally {
      await plain.dispose();
    }
  });

  test("a flood, a huge message and nonsense hurt nobody else", { timeout: 30_000 }, async () => {
    const sessionId = await session(it.server, { user_id: "flo", rooms: { [lobby]: "view" } });
    const flo = stranger(it.server, "Flo", sessionId, "io4");
    await flo.push("user_info");
    const answers = await Promise.all(Array.from({ length: 400 }, () => flo.ask("room:getRoomSettings", { data: { roomId: room } })));
    assert.ok(answers.every(({ error }) => error.code === 0 || error.code === 705));
    assert.deepEqual(await flo.ask("room:getRoomSettings", "nonsense").then(({ error }) => error.code), 400);
    flo.raw.emit("room:getRoomSettings", { data: { roomId: room } }); // nobody waits for the answer
    flo.raw.emit("room:getRoomSettings", { data: { roomId: "x".repeat(200_000) } }, () => {});
    await until("the sender of too much is closed", () => flo.isClosed);
    const plain = stranger(it.server, "Plain", sessionId, "ws");
    await plain.push("user_info");
    plain.raw.send("{");
    plain.raw.send("x".repeat(200_000));
    await until("the sender of too much is closed", () => plain.isClosed);
    assert.ok(await ann.ok("room:getRoomSettings", { roomId: room }));
    await pause(1);
    for (const one of [olga, root, ann]) one.close();
  });
});

function addUser(dataDir, project, args, password) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary(), ["user", "add", "--project", project, "--data-dir", dataDir, ...args]);
    let said = "";
    child.stderr.on("data", (text) => (said += text));
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(said))));
    child.stdin.end(`${password}\n`);
  });
}
