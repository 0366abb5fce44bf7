// Where the server is, as this page sees it, and which view the address asks for. Views stand in the fragment:
// `#/rooms/ID`, and `#invite=KEY` is an invitation, whose key is taken out of the address at once.

import { signal } from "@preact/signals";

/** Where the server's doors lie, whatever a proxy puts in front: `https://site/video/`. */
export const base = new URL(location.pathname.replace(/admin\/?$/, ""), location.href);

const REST = "/api/video/";

/** An address below REST, by its path: `rooms/ID`. */
export const rest = (path: string): URL => new URL(`api/video/${path}`, base);

/** The same of what the operators themselves ask: `login`. */
export const own = (path: string): URL => new URL(`admin/api/${path}`, base);

/** A link of REST to a picture or a film, by the way this page itself came: the page may load nothing else. */
export function here(link: string): string {
  const at = link.indexOf(REST);
  return at < 0 ? link : rest(link.slice(at + REST.length)).href;
}

/** A view and what it is about. */
export interface Place {
  view: string;
  id: string;
}

function read(): Place {
  const [view = "", id = ""] = location.hash.replace(/^#\/?/, "").split("/");
  return { view, id: decodeURIComponent(id) };
}

/** The view that is due. */
export const place = signal<Place>(read());

/** The address of a view. */
export const to = (view: string, id = ""): string => `#/${view}${id && `/${encodeURIComponent(id)}`}`;

/** Goes to a view. */
export const go = (view: string, id = ""): void => void (location.hash = to(view, id));

const INVITED = /^#invite=([\w-]+)$/;

/** The key of an invitation, if the address has one; it does not stay there, where others could read it. */
export function takeInvitation(): string | null {
  const key = INVITED.exec(location.hash)?.[1] ?? null;
  if (key) history.replaceState(null, "", location.pathname + location.search);
  if (key) place.value = read();
  return key;
}

addEventListener("hashchange", () => (place.value = read()));
