// One turn of one row: three members, a healthy viewer, and somebody behind the link who watches or
// publishes. The link changes when the writing down begins.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { pause } from "../../e2e/lib/wait.mjs";
import { machine } from "./world.mjs";

/** How long a join takes to calm down before the link changes. */
const CALM = 2000;

/** Plays a row and gives everything that was written down; the sounds are files beside it. */
export async function play(world, row) {
  await world.usual(row);
  const room = await world.room(row.name);
  const members = await world.members(room, { speaks: !row.publishes });
  const pages = [];
  try {
    const people = await meet(world, row, room, pages);
    await pause(CALM);
    const found = await watch(world, row, people);
    if (row.newcomer && world.plan.newcomers) Object.assign(found, await newcomer(world, room, people.weak));
    return { joined: people.joined, ...found };
  } finally {
    members.stop();
    await Promise.all(pages.map((one) => one.close().catch(() => {})));
    await world.usual();
  }
}

async function meet(world, row, room, pages) {
  const [healthy, weak] = await Promise.all([world.page(world.healthy), world.page(world.weak)]);
  pages.push(healthy, weak);
  const joined = {};
  if (row.publishes) {
    const token = await world.token(room, "weak", { permissions: [] });
    const publishing = [`${world.origin}/whip`, token, { red: row.red ?? true }];
    joined.weak = await weak.evaluate((args) => netlab.publish(...args), publishing);
    await world.untilLegs(4);
  } else {
    joined.weak = await view(world, room, weak, "weak");
  }
  joined.healthy = await view(world, room, healthy, "healthy");
  return { healthy: healthy, weak: weak, joined };
}

async function view(world, room, page, name) {
  const token = await world.token(room, name, { join_as: "audience" });
  return watchBy(world, page, token);
}

function watchBy(world, page, token) {
  const args = [`${world.origin}/whep`, token, { vp8: world.plan.vp8 }];
  return page.evaluate((all) => netlab.view(...all), args);
}

/** Changes the link, follows the row's plan, and gives what both wrote down meanwhile. */
async function watch(world, row, { healthy, weak }) {
  await world.say("stat");
  const before = { metrics: await world.metrics(), spent: world.spent(), machine: machine() };
  const looks = { looks: Boolean(row.publishes) };
  await Promise.all([healthy.evaluate((how) => netlab.begin(how), looks), weak.evaluate(() => netlab.begin())]);
  const began = Date.now();
  for (const way of ["down", "up"]) if (row[way]) await world.say(`${way} ${row[way]}`);
  const changed = Date.now();
  for (const [at, command] of row.plan ?? []) {
    await pause(began + at * 1000 - Date.now());
    await world.say(command);
  }
  const seconds = row.seconds ?? world.plan.seconds;
  await pause(began + seconds * 1000 - Date.now());
  const [well, ill] = await Promise.all([healthy, weak].map((page) => page.evaluate(() => netlab.end())));
  const after = { metrics: await world.metrics(), spent: world.spent(), machine: machine() };
  const link = JSON.parse(await world.say("stat"));
  keepSound(world, row, { healthy: well, weak: ill });
  return { at: new Date(began).toISOString(), seconds, changed, before, after, link, healthy: well, weak: ill };
}

function keepSound(world, row, sides) {
  for (const [who, side] of Object.entries(sides)) {
    writeFileSync(join(world.plan.out, `${row.name}.${who}.s16`), Buffer.from(side.sound, "base64"));
    delete side.sound;
  }
}

/** Over the bad line: somebody new comes in the weak one's place, goes, and comes again. */
async function newcomer(world, room, page) {
  const token = await world.token(room, "newcomer", { join_as: "audience" });
  const joins = [];
  for (let turn = 0; turn < 2; turn += 1) {
    await page.evaluate(() => netlab.leave());
    joins.push(await watchBy(world, page, token));
  }
  return { newcomer: joins[0], again: joins[1] };
}
