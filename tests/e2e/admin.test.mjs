// The operator's login: invitations, passwords, passkeys and the cookie that acts on REST.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { openPage } from "./lib/browser.mjs";
import { inDatabase, invite, listen, Operator } from "./lib/operator.mjs";
import { basic } from "./lib/rest.mjs";
import { binary, rotunda } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const PASSWORD = "correct horse battery";

describe("the operator's login", () => {
  const it = world("admin");
  let other; // a project that is not the first
  let ann; // signed in, with all projects

  const cli = (...args) => rotunda([...args, "--data-dir", it.server.dataDir]);
  const admin = async (name, ...args) => {
    const operator = new Operator(it.server);
    const key = await invite(it.server, name, ...args);
    const answer = await operator.door("POST", "/invitation/password", { key, password: PASSWORD });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return operator;
  };

  test("an invitation says for whom it is, makes a password once, and sets a cookie that no script sees", async () => {
    other = (await cli("project", "create", "--name", "other")).stdout.trim();
    const key = await invite(it.server, "ann");
    ann = new Operator(it.server);
    const shown = await ann.door("POST", "/invitation", { key });
    assert.deepEqual([shown.status, shown.body.name, shown.body.projects.map(({ id }) => id)], [200, "ann", [it.server.project_id, other]]);
    assert.equal(shown.headers.get("cache-control"), "no-store");
    const minutes = (Date.parse(shown.body.expires_at) - Date.now()) / 60_000;
    assert.ok(minutes > 13 && minutes < 15.1, shown.body.expires_at);
    const short = await ann.door("POST", "/invitation/password", { key, password: "eleven char" });
    assert.deepEqual([short.status, short.body.errors[0].attribute, short.body.errors[0].code], [422, "password", "invalid_parameter"]);
    assert.match(short.body.errors[0].message, /at least 12 characters/);
    const made = await ann.door("POST", "/invitation/password", { key, password: PASSWORD });
    assert.deepEqual([made.status, made.body.name, made.body.has_password, made.body.passkeys], [200, "ann", true, 0]);
    const cookie = made.headers.get("set-cookie");
    for (const rule of ["HttpOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age=43200"]) assert.match(cookie, new RegExp(`; ${rule}(;|$)`));
    assert.deepEqual((await ann.door("GET", "/me")).body, made.body);
    const again = await new Operator(it.server).door("POST", "/invitation/password", { key, password: PASSWORD });
    assert.deepEqual([again.status, again.body], [404, { error: "Not Found" }]);
    const log = it.server.logText();
    for (const secret of [key, cookie.split(/[=;]/)[1], PASSWORD]) assert.ok(!log.includes(secret), "no secret is in the log");
  });

  test("an invitation that is unknown or over is not found", async () => {
    const key = await invite(it.server, "late");
    inDatabase(it.server, "UPDATE admin_invitations SET expires_at = 1 WHERE name = 'late'");
    for (const wrong of [key, "guess", ""]) {
      const nobody = new Operator(it.server);
      assert.equal((await nobody.door("POST", "/invitation", { key: wrong })).status, 404);
      assert.equal((await nobody.door("POST", "/invitation/passkey/start", { key: wrong })).status, 404);
      assert.equal((await nobody.door("POST", "/invitation/password", { key: wrong, password: PASSWORD })).status, 404);
    }
    assert.equal((await cli("admin", "invite", "a\nb")).code, 1);
    assert.match((await cli("admin", "invite", "x", "--project", "none")).stderr, /no project of this id or name/);
  });

  test("who signs in with a wrong name or password hears the same, and waits when it happens too often", async () => {
    const nobody = new Operator(it.server);
    const wrong = await nobody.door("POST", "/login", { name: "ann", password: "wrong password" });
    const unknown = await nobody.door("POST", "/login", { name: "nobody", password: PASSWORD });
    assert.deepEqual([wrong.status, wrong.body], [401, { error: "Unauthorized", message: "wrong name or password" }]);
    assert.deepEqual(unknown.body, wrong.body);
    const good = await nobody.door("POST", "/login", { name: "ann", password: PASSWORD });
    assert.deepEqual([good.status, good.body.name], [200, "ann"]);
    let limited;
    for (let n = 0; n < 20 && limited?.status !== 429; n += 1) {
      limited = await new Operator(it.server).door("POST", "/login", { name: `guess ${n}`, password: PASSWORD });
    }
    assert.equal(limited.status, 429);
    assert.ok(Number(limited.headers.get("retry-after")) >= 1);
    assert.equal((await nobody.door("GET", "/me")).status, 200, "who is signed in stays so");
  });

  test("the cookie acts on REST for the project that is named, and on no other than its own", async () => {
    const made = await ann.rest("POST", "/rooms", { name: "operated" });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    assert.equal((await it.rest.get("/rooms/operated")).body.id, made.body.id);
    assert.equal((await ann.rest("GET", "/rooms/operated", undefined, { project: other })).status, 404, "another project has it not");
    const strange = "00000000-0000-4000-8000-000000000000";
    for (const project of [strange, "", "x"]) assert.equal((await ann.rest("GET", "/rooms", undefined, { project })).status, 403, project);
    const ben = await admin("ben", "--project", "other");
    assert.deepEqual((await ben.door("GET", "/me")).body.projects, [{ id: other, name: "other" }]);
    assert.equal((await ben.rest("GET", "/rooms", undefined, { project: other })).status, 200);
    assert.equal((await ben.rest("GET", "/rooms")).status, 403);
    const token = basic(it.server.project_id, it.server.api_token);
    const basicWins = await ben.rest("GET", "/rooms", undefined, { project: other, headers: { authorization: token } });
    assert.ok(basicWins.body.data.some(({ name }) => name === "operated"));
    const outside = await new Operator(it.server, "rotunda_admin=guess").rest("GET", "/rooms");
    assert.deepEqual([outside.status, outside.headers.get("www-authenticate")], [401, null], "no window of the browser's own");
  });

  test("what changes something comes from a page of our own", async () => {
    for (const origin of ["http://evil.example", "null", it.server.http.replace("http", "https"), null]) {
      const wish = { headers: { origin } };
      assert.equal((await ann.rest("POST", "/rooms", { name: "forged" }, wish)).status, 403, origin);
      assert.equal((await ann.rest("DELETE", "/rooms/operated", undefined, wish)).status, 403, origin);
      for (const path of ["/login", "/logout", "/invitation", "/invitation/password"]) {
        assert.equal((await ann.door("POST", path, {}, wish)).status, 403, `${path} from ${origin}`);
      }
      assert.equal((await ann.rest("GET", "/rooms/operated", undefined, wish)).status, 200, "who only reads may");
    }
  });

  test("a session is listed, and ends at once when it is revoked, when its admin is, and at sign-out", async () => {
    const cid = await admin("cid");
    const twice = new Operator(it.server, cid.cookie);
    const { stdout } = await cli("admin", "list");
    const [, session] = /^cid {2}password, 0 passkeys {2}all projects\n {4}(\S+) {2}for 11 h 59 min yet$/m.exec(stdout);
    assert.equal((await cli("admin", "revoke", session)).code, 0);
    assert.equal((await twice.door("GET", "/me")).status, 401);
    assert.equal((await twice.rest("GET", "/rooms")).status, 401);
    assert.match((await cli("admin", "revoke", session)).stderr, /there is no admin/);
    const dan = await admin("dan");
    assert.equal((await cli("admin", "revoke", "dan")).code, 0);
    assert.equal((await dan.door("GET", "/me")).status, 401);
    const eve = await admin("eve");
    const before = new Operator(it.server, eve.cookie);
    const out = await eve.door("POST", "/logout");
    assert.equal(out.status, 204);
    assert.match(out.headers.get("set-cookie"), /^rotunda_admin=; Max-Age=0;/);
    assert.equal((await before.door("GET", "/me")).status, 401);
  });

  test("events are told as REST shows them, and the stream ends within a second of what opened it", { timeout: 60_000 }, async () => {
    const gus = await admin("gus", "--project", it.server.project_id);
    const live = await listen(gus, { "x-rotunda-project": it.server.project_id });
    const token = (await cli("api-token", "create", "--project", it.server.project_id, "--scope", "video")).stderr.split(/[ ;]/)[1];
    const made = (await ann.rest("POST", "/rooms", { name: "heard" })).body;
    const told = await live.wait("room.created");
    assert.deepEqual([told.json.type, told.json.data], ["room.created", { room: { id: made.id, name: "heard" } }]);
    await ann.rest("POST", "/rooms", { name: "elsewhere" }, { project: other });
    await it.joined("Ann", "heard", { tone: 500 });
    const joined = await live.wait("member.joined");
    const session = (await live.wait("room.started")).json.data.room_session.id;
    const members = (await ann.rest("GET", `/room_sessions/${session}/members`)).body.data;
    assert.deepEqual(members.map(({ id }) => id), [joined.json.data.member.id], "what was told of is there");
    const heard = [...live.events];
    const { data: listed } = (await ann.rest("GET", `/room_sessions/${session}/events?page_size=100`)).body;
    for (const { id, json } of heard.filter(({ json: { data } }) => data.member)) {
      const row = listed.find((one) => one.id === id);
      assert.deepEqual([row.name, row.created_at, row.payload], [json.type, json.timestamp, json.data]);
    }
    await it.closePages();
    assert.ok(!live.text.includes("elsewhere") && !live.text.includes(token), "nothing of another project, nor of tokens");
    const begun = Date.now();
    await cli("admin", "revoke", "gus");
    await until("the stream ends", () => live.ended, { within: 5000 });
    assert.ok(Date.now() - begun < 2500, `${Date.now() - begun} ms, with the command's own time`);
  });

  test("an API token listens to its own project, so many may, and one who lost the project does not", { timeout: 60_000 }, async () => {
    const nobody = new Operator(it.server);
    const authorization = basic(it.server.project_id, it.server.api_token);
    assert.equal((await nobody.ask("GET", "/api/video/events")).status, 401);
    assert.equal((await nobody.ask("GET", "/api/video/events", undefined, { headers: { authorization: basic(other, it.server.api_token) } })).status, 401);
    const all = [];
    for (let n = 0; n < 32; n += 1) all.push(await listen(nobody, { authorization }));
    const full = await nobody.ask("GET", "/api/video/events", undefined, { headers: { authorization } });
    assert.deepEqual([full.status, full.headers.get("retry-after")], [429, "5"]);
    const hal = await admin("hal");
    const lost = await listen(hal, { "x-rotunda-project": other });
    await hal.door("POST", "/invitation/password", { key: await invite(it.server, "hal", "--project", it.server.project_id), password: PASSWORD });
    await until("the other project is lost", () => lost.ended, { within: 5000 });
    await it.rest.room({ name: "all-hear" });
    for (const one of all) await one.wait("room.created");
    for (const one of all) one.close();
    const again = await until("there is room again", async () => {
      const one = await listen(nobody, { authorization }).catch(() => null);
      return one;
    });
    again.close();
  });

  test("a passkey is made with an invitation and signs in afterwards", { timeout: 60_000 }, async () => {
    const here = it.server.http.replace("127.0.0.1", "localhost"); // passkeys belong to names
    const { page, context } = await openPage(it.browser, `${here}/livez`);
    const devices = await context.newCDPSession(page);
    await devices.send("WebAuthn.enable");
    const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
    const { authenticatorId } = await devices.send("WebAuthn.addVirtualAuthenticator", { options });
    const key = await invite(it.server, "fay");
    const made = await page.evaluate(makes, key);
    assert.deepEqual([made.status, made.body.name, made.body.has_password, made.body.passkeys], [200, "fay", false, 1], JSON.stringify(made));
    assert.equal((await page.evaluate(makes, key)).status, 404, "the invitation is used");
    assert.equal((await page.evaluate(asks, ["GET", "/me"])).body.name, "fay", "the browser keeps the cookie");
    await page.evaluate(asks, ["POST", "/logout"]);
    assert.equal((await page.evaluate(asks, ["GET", "/me"])).status, 401);
    const shown = await page.evaluate(shows, "fay");
    assert.deepEqual([shown.status, shown.body.name], [200, "fay"], JSON.stringify(shown));
    const { ceremony, credential } = shown.sent;
    assert.equal((await page.evaluate(asks, ["POST", "/login/passkey/finish", { ceremony, credential }])).status, 422, "once only");
    const known = await page.evaluate(asks, ["POST", "/login/passkey/start", { name: "fay" }]);
    for (const name of ["ann", "nobody at all"]) {
      const stranger = await page.evaluate(asks, ["POST", "/login/passkey/start", { name }]);
      assert.deepEqual(Object.keys(stranger.body.options), Object.keys(known.body.options), "who has none looks like who has");
      assert.ok(stranger.body.options.allowCredentials.length > 0);
      const forged = await page.evaluate(asks, ["POST", "/login/passkey/finish", { ceremony: stranger.body.ceremony, credential }]);
      assert.equal(forged.status, 401);
    }
    const stale = { ceremony: known.body.ceremony, credential };
    assert.equal((await page.evaluate(asks, ["POST", "/login/passkey/finish", stale])).status, 401, "another challenge's signature");
    await devices.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
    const address = await ann.door("POST", "/login/passkey/start", { name: "fay" });
    assert.equal(address.status, 422, "an address has no passkeys");
    await context.close();
  });

  test("a restart keeps who is signed in", { timeout: 60_000 }, async () => {
    const { cookie } = ann;
    await it.server.stop();
    it.server = await it.server.restart();
    const back = new Operator(it.server, cookie);
    assert.equal((await back.door("GET", "/me")).body.name, "ann");
    assert.equal((await back.rest("GET", "/rooms/operated")).status, 200);
  });

  test("dev prints a link each time, and serve where a terminal reads it while there is no admin", { timeout: 60_000 }, async () => {
    assert.match(it.server.logText(), /operator +http:\/\/localhost:\d+\/admin#invite=[\w-]{22}\n/);
    const folder = mkdtempSync(join(tmpdir(), "rotunda-admin-"));
    const flags = `serve --data-dir ${folder} --listen 127.0.0.1:0 --udp-port 0 --tcp-port 0`;
    const env = { ...process.env, ROTUNDA_READY_FILE: join(folder, "ready"), ROTUNDA_METRICS__LISTEN: "127.0.0.1:0" };
    const serve = async (program, args) => {
      rmSync(env.ROTUNDA_READY_FILE, { force: true });
      const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (said += bytes));
      const ended = new Promise((resolve) => child.once("exit", resolve));
      const ready = await until("it serves", () => JSON.parse(readFileSync(env.ROTUNDA_READY_FILE, "utf8")), { within: 20_000 });
      process.kill(ready.pid, "SIGTERM");
      await ended;
      return said;
    };
    const piped = await serve(binary(), flags.split(" "));
    assert.ok(!piped.includes("invite=") && piped.includes("rotunda admin invite"), piped);
    const terminal = ["-qfec", `${binary()} ${flags}`, "/dev/null"];
    assert.match(await serve("script", terminal), /http:\/\/127\.0\.0\.1:\d+\/admin#invite=[\w-]{22}/);
    rmSync(folder, { recursive: true, force: true });
  });
});

/** In the page: asks the operator's door. */
async function asks([method, path, body]) {
  const json = { "content-type": "application/json" };
  const answer = await fetch(`/admin/api${path}`, { method, headers: body ? json : {}, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
}

/** In the page: makes a passkey with an invitation. */
async function makes(key) {
  const ask = async (path, body) => {
    const answer = await fetch(`/admin/api/invitation/passkey/${path}`, { method: "POST", body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  const begun = await ask("start", { key });
  if (begun.status !== 200) return begun;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(begun.body.options);
  const credential = (await navigator.credentials.create({ publicKey })).toJSON();
  return ask("finish", { key, ceremony: begun.body.ceremony, credential });
}

/** In the page: signs in with a passkey. */
async function shows(name) {
  const ask = async (path, body) => {
    const answer = await fetch(`/admin/api/login/passkey/${path}`, { method: "POST", body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  const begun = await ask("start", { name });
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(begun.body.options);
  const credential = (await navigator.credentials.get({ publicKey })).toJSON();
  const sent = { ceremony: begun.body.ceremony, credential };
  return { ...(await ask("finish", sent)), sent };
}
