// One stay in the room: our own SDK's session, and what the page draws of it as signals. Whoever draws reads
// signals and calls what stands in `actions.ts`; nobody else hears the session.

import { signal } from "@preact/signals";
import { type ChatMessage, type LobbyWaiter, RoomSession, type RoomSessionScreenShare, type VideoLayout, type VideoMemberEntity } from "../../../sdk/src/index.ts";
import { socket } from "../address.ts";
import { prepare } from "../effects/effects.ts";
import * as devices from "../entry/devices.ts";
import type { Pass } from "../entry/pass.ts";
import { aboutRefusal, type Problem } from "../failures.ts";
import { hearLobby } from "../panels/lobby.tsx";
import { announceEvents } from "./announce.ts";
import { hearCaptions } from "./captions.tsx";
import { hearChat } from "./chat.ts";
import { hearEnd } from "./ending.ts";
import { hearLine } from "./line.ts";
import { hearPeople } from "./hearing.ts";
import { hearOutputs, type Running } from "./outputs.ts";

/** What can stand beside the picture. */
export type Panel = "people" | "chat" | "manage";

/** How good somebody's line is. */
export type Level = "good" | "fair" | "poor";

/** Everything that is drawn of a stay. */
export function makeStay(session: RoomSession, stage: HTMLElement, pass: Pass) {
  return {
    session,
    /** The element in which the SDK shows the canvas. */
    stage,
    pass,
    selfId: signal(""),
    members: signal<VideoMemberEntity[]>([]),
    talking: signal<ReadonlySet<string>>(new Set()),
    lines: signal<ReadonlyMap<string, Level>>(new Map()),
    /** Since when hands are up, by member, in seconds. */
    hands: signal<ReadonlyMap<string, number>>(new Map()),
    layout: signal<VideoLayout | null>(null),
    room: signal({ name: pass.facts.room, locked: false, recording: false, streaming: false, audience: 0 }),
    permissions: signal<ReadonlySet<string>>(new Set()),
    isAudience: signal(pass.facts.watches),
    /** What is wrong with the connection, in words; empty while all is well. */
    banner: signal(""),
    /** How weak one's own line is, in words. */
    weakness: signal(""),
    /** What is read to those who do not see. */
    said: signal(""),
    problem: signal<Problem | null>(null),
    isMirrored: signal(true),
    /** Which kinds one sends at all, muted or not. */
    sends: signal({ audio: false, video: false }),
    /** One's own screen, while it is shared. */
    share: signal<RoomSessionScreenShare | null>(null),
    /** What was written, the oldest first; how much of it is unread; whether there is a chat for oneself. */
    chat: signal<readonly ChatMessage[]>([]),
    unread: signal(0),
    hasChat: signal(false),
    /** Who waits outside, for whoever may let them in. */
    lobby: signal<readonly LobbyWaiter[]>([]),
    /** What is recorded, streamed and played. */
    running: signal<Running>({ recordings: [], streams: [], playbacks: [] }),
    /** Which of the panels is open. */
    panel: signal<Panel | null>(null),
    /** Whether one asked to leave. */
    isLeaving: signal(false),
    /** Called once, when the stay is over. */
    ended: signal<((problem: Problem | null) => void) | null>(null),
  };
}

/** A stay in the room. */
export type Stay = ReturnType<typeof makeStay>;

/** How somebody goes in. */
export interface Entering {
  camera: boolean;
  /** Gives it up. */
  signal: AbortSignal;
  /** A host has to let one in, which may take long. */
  waits: () => void;
}

/** Goes in. Rejects with the SDK's own error. */
export async function enter(pass: Pass, { camera, signal: given, waits }: Entering): Promise<Stay> {
  const stage = document.createElement("div");
  stage.className = "stage";
  const speaker = devices.chosen.value.speaker;
  const isSpeakerThere = devices.devices.value.speaker.some(({ deviceId }) => deviceId === speaker);
  const session = new RoomSession({
    token: pass.token,
    host: socket,
    rootElement: stage,
    prepareTrack: prepare,
    ...(speaker && isSpeakerThere ? { speakerId: speaker } : {}),
  });
  const stay = makeStay(session, stage, pass);
  for (const hear of [hearPeople, hearLine, hearChat, hearCaptions, hearOutputs, hearLobby, announceEvents, hearEnd]) hear(stay);
  session.on("session.error", (error) => {
    if (error.kind === "not_prepared") stay.problem.value = aboutRefusal(error);
  });
  const asked = joinOptions(pass.facts.watches, camera);
  session.on("lobby.waiting", waits);
  devices.close();
  try {
    await session.join({ ...asked, signal: given });
  } catch (error) {
    session.destroy();
    throw error;
  }
  stay.sends.value = { audio: asked.sendAudio, video: asked.sendVideo };
  session.localOverlay.setMirrored(stay.isMirrored.value);
  return stay;
}

/** Both kinds are received, whatever is sent. */
function joinOptions(watches: boolean, camera: boolean) {
  const audio = !watches && devices.constraints("microphone");
  const video = !watches && camera && devices.constraints("camera");
  return {
    audio: audio || true,
    video: video || true,
    sendAudio: Boolean(audio),
    sendVideo: Boolean(video),
    receiveAudio: true,
    receiveVideo: true,
  };
}
