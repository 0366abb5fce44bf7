// The SDK that the browser tests load is the published file, byte for byte.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";

import { pinned, PUBLISHED, sha256 } from "./lib/static.mjs";

const here = dirname(fileURLToPath(import.meta.url));

describe("the published SDK", () => {
  test("its hash and size are the ones written down", () => {
    const bytes = readFileSync(PUBLISHED);
    const { sha256: hash, bytes: size } = pinned().files["index.umd.js"];
    assert.equal(sha256(bytes), hash);
    assert.equal(bytes.length, size);
    assert.equal(hash, "e11f86e00f5cca5aae532c38857a3babfd5654c6be6f3476334f4134b6453d2f");
  });

  test("the registry's integrity hash is the one npm checked at install", () => {
    const lock = JSON.parse(readFileSync(join(here, "package-lock.json")));
    const installed = lock.packages["node_modules/@signalwire/js"];
    assert.equal(installed.version, pinned().version);
    assert.equal(installed.integrity, pinned().integrity);
  });
});
