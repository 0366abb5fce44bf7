// What one may ask of a RoomSession: in its constructor, when joining, and of its methods.

import type { LogLevel } from "../log.js";
import type { LinkRole, MediaAllowed, Meta, VideoPosition, VideoPositions } from "./entities.js";

/** Of the constructor. */
export interface RoomSessionOptions {
  /** Room token, made by your application over REST. */
  token: string;
  /** Where the picture goes. Without one there is none, and `remoteStream` can be shown by oneself. */
  rootElement?: HTMLElement | null;
  /** Whether one's own camera is laid over one's own cell, without the delay of the way there and back. Default: true. */
  applyLocalVideoOverlay?: boolean;
  /** STUN and TURN servers instead of those that the server names. */
  iceServers?: RTCIceServer[];
  /** Stream to send instead of camera and microphone. */
  localStream?: MediaStream;
  /** How much is said in the console. Default: `warn`. */
  logLevel?: LogLevel;
  /** Loudspeaker to use. */
  speakerId?: string;
  /** Whether the camera is switched off while it is muted. Default: true. */
  stopCameraWhileMuted?: boolean;
  /** Whether the microphone is switched off while it is muted. Default: true. */
  stopMicrophoneWhileMuted?: boolean;
  /**
   * Constraints of the microphone, or false for none.
   * @deprecated Say it in `join()`.
   */
  audio?: boolean | MediaTrackConstraints;
  /**
   * Constraints of the camera, or false for none.
   * @deprecated Say it in `join()`.
   */
  video?: boolean | MediaTrackConstraints;
  /** Address of the server (`wss://rooms.example/`), where the token does not name it. Default: the page's own. */
  host?: string;
  /** Whether the seat is found again when the page is loaded anew. Default: true. */
  reattach?: boolean;
  /** Whether what is sent is made as large as one's own cell and no larger, and a camera is sent in several sizes. Default: true. */
  adaptUplink?: boolean;
  /** Makes something else of what camera and microphone give, before it is sent or shown. */
  prepareTrack?: PrepareTrack;
  /** Called when the token runs out within two minutes; give another to `updateToken()`, or return it. */
  onRefreshToken?: (session: { updateToken(token: string): Promise<void> }) => Promise<string | void> | string | void;
}

/** What is sent in place of what a device gives. */
export interface PreparedTrack {
  track: MediaStreamTrack;
  /** Called once, when neither it nor the device's own track is needed any more; both were stopped. */
  release(): void;
}

/**
 * Called with each track that a camera or microphone gives: when it is opened first, after each mute, exchange and loss.
 * What it gives is sent in the track's place; nothing, and the track is sent as it is. Where it rejects nothing is sent,
 * and whoever asked for the device is told so with the kind `not_prepared`. It is to keep to `enabled` of the track.
 */
export type PrepareTrack = (track: MediaStreamTrack, kind: "audio" | "video") => Promise<PreparedTrack | undefined> | PreparedTrack | undefined;

/** What gives something up that takes time. */
export interface Abortable {
  /** Gives it up; the promise is rejected with an error of kind `aborted`. */
  signal?: AbortSignal;
}

/** Of `join()`. */
export interface JoinOptions extends Abortable {
  /** Constraints of the microphone; false neither sends nor receives sound unless told otherwise. Default: true. */
  audio?: MediaStreamConstraints["audio"];
  /** Constraints of the camera; false neither sends nor receives a picture unless told otherwise. Default: true. */
  video?: MediaStreamConstraints["video"];
  /**
   * Whether to wait where the room has a lobby, until a host answers; else `join()` is rejected with the kind `lobby`.
   * Default: true.
   */
  lobby?: boolean;
  /** What one calls oneself in the lobby, where the token names nobody. */
  name?: string;
  /** Whether to receive sound. Default: true. */
  receiveAudio?: boolean;
  /** Whether to receive the picture. Default: true. */
  receiveVideo?: boolean;
  /** Whether to send sound; audience never does. Default: true. */
  sendAudio?: boolean;
  /** Whether to send a picture; audience never does. Default: true. */
  sendVideo?: boolean;
}

/** Who is meant; oneself where nobody is named. */
export interface MemberOptions {
  memberId?: string;
}

/** Of `addCamera()` and `addMicrophone()`. */
export type AddTrackOptions = MediaTrackConstraints & Abortable & {
  /** Whether it joins at once, or by its `join()`. Default: true. */
  autoJoin?: boolean;
};

