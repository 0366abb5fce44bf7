// What is recorded, played and streamed.

import type { PlayOptions, StartStreamOptions } from "../types/options.js";
import { throwIfAborted } from "../errors.js";
import { Moderation } from "./moderation.js";
import type { Outputs } from "./outputs.js";
import type { RoomSessionPlayback } from "./playback.js";
import type { RoomSessionRecording } from "./recording.js";
import type { RoomSessionStream } from "./stream.js";

/** Recordings, playbacks and streams. */
export abstract class Production extends Moderation {
  /** @internal */
  protected abstract get outputs(): Outputs;

  /**
   * Gives the session's recordings, those that are over included. Their files are fetched over REST.
   *
   * Permission: `room.recording`.
   */
  async getRecordings(): Promise<{ recordings: RoomSessionRecording[] }> {
    const { recordings } = await this.call("video.recording.list");
    return { recordings: recordings.map((entity) => this.outputs.recording.of(entity)) };
  }

  /**
   * Records the session until it ends, or the recording is stopped.
   *
   * Permission: `room.recording`.
   * Events: `recording.started`, `room.updated` with `recording`.
   */
  async startRecording(): Promise<RoomSessionRecording> {
    const { recording } = await this.call("video.recording.start");
    return this.outputs.recording.of(recording);
  }

  /**
   * Gives the session's playbacks, those that are over included.
   *
   * Permission: `room.playback`.
   */
  async getPlaybacks(): Promise<{ playbacks: RoomSessionPlayback[] }> {
    const { playbacks } = await this.call("video.playback.list");
    return { playbacks: playbacks.map((entity) => this.outputs.playback.of(entity)) };
  }

  /**
   * Plays a film or a sound into the room. Where `signal` is given before it is over, it is stopped.
   *
   * Permission: `room.playback`; to seat others `room.set_position`, too.
   * Events: `playback.started`, `layout.changed`.
   */
  async play(params: PlayOptions): Promise<RoomSessionPlayback> {
    const { signal, url, volume, seekPosition, positions, layout } = params;
    throwIfAborted(signal);
    const asked = { url, volume, seek_position: seekPosition, positions, layout };
    const { playback } = await this.call("video.playback.start", asked);
    const made = this.outputs.playback.of(playback);
    const stop = () => void made.stop().catch(() => {});
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    return made;
  }

  /**
   * Gives the streams that run.
   *
   * Permission: `room.stream`.
   */
  async getStreams(): Promise<{ streams: RoomSessionStream[] }> {
    const { streams } = await this.call("video.stream.list");
    return { streams: streams.map((entity) => this.outputs.stream.of(entity)) };
  }

  /**
   * Streams the session to an RTMP server until it ends, or the stream is stopped.
   *
   * Permission: `room.stream` or `room.stream.start`.
   * Events: `stream.started`, `room.updated` with `streaming`.
   */
  async startStream(params: StartStreamOptions): Promise<RoomSessionStream> {
    const { stream } = await this.call("video.stream.start", { url: params.url });
    return this.outputs.stream.of(stream);
  }
}
