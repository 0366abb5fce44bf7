// What rooms are made of, in the spelling of the wire.

/** Anything that JSON can say, under names. */
export type Meta = Record<string, unknown>;

/** Where somebody sits, or asks to sit, in a layout. */
export type VideoPosition = "auto" | `reserved-${number}` | `standard-${number}` | "off-canvas";

/** Positions by member id; `self` is the one that is about to be made. */
export type VideoPositions = Record<string, VideoPosition>;

/** What kind of member it is: a person, somebody who only looks on, or a person's screen or device. */
export type MemberType = "member" | "audience" | "screen" | "device";

/** A member as the server describes it. */
export interface VideoMemberEntity {
  id: string;
  room_id: string;
  room_session_id: string;
  /** Names the permissions of the member's token. */
  scope_id: string;
  name: string;
  type: MemberType;
  /** Whose screen or device it is. */
  parent_id: string | null;
  requested_position: VideoPosition;
  current_position: VideoPosition | "playback" | "full-screen";
  /** Whether their picture is on the canvas. */
  visible: boolean;
  audio_muted: boolean;
  video_muted: boolean;
  deaf: boolean;
  handraised: boolean;
  /**
   * Since when the hand is up, in seconds since 1970 UTC, or `null`: whoever has the smallest is first in the line. It
   * is there while somebody listens to `member.updated.hand_raised_at`.
   */
  hand_raised_at?: number | null;
  /** −50 to 50. */
  input_volume: number;
  /** −50 to 50. */
  output_volume: number;
  /** 0 to 100. */
  input_sensitivity: number;
  meta: Meta;
  /** Nothing comes from them any more. */
  media_lost?: boolean;
}

/** A member of whom some fields are told. */
export type VideoMemberUpdate = Pick<VideoMemberEntity, "id" | "room_id" | "room_session_id" | "type"> &
  Partial<VideoMemberEntity> & { updated: string[] };

/** One rectangle of a layout, in percent of the canvas. */
export interface VideoLayoutLayer {
  member_id?: string | null;
  x: number;
  y: number;
  width: number;
  height: number;
  layer_index: number;
  z_index: number;
  reservation: string;
  position: VideoPosition;
  /** Whether a playback is shown there. */
  playing_file: boolean;
  visible: boolean;
}

/** A layout with everybody in it. */
export interface VideoLayout {
  id?: string;
  name: string;
  room_id: string;
  room_session_id: string;
  layers: VideoLayoutLayer[];
}

/** What is told of a session beside its members. */
export interface RoomSessionFacts {
  id: string;
  room_session_id: string;
  room_id: string;
  name: string;
  display_name: string;
  event_channel: string;
  layout_name: string;
  /** Nobody else may join. */
  locked: boolean;
  recording: boolean;
  streaming: boolean;
  hide_video_muted: boolean;
  prioritize_handraise: boolean;
  logos_visible: boolean;
  blind_mode: boolean;
  silent_mode: boolean;
  meeting_mode: boolean;
  meta: Meta;
  audience_count: number;
  preview_url?: string | null;
}

/** A room of which some fields are told. */
export type RoomUpdate = Pick<RoomSessionFacts, "room_session_id" | "room_id"> & Partial<RoomSessionFacts> & { updated: string[] };

/** Which media somebody may send (members) or receive (audience). */
export type MediaAllowed = "all" | "audio-only" | "video-only";

/** What the room token stands for, as the server tells it. */
export interface Authorization {
  type: string;
  project: string;
  project_id: string;
  scopes: string[];
  scope_id: string;
  signature: string;
  join_as: "member" | "audience";
  user_name: string;
  media_allowed: MediaAllowed;
  audio_allowed: "none" | "receive" | "both";
  video_allowed: "none" | "receive" | "both";
  expires_at?: number | string | null;
  meta: Meta;
  room: { name: string; display_name: string; scopes: string[]; meta: Meta };
}

/** A message of the chat. */
export interface ChatMessage {
  id: string;
  /** Id of the member who sent it, or `null` for the application. */
  from: string | null;
  /** How they were called then. */
  name: string;
  /** Id of the member it is for alone; not there where it is for everybody. */
  to?: string;
  /** Plain text; empty once it was deleted. */
  text: string;
  /** When it was sent, in seconds since 1970 UTC. */
  at: number;
  /** It was deleted. */
  deleted?: true;
}

/** Somebody who waits in the lobby. */
export interface LobbyWaiter {
  /** Id of their place in the line; it is no member's. */
  id: string;
  name: string;
  /** Since when, in seconds since 1970 UTC. */
  since: number;
}
