// The promise of the README: published versions of the browser SDK, from 2021 to now, work as they are.
// Each one joins, sees, mutes, arranges, shares, records and leaves, with a page of the newest version
// as the witness. A soak takes all eight; a short run the oldest, one of the middle and the last two.

import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";

import { add, callLeg, ORANGE, seesColour } from "./lib/legs.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { FORMER } from "./lib/static.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING, soak, world } from "./lib/world.mjs";

const NEWEST = "3.30.0";
const SHORT = ["3.5.0", "3.17.0", "3.29.2", NEWEST];
const versions = [...FORMER, NEWEST].filter((version) => soak || SHORT.includes(version));

const MAY = { permissions: [...EVERYTHING, "room.self.screenshare", "room.recording"] };

describe("published versions of the browser SDK", () => {
  const it = world("versions");
  afterEach(() => it.closePages());

  for (const version of versions) {
    test(`${version} joins, sees, mutes, arranges, shares, records and leaves`, { timeout: 120_000 }, async () => {
      const room = fresh("versions");
      const [one, two] = tones(2);
      const { id: roomId } = await it.rest.room({ name: room, tone_on_entry_and_exit: false });
      const path = version === NEWEST ? "" : `/v/${version}/`;
      const ann = await it.joined("Ann", room, { path, tone: one, token: MAY });
      const witness = await it.joined("Witness", room, { tone: two });
      await meet(ann, witness);
      await mute(ann, witness);
      await arrange(ann, witness);
      await share(ann, witness);
      await record(ann, it.rest, roomId);
      const since = await witness.mark();
      await ann.call("leave");
      await witness.event("member.left", ({ member }) => member.id === ann.memberId, { since });
    });
  }
});

/** Both see and hear each other, and the canvas moves. */
async function meet(ann, witness) {
  await Promise.all([ann.sees(witness), witness.sees(ann), ann.hears(witness), witness.hears(ann)]);
  const before = await ann.received();
  await until("the canvas goes on", async () => (await ann.received()).videoFrames > before.videoFrames + 10);
}

async function mute(ann, witness) {
  await ann.call("audioMute");
  await witness.losesTone(ann);
  await ann.call("audioUnmute");
  await ann.call("videoMute");
  await witness.losesColour(ann);
  await ann.call("videoUnmute");
  await Promise.all([witness.hears(ann), witness.sees(ann)]);
}

async function arrange(ann, witness) {
  const { layouts } = await ann.call("getLayouts");
  assert.ok(layouts.includes("3x3"), `${layouts}`);
  const since = await witness.mark();
  await ann.call("setLayout", { name: "3x3" });
  await witness.event("layout.changed", ({ layout }) => layout.name === "3x3", { since });
}

async function share(ann, witness) {
  const since = await witness.mark();
  // The oldest SDKs give an object that does not know its own id, so it is what the others are told.
  await add(ann, "screen", "startScreenShare", { colour: ORANGE }, { audio: false, video: true });
  const joined = await witness.event("member.joined", ({ member }) => member.type === "screen", { since });
  const screen = joined.payload.member.id;
  await seesColour(witness, screen, ORANGE);
  await callLeg(ann, "screen", "leave");
  await witness.event("member.left", ({ member }) => member.id === screen, { since });
}

/** A recording is made and stopped through the object the SDK gives; the file is there afterwards. */
async function record(ann, rest, roomId) {
  await ann.page.evaluate(async () => (lab.recording = await lab.session.startRecording()));
  await until("the recording runs", () => ann.page.evaluate(() => lab.recording.state === "recording"));
  const id = await ann.page.evaluate(() => lab.recording.id);
  await ann.page.evaluate(() => lab.recording.stop());
  const row = await until("the recording is complete", async () => {
    const { body } = await rest.get(`/room_recordings/${id}`);
    return body.status === "completed" && body;
  });
  assert.equal(row.room_session_id !== undefined && row.id, id, roomId);
}
