// The canvas in the page: the received picture, and over it one box for each cell, so that a page can lay
// something over somebody. The classes are those of the published SDK, so that styles go on working.

import type { Log } from "../log.js";
import { Player } from "../media/player.js";
import type { VideoLayout } from "../types/entities.js";
import type { LocalOverlay } from "./overlay.js";

export class Stage {
  readonly #outer = box("rotunda-stage", { position: "relative", width: "100%" });
  readonly #content = box("mcuContent", { position: "relative", width: "100%", height: "100%" });
  readonly #layers = box("mcuLayers", { position: "absolute", pointerEvents: "none" });
  readonly #video = document.createElement("video");
  readonly #overlay: LocalOverlay | null;
  readonly #player: Player;
  readonly #cells = new Map<string, HTMLElement>();
  #sizes: ResizeObserver | undefined;

  constructor(root: HTMLElement, overlay: LocalOverlay | null, log: Log) {
    this.#overlay = overlay;
    this.#player = new Player(this.#video, log);
    Object.assign(this.#video, { muted: true, autoplay: true, playsInline: true });
    Object.assign(this.#video.style, { width: "100%", height: "100%", objectFit: "contain", display: "block" });
    this.#content.append(this.#video);
    this.#outer.append(this.#content, this.#layers);
    if (overlay) this.#layers.append(overlay.domElement);
    root.append(this.#outer);
    this.#video.addEventListener("resize", this.#fit);
    if (typeof ResizeObserver !== "undefined") {
      this.#sizes = new ResizeObserver(this.#fit);
      this.#sizes.observe(this.#outer);
    }
    this.#fit();
  }

  /** Size of the canvas as it comes. */
  get canvas(): { width: number; height: number } {
    return { width: this.#video.videoWidth, height: this.#video.videoHeight };
  }

  show(track: MediaStreamTrack): void {
    this.#player.play(track);
  }

  arrange(layout: VideoLayout, memberId: string): void {
    const seated = layout.layers.filter((layer) => layer.member_id);
    for (const [id, cell] of this.#cells) {
      if (seated.some((layer) => layer.member_id === id)) continue;
      cell.remove();
      this.#cells.delete(id);
    }
    for (const { member_id: id, x, y, width, height } of seated) {
      const cell = this.#cells.get(id ?? "") ?? this.#cell(id ?? "");
      Object.assign(cell.style, { left: `${x}%`, top: `${y}%`, width: `${width}%`, height: `${height}%` });
    }
    const own = seated.find((layer) => layer.member_id === memberId);
    this.#overlay?.place(own?.visible ? own : null);
  }

  remove(): void {
    this.#sizes?.disconnect();
    this.#player.close();
    this.#overlay?.domElement.remove();
    this.#outer.remove();
  }

  #cell(id: string): HTMLElement {
    const cell = box("rotunda-cell", { position: "absolute" });
    cell.dataset.memberId = id;
    this.#layers.append(cell);
    this.#cells.set(id, cell);
    return cell;
  }

  /** The boxes lie on the picture itself, also where a page gives it another shape. */
  readonly #fit = (): void => {
    const { videoWidth: w = 0, videoHeight: h = 0 } = this.#video;
    const [width, height] = w > 0 && h > 0 ? [w, h] : [16, 9];
    this.#outer.style.aspectRatio = `${width} / ${height}`;
    this.#outer.style.maxHeight = "100%";
    const [outerWidth, outerHeight] = [this.#outer.clientWidth, this.#outer.clientHeight];
    const scale = Math.min(outerWidth / width, outerHeight / height);
    const [w2, h2] = [width * scale, height * scale];
    Object.assign(this.#layers.style, {
      left: `${(outerWidth - w2) / 2}px`, top: `${(outerHeight - h2) / 2}px`, width: `${w2}px`, height: `${h2}px`,
    });
  };
}

function box(name: string, style: Partial<CSSStyleDeclaration>): HTMLElement {
  const element = document.createElement("div");
  element.className = name;
  Object.assign(element.style, style);
  return element;
}
