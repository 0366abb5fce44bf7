// Signing in. Nobody makes an account here: an operator comes by an invitation that the server's owner made.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../ui/icon.tsx";
import { Looks } from "../../ui/looks.tsx";
import { Warning } from "../../ui/warning.tsx";
import { base } from "../address.ts";
import { Trouble } from "../call.ts";
import { Field, sent } from "../parts/field.tsx";
import { Heading } from "../parts/heading.tsx";
import { aboutSignIn } from "../problem.ts";
import { a, type AdminWord } from "../words/index.ts";
import { acceptWithPasskey, acceptWithPassword, openInvitation, signIn, signInByPasskey, signInByToken } from "./account.ts";
import { canHavePasskeys } from "./passkey.ts";
import { hasOperators, invitation, type Me, whySignedOut } from "./state.ts";

/** The view before signing in. */
export function SignIn() {
  const key = invitation.value;
  return (
    <div class="sign-in">
      <header class="admin-head">
        <p class="brand"><img src={new URL("assets/icon.svg", base).href} alt="" width="32" height="32" /> Rotunda</p>
        <Looks />
      </header>
      <main class="sign-in-main">
        <Heading text={a(key ? "welcome" : "signIn")} />
        {whySignedOut.value && <p class="notice calm" role="status">{a(whySignedOut.value)}</p>}
        {key ? <Invited invitationKey={key} /> : <Doors />}
      </main>
    </div>
  );
}

/** Runs one way in at a time, and tells why one did not work. */
function useWayIn(wrong: AdminWord) {
  const [error, setError] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const go = async (way: () => Promise<unknown>) => {
    if (isBusy) return;
    setBusy(true);
    setError(null);
    await way().catch((trouble: unknown) => setError(trouble instanceof Error ? trouble : new Trouble(0)));
    setBusy(false);
  };
  return { warning: <Warning words={error && aboutSignIn(error, wrong)} />, isBusy, go };
}

function Doors() {
  if (!hasOperators.value) return <ByToken />;
  return (
    <>
      <ByName />
      <details class="fold card">
        <summary>{a("byTokenTitle")}</summary>
        <ByToken isInside />
      </details>
      <p class="soft">{a("noAccount")}</p>
    </>
  );
}

function ByName() {
  const { warning, isBusy, go } = useWayIn("wrongNameText");
  const submit = (event: SubmitEvent) => {
    const form = sent(event);
    if (!form) return;
    const isPasskey = event.submitter?.getAttribute("value") === "passkey";
    void go(() => (isPasskey ? signInByPasskey(form.text("name")) : signIn(form.text("name"), passwordOf(form.form))));
  };
  return (
    <form class="card sign-in-card" onSubmit={submit}>
      {warning}
      <Field label={a("name")} name="name" type="text" autocomplete="username webauthn" required maxLength={100} />
      <Field label={a("password")} name="password" type="password" autocomplete="current-password" maxLength={1000} />
      <button type="submit" class="primary" aria-disabled={isBusy}>{a("signIn")}</button>
      {canHavePasskeys() && <button type="submit" value="passkey" class="quiet" aria-disabled={isBusy}><Icon name="lock" />{a("signInByPasskey")}</button>}
    </form>
  );
}

/** A password is taken as it was typed, blanks and all. */
function passwordOf(form: HTMLFormElement): string {
  const value = new FormData(form).get("password");
  return typeof value === "string" ? value : "";
}

function ByToken({ isInside = false }: { isInside?: boolean }) {
  const { warning, isBusy, go } = useWayIn("wrongTokenText");
  const submit = (event: SubmitEvent) => {
    const form = sent(event);
    if (form) void go(() => signInByToken(form.text("project"), form.text("token")));
  };
  return (
    <form class={isInside ? "sign-in-form" : "card sign-in-card"} onSubmit={submit}>
      {warning}
      <p class="soft">{a("tokenText")}</p>
      <Field label={a("projectId")} name="project" type="text" autocomplete="off" spellcheck={false} required dir="ltr" maxLength={100} />
      <Field label={a("apiToken")} name="token" type="password" autocomplete="off" required dir="ltr" maxLength={500} />
      <button type="submit" class="primary" aria-disabled={isBusy}>{a("openProject")}</button>
    </form>
  );
}

/** Whoever came by an invitation. */
function Invited({ invitationKey }: { invitationKey: string }) {
  const [me, setMe] = useState<Me | null>(null);
  const { warning, go } = useWayIn("invitationOverText");
  useEffect(() => void go(async () => setMe(await openInvitation(invitationKey))), [invitationKey]);
  return (
    <>
      {warning}
      {me ? <Accept me={me} invitationKey={invitationKey} /> : <p class="soft" role="status">{a("reading")}</p>}
      <button type="button" class="link" onClick={() => (invitation.value = null)}>{a("signInInstead")}</button>
    </>
  );
}

function Accept({ me, invitationKey }: { me: Me; invitationKey: string }) {
  const projects = me.projects.map(({ id, name }) => name || id).join(", ");
  return (
    <>
      <p>{a("invitedAs", { name: me.name, projects })}</p>
      {canHavePasskeys() && <AcceptCard title={a("passkeyTitle")} text={a("passkeyText")}><PasskeyButton invitationKey={invitationKey} /></AcceptCard>}
      <AcceptCard title={a("passwordTitle")} text={a("passwordText")}><PasswordForm invitationKey={invitationKey} name={me.name} /></AcceptCard>
    </>
  );
}

function AcceptCard({ title, text, children }: { title: string; text: string; children: ComponentChildren }) {
  return <section class="card sign-in-card"><h2>{title}</h2><p class="soft">{text}</p>{children}</section>;
}

function PasskeyButton({ invitationKey }: { invitationKey: string }) {
  const { warning, isBusy, go } = useWayIn("invitationOverText");
  return (
    <>
      {warning}
      <button type="button" class="primary" aria-disabled={isBusy} onClick={() => void go(() => acceptWithPasskey(invitationKey))}><Icon name="lock" />{a("makePasskey")}</button>
    </>
  );
}

function PasswordForm({ invitationKey, name }: { invitationKey: string; name: string }) {
  const { warning, isBusy, go } = useWayIn("invitationOverText");
  const submit = (event: SubmitEvent) => {
    const form = sent(event);
    if (form) void go(() => acceptWithPassword(invitationKey, passwordOf(form.form)));
  };
  return (
    <form class="sign-in-form" onSubmit={submit}>
      {warning}
      <input type="text" name="name" autocomplete="username" value={name} readOnly hidden />
      <Field label={a("password")} name="password" type="password" autocomplete="new-password" required minLength={12} maxLength={1000} hint={a("passwordHint")} />
      <button type="submit" class="primary" aria-disabled={isBusy}>{a("usePassword")}</button>
    </form>
  );
}
