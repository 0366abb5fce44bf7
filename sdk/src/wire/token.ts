// What can be read of a room token without knowing its secret: where its server is, and its room.

/** What a token says to its client. */
export interface TokenFacts {
  /** Address of the server; it goes before the application's `host`. */
  host: string | undefined;
  /** Name of the room: under it the tab keeps what it needs to find its seat again. */
  room: string | undefined;
}

/** Reads a token; of one that is no token nothing is known. */
export function readToken(token: string): TokenFacts {
  const [header = "", payload = ""] = token.split(".");
  const head = part(header);
  const body = part(payload);
  const type = head?.typ ?? "VRT";
  return {
    host: text(head?.ch),
    room: type === "VRT" || type === "SAT" ? text(body?.r) : undefined,
  };
}

/** The address of the socket: as given with a scheme, else by wss; the page's own where none is given. */
export function socketUrl(host: string | undefined): string {
  if (host) return /^wss?:\/\//.test(host) ? host : `wss://${host.replace(/^https?:\/\//, "")}`;
  return new URL("/", location.href).href.replace(/^http/, "ws");
}

function part(text64: string): Record<string, unknown> | null {
  try {
    const bytes = atob(text64.replace(/-/g, "+").replace(/_/g, "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)))) as Record<string, unknown>;
  } catch {
    return null;
  }
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);
