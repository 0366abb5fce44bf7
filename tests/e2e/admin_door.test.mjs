// Signing in to the operator's page by name: what it asks of the server and what it makes of the answers. The answers
// of `/admin/api` are given here; REST is the server's own, asked with the project's token.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { OperatorPage } from "./lib/operator_page.mjs";
import { basic, expect } from "./lib/rest.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const KEY = "invitation-key";
const PASSWORD = "correct horse battery";
const CHALLENGE = Buffer.from("a challenge of the server's own").toString("base64url");

/** A server's operators, as far as the page speaks with them. */
class Desk {
  signedIn = false;
  password = null;
  passkey = null;
  asked = [];
  projects = [];
  /** What is answered to who listens: a text of events, or a status. */
  events = 404;
  listened = [];
  /** How often REST was asked. */
  rest = 0;
  revoked = false;

  me = () => ({ name: "Olga", projects: this.projects, expires_at: "2099-01-01T00:00:00Z", has_password: this.password !== null, passkeys: this.passkey ? 1 : 0 });
  enter = () => {
    this.signedIn = true;
    return [200, this.me()];
  };

  answers = {
    "GET me": () => (this.signedIn ? [200, this.me()] : [401, { error: "Unauthorized" }]),
    "POST invitation": ({ key }) => (key === KEY ? [200, this.me()] : [404, { error: "Not Found" }]),
    "POST invitation/password": ({ password }) => {
      this.password = password;
      return this.enter();
    },
    "POST invitation/passkey/start": () => [200, { ceremony: "one", options: { publicKey: this.creation() } }],
    "POST invitation/passkey/finish": ({ ceremony, credential }) => {
      this.passkey = { ceremony, credential };
      return this.enter();
    },
    "POST login": ({ name, password }) => (name === "Olga" && password === this.password ? this.enter() : [401, { error: "Unauthorized" }]),
    "POST login/passkey/start": () => [200, { ceremony: "two", options: { challenge: CHALLENGE, rpId: "localhost", allowCredentials: [{ type: "public-key", id: this.passkey.credential.id }] } }],
    "POST login/passkey/finish": ({ ceremony, credential }) => {
      this.shown = { ceremony, credential };
      return this.enter();
    },
    "POST logout": () => {
      this.signedIn = false;
      return [204, ""];
    },
  };

  creation = () => ({
    challenge: CHALLENGE,
    rp: { id: "localhost", name: "Rotunda" },
    user: { id: Buffer.from("olga").toString("base64url"), name: "Olga", displayName: "Olga" },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }],
  });

  /** Stands between a page and its server. */
  async serve(page, { project_id: project, api_token: token }) {
    await page.route(/\/admin\/api\//, (route) => {
      const request = route.request();
      const what = `${request.method()} ${new URL(request.url()).pathname.split("/admin/api/")[1]}`;
      this.asked.push(what);
      const [status, body] = this.answers[what](JSON.parse(request.postData() ?? "{}"));
      return route.fulfill({ status, contentType: "application/json", body: body && JSON.stringify(body) });
    });
    await page.route(/\/api\/video\/events/, (route) => {
      this.listened.push(Date.now());
      if (typeof this.events === "number") return route.fulfill({ status: this.events });
      return route.fulfill({ status: 200, contentType: "text/event-stream", body: this.events });
    });
    await page.route(/\/api\/video\/(?!events)/, async (route) => {
      this.rest += 1;
      const headers = await route.request().allHeaders();
      if (this.revoked) return route.fulfill({ status: 401, contentType: "application/json", body: `{"error":"Unauthorized"}` });
      assert.equal(headers["x-rotunda-project"], project);
      assert.equal(headers.authorization, undefined);
      return route.continue({ headers: { ...headers, authorization: basic(project, token) } });
    });
  }
}

