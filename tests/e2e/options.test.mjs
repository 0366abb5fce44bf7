// Join options: who sends what, who receives what, and what each costs; streams of one's own, ICE
// servers, a client that goes on sending while it is muted, one person in several browsers.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { losesHz, ORANGE, PURPLE, seesColour } from "./lib/legs.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { routeVia, startRelay } from "./lib/relay.mjs";
import { startStun } from "./lib/stun.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING, world } from "./lib/world.mjs";

const MUTE_TILE = [[0x20, 0x24, 0x2b]];
const SILENT = -58;

// The six options leave fifteen outcomes: each kind sent or not, received or not, and never nothing
// at all. `send*` and `receive*` say it one by one; `audio` and `video` say both at once.
const outcomes = [];
for (let bits = 1; bits < 16; bits += 1) {
  const [sendAudio, sendVideo, receiveAudio, receiveVideo] = [8, 4, 2, 1].map((bit) => (bits & bit) !== 0);
  outcomes.push([{ sendAudio, sendVideo, receiveAudio, receiveVideo }, bits]);
}
const short = [
  [{}, 0b1111],
  [{ audio: false }, 0b0101],
  [{ video: false }, 0b1010],
  [{ audio: false, sendAudio: true }, 0b1101],
  [{ video: false, receiveVideo: true }, 0b1011],
  [{ audio: true, video: { width: 320 }, receiveAudio: false }, 0b1101],
];

describe("join options", () => {
  const it = world("options");
  const room = fresh("options");
  const [one, two] = tones(2);
  let relay;
  let ann; // looks and listens
  let ben; // joins again and again, in one page
  after(() => relay?.stop());

  test("Ann is there; Ben has a page", { timeout: 60_000 }, async () => {
    ann = await it.joined("Ann", room, { tone: one });
    ben = await it.participant("Ben", { tone: two, colour: PURPLE });
    relay = await startRelay(it.server.ports.udp);
    await routeVia(ben, relay);
  });

  const enter = async (wish) => {
    const token = await it.rest.token({ room_name: room, user_name: "Ben", permissions: EVERYTHING });
    await ben.join({ token, host: it.server.ws, ...wish });
    // Closed connections' counters are gone, the relay's go on.
    ben.before = relay.counts();
  };
  const leave = async () => {
    await ben.call("leave");
    await until("Ben's seat is free", async () => (await ann.call("getMembers")).members.length === 1);
  };

  for (const [joinOptions, bits] of [...outcomes, ...short]) {
    const [sendsSound, sendsPicture, getsSound, getsPicture] = [8, 4, 2, 1].map((bit) => (bits & bit) !== 0);
    test(`${JSON.stringify(joinOptions)}`, { timeout: 60_000 }, async () => {
      await enter({ joinOptions });
      await (sendsPicture ? seesColour(ann, ben.memberId, PURPLE) : seesMuteImage(ben));
      await (sendsSound ? ann.hears(ben) : losesHz(ann, two, { dbfs: SILENT }));
      const received = await until("what is to come has come", async () => {
        const now = await ben.received();
        return (!getsSound || now.audioPackets > 25) && (!getsPicture || now.videoFrames > 5) && now;
      });
      if (!getsSound) assert.equal(received.audioPackets, 0);
      if (!getsPicture) assert.equal(received.videoFrames, 0);
      const media = relay.counts().mediaDown - ben.before.mediaDown;
      // Counted on the wire: who receives nothing costs no sending.
      assert.equal(media > 0, getsSound || getsPicture, `${media} packets`);
      const { members } = await ann.call("getMembers");
      assert.ok(members.find(({ id }) => id === ben.memberId), "there is a seat");
      await leave();
    });
  }

  test("no option wanted at all: join() is refused by the SDK, and no seat is taken", { timeout: 30_000 }, async () => {
    const token = await it.rest.token({ room_name: room, user_name: "Ben", permissions: EVERYTHING });
    const refused = await ben.tryJoin({ token, host: it.server.ws, joinOptions: { audio: false, video: false } });
    assert.equal(refused.ok, false);
    assert.equal((await ann.call("getMembers")).members.length, 1);
  });

  test("a stream of one's own is seen and heard in place of camera and microphone", { timeout: 60_000 }, async () => {
    await enter({ ownStream: true });
    await seesColour(ann, ben.memberId, PURPLE);
    await ann.hears(ben);
    await leave();
  });

  test("ICE servers of one's own are asked, and the join works with what they say", { timeout: 60_000 }, async () => {
    const stun = await startStun();
    await enter({ constructorOptions: { iceServers: [{ urls: stun.url }] } });
    assert.ok(stun.asked() > 0);
    await seesColour(ann, ben.memberId, PURPLE);
    await leave();
    await stun.stop();
  });

  test("who goes on sending while muted is neither seen nor heard nor said to talk", { timeout: 60_000 }, async () => {
    await enter({ constructorOptions: { stopCameraWhileMuted: false, stopMicrophoneWhileMuted: false } });
    await seesColour(ann, ben.memberId, PURPLE);
    await ann.event("member.talking", ({ member }) => member.id === ben.memberId && member.talking);
    const since = await ann.mark();
    await ben.call("videoMute");
    await ben.call("audioMute");
    await seesMuteImage(ben);
    await losesHz(ann, two, { dbfs: SILENT });
    const start = relay.counts().mediaUp;
    await until("three seconds of media more", () => relay.counts().mediaUp > start + 150, { within: 20_000 });
    await seesMuteImage(ben);
    await losesHz(ann, two, { dbfs: SILENT });
    const talks = (await ann.events()).slice(since).filter(({ name, payload }) => name === "member.talking" && payload.member.id === ben.memberId);
    assert.deepEqual(talks.map(({ payload }) => payload.member.talking), [false]);
    await ben.call("videoUnmute");
    await ben.call("audioUnmute");
    await seesColour(ann, ben.memberId, PURPLE);
    await ann.hears(ben);
    await leave();
  });

  test("one token in several browsers, one person twice: each is a member of its own", { timeout: 90_000 }, async () => {
    const token = await it.rest.token({ room_name: room, user_name: "Ben", permissions: EVERYTHING });
    const again = await it.participant("Ben again", { tone: undefined, colour: ORANGE });
    await ben.join({ token, host: it.server.ws });
    await again.join({ token, host: it.server.ws, joinOptions: { audio: false } });
    assert.notEqual(ben.memberId, again.memberId);
    assert.equal(ben.roomSessionId, again.roomSessionId);
    await seesColour(ann, ben.memberId, PURPLE);
    await seesColour(ann, again.memberId, ORANGE);
    const names = (await ann.call("getMembers")).members.map(({ name }) => name);
    assert.deepEqual(names, ["Ann", "Ben", "Ben"]);
    await again.call("leave");
    await ann.event("member.left", ({ member }) => member.id === again.memberId);
    await ann.hears(ben);
    assert.equal((await ben.call("getMembers")).members.length, 2, "the other of the two stays");
  });

  // A tile, and on it something of another colour: initials on a disc.
  function seesMuteImage(who) {
    return until(`Ann sees ${who.name}'s mute image`, async () => {
      const part = await ann.cellShare(who.memberId, MUTE_TILE, 14);
      if (part > 0.15 && part < 0.95) return true;
      throw new Error(part === null ? "no cell or picture" : `${Math.round(part * 100)} % tile`);
    });
  }
});
