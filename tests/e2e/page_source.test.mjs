// The page of a room, and the operator's, without a browser: what is committed is what their source gives, they are
// small, and every language has every word.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { after, describe, test } from "node:test";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";

import { build } from "esbuild";

const run = promisify(execFile);
const repo = join(dirname(fileURLToPath(import.meta.url)), "../..");
const DIST = join(repo, "web/dist");
const TABLE = join(repo, "crates/webui/src/built.rs");
const SCRIPT = join(repo, "scripts/web.sh");
const FIRST_LOAD_BYTES = 150_000;
const LANGUAGES = ["en", "de", "es", "fr", "ar"];

const files = (folder) => readdirSync(folder, { recursive: true }).filter((name) => name.includes(".")).sort();

describe("the source of the page", () => {
  const folder = mkdtempSync(join(tmpdir(), "rotunda-page-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("it gives the committed files, byte for byte, and the table of them", { timeout: 300_000 }, async () => {
    const [dist, table] = [join(folder, "dist"), join(folder, "built.rs")];
    await run("bash", [SCRIPT, dist, table], { cwd: repo });
    assert.deepEqual(files(dist), files(DIST), "run make web and commit what it writes");
    for (const name of files(dist)) {
      assert.ok(readFileSync(join(dist, name)).equals(readFileSync(join(DIST, name))), `${name}: run make web and commit what it writes`);
    }
    assert.equal(readFileSync(table, "utf8"), readFileSync(TABLE, "utf8"));
  });

  test("its types hold", { timeout: 300_000 }, async () => {
    await run("bash", [SCRIPT, "types"], { cwd: repo });
  });

  for (const [page, catalogues] of [["index", 1], ["admin", 2]]) {
    test(`what a first visit of ${page}.html loads is at most 150 kB, compressed`, () => {
      const html = gunzipSync(readFileSync(join(DIST, `${page}.html.gz`))).toString();
      const named = [...html.matchAll(/"\.\/assets\/([^"]+)"/g)].map(([, name]) => readFileSync(join(DIST, "assets", `${name}.gz`)).length);
      assert.ok(named.length >= 3, "script, style and icon");
      // And the words of the largest language.
      const words = files(join(DIST, "assets")).filter((name) => /^(de|es|fr|ar)-/.test(name)).map((name) => readFileSync(join(DIST, "assets", name)).length);
      const bytes = named.reduce((sum, one) => sum + one, 0) + catalogues * Math.max(...words);
      assert.ok(bytes <= FIRST_LOAD_BYTES, `${bytes} bytes`);
    });
  }

  test("neither page loads what is the other's alone", () => {
    const named = (page) => gunzipSync(readFileSync(join(DIST, `${page}.html.gz`))).toString();
    assert.doesNotMatch(named("index"), /assets\/admin-/);
    assert.doesNotMatch(named("admin"), /assets\/index-/);
  });

  test("nothing in it is typed any, and its files are small", () => {
    const source = join(repo, "web/src");
    for (const name of files(source).filter((one) => /\.tsx?$/.test(one))) {
      const text = readFileSync(join(source, name), "utf8");
      assert.doesNotMatch(text, /(:|as|<)\s*any\b|@ts-/, name);
      assert.ok(text.split("\n").length <= 450, name);
    }
  });

  for (const [whose, folderOf] of [["the page of a room", ""], ["the operator's page", "admin"]]) {
    describe(`the words of ${whose}`, () => {
      const source = join(repo, "web/src", folderOf);
      const read = async (language) => {
        const out = join(folder, folderOf, `${language}.mjs`);
        await build({ entryPoints: [join(source, "words", `${language}.ts`)], outfile: out, format: "esm", logLevel: "silent" });
        return (await import(pathToFileURL(out).href))[language];
      };
      const parts = (text) => [...text.matchAll(/\{\w+\}/g)].map(([part]) => part).sort();

      for (const language of LANGUAGES) {
        test(`${language} has every word, with every part that is put in, and no other`, async () => {
          const [measure, words] = [await read("en"), await read(language)];
          assert.deepEqual(Object.keys(words).sort(), Object.keys(measure).sort());
          for (const [name, text] of Object.entries(words)) {
            assert.ok(text.trim().length > 0, name);
            assert.deepEqual(parts(text), parts(measure[name]), name);
          }
        });
      }

      test("every one of them is used", async () => {
        const others = (name) => /(^|\/)words\//.test(name) || (folderOf === "" && name.startsWith("admin/"));
        const texts = files(source).filter((name) => !others(name)).map((name) => readFileSync(join(source, name), "utf8")).join("\n");
        assert.deepEqual(Object.keys(await read("en")).filter((word) => !texts.includes(`"${word}"`)), []);
      });
    });
  }
});
