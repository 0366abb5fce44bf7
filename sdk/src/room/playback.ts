import type { PlaybackEntity, PlaybackState } from "../types/outputs.js";
import { type Call, date } from "./call.js";

/** Something that is played into the room. Its fields follow what happens to it. */
export class RoomSessionPlayback {
  /** Id of the playback; in layouts it is the `member_id` of its layer. */
  readonly id: string;
  state: PlaybackState = "playing";
  url = "";
  /** −50 to 50. */
  volume = 0;
  /** In milliseconds, at the last event about it. */
  position = 0;
  /** Whether one can move in it; live sources refuse. */
  seekable = false;
  startedAt: Date | undefined;
  endedAt: Date | undefined;
  /** Why it ended before its end. */
  error: string | undefined;
  /** The same for people. */
  errorMessage: string | undefined;
  readonly #call: Call;

  /** @internal */
  constructor(entity: PlaybackEntity, call: Call) {
    this.id = entity.id;
    this.#call = call;
    this.update(entity);
  }

  /** Lets it stand still. Permission: `room.playback`. Event: `playback.updated`. */
  async pause(): Promise<void> {
    await this.#call("video.playback.pause", { playback_id: this.id });
  }

  /** Lets it go on. Permission: `room.playback`. Event: `playback.updated`. */
  async resume(): Promise<void> {
    await this.#call("video.playback.resume", { playback_id: this.id });
  }

  /** Ends it. Permission: `room.playback`. Events: `playback.ended`, `layout.changed`. */
  async stop(): Promise<void> {
    await this.#call("video.playback.stop", { playback_id: this.id });
  }

  /** Sets how loud it is, −50 to 50. Permission: `room.playback`. Event: `playback.updated`. */
  async setVolume(volume: number): Promise<void> {
    await this.#call("video.playback.set_volume", { playback_id: this.id, volume });
  }

  /** Goes to a place, in milliseconds. Permission: `room.playback` or `room.playback_seek`. Event: `playback.updated`. */
  async seek(position: number): Promise<void> {
    await this.#call("video.playback.seek_absolute", { playback_id: this.id, position: Math.abs(position) });
  }

  /** Goes forward, 5000 ms where nothing is said. Permission: `room.playback` or `room.playback_seek`. Event: `playback.updated`. */
  async forward(offset = 5000): Promise<void> {
    await this.#call("video.playback.seek_relative", { playback_id: this.id, position: Math.abs(offset) });
  }

  /** Goes back, 5000 ms where nothing is said. Permission: `room.playback` or `room.playback_seek`. Event: `playback.updated`. */
  async rewind(offset = 5000): Promise<void> {
    await this.#call("video.playback.seek_relative", { playback_id: this.id, position: -Math.abs(offset) });
  }

  /** @internal */
  update(entity: Partial<PlaybackEntity>): void {
    if (entity.state !== undefined) this.state = entity.state;
    if (entity.url !== undefined) this.url = entity.url;
    if (entity.volume !== undefined) this.volume = entity.volume;
    if (entity.position !== undefined) this.position = entity.position;
    if (entity.seekable !== undefined) this.seekable = entity.seekable;
    if (entity.started_at !== undefined) this.startedAt = date(entity.started_at);
    if (entity.ended_at !== undefined) this.endedAt = date(entity.ended_at);
    if (entity.error !== undefined) this.error = entity.error ?? undefined;
    if (entity.error_message !== undefined) this.errorMessage = entity.error_message ?? undefined;
  }
}
