// Signing in and out: by name and password, by a passkey, by an invitation, by an API token.

import { askOwn, Trouble, tryToken } from "../call.ts";
import { takeInvitation } from "../address.ts";
import { createPasskey, type CreationOptions, type RequestOptions, usePasskey } from "./passkey.ts";
import { account, hasOperators, invitation, isKnown, type Me, signedIn } from "./state.ts";

interface Ceremony<Options> {
  ceremony: string;
  options: Options;
}

const enter = (me: Me): void => signedIn({ by: "name", me });

/** Finds out who is signed in, once at the beginning. */
export async function lookWhoIsIn(): Promise<void> {
  invitation.value = takeInvitation();
  try {
    const me = await askOwn<Me>("GET", "me");
    hasOperators.value = true;
    if (!invitation.value) enter(me);
  } catch (trouble) {
    hasOperators.value = trouble instanceof Trouble && trouble.status === 401;
  }
  isKnown.value = true;
}

/** By an API token, which opens its own project. */
export async function signInByToken(project: string, token: string): Promise<void> {
  const by = { by: "token", project, token } as const;
  await tryToken(by);
  signedIn(by);
}

/** By name and password. */
export const signIn = async (name: string, password: string): Promise<void> => enter(await askOwn<Me>("POST", "login", { name, password }));

/** By a passkey of this name. */
export async function signInByPasskey(name: string): Promise<void> {
  const { ceremony, options } = await askOwn<Ceremony<RequestOptions>>("POST", "login/passkey/start", { name });
  const credential = await usePasskey(options);
  enter(await askOwn<Me>("POST", "login/passkey/finish", { ceremony, credential }));
}

/** For whom an invitation is. */
export const openInvitation = (key: string): Promise<Me> => askOwn("POST", "invitation", { key });

/** Accepts it with a password. */
export const acceptWithPassword = async (key: string, password: string): Promise<void> => enter(await askOwn<Me>("POST", "invitation/password", { key, password }));

/** Accepts it with a passkey. */
export async function acceptWithPasskey(key: string): Promise<void> {
  const { ceremony, options } = await askOwn<Ceremony<CreationOptions>>("POST", "invitation/passkey/start", { key });
  const credential = await createPasskey(options);
  enter(await askOwn<Me>("POST", "invitation/passkey/finish", { key, ceremony, credential }));
}

/** Leaves; a token is forgotten. */
export async function signOut(): Promise<void> {
  const was = account.value;
  account.value = null;
  if (was?.by === "name") await askOwn("POST", "logout").catch(() => {});
}
