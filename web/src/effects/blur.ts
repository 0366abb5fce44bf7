// A blurred background: a network says where the person is, who is drawn over a blurred copy of the picture. What
// finds people is fetched when it is chosen. No picture leaves here that was not gone over: until the network has
// found somebody, and where it fails, all of it is blurred.

import type { SelfieSegmentation } from "@mediapipe/selfie_segmentation";
import type { PreparedTrack } from "../../../sdk/src/index.ts";
import { finder } from "./finder.ts";

/** Pictures a second, where the machine keeps up. */
const RATE = 20;
/** The copy is so many times smaller that what is drawn large of it shows nothing in particular. */
const COARSER = 24;

/** A camera's track with everything but the person in it blurred. */
export async function blur(track: MediaStreamTrack): Promise<PreparedTrack> {
  const camera = await play(track);
  try {
    const drawing = new Drawing(camera, await finder());
    const [blurred] = drawing.canvas.captureStream(RATE).getVideoTracks();
    if (!blurred) throw new Error("the canvas has no track");
    drawing.run();
    return { track: blurred, release: () => drawing.stop() };
  } catch (error) {
    camera.srcObject = null;
    throw error;
  }
}

async function play(track: MediaStreamTrack): Promise<HTMLVideoElement> {
  const camera = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  camera.srcObject = new MediaStream([track]);
  await camera.play();
  return camera;
}

/** The one that goes on; a camera in whose place another one came shows its last picture until it is let go of. */
let current: Drawing | null = null;

class Drawing {
  readonly canvas = document.createElement("canvas");
  readonly #camera: HTMLVideoElement;
  readonly #finder: SelfieSegmentation;
  readonly #coarse = document.createElement("canvas");
  readonly #pen: CanvasRenderingContext2D;
  readonly #coarsePen: CanvasRenderingContext2D;
  #isOver = false;

  constructor(camera: HTMLVideoElement, found: SelfieSegmentation) {
    this.#camera = camera;
    this.#finder = found;
    const [pen, coarsePen] = [this.canvas.getContext("2d"), this.#coarse.getContext("2d")];
    if (!pen || !coarsePen) throw new Error("this browser draws on no canvas");
    [this.#pen, this.#coarsePen] = [pen, coarsePen];
    this.#size();
    found.onResults(({ image, segmentationMask }) => this.#draw(image, segmentationMask));
  }

  run(): void {
    current = this;
    void this.#step();
  }

  stop(): void {
    this.#isOver = true;
    this.#camera.srcObject = null;
    if (current === this) current = null;
  }

  async #step(): Promise<void> {
    if (current !== this) return;
    const began = performance.now();
    this.#size();
    try {
      await this.#finder.send({ image: this.#camera });
    } catch {
      this.#draw(this.#camera, null);
    }
    const rest = 1000 / RATE - (performance.now() - began);
    if (current === this) setTimeout(() => void this.#step(), Math.max(0, rest));
  }

  /** As large as the camera's picture, which turns with a telephone. */
  #size(): void {
    const { videoWidth: width, videoHeight: height } = this.#camera;
    if (width === 0 || (this.canvas.width === width && this.canvas.height === height)) return;
    Object.assign(this.canvas, { width, height });
    Object.assign(this.#coarse, { width: Math.ceil(width / COARSER), height: Math.ceil(height / COARSER) });
    this.#pen.imageSmoothingQuality = "high";
    this.#coarsePen.imageSmoothingQuality = "high";
  }

  #draw(image: CanvasImageSource, person: CanvasImageSource | null): void {
    if (this.#isOver) return;
    const { width, height } = this.canvas;
    this.#coarsePen.drawImage(image, 0, 0, this.#coarse.width, this.#coarse.height);
    this.#pen.globalCompositeOperation = "copy";
    if (person) {
      this.#pen.drawImage(person, 0, 0, width, height);
      this.#pen.globalCompositeOperation = "source-in";
      this.#pen.drawImage(image, 0, 0, width, height);
      this.#pen.globalCompositeOperation = "destination-over";
    }
    this.#pen.drawImage(this.#coarse, 0, 0, width, height);
  }
}