/** Of `updateCamera()` and `updateMicrophone()`. */
export type UpdateTrackOptions = MediaTrackConstraints & Abortable;

/** Of `addDevice()`. */
export interface AddDeviceOptions extends Abortable {
  audio?: boolean | MediaTrackConstraints;
  /** Whether it joins at once, or by its `join()`. Default: true. */
  autoJoin?: boolean;
  video?: boolean | MediaTrackConstraints;
}

/** Of `startScreenShare()`. */
export interface ScreenShareOptions extends Abortable {
  /** Whether the sound of what is shared goes with it. Default: false. */
  audio?: boolean | MediaTrackConstraints;
  /** Whether it joins at once, or by its `join()`. Default: true. */
  autoJoin?: boolean;
  /** Layout to change to as soon as the screen is there. */
  layout?: string;
  /** Positions to assign as soon as the screen is there; `self` is the screen. */
  positions?: VideoPositions;
  video?: boolean | MediaTrackConstraints;
}

/** Of `setLayout()`. */
export interface LayoutOptions {
  name: string;
  positions?: VideoPositions;
}

/** Of `setMemberPosition()`. */
export interface PositionOptions extends MemberOptions {
  position: VideoPosition;
}

/** Of `setInputVolume()` and `setOutputVolume()`. */
export interface VolumeOptions extends MemberOptions {
  /** −50 to 50; 0 is as it comes. */
  volume: number;
}

/** Of `setInputSensitivity()`. */
export interface SensitivityOptions extends MemberOptions {
  /** 0 (never heard) to 100; 30 where nobody said. */
  value: number;
}

/** Of `setMemberMeta()` and `updateMemberMeta()`. */
export interface MemberMetaOptions extends MemberOptions {
  meta: Meta;
}

/** Of `deleteMemberMeta()`. */
export interface DeleteMemberMetaOptions extends MemberOptions {
  keys: string[];
}

/** Of `setRaisedHand()`. */
export interface RaisedHandOptions extends MemberOptions {
  /** Up or down; the opposite of what it is where nothing is said. */
  raised?: boolean;
}

/** Of `removeMember()`. */
export interface RemoveOptions {
  memberId: string;
  /**
   * Whether they stay out: their token, and any of the room link they came by, opens this session no more until it
   * ends. For people; of a screen or a device it is refused. Default: false.
   */
  keepOut?: boolean;
}

/** Of `chat.send()`. */
export interface ChatOptions {
  /** 1 to 2000 characters of plain text; newlines and tabs may be in it. */
  text: string;
  /** Id of the one member it is for. Default: everybody. */
  to?: string;
}

/** Of `links.create()`. */
export interface RoomLinkOptions {
  /** As what it lets in. */
  role: LinkRole;
  /** From when on it opens nothing; who is in by then stays. Default: never. */
  expiresAt?: Date;
  /** How often it may be exchanged for a token, 1 to 100000. Default: as often as one likes. */
  maxUses?: number;
}

/** Of `captions.push()`. */
export interface CaptionOptions {
  /** 1 to 1000 characters of plain text. */
  text: string;
  /** Whether it stays as it is; else the next piece takes its place. Default: true. */
  final?: boolean;
  /** Language tag (RFC 5646), such as `en-GB`. */
  lang: string;
}

/** Of `promote()`. */
export interface PromoteOptions {
  memberId: string;
  joinAudioMuted?: boolean;
  joinVideoMuted?: boolean;
  /** What they may send. */
  mediaAllowed?: MediaAllowed;
  meta?: Meta;
  permissions?: string[];
}

/** Of `demote()`. */
export interface DemoteOptions extends MemberOptions {
  /** What they may receive. */
  mediaAllowed?: MediaAllowed;
}

/** Of `play()`. */
export interface PlayOptions extends Abortable {
  /** http, https, rtmp or rtmps. */
  url: string;
  /** −50 to 50. Default: 0. */
  volume?: number;
  /** Where it begins, in milliseconds. Default: 0. */
  seekPosition?: number;
  /** Positions to assign as it starts; `self` is the playback. */
  positions?: VideoPositions;
  layout?: string;
}

/** Of `startStream()`. */
export interface StartStreamOptions {
  /** rtmp or rtmps; the key is its last part. */
  url: string;
}
