// Who is signed in, and which project they look at. A token is held here and nowhere else: it is gone with the tab.

import { signal } from "@preact/signals";
import { keepHere, keptHere } from "../../kept.ts";
import type { AdminWord } from "../words/index.ts";

/** A project that may be looked at. */
export interface Project {
  id: string;
  name: string;
}

/** An operator, as the server tells of them. */
export interface Me {
  name: string;
  projects: Project[];
}

/** By what somebody is signed in. */
export type Account = { by: "token"; project: string; token: string } | { by: "name"; me: Me };

/** Whoever is signed in. */
export const account = signal<Account | null>(null);
/** The id of the project that is looked at. */
export const project = signal("");
/** Whether it is known by now who is signed in. */
export const isKnown = signal(false);
/** Whether this server has operators; otherwise there are API tokens only. */
export const hasOperators = signal(false);
/** Why nobody is signed in any more, as the name of the words. */
export const whySignedOut = signal<AdminWord | null>(null);
/** The key of an invitation that waits to be accepted. */
export const invitation = signal<string | null>(null);

/** Looks at another project from now on; a reloaded page does, too. */
export function chooseProject(id: string): void {
  project.value = id;
  keepHere("project", id);
}

/** Somebody is signed in. */
export function signedIn(next: Account): void {
  whySignedOut.value = null;
  invitation.value = null;
  const ids = next.by === "token" ? [next.project] : next.me.projects.map(({ id }) => id);
  const before = keptHere("project") ?? "";
  project.value = ids.includes(before) ? before : ids[0] ?? "";
  account.value = next;
}
