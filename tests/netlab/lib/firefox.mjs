// Firefox behind the link. It is spoken to over a TCP port of its own namespace, which a relay there makes
// a Unix socket: those know no namespaces.

import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openFirefox } from "../../e2e/lib/firefox.mjs";

const RELAY = `
const net = require("node:net");
const [path, port] = process.argv.slice(1);
net.createServer((near) => {
  const far = net.connect(Number(port), "127.0.0.1");
  for (const [from, to] of [[near, far], [far, near]]) from.pipe(to).on("error", () => from.destroy());
}).listen(path, () => console.log("ready"));
`;

/** What a page may do without somebody's click. */
const PREFS = [
  'user_pref("media.autoplay.default", 0);',
  'user_pref("media.autoplay.blocking_policy", 0);',
  'user_pref("media.peerconnection.ice.obfuscate_host_addresses", false);',
];

/** A browser as browsers.mjs gives it; each page is a Firefox of its own. */
export function startFirefox(namespace) {
  const prefix = ["ip", "netns", "exec", namespace];
  return {
    async open(url, script) {
      const relays = [];
      const reach = (door) => relay(prefix, new URL(door).port, relays);
      const hangUp = () => relays.forEach((one) => one.kill("SIGKILL"));
      try {
        const page = await openFirefox(url, { prefix, prefs: PREFS, reach });
        await page.evaluate(`() => { ${script} }`);
        return { evaluate: page.evaluate, close: () => page.close().finally(hangUp) };
      } catch (error) {
        hangUp();
        throw error;
      }
    },
    close: async () => {},
  };
}

/** The address of a Unix socket that leads to a port of the namespace. */
async function relay([program, ...args], port, relays) {
  const path = join(mkdtempSync(join(tmpdir(), "rotunda-netlab-")), "firefox");
  const child = spawn(program, [...args, process.execPath, "-e", RELAY, path, port], { stdio: ["ignore", "pipe", "inherit"] });
  relays.push(child);
  await new Promise((resolve, reject) => child.stdout.once("data", resolve).once("close", () => reject(new Error("no relay"))));
  return `ws+unix://${path}:`;
}
