// What becomes of devices that are lost, and of what is played, in a browser that the test plays: one as strict as Safari.

import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, mock, test } from "node:test";

import { RoomSession } from "../dist/index.js";
import { FakeTrack, install, restore, until } from "./lib/fakes.mjs";
import { inner } from "./lib/inner.mjs";

const OWN = { id: "me", name: "Ann", type: "member" };

describe("devices", () => {
  let server;
  let room;
  let told;

  const come = async (facts) => {
    server = install({ members: [OWN], ...facts });
    room = new RoomSession({ token: "a.b.c", host: "wss://rooms.example", reattach: false });
    told = [];
    for (const name of ["camera.disconnected", "camera.updated", "microphone.disconnected", "microphone.updated", "session.error"]) {
      room.on(name, (e) => told.push(`${name} ${e.kind ?? ""}`.trim()));
    }
    await room.join();
    server.opened.length = 0;
  };
  afterEach(() => {
    mock.timers.reset();
    room?.destroy();
    restore();
  });
  const sender = (kind) => server.peers.at(-1).getTransceivers().find(({ receiver }) => receiver.track.kind === kind).sender;
  const see = (visibilityState) => {
    document.visibilityState = visibilityState;
    document.dispatchEvent(new Event("visibilitychange"));
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  test("a device whose plug was pulled is opened again, and told of", async () => {
    await come();
    const before = room.localVideoTrack;
    before.end();
    await until("another is there", () => room.localVideoTrack && room.localVideoTrack !== before);
    assert.deepEqual(told, ["camera.disconnected", "camera.updated"]);
    assert.equal(sender("video").track, room.localVideoTrack);
  });

  test("a microphone that a telephone call took is opened anew where it is not given back, and then nobody tries for ever", async () => {
    await come();
    mock.timers.enable({ apis: ["setTimeout"] });
    const first = room.localAudioTrack;
    first.silence(true);
    mock.timers.tick(2_900);
    first.silence(false);
    mock.timers.tick(60_000);
    assert.equal(room.localAudioTrack, first, "it was given back");
    server.devices.audio = () => Object.assign(new FakeTrack("audio"), { muted: true });
    first.silence(true);
    for (let n = 0; n < 30; n += 1) {
      mock.timers.tick(3_000);
      await settled();
    }
    assert.equal(server.opened.length, 3);
    assert.equal(first.readyState, "ended", "telephones open one at a time");
    delete server.devices.audio;
    server.devices.audio = () => new FakeTrack("audio");
    see("visible");
    mock.timers.tick(3_000);
    await settled();
    assert.equal(room.localAudioTrack.muted, false, "the call is over");
    assert.equal(sender("audio").track, room.localAudioTrack);
  });

  test("a camera that is taken while the page is not seen is opened anew when it is", async () => {
    await come();
    mock.timers.enable({ apis: ["setTimeout"] });
    const before = room.localVideoTrack;
    see("hidden");
    before.silence(true);
    mock.timers.tick(60_000);
    assert.equal(room.localVideoTrack, before);
    see("visible");
    mock.timers.tick(3_000);
    await settled();
    assert.notEqual(room.localVideoTrack, before);
  });

  test("what cannot be opened again is told, and tried again when the page is seen again", async () => {
    await come();
    const { video } = server.devices;
    server.devices.video = () => {
      throw new DOMException("in use", "NotReadableError");
    };
    room.localVideoTrack.end();
    await until("it is told", () => told.includes("session.error device_busy"));
    assert.equal(sender("video").track, null);
    server.devices.video = video;
    see("visible");
    await until("it is back", () => room.localVideoTrack !== null);
    assert.equal(sender("video").track, room.localVideoTrack);
  });

  test("a page that was frozen looks for another socket at once", async () => {
    await come();
    mock.timers.enable({ apis: ["setTimeout"] });
    const { length } = server.sockets;
    server.socket.close();
    await settled();
    document.dispatchEvent(new Event("resume"));
    await until("another socket", () => server.sockets.length === length + 1);
  });
});

describe("what is played", () => {
  let Player;
  before(async () => {
    ({ Player } = await inner("media/player.ts"));
  });
  beforeEach(() => void install());
  afterEach(restore);

  const made = (refusals = 0) => {
    const element = Object.assign(new EventTarget(), {
      paused: true, tries: 0,
      pause() {
        this.paused = true;
        this.dispatchEvent(new Event("pause"));
      },
      async play() {
        this.tries += 1;
        if (this.tries <= refusals) throw new DOMException("touch first", "NotAllowedError");
        this.paused = false;
      },
    });
    return { element, player: new Player(element, { info() {} }) };
  };

  test("it begins with the first gesture where the browser waits for one", async () => {
    const { element, player } = made(1);
    player.play(new FakeTrack("audio"));
    await until("it was refused", () => element.tries === 1);
    await new Promise((resolve) => setImmediate(resolve));
    document.dispatchEvent(new Event("pointerdown"));
    document.dispatchEvent(new Event("keydown"));
    await until("it plays", () => !element.paused);
    assert.equal(element.tries, 2);
    player.close();
  });

  test("what a telephone paused goes on when the page is seen, and what was closed does not", async () => {
    const { element, player } = made();
    player.play(new FakeTrack("audio"));
    await until("it plays", () => !element.paused);
    document.visibilityState = "hidden";
    element.pause();
    assert.equal(element.paused, true);
    document.visibilityState = "visible";
    document.dispatchEvent(new Event("visibilitychange"));
    await until("it plays", () => !element.paused);
    player.close();
    document.dispatchEvent(new Event("visibilitychange"));
    assert.deepEqual([element.paused, element.tries, element.srcObject], [true, 2, null]);
  });
});
