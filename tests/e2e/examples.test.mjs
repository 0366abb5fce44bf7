// The examples of the RoomSession reference, run as they are printed: only ids, tokens and device
// names are filled in. What differs from the page is in docs/compat/deviations.md, line by line.
// Each row is the code and what must come of it for somebody else.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, test } from "node:test";

import { losesColour, losesHz, ORANGE, PURPLE, seesColour, SKY } from "./lib/legs.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { until, within } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

// What the reference says the examples need, in its spelling, and the lock's two from the REST API.
const NEEDED = [
  "room.self.additional_source", "room.self.screenshare",
  ...["audio_mute", "audio_unmute", "video_mute", "deaf", "set_input_sensitivity", "set_input_volume", "set_output_volume", "set_meta", "set_position"]
    .flatMap((verb) => [`room.self.${verb}`, `room.member.${verb}`]),
  "room.set_meta", "room.member.demote", "room.member.promote", "room.member.remove", "room.list_available_layouts",
  "room.hide_video_muted", "room.show_video_muted", "room.set_layout", "room.set_position",
  "room.recording", "room.playback", "room.stream", "video.prioritize_handraise", "video.member.raisehand", "video.member.lowerhand", "room.lock", "room.unlock",
];
const LIGHTBLUE = [173, 216, 230];
const port = await freePort();

