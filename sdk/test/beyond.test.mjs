// What goes beyond the reference, against a server that the test plays: what is named and when, what is asked by
// which method, and of which kind the refusals are.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { exchangeLink, RoomSession } from "../dist/index.js";
import { errorOf, install, replace, restore, until } from "./lib/fakes.mjs";

const LOOKS = { audio: false, video: false, receiveAudio: true, receiveVideo: true };
const OURS = /network_quality|hand_raised_at|chat|captions/;

describe("what goes beyond the reference", () => {
  let server;
  let room;

  beforeEach(() => {
    server = install();
    room = new RoomSession({ token: "a.b.c", host: "wss://rooms.example", reattach: false });
  });
  afterEach(() => {
    room.destroy();
    restore();
  });

  const named = () => server.of("verto.invite").map(({ subscribe }) => subscribe.filter((name) => OURS.test(name)));
  const offered = (count) => until(`${count} offers`, () => server.of("verto.invite").length === count);
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

  test("what nobody listens to is not named", async () => {
    await room.join(LOOKS);
    room.on("member.updated", () => {});
    room.on("member.updated.handraised", () => {});
    await settled();
    assert.deepEqual(named(), [[]]);
  });

  test("what is listened to before the join is named by it", async () => {
    room.on("chat.message", () => {}).on("member.network_quality", () => {});
    await room.join(LOOKS);
    await settled();
    assert.deepEqual(named(), [["video.member.network_quality", "video.chat.message"]]);
  });

  test("what is listened to later is named by the same leg's next offer, several in one", async () => {
    await room.join(LOOKS);
    room.on("captions.pushed", () => {}).on("chat.message", () => {});
    await offered(2);
    room.on("chat.message", () => {});
    await settled();
    assert.deepEqual(named(), [[], ["video.chat.message", "video.captions.pushed"]]);
    const [first, second] = server.of("verto.invite").map(({ params }) => params);
    assert.equal(second.dialogParams.callID, first.dialogParams.callID);
    assert.equal(second.sdp, 'offer {"iceRestart":false}');
    assert.equal(server.peers.length, 1);
  });

  test("what is listened to while the join is under way is named as soon as one is in", async () => {
    server.answers["verto.invite"] = () => {
      delete server.answers["verto.invite"];
      room.on("chat.message", () => {});
      return {};
    };
    await room.join(LOOKS);
    await offered(2);
    assert.deepEqual(named(), [[], ["video.chat.message"]]);
  });

  test("a refused naming is no end, and is made up for with the next socket", async () => {
    await room.join(LOOKS);
    server.answers["verto.invite"] = () => ({ code: "503", message: "Service Unavailable" });
    room.on("chat.message", () => {});
    await offered(2);
    delete server.answers["verto.invite"];
    await settled();
    assert.equal(named().length, 2, "not again and again");
    server.socket.close();
    await offered(3);
    assert.deepEqual(named().at(-1), ["video.chat.message"]);
    assert.ok(room.active);
  });

  test("whoever asks for the line of hands later is told of those that are up already", async () => {
    const ann = { id: "a", name: "Ann", type: "member", handraised: true };
    server.members = [ann];
    server.answers["video.members.get"] = () => ({ code: "200", members: [{ ...ann, hand_raised_at: 7.5 }] });
    await room.join(LOOKS);
    const heard = [];
    room.on("member.updated.hand_raised_at", ({ member }) => heard.push(member.hand_raised_at));
    await until("the list has it", () => room.memberList[0].hand_raised_at === 7.5);
    server.tell("video.member.updated", { room_id: "r", room_session_id: "s", member: { ...ann, handraised: false, hand_raised_at: null, updated: ["handraised"] } });
    await until("it is told", () => heard.length === 1);
    assert.deepEqual([heard, room.memberList[0].hand_raised_at], [[null], null]);
  });

  test("chat and captions ask by their methods, and give what was said", async () => {
    const said = { id: "m", from: "me", name: "Ann", text: "hello", at: 1 };
    server.answers["video.chat.send"] = () => ({ code: "200", chat_message: said });
    server.answers["video.chat.list"] = () => ({ code: "200", messages: [said] });
    const heard = [];
    room.on("chat.message", (e) => heard.push(e.text)).on("captions.pushed", (e) => heard.push(e.lang));
    await room.join(LOOKS);
    assert.deepEqual(await room.chat.send({ text: "hello", to: "b" }), said);
    assert.deepEqual(await room.chat.list(), [said]);
    await room.chat.delete("m");
    await room.captions.push({ text: "hello", final: false, lang: "en" });
    await room.removeMember({ memberId: "b", keepOut: true });
    const asked = ["video.chat.send", "video.chat.delete", "video.captions.push", "video.member.remove"].map((name) => server.of(name)[0].params);
    const of = { room_session_id: "s" };
    assert.deepEqual(asked, [
      { ...of, text: "hello", to: "b" }, { ...of, message_id: "m" }, { ...of, text: "hello", final: false, lang: "en" },
      { ...of, member_id: "b", keep_out: true },
    ]);
    server.tell("video.chat.message", { room_id: "r", room_session_id: "s", ...said });
    server.tell("video.captions.pushed", { room_id: "r", room_session_id: "s", member_id: "b", name: "Ben", text: "x", final: true, lang: "en" });
    await until("both are told", () => `${heard}` === "hello,en");
  });

  test("links are made, listed and revoked by their methods", async () => {
    const link = { id: "l", role: "guest", expires_at: 1_900_000_000, max_uses: 3, uses: 0, created_at: 1.5 };
    server.answers["video.links.create"] = () => ({ code: "200", link: { ...link, key: "secret" } });
    server.answers["video.links.list"] = () => ({ code: "200", links: [link] });
    await room.join(LOOKS);
    assert.equal((await room.links.create({ role: "guest", expiresAt: new Date(1_900_000_000_900), maxUses: 3 })).key, "secret");
    assert.deepEqual(await room.links.list(), [link]);
    await room.links.revoke("l");
    const asked = ["create", "list", "revoke"].map((name) => server.of(`video.links.${name}`)[0].params);
    const of = { room_session_id: "s" };
    assert.deepEqual(asked, [{ ...of, role: "guest", expires_at: 1_900_000_000, max_uses: 3 }, of, { ...of, link_id: "l" }]);
    assert.equal((await errorOf(room.links.revoke(""))).kind, "invalid");
  });

  test("a refusal has the kind that a program decides by", async () => {
    await room.join(LOOKS);
    const rows = [
      ["422", "at most 5 messages in 5 seconds; wait a moment", "too_often"],
      ["422", "at most 300 messages of all people in 5 seconds; wait a moment", "too_often"],
      ["422", "text must be at most 2000 characters", "too_long"],
      ["422", "text must hold no control characters", "invalid"],
      ["403", "Unauthorized", "permission"],
      ["403", "Chat is switched off in this room", "off"],
      ["404", "Not Found", "not_found"],
    ];
    for (const [code, message, kind] of rows) {
      server.answers["video.chat.send"] = () => ({ code, message });
      const error = await errorOf(room.chat.send({ text: "hello" }));
      assert.deepEqual([error.name, error.code, error.message, error.kind, error.method], ["RoomSessionError", code, message, kind, "video.chat.send"]);
      assert.ok(error.cure.length > 10);
    }
    assert.equal((await errorOf(room.chat.send({ text: "" }))).kind, "invalid");
  });

  test("nothing of it is asked before the join", async () => {
    for (const asked of [room.chat.list(), room.captions.push({ text: "x", lang: "en" })]) assert.equal((await errorOf(asked)).kind, "not_joined");
  });
});

