// A small web server for the bare test page. It hands out the SDK file of the installed npm
// package, unchanged, and refuses to start when that file is not the one of `published.json`; or our own, under
// `/ours/`, and everywhere with ROTUNDA_SDK=ours.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
export const PUBLISHED = join(here, "../node_modules/@signalwire/js/dist/index.umd.js");

/** Our own package: as it names itself, and as it takes the published one's place. */
const OURS = { own: join(here, "../../../sdk/dist/rotunda.js"), alias: join(here, "../../../sdk/dist/signalwire.js") };

/** Whether the tests run over our own package instead of the published one. */
export const OVER_OURS = process.env.ROTUNDA_SDK === "ours";

const WISH = join(here, "../node_modules/whip-whep");

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** What the published SDK must be: version, the registry's integrity, and the hash of its bundle. */
export const pinned = () => JSON.parse(readFileSync(join(here, "published.json"), "utf8"));

/** The other published versions that are promised to work, oldest first. */
export const FORMER = ["3.5.0", "3.10.2", "3.13.0", "3.17.0", "3.25.1", "3.27.0", "3.29.2"];

const former = (version) => join(here, `../node_modules/sdk-${version}/dist/index.umd.js`);

/** Serves the page on a free loopback port; `origin` is its address, `/v/VERSION/` the page with a former SDK. */
export async function startStatic() {
  const sdk = readFileSync(PUBLISHED);
  if (sha256(sdk) !== pinned().files["index.umd.js"].sha256) {
    throw new Error("the installed @signalwire/js is not the file that published.json names");
  }
  const script = (bytes) => ["text/javascript; charset=utf-8", bytes];
  const files = {
    "/": ["text/html; charset=utf-8", readFileSync(join(here, "page.html"))],
    "/client.js": ["text/javascript; charset=utf-8", readFileSync(join(here, "client.js"))],
    "/legs.js": ["text/javascript; charset=utf-8", readFileSync(join(here, "legs.js"))],
    "/sdk.js": script(OVER_OURS ? readFileSync(OURS.alias) : sdk),
    "/whip_whep.js": ["text/javascript; charset=utf-8", readFileSync(join(here, "whip_whep.js"))],
    "/whip.js": ["text/javascript; charset=utf-8", readFileSync(join(WISH, "whip.js"))],
    "/whep.js": ["text/javascript; charset=utf-8", readFileSync(join(WISH, "whep.js"))],
  };
  for (const version of FORMER) {
    files[`/v/${version}/`] = ["text/html; charset=utf-8", files["/"][1].toString().replace("/sdk.js", `/v/${version}/sdk.js`)];
    files[`/v/${version}/sdk.js`] = ["text/javascript; charset=utf-8", readFileSync(former(version))];
  }
  // Not there before somebody built it, and then nobody here asks for it.
  if (existsSync(OURS.own)) {
    files["/ours/"] = ["text/html; charset=utf-8", files["/"][1].toString().replace("/sdk.js", "/ours/sdk.js")];
    files["/ours/sdk.js"] = script(readFileSync(OURS.own));
  }
  const server = createServer((request, response) => {
    const file = files[new URL(request.url, "http://localhost").pathname];
    response.writeHead(file ? 200 : 404, { "content-type": file?.[0] ?? "text/plain" });
    response.end(file?.[1] ?? "Not Found");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections?.();
    }),
  };
}
