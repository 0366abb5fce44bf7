// Listeners and what they hear. A listener that throws is reported and hurts nobody else.

/** Names of events, each with the arguments its listeners are called with. */
export type EventMap = object;

type Arguments<E, K extends keyof E> = E[K] extends readonly unknown[] ? E[K] : never;
type Listener = (...args: readonly unknown[]) => void;

interface Entry {
  listener: Listener;
  once: boolean;
}

/** Something that tells events. */
export class Emitter<E extends EventMap> {
  readonly #entries = new Map<string, Entry[]>();

  /**
   * Calls `listener` whenever the event happens.
   * @returns this object, so that calls can be chained.
   */
  on<K extends keyof E & string>(event: K, listener: (...args: Arguments<E, K>) => void): this {
    return this.#add(event, listener as unknown as Listener, false);
  }

  /** Calls `listener` the next time the event happens, and not again. */
  once<K extends keyof E & string>(event: K, listener: (...args: Arguments<E, K>) => void): this {
    return this.#add(event, listener as unknown as Listener, true);
  }

  /** Lets go of `listener`, or of all listeners of the event where none is named. */
  off<K extends keyof E & string>(event: K, listener?: (...args: Arguments<E, K>) => void): this {
    const before = this.#entries.get(event) ?? [];
    const kept = listener ? before.filter((one) => one.listener !== (listener as unknown as Listener)) : [];
    if (kept.length > 0) this.#entries.set(event, kept);
    else this.#entries.delete(event);
    return this;
  }

  /** Lets go of all listeners of the event, or of every event where none is named. */
  removeAllListeners<K extends keyof E & string>(event?: K): this {
    if (event === undefined) this.#entries.clear();
    else this.#entries.delete(event);
    return this;
  }

  /** Names that somebody listens to. */
  protected listenedTo(): string[] {
    return [...this.#entries.keys()];
  }

  /** @internal Somebody listens to one more. */
  protected listened(_event: string): void {}

  /** Calls everybody who listens to the event. */
  protected emit(event: string, ...args: readonly unknown[]): void {
    for (const entry of [...(this.#entries.get(event) ?? [])]) {
      if (entry.once) this.off(event as keyof E & string, entry.listener as never);
      try {
        entry.listener(...args);
      } catch (error) {
        // As an uncaught error, so that the page hears of it as of any other.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #add(event: string, listener: Listener, once: boolean): this {
    const before = this.#entries.get(event) ?? [];
    if (!before.some((one) => one.listener === listener)) this.#entries.set(event, [...before, { listener, once }]);
    this.listened(event);
    return this;
  }
}
