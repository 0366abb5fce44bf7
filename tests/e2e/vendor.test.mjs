// The SDK bundle inside the server is the published file, byte for byte.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";

import { PUBLISHED, sha256, VENDOR, vendored } from "./lib/static.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const read = (...parts) => readFileSync(join(...parts));

describe("the vendored SDK", () => {
  test("it equals the installed npm package's file byte for byte", () => {
    assert.ok(read(VENDOR, "index.umd.js").equals(read(PUBLISHED)));
  });

  test("its hash and size are the ones written down", () => {
    const bytes = read(VENDOR, "index.umd.js");
    const { sha256: hash, bytes: size } = vendored().files["index.umd.js"];
    assert.equal(sha256(bytes), hash);
    assert.equal(bytes.length, size);
    assert.equal(hash, "e11f86e00f5cca5aae532c38857a3babfd5654c6be6f3476334f4134b6453d2f");
  });

  test("the registry's integrity hash is the one npm checked at install", () => {
    const lock = JSON.parse(read(here, "package-lock.json"));
    const installed = lock.packages["node_modules/@signalwire/js"];
    assert.equal(installed.version, vendored().version);
    assert.equal(installed.integrity, vendored().integrity);
  });

  test("it comes with its licence", () => {
    const text = read(VENDOR, "LICENSE").toString();
    assert.match(text, /MIT License/);
    assert.match(text, /SignalWire/);
  });

  test("the page loads that file and no other SDK", () => {
    const page = read(VENDOR, "..", "..", "index.html").toString();
    const scripts = [...page.matchAll(/<script[^>]*src="([^"]+)"/g)].map((match) => match[1]);
    assert.deepEqual(scripts, ["assets/vendor/signalwire-js-3.30.0/index.umd.js", "assets/app.js"]);
    assert.equal(createHash("sha256").update(read(PUBLISHED)).digest("hex"), vendored().files["index.umd.js"].sha256);
  });
});
