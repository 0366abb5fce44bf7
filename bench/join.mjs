// Joins a room again and again with Chromium and the published SDK, and says how long it took from
// the click to the first composed picture. node bench/join.mjs WS TOKENS_FILE

import { readFileSync } from "node:fs";

import { launch, Participant } from "../tests/e2e/lib/browser.mjs";
import { startStatic } from "../tests/e2e/lib/static.mjs";

const [host, file] = process.argv.slice(2);
const tokens = readFileSync(file, "utf8").split("\n").filter(Boolean);

/** In the page: joins, and waits for the first picture the element presents. */
async function timedJoin(wish) {
  const clicked = performance.now();
  const frame = new Promise((resolve) => {
    const look = () => {
      const video = document.querySelector("#root .mcuContent video");
      if (!video) return setTimeout(look, 4);
      video.requestVideoFrameCallback((now) => resolve(now - clicked));
    };
    look();
  });
  const joined = await lab.join(wish);
  if (!joined.ok) throw new Error(JSON.stringify(joined.error));
  const join = performance.now() - clicked;
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no picture within 10 s")), 10_000));
  return { join, frame: await Promise.race([frame, late]) };
}

const at = (values, part) => [...values].sort((a, b) => a - b)[Math.round((values.length - 1) * part)];

const lab = await startStatic();
const browser = await launch();
try {
  const guest = await Participant.open(browser, lab.origin, "guest", { tone: 440 });
  const joins = [];
  for (const token of tokens) {
    joins.push(await guest.page.evaluate(timedJoin, { token, host }));
    await guest.call("leave");
    await guest.page.evaluate(() => document.querySelector("#root").replaceChildren());
  }
  const frames = joins.map(({ frame }) => Math.round(frame * 10) / 10);
  const calls = joins.map(({ join }) => join);
  console.log(JSON.stringify({
    n: joins.length,
    first_frame_ms: frames,
    first_frame_ms_p50: at(frames, 0.5),
    first_frame_ms_p95: at(frames, 0.95),
    join_ms_p50: Math.round(at(calls, 0.5)),
    join_ms_p95: Math.round(at(calls, 0.95)),
  }));
} finally {
  await browser.close();
  await lab.stop();
}