describe("signing in to the operator's page", () => {
  const it = world("admin_door");
  const desk = new Desk();
  let operator;

  /** Opens the page anew, in the same browser window. */
  const open = async (fragment = "") => {
    await operator.page.goto("about:blank");
    await operator.page.goto(`http://localhost:${it.server.ports.http}/admin${fragment}`);
  };
  const signInByName = async (password) => {
    await operator.fill("Name", "Olga");
    await operator.fill("Password", password);
    await operator.button("Sign in").click();
  };

  before(async () => {
    operator = await OperatorPage.open(it, "openapi.json");
    desk.projects = [{ id: it.server.project_id, name: "Lessons" }];
    await desk.serve(operator.page, it.server);
    const authenticator = await operator.context.newCDPSession(operator.page);
    await authenticator.send("WebAuthn.enable");
    const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
    await authenticator.send("WebAuthn.addVirtualAuthenticator", { options });
  }, { timeout: 60_000 });

  test("an invitation that is over says so, and who can make another", { timeout: 60_000 }, async () => {
    await open("#invite=some-other-key");
    await operator.told("This invitation is not good any more");
    await operator.page.getByText("rotunda admin invite").waitFor();
    await operator.isOpenToAll();
  });

  test("at an address without a name, to which no passkey can belong, none is offered", { timeout: 60_000 }, async () => {
    await operator.page.goto(`${it.server.http}/admin`);
    await operator.button("Sign in").waitFor();
    assert.equal(await operator.button("Sign in with a passkey").count(), 0);
    await open();
    await operator.button("Sign in with a passkey").waitFor();
  });

  test("an invitation is accepted with a password, and its key stays in no address", { timeout: 60_000 }, async () => {
    await open(`#invite=${KEY}`);
    await operator.page.getByText("You are invited as Olga, for: Lessons.").waitFor();
    assert.ok(!operator.page.url().includes(KEY));
    for (const width of [360, 1280]) await operator.look(`admin-invited-${width}`, { width, height: 900 }, { fullPage: true });
    await operator.isOpenToAll();
    await operator.fill("Password", PASSWORD);
    await operator.button("Use this password").click();
    await operator.heading("Live");
    assert.equal(desk.password, PASSWORD);
  });

  test("whoever signs out signs in again by name and password, and a wrong one is refused in words", { timeout: 60_000 }, async () => {
    await operator.button("Sign out").click();
    await operator.heading("Sign in");
    await until("the server was told", () => desk.asked.includes("POST logout"));
    await signInByName("wrong");
    await operator.told("That did not let you in");
    for (const width of [360, 1280]) await operator.look(`admin-by-name-${width}`, { width, height: 900 }, { fullPage: true });
    await operator.isOpenToAll();
    await signInByName(PASSWORD);
    await operator.heading("Live");
    await operator.page.getByText("Olga", { exact: true }).waitFor();
  });

  test("a reloaded page is signed in still", { timeout: 60_000 }, async () => {
    await open();
    await operator.heading("Live");
  });

  test("where the server tells of no events there is no panel of them", { timeout: 60_000 }, async () => {
    await until("it was asked", () => desk.listened.length > 0);
    const events = operator.page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Events" });
    await until("it is not there", async () => (await events.count()) === 0);
  });

  test("a passkey is made by an invitation and signs in", { timeout: 60_000 }, async () => {
    desk.signedIn = false;
    await open(`#invite=${KEY}`);
    await operator.button("Make a passkey").click();
    await operator.heading("Live");
    const { ceremony, credential } = desk.passkey;
    const said = (text) => JSON.parse(Buffer.from(text, "base64url").toString());
    assert.deepEqual([ceremony, credential.type, credential.rawId], ["one", "public-key", credential.id]);
    assert.deepEqual([said(credential.response.clientDataJSON).type, said(credential.response.clientDataJSON).challenge], ["webauthn.create", CHALLENGE]);
    assert.ok(Buffer.from(credential.response.attestationObject, "base64url").length > 100);
    await operator.button("Sign out").click();
    await operator.fill("Name", "Olga");
    await operator.button("Sign in with a passkey").click();
    await operator.heading("Live");
    const { response } = desk.shown.credential;
    assert.deepEqual([desk.shown.ceremony, said(response.clientDataJSON).type], ["two", "webauthn.get"]);
    assert.ok(response.signature.length > 50 && response.authenticatorData.length > 40);
  });

  test("what happens is shown as it happens, and has what is shown read again", { timeout: 60_000 }, async () => {
    const made = { type: "room.made", timestamp: Date.now() / 1000, data: { room: { name: "hall-of-events" } } };
    desk.events = `: here\n\nevent: room.made\nid: 1\ndata: ${JSON.stringify(made)}\n\n`;
    await open("#/events");
    await operator.heading("Events");
    const first = operator.page.getByRole("list", { name: "Events" }).getByRole("listitem").first();
    await first.getByText("room.made").waitFor();
    await first.getByText("hall-of-events", { exact: true }).click();
    await operator.isOpenToAll();
    for (const width of [360, 1280]) await operator.look(`admin-events-${width}`, { width, height: 900 }, { fullPage: true });
  });

  test("a line of events that breaks is opened again after pauses that grow", { timeout: 60_000 }, async () => {
    desk.events = 503;
    const since = desk.listened.length;
    await open("#/events");
    await operator.page.getByText("The line to the server is interrupted.").waitFor();
    await until("it was opened three times more", () => desk.listened.length >= since + 4, { within: 30_000 });
    const [first, second, third, fourth] = desk.listened.slice(since);
    assert.ok(third - second > (second - first) * 1.3 && fourth - third > (third - second) * 1.3, String([second - first, third - second, fourth - third]));
  });

  test("in the background nothing is read, and all is read at once when somebody looks again", { timeout: 60_000 }, async () => {
    desk.events = 404;
    await operator.page.clock.install();
    await open("#/rooms");
    await operator.page.getByText("There is no room yet.").waitFor();
    const see = (state) => operator.page.evaluate((value) => {
      Object.defineProperty(document, "visibilityState", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
    await see("hidden");
    const before = desk.rest;
    await operator.page.clock.runFor(60_000);
    assert.ok(desk.rest <= before + 1, "one may have been under way");
    const later = desk.rest;
    await see("visible");
    await until("it is read", () => desk.rest > later);
  });

  test("a session that was revoked leads back to signing in, in words", { timeout: 60_000 }, async () => {
    await operator.view("Rooms");
    desk.revoked = true;
    await operator.heading("Sign in");
    await operator.page.getByText("You were signed out: your session is over, or it was revoked.").waitFor();
    await operator.isOpenToAll();
    assert.deepEqual(await operator.page.evaluate(() => window.refused), []);
  });

  test("without operators there are API tokens only", { timeout: 60_000 }, async () => {
    desk.answers["GET me"] = () => [404, { error: "Not Found" }];
    await open();
    await operator.page.getByLabel("Project id").waitFor();
    assert.equal(await operator.page.getByLabel("Password").count(), 0);
    assert.equal(expect(await it.rest.get("/rooms"), 200).data.length, 0);
  });
});