describe("the reference's examples", () => {
  // The token names the server, so that the page's own first lines need no more than the token.
  const it = world("examples", { server: { ports: { http: port }, args: ["--public-url", `ws://127.0.0.1:${port}`] } });
  const room = fresh("examples");
  const [one, two, extra] = tones(3);
  let ann, ben, eve, log;

  test("Creates a RoomSession, listens for members and joins", { timeout: 90_000 }, async () => {
    ann = await it.participant("Ann", { tone: one, colour: ORANGE });
    const token = await it.rest.token({ room_name: room, user_name: "Ann", permissions: NEEDED });
    await ann.page.evaluate(() => { document.getElementById("root").innerHTML = '<div id="myVideoElement"></div>'; });
    await ann.page.evaluate(evaluate, [`
      const roomSession = new SignalWire.Video.RoomSession({
        token: "<YourRoomToken>",
        rootElement: document.getElementById("myVideoElement"),
      });
      roomSession.on("member.joined", (e) => {
        console.log(\`\${e.member.name} joined\`);
      });
      roomSession.join();
      lab.adopt(roomSession);`.replace("<YourRoomToken>", token)]);
    await until("Ann is in", async () => Object.assign(ann, await ann.page.evaluate(() => lab.facts())).memberId);
    assert.deepEqual(ann.permissions.length, NEEDED.length);
    ben = await it.joined("Ben", room, { tone: two, colour: SKY, token: { permissions: [] } });
    await until("she logs it", () => ann.said.some((line) => line === "log: Ben joined"));
    await ann.hears(ben);
    await ben.hears(ann);
    await seesColour(ben, ann.memberId, ORANGE);
  });

  test("microphones", { timeout: 60_000 }, async () => {
    await run("await roomSession.audioMute();");
    await ben.losesTone(ann);
    await run("await roomSession.audioUnmute();");
    await ben.hears(ann);
    await run(`const id = "ID"; // you can get this from getMembers()
      await roomSession.audioMute({ memberId: id });`);
    await ann.losesTone(ben);
    await run(`const id = "ID"; // you can get this from getMembers()
      await roomSession.audioUnmute({ memberId: id });`);
    await ann.hears(ben);
  });

  test("cameras", { timeout: 60_000 }, async () => {
    await run("await roomSession.videoMute();");
    await losesColour(ben, ann.memberId, ORANGE);
    await run("await roomSession.videoUnmute();");
    await seesColour(ben, ann.memberId, ORANGE);
    await run(`const id = "ID"; // you can get this from getMembers()
      await roomSession.videoMute({ memberId: id });`);
    await losesColour(ann, ben.memberId, SKY);
    const cells = async () => (await ben.layout()).layers.filter((layer) => layer.member_id).length;
    for (const [hide, show] of [["hideVideoMuted()", "showVideoMuted()"], ["setHideVideoMuted(true)", "setHideVideoMuted(false)"]]) {
      await run(`await roomSession.${hide};`);
      await until(hide, async () => (await cells()) === 1);
      await run(`await roomSession.${show};`);
      await until(show, async () => (await cells()) === 2);
    }
    await run(`const id = "ID"; // you can get this from getMembers()
      await roomSession.videoUnmute({ memberId: id });`);
    await seesColour(ann, ben.memberId, SKY);
  });

  test("deafness", { timeout: 60_000 }, async () => {
    await run("await roomSession.deaf();");
    await ann.losesTone(ben);
    await ben.losesTone(ann);
    await run("await roomSession.undeaf();");
    await ann.hears(ben);
    await ben.hears(ann);
    await run(`const id = "ID"; // you can get this from getMembers()
      await roomSession.deaf({ memberId: id });`);
    await ben.losesTone(ann);
    await run(`const id = "ID"; // you can get this from getMembers()
      await roomSession.undeaf({ memberId: id });`);
    await ben.hears(ann);
  });

  test("volumes and sensitivity", { timeout: 60_000 }, async () => {
    for (const [method, ear, mouth] of [["setInputVolume", () => ben, () => ann], ["setOutputVolume", () => ann, () => ben]]) {
      await run(`await roomSession.${method}({ volume: -10 });`);
      await heardAt(ear(), mouth(), -10);
      await run(`await roomSession.${method}({ volume: 0 });`);
      await ear().hears(mouth());
    }
    await run(`const id = "ID"; // you can get this from getMembers()
      await roomSession.setInputVolume({ memberId: id, volume: -10 });
      await roomSession.setOutputVolume({ memberId: id, volume: -10 });`);
    await heardAt(ann, ben, -10);
    await heardAt(ben, ann, -10);
    await run(`await roomSession.setInputVolume({ memberId: "ID", volume: 0 });
      await roomSession.setOutputVolume({ memberId: "ID", volume: 0 });`);
    await run(`await roomSession.setInputSensitivity({ value: 80 });
      const id = "ID"; // you can get this from getMembers()
      await roomSession.setInputSensitivity({ memberId: id, value: 80 });`);
    assert.deepEqual((await members()).map((member) => member.input_sensitivity), [80, 80]);
    await ann.hears(ben);
  });

  test("meta", { timeout: 60_000 }, async () => {
    await ofRoom(`
      roomSession.on("room.updated", (e) => {
        // We can set an event listener to log changes to the metadata.
        log(e.room.meta);
      });
      await roomSession.setMeta({ foo: "bar", baz: true });
      await roomSession.updateMeta({ baz: false, t: 10 });
      await roomSession.setMeta({ foo: "bar", baz: true });
      await roomSession.deleteMeta(["foo"]);`, "room.updated");
    assert.deepEqual(await run("const { meta } = await roomSession.getMeta(); return meta;"), { baz: true });
    await ofRoom(`
      roomSession.on("member.updated", (e) => {
        // We can set an event listener to log changes to the metadata.
        log(e.member.meta);
      });
      await roomSession.setMemberMeta({
        memberId: "ID",
        meta: { foo: "bar", baz: true },
      });
      await roomSession.updateMemberMeta({
        memberId: "ID",
        meta: { baz: false, t: 10 },
      });
      await roomSession.setMemberMeta({
        memberId: "ID",
        meta: { foo: "bar", baz: true },
      });
      await roomSession.deleteMemberMeta({ memberId: "ID", keys: ["foo"] });`, "member.updated");
    await run(`await roomSession.setMemberMeta({
      meta: {
        email: "joe@example.com",
      },
    });`);
    assert.deepEqual(await run("const { meta } = await roomSession.getMemberMeta(); return meta;"), { email: "joe@example.com" });
    await run(`await roomSession.setMemberMeta({
      memberId: 'ID', // you can get this from getMembers()
      meta: {
        email: 'joe@example.com'
      }
    })`);
    assert.deepEqual((await members()).map(({ meta }) => meta.email), ["joe@example.com", "joe@example.com"]);
  });

  test("recordings, and their file by REST", { timeout: 60_000 }, async () => {
    await run(`const rec = await roomSession.startRecording();
      await rec.stop();`);
    const told = () => ann.frames.map(({ message }) => message.params?.event_type).filter((name) => name?.startsWith("video.recording."));
    await until("both are told", () => told().length === 2);
    assert.deepEqual(told(), ["video.recording.started", "video.recording.ended"]);
    await run(`const recs = await roomSession.getRecordings();
      if (recs.recordings.length > 0) {
        console.log(recs.recordings[0].id, recs.recordings[0].duration);
      }`);
    const printed = await until("id and duration are logged", () => ann.said.map((line) => /^log: ([0-9a-f-]{36}) (\S+)$/.exec(line)).find(Boolean));
    assert.ok(Number(printed[2]) >= 0, printed[0]);
    const file = async () => (await it.rest.get(`/room_recordings/${printed[1]}`)).body;
    await until("it has a link", async () => (await file()).uri);
  });

  test("playbacks", { timeout: 60_000 }, async () => {
    const since = await ben.mark();
    await run(`const playback = await roomSession.play({ url: "rtmp://example.com/foo" });
      await playback.stop();`);
    const plays = ({ layout }) => layout.layers.some((layer) => layer.playing_file);
    await ben.event("layout.changed", plays, { since });
    await until("its place is free", async () => !plays({ layout: await ben.layout() }));
    const told = () => ann.frames.map(({ message }) => message.params?.event_type).filter((name) => name?.startsWith("video.playback."));
    await until("both are told", () => told().length === 2);
    assert.deepEqual(told(), ["video.playback.started", "video.playback.ended"]);
    await run(`const pl = await roomSession.getPlaybacks();
      if (pl.playbacks.length > 0) {
        console.log(pl.playbacks[0].id, pl.playbacks[0].state);
      }`);
    await until("id and state are logged", () => ann.said.some((line) => /^log: [0-9a-f-]{36} completed$/.test(line)));
  });

  test("streams", { timeout: 60_000 }, async () => {
    await run(`const { stream } = await roomSession.startStream({ url: "rtmp://example.com" });
      window.printed = stream.id;
      const s = await roomSession.getStreams();
      for (const stream of s.streams) {
        console.log(stream.id, stream.url);
      }
      await stream.stop();`);
    const told = () => ann.frames.map(({ message }) => message.params?.event_type).filter((name) => name?.startsWith("video.stream."));
    await until("both are told", () => told().length === 2);
    assert.deepEqual(told(), ["video.stream.started", "video.stream.ended"]);
    await until("id and url are logged", () => ann.said.some((line) => /^log: [0-9a-f-]{36} rtmp:\/\/example.com$/.test(line)));
  });

  test("layouts, places and hands", { timeout: 60_000 }, async () => {
    const { layouts } = await run("return await roomSession.getLayouts()");
    const printed = ["8x8", "2x1", "1x1", "5up", "5x5", "4x4", "10x10", "2x2", "6x6", "3x3", "grid-responsive", "highlight-1-responsive"];
    assert.deepEqual(printed.filter((name) => !layouts.includes(name)), []);
    await run('await roomSession.setLayout({ name: "6x6" });');
    await ben.event("layout.changed", ({ layout }) => layout.name === "6x6" && layout.layers.length === 36);
    await run(`await roomSession.setPositions({
      positions: {
        "ID": "reserved-1",
        "${ann.memberId}": "auto",
      },
    });`);
    assert.deepEqual((await members()).map((member) => member.requested_position), ["auto", "reserved-1"]);
    await run('await roomSession.setLayout({ name: "grid-responsive" });');
    await run(`await roomSession.setMemberPosition({
      memberId: "ID",
      position: "off-canvas",
    });`);
    await until("Ben has no cell", async () => !(await ben.layout()).layers.some((layer) => layer.member_id === ben.memberId));
    await ann.hears(ben);
    await run(`await roomSession.setMemberPosition({ memberId: "ID", position: "auto" });`);
    await run("await roomSession.setRaisedHand({ memberId: \"ID\" });");
    assert.deepEqual((await members()).map((member) => member.handraised), [false, true]);
    await run(`await roomSession.setRaisedHand({
      memberId: "ID",
      raised: false
    });`);
    assert.deepEqual((await members()).map((member) => member.handraised), [false, false]);
    const since = await ben.mark();
    await run("const room = roomSession; await room.setPrioritizeHandraise(true); await room.setPrioritizeHandraise(false)");
    await ben.event("room.updated", ({ room: changed }) => changed.prioritize_handraise === false, { since });
  });

  test("further cameras, microphones and screens", { timeout: 120_000 }, async () => {
    for (const [code, wish] of [
      ["return roomSession.addCamera();", { colour: PURPLE }],
      ['return roomSession.addCamera({ deviceId: "gOtMHwZdoA6wMlAnhbfTmeRgPAsqa7iw1OwgKYtbTLA=" });', { colour: PURPLE }],
      ["const roomDev = await roomSession.addCamera({ autoJoin: false, width: { min: 1280 } }); await roomDev.join(); return roomDev;", { colour: PURPLE }],
      ["return roomSession.addDevice({ audio: true });", { hz: extra }],
      ["return roomSession.addMicrophone();", { hz: extra }],
      ['return roomSession.addMicrophone({ deviceId: "PIn/IIDDgBUHzJkhRncv1m85hX1gC67xYIgJvvThB3Q=" });', { hz: extra }],
      ["const roomDev = await roomSession.addMicrophone({ autoJoin: false, noiseSuppression: true }); await roomDev.join(); return roomDev;", { hz: extra }],
      ["return roomSession.createScreenShareObject({ audio: true, video: true });", { colour: PURPLE, hz: extra }],
      ["return roomSession.startScreenShare({ audio: true, video: true });", { colour: PURPLE, hz: extra }],
      [`return roomSession.startScreenShare({
        audio: true,
        video: true,
        layout: "screen-share",
        positions: {
          self: "reserved-1",
        },
      });`, { colour: PURPLE, hz: extra }],
    ]) await child(code, wish);
    assert.equal((await ben.layout()).name, "grid-responsive");
  });

  test("devices of one's own", { timeout: 60_000 }, async () => {
    for (const kind of ["Camera", "Microphone"]) {
      await run(`await roomSession.update${kind}({
        deviceId: "/o4ZeWzroh+8q0Ds/CFfmn9XpqaHzmW3L/5ZBC22CRg=",
      });`);
    }
    await ben.hears(ann);
    await seesColour(ben, ann.memberId, ORANGE);
    await ann.page.evaluate(touchDrawings);
    await run(FACE);
    await until("the face is seen", async () => {
      const { x, y, width, height } = (await ben.layout()).layers.find((layer) => layer.member_id === ann.memberId);
      const rgb = await ben.page.evaluate((r) => lab.rectangle(r), { x: x + width * 0.48, y: y + height * 0.5, width: width * 0.04, height: height * 0.04 });
      if (rgb.every((value, i) => Math.abs(value - LIGHTBLUE[i]) <= 40)) return true;
      throw new Error(`${rgb}`);
    });
  });

  test("the lock, digits, promote and demote", { timeout: 90_000 }, async () => {
    eve = await it.joined("Eve", room, { tone: extra, colour: PURPLE, token: { join_as: "audience", permissions: undefined } });
    await run("await roomSession.lock();");
    const token = await it.rest.token({ room_name: room, user_name: "Fay", permissions: [] });
    const fay = await it.participant("Fay", { tone: extra });
    assert.equal((await fay.tryJoin({ token, host: it.server.ws })).error.message, "Room is locked");
    await run("await roomSession.unlock();");
    await run('await roomSession.sendDigits("1");');
    const digits = async () => (await it.rest.get(`/room_sessions/${ann.roomSessionId}/events`)).body.data.some(({ name }) => name === "member.digits");
    await until("the digit is among the events", digits);
    await run(`await roomSession.promote({
      memberId: "ID",
      mediaAllowed: "all",
      permissions: [
        "room.self.audio_mute",
        "room.self.audio_unmute",
        "room.self.video_mute",
        "room.self.video_unmute",
        "room.list_available_layouts",
      ],
    });`, eve.memberId);
    await seesColour(ben, eve.memberId, PURPLE);
    await run(`await roomSession.demote({
      memberId: "ID",
      mediaAllowed: "all",
    });`, eve.memberId);
    await eve.event("member.demoted");
    await until("she is in nobody's list", async () => (await members()).length === 2);
  });

  test("removing, and hanging up all", { timeout: 60_000 }, async () => {
    await run(`const id = "ID"; // you can get this from getMembers()
      await roomSession.removeMember({ memberId: id });`);
    await ben.event("room.left");
    const cid = await it.joined("Cid", room, { tone: extra, colour: SKY, token: { permissions: [] } });
    await run("await roomSession.hangupAll();");
    await cid.event("room.left");
    await eve.event("room.left");
    const dan = await it.joined("Dan", room, { tone: extra, colour: SKY, token: { permissions: ["room.member.remove"] } });
    await dan.page.evaluate(evaluate, ["await roomSession.removeAllMembers();"]);
    await dan.event("room.left");
    const sessions = async () => (await it.rest.get("/room_sessions")).body.data.filter(({ status }) => status === "in-progress");
    await until("no session is left", async () => (await sessions()).length === 0);
  });

  /** Runs an example on Ann's page; ID is Ben, or whom it is about. */
  function run(code, id = ben.memberId) {
    return within(20_000, code.split("\n")[0], ann.page.evaluate(evaluate, [code.replaceAll("ID", id)]));
  }

  const members = async () => (await run("return await roomSession.getMembers();")).members.filter(({ parent_id: parent }) => !parent);

  /** The logger prints what the reference says, in that order. */
  async function ofRoom(code, event) {
    await ann.page.evaluate(() => { lab.logged = []; });
    await run(code);
    const expected = [{ foo: "bar", baz: true }, { foo: "bar", baz: false, t: 10 }, { foo: "bar", baz: true }, { baz: true }];
    await until("all of it is logged", async () => {
      log = await ann.page.evaluate(() => lab.logged);
      const once = log.filter((value, i) => JSON.stringify(value) !== JSON.stringify(log[i - 1]));
      assert.deepEqual(once.map(sorted), expected.map(sorted));
      return true;
    });
    await run(`roomSession.removeAllListeners("${event}")`);
  }

  /** Adds a leg by an example, feels it, and lets it go. */
  async function child(code, wish) {
    const asked = code.replace(/\s+/g, " ");
    const id = await within(25_000, asked, ann.page.evaluate(addByExample, [code, wish]));
    if (wish.colour) await seesColour(ben, id, wish.colour);
    if (wish.hz) await until(`${asked} is heard`, async () => (await ben.levels([wish.hz]))?.[0] > -30);
    const since = await ben.mark();
    await ann.page.evaluate(() => lab.newest.leave());
    await ben.event("member.left", ({ member }) => member.id === id, { since });
    if (wish.hz) await losesHz(ben, wish.hz);
  }

  async function heardAt(ear, mouth, volume) {
    await until(`${ear.name} hears ${mouth.name} ${volume} dB`, async () => {
      const [level] = (await ear.levels([mouth.tone])) ?? [NaN];
      if (Math.abs(level - mouth.dbfs - volume) <= 2) return true;
      throw new Error(`${level}`);
    }, { every: 150 });
  }
});

