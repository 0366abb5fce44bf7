// Builds the page into dist/, every file compressed, and the table of crates/webui by which the server embeds
// them. The same source gives the same bytes: nothing of the machine, the folder or the time goes in, and
// what compresses is a package of npm, because that of Node differs from machine to machine.
//
// node build.mjs [FOLDER TABLE]

import { gzipSync } from "fflate";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2] ?? join(here, "dist");
const table = process.argv[3] ?? join(here, "../crates/webui/src/built.rs");

/** The page of a room, and the operator's; each loads what it needs and no more. */
const PAGES = ["index.html", "admin.html"];
/** What each kind of file is called in the table. */
const TYPES = {
  ".js": "JS", ".css": "CSS", ".svg": "SVG", ".webmanifest": "MANIFEST", ".txt": "TEXT",
  ".wasm": "WASM", ".tflite": "BYTES", ".binarypb": "BYTES",
};
/** The name ends in a hash of the content. */
const HASHED = /-[\w-]{8}\.(js|css|svg|wasm|tflite|binarypb)$/;

await build({
  root: here,
  configFile: false,
  base: "./",
  logLevel: "warn",
  resolve: { dedupe: ["preact"] },
  assetsInclude: ["**/*.tflite", "**/*.binarypb"],
  build: {
    outDir: folder,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome111", "firefox115", "safari16.4"],
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false }, input: PAGES.map((page) => join(here, page)) },
  },
});

/** Compresses a file in its place, and gives its name below `assets/`. */
function compress(path) {
  writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9, mtime: 0 }));
  rmSync(path);
}

const assets = join(folder, "assets");
/** Whose work is in the page beside our own, and where each says under which licence. */
const licence = (name) => join(here, "node_modules", name, "LICENSE");
const WORKS = [
  ...["preact", "@preact/signals", "@preact/signals-core", "uqr", "@sapphi-red/web-noise-suppressor"].map((name) => [name, licence(name)]),
  // These come without: the first names its licence only, the others are inside the package before.
  ["@mediapipe/selfie_segmentation", join(here, "../LICENSE-APACHE")],
  ["@shiguredo/rnnoise-wasm", join(here, "../LICENSE-APACHE")],
  ["RNNoise", join(here, "licences/rnnoise.txt")],
];
const licences = WORKS.map(([name, file]) => `${name}\n\n${readFileSync(file, "utf8").trim()}\n`);
writeFileSync(join(assets, "licences.txt"), licences.join("\n----\n\n"));
const names = readdirSync(assets).sort();
for (const name of names) compress(join(assets, name));
for (const page of PAGES) compress(join(folder, page));
const rows = names.map((name) => `    built!("${name}", ${TYPES[extname(name)]}, ${HASHED.test(name) ? "Forever" : "Ask"}),\n`);
mkdirSync(dirname(table), { recursive: true });
writeFileSync(table, `//! Written by \`make web\`: the files of the page as they were built. Nobody changes it by hand.

use super::embedded::{BYTES, CSS, File, JS, MANIFEST, SVG, TEXT, WASM, built};

/// One row for each file of \`web/dist/assets\`.
pub(crate) static BUILT: [File; ${names.length}] = [
${rows.join("")}];
`);
