// What an application makes of its devices' tracks before they are sent: asked for at each opening, sent in their
// place, released once, and never passed over when it fails.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { RoomSession } from "../dist/index.js";
import { errorOf, install, replace, restore } from "./lib/fakes.mjs";

class Track {
  enabled = true;
  readyState = "live";
  constructor(label, kind = "audio") {
    Object.assign(this, { label, kind });
  }
  stop() {
    this.readyState = "ended";
  }
  getSettings = () => ({ deviceId: this.label });
}

class Stream {
  #tracks;
  constructor(tracks = []) {
    this.#tracks = [...tracks];
  }
  getTracks = () => [...this.#tracks];
  getAudioTracks = () => this.#tracks.filter(({ kind }) => kind === "audio");
  getVideoTracks = () => this.#tracks.filter(({ kind }) => kind === "video");
  addTrack = (track) => this.#tracks.push(track);
  removeTrack = (track) => (this.#tracks = this.#tracks.filter((one) => one !== track));
}

describe("what is made of a device's track", () => {
  const VOICE = { audio: true, video: false, receiveVideo: true };
  let opened;
  let made;
  let fails;

  const prepareTrack = async (track, kind) => {
    if (fails) throw new Error("no");
    const one = { track: new Track(`made of ${track.label}`, kind), released: 0, release: () => (one.released += 1) };
    made.push(one);
    return one;
  };
  const make = (options = {}) => new RoomSession({ token: "a.b.c", host: "wss://rooms.example", reattach: false, prepareTrack, ...options });

  beforeEach(() => {
    install();
    [opened, made, fails] = [[], [], false];
    const getUserMedia = async ({ audio }) => {
      opened.push(new Track(audio.deviceId ?? "first"));
      return new Stream([opened.at(-1)]);
    };
    replace("MediaStream", Stream);
    replace("navigator", { mediaDevices: { getUserMedia, addEventListener() {}, removeEventListener() {} } });
  });
  afterEach(restore);

  test("it is sent in its place, and the device is still called what it is", async () => {
    const room = make();
    await room.join(VOICE);
    assert.deepEqual([room.localAudioTrack, room.microphoneLabel], [made[0].track, "first"]);
    room.destroy();
    assert.deepEqual([opened[0].readyState, made[0].track.readyState, made[0].released], ["ended", "ended", 1]);
  });

  test("another device is prepared, too, and the former one is released", async () => {
    const room = make();
    await room.join(VOICE);
    await room.updateMicrophone({ deviceId: "second" });
    assert.deepEqual([room.localAudioTrack.label, room.microphoneId], ["made of second", "second"]);
    assert.deepEqual([opened[0].readyState, made[0].released, made[1].released], ["ended", 1, 0]);
    room.destroy();
    assert.deepEqual(made.map(({ released }) => released), [1, 1]);
  });

  test("nothing, and the device's own track is sent", async () => {
    const room = make({ prepareTrack: () => undefined });
    await room.join(VOICE);
    assert.equal(room.localAudioTrack, opened[0]);
    room.destroy();
  });

  test("what cannot be prepared is not sent as it is", async () => {
    fails = true;
    const room = make();
    const error = await errorOf(room.join(VOICE));
    assert.deepEqual([error.kind, error.cause.message, opened[0].readyState], ["not_prepared", "no", "ended"]);
    fails = false;
    await room.join(VOICE);
    fails = true;
    assert.equal((await errorOf(room.updateMicrophone({ deviceId: "second" }))).kind, "not_prepared");
    assert.deepEqual([room.localAudioTrack, made[0].track.readyState], [made[0].track, "live"], "the former one goes on");
    room.destroy();
  });
});
