// The lobby: who may not skip it waits without a leg until a host says what becomes of them, by whatever door they
// come, and across a restart.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fresh } from "./lib/random.mjs";
import { expect } from "./lib/rest.mjs";
import { raw } from "./lib/raw.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING, world } from "./lib/world.mjs";

const LOBBY = "This room has a lobby: ask to be let in (video.lobby.enter) and wait for a host";
const HOST = [...EVERYTHING, "room.member.promote", "room.member.remove"];
const GRACE = 27; // seconds, the least there may be

describe("lobby", () => {
  const it = world("lobby", { server: { env: { ROTUNDA_SESSION__GRACE_SECONDS: `${GRACE}` } } });
  const room = fresh("lobby");
  let id; // of the room
  let host; // a page of the published SDK that named lobby.updated
  let desk; // the application, which named it too
  let cid; // waits

  const tokens = new Map();
  const tokenOf = async (who, wish = {}) => {
    if (!tokens.has(who)) tokens.set(who, await it.rest.token({ room_name: room, user_name: who, permissions: [], ...wish }));
    return tokens.get(who);
  };
  const waits = async (who, resume) => {
    const client = await raw(it.server.ws, await tokenOf(who), resume);
    client.answer = await client.ask("video.lobby.enter");
    return client;
  };
  const application = () => raw(it.server.ws, { project: it.server.project_id, token: it.server.api_token });
  const asHost = (method, params = {}) => desk.ask(method, { room_session_id: host.roomSessionId, ...params });
  const line = async () => (await asHost("video.lobby.list")).waiting.map(({ name }) => name);
  const seen = (names) => ({ waiting }) => JSON.stringify(waiting.map(({ name }) => name)) === JSON.stringify(names);
  const lines = ({ frames }) => frames.map(({ message }) => message?.params).filter((params) => params?.event_type === "video.lobby.updated").map(({ params }) => params);
  const attempt = async (who, token) => {
    const page = await it.participant(who, { tone: 500 });
    return { page, result: await page.tryJoin({ token, host: it.server.ws }) };
  };
  async function hosts() {
    host = await it.joined("Host", room, { tone: 500, token: { permissions: HOST }, join: { events: ["lobby.updated"] } });
    desk = await application();
    const { rooms } = await desk.ask("video.rooms.get");
    const channel = rooms.find(({ id: session }) => session === host.roomSessionId).event_channel;
    await desk.ask("signalwire.subscribe", { event_channel: channel, events: ["video.lobby.updated", "video.member.joined"] });
  }

  test("with nobody in the room all wait, and the first host who comes is shown who does", { timeout: 60_000 }, async () => {
    ({ id } = await it.rest.room({ name: room, lobby: true, tone_on_entry_and_exit: false }));
    cid = await waits("Cid");
    assert.deepEqual([cid.answer.code, cid.answer.state, cid.answer.name], ["200", "waiting", "Cid"]);
    assert.equal(expect(await it.rest.get("/room_sessions?status=in-progress"), 200).data.length, 0, "no session has begun");
    await hosts();
    const [shown] = await until("the host is shown the line", () => lines(host));
    assert.deepEqual(shown.waiting.map(({ id: own, name, since }) => [own, name, since]), [[cid.answer.id, "Cid", cid.answer.since]]);
    assert.equal(shown.room_session_id, host.roomSessionId);
    assert.deepEqual(await line(), ["Cid"]);
  });

  test("the published SDK's join is refused in words, and so are WHIP, WHEP and audience", { timeout: 60_000 }, async () => {
    const { result } = await attempt("Cid", await tokenOf("Cid"));
    assert.deepEqual([result.ok, result.error.code, result.error.message], [false, "403", LOBBY]);
    const looksOn = await attempt("Eve", await tokenOf("Eve", { join_as: "audience" }));
    assert.equal(looksOn.result.error.message, LOBBY);
    const { page } = looksOn;
    const offer = await page.page.evaluate(async () => {
      const peer = new RTCPeerConnection();
      for (const kind of ["audio", "video"]) peer.addTransceiver(kind, { direction: "recvonly" });
      const { sdp } = await peer.createOffer();
      peer.close();
      return sdp;
    });
    for (const [door, who] of [["whep", "Cid"], ["whep", "Eve"], ["whip", "Cid"]]) {
      const sdp = door === "whip" ? offer.replaceAll("recvonly", "sendonly") : offer;
      const headers = { authorization: `Bearer ${await tokenOf(who)}`, "content-type": "application/sdp" };
      const answer = await fetch(`${it.server.http}/${door}`, { method: "POST", headers, body: sdp });
      assert.equal(answer.status, 403, `${door} of ${who}`);
      assert.match(await answer.text(), /lobby/);
    }
  });

  test("whoever waits asks nothing of the session and is told nothing of it", { timeout: 30_000 }, async () => {
    await host.call("audioMute");
    const session = { room_session_id: host.roomSessionId };
    for (const method of ["video.members.get", "video.chat.list", "video.lobby.list", "video.lobby.admit"]) {
      assert.equal((await cid.ask(method, { ...session, all: true })).code, "404", method);
    }
    assert.equal((await host.call("getMembers")).members.length, 1);
    assert.deepEqual(cid.events, []);
  });

  test("who is let in joins with the same token, and again later", { timeout: 60_000 }, async () => {
    const since = desk.events.length;
    await asHost("video.lobby.admit", { ids: [cid.answer.id] });
    const { id: own, room_session_id: session } = await cid.event("video.lobby.admitted");
    assert.deepEqual([own, session], [cid.answer.id, host.roomSessionId]);
    await desk.event("video.lobby.updated", seen([]), { since });
    await until("the host's page is told", () => lines(host).at(-1).waiting.length === 0);
    const first = await attempt("Cid", await tokenOf("Cid"));
    assert.ok(first.result.ok, JSON.stringify(first.result.error));
    await first.page.call("leave");
    const again = await attempt("Cid", await tokenOf("Cid"));
    assert.ok(again.result.ok, JSON.stringify(again.result.error));
    await again.page.call("leave");
    cid.close();
  });

  test("who is denied is told so, and refused when they knock again too soon", { timeout: 30_000 }, async () => {
    const dan = await waits("Dan");
    await desk.event("video.lobby.updated", seen(["Dan"]));
    await asHost("video.lobby.deny", { ids: [dan.answer.id] });
    const told = await dan.event("video.lobby.denied");
    assert.deepEqual([told.id, told.reason, told.retry_after], [dan.answer.id, "denied", 60]);
    const { code, message } = await dan.ask("video.lobby.enter");
    assert.deepEqual([code, message], ["403", "You were not let in; you may ask again a minute later"]);
    dan.close();
  });

  test("what is no name and what is no id is refused in words, and only hosts answer", { timeout: 30_000 }, async () => {
    const guest = await raw(it.server.ws, await it.rest.token({ room_name: room, permissions: [] }));
    for (const name of ["", "x".repeat(101), "a\u0007", 5]) {
      assert.equal((await guest.ask("video.lobby.enter", { name })).code, "422", JSON.stringify(name));
    }
    const { state, name } = await guest.ask("video.lobby.enter", { name: "Gil" });
    assert.deepEqual([state, name], ["waiting", "Gil"], "a token that names nobody");
    for (const params of [{}, { ids: [] }, { ids: ["x"], all: true }]) assert.equal((await asHost("video.lobby.admit", params)).code, "422");
    assert.equal((await asHost("video.lobby.admit", { ids: ["nobody's"] })).code, "404");
    const may = await attempt("May", await tokenOf("May", { permissions: ["room.lobby.skip"] }));
    assert.ok(may.result.ok, JSON.stringify(may.result.error));
    const refused = await may.page.tryCall("execute", { method: "video.lobby.list", params: { room_session_id: host.roomSessionId } });
    assert.equal(refused.error.code, "403");
    await may.page.call("leave");
    await guest.ask("video.lobby.leave");
    await until("nobody waits", async () => (await line()).length === 0);
    guest.close();
  });

  test("a closed socket keeps the place for the grace time and not longer", { timeout: 90_000 }, async () => {
    const [fay, gus] = [await waits("Fay"), await waits("Gus")];
    for (const client of [fay, gus]) client.close();
    const back = await waits("Gus", gus.keeps());
    assert.deepEqual([back.answer.id, back.answer.since], [gus.answer.id, gus.answer.since]);
    assert.deepEqual(await line(), ["Fay", "Gus"]);
    await until("Fay's place is given up", async () => !(await line()).includes("Fay"), { within: (GRACE + 10) * 1000 });
    assert.deepEqual(await line(), ["Gus"]);
    await asHost("video.lobby.deny", { all: true });
    back.close();
  });

  test("a restart keeps the line, its times and who was let in", { timeout: 120_000 }, async () => {
    const [hal, ida] = [await waits("Hal"), await waits("Ida")];
    await asHost("video.lobby.admit", { ids: [ida.answer.id] });
    await ida.event("video.lobby.admitted");
    const jon = await attempt("Jon", await tokenOf("Jon", { permissions: [] }));
    assert.equal(jon.result.ok, false);
    const knocks = await waits("Jon");
    await asHost("video.lobby.admit", { all: false, ids: [knocks.answer.id] });
    const inside = await attempt("Jon", await tokenOf("Jon"));
    assert.ok(inside.result.ok, JSON.stringify(inside.result.error));
    const from = await inside.page.mark();
    const kept = { hal: hal.keeps(), ida: ida.keeps() };
    await it.server.stop();
    it.server = await it.server.restart();
    await inside.page.event("room.joined", undefined, { since: from, within: 20_000 });
    const back = await waits("Hal", kept.hal);
    assert.deepEqual([back.answer.state, back.answer.id, back.answer.since], ["waiting", hal.answer.id, hal.answer.since]);
    const again = await waits("Ida", kept.ida);
    assert.equal(again.answer.state, "admitted", JSON.stringify(again.answer));
    await it.closePages();
    const joined = await attempt("Ida", await tokenOf("Ida"));
    assert.ok(joined.result.ok, JSON.stringify(joined.result.error));
    await hosts();
    assert.deepEqual(await line(), ["Hal"]);
    cid = back;
  });

  test("whoever waits when all have left waits for the next session, and is let in when the lobby is switched off", { timeout: 60_000 }, async () => {
    const before = host.roomSessionId;
    await it.closePages();
    await until("the session is over", async () => expect(await it.rest.get(`/room_sessions/${before}`), 200).status === "completed", { within: (GRACE + 20) * 1000 });
    desk.close();
    await hosts();
    assert.notEqual(host.roomSessionId, before);
    assert.deepEqual(await line(), ["Hal"]);
    expect(await it.rest.put(`/rooms/${id}`, { lobby: false }), 200);
    const { room_session_id: session } = await cid.event("video.lobby.admitted");
    assert.equal(session, host.roomSessionId);
    const anybody = await attempt("Kim", await tokenOf("Kim"));
    assert.ok(anybody.result.ok, JSON.stringify(anybody.result.error));
    cid.close();
    desk.close();
  });
});
