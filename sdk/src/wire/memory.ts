// What a tab keeps so that a page that is loaded anew finds its seat. The names of the keys are those of
// the published SDK, so that a page may change from one to the other.

const KEYS = { authorizationState: "as", protocol: "pt", callId: "ci" } as const;

/** Which of the three. */
export type Kept = keyof typeof KEYS;

/** Who uses the memory of a room in this page: two sessions in one room are two people. */
const users = new Map<string, Memory>();

/** The tab's memory of one room. */
export class Memory {
  readonly #room: string | undefined;

  /** Remembers nothing where no room is named. */
  constructor(room: string | undefined) {
    this.#room = room;
  }

  /** Uses it, unless another session of this page does. */
  claim(): void {
    if (this.#room !== undefined && !users.has(this.#room)) users.set(this.#room, this);
  }

  /** Leaves it to others. */
  release(): void {
    if (this.#room !== undefined && users.get(this.#room) === this) users.delete(this.#room);
  }

  get(what: Kept): string | undefined {
    return this.#with((storage, room) => storage.getItem(`${KEYS[what]}-${room}`)) ?? undefined;
  }

  set(what: Kept, value: string): void {
    this.#with((storage, room) => storage.setItem(`${KEYS[what]}-${room}`, value));
  }

  forget(): void {
    this.#with((storage, room) => Object.values(KEYS).forEach((key) => storage.removeItem(`${key}-${room}`)));
  }

  /** Browsers that are told to keep nothing throw at the mere mention of it. */
  #with<T>(act: (storage: Storage, room: string) => T): T | undefined {
    if (this.#room === undefined || users.get(this.#room) !== this) return undefined;
    try {
      return act(sessionStorage, this.#room);
    } catch {
      return undefined;
    }
  }
}
