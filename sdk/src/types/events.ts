// Every event of a RoomSession and what its listeners get.

import type { RoomSessionError } from "../errors.js";
import type { RoomSessionPlayback } from "../room/playback.js";
import type { RoomSessionRecording } from "../room/recording.js";
import type { RoomSessionStream } from "../room/stream.js";
import type {
  Authorization,
  ChatMessage,
  LobbyWaiter,
  RoomSessionFacts,
  RoomUpdate,
  VideoLayout,
  VideoMemberEntity,
  VideoMemberUpdate,
} from "./entities.js";
import type { RoomSessionStats } from "./stats.js";
import type * as Wire from "./wire.generated.js";

/** What every event of a room names. */
export interface RoomEvent {
  room_session_id: string;
  room_id: string;
}

/** A camera, microphone or loudspeaker that is gone. */
export interface DeviceDisconnectedEvent {
  label: string;
  deviceId: string;
}

/** One device took another's place. */
export interface DeviceUpdatedEvent {
  current: DeviceDisconnectedEvent;
  previous: DeviceDisconnectedEvent;
}

/** The canvas is arranged otherwise. */
export interface LayoutChangedEvent extends RoomEvent {
  layout: VideoLayout;
}

/** Somebody came. */
export interface MemberJoinedEvent extends RoomEvent {
  member: VideoMemberEntity;
}

/** Somebody left. */
export interface MemberLeftEvent extends RoomEvent {
  member: VideoMemberEntity;
}

/** Something about a member changed; `member.updated` names what. */
export interface MemberUpdatedEvent extends RoomEvent {
  member: VideoMemberUpdate;
}

/** Somebody began or stopped talking. */
export interface MemberTalkingEvent extends RoomEvent {
  member: Wire.TalkingMember;
}

/** One's own standing changed. After a restart of the server it is told without the names of the room. */
export interface MemberStandingEvent extends Partial<RoomEvent> {
  member_id: string;
  authorization: Authorization;
}

/** Everybody in the room. */
export interface MemberListUpdatedEvent {
  members: VideoMemberEntity[];
}

/** How many look on. */
export interface AudienceCountEvent extends RoomEvent {
  total: number;
}

/** A session as it was when one came in. */
export interface JoinedRoomSession extends RoomSessionFacts {
  members: VideoMemberEntity[];
  recordings?: RoomSessionRecording[];
  playbacks?: RoomSessionPlayback[];
  streams?: RoomSessionStream[];
}

/** One is in the room. */
export interface RoomJoinedEvent {
  call_id: string;
  member_id: string;
  room_session: JoinedRoomSession;
  /** The same, under the name that older applications read. */
  room: JoinedRoomSession;
}

/** One is not in the room any more. */
export interface RoomLeftEvent {
  /** `RECONNECTION_ATTEMPT_TIMEOUT` when the connection was lost for good. */
  reason?: "RECONNECTION_ATTEMPT_TIMEOUT";
}

/** The room changed; `room.updated` names what. */
export interface RoomUpdatedEvent extends RoomEvent {
  room: RoomUpdate;
  /** The session but for people and outputs, with what did not change, too. */
  room_session: RoomSessionFacts & { updated: string[] };
}

/** A session began or ended. */
export interface RoomStartedEvent extends Partial<RoomEvent> {
  room?: Partial<RoomSessionFacts>;
  room_session?: Partial<RoomSessionFacts>;
}

/** How good somebody's line is. */
export interface NetworkQualityEvent extends RoomEvent {
  member: Wire.MemberName;
  network_quality: Wire.LineQuality;
}

/** Figures of one direction of a line; what nobody reported is `null`. */
export interface LineFigures extends Wire.LineWay {}

/** Somebody wrote something, or it was deleted: whoever replaces by `id` needs no second case. */
export interface ChatMessageEvent extends RoomEvent, ChatMessage {}

/** What somebody says, in letters. */
export interface CaptionEvent extends RoomEvent, Wire.Caption {}

/** Who waits in the lobby, the first first: the whole line, whatever changed. */
export interface LobbyUpdatedEvent extends RoomEvent {
  waiting: LobbyWaiter[];
}

/** How the connection does, as a whole. */
export interface ConnectionChangedEvent {
  /** `interrupted`: something is lost and it is tried to get it back; `lost`: it was given up. */
  state: "connected" | "interrupted" | "lost";
  /** Whether the server can be asked for things. */
  signalling: boolean;
  /** Whether sound and picture come. */
  media: boolean;
}

