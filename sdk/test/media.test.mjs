// What is sent, and what becomes of devices that are lost, in a browser that the test plays: one as strict as Safari.

import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, mock, test } from "node:test";

import { RoomSession } from "../dist/index.js";
import { FakeTrack, install, replace, restore, until } from "./lib/fakes.mjs";
import { inner } from "./lib/inner.mjs";

const OWN = { id: "me", name: "Ann", type: "member" };
const camera = (width, height) => new FakeTrack("video", { width, height });

describe("how much is sent", () => {
  let uplink;
  before(async () => {
    uplink = await inner("media/uplink.ts");
  });
  beforeEach(() => void install());
  afterEach(restore);

  const layout = (height) => ({ layers: [{ member_id: "me", width: height, height }] });
  const canvas = (height) => ({ width: (height * 16) / 9, height });

  test("it is as large as the cell on the canvas, as often as it is drawn, and little where there is no cell", () => {
    const rows = [
      [layout(100), canvas(720), { height: 720, kbps: 2028, framesPerSecond: 20 }],
      [layout(100), canvas(180), { height: 720, kbps: 2028, framesPerSecond: 20 }],
      [layout(100), canvas(1080), { height: 1080, kbps: 2500, framesPerSecond: 30 }],
      [layout(50), canvas(720), { height: 360, kbps: 507, framesPerSecond: 20 }],
      [layout(100 / 6), canvas(720), { height: 120, kbps: 120, framesPerSecond: 20 }],
      [{ layers: [] }, canvas(720), { height: 90, kbps: 60, framesPerSecond: 5 }],
    ];
    for (const [arranged, on, wanted] of rows) assert.deepEqual(uplink.uplinkFor(arranged, "me", on), wanted);
  });

  test("a camera is offered in as many sizes as it is large enough for, the smallest first, and in WebKit in one", () => {
    const sizes = (track) => uplink.sizesOf(track)?.map(({ rid, scaleResolutionDownBy }) => `${rid} ${scaleResolutionDownBy}`);
    assert.deepEqual(sizes(camera(1280, 720)), ["q 4", "h 2", "f 1"]);
    assert.deepEqual(sizes(camera(720, 1280)), ["q 4", "h 2", "f 1"]);
    assert.deepEqual(sizes(camera(640, 360)), ["h 2", "f 1"]);
    for (const track of [camera(320, 180), null, {}]) assert.equal(sizes(track), undefined);
    replace("navigator", { vendor: "Apple Computer, Inc." });
    assert.equal(sizes(camera(1280, 720)), undefined);
  });

  test("of several changes at once the last one counts, and each is made of parameters that were just read", async () => {
    const peer = new RTCPeerConnection();
    peer.addTransceiver(camera(1280, 720), { direction: "sendrecv", sendEncodings: uplink.sizesOf(camera(1280, 720)) });
    const [{ sender }] = peer.getTransceivers();
    const want = (height) => uplink.apply(sender, { height, kbps: 1000, framesPerSecond: 20 });
    await want(720);
    assert.deepEqual(sender.changes, [], "there is nothing to change before the answer");
    peer.remoteDescription = {};
    await Promise.all([want(720), want(240), want(360)]);
    const shown = sender.changes.map((list) => list.map(({ rid, active, scaleResolutionDownBy: scale }) => `${rid} ${active} ${scale}`));
    assert.deepEqual(shown, [["q true 4", "h true 2", "f true 1"], ["q true 8", "h true 4", "f true 2"]]);
    assert.deepEqual(sender.changes[1].map(({ maxBitrate, maxFramerate }) => [maxBitrate, maxFramerate]), [[62_500, 20], [250_000, 20], [1_000_000, 20]]);
    await want(350);
    assert.equal(sender.changes.length, 2, "a few lines are not worth a key frame");
    await want(120);
    assert.deepEqual(sender.changes[2].map(({ active }) => active), [false, false, true], "what is too small for a face is not sent");
    sender.track = camera(640, 360);
    await want(360);
    assert.deepEqual(sender.changes[3].map(({ active, scaleResolutionDownBy: scale }) => [active, scale]), [[true, 2], [true, 1], [false, 1]]);
  });
});

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
  const arrange = (height) => server.tell("video.layout.changed", { room_id: "r", room_session_id: "s", layout: { layers: [{ member_id: "me", width: height, height, visible: true }] } });
  const see = (visibilityState) => {
    document.visibilityState = visibilityState;
    document.dispatchEvent(new Event("visibilitychange"));
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  test("a layout that comes before the answer is followed as soon as it is there", async () => {
    await come({ answers: { "verto.invite": () => (arrange(50), {}) } });
    await until("it is sized", () => sender("video").changes.length === 1);
    const [[quarter, half, whole]] = sender("video").changes;
    assert.deepEqual([quarter.rid, half.rid, whole.rid, whole.scaleResolutionDownBy, whole.maxFramerate], ["q", "h", "f", 2, 20]);
  });

  test("in WebKit a camera is offered once, and sized all the same", async () => {
    await come({ vendor: "Apple Computer, Inc." });
    arrange(50);
    await until("it is sized", () => sender("video").changes.length === 1);
    assert.deepEqual(sender("video").changes[0].map(({ rid, scaleResolutionDownBy: scale }) => [rid, scale]), [[undefined, 2]]);
  });

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
