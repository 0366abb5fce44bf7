// The examples of the class's documentation as they are printed, but for its misprints, each marked. They are
// compiled against our types, strictly; tests/e2e/examples.test.mjs runs them against the server.

/// <reference types="@rotunda/js/globals" />
import { exchangeLink, RoomSessionError } from "@rotunda/js";
import type { ChatMessage, RoomSession, VideoPositions } from "@rotunda/js";

declare const roomSession: RoomSession;

export async function overview(): Promise<void> {
  const roomSession = new SignalWire.Video.RoomSession({
    token: "<YourRoomToken>",
    rootElement: document.getElementById("myVideoElement"),
  });
  roomSession.on("member.joined", (e) => {
    console.log(`${e.member.name} joined`);
  });
  roomSession.join();
}

export async function underItsOwnName(): Promise<void> {
  const roomSession = new Rotunda.Video.RoomSession({
    token: "<YourRoomToken>",
    rootElement: document.getElementById("myVideoElement"),
  });
  await roomSession.join({ audio: { noiseSuppression: true }, video: false, receiveVideo: true });
}

export async function devices(): Promise<void> {
  await roomSession.addCamera();
  await roomSession.addCamera({
    deviceId: "gOtMHwZdoA6wMlAnhbfTmeRgPAsqa7iw1OwgKYtbTLA=",
  });
  {
    const roomDev = await roomSession.addCamera({
      autoJoin: false,
      width: { min: 1280 },
    });
    await roomDev.join();
  }
  await roomSession.addDevice({ audio: true });
  await roomSession.addMicrophone();
  await roomSession.addMicrophone({
    deviceId: "PIn/IIDDgBUHzJkhRncv1m85hX1gC67xYIgJvvThB3Q=",
  });
  const roomDev = await roomSession.addMicrophone({
    autoJoin: false,
    noiseSuppression: true,
  });
  await roomDev.join();
  await roomSession.updateCamera({
    deviceId: "/o4ZeWzroh+8q0Ds/CFfmn9XpqaHzmW3L/5ZBC22CRg=",
  });
  await roomSession.updateMicrophone({
    deviceId: "/o4ZeWzroh+8q0Ds/CFfmn9XpqaHzmW3L/5ZBC22CRg=",
  });
  await roomSession.updateSpeaker({
    deviceId: "/o4ZeWzroh+8q0Ds/CFfmn9XpqaHzmW3L/5ZBC22CRg=",
  });
}

export async function voices(): Promise<void> {
  const id = "de550c0c-3fac-4efd-b06f-b5b8614b8966"; // you can get this from getMembers()
  await roomSession.audioMute();
  await roomSession.audioMute({ memberId: id });
  await roomSession.audioUnmute();
  await roomSession.audioUnmute({ memberId: id });
  await roomSession.videoMute();
  await roomSession.videoMute({ memberId: id });
  await roomSession.videoUnmute();
  await roomSession.videoUnmute({ memberId: id });
  await roomSession.deaf();
  await roomSession.deaf({ memberId: id });
  await roomSession.undeaf();
  await roomSession.undeaf({ memberId: id });
  await roomSession.setInputSensitivity({ value: 80 });
  await roomSession.setInputSensitivity({ memberId: id, value: 80 });
  await roomSession.setInputVolume({ volume: -10 });
  await roomSession.setInputVolume({ memberId: id, volume: -10 });
  await roomSession.setOutputVolume({ volume: -10 });
  await roomSession.setOutputVolume({ memberId: id, volume: -10 });
}

export async function metadata(): Promise<void> {
  roomSession.on("member.updated", (e) => {
    // We can set an event listener to log changes to the metadata.
    console.log(e.member.meta);
  });
  await roomSession.setMemberMeta({
    memberId: "...",
    meta: { foo: "bar", baz: true },
  });
  // The logger will now print `{ foo: "bar", baz: true }`
  await roomSession.deleteMemberMeta({ memberId: "...", keys: ["foo"] });
  // The logger will now print `{ baz: true }`
  await roomSession.updateMemberMeta({
    memberId: "...",
    meta: { baz: false, t: 10 },
  });
  await roomSession.setMemberMeta({
    meta: {
      email: "joe@example.com",
    },
  });
  await roomSession.setMemberMeta({
    memberId: 'de550c0c-3fac-4efd-b06f-b5b8614b8966', // misprint: the comma is missing
    meta: {
      email: 'joe@example.com'
    }
  })
  roomSession.on("room.updated", (e) => {
    // We can set an event listener to log changes to the metadata.
    console.log(e.room.meta);
  });
  await roomSession.setMeta({ foo: "bar", baz: true });
  // The logger will now print `{ foo: "bar", baz: true }`
  await roomSession.deleteMeta(["foo"]);
  // The logger will now print `{ baz: true }`
  await roomSession.updateMeta({ baz: false, t: 10 });
  await roomSession.setMeta({ foo: "bar" });
  {
    const { meta } = await roomSession.getMemberMeta();
    console.log(meta);
  }
  const { meta } = await roomSession.getMeta();
  console.log(meta);
}

export async function places(): Promise<void> {
  await roomSession.getLayouts()
  await roomSession.getMembers()
  await roomSession.setLayout({ name: "6x6" });
  await roomSession.setMemberPosition({
    memberId: "1bf4d4fb-a3e4-4d46-80a8-3ebfdceb2a60",
    position: "off-canvas",
  });
  await roomSession.setPositions({
    positions: {
      "1bf4d4fb-a3e4-4d46-80a8-3ebfdceb2a60": "reserved-1",
      "e0c5be44-d6c7-438f-8cda-f859a1a0b1e7": "auto",
    },
  });
  const positions: VideoPositions = {
    "self": "reserved-1"
  }
  await roomSession.setPositions({ positions });
  await roomSession.hideVideoMuted();
  await roomSession.showVideoMuted();
  await roomSession.setHideVideoMuted(false);
  const room = roomSession; // misprint: nothing is called `room`
  await room.setPrioritizeHandraise(false)
  await roomSession.setRaisedHand({
    memberId: "de550c0c-3fac-4efd-b06f-b5b86...",
    raised: false
  });
}

