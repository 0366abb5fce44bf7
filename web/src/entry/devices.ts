// Camera, microphone and loudspeaker before joining: what there is, what was chosen, and the stream that shows it.

import { signal } from "@preact/signals";
import { type PreparedTrack, WebRTC } from "../../../sdk/src/index.ts";
import { prepare } from "../effects/effects.ts";
import { aboutDevices, effectFailed, type Problem } from "../failures.ts";
import { keep, kept } from "../kept.ts";

/** The three kinds of devices. */
export type Kind = "camera" | "microphone" | "speaker";

/** Everything that is plugged in, by kind. */
export const devices = signal<Record<Kind, MediaDeviceInfo[]>>({ camera: [], microphone: [], speaker: [] });
/** Ids of what was chosen; empty is the browser's choice. */
export const chosen = signal<Record<Kind, string>>({
  camera: kept("camera") ?? "",
  microphone: kept("microphone") ?? "",
  speaker: kept("speaker") ?? "",
});
/** Whether one wants to be seen, and to be heard. */
export const wants = signal({ camera: true, microphone: true });
/** What is shown and metered before joining. */
export const preview = signal<MediaStream | null>(null);
export const deviceProblem = signal<Problem | null>(null);

let turn = 0; // the newest of several openings counts
/** The devices themselves, and what is made of the camera's picture. */
let opened: MediaStream | null = null;
let prepared: PreparedTrack | undefined;

/** Whether this page may ask for devices at all. */
export const isAllowed = (): boolean => window.isSecureContext && WebRTC.supportsGetUserMedia();

/** Looks at what is plugged in. */
export async function look(): Promise<void> {
  const all = await WebRTC.enumerateDevices().catch((): MediaDeviceInfo[] => []);
  const of = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind);
  const speaker = WebRTC.supportsMediaOutput() ? of("audiooutput") : [];
  devices.value = { camera: of("videoinput"), microphone: of("audioinput"), speaker };
}

/** Chooses a device; empty is the browser's choice. */
export function pick(kind: Kind, id: string): void {
  chosen.value = { ...chosen.value, [kind]: id };
  keep(kind, id);
}

/** What to ask the browser for; false where nothing is wanted, or there is nothing. */
export function constraints(kind: "camera" | "microphone"): MediaTrackConstraints | boolean {
  const isThere = devices.value[kind].length > 0;
  if (!wants.value[kind] || !isThere || !isAllowed()) return false;
  return exactly(kind, chosen.value[kind]);
}

/** Constraints for one device. */
export function exactly(kind: "camera" | "microphone", id: string): MediaTrackConstraints | true {
  const size = kind === "camera" ? { width: { ideal: 1280 }, height: { ideal: 720 } } : {};
  const isKnown = devices.value[kind].some(({ deviceId }) => deviceId !== "" && deviceId === id);
  const asked = isKnown ? { ...size, deviceId: { exact: id } } : size;
  return Object.keys(asked).length > 0 ? asked : true;
}

/** Lets go of what the preview holds. */
export function close(): void {
  turn += 1;
  WebRTC.stopStream(opened ?? undefined);
  letGo(prepared);
  opened = null;
  prepared = undefined;
  preview.value = null;
}

function letGo(made: PreparedTrack | undefined): void {
  made?.track.stop();
  made?.release();
}

/** Opens what is chosen and shows it. Problems become words, never errors. */
export async function open(): Promise<void> {
  close();
  const mine = turn;
  await look();
  const [audio, video] = [constraints("microphone"), constraints("camera")];
  if ((!audio && !video) || mine !== turn) return;
  const stream = await openSome(audio, video);
  const made = stream ? await prepareCamera(stream) : undefined;
  if (mine !== turn) {
    WebRTC.stopStream(stream ?? undefined);
    return letGo(made);
  }
  [opened, prepared] = [stream, made];
  preview.value = stream && made ? new MediaStream([...stream.getAudioTracks(), made.track]) : stream;
  await look();
}

/** The camera's picture as others will see it. */
async function prepareCamera(stream: MediaStream): Promise<PreparedTrack | undefined> {
  const [camera] = stream.getVideoTracks();
  try {
    return camera && (await prepare(camera, "video"));
  } catch {
    deviceProblem.value = effectFailed;
    return undefined;
  }
}

/** Asks for both; where that fails, for what is left, so that a broken camera costs nobody their microphone. */
async function openSome(audio: MediaTrackConstraints | boolean, video: MediaTrackConstraints | boolean): Promise<MediaStream | null> {
  const tries = audio && video ? [{ audio, video }, { audio, video: false }, { audio: false, video }] : [{ audio, video }];
  let first: unknown = null;
  for (const asked of tries) {
    try {
      const stream = await WebRTC.getUserMedia(asked);
      settle(first, stream);
      return stream;
    } catch (error) {
      first ??= error;
      if (aboutDevices(error).title === "deniedTitle") break;
    }
  }
  settle(first, null);
  return null;
}

/** What could not be opened is not wanted any more, until somebody turns it on again. */
function settle(error: unknown, stream: MediaStream | null): void {
  deviceProblem.value = error ? aboutDevices(error) : null;
  if (!error) return;
  wants.value = { camera: (stream?.getVideoTracks().length ?? 0) > 0, microphone: (stream?.getAudioTracks().length ?? 0) > 0 };
}
