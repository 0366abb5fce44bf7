import type { RecordingEntity, RecordingState } from "../types/outputs.js";
import { type Call, date } from "./call.js";

/** A recording of the room. Its fields follow what happens to it. */
export class RoomSessionRecording {
  /** Id of the recording; by it the file is found over REST. */
  readonly id: string;
  state: RecordingState = "recording";
  /** Length in seconds, as soon as it is over. */
  duration: number | undefined;
  startedAt: Date | undefined;
  endedAt: Date | undefined;
  readonly #call: Call;

  /** @internal */
  constructor(entity: RecordingEntity, call: Call) {
    this.id = entity.id;
    this.#call = call;
    this.update(entity);
  }

  /** Leaves out what follows. Permission: `room.recording`. Event: `recording.updated`. */
  async pause(): Promise<void> {
    await this.#call("video.recording.pause", { recording_id: this.id });
  }

  /** Goes on. Permission: `room.recording`. Event: `recording.updated`. */
  async resume(): Promise<void> {
    await this.#call("video.recording.resume", { recording_id: this.id });
  }

  /** Ends it. Permission: `room.recording`. Events: `recording.ended`, `room.updated`. */
  async stop(): Promise<void> {
    await this.#call("video.recording.stop", { recording_id: this.id });
  }

  /** @internal */
  update(entity: Partial<RecordingEntity>): void {
    if (entity.state !== undefined) this.state = entity.state;
    if (entity.duration !== undefined) this.duration = entity.duration ?? undefined;
    if (entity.started_at !== undefined) this.startedAt = date(entity.started_at);
    if (entity.ended_at !== undefined) this.endedAt = date(entity.ended_at);
  }
}
