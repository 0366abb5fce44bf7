// RoomSession as applications written for the published SDK 3.30 know it: both spellings of what that
// version spells otherwise than the reference.

import { RoomSession } from "../room/session.js";
import { outputs, type Outputs } from "../room/outputs.js";
import { RoomSessionStream } from "../room/stream.js";
import type { Call } from "../room/call.js";
import type { LocalOverlay } from "../view/overlay.js";
import type { JoinOptions, StartStreamOptions, VolumeOptions } from "../types/options.js";
import type { MemberTalkingEvent } from "../types/events.js";

/** What `startStream()` gives: the stream, which is its own property `stream`, too. */
export type StreamWithItself = RoomSessionStream & { stream: RoomSessionStream };

/** A {@link RoomSession} that speaks as SDK 3.30 does, too. */
export class CompatRoomSession extends RoomSession {
  /** The same as `localOverlay`. */
  get localVideoOverlay(): LocalOverlay {
    return this.localOverlay;
  }

  /** Joins; it knows no lobby, as SDK 3.30 does not: where there is one it is refused in the server's words. */
  override async join(params: JoinOptions = {}): Promise<this> {
    return super.join({ lobby: false, ...params });
  }

  /** Asks by a method of the wire; `room_session_id` need not be among the parameters. */
  async execute({ method, params }: { method: string; params?: Record<string, unknown> }): Promise<Record<string, unknown>> {
    return this.call(method, params);
  }

  /** Streams the session; both `await startStream()` and `{ stream }` of it are the stream. */
  override async startStream(params: StartStreamOptions): Promise<StreamWithItself> {
    return (await super.startStream(params)) as StreamWithItself;
  }

  /** The same as `setInputVolume()`. */
  async setMicrophoneVolume(params: VolumeOptions): Promise<void> {
    await this.setInputVolume(params);
  }

  /** The same as `setOutputVolume()`. */
  async setSpeakerVolume(params: VolumeOptions): Promise<void> {
    await this.setOutputVolume(params);
  }

  /** @internal */
  protected override tell(event: string, args: readonly unknown[]): void {
    super.tell(event, args);
    if (event === "room.audience_count") super.tell("room.audienceCount", args);
    if (event !== "member.talking") return;
    const { member } = args[0] as MemberTalkingEvent;
    const [name, former] = member.talking ? ["started", "start"] : ["ended", "stop"];
    super.tell(`member.talking.${name}`, args);
    super.tell(`member.talking.${former}`, args);
  }

  /** @internal */
  protected override makeOutputs(call: Call): Outputs {
    return outputs(call, (entity) => {
      const stream = new RoomSessionStream(entity, call);
      // Not enumerable, so that nobody who prints it goes round in circles.
      return Object.defineProperty(stream, "stream", { value: stream });
    });
  }
}