/** Events of a {@link RoomSession}, each with what its listeners are called with. */
export interface RoomSessionEvents {
  /** A camera was pulled out, or taken by another program. */
  "camera.disconnected": [e: DeviceDisconnectedEvent];
  /** Another camera is used: after `updateCamera()`, or because the one before is gone. */
  "camera.updated": [e: DeviceUpdatedEvent];
  /** The canvas is arranged otherwise: another layout, other people in it, or some of them dark. */
  "layout.changed": [e: LayoutChangedEvent];
  /** Sound and picture are there, the first time or again. */
  "media.connected": [];
  /** Nothing comes any more; told within two seconds. */
  "media.disconnected": [];
  /** It is tried to get sound and picture back. */
  "media.reconnecting": [];
  /** One looks on only from now on. */
  "member.demoted": [e: MemberStandingEvent];
  /** Somebody came, oneself included. */
  "member.joined": [e: MemberJoinedEvent];
  /** Somebody left. */
  "member.left": [e: MemberLeftEvent];
  /** One takes part from now on. */
  "member.promoted": [e: MemberStandingEvent];
  /** Somebody began or stopped talking. */
  "member.talking": [e: MemberTalkingEvent];
  /** Something about a member changed; comes once for each change. */
  "member.updated": [e: MemberUpdatedEvent];
  /** Who is there changed, or something about one of them; the first time right after `room.joined`. */
  "memberList.updated": [e: MemberListUpdatedEvent];
  /** A microphone was pulled out, or taken by another program. */
  "microphone.disconnected": [e: DeviceDisconnectedEvent];
  /** Another microphone is used. */
  "microphone.updated": [e: DeviceUpdatedEvent];
  /** A playback is over. Needs `room.playback`. */
  "playback.ended": [playback: RoomSessionPlayback];
  /** Something is played into the room. Needs `room.playback`. */
  "playback.started": [playback: RoomSessionPlayback];
  /** A playback was paused, moved or made louder. Needs `room.playback`. */
  "playback.updated": [playback: RoomSessionPlayback];
  /** A recording is over. Needs `room.recording`. */
  "recording.ended": [recording: RoomSessionRecording];
  /** The room is recorded. Needs `room.recording`. */
  "recording.started": [recording: RoomSessionRecording];
  /** A recording was paused or goes on. Needs `room.recording`. */
  "recording.updated": [recording: RoomSessionRecording];
  /** How many look on. */
  "room.audience_count": [e: AudienceCountEvent];
  /** One is in the room; comes again after `promote()`, `demote()`, and when a seat was lost and found anew. */
  "room.joined": [e: RoomJoinedEvent];
  /** One is out: by `leave()`, because somebody removed one, or because the connection was lost. */
  "room.left": [e: RoomLeftEvent];
  /** The room changed. */
  "room.updated": [e: RoomUpdatedEvent];
  /** The loudspeaker was pulled out. */
  "speaker.disconnected": [e: DeviceDisconnectedEvent];
  /** Another loudspeaker is used. */
  "speaker.updated": [e: DeviceUpdatedEvent];
  /** A stream is over. Needs `room.stream`. */
  "stream.ended": [stream: RoomSessionStream];
  /** The room is streamed. Needs `room.stream`. */
  "stream.started": [stream: RoomSessionStream];

  /** The session began. Not in the reference. */
  "room.started": [e: RoomStartedEvent];
  /** The session is over. Not in the reference. */
  "room.ended": [e: RoomStartedEvent];
  /** How the connection does, told within two seconds. Not in the reference. */
  "connection.changed": [e: ConnectionChangedEvent];
  /** Somebody wrote to everybody or to oneself, oneself included, or it was deleted. Not in the reference. */
  "chat.message": [e: ChatMessageEvent];
  /** What somebody says, in letters. Not in the reference. */
  "captions.pushed": [e: CaptionEvent];
  /** Who waits to be let in changed. Needs `room.member.promote`. Not in the reference. */
  "lobby.updated": [e: LobbyUpdatedEvent];
  /**
   * One waits to be let in oneself, or still does after a lost connection; `join()` goes on when a host answers. Not in
   * the reference.
   */
  "lobby.waiting": [e: LobbyWaiter];
  /**
   * A hand was raised or lowered. While somebody listens, members say since when theirs is up (`hand_raised_at`). Not
   * in the reference.
   */
  "member.updated.hand_raised_at": [e: MemberUpdatedEvent];
  /** How good somebody's line is. Not in the reference. */
  "member.network_quality": [e: NetworkQualityEvent];
  /** Figures of one's own line, each second, while somebody listens. Not in the reference. */
  "media.stats": [stats: RoomSessionStats];
  /** Something went wrong that no call waits for: a camera that could not be opened again. Not in the reference. */
  "session.error": [error: RoomSessionError];
  /** The token runs out within two minutes. Not in the reference. */
  "session.expiring": [];
  /** One field of a member changed: `member.updated.audio_muted`. Not in the reference. */
  [name: `member.updated.${string}`]: [e: MemberUpdatedEvent];
}

/** Events that are told otherwise than they are sent: as objects of this package, or after what they changed. */
type Changed = "room.started" | "room.ended" | `${"recording" | "playback" | "stream"}.${string}`;

type SentAndTold = Exclude<keyof Wire.Events & keyof RoomSessionEvents, Changed>;
type Unfit = { [Name in SentAndTold]: Wire.Events[Name] extends RoomSessionEvents[Name][0] ? never : Name }[SentAndTold];
type None<T extends never> = T;

/** @internal Does not compile when the server sends an event that is no more what its listeners are told. */
export type ToldAsSent = None<Unfit>;

/** Name of an event of a {@link RoomSession}. */
export type RoomSessionEventName = keyof RoomSessionEvents & string;
