// What is known before joining, and the way in: a token by the invitation, and the room by the token.

import { type Signal, signal } from "@preact/signals";
import { givenName, readInvitation } from "../address.ts";
import { aboutJoin, keyMissing, type Problem } from "../failures.ts";
import { keep, kept } from "../kept.ts";
import { enter, type Stay } from "../room/stay.ts";
import { askPass, forgetPass, isDev, type Pass, passNow } from "./pass.ts";

export const invitation = readInvitation();
export const name = signal(givenName ?? kept("name") ?? "");
/** Token in hand, or null until it is asked for. */
export const pass = signal<Pass | null>(passNow(invitation));
export const isBusy = signal(false);
/** Gives up the wait for a host, while there is one. */
export const giveUp = signal<(() => void) | null>(null);
/** Nothing can be done here without another link. */
export const shut = signal<Problem | null>(invitation.by === "link" && !invitation.key ? keyMissing : null);

/** Whether one comes to watch only. */
export const watches = (): boolean => pass.value?.facts.watches ?? (invitation.by === "dev" && invitation.watches);
/** Whether the link has to be opened first, which tells as what it lets in. */
export const isSealed = (): boolean => invitation.by === "link" && !pass.value;

/** Gets a token where there is none yet; a link's tells what comes next. */
export async function unseal(problem: Signal<Problem | null>): Promise<Pass | null> {
  keep("name", name.value.trim());
  try {
    return (pass.value = await askPass(invitation, name.value.trim()));
  } catch (error) {
    problem.value = aboutJoin(error, null);
    return null;
  }
}

/** The token in hand opened the room once; a refusal later is about the token and not about the room. */
let hasBeenIn = false;

/** Joins by the token in hand. One that is no good any more is asked for anew by its link, once. */
export async function join(camera: boolean, problem: Signal<Problem | null>): Promise<Stay | null> {
  const had = invitation.by === "dev" ? await askAnew(problem) : pass.value;
  if (!had) return null;
  const made = await goIn(had, camera, problem);
  if (made || !isSpent(had, problem.value)) return made;
  forget();
  const fresh = await unseal(problem);
  return fresh && goIn(fresh, camera, problem);
}

function isSpent(had: Pass, why: Problem | null): boolean {
  if (invitation.by !== "link") return false;
  if (why?.title === "tokenTitle") return had.isKept || hasBeenIn;
  return why?.title === "closedTitle" && hasBeenIn;
}

async function goIn(by: Pass, camera: boolean, problem: Signal<Problem | null>): Promise<Stay | null> {
  const giving = new AbortController();
  const waits = () => (giveUp.value = () => giving.abort());
  try {
    const made = await enter(by, { camera, signal: giving.signal, waits });
    hasBeenIn = true;
    problem.value = null;
    return made;
  } catch (error) {
    if (!giving.signal.aborted) problem.value = aboutJoin(error, by.facts);
    return null;
  } finally {
    giveUp.value = null;
  }
}

/** Dev's tokens cost nothing, and carry the name as it is now. */
const askAnew = async (problem: Signal<Problem | null>): Promise<Pass | null> => {
  const got = await unseal(problem);
  pass.value = null;
  return got;
};

/** Another name, or another link: the token is not the one any more. */
export function forget(): void {
  forgetPass();
  hasBeenIn = false;
  pass.value = null;
}

/** Says at once when nobody comes in here without an invitation. */
export async function begin(): Promise<void> {
  if (invitation.by === "dev" && (await isDev()) === false) shut.value = { title: "inviteOnlyTitle", text: "inviteOnlyText" };
}

