// Builds dist/: an ES module, the two bundles for script tags, and the types. The same source gives the
// same bytes: nothing of the machine, the folder or the time goes in.

import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "dist");
const { version, license } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));

rmSync(target, { recursive: true, force: true });
const common = {
  absWorkingDir: here,
  bundle: true,
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
  banner: { js: `/*! @rotunda/js ${version} | ${license} */` },
};
const bundle = (name, format, minify) =>
  build({ ...common, entryPoints: [`src/${name}.ts`], outfile: join(target, `${name}.js`), format, minify });
await Promise.all([bundle("index", "esm", false), bundle("rotunda", "iife", true), bundle("signalwire", "iife", true)]);

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
execFileSync(process.execPath, [tsc, "-p", here, "--outDir", join(target, "types")], { stdio: "inherit" });
