// Recordings, playbacks and streams as the wire has them. Times are seconds since the epoch.

/** State of a recording. */
export type RecordingState = "recording" | "paused" | "completed";
/** State of a playback. */
export type PlaybackState = "playing" | "paused" | "completed";
/** State of a stream. */
export type StreamState = "streaming" | "completed";

/** @internal */
export interface RecordingEntity {
  id: string;
  state: RecordingState;
  duration?: number | null;
  started_at?: number | null;
  ended_at?: number | null;
}

/** @internal */
export interface PlaybackEntity {
  id: string;
  state: PlaybackState;
  url: string;
  volume: number;
  position: number;
  seekable: boolean;
  started_at?: number | null;
  ended_at?: number | null;
  error?: string | null;
  error_message?: string | null;
}

/** @internal */
export interface StreamEntity {
  id: string;
  state: StreamState;
  url?: string;
  duration?: number | null;
  started_at?: number | null;
  ended_at?: number | null;
  health?: string | null;
  error?: string | null;
}
