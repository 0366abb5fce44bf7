// Builds dist/: an ES module, the two bundles for script tags, and the types; and react/dist. The same source
// gives the same bytes: nothing of the machine, the folder or the time goes in.

import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "dist");
const react = process.argv[3] ?? join(here, "react/dist");
const { version, license } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));

for (const folder of [target, react]) rmSync(folder, { recursive: true, force: true });
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
await Promise.all([
  bundle("index", "esm", false),
  bundle("rotunda", "iife", true),
  bundle("signalwire", "iife", true),
  build({
    ...common,
    banner: { js: `/*! @rotunda/react ${version} | ${license} */` },
    entryPoints: ["react/src/index.ts"],
    outfile: join(react, "index.js"),
    format: "esm",
    external: ["react", "@rotunda/js"],
  }),
]);

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const types = (project, folder) => execFileSync(process.execPath, [tsc, "-p", project, "--outDir", folder], { stdio: "inherit" });
types(here, join(target, "types"));
// Against the types of dist/, which are there by now.
types(join(here, "react"), react);
