// A network behind a wall: a namespace of its own with one cable to this machine, at whose end only what a
// test puts there answers. Our own loopback, where the server under test listens, cannot be reached from it;
// ports of TCP that a test opens stand at the same place on the loopback inside. Making one needs root.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { openGate } from "./gate.mjs";

const GATE = join(dirname(fileURLToPath(import.meta.url)), "gate.mjs");

/** Why no such network can be made here, if so. */
export const hindrance = process.getuid() === 0 ? false : "needs root, for a network namespace";

let made = 0;

/** Makes one; `folder` keeps its scripts. */
export function startWalled(folder) {
  made += 1;
  const name = `rotunda-${process.pid}-${made}`;
  const [near, far] = [`rw${process.pid}a${made}`, `rw${process.pid}b${made}`];
  // 198.18.0.0/15 is for tests of networks (RFC 2544); which /30 of it, the process and the count decide.
  const base = ((process.pid * 4 + made) * 4) % 65_536;
  const address = (last) => `198.18.${base >> 8}.${(base & 255) + last}`;
  const ip = (...args) => execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] });
  const inside = (...args) => ip("netns", "exec", name, "ip", ...args);
  ip("netns", "add", name);
  ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", name);
  ip("addr", "add", `${address(1)}/30`, "dev", near);
  ip("link", "set", near, "up");
  inside("addr", "add", `${address(2)}/30`, "dev", far);
  inside("link", "set", far, "up");
  inside("link", "set", "lo", "up");
  inside("route", "add", "default", "via", address(1));
  const gates = [];
  const children = [];
  return {
    /** This machine, as it is reached from inside. */
    gate: address(1),
    /** A program that starts `program` inside. */
    wrapped(program) {
      const script = join(folder, "inside.sh");
      writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${name} ${program} "$@"\n`);
      chmodSync(script, 0o755);
      return script;
    },
    /** Lets TCP through to these ports of our loopback. */
    async open(...ports) {
      for (const port of ports) gates.push(await openGate(address(1), "127.0.0.1", port));
      const args = ["netns", "exec", name, process.execPath, GATE, "127.0.0.1", address(1), ...ports];
      const child = spawn("ip", args.map(String), { stdio: ["ignore", "pipe", "inherit"] });
      children.push(child);
      await once(child.stdout, "data");
    },
    stop() {
      children.forEach((child) => child.kill("SIGKILL"));
      gates.forEach((gate) => gate.stop());
      ip("netns", "del", name); // and the cable with it
    },
  };
}
