// What is recorded, streamed and played, as far as one's token lets one be told of it.

import type { RoomSessionPlayback, RoomSessionRecording, RoomSessionStream } from "../../../sdk/src/index.ts";
import { may } from "./people.ts";
import type { Stay } from "./stay.ts";

/** What runs just now. The objects change in place, so that the list is made anew with each word about them. */
export interface Running {
  recordings: readonly RoomSessionRecording[];
  streams: readonly RoomSessionStream[];
  playbacks: readonly RoomSessionPlayback[];
}

const isOver = ({ state }: { state: string }): boolean => state === "completed";

function put<T extends { id: string; state: string }>(all: readonly T[], one: T): readonly T[] {
  const others = all.filter(({ id }) => id !== one.id);
  return isOver(one) ? others : [...others, one];
}

/** Follows them. */
export function hearOutputs(stay: Stay): void {
  const { session, running } = stay;
  const recording = (one: RoomSessionRecording) => (running.value = { ...running.value, recordings: put(running.value.recordings, one) });
  const stream = (one: RoomSessionStream) => (running.value = { ...running.value, streams: put(running.value.streams, one) });
  const playback = (one: RoomSessionPlayback) => (running.value = { ...running.value, playbacks: put(running.value.playbacks, one) });
  for (const name of ["recording.started", "recording.updated", "recording.ended"] as const) session.on(name, recording);
  for (const name of ["stream.started", "stream.ended"] as const) session.on(name, stream);
  for (const name of ["playback.started", "playback.updated", "playback.ended"] as const) session.on(name, playback);
  session.on("room.joined", () => void read(stay));
}

/** How streams do now. Nobody is told when that changes: whoever shows it asks. */
export async function readStreams({ session, running }: Stay): Promise<void> {
  const streams = await session.getStreams().then((list) => list.streams, () => null);
  if (streams) running.value = { ...running.value, streams: streams.filter((one) => !isOver(one)) };
}

/** What ran before one came. */
async function read(stay: Stay): Promise<void> {
  const { session, running } = stay;
  const [recordings, streams, playbacks] = await Promise.all([
    may(stay, "recording") ? session.getRecordings().then((list) => list.recordings, () => []) : [],
    may(stay, "stream") ? session.getStreams().then((list) => list.streams, () => []) : [],
    may(stay, "playback") ? session.getPlaybacks().then((list) => list.playbacks, () => []) : [],
  ]);
  const on = <T extends { state: string }>(list: readonly T[]): readonly T[] => list.filter((one) => !isOver(one));
  running.value = { recordings: on(recordings), streams: on(streams), playbacks: on(playbacks) };
}
