// The process as its operator meets it: probes, ports, TLS, logs, and how it ends.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { lockDatabase } from "./lib/lock.mjs";
import { fresh } from "./lib/random.mjs";
import { basic, expect, restClient } from "./lib/rest.mjs";
import { startServer } from "./lib/server.mjs";
import { pause, until, within } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const status = async (url) => (await fetch(url, { signal: AbortSignal.timeout(10_000) })).status;

describe("the process", () => {
  const files = certificate();
  const env = { ROTUNDA_TLS__CERT_FILE: files.cert, ROTUNDA_TLS__KEY_FILE: files.key, ROTUNDA_LOG__LEVEL: "trace" };
  const it = world("process", { server: { verb: "serve", env } });

  test("it is alive and ready", async () => {
    assert.equal(await status(`${it.server.http}/livez`), 200);
    assert.equal(await status(`${it.server.http}/readyz`), 200);
  });

  test("it is not ready while another program locks the database, and ready again after", { timeout: 60_000 }, async () => {
    const lock = await lockDatabase(it.server);
    // What was found last is told for a second.
    const answer = await until("not ready", async () => {
      const answer = await fetch(`${it.server.http}/readyz`, { signal: AbortSignal.timeout(10_000) });
      return answer.status === 503 && answer;
    });
    assert.equal(await answer.text(), "the database is unusable\n");
    assert.equal(await status(`${it.server.http}/livez`), 200, "alive all the same");
    await lock.release();
    await until("ready again", async () => (await status(`${it.server.http}/readyz`)) === 200);
  });

  test("it is not ready while the database file is gone, and ready when it is back", { timeout: 30_000 }, async () => {
    const file = join(it.server.dataDir, "rotunda.db");
    renameSync(file, `${file}.away`);
    await until("not ready", async () => (await status(`${it.server.http}/readyz`)) === 503);
    renameSync(`${file}.away`, file);
    await until("ready again", async () => (await status(`${it.server.http}/readyz`)) === 200);
  });

  test("metrics are on a loopback port of their own, and nothing else is", async () => {
    const { hostname, port } = new URL(it.server.metrics);
    assert.equal(hostname, "127.0.0.1");
    assert.notEqual(Number(port), it.server.ports.http);
    const answer = await fetch(`${it.server.metrics}/metrics`);
    assert.match(answer.headers.get("content-type"), /^text\/plain/);
    assert.match(await answer.text(), /^rotunda_sessions \d+$/m);
    assert.equal(await status(`${it.server.http}/metrics`), 404);
    assert.equal(await status(`${it.server.metrics}/api/video/rooms`), 404);
    assert.equal(await status(`${it.server.metrics}/`), 404);
  });

  test("HTTP and HTTPS share the port, and HTTPS shows the certificate of the files", async () => {
    const [plain, secure] = await Promise.all([status(`${it.server.http}/livez`), secureStatus(`${it.server.https}/livez`)]);
    assert.deepEqual([plain, secure.status], [200, 200]);
    assert.equal(secure.fingerprint, new X509Certificate(readFileSync(files.cert)).fingerprint256);
  });

  let ann;
  test("the SDK joins over wss", { timeout: 60_000 }, async () => {
    ann = await it.joined("Ann", fresh("secure"), { tone: 500, join: { host: it.server.https.replace("https:", "wss:") } });
    await ann.sees(ann);
  });

  test("SIGHUP shows a renewed certificate, a bad one changes nothing, and nobody is put out", { timeout: 60_000 }, async () => {
    const shown = async () => (await secureStatus(`${it.server.https}/livez`)).fingerprint;
    const end = /^rotunda_certificate_ends_seconds (\d+)$/m.exec(await (await fetch(`${it.server.metrics}/metrics`)).text());
    assert.equal(Number(end[1]) * 1000, Date.parse(new X509Certificate(readFileSync(files.cert)).validTo));
    assert.match(it.server.logText(), /"WARN".*the certificate ends soon/);
    const first = await shown();
    certificate(files);
    process.kill(it.server.pid, "SIGHUP");
    await until("the renewed one is shown", async () => (await shown()) !== first);
    const second = await shown();
    const good = readFileSync(files.cert);
    writeFileSync(files.cert, "half a certificate");
    process.kill(it.server.pid, "SIGHUP");
    await until("the log says so", () => /"ERROR".*the certificate stays the one it was/.test(it.server.logText()));
    assert.equal(await shown(), second);
    writeFileSync(files.cert, good);
    for (const signal of ["SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGXFSZ"]) process.kill(it.server.pid, signal);
    await until("the last of them is told", () => it.server.logText().includes('"XFSZ"'));
    await ann.sees(ann);
  });

  test("who sends a header slowly is sent away, and others are served meanwhile", { timeout: 40_000 }, async () => {
    const beginnings = {
      nothing: "",
      "one letter, as HTTP/2 begins": "P",
      "half a request line": "GET /li",
      "half a header": "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ",
      "half a TLS hello": Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]),
    };
    const slow = Object.entries(beginnings).map(([what, bytes]) => dawdle(it.server.ports.http, what, bytes));
    slow.push(dawdle(it.server.ports.http, "a header byte by byte", "GET /livez HTTP/1.1\r\nX-Slow: ", "a"));
    const crowd = Array.from({ length: 200 }, () => dawdle(it.server.ports.http, "one of many", "GET / HTTP/1.1\r\nX"));
    for (let asked = 0; asked < 10; asked += 1) {
      const before = Date.now();
      assert.equal(await status(`${it.server.http}/livez`), 200);
      assert.ok(Date.now() - before < 1000, `${Date.now() - before} ms for /livez`);
    }
    for (const { what, ms } of await Promise.all([...slow, ...crowd])) {
      assert.ok(ms > 5_000 && ms < 12_500, `${what}: closed after ${ms} ms`);
    }
  });

  test("log lines are JSON and name session, member and leg", { timeout: 30_000 }, async () => {
    await ann.call("leave");
    await ann.event("room.left");
    const { call_id: leg } = (await ann.events("room.joined"))[0].payload;
    await until("the end is logged", () => it.server.logText().includes("leg hung up"));
    const lines = it.server.logText().trim().split("\n").map((line) => JSON.parse(line));
    assert.ok(lines.every((line) => line.timestamp && line.level && line.fields));
    const announced = lines.find((line) => line.fields.message === "member announced");
    const { session, member, leg: named } = announced.fields;
    assert.deepEqual([session, member, named], [ann.roomSessionId, ann.memberId, leg]);
  });

  test("every figure of the dashboard is there, and none falls to nothing when a session ends", { timeout: 30_000 }, async () => {
    const dashboard = readFileSync(new URL("../../docs/operating/grafana.json", import.meta.url), "utf8");
    const shown = new Set(dashboard.match(/rotunda_[a-z_]+/g));
    assert.ok(shown.size > 30, `${shown.size} figures`);
    // It has no line while no task holds a worker of the runtime up.
    shown.delete("rotunda_runtime_worker_busy_total");
    const read = async () => (await fetch(`${it.server.metrics}/metrics`)).text();
    await until("the session is over", async () => /^rotunda_sessions 0$/m.test(await read()));
    const text = await read();
    for (const name of shown) assert.match(text, new RegExp(`^${name}[ {]`, "m"));
    const value = (series) => Number(text.split("\n").find((line) => line.startsWith(`${series} `)).split(" ")[1]);
    assert.ok(value("rotunda_canvas_frames_encoded") > 0);
    assert.ok(value('rotunda_joins_total{outcome="granted"}') > 0);
    assert.ok(value('rotunda_legs_answered_total{outcome="connected"}') > 0);
    assert.equal(value("rotunda_members"), 0);
  });

  test("no log line holds a token, at the level that tells most", { timeout: 60_000 }, async () => {
    const jwt = await it.rest.token({ room_name: fresh("canary"), user_name: "Ann" });
    const forged = `${jwt.slice(0, -8)}${jwt.endsWith("canary00") ? "canary11" : "canary00"}`;
    await it.rest.raw("GET", "/rooms", undefined, basic(it.server.project_id, "canary-password"));
    await status(`${it.server.http}/?token=${jwt}`);
    const guest = await it.participant("Guest", { tone: 500 });
    assert.equal((await guest.tryJoin({ token: forged, host: it.server.ws })).ok, false);
    const joined = await it.joined("Ben", fresh("canary"), { tone: 500 });
    const sent = joined.frames.find(({ message }) => message.method === "signalwire.connect");
    const state = joined.frames.find(({ message }) => message.params?.event_type === "signalwire.authorization.state");
    const secrets = {
      "room token": sent.message.params.authentication.jwt_token,
      "unused room token": jwt,
      "refused room token": forged,
      "API token": it.server.api_token,
      "wrong API token": "canary-password",
      "credentials": basic(it.server.project_id, it.server.api_token).split(" ")[1],
      "authorization_state": state.message.params.params.authorization_state,
    };
    await it.closePages();
    const log = it.server.logText();
    assert.ok(log.includes(joined.memberId), "the log is the one of this session");
    for (const [what, secret] of Object.entries(secrets)) {
      assert.ok(secret.length >= 12, what);
      const parts = [secret, ...secret.split(".").filter((part) => part.length >= 40)];
      for (const part of parts) assert.ok(!log.includes(part), `the log holds the ${what}`);
    }
  });

  test("a second SIGTERM ends at once what the first could not, and history is put right", { timeout: 90_000 }, async () => {
    const late = await it.joined("Late", fresh("hurry"), { tone: 500 });
    const lock = await lockDatabase(it.server);
    it.server.term();
    await until("it began to end", () => it.server.logText().includes('"ending"'));
    const { ended } = it.server;
    assert.equal(it.server.end, undefined, "it waits for the database");
    assert.deepEqual(await late.events("room.left"), [], "a restart tells nobody to leave");
    const before = Date.now();
    it.server.term();
    const how = await within(3_000, "the second SIGTERM ends it", ended);
    assert.ok(Date.now() - before < 1_000, `${Date.now() - before} ms`);
    assert.deepEqual(how, { code: 1, signal: null }, it.server.tail());
    await lock.release();
    await it.closePages();
    it.server = await it.server.restart();
    it.rest = restClient(it.server);
    const session = expect(await it.rest.get(`/room_sessions/${late.roomSessionId}`), 200);
    assert.equal(session.status, "completed");
  });

  test("one SIGTERM is enough, within the bound, though the database hangs", { timeout: 90_000 }, async () => {
    const brief = await startServer({ name: "process-brief", env: { ROTUNDA_SERVER__SHUTDOWN_SECONDS: "1" } });
    try {
      const token = await restClient(brief).token({ room_name: fresh("brief"), user_name: "Ann" });
      const page = await it.participant("Ann", { tone: 500 });
      await page.join({ token, host: brief.ws });
      const lock = await lockDatabase(brief);
      const before = Date.now();
      const how = await brief.stop();
      const ms = Date.now() - before;
      await lock.release();
      assert.deepEqual(how, { code: 0, signal: null }, brief.tail());
      assert.ok(ms < 8_000, `${ms} ms`);
      await it.closePages();
    } finally {
      await brief.dispose();
    }
  });
});

