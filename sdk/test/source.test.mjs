// What can be said of the package without a browser: that it has every member of the class's documentation,
// typed and documented, that its examples compile, and that what is built is what the source gives.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";

import { read, reference } from "../reference.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const sdk = join(here, "..");
const ts = createRequire(join(sdk, "package.json"))("typescript");
const table = JSON.parse(readFileSync(join(here, "members.json"), "utf8"));

const MOST_GZIP = 60_000;
const MOST_GZIP_REACT = 5_000;
const MOST_GZIP_LINK = 4_000;
/** Documented types that are misprints, or say less than is so. */
const BETTER = {
  getMeta: "Promise<{meta:Meta;}>", getMemberMeta: "Promise<{meta:Meta;}>",
  getPlaybacks: "Promise<{playbacks:RoomSessionPlayback[];}>", getRecordings: "Promise<{recordings:RoomSessionRecording[];}>",
  getStreams: "Promise<{streams:RoomSessionStream[];}>", setLocalStream: "Promise<void>",
  previewUrl: "string | undefined", on: "RoomSession", once: "RoomSession", off: "RoomSession", removeAllListeners: "RoomSession",
};
/** The documentation's spelling, and the API's that the server knows. */
const SYNONYMS = {
  "video.prioritize_handraise": "room.prioritize_handraise",
  "video.member.raisehand": "room.self.raisehand", "video.member.lowerhand": "room.self.lowerhand",
};
/** Those that tell nobody anything. */
const SILENT = [
  "getLayouts", "getMembers", "getMemberMeta", "getMeta", "getPlaybacks", "getRecordings", "getStreams", "destroy", "off", "on", "once",
  "removeAllListeners", "sendDigits", "setLocalStream",
];

