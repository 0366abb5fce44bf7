// Layouts: what can be chosen, where the cells are, and that the picture agrees with what is
// announced. The rectangles are typed by hand, in fractions of the canvas; what is announced is what is
// drawn of them, less a gap of four pixels left and above.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fresh, tones } from "./lib/random.mjs";
import { until } from "./lib/wait.mjs";
import { soak, world } from "./lib/world.mjs";

const half = 1 / 2;
const third = 1 / 3;
const two = 2 / 3;
const square = (n) => Array.from({ length: n * n }, (_, k) => [(k % n) / n, Math.floor(k / n) / n, 1 / n, 1 / n]);

// name -> the cells for a room of two, in any order
const GEOMETRY = {
  "1x1": [[0, 0, 1, 1]],
  "2x1": [[0, 0.25, half, half], [half, 0.25, half, half]],
  "2x2": square(2),
  "1x1-2x1": [[0.25, 0, half, half], [0, half, half, half], [half, half, half, half]],
  "5up": [[0, 0, third, third], [two, 0, third, third], [third, third, third, third], [0, two, third, third], [two, two, third, third]],
  "3x3": square(3),
  "1up-top-left5": [[0, 0, two, two], [two, 0, third, third], [two, third, third, third], [0, two, third, third], [third, two, third, third], [two, two, third, third]],
  "highlight-1-responsive": [[0, 0, two, two], [two, 0, third, third], [two, third, third, third], [0, two, third, third], [third, two, third, third], [two, two, third, third]],
  "1up-top-left7": [[0, 0, 0.75, 0.75], [0.75, 0, 0.25, 0.25], [0.75, 0.25, 0.25, 0.25], [0.75, half, 0.25, 0.25], [0, 0.75, 0.25, 0.25], [0.25, 0.75, 0.25, 0.25], [half, 0.75, 0.25, 0.25], [0.75, 0.75, 0.25, 0.25]],
  "4x4": square(4),
  "grid-responsive": [[0, 0.25, half, half], [half, 0.25, half, half]],
};
const SHORT = ["2x2", "5up", "1up-top-left5", "1x1-2x1", "highlight-1-responsive", "3x3", "grid-responsive"];

describe("layouts", () => {
  const it = world("layout");
  const room = fresh("layout");
  let ann;
  let ben;

  test("two people join and stand side by side", { timeout: 90_000 }, async () => {
    const [one, other] = tones(2);
    ann = await it.joined("Ann", room, { tone: one });
    ben = await it.joined("Ben", room, { tone: other, token: { permissions: [] } });
    await ann.sees(ben, { within: 15_000 });
    assertCells(await ann.layout(), GEOMETRY["2x1"]);
  });

  test("getLayouts names what can be chosen", async () => {
    const { layouts } = await ann.call("getLayouts");
    for (const name of ["grid-responsive", "highlight-1-responsive", "1x1", "2x1", "2x2", "5up", "3x3", "4x4", "5x5", "6x6", "8x8", "10x10"]) {
      assert.ok(layouts.includes(name), `${name} in ${layouts}`);
    }
  });

  for (const name of soak ? Object.keys(GEOMETRY) : SHORT) {
    test(`${name}: announced where it should be, and painted where it was announced`, { timeout: 60_000 }, async () => {
      const marks = [await ann.mark(), await ben.mark()];
      await ann.call("setLayout", { name });
      for (const [at, viewer] of [ann, ben].entries()) {
        const { payload } = await viewer.event("layout.changed", ({ layout }) => layout.name === name, { since: marks[at] });
        assertCells(payload.layout, GEOMETRY[name]);
      }
      await ann.event("room.updated", ({ room_session: session }) => session.updated.includes("layout_name"), { since: marks[0] });
      const layers = (await ben.layout()).layers;
      const shown = [ann, ben].filter((who) => layers.some((layer) => layer.member_id === who.memberId));
      assert.equal(shown.length, Math.min(2, GEOMETRY[name].length));
      for (const who of shown) await ben.sees(who);
      await emptyCellsAreEmpty(ben, layers);
    });
  }

  test("an unknown layout is refused and nothing changes", { timeout: 30_000 }, async () => {
    const before = await ann.layout();
    const since = await ann.mark();
    const { error } = await ann.tryCall("setLayout", { name: "heptagon" });
    assert.equal(error?.code, "422");
    assert.equal(typeof error.message, "string");
    await ann.call("setLayout", { name: "2x2" });
    await ann.event("layout.changed", ({ layout }) => layout.name === "2x2", { since });
    const names = (await ann.events()).slice(since).filter((e) => e.name === "layout.changed").map((e) => e.payload.layout.name);
    assert.ok(names.every((name) => name === "2x2"), `no layout.changed for the refused one: ${names}`);
    assert.notEqual(before.name, "heptagon");
  });

  test("without the permission neither the list nor the change is granted", { timeout: 20_000 }, async () => {
    for (const [method, ...args] of [["getLayouts"], ["setLayout", { name: "5up" }], ["setLayout", { name: "heptagon" }]]) {
      const { error } = await ben.tryCall(method, ...args);
      assert.deepEqual([error?.code, error?.message], ["403", "Unauthorized"], method);
    }
  });

  test("the room's own layout is the first one", { timeout: 60_000 }, async () => {
    const name = fresh("start");
    await it.rest.room({ name, layout: "5up" });
    const cid = await it.joined("Cid", name, { tone: 500 });
    const [{ payload }] = await cid.events("room.joined");
    assert.equal(payload.room_session.layout_name, "5up");
    const { payload: first } = await cid.event("layout.changed");
    assert.equal(first.layout.name, "5up");
    assertCells(first.layout, GEOMETRY["5up"]);
    await cid.sees(cid);
  });
});

const CANVAS = { width: 1280, height: 720 };
const GAP = 4;

// The announced cells are exactly these as they are drawn, in any order, in percent: their edges on even
// pixels.
function assertCells(layout, expected) {
  const sort = (list) => list.map((cell) => cell.map((value) => value.toFixed(3)).join(",")).sort();
  const announced = layout.layers.map(({ x, y, width, height }) => [x, y, width, height]);
  assert.deepEqual(sort(announced), sort(expected.map(drawn)), layout.name);
}

function drawn([x, y, width, height]) {
  const gap = width === 1 && height === 1 ? 0 : GAP;
  const even = (part, side) => Math.round((part * side) / 2) * 2;
  const across = [even(x, CANVAS.width) + gap, even(x + width, CANVAS.width)];
  const down = [even(y, CANVAS.height) + gap, even(y + height, CANVAS.height)];
  const percent = (pixels, side) => (pixels / side) * 100;
  return [
    percent(across[0], CANVAS.width), percent(down[0], CANVAS.height),
    percent(across[1] - across[0], CANVAS.width), percent(down[1] - down[0], CANVAS.height),
  ];
}

// No camera colour is painted outside the cells of the members.
async function emptyCellsAreEmpty(viewer, layers) {
  for (const { x, y, width, height, member_id } of layers) {
    if (member_id) continue;
    const rectangle = { x: x + width / 4, y: y + height / 4, width: width / 2, height: height / 2 };
    await until(`the empty cell at ${x.toFixed(0)},${y.toFixed(0)} is dark`, async () => {
      const rgb = await viewer.page.evaluate((one) => lab.rectangle(one), rectangle);
      if (rgb && Math.max(...rgb) < 100) return true;
      throw new Error(`${rgb}`);
    }, { within: 5000 });
  }
}
