// What REST answers, as far as this page shows it; described at /openapi.json.

/** A page of a list. */
export interface List<One> {
  links: { next?: string };
  data: One[];
}

/** A room's settings, beside which stands who made it and when. */
export interface Room {
  id: string;
  name: string;
  display_name: string;
  active_session?: { id: string } | null;
  created_at: string;
  updated_at: string;
  [setting: string]: unknown;
}

/** A session, running or over. */
export interface Session {
  id: string;
  room_id: string | null;
  name: string;
  display_name: string;
  start_time: string;
  end_time: string | null;
  locked: boolean;
  preview_url: string | null;
}

/** A session at this moment. */
export interface Live {
  id: string;
  room_id: string;
  name: string;
  display_name: string;
  locked: boolean;
  layout: string;
  start_time: string;
  preview_url: string | null;
  audience_count: number;
  members: Member[];
  waiting: Waiting[];
  recordings: Running[];
  streams: Running[];
  playbacks: Running[];
}

/** Somebody who takes part. */
export interface Member {
  id: string;
  name: string;
  type: "member" | "screen" | "device";
  parent_id: string | null;
  audio_muted: boolean;
  video_muted: boolean;
  deaf: boolean;
  handraised: boolean;
  media_lost: boolean;
}

/** Somebody who waits to be let in. */
export interface Waiting {
  id: string;
  name: string;
  since: string;
}

/** A recording, a stream or a playback that is not over. */
export interface Running {
  id: string;
  state: string;
  started_at: string;
  url?: string;
  error?: string | null;
}

/** One way of somebody's line. */
export interface Way {
  loss_percent: number | null;
  jitter_ms: number | null;
  kbps: number;
}

/** How somebody's line is. */
export interface Quality {
  level: "good" | "fair" | "poor";
  picture: "full" | "half" | "quarter" | "none" | null;
  over_tcp: boolean;
  round_trip_ms: number | null;
  down: Way;
  up: Way;
}

/** Somebody's line, audience too. */
export interface Line {
  id: string;
  name: string;
  type: "member" | "audience" | "screen" | "device";
  network_quality: Quality;
}

/** Who took part in a session. */
export interface Past {
  id: string;
  name: string | null;
  join_time: string | null;
  leave_time: string | null;
}

/** A recording and its file. */
export interface Recording {
  id: string;
  room_session_id: string;
  status: string;
  started_at: string | null;
  duration: number | null;
  size_in_bytes: number | null;
  uri: string | null;
}

/** A link that opens a room; its address is told when it is made. */
export interface Link {
  id: string;
  role: Role;
  url: string | null;
  expires_at: string | null;
  max_uses: number | null;
  uses: number;
}

export type Role = "host" | "member" | "guest" | "audience";

/** A stream that stands with a room. */
export interface Stream {
  id: string;
  url: string;
  state: string;
  error: string | null;
}