// A certificate for 127.0.0.1, as an operator would bring one.
function certificate({ cert, key } = newFiles()) {
  const wish = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const name = ["-subj", "/CN=rotunda test", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", ["req", ...wish, ...name, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { cert, key };
}

function newFiles() {
  const folder = mkdtempSync(join(tmpdir(), "rotunda-cert-"));
  return { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
}

function secureStatus(url) {
  return new Promise((resolve, reject) => {
    const request = https.get(url, { rejectUnauthorized: false, agent: false }, (answer) => {
      const { fingerprint256: fingerprint } = answer.socket.getPeerCertificate();
      answer.resume();
      answer.on("end", () => resolve({ status: answer.statusCode, fingerprint }));
    });
    request.on("error", reject);
  });
}

// Opens a connection, sends `bytes`, then `drip` once a second, and tells when it was closed.
async function dawdle(port, what, bytes, drip) {
  const socket = net.connect(port, "127.0.0.1");
  const before = Date.now();
  let closed = false;
  const end = new Promise((resolve) => {
    socket.on("error", () => {});
    socket.on("close", resolve);
    socket.on("end", resolve);
  }).then(() => (closed = true));
  socket.resume();
  socket.write(bytes);
  const late = setTimeout(() => socket.destroy(), 20_000);
  if (drip) {
    while (!closed) {
      await Promise.race([pause(1000), end]);
      if (!closed) socket.write(drip);
    }
  }
  await end;
  clearTimeout(late);
  socket.destroy();
  return { what, ms: Date.now() - before };
}
