// Plays rows one after the other and writes down what happened; runs in the namespace of the server.
// `node run.mjs PLAN` where PLAN is a JSON file of lab.py. What the figures mean is decided there.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { play } from "./lib/row.mjs";
import { World } from "./lib/world.mjs";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const world = await World.open(plan);
let failed = 0;
try {
  for (const row of plan.rows) {
    const began = Date.now();
    const found = await play(world, row).catch((error) => ({ error: String(error.stack ?? error) }));
    writeFileSync(join(plan.out, `${row.name}.json`), JSON.stringify({ row, ...found }));
    const said = found.error ?? "played";
    console.log(`   ${row.name}: ${said}, ${((Date.now() - began) / 1000).toFixed(0)} s`);
    if (found.error) failed += 1;
  }
} finally {
  await world.close();
}
process.exit(failed > 0 ? 1 : 0);
