// Recordings, playbacks and streams as the wire has them. Times are seconds since the epoch.

import type * as Wire from "./wire.generated.js";

/** State of a recording. */
export type RecordingState = Wire.Recording["state"];
/** State of a playback. */
export type PlaybackState = Wire.Playback["state"];
/** State of a stream. */
export type StreamState = Wire.Stream["state"];

/** @internal */
export type RecordingEntity = Wire.Recording;
/** @internal */
export type PlaybackEntity = Wire.Playback;
/** @internal */
export type StreamEntity = Wire.Stream;
