// That the table of differences, by which the browser tests run over both packages, is what the documents say: each
// line that tells of one has a row, each row has a line and says two things, and each is asked by a test.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";

import { OURS_ALONE, ROWS, SAME } from "../../tests/e2e/lib/sdk.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const e2e = join(root, "tests/e2e");
/** The tables that tell of differences, each by the first line of it. */
const TABLES = {
  "docs/compat/deviations.md": "| the reference says | what happens | the line to write |",
  "docs/sdk/README.md": "| the published SDK | this one |",
};

/** First cells of a document's table. */
function told([name, head]) {
  const lines = readFileSync(join(root, name), "utf8").split("\n");
  const from = lines.indexOf(head) + 2;
  const rows = lines.slice(from, lines.findIndex((line, at) => at >= from && !line.startsWith("|")));
  return rows.map((row) => `${name}: ${row.split(" | ")[0].slice(2)}`);
}

describe("the differences of the two packages", () => {
  const rows = Object.entries(ROWS);
  const tests = readdirSync(e2e).filter((name) => name.endsWith(".test.mjs")).map((name) => readFileSync(join(e2e, name), "utf8")).join("\n");

  test("each line of the documents has a row, and each row a line", () => {
    const lines = [...rows.flatMap(([, row]) => row.lines), ...SAME, ...OURS_ALONE];
    const known = lines.map(([name, line]) => `${name}: ${line}`);
    assert.deepEqual([...known].sort(), Object.entries(TABLES).flatMap(told).sort());
  });

  test("each row says two things, and is asked by a test", () => {
    for (const [name, { published, ours }] of rows) {
      assert.notDeepEqual(published, ours, name);
      assert.match(tests, new RegExp(`expected\\("${name}"\\)|^    ${name}\\(|^    async ${name}\\(`, "m"), `${name} is asked`);
    }
    for (const [, name] of tests.matchAll(/expected\("(\w+)"\)/g)) assert.ok(ROWS[name], name);
    for (const [, line, file] of OURS_ALONE) assert.ok(readdirSync(e2e).includes(`${file}.test.mjs`), line);
  });
});
