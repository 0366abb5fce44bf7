// What the server sends, as types. Written by a test of it (crates/signaling/src/wire_tests.rs) from the fields
// that it sends; ROTUNDA_BLESS=1 cargo test -p rotunda-signaling writes it anew.

/** A recording; times are seconds since 1970 UTC. */
export interface Recording {
  id: string;
  room_id: string;
  room_session_id: string;
  state: "recording" | "paused" | "completed";
  /** In seconds, as soon as it is over. */
  duration: number | null;
  started_at: number;
  ended_at: number | null;
  /** Why it is not what it should be. */
  error?: string;
}

/** A playback; times are seconds since 1970 UTC. */
export interface Playback {
  id: string;
  room_id: string;
  room_session_id: string;
  state: "playing" | "paused" | "completed";
  url: string;
  /** −50 to 50. */
  volume: number;
  /** How far it is, in milliseconds. */
  position: number;
  seekable: boolean;
  started_at: number;
  ended_at: number | null;
  /** Why it ended, unless it was stopped or came to its end. */
  error: string | null;
  /** The same for people. */
  error_message: string | null;
}

/** A stream; times are seconds since 1970 UTC. */
export interface Stream {
  id: string;
  room_id: string;
  room_session_id: string;
  state: "streaming" | "completed";
  url: string;
  /** In seconds, as soon as it is over. */
  duration: number | null;
  started_at: number;
  ended_at: number | null;
  /** `connecting`, `live`, `retrying` or `failed`. */
  health: string;
  /** Why it does not go. */
  error: string | null;
}

/** Somebody. */
export interface Member {
  id: string;
  room_id: string;
  room_session_id: string;
  /** The project's, as in the connect result. */
  scope_id: string;
  name: string;
  type: "member" | "audience" | "screen" | "device";
  /** Whose screen or device it is. */
  parent_id: string | null;
  requested_position: `standard-${number}` | `reserved-${number}` | "auto" | "off-canvas";
  current_position: `standard-${number}` | `reserved-${number}` | "full-screen" | "off-canvas";
  /** Whether their picture is on the canvas. */
  visible: boolean;
  /** Nothing comes from them any more. */
  media_lost: boolean;
  audio_muted: boolean;
  video_muted: boolean;
  deaf: boolean;
  handraised: boolean;
  /** −50 to 50. */
  input_volume: number;
  /** −50 to 50. */
  output_volume: number;
  /** 0 to 100. */
  input_sensitivity: number;
  /** What the application keeps with them. */
  meta: Record<string, unknown>;
  /** Since when the hand is up, in seconds since 1970 UTC; for connections that named it. */
  hand_raised_at?: number | null;
}

/** A session, with everybody in it. */
export interface Session {
  id: string;
  room_session_id: string;
  room_id: string;
  project_id: string;
  event_channel: string;
  name: string;
  display_name: string;
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
  /** What the application keeps with it. */
  meta: Record<string, unknown>;
  audience_count: number;
  preview_url: string | null;
  /** Those that are not over, for those who may know of them. */
  recordings: Recording[];
  /** Those that are not over, for those who may know of them. */
  playbacks: Playback[];
  /** Those that are not over, for those who may know of them. */
  streams: Stream[];
  members: Member[];
}

/** A session of which the named fields changed. */
export interface ChangedRoom {
  id?: string;
  room_session_id: string;
  room_id: string;
  project_id?: string;
  event_channel?: string;
  name?: string;
  display_name?: string;
  layout_name?: string;
  /** Nobody else may join. */
  locked?: boolean;
  recording?: boolean;
  streaming?: boolean;
  hide_video_muted?: boolean;
  prioritize_handraise?: boolean;
  logos_visible?: boolean;
  blind_mode?: boolean;
  silent_mode?: boolean;
  meeting_mode?: boolean;
  /** What the application keeps with it. */
  meta?: Record<string, unknown>;
  audience_count?: number;
  preview_url?: string | null;
  updated: string[];
}

