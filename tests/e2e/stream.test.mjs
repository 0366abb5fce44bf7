// Streams with the real SDK: started, listed and stopped by their object, told to those who may, and
// what comes to the server they go to. A real RTMP server is looked at in crates/acceptance.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";

import { ORANGE, REFUSED, said } from "./lib/legs.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { person } from "./lib/settings.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING, world } from "./lib/world.mjs";

const MAY = { permissions: [...EVERYTHING, "room.stream"] };
const TOLD = ["stream.started", "stream.ended"];
const run = promisify(execFile);

/** A port nobody listens at. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** An ffmpeg that is an RTMP server for one stream, and keeps `seconds` of it. */
function receiver(url, file, seconds) {
  const args = ["-nostdin", "-v", "error", "-y", "-listen", "1", "-i", url, "-t", String(seconds), "-c", "copy", file];
  const child = spawn("ffmpeg", args, { stdio: "ignore" });
  return { child, ended: once(child, "exit") };
}

/** The colour of the picture at `second`. */
async function colour(file, second) {
  const args = ["-v", "error", "-ss", String(second), "-i", file, "-frames:v", "1", "-vf", "crop=64:64,scale=1:1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
  const { stdout } = await run("ffmpeg", args, { encoding: "buffer" });
  return [...stdout];
}

describe("streams", () => {
  const it = world("stream", { server: { env: { ROTUNDA_NETWORK__ALLOW_PRIVATE: "true" } } });
  const room = fresh("stream");
  const [tone] = tones(1);

  test("startStream gives an object that stops, and what the room shows comes to the server", { timeout: 120_000 }, async () => {
    await it.rest.room({ name: room, layout: "1x1", tone_on_entry_and_exit: false });
    const ann = await it.joined("Ann", room, { tone, colour: ORANGE, token: MAY });
    const ben = await it.joined("Ben", room, { tone: 300, amplitude: 0.0004, colour: ORANGE });
    for (const method of ["startStream", "getStreams"]) {
      assert.deepEqual(said(await ben.tryCall(method, { url: "rtmp://127.0.0.1/live/key" })), REFUSED, method);
    }
    for (const wrong of ["http://127.0.0.1/live", "rtmp:///live/key"]) {
      assert.equal((await ann.tryCall("startStream", { url: wrong })).error.code, "422", wrong);
    }
    await ann.page.evaluate((names) => {
      lab.told = [];
      for (const name of names) lab.session.on(name, (s) => lab.told.push({ name, id: s.id, state: s.state }));
    }, TOLD);
    const url = `rtmp://127.0.0.1:${await freePort()}/live/secret-key`;
    const file = join(tmpdir(), `${room}-${process.pid}-received.flv`);
    const server = receiver(url, file, 4);
    const since = await ben.mark();
    const begun = await ann.page.evaluate(async (to) => {
      const { stream } = await lab.session.startStream({ url: to });
      lab.stream = stream;
      return { id: stream.id, state: stream.state, url: stream.url, startedAt: Number(stream.startedAt) };
    }, url);
    assert.deepEqual([begun.state, begun.url], ["streaming", url]);
    assert.ok(Math.abs(begun.startedAt - Date.now()) < 20_000);
    await ben.event("room.updated", ({ room: changed }) => changed.streaming === true, { since });
    const listed = await ann.page.evaluate(async () => (await lab.session.getStreams()).streams.map(({ id }) => id));
    assert.deepEqual(listed, [begun.id]);
    await server.ended;
    const rgb = await colour(file, 2);
    assert.ok(rgb.every((value, i) => Math.abs(value - ORANGE[i]) <= 40), `${rgb}`);
    const { stdout } = await run("ffprobe", ["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", file]);
    assert.deepEqual(stdout.trim().split("\n").toSorted(), ["aac", "h264"]);
    await ann.page.evaluate(() => lab.stream.stop());
    await ben.event("room.updated", ({ room: changed }) => changed.streaming === false, { since });
    await until("both are told", async () => (await ann.page.evaluate(() => lab.told)).length === 2);
    const told = [["stream.started", "streaming"], ["stream.ended", "completed"]];
    assert.deepEqual((await ann.page.evaluate(() => lab.told)).map(({ name, state }) => [name, state]), told);
    assert.deepEqual(await ann.page.evaluate(async () => (await lab.session.getStreams()).streams), []);
    assert.ok(!JSON.stringify(ben.frames).includes("secret-key"), "who may not stream learns no key");
    assert.ok(!it.server.logText().includes("secret-key"));
  });

  test("streams of a room begin with its session, and REST tells how they do", { timeout: 60_000 }, async () => {
    const hall = fresh("standing");
    await it.rest.room({ name: hall, layout: "1x1" });
    const url = `rtmp://127.0.0.1:${await freePort()}/live/standing`;
    const made = await it.rest.post(`/rooms/${hall}/streams`, { url });
    assert.equal(made.status, 201);
    assert.equal(made.body.state, "idle");
    await it.joined("Cleo", hall, { tone, colour: ORANGE });
    const state = async () => (await it.rest.get(`/streams/${made.body.id}`)).body;
    await until("nobody is there to take it", async () => (await state()).state === "retrying");
    assert.ok((await state()).error.length > 0);
    const file = join(tmpdir(), `${room}-${process.pid}-standing.flv`);
    const server = receiver(url, file, 3);
    await until("it is live", async () => (await state()).state === "live", { within: 20_000 });
    await server.ended;
    const rgb = await colour(file, 1.5);
    assert.ok(rgb.every((value, i) => Math.abs(value - ORANGE[i]) <= 40), `${rgb}`);

    // The live stream of the settings door, told to another person and seen at the server it goes to.
    const olga = await person(it.server, "Olga", { rooms: { [hall]: "manage" } }, "io4");
    const dan = await person(it.server, "Dan", { rooms: { [hall]: "contribute" } }, "io2");
    const { videochatId } = await dan.ok("videochat:subscribeToRoomVideochats", { roomId: hall });
    assert.equal(await dan.refused("videochat:startLiveStream", { videochatId }), 10002);
    assert.equal(await olga.refused("videochat:startLiveStream", { videochatId }), 400, "nobody said where to");
    assert.equal(await olga.refused("videochat:startLiveStream", { videochatId, streamUrl: "http://127.0.0.1/live" }), 400);
    const to = `rtmp://127.0.0.1:${await freePort()}/live/live-secret`;
    const live = join(tmpdir(), `${room}-${process.pid}-live.flv`);
    const audience = receiver(to, live, 2);
    const streamPlaybackUrl = "https://see.example/live.m3u8";
    await olga.ok("videochat:startLiveStream", { videochatId, streamUrl: to, streamPlaybackUrl });
    assert.equal((await dan.push("videochat:liveStreamStarted")).streamPlaybackUrl, streamPlaybackUrl);
    const status = await dan.ok("videochat:getStatus", { videochatId });
    assert.deepEqual([status.isLiveStreaming, status.streamPlaybackUrl], [true, streamPlaybackUrl]);
    assert.equal(await olga.refused("videochat:startLiveStream", { videochatId, streamUrl: to }), 409, "one runs already");
    await audience.ended;
    const sent = await colour(live, 1);
    assert.ok(sent.every((value, i) => Math.abs(value - ORANGE[i]) <= 40), `${sent}`);

    // Switched off, whatever goes to people without a seat ends and nothing more may; on again, what
    // stands with the room goes on.
    const streaming = (enableStreaming) => olga.ok("room:videochat:setRoomVideochatEnableStreaming", { roomId: hall, enableStreaming });
    await streaming(false);
    await dan.push("videochat:liveStreamStopped");
    assert.equal((await state()).state, "idle");
    for (const { status: code, body } of [await it.rest.put(`/streams/${made.body.id}`, { url }), await it.rest.post(`/rooms/${hall}/streams`, { url })]) {
      assert.deepEqual([code, body.errors[0].code], [422, "invalid_state"]);
    }
    assert.equal(await olga.refused("videochat:startLiveStream", { videochatId, streamUrl: to }), 10002);
    await streaming(true);
    await dan.push("videochat:liveStreamStarted", ({ streamPlaybackUrl: none }) => none === null);
    await until("it goes on", async () => (await state()).state === "retrying");
    assert.equal(await dan.refused("videochat:stopLiveStream", { videochatId }), 10002);
    // What stands with the room is not the live stream's, and goes on.
    assert.equal(await olga.refused("videochat:stopLiveStream", { videochatId }), 409);
    await olga.ok("videochat:startLiveStream", { videochatId, streamUrl: to });
    await olga.ok("videochat:stopLiveStream", { videochatId });
    assert.equal((await state()).state, "retrying");
    assert.ok(!it.server.logText().includes("live-secret") && !JSON.stringify(dan.pushes).includes("live-secret"));
    for (const one of [olga, dan]) one.close();
    assert.equal((await it.rest.delete(`/streams/${made.body.id}`)).status, 204);
  });
});
