// Previews: a small moving picture of a session that an <img> shows without a login, decoded here
// picture by picture.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { PALETTE } from "./lib/colours.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { person } from "./lib/settings.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const WITHIN = 35_000;

// Runs in the page: what a decoder makes of the preview, and how much of it is near a colour.
async function decoded([url, colour]) {
  const answer = await fetch(url);
  if (!answer.ok) return { status: answer.status };
  const decoder = new ImageDecoder({ data: await answer.arrayBuffer(), type: answer.headers.get("content-type") });
  await decoder.tracks.ready;
  const { frameCount } = decoder.tracks.selectedTrack;
  const seen = { status: answer.status, frameCount, durationMs: 0, share: 1 };
  for (let frameIndex = 0; frameIndex < frameCount; frameIndex += 1) {
    const { image } = await decoder.decode({ frameIndex });
    seen.durationMs += image.duration / 1000;
    Object.assign(seen, { width: image.displayWidth, height: image.displayHeight });
    const pen = new OffscreenCanvas(seen.width, seen.height).getContext("2d");
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, seen.width, seen.height);
    let near = 0;
    for (let at = 0; at < data.length; at += 4) {
      near += colour.every((level, channel) => Math.abs(level - data[at + channel]) <= 40) ? 1 : 0;
    }
    seen.share = Math.min(seen.share, near / (data.length / 4));
    image.close();
  }
  return seen;
}

describe("previews", () => {
  const it = world("previews");
  const room = fresh("window");
  const [one, two] = tones(2);
  let ann;
  let url;
  const shows = (colour) => ann.page.evaluate(decoded, [url, colour]);

  test("a room that wants none has none", { timeout: 60_000 }, async () => {
    const plain = await it.joined("Plain", fresh("plain"), { tone: one });
    const [{ payload }] = await plain.events("room.joined");
    assert.equal(payload.room_session.preview_url, null);
    assert.equal((await it.rest.get(`/room_sessions/${plain.roomSessionId}`)).body.preview_url, null);
    await it.closePages();
  });

  test("the SDK and REST name the same address, and it moves within 35 s", { timeout: 90_000 }, async () => {
    await it.rest.room({ name: room, enable_room_previews: true });
    ann = await it.joined("Ann", room, { tone: one, colour: PALETTE[0] });
    url = await ann.page.evaluate(() => lab.session.previewUrl);
    assert.match(url, /^http.*\/[0-9a-f]{64}$/);
    await until("REST knows the session", async () => (await it.rest.get(`/room_sessions/${ann.roomSessionId}`)).body.preview_url === url);
    const shown = await it.rest.get(`/rooms/${room}?include_active_session=true`);
    assert.equal(shown.body.active_session.preview_url, url);
    const seen = await until("the first preview", async () => {
      const seen = await shows(PALETTE[0]);
      return seen.status === 200 && seen;
    }, { within: WITHIN });
    assert.deepEqual([seen.width, seen.height], [320, 180]);
    assert.ok(seen.frameCount >= 4 && seen.durationMs >= 2000, JSON.stringify(seen));
  });

  test("whoever comes is in all of it within 35 s, under the same address", { timeout: 90_000 }, async () => {
    await it.joined("Ben", room, { tone: two, colour: PALETTE[2] });
    // Ben has half of the canvas, and his camera half or more of that.
    await until("Ben's colour in every picture", async () => {
      const { share } = await shows(PALETTE[2]);
      if (share > 0.15) return true;
      throw new Error(`${Math.round(share * 100)} % of the picture`);
    }, { within: WITHIN, every: 500 });
    assert.ok((await shows(PALETTE[0])).share > 0.15, "and Ann's");
  });

  test("nobody sees anything while streaming is off, nor after the end", { timeout: 30_000 }, async () => {
    const root = await person(it.server, "Root", { admin: true }, "ws");
    const streaming = (enableStreaming) => root.ok("room:videochat:setRoomVideochatEnableStreaming", { roomId: room, enableStreaming });
    const named = async () => (await it.rest.get(`/room_sessions/${ann.roomSessionId}`)).body.preview_url;
    const since = await ann.mark();
    await streaming(false);
    await ann.event("room.updated", ({ room_session: session }) => session.preview_url === null, { since });
    assert.deepEqual([(await fetch(url)).status, await named()], [404, null]);
    await streaming(true);
    await ann.event("room.updated", ({ room_session: session }) => session.preview_url === url, { since });
    assert.deepEqual([(await fetch(url)).status, await named()], [404, url], "what was seen before does not come back");
    root.close();
    assert.equal((await fetch(`${url.slice(0, -1)}x`)).status, 404);
    await it.closePages();
    const over = async () => (await it.rest.get(`/room_sessions?room_name=${room}`)).body.data[0];
    await it.rest.delete(`/rooms/${(await it.rest.get(`/rooms/${room}`)).body.id}`);
    await until("the session is over", async () => (await over()).status === "completed");
    assert.equal((await fetch(url)).status, 404);
    assert.equal((await over()).preview_url, null);
  });
});
