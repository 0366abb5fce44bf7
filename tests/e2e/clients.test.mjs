// The other promise of the README: what others published for SignalWire Video works as it is. React's
// components by the community in Chromium, PyPI's server SDK, and an older server SDK for Node.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { before, describe, test } from "node:test";
import { promisify } from "node:util";

import { build } from "esbuild";

import { openPage } from "./lib/browser.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { binary, freePort } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING, world } from "./lib/world.mjs";

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
/** The virtual environment that scripts/setup.sh makes beside the build. */
const python = () => join(dirname(binary()), "..", "test-venv", "bin", "python");

const APP = `
import React from "react";
import { createRoot } from "react-dom/client";
import { Video } from "@signalwire-community/react";

const { token } = window.wish;
window.told = [];
const tell = (name) => (what) => window.told.push([name, what?.member?.name ?? null]);
createRoot(document.getElementById("root")).render(
  React.createElement(Video, {
    token, audio: true, video: true,
    onRoomReady: (session) => { window.session = session; },
    onRoomJoined: tell("joined"), onMemberJoined: tell("member.joined"), onRoomLeft: tell("left"),
  }),
);
`;

describe("what others published", () => {
  // The component knows no option for the host: it goes where its token says, and that is public_url.
  const server = {};
  before(async () => {
    const port = await freePort();
    Object.assign(server, { ports: { http: port }, env: { ROTUNDA_SERVER__PUBLIC_URL: `ws://127.0.0.1:${port}` } });
  });
  const it = world("clients", { server });
  const room = fresh("clients");
  const [tone] = tones(1);
  let ann;

  test("the community's React component joins and shows the canvas", { timeout: 120_000 }, async () => {
    ann = await it.joined("Ann", room, { tone, token: { permissions: [...EVERYTHING, "room.recording"] } });
    const since = await ann.mark();
    const token = await it.rest.token({ room_name: room, user_name: "React" });
    const page = await react({ token });
    await ann.event("member.joined", ({ member }) => member.name === "React", { since, within: 20_000 });
    await until("React is told", () => page.evaluate(() => window.told.some(([name]) => name === "joined")));
    await until("the canvas moves in React's page", () => page.evaluate(() => {
      const video = document.querySelector("#root video");
      return video && video.videoWidth === 1280 && video.currentTime > 1;
    }), { within: 15_000 });
    await page.evaluate(() => window.session.leave());
    await ann.event("member.left", ({ member }) => member.name === "React", { since });
  });

  async function react(wish) {
    const options = { stdin: { contents: APP, resolveDir: here }, bundle: true, write: false, define: { "process.env.NODE_ENV": '"production"' }, logLevel: "error" };
    const { outputFiles: [{ text }] } = await build(options);
    const { page } = await openPage(it.browser, it.lab.origin);
    await page.evaluate((w) => { window.wish = w; }, wish);
    await page.addScriptTag({ content: text });
    return page;
  }

  test("the former server SDK for Node hears a session and mutes in it", { timeout: 60_000 }, async () => {
    const { project_id: project, api_token: token, ws } = it.server;
    const since = await ann.mark();
    const script = join(here, "lib/former_client.mjs");
    const { stdout } = await run(process.execPath, [script, ws, project, token, ann.roomSessionId, ann.memberId], { timeout: 50_000 });
    const told = JSON.parse(stdout.trim().split("\n").at(-1));
    assert.deepEqual(told.sessions, [ann.roomSessionId]);
    assert.ok(told.heard.includes(ann.memberId));
    await ann.event("member.updated", ({ member }) => member.audio_muted === true, { since });
    await ann.event("member.updated", ({ member }) => member.audio_muted === false, { since });
  });

  test("PyPI's signalwire-sdk makes, changes and deletes rooms, streams and tokens, and reads sessions and recordings", { timeout: 60_000 }, async () => {
    const id = await ann.page.evaluate(async () => {
      lab.recording = await lab.session.startRecording();
      return lab.recording.id;
    });
    await until("the recording runs", () => ann.page.evaluate(() => lab.recording.state === "recording"));
    await ann.page.evaluate(() => lab.recording.stop());
    await until("the recording is complete", async () => (await it.rest.get(`/room_recordings/${id}`)).body.status === "completed");
    const { http, project_id: project, api_token: token } = it.server;
    const script = join(here, "lib/python_client.py");
    const { stdout } = await run(python(), [script, new URL(http).host, project, token, room], { timeout: 30_000 });
    const got = Object.fromEntries(stdout.trim().split("\n").map((line) => JSON.parse(line)));
    assert.equal(got.room.name, "from-python");
    assert.equal(got.changed.max_members, 12);
    assert.ok(got.rooms.includes("from-python"));
    assert.equal(got.token.token.split(".").length, 3);
    assert.deepEqual(got.stream, [got.streams[0], got.streams[0]]);
    assert.deepEqual(got["streams left"], []);
    assert.equal(got.deleted, 404);
    assert.equal(got.session.name, room);
    assert.ok(got.members.includes("Ann") && got.members.includes("React"));
    assert.ok(got.events.includes("member.joined") || got.events.length > 0, `${got.events}`);
    assert.deepEqual([got.recordings, got["all recordings"]], [[id], [id]]);
    assert.equal(got.recording.id, id);
    assert.ok(got["recording events"] > 0);
    assert.equal(got["recording deleted"], 404);
  });
});
