// What goes wrong, of which kind it is, and what helps. Texts of the server are passed on as they are.

/** Of which kind a {@link RoomSessionError} is; an application decides by it. */
export type ErrorKind =
  | "auth"
  | "permission"
  | "not_found"
  | "locked"
  | "full"
  | "closed"
  | "lobby"
  | "not_admitted"
  | "invalid"
  | "too_long"
  | "too_often"
  | "off"
  | "conflict"
  | "unavailable"
  | "unreachable"
  | "no_media"
  | "interrupted"
  | "timeout"
  | "aborted"
  | "denied"
  | "no_device"
  | "device_busy"
  | "not_prepared"
  | "not_joined"
  | "server";

const CURES: Record<ErrorKind, string> = {
  auth: "Ask your application for a new room token; this one is expired, changed, or of another server.",
  permission: "Make the room token with the permission that the method's documentation names.",
  not_found: "Ask for the members or rooms anew; what was named is not there any more.",
  locked: "Somebody inside has to call unlock().",
  full: "Somebody has to leave first; people in the audience still come in.",
  closed: "The room or the token opens at another time (join_from, join_until).",
  lobby: "A host has to let you in; join() waits for it unless it was told not to.",
  not_admitted: "Ask a host; whoever was sent away may ask again a minute later.",
  invalid: "Correct the value that the message names.",
  too_long: "Shorten it; the message says how long it may be.",
  too_often: "Wait some seconds; the message says how often it may be done.",
  off: "The room's own settings switch it off; they are changed over REST.",
  conflict: "It is being done already, or something else has to end first.",
  unavailable: "The server lacks a program or a setting for it; its operator can say which.",
  unreachable: "Look whether the server runs, whether `host` is right, and whether a proxy passes WebSockets on.",
  no_media: "Open the server's media port (UDP 7882 or TCP 7881) in the firewall, or name a TURN server.",
  interrupted: "The connection broke before the answer came; look at the state, then ask again.",
  timeout: "Try again; if it stays, the network or the server is overloaded.",
  aborted: "It was given up by its AbortSignal or by leave().",
  denied: "Allow camera and microphone for this page in the browser.",
  no_device: "Plug the device in or choose another one.",
  device_busy: "Close the program that uses the device.",
  not_prepared: "Look at what prepareTrack rejected with (`cause`); nothing was sent.",
  not_joined: "Wait for join() first.",
  server: "The server's log says more.",
};

/** What an error is made of beside its message. */
export interface ErrorFacts {
  /** Code of the server, as it came, or one of this package's. */
  code: string | number;
  kind: ErrorKind;
  /** Method that was refused, in the words of the wire. */
  method?: string;
  cause?: unknown;
}

/** What methods of this package reject with: a real `Error` that says its kind and what helps. */
export class RoomSessionError extends Error {
  override name = "RoomSessionError";
  /** Code of the server as it came (`"403"`), or a name of this package's (`"ABORTED"`). */
  readonly code: string | number;
  /** What an application decides by. */
  readonly kind: ErrorKind;
  /** What helps, in a sentence for developers. */
  readonly cure: string;
  /** Method of the wire that was refused, where there was one. */
  readonly method: string | undefined;
  /** What it came from, where it came from something. */
  override readonly cause: unknown;

  constructor(message: string, { code, kind, method, cause }: ErrorFacts) {
    super(message);
    this.code = code;
    this.kind = kind;
    this.cure = CURES[kind];
    this.method = method;
    this.cause = cause;
  }
}

/** The token was not accepted. */
export class AuthError extends RoomSessionError {
  override name = "AuthError";

  constructor(message: string, code: string | number, cause?: unknown) {
    super(message, { code, kind: "auth", cause });
  }
}

/** @internal One of this package's own errors. */
export function problem(kind: ErrorKind, message: string, cause?: unknown): RoomSessionError {
  return new RoomSessionError(message, { code: kind.toUpperCase(), kind, cause });
}

/** @internal What the server answered instead of a result. */
export function refusal(answer: unknown, method: string): RoomSessionError {
  const { code = "500", message = "no reason was given" } = (answer ?? {}) as { code?: string | number; message?: string };
  return new RoomSessionError(String(message), { code, kind: kindOf(String(code), String(message)), method, cause: answer });
}

function kindOf(code: string, message: string): ErrorKind {
  if (/locked/i.test(message)) return "locked";
  if (/is full/i.test(message)) return "full";
  if (/has a lobby/i.test(message)) return "lobby";
  if (/were not let in/i.test(message)) return "not_admitted";
  if (/is switched off/i.test(message)) return "off";
  if (code === "422" && /at most \d+ characters/.test(message)) return "too_long";
  if (code === "422" && /at most \d+ .+ in \d+ seconds/.test(message)) return "too_often";
  switch (code) {
    case "401":
    case "-32002":
      return "auth";
    case "403":
      return "permission";
    case "404":
    case "81":
      return "not_found";
    case "409":
      return "conflict";
    case "422":
    case "-32602":
      return "invalid";
    case "-32029":
      return "too_often";
    case "501":
      return "unavailable";
    default:
      return "server";
  }
}

const DEVICE_KINDS: Record<string, ErrorKind> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "no_device",
  OverconstrainedError: "no_device",
  NotReadableError: "device_busy",
  AbortError: "device_busy",
};

/** @internal What the browser said when it was asked for a camera, a microphone or a screen. */
export function deviceProblem(error: unknown): RoomSessionError {
  const { name = "", message = "" } = (error ?? {}) as { name?: string; message?: string };
  const kind = DEVICE_KINDS[name] ?? "no_device";
  const made = new RoomSessionError(message || name, { code: name || "DEVICE", kind, cause: error });
  if (name) made.name = name;
  return made;
}

/** @internal Throws when the signal has been given. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw problem("aborted", "it was given up", signal.reason);
}

/** @internal The promise, or a rejection as soon as the signal is given or the time is over. */
export function bounded<T>(promise: Promise<T>, ms: number, late: () => RoomSessionError, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => done(() => reject(problem("aborted", "it was given up", signal?.reason)));
    const timer = setTimeout(() => done(() => reject(late())), ms);
    const done = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      settle();
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort);
    promise.then((value) => done(() => resolve(value)), (error) => done(() => reject(error)));
  });
}