describe("exchangeLink()", () => {
  const link = { host: "wss://rooms.example", roomName: "lab", key: "k", userName: "Ann" };
  const answered = (status, body, headers = {}) => {
    const sent = [];
    replace("fetch", async (url, init) => {
      sent.push([`${url}`, init.method, JSON.parse(init.body)]);
      return new Response(JSON.stringify(body), { status, headers });
    });
    return sent;
  };
  beforeEach(() => void install());
  afterEach(restore);

  test("it gives the token, and shows the key in the body alone", async () => {
    const sent = answered(200, { token: "t" });
    assert.equal(await exchangeLink(link), "t");
    assert.equal(await exchangeLink({ ...link, host: undefined }), "t");
    const body = { room_name: "lab", key: "k", user_name: "Ann" };
    assert.deepEqual(sent, Array(2).fill(["https://rooms.example/api/video/link_tokens", "POST", body]));
  });

  test("each refusal has its kind and the server's words", async () => {
    const over = { errors: [{ code: "invalid_state", message: "the link is over" }] };
    const wrong = { errors: [{ code: "invalid_parameter", message: "user_name must be present" }] };
    const rows = [
      [404, { error: "Not Found" }, {}, "not_found", "Not Found"],
      [422, over, {}, "closed", "the link is over"],
      [422, wrong, {}, "invalid", "user_name must be present"],
      [429, { error: "Too Many Requests" }, { "retry-after": "7" }, "too_often", "Too Many Requests: again in 7 s"],
      [500, {}, {}, "server", "the server answered 500"],
    ];
    for (const [status, body, headers, kind, message] of rows) {
      answered(status, body, headers);
      const error = await errorOf(exchangeLink(link));
      assert.deepEqual([error.kind, error.message, error.code], [kind, message, `${status}`]);
    }
  });

  test("a server that is not there, a signal and a missing name are told apart", async () => {
    replace("fetch", async () => {
      throw new TypeError("fetch failed");
    });
    assert.equal((await errorOf(exchangeLink(link))).kind, "unreachable");
    assert.equal((await errorOf(exchangeLink({ ...link, signal: AbortSignal.abort() }))).kind, "aborted");
    assert.equal((await errorOf(exchangeLink({ ...link, userName: "" }))).kind, "invalid");
  });
});
