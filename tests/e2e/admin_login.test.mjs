// Signing in to the operator's page by name, from the page alone and over the whole server: an invitation made on the
// machine, a password, a passkey, and what becomes of a page whose operator is revoked.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { OperatorPage } from "./lib/operator_page.mjs";
import { fresh } from "./lib/random.mjs";
import { rotunda } from "./lib/server.mjs";
import { world } from "./lib/world.mjs";

const PASSWORD = "correct horse battery";

describe("operators who sign in by name", () => {
  const it = world("admin_login");
  const room = fresh("hall");
  let operator;

  const onMachine = async (...args) => {
    const { code, stdout, stderr } = await rotunda(["admin", ...args, "--data-dir", it.server.dataDir]);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const invitation = async (...args) => /#invite=\S+/.exec(await onMachine("invite", ...args))[0];
  // Passkeys belong to a name.
  const open = async (fragment = "") => {
    await operator.page.goto("about:blank");
    await operator.page.goto(`http://localhost:${it.server.ports.http}/admin${fragment}`);
  };
  const signIn = async (name, password) => {
    await operator.fill("Name", name);
    await operator.fill("Password", password);
    await operator.button("Sign in").click();
  };

  before(async () => {
    operator = await OperatorPage.open(it, "openapi.json");
    const authenticator = await operator.context.newCDPSession(operator.page);
    await authenticator.send("WebAuthn.enable");
    const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
    await authenticator.send("WebAuthn.addVirtualAuthenticator", { options });
  }, { timeout: 60_000 });

  test("an invitation gives a password, once, and its owner makes a room", { timeout: 60_000 }, async () => {
    const link = await invitation("olga");
    await open(link);
    await operator.isOpenToAll();
    await operator.fill("Password", PASSWORD);
    await operator.button("Use this password").click();
    await operator.heading("Live");
    await operator.view("Rooms");
    await operator.fill("Name in addresses", room);
    await operator.button("Make the room").click();
    await operator.heading(room);
    assert.equal((await it.rest.get(`/rooms/${room}`)).status, 200);
    await open(link);
    await operator.told("This invitation is not good any more");
  });

  test("whoever signs out signs in again, and a wrong password is refused in words", { timeout: 60_000 }, async () => {
    await open();
    await operator.button("Sign out").click();
    await signIn("olga", "some other password");
    await operator.told("That did not let you in");
    await signIn("olga", PASSWORD);
    await operator.heading("Live");
    await open("#/rooms");
    await operator.heading("Rooms");
  });

  test("a passkey is made by an invitation, signs in, and sees its own project", { timeout: 60_000 }, async () => {
    await operator.button("Sign out").click();
    await operator.heading("Sign in");
    await open(await invitation("pia", "--project", it.server.project_id));
    await operator.button("Make a passkey").click();
    await operator.heading("Live");
    await operator.button("Sign out").click();
    await operator.fill("Name", "pia");
    await operator.button("Sign in with a passkey").click();
    await operator.page.getByText("pia", { exact: true }).waitFor();
    await operator.view("Rooms");
    await operator.page.getByRole("link", { name: room }).waitFor();
  });

  test("whoever is revoked is led back to signing in, in words, and comes in no more", { timeout: 60_000 }, async () => {
    await onMachine("revoke", "pia");
    await operator.heading("Sign in");
    await operator.page.getByText("You were signed out: your session is over, or it was revoked.").waitFor();
    await operator.fill("Name", "pia");
    await operator.button("Sign in with a passkey").click();
    await operator.page.getByRole("alert").getByText(/That did not let you in|There was no passkey/).waitFor();
    await operator.isOpenToAll();
    assert.deepEqual(await operator.page.evaluate(() => window.refused), []);
  });
});
