// One's own camera, laid over one's own cell: without the delay of the way to the server and back.

/** One's own picture over the canvas. It is there from the beginning, and seen when one has a cell. */
export class LocalOverlay {
  /** Name of the element in the page. */
  readonly id: string;
  /** The element; style it as you like. */
  readonly domElement: HTMLElement;
  /** The picture in it. */
  readonly video: HTMLVideoElement;
  #isWanted = true;
  #isMirrored = false;
  #hasCell = false;
  #hasPicture = false;

  /** @internal */
  constructor(id: string) {
    this.id = id;
    this.domElement = document.createElement("div");
    this.domElement.id = id;
    this.domElement.className = "rotunda-own";
    Object.assign(this.domElement.style, { position: "absolute", overflow: "hidden", opacity: "0" });
    this.video = document.createElement("video");
    Object.assign(this.video, { muted: true, autoplay: true, playsInline: true });
    Object.assign(this.video.style, { width: "100%", height: "100%", objectFit: "cover", display: "block" });
    this.domElement.append(this.video);
  }

  /** Whether it is seen just now. */
  get visible(): boolean {
    return this.#isWanted && this.#hasCell && this.#hasPicture;
  }

  /** Whether it is shown as in a mirror. */
  get mirrored(): boolean {
    return this.#isMirrored;
  }

  /** Shows one's own picture as in a mirror, or as others see it. Others always see it as it is. */
  setMirrored(mirrored: boolean): void {
    this.#isMirrored = mirrored;
    this.video.style.transform = mirrored ? "scaleX(-1)" : "";
  }

  /** Shows it whenever there is a cell and a picture. */
  show(): void {
    this.#isWanted = true;
    this.#draw();
  }

  /** Hides it; the canvas below shows what others see. */
  hide(): void {
    this.#isWanted = false;
    this.#draw();
  }

  /** @internal The cell in percent of the canvas, or none. */
  place(cell: { x: number; y: number; width: number; height: number } | null): void {
    this.#hasCell = cell !== null;
    if (cell) {
      Object.assign(this.domElement.style, { left: `${cell.x}%`, top: `${cell.y}%`, width: `${cell.width}%`, height: `${cell.height}%` });
    }
    this.#draw();
  }

  /** @internal What the camera gives, or nothing. */
  setTrack(track: MediaStreamTrack | null): void {
    this.#hasPicture = track !== null;
    this.video.srcObject = track ? new MediaStream([track]) : null;
    if (track) void this.video.play().catch(() => {});
    this.#draw();
  }

  #draw(): void {
    this.domElement.style.opacity = this.visible ? "1" : "0";
  }
}
