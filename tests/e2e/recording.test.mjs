// Recordings with the real SDK: started, paused, resumed and stopped by their object, told to those
// who may, downloaded by REST, and played again in Chromium.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { listen, watch } from "./lib/films.mjs";
import { openFirefox } from "./lib/firefox.mjs";
import { ORANGE, REFUSED, said } from "./lib/legs.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { expect } from "./lib/rest.mjs";
import { pause, until } from "./lib/wait.mjs";
import { EVERYTHING, world } from "./lib/world.mjs";

const MAY = { permissions: [...EVERYTHING, "room.recording"] };
// Too quiet to be heard or to take the floor.
const QUIET = { tone: 300, amplitude: 0.0004, colour: ORANGE };
const TOLD = ["recording.started", "recording.updated", "recording.ended"];

/** Keeps what a page is told of recordings, and the object `startRecording()` gives. */
const attend = (who) => who.page.evaluate((names) => {
  lab.told = [];
  for (const name of names) lab.session.on(name, (rec) => lab.told.push({ name, id: rec.id, state: rec.state }));
}, TOLD);
const told = (who) => who.page.evaluate(() => lab.told);
const roll = (who, method) => who.page.evaluate((m) => lab.recording[m](), method);
const facts = (who) => who.page.evaluate(() => {
  const { id, state, duration, startedAt, endedAt } = lab.recording;
  return { id, state, duration, startedAt: Number(startedAt), endedAt: endedAt && Number(endedAt) };
});
const heard = (who) => who.frames.filter((f) => f.way === "in" && TOLD.includes(f.message.params?.event_type?.slice(6)));
const isSubscribed = (f) => f.way === "in" && f.message.params?.event_type === "video.room.subscribed";

describe("recording", () => {
  const it = world("recording");
  const room = fresh("recording");
  const [tone] = tones(1);
  let ann; // may record
  let ben; // may not

  test("startRecording gives an object that pauses, resumes and stops, and those who may are told", { timeout: 120_000 }, async () => {
    await it.rest.room({ name: room, layout: "1x1", tone_on_entry_and_exit: false });
    ann = await it.joined("Ann", room, { tone, colour: ORANGE, token: MAY });
    ben = await it.joined("Ben", room, QUIET);
    await attend(ann);
    assert.deepEqual(said(await ben.tryCall("startRecording")), REFUSED);
    assert.deepEqual(said(await ben.tryCall("getRecordings")), REFUSED);
    const updated = await ben.mark();
    await ann.page.evaluate(async () => (lab.recording = await lab.session.startRecording()));
    const { id, state, startedAt } = await facts(ann);
    assert.equal(state, "recording");
    assert.ok(Math.abs(startedAt - Date.now()) < 20_000);
    await ben.event("room.updated", ({ room: r }) => r.recording === true, { since: updated });
    const cleo = await it.joined("Cleo", room, { ...QUIET, token: MAY });
    // The SDK makes objects of what it is told here, so that is looked at on the wire.
    assert.equal((await cleo.events("room.joined")).length, 1);
    const { room_session } = cleo.frames.find(isSubscribed).message.params.params;
    assert.equal(room_session.recording, true);
    assert.deepEqual(room_session.recordings.map((r) => r.id), [id]);
    await pause(3000);
    for (const [method, becomes] of [["pause", "paused"], ["resume", "recording"]]) {
      await roll(ann, method);
      await until(becomes, async () => (await facts(ann)).state === becomes);
      await pause(2000);
    }
    await roll(ann, "stop");
    const expected = ["recording.started", "recording.updated", "recording.updated", "recording.ended"];
    await until("all was told", async () => (await told(ann)).length === expected.length);
    assert.deepEqual((await told(ann)).map((t) => t.name), expected);
    assert.equal((await facts(ann)).state, "completed");
    assert.ok((await facts(ann)).duration > 4);
    assert.deepEqual(heard(ben), [], "nothing is told to one who may not record");
    await ben.event("room.updated", ({ room: r }) => r.recording === false, { since: updated });
    const listed = await ann.page.evaluate(async () => {
      const { recordings } = await lab.session.getRecordings();
      return recordings.map(({ id, state }) => ({ id, state }));
    });
    assert.deepEqual(listed, [{ id, state: "completed" }]);
  });

  test("the file is downloaded by REST and plays with its colour and its tone wherever one seeks", { timeout: 90_000 }, async () => {
    const { id } = await facts(ann);
    const row = await until("the file is whole", async () => {
      const { body } = await it.rest.get(`/room_recordings/${id}`);
      return body.status === "completed" && body;
    }, { within: 5_000 });
    const { format, duration, size_in_bytes, room_session_id, uri } = row;
    assert.deepEqual({ format, room_session_id }, { format: "video/mp4", room_session_id: ann.roomSessionId });
    assert.ok(duration >= 4 && duration <= 20 && size_in_bytes > 10_000, JSON.stringify(row));
    const list = expect(await it.rest.get(`/room_sessions/${room_session_id}/recordings`), 200);
    assert.deepEqual(list.data.map((one) => one.id), [id]);
    // Now, and again in another browser when it was made seekable in the background.
    await plays("as recorded", ann.page);
    const firefox = await openFirefox(it.lab.origin);
    try {
      await plays("in Firefox", firefox);
    } finally {
      await firefox.close();
    }

    async function plays(where, page) {
      const film = await watch(page, uri, [0.2, 0.5, 0.8]);
      assert.equal(film.type, "video/mp4");
      assert.deepEqual([film.width, film.height], [1280, 720]);
      assert.ok(Math.abs(film.duration - duration) <= 1.5, `${where}: ${film.duration} of ${duration} s`);
      for (const rgb of film.seen) {
        assert.ok(rgb.every((c, i) => Math.abs(c - ORANGE[i]) <= 30), `${where}: ${rgb} is not ${ORANGE}`);
      }
      // On a busy machine the browser that speaks has holes in its sound, but not all the time.
      const levels = await listen(page, uri, tone);
      for (const third of [0, 1, 2]) {
        const part = levels.slice((third * levels.length) / 3, ((third + 1) * levels.length) / 3);
        assert.ok(part.some((level) => Math.abs(level - ann.dbfs) <= 2), `${where}: ${part} dBFS of ${ann.dbfs}`);
      }
    }
  });
});