/** A session but for people and outputs. */
export interface SessionFacts {
  id: string;
  room_session_id: string;
  room_id: string;
  project_id: string;
  event_channel: string;
  name: string;
  display_name: string;
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
  /** What the application keeps with it. */
  meta: Record<string, unknown>;
  audience_count: number;
  preview_url: string | null;
}

/** A session of which the named fields changed, with all of them. */
export interface ChangedSession extends SessionFacts {
  updated: string[];
}

/** One rectangle of a layout, in percent of the canvas. */
export interface Layer {
  layer_index: number;
  z_index: number;
  x: number;
  y: number;
  width: number;
  height: number;
  member_id: string | null;
  reservation: `standard-${number}` | `reserved-${number}` | "full-screen";
  position: `standard-${number}` | `reserved-${number}` | "full-screen";
  /** Whether a playback is shown there. */
  playing_file: boolean;
  /** Whether somebody is there with the camera on. */
  visible: boolean;
}

/** A layout with everybody in it. */
export interface Layout {
  id: string;
  name: string;
  room_id: string;
  room_session_id: string;
  layers: Layer[];
}

/** Somebody of whom the named fields changed. */
export interface ChangedMember extends Member {
  updated: string[];
}

/** Somebody who began or stopped talking. */
export interface TalkingMember {
  id: string;
  room_id: string;
  room_session_id: string;
  talking: boolean;
}

/** Somebody of whom nothing more is told. */
export interface MemberName {
  id: string;
  room_id: string;
  room_session_id: string;
}

/** One way of a line. */
export interface LineWay {
  loss_percent: number | null;
  jitter_ms: number | null;
  kbps: number;
}

/** How good a line is; what nobody has reported is null. */
export interface LineQuality {
  level: "good" | "fair" | "poor";
  /** What is sent of the canvas; null where no picture was asked for. */
  picture: "full" | "half" | "quarter" | "none" | null;
  over_tcp: boolean;
  round_trip_ms: number | null;
  /** What is sent to them. */
  down: LineWay;
  /** What comes from them. */
  up: LineWay;
}

/** Somebody who waits to be let in. */
export interface Waiting {
  id: string;
  name: string;
  /** In seconds since 1970 UTC. */
  since: number;
}

/** The room that a token opens. */
export interface AuthorizedRoom {
  name: string;
  display_name: string;
  /** What one may do there. */
  scopes: string[];
  /** What the application keeps with it. */
  meta: Record<string, unknown>;
}

/** What a room token grants. */
export interface Authorization {
  type: string;
  project: string;
  project_id: string;
  scopes: string[];
  /** The project's, too. */
  scope_id: string;
  resource: string;
  signature: string;
  join_as: "member" | "audience";
  user_name: string;
  /** Which media: of members what they may send, of audience what they may receive. */
  media_allowed: "all" | "audio-only" | "video-only";
  audio_allowed: "none" | "receive" | "both";
  video_allowed: "none" | "receive" | "both";
  /** When the token ends, in seconds since 1970 UTC. */
  expires_at?: number;
  auto_create_room: boolean;
  join_from: number | null;
  join_until: number | null;
  remove_at: number | null;
  remove_after_seconds_elapsed: number | null;
  /** What the application keeps with the person. */
  meta: Record<string, unknown>;
  room: AuthorizedRoom;
}

/** A message of the chat. */
export interface ChatMessage {
  id: string;
  /** Who sent it; null is the application. */
  from: string | null;
  /** The sender's name then. */
  name: string;
  /** Plain text; empty once it was deleted. */
  text: string;
  /** When it was sent, in seconds since 1970 UTC. */
  at: number;
  /** The member it is for alone. */
  to?: string;
  /** That it was deleted. */
  deleted?: boolean;
}

/** What somebody says, in letters. */
export interface Caption {
  /** Who pushed it; null is the application. */
  member_id: string | null;
  name: string;
  text: string;
  /** The next piece of the same member replaces what is not final. */
  final: boolean;
  /** Language tag (RFC 5646). */
  lang: string;
}

