// What all rows share: the server, two browsers (one of them behind the link), and the link's control.

import { execFile, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { restClient } from "../../e2e/lib/rest.mjs";
import { binary, startServer } from "../../e2e/lib/server.mjs";
import { pause } from "../../e2e/lib/wait.mjs";
import { far, near } from "./browsers.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const PAGE = readFileSync(join(here, "..", "page.js"), "utf8");
/** Both ways, before a row changes it. */
const USUAL = "rate=0 queue=300 delay=20 jitter=0 loss=0 burst=1 dup=0 reorder=0 tcponly=0";

/** The load client: ROTUNDA_LOAD, else that beside the server. */
function loadClient() {
  const path = process.env.ROTUNDA_LOAD ?? join(dirname(binary()), "rotunda-loadtest");
  if (!existsSync(path)) throw new Error(`no load client at ${path}: run "cargo build -p rotunda-loadtest" first`);
  return path;
}

export class World {
  /** Starts the server at the near end and both browsers. */
  static async open(plan) {
    const world = Object.assign(new World(), { plan, rest: null });
    const env = { ROTUNDA_CANVAS__BITRATE_720P: "1500000" };
    world.server = await startServer({ name: "netlab", host: plan.address, env });
    world.rest = restClient(world.server);
    world.origin = world.server.http;
    try {
      const options = { origin: world.origin, materials: plan.materials };
      [world.healthy, world.weak] = await Promise.all([near(options), far(plan.far, options, plan.browser)]);
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  /** Says something to the link. */
  say(command) {
    const args = [join(here, "..", "say.py"), this.plan.control, command];
    return new Promise((resolve, reject) => {
      execFile("python3", args, (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)));
    });
  }

  /** The link as it is before a row; UDP passes or not. */
  async usual({ tcp = false } = {}) {
    const settings = USUAL.replace("tcponly=0", `tcponly=${Number(tcp)}`);
    for (const way of ["down", "up"]) await this.say(`${way} ${settings}`);
  }

  /** What the server counts, by name without `rotunda_`. */
  async metrics() {
    const text = await (await fetch(`${this.server.metrics}/metrics`)).text();
    const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
    return Object.fromEntries(lines.map((line) => line.replace("rotunda_", "").split(" ")).map(([k, v]) => [k, Number(v)]));
  }

  /** A page with our script, in the browser of the weak one or the healthy one. */
  page(browser) {
    return browser.open(`${this.origin}/readyz`, PAGE);
  }

  /** A room of its own for a row. */
  async room(name) {
    const room = `${name}-${Date.now()}`;
    await this.rest.room({ name: room, quality: this.plan.quality ?? "720p" });
    return room;
  }

  token(room, name, more = {}) {
    return this.rest.token({ room_name: room, user_name: name, ...more });
  }

  /** Three members with moving pictures; the first of them speaks, or none. Ends by `stop()`. */
  async members(room, { speaks }) {
    const names = ["m0", "m1", "m2"];
    const permissions = ["room.self.audio_unmute"];
    const tokens = await Promise.all(names.map((name) => this.token(room, name, { permissions })));
    const file = join(this.plan.out, "tokens");
    writeFileSync(file, tokens.join("\n"));
    const { clips, voice } = this.plan.materials;
    const args = ["members", "--ws", this.origin.replace("http", "ws"), "--tokens", file, "--pid", String(this.server.child.pid),
      ...clips.flatMap((clip) => ["--clip", clip]), "--voice", voice, "--talkers", speaks ? "1" : "0", "--warm", "1", "--seconds", "600"];
    const load = spawn(loadClient(), args, { stdio: ["ignore", "ignore", "inherit"] });
    await this.untilLegs(names.length);
    return { stop: () => load.kill("SIGKILL") };
  }

  /** Waits until so many peer connections are there. */
  async untilLegs(count) {
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await this.metrics()).legs >= count) return;
      await pause(100);
    }
    throw new Error(`not ${count} legs within 10 s\n${this.server.tail()}`);
  }

  /** Seconds of processor time that the server took so far. */
  spent() {
    const numbers = readFileSync(`/proc/${this.server.child.pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(numbers[11]) + Number(numbers[12])) / 100;
  }

  async close() {
    await Promise.all([this.healthy?.close(), this.weak?.close()].map((one) => one?.catch(() => {})));
    await this.server.dispose();
  }
}

/**
 * Seconds that all cores were idle, and that they were there, since the machine started. Work that gives
 * way (`nice`) counts as idle.
 */
export function machine() {
  const [line] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user, nice, system, idle, io, ...others] = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = [user, nice, system, idle, io, ...others].reduce((sum, one) => sum + one, 0);
  return { idle: (nice + idle + io) / 100, all: all / 100 };
}
