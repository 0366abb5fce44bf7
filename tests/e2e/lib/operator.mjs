// Somebody who operates the server: what their page asks of the operator's door, with a cookie kept by hand.

import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { rotunda } from "./server.mjs";
import { until } from "./wait.mjs";

/** Invites `name` as the operator does on the machine; gives the key of the link. */
export async function invite(server, name, ...args) {
  const { code, stdout, stderr } = await rotunda(["admin", "invite", name, ...args, "--data-dir", server.dataDir]);
  if (code !== 0) throw new Error(stderr);
  const [, key] = /^http\S+\/admin#invite=(\S+)\n$/.exec(stdout) ?? [];
  if (!key) throw new Error(`no link: ${stdout}`);
  return key;
}

/** A browser's worth of cookie and origin, for the doors of `server`. */
export class Operator {
  constructor(server, cookie) {
    Object.assign(this, { server, cookie });
  }

  /** Asks `path`; `wish.headers` come last, and null takes one away. */
  async ask(method, path, body, { headers = {}, signal } = {}) {
    const all = { origin: this.server.http, ...(this.cookie && { cookie: this.cookie }), ...headers };
    if (body !== undefined) all["content-type"] = "application/json";
    for (const [name, value] of Object.entries(all)) if (value === null) delete all[name];
    const text = body === undefined ? undefined : JSON.stringify(body);
    return fetch(`${this.server.http}${path}`, { method, headers: all, body: text, signal });
  }

  /** Asks the operator's door; gives {status, body, headers} and keeps a cookie that is set. */
  async door(method, path, body, wish) {
    const answer = await this.ask(method, `/admin/api${path}`, body, wish);
    const set = answer.headers.get("set-cookie");
    if (set) this.cookie = set.split(";")[0];
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === "" ? null : JSON.parse(text) };
  }

  /** Asks REST for a project; gives {status, body, headers}. */
  async rest(method, path, body, { project = this.server.project_id, headers = {} } = {}) {
    const answer = await this.ask(method, `/api/video${path}`, body, { headers: { "x-rotunda-project": project, ...headers } });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === "" ? null : JSON.parse(text) };
  }
}

/** Lets time pass for what waits in the database: `what` is a statement. */
export function inDatabase(server, what) {
  const program = "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1], timeout=10) as db: db.execute(sys.argv[2])";
  execFileSync("python3", ["-c", program, join(server.dataDir, "rotunda.db"), what]);
}

/** Listens to a project's events; keeps what comes until the stream ends or is closed. */
export async function listen(operator, headers) {
  const stop = new AbortController();
  const answer = await operator.ask("GET", "/api/video/events", undefined, { headers, signal: stop.signal });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
  const live = { text: "", events: [], ended: false, close: () => stop.abort() };
  live.wait = (name) => until(`${name} is told`, () => live.events.find(({ json }) => json.type === name));
  const decoder = new TextDecoder();
  const read = async () => {
    let rest = "";
    for await (const bytes of answer.body) {
      const text = decoder.decode(bytes, { stream: true });
      live.text += text;
      const blocks = (rest + text).split("\n\n");
      rest = blocks.pop();
      live.events.push(...blocks.map(event).filter(Boolean));
    }
  };
  read().catch(() => {}).finally(() => (live.ended = true));
  return live;
}

/** One event's block of lines; a comment is none. */
function event(block) {
  const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s, 2)));
  return fields.data && { id: fields.id, name: fields.event, json: JSON.parse(fields.data) };
}
