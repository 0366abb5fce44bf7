// That every block of code that documents print of this package compiles against what is published: TypeScript
// strictly, JavaScript as far as it has types.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, describe, test } from "node:test";

const sdk = join(dirname(fileURLToPath(import.meta.url)), "..");
const ts = createRequire(join(sdk, "package.json"))("typescript");

const DOCUMENTS = ["README.md", "sdk/README.md", "docs/sdk/README.md", "docs/compat/extensions.md"];
/** What stands around a block, in the application that it is of. */
const GIVEN = `
import type * as sdk from "@rotunda/js";
declare global {
  const token: string;
  const id: string;
  const memberId: string;
  const signal: AbortSignal;
  const room: sdk.RoomSession;
  const host: sdk.RoomSession;
  const exchangeLink: typeof sdk.exchangeLink;
  const RoomSession: typeof sdk.RoomSession;
  type ChatMessage = sdk.ChatMessage;
}
`;
/** Parameters of which JavaScript cannot say the type. */
const UNTYPED = [7006, 7031];
const OPTIONS = {
  strict: true, useUnknownInCatchVariables: false, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, types: [], typeRoots: [],
  moduleResolution: ts.ModuleResolutionKind.Bundler, moduleDetection: ts.ModuleDetectionKind.Force, allowJs: true, checkJs: true,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"], jsx: ts.JsxEmit.ReactJSX,
  paths: {
    "@rotunda/js": [join(sdk, "dist/types/index.d.ts")], "@rotunda/js/globals": [join(sdk, "dist/types/globals.d.ts")],
    "@rotunda/react": [join(sdk, "react/dist/index.d.ts")],
    react: [join(sdk, "node_modules/@types/react/index.d.ts")], "react/jsx-runtime": [join(sdk, "node_modules/@types/react/jsx-runtime.d.ts")],
  },
};

/** Blocks of a document: `[{at, language, code}]`; of a page its scripts. */
function blocks(name) {
  const text = readFileSync(join(sdk, "..", name), "utf8");
  return [...text.matchAll(/^```(ts|js|jsx|html)\n([\s\S]*?)^```$/gm)].map(({ 1: language, 2: code, index }) => {
    const at = `${name}:${text.slice(0, index).split("\n").length}`;
    if (language !== "html") return { at, language, code };
    const scripts = [...code.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script]) => script);
    return { at, language: "js", code: scripts.join("\n") };
  });
}

describe("what documents print", () => {
  const folder = mkdtempSync(join(tmpdir(), "rotunda-blocks-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What the compiler says of these files, each by the place of its block. */
  function wrong(files, given) {
    const program = ts.createProgram([given, join(sdk, "dist/types/globals.d.ts"), ...files.keys()], OPTIONS);
    const isSo = ({ code, file }) => code !== 2688 && !(UNTYPED.includes(code) && /\.jsx?$/.test(file?.fileName)); // 2688: by paths, not by npm
    return ts.getPreEmitDiagnostics(program).filter(isSo).map(({ file, messageText }) => `${files.get(file?.fileName) ?? file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
  }

  test("every block compiles", { timeout: 120_000 }, () => {
    const all = DOCUMENTS.flatMap(blocks);
    const given = join(folder, "given.d.ts");
    mkdirSync(folder, { recursive: true });
    writeFileSync(given, GIVEN);
    const files = new Map(all.map(({ at, language, code }, number) => {
      const file = join(folder, `${number}.${language}`);
      writeFileSync(file, `${code}\nexport {};\n`);
      return [file, at];
    }));
    assert.ok(files.size >= 9, `${files.size} blocks`);
    assert.deepEqual(wrong(files, given), []);
  });
});
