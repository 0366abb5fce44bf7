// What is heard, and out of which loudspeaker.

import { problem } from "../errors.js";
import type { Log } from "../log.js";
import { Player } from "./player.js";

type Sinkable = HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };

/** Whether this browser lets a page choose the loudspeaker. */
export const canChooseSpeaker = (): boolean => typeof HTMLMediaElement !== "undefined" && "setSinkId" in HTMLMediaElement.prototype;

export class Speaker {
  readonly #audio: Sinkable = new Audio();
  readonly #player: Player;
  readonly #lost: (device: { deviceId: string; label: string }) => void;
  #device: { deviceId: string; label: string } = { deviceId: "", label: "" };

  /** Calls `lost` when the loudspeaker was pulled out. */
  constructor(log: Log, lost: (device: { deviceId: string; label: string }) => void) {
    this.#audio.autoplay = true;
    this.#player = new Player(this.#audio, log);
    this.#lost = lost;
    navigator.mediaDevices?.addEventListener?.("devicechange", this.#look);
  }

  get device(): { deviceId: string; label: string } {
    return this.#device;
  }

  play(track: MediaStreamTrack): void {
    this.#player.play(track);
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
    this.#player.close();
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
