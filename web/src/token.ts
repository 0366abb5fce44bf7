// What can be read of a room token without its secret. The server believes only its own reading.

/** What a token says to its bearer. */
export interface TokenFacts {
  room: string;
  /** Empty where the token names nobody. */
  name: string;
  watches: boolean;
  /** Seconds since 1970; null where the token says nothing. */
  opensAt: number | null;
  closesAt: number | null;
}

const seconds = (value: unknown): number | null => (typeof value === "number" && value > 0 ? value : null);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Reads a token; null when it is none. */
export function readToken(token: string): TokenFacts | null {
  const claims = claimsOf(token);
  if (!claims) return null;
  return {
    room: text(claims.rdn) || text(claims.r),
    name: text(claims.u),
    watches: claims.ja === "audience",
    opensAt: seconds(claims.jf),
    closesAt: seconds(claims.ju),
  };
}

function claimsOf(token: string): Record<string, unknown> | null {
  try {
    const part = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0));
    const read: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof read === "object" && read !== null ? { ...read } : null;
  } catch {
    return null;
  }
}
