// What the package says in the console, as loud as the application wants it.

/** How much is said in the console. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";

const ORDER: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "silent"];

/** Says things in the console from one level on. */
export class Log {
  readonly #from: number;

  constructor(level: LogLevel = "warn") {
    this.#from = ORDER.indexOf(level);
  }

  debug(...words: unknown[]): void {
    if (this.#from <= 1) console.debug("[rotunda]", ...words);
  }

  info(...words: unknown[]): void {
    if (this.#from <= 2) console.info("[rotunda]", ...words);
  }

  warn(...words: unknown[]): void {
    if (this.#from <= 3) console.warn("[rotunda]", ...words);
  }
}