describe("the package @rotunda/js", () => {
  let checker;
  let exported;
  let session;
  let events;

  before(() => {
    const source = read();
    ({ checker, exported } = source);
    session = checker.getDeclaredTypeOfSymbol(exported("RoomSession"));
    events = checker.getDeclaredTypeOfSymbol(exported("RoomSessionEvents"));
  });

  const member = (type, name) => checker.getPropertyOfType(type, name);
  const typeOf = (symbol) => checker.getTypeOfSymbol(symbol);
  const text = (type) => checker.typeToString(type, undefined, ts.TypeFlags.NoTruncation | ts.TypeFormatFlags.NoTruncation);
  const documentation = (symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const same = (one, other) => {
    const parts = (list) => list.replaceAll("Object", "Meta").split("|").map((part) => part.replaceAll(/\s/g, "").replaceAll(/;?}/g, ";}")).sort();
    assert.deepEqual(parts(one), parts(other));
  };

  test("every property of the reference is there, of the documented type, and documented", () => {
    for (const [name, documented] of Object.entries(table.properties)) {
      const symbol = member(session, name);
      assert.ok(symbol, name);
      same(text(typeOf(symbol)), BETTER[name] ?? documented);
      assert.ok(documentation(symbol).length > 10, `${name} is documented`);
      assert.ok(!symbol.declarations.some(ts.isSetAccessor), `${name} is read only`);
    }
  });

  test("every method is there, gives what is documented, and says the permission it needs and the event it causes", () => {
    for (const [name, { returns, options = [], permissions = [] }] of Object.entries(table.methods)) {
      const symbol = member(session, name);
      assert.ok(symbol, name);
      const [signature] = typeOf(symbol).getCallSignatures();
      same(text(signature.getReturnType()), BETTER[name] ?? returns);
      const says = documentation(symbol);
      assert.ok(says.length > 10, `${name} is documented`);
      for (const permission of permissions) assert.ok(says.includes(`\`${SYNONYMS[permission] ?? permission}\``), `${name} says ${permission}`);
      assert.equal(/Events?: /.test(says), !SILENT.includes(name), `${name} says which event it causes`);
      if (options.length === 0) continue;
      const wish = checker.getNonNullableType(typeOf(signature.parameters[0]));
      for (const option of options) assert.ok(member(wish, option), `${name} takes ${option}`);
    }
    assert.deepEqual([Object.keys(table.properties).length, Object.keys(table.methods).length, Object.keys(table.events).length], [18, 57, 29]);
  });

  test("every event is there with its payload, typed to the last field, and documented", () => {
    for (const [name, fields] of Object.entries({ ...table.events, ...table.beyond.events })) {
      const symbol = member(events, name);
      assert.ok(symbol, name);
      assert.ok(documentation(symbol).length > 10, `${name} is documented`);
      const [payload] = checker.getTypeArguments(typeOf(symbol));
      for (const field of fields) {
        let type = payload;
        for (const part of field.split(".")) {
          const one = member(checker.getNonNullableType(type), part);
          assert.ok(one, `${name} has ${field}`);
          type = typeOf(one);
        }
        assert.ok(!(type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)), `${name}: ${field} has a type`);
      }
    }
  });

  test("what goes beyond the reference is there, too, and says the same of itself", () => {
    const { functions, fields, events: _, ...classes } = table.beyond;
    for (const [name, { properties = {}, methods = {} }] of Object.entries(classes)) {
      const type = checker.getDeclaredTypeOfSymbol(exported(name));
      for (const [property, documented] of Object.entries(properties)) {
        const symbol = member(type, property);
        assert.equal(text(typeOf(symbol)), documented);
        assert.ok(documentation(symbol).length > 10, `${property} is documented`);
      }
      for (const [method, facts] of Object.entries(methods)) says(`${name}.${method}`, member(type, method), facts);
    }
    for (const [name, facts] of Object.entries(functions)) says(name, exported(name), facts);
    for (const [name, list] of Object.entries(fields)) {
      const type = checker.getDeclaredTypeOfSymbol(exported(name));
      for (const field of list) assert.ok(member(type, field), `${name} has ${field}`);
    }
  });

  function says(name, symbol, { returns, options = [], permissions = [], event }) {
    const [signature] = typeOf(symbol).getCallSignatures();
    assert.equal(text(signature.getReturnType()), returns, name);
    const words = documentation(symbol);
    assert.ok(words.length > 10, `${name} is documented`);
    for (const permission of permissions) assert.ok(words.includes(`Permission: \`${permission}\``), `${name} says ${permission}`);
    if (event) assert.match(words, new RegExp(`Events?: \`${event}\``), name);
    const taken = signature.parameters[0] && checker.getNonNullableType(typeOf(signature.parameters[0]));
    for (const option of options) assert.ok(member(taken, option), `${name} takes ${option}`);
  }

  test("every option of the constructor is there", () => {
    const [constructor] = checker.getTypeOfSymbol(session.symbol).getConstructSignatures();
    for (const option of table.constructor) assert.ok(member(typeOf(constructor.parameters[0]), option), option);
  });

  test("every field of a layer is there", () => {
    const layout = member(checker.getTypeArguments(typeOf(member(events, "layout.changed")))[0], "layout");
    const [layer] = checker.getTypeArguments(typeOf(member(typeOf(layout), "layers")));
    for (const field of table.VideoLayoutLayer) assert.ok(member(layer, field), field);
  });

  test("the reference in docs/sdk is what the source says", { timeout: 60_000 }, () => {
    const file = join(sdk, "../docs/sdk/reference.md");
    if (process.env.ROTUNDA_BLESS === "1") writeFileSync(file, reference());
    assert.equal(readFileSync(file, "utf8"), reference(), "ROTUNDA_BLESS=1 writes it anew");
  });

  test("every example of the documentation compiles, strictly, against what is published", { timeout: 120_000 }, () => {
    const dist = join(sdk, "dist/types");
    const options = {
      strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"], types: [], typeRoots: [], skipLibCheck: false,
      paths: { "@rotunda/js": [join(dist, "index.d.ts")], "@rotunda/js/globals": [join(dist, "globals.d.ts")] },
    };
    const program = ts.createProgram([join(here, "examples.ts"), join(dist, "globals.d.ts")], options);
    const wrong = ts.getPreEmitDiagnostics(program).filter(({ code }) => code !== 2688); // by paths, not by npm
    assert.equal(ts.formatDiagnostics(wrong, { getCanonicalFileName: (name) => name, getCurrentDirectory: () => sdk, getNewLine: () => "\n" }), "");
    const source = readFileSync(join(here, "examples.ts"), "utf8");
    const without = Object.keys(table.methods).filter((name) => !new RegExp(`\\.${name}\\(`).test(source));
    assert.deepEqual(without, ["destroy", "leave"]);
  });

  test("no type of it is any, and it depends on nothing", () => {
    const types = join(sdk, "dist/types");
    for (const file of readdirSync(types, { recursive: true }).filter((name) => name.endsWith(".d.ts"))) {
      const code = readFileSync(join(types, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
      assert.ok(!/\bany\b/.test(code), file);
    }
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(sdk, "package.json"), "utf8"));
    assert.deepEqual([dependencies, peerDependencies], [undefined, undefined]);
    assert.ok(!/^import /m.test(readFileSync(join(sdk, "dist/index.js"), "utf8")));
  });

  test("each bundle is at most 60 kB gzip, and what is for React 5 kB", (t) => {
    for (const name of ["index.js", "rotunda.js", "signalwire.js"]) {
      const size = gzipSync(readFileSync(join(sdk, "dist", name)), { level: 9 }).length;
      t.diagnostic(`${name}: ${size} bytes`);
      assert.ok(size <= MOST_GZIP, `${name}: ${size}`);
    }
    const react = gzipSync(readFileSync(join(sdk, "react/dist/index.js")), { level: 9 }).length;
    assert.ok(react <= MOST_GZIP_REACT, `react: ${react}`);
  });

  test("who uses a part of it bundles that part", async () => {
    const { build } = createRequire(join(sdk, "package.json"))("esbuild");
    const contents = 'import { exchangeLink } from "./dist/index.js"; export const token = exchangeLink;';
    const { outputFiles } = await build({ stdin: { contents, resolveDir: sdk }, bundle: true, minify: true, format: "esm", write: false });
    const size = gzipSync(outputFiles[0].contents, { level: 9 }).length;
    assert.ok(size <= MOST_GZIP_LINK, `${size}`);
  });

  const folder = mkdtempSync(join(tmpdir(), "rotunda-sdk-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("what is built is what the source gives, byte for byte", { timeout: 120_000 }, () => {
    const pairs = [[join(folder, "dist"), join(sdk, "dist")], [join(folder, "react"), join(sdk, "react/dist")]];
    execFileSync(process.execPath, [join(sdk, "build.mjs"), ...pairs.map(([again]) => again)]);
    const files = (root) => readdirSync(root, { recursive: true }).map(String).filter((name) => /\.(js|ts)$/.test(name)).sort();
    for (const [again, built] of pairs) {
      assert.deepEqual(files(again), files(built));
      for (const file of files(again)) assert.ok(readFileSync(join(again, file)).equals(readFileSync(join(built, file))), file);
    }
  });
});
