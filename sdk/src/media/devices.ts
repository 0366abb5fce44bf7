// Asking the browser for cameras, microphones and screens, with what it refuses said as our errors.

import { deviceProblem, problem, throwIfAborted } from "../errors.js";

/** Opens a camera, a microphone, or both. */
export async function openUserMedia(constraints: MediaStreamConstraints, signal?: AbortSignal): Promise<MediaStream> {
  return open(() => navigator.mediaDevices.getUserMedia(constraints), signal);
}

/** Lets somebody choose a screen, a window or a tab. */
export async function openDisplayMedia(constraints: DisplayMediaStreamOptions, signal?: AbortSignal): Promise<MediaStream> {
  return open(() => navigator.mediaDevices.getDisplayMedia(constraints), signal);
}

async function open(ask: () => Promise<MediaStream>, signal: AbortSignal | undefined): Promise<MediaStream> {
  throwIfAborted(signal);
  if (!navigator.mediaDevices) throw problem("denied", "this page has no devices: it is not served over https");
  const opened = ask().catch((error: unknown) => {
    throw deviceProblem(error);
  });
  if (!signal) return opened;
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      // A prompt cannot be taken back; what is allowed later is let go of.
      opened.then(stopAll, () => {});
      reject(problem("aborted", "it was given up", signal.reason));
    };
    signal.addEventListener("abort", giveUp);
    opened.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}

/** Lets go of everything a stream holds. */
export function stopAll(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Which device a track comes from. */
export function deviceOf(track: MediaStreamTrack | null): { deviceId: string; label: string } | null {
  return track ? { deviceId: track.getSettings?.().deviceId ?? "", label: track.label } : null;
}
