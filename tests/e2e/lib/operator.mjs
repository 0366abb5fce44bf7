// Somebody who operates the server: what their page asks of the operator's door, with a cookie kept by hand.

import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { rotunda } from "./server.mjs";

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
