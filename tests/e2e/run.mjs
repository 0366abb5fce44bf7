// Runs the test files one after the other in this one process, so that two cores are never
// shared by two browsers. `node run.mjs join mute` runs only those.

const ALL = [
  "vendor", "instruments", "rest", "command", "process", "join", "wish", "three", "mute", "audience", "layout", "refusals", "restart", "page",
  "methods", "legs", "roles", "sound", "playback", "options", "reattach", "cut", "node", "media", "recording", "stream", "previews", "examples", "settings", "board",
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !ALL.includes(name));
if (unknown.length > 0) {
  console.error(`no such test: ${unknown.join(", ")}; there are ${ALL.join(", ")}`);
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : ALL) await import(`./${name}.test.mjs`);
