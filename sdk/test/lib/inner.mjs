// A file of the package's source by itself, for tests of what nobody outside sees.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const sdk = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { build } = createRequire(join(sdk, "package.json"))("esbuild");

/** What `sdk/src/FILE` exports. */
export async function inner(file) {
  const { outputFiles } = await build({ entryPoints: [join(sdk, "src", file)], bundle: true, format: "esm", write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
