// What is heard, and out of which loudspeaker.

import { problem } from "../errors.js";
import type { Log } from "../log.js";

type Sinkable = HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };

/** Whether this browser lets a page choose the loudspeaker. */
export const canChooseSpeaker = (): boolean => typeof HTMLMediaElement !== "undefined" && "setSinkId" in HTMLMediaElement.prototype;

export class Speaker {
  readonly #audio: Sinkable = new Audio();
  readonly #log: Log;
  readonly #lost: (device: { deviceId: string; label: string }) => void;
  #device: { deviceId: string; label: string } = { deviceId: "", label: "" };

  /** Calls `lost` when the loudspeaker was pulled out. */
  constructor(log: Log, lost: (device: { deviceId: string; label: string }) => void) {
    this.#audio.autoplay = true;
    this.#log = log;
    this.#lost = lost;
    navigator.mediaDevices?.addEventListener?.("devicechange", this.#look);
  }

  get device(): { deviceId: string; label: string } {
    return this.#device;
  }

  play(track: MediaStreamTrack): void {
    this.#audio.srcObject = new MediaStream([track]);
    playWhenAllowed(this.#audio, this.#log);
  }

  /** Chooses another loudspeaker, and gives which it is. */
  async choose(deviceId: string): Promise<{ deviceId: string; label: string }> {
    if (!this.#audio.setSinkId) throw problem("unavailable", "this browser lets nobody choose the loudspeaker");
    try {
      await this.#audio.setSinkId(deviceId);
    } catch (error) {
      throw problem("no_device", `there is no loudspeaker ${deviceId}`, error);
    }
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    const label = all.find((device) => device.kind === "audiooutput" && device.deviceId === deviceId)?.label ?? "";
    this.#device = { deviceId, label };
    return this.#device;
  }

  close(): void {
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.#look);
    this.#audio.pause();
    this.#audio.srcObject = null;
  }

  readonly #look = async (): Promise<void> => {
    const { deviceId } = this.#device;
    if (!deviceId) return;
    const all = await navigator.mediaDevices.enumerateDevices();
    if (all.some((device) => device.kind === "audiooutput" && device.deviceId === deviceId)) return;
    const gone = this.#device;
    this.#device = { deviceId: "", label: "" };
    await this.#audio.setSinkId?.("").catch(() => {});
    this.#lost(gone);
  };
}

/** Plays; where the browser waits for a gesture, at the first one. */
export function playWhenAllowed(element: HTMLMediaElement, log: Log): void {
  element.play().catch((error: { name?: string }) => {
    if (error?.name !== "NotAllowedError") return;
    log.info("the browser plays nothing before somebody touches the page");
    const again = () => {
      for (const name of ["pointerdown", "keydown"]) document.removeEventListener(name, again);
      void element.play().catch(() => {});
    };
    for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, again);
  });
}