const sorted = (object) => Object.entries(object).sort();

const FACE = `
  const canvas = document.createElement("canvas");
  const ctx = canvas.getContext("2d");
  // Set canvas size
  canvas.width = 400;
  canvas.height = 400;
  // Draw circle
  ctx.beginPath();
  ctx.arc(200, 200, 150, 0, 2 * Math.PI);
  ctx.fillStyle = "lightblue";
  ctx.fill();
  // Draw eyes
  ctx.beginPath();
  ctx.arc(150, 150, 30, 0, 2 * Math.PI);
  ctx.arc(250, 150, 30, 0, 2 * Math.PI);
  ctx.fillStyle = "black";
  ctx.fill();
  // Get the media stream
  const stream = canvas.captureStream(25); // 25 FPS
  // Stream the canvas
  await roomSession.setLocalStream(stream);`;

/**
 * In the page: what is drawn once is touched now and then while its stream is taken. Chromium (156) hands a
 * canvas' only picture to nobody when it comes before the connection has taken the track, which was three
 * times in thirty: its own statistics (`media-source`) know no picture then, so no server can ask for it.
 */
function touchDrawings() {
  const capture = HTMLCanvasElement.prototype.captureStream;
  HTMLCanvasElement.prototype.captureStream = function (...args) {
    const pen = this.getContext("2d");
    setInterval(() => pen.clearRect(0, 0, 1, 1), 500);
    return capture.apply(this, args);
  };
}

/** In the page: runs the text of an example with the session at hand. */
async function evaluate([code]) {
  const Example = Object.getPrototypeOf(async () => {}).constructor;
  const log = (value) => (lab.logged ??= []).push(JSON.parse(JSON.stringify(value ?? null)));
  const value = await new Example("roomSession", "log", `{${code}}`)(lab.session, log);
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

/** In the page: an example that adds a leg, with the device it is to find. */
async function addByExample([code, wish]) {
  const Example = Object.getPrototypeOf(async () => {}).constructor;
  return lab.withDevice(wish, async () => {
    lab.newest = await new Example("roomSession", `{${code}}`)(lab.session);
    while (!lab.newest.memberId) await new Promise((resolve) => setTimeout(resolve, 50));
    return lab.newest.memberId;
  });
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: free } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return free;
}