export async function produced(): Promise<void> {
  const pl = await roomSession.getPlaybacks();
  if (pl.playbacks.length > 0) {
    console.log(pl.playbacks[0].id, pl.playbacks[0].state); // misprint: `rec` and `recs` are nothing's names
  }
  const recs = await roomSession.getRecordings();
  if (recs.recordings.length > 0) {
    console.log(recs.recordings[0].id, recs.recordings[0].duration);
  }
  const s = await roomSession.getStreams();
  for (const stream of s.streams) {
    console.log(stream.id, stream.url);
  }
  const playback = await roomSession.play({ url: "rtmp://example.com/foo" });
  await playback.stop();
  const rec = await roomSession.startRecording();
  await rec.stop();
  const stream = await roomSession.startStream({ url: "rtmp://example.com" });
  // Stop the stream after 60 seconds
  setTimeout(() => stream.stop(), 60000);
}

export async function people(): Promise<void> {
  await roomSession.demote({
    memberId: "de550c0c-3fac-4efd-b06f-b5b8614b8966",
    mediaAllowed: "all",
  });
  await roomSession.promote({
    memberId: "de550c0c-3fac-4efd-b06f-b5b8614b8966",
    mediaAllowed: "all",
    permissions: [
      "room.self.audio_mute",
      "room.self.audio_unmute",
      "room.self.video_mute",
      "room.self.video_unmute",
      "room.list_available_layouts",
    ],
  });
  await roomSession.lock();
  await roomSession.unlock();
  await roomSession.sendDigits("1");
  const id = "de550c0c-3fac-4efd-b06f-b5b8614b8966"; // you can get this from getMembers()
  await roomSession.removeMember({ memberId: id });
  await roomSession.removeAllMembers();
  await roomSession.hangupAll();
}

export async function screens(): Promise<void> {
  await roomSession.createScreenShareObject({ audio: true, video: true });
  await roomSession.startScreenShare({ audio: true, video: true });
  await roomSession.startScreenShare({
    audio: true,
    video: true,
    layout: "screen-share",
    positions: {
      self: "reserved-1",
    },
  });
}

export async function face(): Promise<void> {
  const canvas = document.createElement("canvas");
  const ctx = canvas.getContext("2d")!; // of the browser's own types: it may be null
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
  await roomSession.setLocalStream(stream);
}

export function listening(): void {
  const heard = (e: { total: number }) => console.log(e.total);
  roomSession.on("room.audience_count", heard).once("room.left", ({ reason }) => console.log(reason));
  roomSession.off("room.audience_count", heard);
  roomSession.removeAllListeners("room.joined");
  roomSession.removeAllListeners();
  roomSession.on("layout.changed", ({ layout }) => console.log(layout.layers[0].position));
  roomSession.on("recording.started", (recording) => void recording.pause());
  roomSession.on("media.connected", () => console.log("connected"));
  // What an application must not be able to write without being told.
  // @ts-expect-error: no such event
  roomSession.on("member.jioned", () => {});
  // @ts-expect-error: no such position
  void roomSession.setMemberPosition({ position: "somewhere" });
  // @ts-expect-error: properties are read, not written
  roomSession.memberId = "";
}

/** As an application written for SDK 3.30 has it. */
export async function former(): Promise<void> {
  const session = new SignalWire.Video.RoomSession({ token: "<YourRoomToken>" });
  const { stream } = await session.startStream({ url: "rtmp://example.com" });
  await stream.stop();
  session.localVideoOverlay.hide();
  if (SignalWire.WebRTC.supportsMediaOutput()) console.log(await SignalWire.WebRTC.getSpeakerDevices());
}

/** What goes beyond the documentation, as docs/sdk has it. */
export async function beyond(): Promise<void> {
  const token = await exchangeLink({ host: "wss://rooms.example", roomName: "lab", key: location.hash.slice(1), userName: "Ann" });
  const room = new Rotunda.Video.RoomSession({ token });
  const shown = new Map<string, ChatMessage>();
  room.on("chat.message", (message) => shown.set(message.id, message));
  room.on("captions.pushed", ({ name, text, final, lang }) => console.log(name, text, final, lang));
  room.on("member.updated.hand_raised_at", ({ member }) => console.log(member.hand_raised_at));
  room.on("lobby.waiting", ({ name }) => console.log(`${name}, wait for a host`));
  room.on("lobby.updated", ({ waiting }) => void room.lobby.admit(waiting.map(({ id }) => id)));
  room.on("member.network_quality", ({ member, network_quality }) => console.log(member.id, network_quality.level));
  await room.join();
  for (const message of await room.chat.list()) shown.set(message.id, message);
  try {
    const { id, at } = await room.chat.send({ text: "hello", to: room.memberList[0]?.id });
    console.log(new Date(at * 1000));
    await room.chat.delete(id);
  } catch (error) {
    if (error instanceof RoomSessionError && error.kind === "too_often") console.log(error.cure);
  }
  await room.captions.push({ text: "hello", final: false, lang: "en-GB" });
  await room.removeMember({ memberId: "1bf4d4fb-a3e4-4d46-80a8-3ebfdceb2a60", keepOut: true });
  // @ts-expect-error: a language is needed
  await room.captions.push({ text: "hello" });
}
