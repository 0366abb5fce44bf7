// What one's sound and picture go through before they leave, where one chose so: off until then, and fetched then.

import { signal } from "@preact/signals";
import type { PreparedTrack } from "../../../sdk/src/index.ts";
import { keep, kept } from "../kept.ts";

/** What can be chosen. */
export type Effect = "noise" | "blur";

const isKept = (effect: Effect): boolean => kept(effect) === "on";

/** What is chosen; remembered for the next visit. */
export const effects = signal<Record<Effect, boolean>>({ noise: isKept("noise"), blur: isKept("blur") });

/** Chooses one, or not any more; what is open already has to be opened anew. */
export function chooseEffect(effect: Effect, isOn: boolean): void {
  effects.value = { ...effects.value, [effect]: isOn };
  keep(effect, isOn ? "on" : "off");
}

/** Which devices an effect is about. */
export const DEVICE_OF = { noise: "microphone", blur: "camera" } as const;

/** Whether this browser has what they need. */
export const canDo: Record<Effect, boolean> = {
  noise: typeof AudioWorkletNode === "function" && typeof WebAssembly === "object",
  blur: "captureStream" in HTMLCanvasElement.prototype && typeof WebAssembly === "object",
};

/**
 * What is to be sent in place of a device's track, if anything was chosen. Rejects where it cannot be made; it is not
 * chosen any more then, so that whoever tries again is seen and heard as they are, and knows it.
 */
export async function prepare(track: MediaStreamTrack, kind: "audio" | "video"): Promise<PreparedTrack | undefined> {
  const effect = kind === "audio" ? "noise" : "blur";
  if (!effects.value[effect]) return undefined;
  try {
    return effect === "noise" ? await (await import("./noise.ts")).quieten(track) : await (await import("./blur.ts")).blur(track);
  } catch (error) {
    chooseEffect(effect, false);
    throw error;
  }
}
