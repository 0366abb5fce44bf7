// In what the published package and our own differ, asked of both side by side: what the documents and `lib/sdk.mjs`
// say of each is so. A row whose two answers became the same fails here, and is to be taken out.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { fresh, tones } from "./lib/random.mjs";
import { ROWS } from "./lib/sdk.mjs";
import { OVER_OURS } from "./lib/static.mjs";
import { until, within } from "./lib/wait.mjs";
import { EVERYTHING, world } from "./lib/world.mjs";

const MAY = [
  ...EVERYTHING, "room.stream", "room.prioritize_handraise", "room.set_meta", "room.self.raisehand", "room.self.lowerhand",
  "room.self.set_input_volume",
];
const FURTHER = ["room.audience_count", "camera.disconnected"];

describe("the published package and our own", { skip: OVER_OURS }, () => {
  const it = world("sdk_differs", { server: { env: { ROTUNDA_NETWORK__ALLOW_PRIVATE: "true" } } });
  const room = fresh("differs");
  const people = {};

  before(async () => {
    await it.rest.room({ name: room, tone_on_entry_and_exit: false });
    const [one, two] = tones(2);
    people.ours = await it.participant("Own", { path: "/ours/", tone: one });
    people.published = await it.participant("Pub", { tone: two });
    await comes(people.ours);
    await comes(people.published);
  }, { timeout: 90_000 });

  const tokenOf = (who, wish = {}) => it.rest.token({ room_name: room, user_name: who, permissions: MAY, ...wish });
  async function comes(who, wish = {}) {
    who.since = await who.mark();
    await who.join({ token: await tokenOf(who.name), host: it.server.ws, events: FURTHER, ...wish });
    await who.event("member.joined", ({ member }) => member.id === who.memberId, { since: who.since });
  }
  const names = async (who, since, pattern) => [...new Set((await who.events()).slice(since).map(({ name }) => name).filter((name) => pattern.test(name)))];
  const raised = async (who) => (await who.call("getMembers")).members.find(({ id }) => id === who.memberId).handraised;
  const inPage = (who, act, ...args) => who.page.evaluate(act, ...args);

  /** By the row: what a page of either package gives. */
  const PROBES = {
    async firstList(who) {
      // Whoever came first comes again: now there is somebody whom they meet.
      if (who === people.ours) {
        await who.call("leave");
        await comes(who);
      }
      const list = (await who.events()).slice(who.since).find(({ name }) => name === "memberList.updated");
      return list?.payload.members.length === 2 ? "everybody" : "not everybody";
    },
    async candidates({ frames }) {
      const [{ message }] = frames.filter(({ way, message: sent }) => way === "out" && sent.params?.message?.method === "verto.invite");
      return message.params.message.params.sdp.includes("a=candidate:") ? "in the offer" : "not in the offer";
    },
    async overlay(who) {
      return inPage(who, () => ["localOverlay", "localVideoOverlay"].filter((name) => lab.session[name] !== undefined));
    },
    async stream(who) {
      return inPage(who, async () => {
        const given = await lab.session.startStream({ url: "rtmp://127.0.0.1:9/app/key" });
        await (given.stream ?? given).stop();
        return given.stream ? "its stream" : "a stream";
      });
    },
    async priority(who) {
      return who.call("setPrioritizeHandraise", false);
    },
    async deletedMeta(who) {
      return inPage(who, async () => typeof (await lab.session.deleteMeta(["nothing"])));
    },
    async handTwice(who) {
      const seen = [];
      for (let times = 0; times < 2; times += 1) {
        await who.call("setRaisedHand", {});
        seen.push(await raised(who));
      }
      return seen;
    },
    async changesTold(who) {
      const since = await who.mark();
      await who.call("setInputVolume", { volume: 7 });
      const said = `${who.name} ${since}`;
      await who.call("setMeta", { said });
      await who.event("room.updated", ({ room: changed }) => changed.meta?.said === said, { since });
      const told = (await who.events()).slice(since).filter(({ name, payload }) =>
        name === "member.updated" && payload.member.id === who.memberId && payload.member.updated?.includes("input_volume"));
      return told.length > 1 ? "more than once" : "once";
    },
    async refusals(who) {
      return inPage(who, () => lab.session.lock().then(() => "done", (error) => (error instanceof Error ? "an error" : "no error")));
    },
    async mutedCamera(who) {
      const since = await who.mark();
      await who.call("videoMute");
      await until("the camera is let go of", () => inPage(who, () => lab.session.localVideoTrack?.readyState !== "live"));
      const told = await names(who, since, /^camera\./);
      await who.call("videoUnmute");
      return told;
    },
    async audienceEvent(who) {
      return names(who, who.since, /^room\.audience/);
    },
    async keptCamera(who) {
      await who.call("leave");
      await comes(who, { constructorOptions: { stopCameraWhileMuted: false } });
      const since = await who.mark();
      await who.call("videoMute");
      await who.event("member.updated", ({ member }) => member.id === who.memberId && member.video_muted, { since });
      await who.call("getMembers");
      return inPage(who, () => lab.session.localVideoTrack.enabled);
    },
    async cameraLater(who) {
      await who.call("leave");
      await comes(who, { joinOptions: { video: false, receiveVideo: true } });
      await who.call("updateCamera", {});
      const sent = () => inPage(who, async () => {
        const stats = await Promise.all(lab.livePeers().map((peer) => peer.getStats()));
        return stats.some((all) => [...all.values()].some(({ type, kind, framesSent }) => type === "outbound-rtp" && kind === "video" && framesSent > 0));
      });
      return until("a frame", sent, { within: 3_000 }).then(() => "it is sent", () => "nothing is sent");
    },
    async nobodyThere(who) {
      const token = await tokenOf(who.name);
      const joining = inPage(who, (given) => {
        const { Video } = window.Rotunda ?? SignalWire;
        return new Video.RoomSession({ token: given, host: "ws://127.0.0.1:9" }).join().then(() => "joined", ({ kind }) => kind);
      }, token);
      return within(6_000, "it is told", joining).catch(() => "pending");
    },
  };

  test("each row is asked", () => {
    const shared = ["offerOfSilentScreen", "unprovenReload", "mendedAfter20s", "joinWithoutAPath"];
    assert.deepEqual([...Object.keys(PROBES), ...shared].sort(), Object.keys(ROWS).sort());
  });

  for (const [row, probe] of Object.entries(PROBES)) {
    test(`${row}: the published package and ours give what the table says`, { timeout: 60_000 }, async () => {
      if (row === "audienceEvent") {
        const eve = await it.participant("Eve", { camera: false });
        await eve.join({ token: await tokenOf("Eve", { join_as: "audience", permissions: undefined }), host: it.server.ws });
        await until("both are told", async () => (await Promise.all(Object.values(people).map((who) => names(who, who.since, /^room\.audience/)))).every(({ length }) => length > 0));
        await eve.close();
      }
      const [published, ours] = [await probe(people.published), await probe(people.ours)];
      assert.deepEqual({ published, ours }, { published: ROWS[row].published, ours: ROWS[row].ours });
    });
  }
});
