// What the page's address says: which room, by which kind of invitation, and as what. Nothing of a fragment is
// ever sent anywhere but in the exchange of a link's key.
//
// /?room=NAME&as=audience&name=NAME  dev's own; the token is asked of the server
// /#token=TOKEN                      a token that an application made
// /r/NAME#KEY                        a room link; its key is exchanged for a token

/** By what somebody comes. */
export type Invitation =
  | { by: "dev"; room: string | null; watches: boolean }
  | { by: "token"; token: string }
  | { by: "link"; room: string; key: string };

const LINKED = /\/r\/([A-Za-z0-9_-]+)$/;
const query = new URLSearchParams(location.search);

/** Where the server's page lies, whatever a proxy puts in front: `https://site/video/`. */
export const base = new URL(LINKED.test(location.pathname) ? ".." : ".", location.href);

/** The server's socket, beside the page. */
export const socket = base.href.replace(/^http/, "ws");

/** A name that the address gives, or null. */
export const givenName: string | null = query.get("name");

/** What the address says. */
export function readInvitation(): Invitation {
  const room = LINKED.exec(location.pathname)?.[1];
  if (room) return { by: "link", room, key: location.hash.slice(1) };
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) return { by: "token", token };
  return { by: "dev", room: query.get("room") || null, watches: query.get("as") === "audience" };
}

/** Where a room link opens: the room's name, and the key that nobody else is told. */
export function linkAddress(room: string, key: string): string {
  return new URL(`r/${room}#${key}`, base).href;
}

/** The same address, to watch only or to take part. */
export function otherWay(watches: boolean): string {
  const other = new URL(location.href);
  if (watches) other.searchParams.set("as", "audience");
  else other.searchParams.delete("as");
  return other.href;
}
