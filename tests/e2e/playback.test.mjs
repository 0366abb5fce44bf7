// Films and sounds played into a room: seen in the received picture, heard in the received sound,
// steered with the SDK's own objects.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { startFilms } from "./lib/foreign.mjs";
import { hearsTone, losesColour, losesHz, seesColour } from "./lib/legs.mjs";
import { fresh } from "./lib/random.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const RED = [230, 20, 20];
const GREEN = [20, 200, 20];
const HZ = 700;
const DBFS = -20;
const HOST = ["room.playback", "room.set_layout", "room.list_available_layouts"];

describe("playback", () => {
  const it = world("playback", { server: { env: { ROTUNDA_NETWORK__ALLOW_PRIVATE: "true" } } });
  const room = fresh("playback");
  let films;
  let ann; // may play
  let ben; // may not

  before(async () => {
    films = await startFilms({ hz: HZ, dbfs: DBFS, first: RED, then: GREEN });
  }, { timeout: 120_000 });
  after(() => films?.stop());

  const play = (who, name, wish) => who.page.evaluate(async ([key, params]) => {
    lab.films ??= {};
    lab.told ??= [];
    if (!lab.listens) {
      lab.listens = true;
      for (const what of ["started", "updated", "ended"]) {
        lab.session.on(`playback.${what}`, ({ id, state, volume, position, seekable, endedAt }) =>
          lab.told.push({ what, id, state, volume, position, seekable, endedAt }));
      }
    }
    try {
      const film = await lab.session.play(params);
      lab.films[key] = film;
      const { id, state, url, volume, seekable, startedAt, position } = film;
      return { id, state, url, volume, seekable, position, startedAt: startedAt?.getTime() };
    } catch (error) {
      return { code: error.code, message: error.message };
    }
  }, [name, wish]);
  const steer = (who, name, method, ...args) =>
    who.page.evaluate(([key, verb, list]) => lab.films[key][verb](...list).then(() => true), [name, method, args]);
  const told = (who, suits) => until("the event", async () =>
    (await who.page.evaluate(() => lab.told)).find(suits), { within: 15_000 });

  test("a film is seen where it is placed and heard by all", { timeout: 120_000 }, async (t) => {
    ann = await it.joined("Ann", room, { tone: 1250, token: { permissions: HOST } });
    ben = await it.joined("Ben", room, { tone: 1900, token: { permissions: ["room.playback_seek"] } });
    await ben.page.evaluate(() => {
      lab.told = [];
      for (const what of ["started", "updated", "ended"]) lab.session.on(`playback.${what}`, () => lab.told.push(what));
    });
    const since = Date.now();
    const film = await play(ann, "film", {
      url: films.url("film.mp4"), volume: -10, layout: "highlight-1-responsive", positions: { self: "reserved-1" },
    });
    assert.deepEqual([film.state, film.url, film.volume, film.seekable], ["playing", films.url("film.mp4"), -10, true]);
    assert.ok(Math.abs(film.startedAt - Date.now()) < 20_000, `${film.startedAt}`);
    ann.film = film.id;
    await told(ann, ({ what, id }) => what === "started" && id === film.id);
    const layout = await until("the film has a layer", async () => {
      const now = await ben.layout();
      return now.layers.some((layer) => layer.playing_file) && now;
    });
    const layer = layout.layers.find((one) => one.playing_file);
    assert.deepEqual([layer.member_id, layer.reservation, layer.visible], [film.id, "reserved-1", true]);
    for (const who of [ann, ben]) {
      await seesColour(who, film.id, RED, { within: 20_000 });
      await hearsTone(who, HZ, { dbfs: DBFS - 10, tolerance: 2 });
    }
    t.diagnostic(`seen and heard ${Date.now() - since} ms after play()`);
  });

  test("volume in dB, silence at -50, pause and resume", { timeout: 120_000 }, async () => {
    await steer(ann, "film", "setVolume", 0);
    await hearsTone(ben, HZ, { dbfs: DBFS, tolerance: 2 });
    await told(ann, ({ what, volume }) => what === "updated" && volume === 0);
    await steer(ann, "film", "setVolume", -50);
    await losesHz(ben, HZ, { dbfs: -80 });
    await steer(ann, "film", "setVolume", -10);
    await hearsTone(ben, HZ, { dbfs: DBFS - 10, tolerance: 2 });
    await steer(ann, "film", "pause");
    const { position } = await told(ann, ({ what, state }) => what === "updated" && state === "paused");
    await losesHz(ben, HZ, { dbfs: -80 });
    await seesColour(ben, ann.film, RED);
    await steer(ann, "film", "seek", 0);
    await steer(ann, "film", "resume");
    await hearsTone(ben, HZ, { dbfs: DBFS - 10, tolerance: 2 });
    assert.ok(position > 0);
  });

  test("seek, forward and rewind jump", { timeout: 120_000 }, async () => {
    await steer(ann, "film", "seek", 62_000);
    await told(ann, ({ what, position }) => what === "updated" && position === 62_000);
    await seesColour(ben, ann.film, GREEN, { within: 15_000 });
    await steer(ann, "film", "rewind", 60_000);
    await seesColour(ben, ann.film, RED, { within: 15_000 });
    await steer(ann, "film", "forward", 60_000);
    await seesColour(ben, ann.film, GREEN, { within: 15_000 });
    await hearsTone(ben, HZ, { dbfs: DBFS - 10, tolerance: 2 });
  });

  test("whoever comes later is told of it", { timeout: 90_000 }, async () => {
    const cid = await it.joined("Cid", room, { tone: 2700, token: { permissions: HOST } });
    const joined = cid.frames.map(({ message }) => message?.params).find((one) => one?.event_type === "video.room.subscribed");
    const [playback] = joined.params.room_session.playbacks;
    assert.deepEqual([playback.id, playback.state, playback.volume], [ann.film, "playing", -10]);
    assert.ok(playback.position > 50_000 && playback.position < 120_000, `${playback.position}`);
    assert.ok((await cid.events()).some(({ name }) => name === "room.joined"), "the client took it");
    await cid.close();
  });

  test("several at once, of other kinds; a third ends by itself", { timeout: 120_000 }, async () => {
    const hls = await play(ann, "hls", { url: films.url("list.m3u8"), volume: -50 });
    assert.ok(hls.id, JSON.stringify(hls));
    await seesColour(ben, hls.id, RED, { within: 20_000 });
    const song = await play(ann, "song", { url: films.url("song.mp3"), volume: -50 });
    const fourth = await play(ann, "fourth", { url: films.url("film.mp4") });
    assert.deepEqual([fourth.code, /at most 3/.test(fourth.message)], ["422", true]);
    const states = await ann.page.evaluate(async () => (await lab.session.getPlaybacks()).playbacks.map(({ state }) => state));
    assert.deepEqual(states, ["playing", "playing", "playing"]);
    const { state } = await told(ann, ({ what, id }) => what === "ended" && id === song.id);
    assert.equal(state, "completed");
    await steer(ann, "hls", "stop");
    await told(ann, ({ what, id }) => what === "ended" && id === hls.id);
  });

  test("stopped, it is gone and the layout from before is back", { timeout: 60_000 }, async () => {
    await steer(ann, "film", "stop");
    await told(ann, ({ what, id }) => what === "ended" && id === ann.film);
    const layout = await until("the layout is back", async () => {
      const now = await ben.layout();
      return now.name === "grid-responsive" && now;
    });
    assert.ok(!layout.layers.some((layer) => layer.playing_file));
    await losesHz(ben, HZ, { dbfs: -80 });
  });

  test("who may not play hears of nothing, and wrong wishes are refused in words", { timeout: 60_000 }, async () => {
    assert.deepEqual(await ben.page.evaluate(() => lab.told), []);
    const no = await ben.tryCall("play", { url: films.url("film.mp4") });
    assert.equal(no.error.code, "403");
    for (const url of ["file:///etc/passwd", "concat:a", "gopher://a.test/", "film.mp4"]) {
      assert.equal((await play(ann, "no", { url })).code, "422", url);
    }
    assert.equal((await play(ann, "no", { url: films.url("film.mp4"), volume: 51 })).code, "422");
    const broken = await play(ann, "broken", { url: films.url("cut.mp4") });
    await told(ann, ({ what, id }) => what === "ended" && id === broken.id);
    await losesColour(ben, ann.memberId, RED).catch(() => {}); // Ann's own camera goes on changing
    await ben.sees(ann);
  });
});
