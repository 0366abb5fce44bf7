// When a token runs out: said once for each token, soon enough for another.

const SOON_MS = 120_000;

export class Expiry {
  #isTold = false;

  /** Another token is there. */
  renewed(): void {
    this.#isTold = false;
  }

  /** Whether it is to be said now that the token runs out; `expires` is as the server tells it. */
  isDue(expires: number | string | null | undefined): boolean {
    const at = typeof expires === "number" ? expires * 1000 : Date.parse(expires ?? "");
    if (this.#isTold || !(at - Date.now() < SOON_MS)) return false;
    return (this.#isTold = true);
  }
}
