// What one test file needs: a server of its own, the test page's web server and a browser. All
// of it is gone when the file is done, and the server's log must not hold a panic.

import assert from "node:assert/strict";
import { after, before } from "node:test";

import { launch, Participant } from "./browser.mjs";
import { restClient } from "./rest.mjs";
import { startServer } from "./server.mjs";
import { startStatic } from "./static.mjs";

/** Permissions of somebody who may change what these tests change. */
export const EVERYTHING = [
  "room.self.audio_mute", "room.self.audio_unmute", "room.self.video_mute", "room.self.video_unmute",
  "room.member.audio_mute", "room.member.audio_unmute", "room.member.video_mute", "room.member.video_unmute",
  "room.list_available_layouts", "room.set_layout",
];

/** A longer run of the same tests: more rounds, more changes. */
export const soak = process.env.ROTUNDA_SOAK === "1";

/** Call inside `describe`: the world stands when the first test begins. */
export function world(name, { server: options = {}, browser: needsBrowser = true } = {}) {
  const it = {
    server: null,
    browser: null,
    rest: null,
    pages: [],
    /** A page with camera and microphone as wished; closed by `closePages` or at the end. */
    async participant(who, { path = "", ...wish } = {}) {
      const participant = await Participant.open(it.browser, it.lab.origin + path, who, wish);
      it.pages.push(participant);
      return participant;
    },
    /** A participant that has joined `room`. */
    async joined(who, room, { token = {}, join = {}, ...wish } = {}) {
      const participant = await it.participant(who, wish);
      const jwt = await it.rest.token({ room_name: room, user_name: who, permissions: EVERYTHING, ...token });
      participant.joining = await participant.join({ token: jwt, host: it.server.ws, ...join });
      return participant;
    },
    /** Lets everybody leave by closing their pages. */
    async closePages() {
      await Promise.all(it.pages.splice(0).map((page) => page.close().catch(() => {})));
    },
  };
  before(async () => {
    it.server = await startServer({ name, ...options });
    it.rest = restClient(it.server);
    if (!needsBrowser) return;
    it.lab = await startStatic();
    it.browser = await launch();
  }, { timeout: 120_000 });
  after(() => tearDown(it), { timeout: 60_000 });
  return it;
}

async function tearDown(it) {
  await it.browser?.close();
  await it.lab?.stop();
  if (!it.server) return;
  await it.server.dispose();
  const panics = it.server.logText().split("\n").filter((line) => line.includes("panicked at"));
  assert.deepEqual(panics, [], `the server panicked, see ${it.server.log}`);
}
