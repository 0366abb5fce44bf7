// Writes docs/sdk/reference.md: every property, method and event of the package's classes, from the source.
// `reference()` gives the text, so that a test can tell a stale file.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const ts = createRequire(import.meta.url)("typescript");

const CLASSES = [
  "RoomSession", "RoomSessionScreenShare", "RoomSessionDevice", "RoomSessionRecording", "RoomSessionPlayback", "RoomSessionStream", "LocalOverlay",
  "RoomSessionChat", "RoomSessionCaptions", "RoomSessionLinks", "RoomSessionLobby", "RoomSessionError",
];
const FUNCTIONS = ["exchangeLink"];
const OPTIONS = [
  "RoomSessionOptions", "JoinOptions", "ScreenShareOptions", "AddDeviceOptions", "PlayOptions", "PromoteOptions", "DemoteOptions", "RemoveOptions",
  "ChatOptions", "CaptionOptions", "LinkOptions", "RoomLinkOptions", "PreparedTrack", "ChatMessage", "LobbyWaiter", "RoomLink", "RoomSessionStats",
];

/** The program of the package, its types, and its exports by name. */
export function read() {
  const file = join(here, "src/index.ts");
  const config = ts.readConfigFile(join(here, "tsconfig.json"), ts.sys.readFile).config;
  const program = ts.createProgram([file], ts.parseJsonConfigFileContent(config, ts.sys, here).options);
  const checker = program.getTypeChecker();
  const exports = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)));
  const exported = (name) => {
    const symbol = exports.find((one) => one.name === name);
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  };
  return { ts, checker, exported };
}

/** The text of docs/sdk/reference.md. */
export function reference() {
  const { checker, exported } = read();
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
  const tagged = (symbol, name) => symbol.getJsDocTags(checker).find((tag) => tag.name === name);
  const words = (symbol) => {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replaceAll(/```[\s\S]*?```/g, "");
    const deprecated = tagged(symbol, "deprecated");
    const gives = tagged(symbol, "returns");
    const more = [deprecated && `Deprecated. ${ts.displayPartsToString(deprecated.text)}`, gives && `Gives ${ts.displayPartsToString(gives.text)}`];
    return [text, ...more].filter(Boolean).join("\n\n").replaceAll(/\n(?!\n)(?=[^\n])/g, " ").replaceAll(/ *\n+ */g, "<br>").replaceAll(/\{@link (\w+)\}/g, "`$1`").replaceAll("|", "\\|");
  };
  const isShown = (symbol) => {
    const declared = symbol.declarations?.[0];
    if (!declared || symbol.name.startsWith("__#") || symbol.name.startsWith("#")) return false;
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
    return declared.getSourceFile().fileName.includes("/sdk/src/") && !(ts.getCombinedModifierFlags(declared) & hidden) && !tagged(symbol, "internal");
  };
  const cell = (text) => `\`${text.replaceAll("|", "\\|")}\``;
  const typeText = (type) => checker.typeToString(type, undefined, flags);
  const call = (symbol) => {
    const [signature] = checker.getTypeOfSymbol(symbol).getCallSignatures();
    const parameters = signature.parameters.map((one) => {
      const { questionToken, initializer, name } = one.valueDeclaration;
      const called = ts.isIdentifier(name) ? one.name : "params";
      return `${called}${questionToken || initializer ? "?" : ""}: ${typeText(checker.getNonNullableType(checker.getTypeOfSymbol(one)))}`;
    });
    return `${symbol.name}(${parameters.join(", ")}): ${typeText(signature.getReturnType())}`;
  };
  const isMethod = (symbol) => Boolean(symbol.flags & ts.SymbolFlags.Method);
  const byName = (a, b) => (a.name < b.name ? -1 : 1);
  const table = (head, rows) => (rows.length === 0 ? [] : [`| ${head} | |`, "| --- | --- |", ...rows.map(([one, other]) => `| ${one} | ${other} |`), ""]);
  const lines = ["# Reference of `@rotunda/js`", "", "Generated from the source of `sdk/src`. How to use it is in [README.md](README.md).", ""];
  for (const name of CLASSES) {
    const symbol = exported(name);
    const members = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).filter(isShown).sort(byName);
    lines.push(`## ${name}`, "", words(symbol).replaceAll("<br>", "\n\n").trim(), "");
    const fields = members.filter((one) => !isMethod(one));
    lines.push(...table("property", fields.map((one) => [cell(`${one.name}: ${typeText(checker.getTypeOfSymbol(one))}`), words(one)])));
    lines.push(...table("method", members.filter(isMethod).map((one) => [cell(call(one)), words(one)])));
  }
  lines.push("## Events of RoomSession", "");
  const events = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(exported("RoomSessionEvents"))).sort(byName);
  const payload = (one) => typeText(checker.getTypeOfSymbol(one)).replaceAll(/^\[|\]$/g, "");
  lines.push(...table("event", events.map((one) => [cell(`${one.name}`) + (payload(one) ? `<br>${cell(payload(one))}` : ""), words(one)])));
  lines.push("## Functions", "");
  lines.push(...table("function", FUNCTIONS.map(exported).map((one) => [cell(call(one)), words(one).replace(/(<br>)+$/, "")])));
  for (const name of OPTIONS) {
    const symbol = exported(name);
    const fields = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).sort(byName);
    const optional = (one) => (one.flags & ts.SymbolFlags.Optional ? "?" : "");
    lines.push(`## ${name}`, "", words(symbol), "");
    lines.push(...table("field", fields.map((one) => [cell(`${one.name}${optional(one)}: ${typeText(checker.getNonNullableType(checker.getTypeOfSymbol(one)))}`), words(one)])));
  }
  return `${lines.join("\n").trimEnd()}\n`;
}
