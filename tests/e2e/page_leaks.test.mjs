// What the page leaves behind: after loads, cut networks and other devices nothing of it stays open, counted by wrapping
// what opens it, and the heap has not grown. `ROTUNDA_LEAK_MINUTES=60` goes on for an hour.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { fresh } from "./lib/random.mjs";
import { Visitor } from "./lib/visitor.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const LOADS = 8;
const CUTS = 4;
const EXCHANGES = 3;
const GROWTH_BYTES = 2_000_000;
const MINUTES = Number(process.env.ROTUNDA_LEAK_MINUTES ?? 0);

/** Wraps what opens things; `window.open_` says what is open. Runs before the page's own scripts. */
const COUNT = `(${count})();`;

/* global still */
function count() {
  const made = { peers: new Set(), sockets: new Set(), workers: new Set(), contexts: new Set(), tracks: new Set() };
  const wrap = (name, into, over) => {
    const Known = window[name];
    if (!Known) return;
    window[name] = class extends Known {
      constructor(...args) {
        super(...args);
        into.add(this);
        over?.(this, () => into.delete(this));
      }
    };
  };
  wrap("RTCPeerConnection", made.peers);
  wrap("WebSocket", made.sockets, (socket, gone) => socket.addEventListener("close", gone));
  wrap("AudioContext", made.contexts);
  wrap("Worker", made.workers, (worker, gone) => {
    const { terminate } = worker;
    worker.terminate = () => (gone(), terminate.call(worker));
  });
  const { getUserMedia } = MediaDevices.prototype;
  MediaDevices.prototype.getUserMedia = async function (...args) {
    const stream = await getUserMedia.apply(this, args);
    for (const track of stream.getTracks()) made.tracks.add(track);
    return stream;
  };
  const listeners = new Map();
  for (const [target, name] of [[window, "window"], [document, "document"], [navigator.mediaDevices, "devices"]]) {
    const { addEventListener, removeEventListener } = target;
    // As the browser has it: the same function for the same event is there once.
    const key = (type, listener, options) => [type, listener, Boolean(options === true || options?.capture)];
    const known = [];
    listeners.set(name, known);
    const at = (wanted) => known.findIndex((one) => one.every((part, n) => part === wanted[n]));
    target.addEventListener = function (type, listener, options) {
      const wanted = key(type, listener, options);
      if (at(wanted) < 0 && !options?.once) known.push(wanted);
      return addEventListener.call(this, type, listener, options);
    };
    target.removeEventListener = function (type, listener, options) {
      const found = at(key(type, listener, options));
      if (found >= 0) known.splice(found, 1);
      return removeEventListener.call(this, type, listener, options);
    };
  }
  window.still = () => ({
    peers: [...made.peers].filter(({ connectionState: state }) => state !== "closed").length,
    sockets: made.sockets.size,
    workers: made.workers.size,
    contexts: [...made.contexts].filter(({ state }) => state !== "closed").length,
    tracks: [...made.tracks].filter(({ readyState }) => readyState === "live").length,
    listeners: Object.fromEntries([...listeners].map(([name, known]) => [name, known.length])),
  });
}

describe("what the page leaves behind", () => {
  const it = world("page_leaks");
  const room = fresh("leaks");
  let ann;
  let inspector;

  const still = () => ann.page.evaluate(() => still());
  const isOpen = (wanted) => until(`open: ${JSON.stringify(wanted)}`, async () => {
    const now = await still();
    for (const [name, number] of Object.entries(wanted)) if (now[name] !== number) throw new Error(JSON.stringify(now));
    return now;
  }, { within: 15_000 });
  const leave = async () => {
    await ann.button("Leave").click();
    await ann.button("Join").waitFor();
  };
  const heap = async () => {
    await inspector.send("HeapProfiler.collectGarbage");
    return (await inspector.send("Runtime.getHeapUsage")).usedSize;
  };
  /** Without the preview of the door: joining and leaving is what is counted. */
  const atTheDoor = { peers: 0, sockets: 0, workers: 0, contexts: 1, tracks: 2 };
  const inTheRoom = { peers: 1, sockets: 1, workers: 0, contexts: 0, tracks: 2 };

  const cut = async () => {
    const banner = ann.page.getByText("The connection is interrupted");
    process.kill(it.server.pid, "SIGSTOP");
    try {
      await banner.waitFor({ timeout: 10_000 });
    } finally {
      process.kill(it.server.pid, "SIGCONT");
    }
    await banner.waitFor({ state: "hidden" });
    await isOpen(inTheRoom);
  };
  const exchange = async (turn) => {
    await ann.button("More").click();
    await ann.button("Devices and settings").click();
    const list = ann.page.getByRole("dialog").getByLabel("Microphone");
    // The dialogue is there before the browser has said what devices there are.
    await list.locator("option").first().waitFor({ state: "attached" });
    await list.selectOption({ index: turn % (await list.locator("option").count()) });
    await ann.page.keyboard.press("Escape");
    await ann.page.getByRole("dialog").waitFor({ state: "hidden" });
    await isOpen(inTheRoom);
  };
  const stay = async () => {
    await ann.join();
    await isOpen(inTheRoom);
    await leave();
    return isOpen(atTheDoor);
  };

  before(async () => {
    ann = await Visitor.open(it, `?room=${room}&name=Ann`, { init: COUNT });
    inspector = await ann.context.newCDPSession(ann.page);
  }, { timeout: 60_000 });

  test("each of eight loads opens what it needs and closes it with the stay", { timeout: 120_000 }, async () => {
    for (let load = 0; load < LOADS; load += 1) {
      await ann.page.reload();
      await stay();
    }
  });

  test("four cut networks and three other devices leave nothing open, and the heap as it was", { timeout: 60_000 + 1.1 * MINUTES * 60_000 }, async (t) => {
    const before = await stay();
    const size = await heap();
    const end = Date.now() + MINUTES * 60_000;
    let rounds = 0;
    do {
      await ann.join();
      for (let turn = 0; turn < CUTS; turn += 1) await cut();
      for (let turn = 0; turn < EXCHANGES; turn += 1) await exchange(turn + 1);
      await leave();
      rounds += 1;
    } while (Date.now() < end);
    assert.deepEqual(await isOpen(atTheDoor), before);
    const growth = (await heap()) - size;
    t.diagnostic(`${rounds} rounds, the heap grew by ${Math.round(growth / 1000)} kB to ${Math.round((size + growth) / 1000)} kB`);
    assert.ok(growth <= GROWTH_BYTES, `${growth} bytes`);
  });
});