/** A link that opens the room. */
export interface RoomLink {
  id: string;
  /** As what it lets in. */
  role: "host" | "member" | "guest" | "audience";
  /** From when on it opens nothing, in seconds since 1970 UTC. */
  expires_at: number | null;
  /** How often it may be used. */
  max_uses: number | null;
  /** How often it was. */
  uses: number;
  /** In seconds since 1970 UTC. */
  created_at: number;
  /** What stands behind the `#` of `/r/NAME#KEY`; in the answer that made it alone. */
  key?: string;
}

/** What each event carries, by its name behind `video.`. */
export interface Events {
  "room.subscribed": { call_id: string; member_id: string; room_session: Session; room: Session };
  "room.started": { room_id: string; room_session_id: string; room_session: Session; room: Session };
  "room.ended": { room_id: string; room_session_id: string; room_session: Session; room: Session };
  "room.updated": { room_id: string; room_session_id: string; room: ChangedRoom; room_session: ChangedSession };
  "room.audience_count": { room_id: string; room_session_id: string; total: number };
  "layout.changed": { room_id: string; room_session_id: string; layout: Layout };
  "member.joined": { room_id: string; room_session_id: string; member: Member };
  "member.left": { room_id: string; room_session_id: string; member: Member };
  "member.updated": { room_id: string; room_session_id: string; member: ChangedMember };
  "member.talking": { room_id: string; room_session_id: string; member: TalkingMember };
  "member.network_quality": { room_id: string; room_session_id: string; member: MemberName; network_quality: LineQuality };
  "chat.message": { room_id: string; room_session_id: string; id: string; from: string | null; name: string; text: string; at: number; to?: string; deleted?: boolean };
  "captions.pushed": { room_id: string; room_session_id: string; member_id: string | null; name: string; text: string; final: boolean; lang: string };
  "lobby.updated": { room_id: string; room_session_id: string; waiting: Waiting[] };
  "lobby.admitted": { room_id: string; room_session_id: string; id: string };
  "lobby.denied": { room_id: string; room_session_id: string; id: string; reason: string; retry_after: number | null };
  "member.promoted": { room_id?: string; room_session_id?: string; member_id: string; authorization: Authorization };
  "member.demoted": { room_id?: string; room_session_id?: string; member_id: string; authorization: Authorization };
  "member.digits": { room_id: string; room_session_id: string; member_id: string; digits: string };
  "recording.started": { room_id: string; room_session_id: string; recording: Recording };
  "recording.updated": { room_id: string; room_session_id: string; recording: Recording };
  "recording.ended": { room_id: string; room_session_id: string; recording: Recording };
  "playback.started": { room_id: string; room_session_id: string; playback: Playback };
  "playback.updated": { room_id: string; room_session_id: string; playback: Playback };
  "playback.ended": { room_id: string; room_session_id: string; playback: Playback };
  "stream.started": { room_id: string; room_session_id: string; stream: Stream };
  "stream.connected": { room_id: string; room_session_id: string; stream: Stream };
  "stream.interrupted": { room_id: string; room_session_id: string; stream: Stream };
  "stream.moved": { room_id: string; room_session_id: string; stream: Stream };
  "stream.ended": { room_id: string; room_session_id: string; stream: Stream };
}

/** What methods answer beside `code` and `message`; those that are not here answer no more. */
export interface Answers {
  "video.room.get": { room: Session };
  "video.members.get": { members: Member[] };
  "video.list_available_layouts": { layouts: string[] };
  "video.prioritize_handraise": { result: boolean };
  "video.get_meta": { meta: Record<string, unknown> };
  "video.member.get_meta": { meta: Record<string, unknown> };
  "video.chat.send": { chat_message: ChatMessage };
  "video.chat.list": { messages: ChatMessage[] };
  "video.lobby.enter": { state: "admitted" | "waiting"; id?: string; name?: string; since?: number };
  "video.lobby.list": { waiting: Waiting[] };
  "video.links.create": { link: RoomLink };
  "video.links.list": { links: RoomLink[] };
  "video.recording.start": { recording: Recording };
  "video.recording.list": { recordings: Recording[] };
  "video.stream.start": { stream: Stream };
  "video.stream.list": { streams: Stream[] };
  "video.playback.start": { playback: Playback };
  "video.playback.list": { playbacks: Playback[] };
}
