// Starts the built server on free ports with a data folder of its own, and ends it in each of
// the ways a server ends.

import { execFile, spawn } from "node:child_process";
import { randomUUID, randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { until } from "./wait.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const repo = join(here, "..", "..", "..");
export const OUT = join(here, "..", "out");

/** The binary under test: ROTUNDA_BIN, else the dev build in cargo's target folder. */
export function binary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(repo, "target");
  const path = process.env.ROTUNDA_BIN ?? join(target, "debug", "rotunda");
  if (!existsSync(path)) throw new Error(`no server at ${path}: run "cargo build --bin rotunda" first`);
  return path;
}

/** Runs the binary to its end, as from a shell, and gives {code, stdout, stderr}. */
export function rotunda(args, env = {}) {
  const options = { env: { ...process.env, ...env }, timeout: 20_000, killSignal: "SIGKILL" };
  return new Promise((resolve) => {
    execFile(binary(), args, options, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr });
    });
  });
}

/** A TCP port that nobody listens on just now, for who must know it beforehand. */
export async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

let started = 0;

/**
 * Starts `rotunda dev` (or another `verb`) and resolves when it says that it is ready.
 * `args` and `env` are added; the same `dataDir`, `credentials` and `ports` make it a restart. It is
 * reached at `host`.
 */
export async function startServer({ name = "server", verb = "dev", host = "127.0.0.1", dataDir, credentials, ports, args = [], env = {} } = {}) {
  started += 1;
  const own = dataDir ?? mkdtempSync(join(tmpdir(), "rotunda-e2e-"));
  const secrets = credentials ?? { project: randomUUID(), token: `PT${randomBytes(20).toString("hex")}` };
  const readyFile = join(own, `ready-${started}.json`);
  const log = logFile(`${name}-${started}.log`);
  const out = openSync(log, "w");
  const { http = 0, udp = 0, tcp = 0 } = ports ?? {};
  const child = spawn(
    binary(),
    [verb, "--data-dir", own, "--listen", `${host}:${http}`, "--udp-port", `${udp}`, "--tcp-port", `${tcp}`, ...args],
    {
      stdio: ["ignore", out, out],
      env: {
        ...process.env,
        ROTUNDA_PROJECT_ID: secrets.project,
        ROTUNDA_API_TOKEN: secrets.token,
        ROTUNDA_READY_FILE: readyFile,
        ROTUNDA_METRICS__LISTEN: "127.0.0.1:0",
        ...env,
      },
    },
  );
  closeSync(out);
  const server = new Server(child, { dataDir: own, secrets, log, name, how: { verb, host, args, env } });
  await server.ready(readyFile);
  return server;
}

class Server {
  constructor(child, facts) {
    Object.assign(this, { child, ...facts });
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
      child.once("error", (error) => resolve({ error }));
    });
    this.ended.then((how) => (this.end = how));
  }

  async ready(file) {
    const written = until("the server is ready", () => this.end || existsSync(file), { within: 20_000 });
    await written.catch(() => this.child.kill("SIGKILL"));
    if (this.end || !existsSync(file)) {
      throw new Error(`the server did not get ready: ${JSON.stringify(this.end ?? "too late")}\n${this.tail()}`);
    }
    const facts = await until("the ready file is whole", () => JSON.parse(readFileSync(file, "utf8")));
    Object.assign(this, facts);
    this.ports = { http: Number(new URL(facts.http).port), udp: facts.udp_port, tcp: facts.tcp_port };
  }

  /** The next life on the same data, ports and credentials. */
  restart() {
    const { name, dataDir, secrets: credentials, ports, how } = this;
    return startServer({ name, dataDir, credentials, ports, ...how });
  }

  /** SIGINT: everybody is hung up. */
  interrupt() {
    return this.stop(15_000, "SIGINT");
  }

  /** SIGTERM; a server that does not end within `ms` is killed and that is told. */
  async stop(ms = 15_000, signal = "SIGTERM") {
    if (this.end) return this.end;
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill("SIGKILL"), ms);
    const how = await this.ended;
    clearTimeout(late);
    return how;
  }

  /** SIGTERM and nothing more: `ended` tells the rest. */
  term() {
    this.child.kill("SIGTERM");
  }

  /** What a power cut does, as far as one process can tell. */
  async kill9() {
    this.child.kill("SIGKILL");
    return this.ended;
  }

  /** Ends the server and removes its data. */
  async dispose() {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  logText() {
    return readFileSync(this.log, "utf8");
  }

  tail(lines = 30) {
    return `--- last lines of ${this.log}\n${this.logText().split("\n").slice(-lines).join("\n")}`;
  }
}

function logFile(name) {
  const folder = join(OUT, "logs");
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}
