// Runs the test files one after the other in this one process, so that two cores are not
// shared by two browsers that are busy all the time. `node run.mjs join mute` runs only those; `busy` and `patient` are
// the two halves that `make test` runs side by side; a soak runs all.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** These wait more than they work: for the clock, for a line that is dead, with few pages or none. */
const PATIENT = [
  "process", "openapi", "command", "vendor", "rest", "previews", "reattach", "restart", "refusals", "stream",
  "node", "turn", "roaming", "sdk_source", "page_source", "page_door", "lobby", "sdk_beyond", "sdk_lobby", "widget",
  "admin", "admin_page", "admin_door", "admin_login",
];
/** These have browsers that send and receive. */
const BUSY = [
  "instruments", "join", "whip_whep", "mute", "audience", "layout", "page", "page_room", "page_together", "page_leaks",
  "methods", "legs", "roles", "sound", "playback", "options", "cut", "weak", "media", "recording", "examples",
  "settings", "board", "livechat", "deploying", "versions", "clients", "sdk", "sdk_uplink", "sdk_firefox",
  "three", // last: it counts milliseconds, and by then the other half is through
];
/** These keep both cores busy by themselves, or ask again side by side what others ask one by one. */
const SOAK = ["page_effects", "sdk_differs"];
const HALVES = { patient: process.env.ROTUNDA_SOAK === "1" ? [...PATIENT, ...SOAK] : PATIENT, busy: BUSY };
const ALL = [...PATIENT, ...BUSY, ...SOAK];

const asked = process.argv.slice(2).flatMap((name) => HALVES[name] ?? [name]);
const unknown = asked.filter((name) => !ALL.includes(name));
if (unknown.length > 0) {
  console.error(`no such test: ${unknown.join(", ")}; there are ${ALL.join(", ")}`);
  process.exit(2);
}
const names = asked.length > 0 ? asked : ALL;
// Our own package, where it is loaded; after scripts/setup.sh there is nothing to do.
if (process.env.ROTUNDA_SDK === "ours" || names.some((name) => name.startsWith("sdk") || name === "page_room")) {
  execFileSync("bash", [fileURLToPath(new URL("../../scripts/sdk.sh", import.meta.url))], { stdio: "inherit" });
}
for (const name of names) await import(`./${name}.test.mjs`);

// Node 20 was seen to spin for ever in its own cleanup, over a socket it never got closed, when all
// tests had ended and all was written. This leaves that cleanup out; it stands last, for it would also
// leave out what Node says of a file that cannot be read.
process.on("exit", () => process.exit());
