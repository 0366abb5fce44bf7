// Figures of one's own line: plain numbers, in milliseconds, percent and kilobits a second.

/** One kind in one direction. */
export interface MediaStats {
  kbps: number;
  /** Packets lost in the last second, in percent; upwards as the server reports it. */
  lossPercent: number | null;
  jitterMs: number | null;
}

/** Pictures in one direction. */
export interface VideoStats extends MediaStats {
  width: number | null;
  height: number | null;
  framesPerSecond: number | null;
  /** Why a sent picture is smaller than it could be. */
  limitedBy: "none" | "cpu" | "bandwidth" | "other" | null;
}

/** Figures of one second of one's own leg. `null` is what nobody knows yet. */
export interface RoomSessionStats {
  /** When they were read, in milliseconds since the epoch. */
  at: number;
  roundTripMs: number | null;
  /** How packets go: straight, by ICE-TCP, or through a TURN server. */
  transport: "udp" | "tcp" | "relay" | null;
  /** What is sent; a picture that is sent in several sizes counts as one, of the largest size. */
  up: { audio: MediaStats | null; video: VideoStats | null };
  /** What is received. */
  down: { audio: MediaStats | null; video: VideoStats | null };
}
