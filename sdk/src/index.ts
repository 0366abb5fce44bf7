// What the package gives to those who import it.

import * as WebRTC from "./webrtc.js";
import { RoomSession } from "./room/session.js";

export { RoomSession, WebRTC };
/** The names under which applications know it: `Video.RoomSession`. */
export const Video = { RoomSession };
export { RoomSessionRecording } from "./room/recording.js";
export { RoomSessionPlayback } from "./room/playback.js";
export { RoomSessionStream } from "./room/stream.js";
export { RoomSessionCaptions, RoomSessionChat } from "./room/chat.js";
export { RoomSessionLinks } from "./room/links.js";
export { RoomSessionLobby } from "./room/lobby.js";
export { RoomSessionDevice, RoomSessionScreenShare, type ChildEvents, type ChildLeg } from "./room/child.js";
export { exchangeLink, type LinkOptions } from "./links.js";
export { LocalOverlay } from "./view/overlay.js";
export { AuthError, RoomSessionError, type ErrorFacts, type ErrorKind } from "./errors.js";
export { Emitter, type EventMap } from "./emitter.js";
export type { LogLevel } from "./log.js";
export type { DeviceChanges, DeviceKind } from "./webrtc.js";
export type * from "./types/entities.js";
export type * from "./types/events.js";
export type * from "./types/options.js";
export type * from "./types/stats.js";
export type { PlaybackState, RecordingState, StreamState } from "./types/outputs.js";
