// Keeps something playing. Browsers play no sound before somebody touched the page; phones pause everything when a
// call comes or the page is left, and go on with nothing by themselves.

import type { Log } from "../log.js";

const GESTURES = ["pointerdown", "keydown"];

export class Player {
  readonly #element: HTMLMediaElement;
  readonly #log: Log;
  #isWanted = false;

  constructor(element: HTMLMediaElement, log: Log) {
    this.#element = element;
    this.#log = log;
  }

  /** Plays this track, in place of what was played. */
  play(track: MediaStreamTrack): void {
    this.#element.srcObject = new MediaStream([track]);
    if (!this.#isWanted) {
      this.#isWanted = true;
      this.#element.addEventListener("pause", this.#paused);
      document.addEventListener("visibilitychange", this.#paused);
    }
    this.#try();
  }

  /** Plays nothing any more. */
  close(): void {
    this.#isWanted = false;
    this.#element.removeEventListener("pause", this.#paused);
    document.removeEventListener("visibilitychange", this.#paused);
    this.#forgetGestures();
    this.#element.pause();
    this.#element.srcObject = null;
  }

  /** Somebody else paused it: it goes on as soon as the page is seen. */
  readonly #paused = (): void => {
    if (this.#isWanted && this.#element.paused && document.visibilityState !== "hidden") this.#try();
  };

  #try(): void {
    this.#element.play().catch((error: { name?: string }) => {
      if (error?.name !== "NotAllowedError" || !this.#isWanted) return;
      this.#log.info("the browser plays nothing before somebody touches the page");
      for (const name of GESTURES) document.addEventListener(name, this.#touched);
    });
  }

  readonly #touched = (): void => {
    this.#forgetGestures();
    void this.#element.play().catch(() => {});
  };

  #forgetGestures(): void {
    for (const name of GESTURES) document.removeEventListener(name, this.#touched);
  }
}
