// Recordings, playbacks and streams of a session: one object for each id, however often it is told of.

import type { PlaybackEntity, RecordingEntity, StreamEntity } from "../types/outputs.js";
import type { Call } from "./call.js";
import { RoomSessionPlayback } from "./playback.js";
import { RoomSessionRecording } from "./recording.js";
import { RoomSessionStream } from "./stream.js";

/** Objects of one kind, each kept by its id. */
export class Kept<Entity extends { id: string }, Thing extends { update(entity: Partial<Entity>): void }> {
  readonly #all = new Map<string, Thing>();
  readonly #make: (entity: Entity) => Thing;

  constructor(make: (entity: Entity) => Thing) {
    this.#make = make;
  }

  /** The object of that id, with what is said of it now. */
  of(entity: Entity): Thing {
    const known = this.#all.get(entity.id);
    if (!known) {
      const made = this.#make(entity);
      this.#all.set(entity.id, made);
      return made;
    }
    known.update(entity);
    return known;
  }
}

/** All three kinds of one session. */
export interface Outputs {
  recording: Kept<RecordingEntity, RoomSessionRecording>;
  playback: Kept<PlaybackEntity, RoomSessionPlayback>;
  stream: Kept<StreamEntity, RoomSessionStream>;
}

/** Begins with none. */
export function outputs(call: Call, makeStream = (entity: StreamEntity) => new RoomSessionStream(entity, call)): Outputs {
  return {
    recording: new Kept((entity: RecordingEntity) => new RoomSessionRecording(entity, call)),
    playback: new Kept((entity: PlaybackEntity) => new RoomSessionPlayback(entity, call)),
    stream: new Kept(makeStream),
  };
}
