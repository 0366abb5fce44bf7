import type { StreamEntity, StreamState } from "../types/outputs.js";
import { type Call, date } from "./call.js";

/** A stream of the room to an RTMP server. Its fields follow what happens to it. */
export class RoomSessionStream {
  /** Id of the stream. */
  readonly id: string;
  state: StreamState = "streaming";
  /** Where it goes, key included. */
  url: string | undefined;
  /** In seconds, as soon as it is over. */
  duration: number | undefined;
  startedAt: Date | undefined;
  endedAt: Date | undefined;
  /** How it does: `connecting`, `live`, `retrying` or `failed`. Not in the reference. */
  health: string | undefined;
  readonly #call: Call;

  /** @internal */
  constructor(entity: StreamEntity, call: Call) {
    this.id = entity.id;
    this.#call = call;
    this.update(entity);
  }

  /** Ends it. Permission: `room.stream`. Events: `stream.ended`, `room.updated`. */
  async stop(): Promise<void> {
    await this.#call("video.stream.stop", { stream_id: this.id });
  }

  /** @internal */
  update(entity: Partial<StreamEntity>): void {
    if (entity.state !== undefined) this.state = entity.state;
    if (entity.url !== undefined) this.url = entity.url;
    if (entity.duration !== undefined) this.duration = entity.duration ?? undefined;
    if (entity.started_at !== undefined) this.startedAt = date(entity.started_at);
    if (entity.ended_at !== undefined) this.endedAt = date(entity.ended_at);
    if (entity.health !== undefined) this.health = entity.health ?? undefined;
  }
}
