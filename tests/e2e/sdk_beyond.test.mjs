// What our own browser package has beyond the reference, between two people and the built server: what they write
// to each other, captions, whose hand was up first, how good lines are, and who is kept out.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { fresh, tones } from "./lib/random.mjs";
import { until } from "./lib/wait.mjs";
import { expect } from "./lib/rest.mjs";
import { world } from "./lib/world.mjs";

const LINKS = ["room.links", "room.self.audio_mute"];
const HOST = ["room.member.remove", "room.captions.push", "room.self.raisehand", "room.self.lowerhand"];
const EVENTS = ["chat.message", "captions.pushed", "member.updated.hand_raised_at", "member.network_quality"];
const BY_NAME = /^video\.(chat\.|captions\.|member\.network_quality|member\.updated\.)/;

describe("our own SDK beyond the reference", () => {
  const it = world("sdk_beyond");
  const room = fresh("beyond");
  const [one, two] = tones(2);
  let ann;
  let ben;
  let key;

  before(async () => {
    const { id } = await it.rest.room({ name: room });
    const link = expect(await it.rest.post(`/rooms/${id}/links`, { role: "guest" }), 201);
    key = new URL(link.url).hash.slice(1);
  }, { timeout: 60_000 });

  const act = (who, subject, method, ...args) =>
    who.page.evaluate(async ([s, m, list]) => {
      try {
        return { ok: true, value: await lab.session[s][m](...list) };
      } catch ({ kind, code, message, name, cure }) {
        return { ok: false, error: { kind, code, message, name, cure } };
      }
    }, [subject, method, args]);
  const done = async (who, ...what) => {
    const { ok, value, error } = await act(who, ...what);
    assert.ok(ok, JSON.stringify(error));
    return value;
  };
  const refused = async (who, ...what) => (await act(who, ...what)).error;
  const visit = (userName) =>
    ben.page.evaluate((wish) => Rotunda.exchangeLink(wish).then((token) => ({ token }), ({ kind, message }) => ({ kind, message })), {
      host: it.server.ws, roomName: room, key, userName,
    });

  test("a link gives a token, and a wrong one says so", { timeout: 60_000 }, async () => {
    ann = await it.participant("Ann", { path: "/ours/", tone: one });
    ben = await it.participant("Ben", { path: "/ours/", tone: two });
    await ann.join({ token: await it.rest.token({ room_name: room, user_name: "Ann", permissions: HOST }), host: it.server.ws, events: EVENTS });
    const { token } = await visit("Ben");
    await ben.join({ token, host: it.server.ws });
    const { members } = await ann.call("getMembers");
    assert.deepEqual(members.map(({ name }) => name), ["Ann", "Ben"]);
    const wrong = await ben.page.evaluate((host) => Rotunda.exchangeLink({ host, roomName: "lab", key: "x", userName: "y" }).catch(({ kind }) => kind), it.server.ws);
    assert.equal(wrong, "not_found");
  });

  test("only what a page listens to is named, and what it listens to later is named then, on the same leg", { timeout: 20_000 }, async () => {
    const invites = (who) => who.frames.filter(({ way, message }) => way === "out" && message.params?.message?.method === "verto.invite");
    const named = (who) => invites(who).map(({ message }) => message.params.subscribe.filter((name) => BY_NAME.test(name)));
    assert.deepEqual(named(ann).map((names) => names.length), [EVENTS.length]);
    assert.deepEqual(named(ben), [[]]);
    await done(ann, "chat", "send", { text: "before anybody listens" });
    await ben.page.evaluate((names) => {
      for (const name of names) lab.session.on(name, (payload) => lab.events.push({ name, payload }));
    }, EVENTS);
    await until("it is answered", () => ben.frames.filter(({ way, message }) => way === "in" && message.params?.params?.method === "verto.answer").length === 2);
    assert.deepEqual(named(ben).map((names) => names.length), [0, EVENTS.length]);
    assert.deepEqual(named(ben)[1].sort(), EVENTS.map((name) => `video.${name}`).sort());
    await Promise.all([ben.hears(ann), ann.hears(ben)]);
    assert.equal((await ben.events("room.joined")).length, 1);
    assert.equal(await ben.page.evaluate(() => lab.livePeers().length), 1);
  });

  test("a message is for all or for one, and gone when it is deleted", { timeout: 20_000 }, async () => {
    const since = await ben.mark();
    const all = await done(ann, "chat", "send", { text: "to all\n<b>" });
    assert.deepEqual([all.from, all.name, all.text, typeof all.at], [ann.memberId, "Ann", "to all\n<b>", "number"]);
    const one = await done(ben, "chat", "send", { text: "to Ann", to: ann.memberId });
    const heard = await ben.event("chat.message", ({ id }) => id === all.id, { since });
    assert.equal(heard.payload.text, all.text);
    const alone = await ann.event("chat.message", ({ id }) => id === one.id);
    assert.deepEqual([alone.payload.to, alone.payload.from], [ann.memberId, ben.memberId]);
    assert.deepEqual((await done(ann, "chat", "list")).map(({ text }) => text), ["before anybody listens", "to all\n<b>", "to Ann"]);
    assert.equal((await refused(ben, "chat", "delete", all.id)).kind, "permission");
    await done(ann, "chat", "delete", all.id);
    await ben.event("chat.message", ({ id, deleted, text }) => id === all.id && deleted && text === "", { since });
  });

  test("too much, too long and nobody are refused by their kinds", { timeout: 20_000 }, async () => {
    const long = await refused(ben, "chat", "send", { text: "é".repeat(2001) });
    assert.deepEqual([long.name, long.code, long.kind], ["RoomSessionError", "422", "too_long"]);
    assert.equal((await refused(ben, "chat", "send", { text: "x", to: "nobody" })).kind, "not_found");
    const kinds = await ben.page.evaluate(async () => {
      const sent = Array.from({ length: 6 }, (_, n) => lab.session.chat.send({ text: `${n}` }).then(() => "sent", ({ kind }) => kind));
      return Promise.all(sent);
    });
    assert.equal(kinds.at(-1), "too_often", `${kinds}`);
  });

  test("captions are pushed by whoever may, and read by all", { timeout: 20_000 }, async () => {
    assert.equal((await refused(ben, "captions", "push", { text: "x", lang: "en" })).kind, "permission");
    await done(ann, "captions", "push", { text: "good eve", final: false, lang: "en-GB" });
    await done(ann, "captions", "push", { text: "good evening", lang: "en-GB" });
    const { payload } = await ben.event("captions.pushed", ({ final }) => final);
    assert.deepEqual([payload.member_id, payload.name, payload.text, payload.lang], [ann.memberId, "Ann", "good evening", "en-GB"]);
    const pieces = await ben.events("captions.pushed");
    assert.deepEqual(pieces.map(({ payload: { text, final } }) => [text, final]), [["good eve", false], ["good evening", true]]);
  });

  test("hands stand in line, and lines have a quality", { timeout: 30_000 }, async () => {
    await ben.call("setRaisedHand", { raised: true });
    await ann.call("setRaisedHand", { raised: true });
    await ben.event("member.updated.hand_raised_at", ({ member }) => member.id === ann.memberId && member.hand_raised_at > 0);
    const line = await ann.page.evaluate(() => lab.session.memberList.sort((a, b) => a.hand_raised_at - b.hand_raised_at).map(({ name }) => name));
    assert.deepEqual(line, ["Ben", "Ann"]);
    const { payload } = await ben.event("member.network_quality", ({ member }) => member.id === ann.memberId, { within: 15_000 });
    assert.match(payload.network_quality.level, /good|fair|poor/);
  });

  test("links are made by whoever may, for no more than they may themselves, listed without keys, and revoked", { timeout: 40_000 }, async () => {
    assert.equal((await refused(ben, "links", "create", { role: "audience" })).kind, "permission", "a guest makes none");
    const eve = await it.participant("Eve", { path: "/ours/", tone: 900 });
    const token = await it.rest.token({ room_name: room, user_name: "Eve", permissions: LINKS });
    await eve.join({ token, host: it.server.ws });
    for (const role of ["host", "member", "guest"]) assert.equal((await refused(eve, "links", "create", { role })).kind, "permission", role);
    assert.equal((await refused(eve, "links", "create", { role: "audience", maxUses: 0 })).kind, "invalid");
    const past = await eve.page.evaluate(() => lab.session.links.create({ role: "audience", expiresAt: new Date(0) }).catch(({ kind }) => kind));
    assert.equal(past, "invalid");
    const made = await done(eve, "links", "create", { role: "audience", maxUses: 2 });
    assert.deepEqual([made.role, made.max_uses, made.uses, made.expires_at, made.key.length], ["audience", 2, 0, null, 22]);
    const exchanged = await eve.page.evaluate((wish) => Rotunda.exchangeLink(wish), { host: it.server.ws, roomName: room, key: made.key, userName: "Wim" });
    assert.equal(exchanged.split(".").length, 3);
    const [first, last] = await done(eve, "links", "list");
    assert.deepEqual([first.role, last.id, last.uses, "key" in last], ["guest", made.id, 1, false]);
    await done(eve, "links", "revoke", made.id);
    assert.equal((await refused(eve, "links", "revoke", made.id)).kind, "not_found");
    assert.deepEqual((await done(eve, "links", "list")).map(({ role }) => role), ["guest"]);
    await eve.call("leave");
    await eve.close();
  });

  test("who is removed and kept out comes back by no token of their link", { timeout: 40_000 }, async () => {
    await ann.call("removeMember", { memberId: ben.memberId, keepOut: true });
    await ben.event("room.left");
    const { token } = await visit("Ben again");
    const again = token ? await ben.tryJoin({ token, host: it.server.ws }) : { ok: false };
    assert.equal(again.ok, false, "another token of the same link");
    assert.deepEqual((await ann.call("getMembers")).members.map(({ name }) => name), ["Ann"]);
  });
});
