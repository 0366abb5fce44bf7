// Whether anything still comes. Browsers tell of a dead line after a quarter of a minute; the server sends
// sound fifty times a second whether somebody talks or not, so that its absence says the same within two.

const EVERY_MS = 350;
/** Sound stops for that long on a line that is dead, and hardly on one that is weak. */
const SILENT_MS = { audio: 1_200, video: 3_500 } as const;

/** Watches one peer connection until it is told to stop. */
export class LineWatch {
  readonly #timer: ReturnType<typeof setInterval>;
  #packets = 0;
  #since = performance.now();
  #isSilent = false;
  #isReading = false;

  /** Calls `tell(true)` when nothing comes any more and `tell(false)` when it does again. */
  constructor(peer: RTCPeerConnection, hears: keyof typeof SILENT_MS, tell: (isSilent: boolean) => void) {
    this.#timer = setInterval(() => void this.#read(peer, SILENT_MS[hears], tell), EVERY_MS);
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #read(peer: RTCPeerConnection, silentMs: number, tell: (isSilent: boolean) => void): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const packets = await received(peer).catch(() => this.#packets);
    this.#isReading = false;
    const now = performance.now();
    if (packets > this.#packets) [this.#packets, this.#since] = [packets, now];
    const isSilent = this.#packets > 0 && now - this.#since > silentMs;
    if (isSilent === this.#isSilent) return;
    this.#isSilent = isSilent;
    tell(isSilent);
  }
}

/** Packets of media that came so far. */
export async function received(peer: RTCPeerConnection): Promise<number> {
  let sum = 0;
  (await peer.getStats()).forEach((stat: { type: string; packetsReceived?: number }) => {
    if (stat.type === "inbound-rtp") sum += stat.packetsReceived ?? 0;
  });
  return sum;
}
