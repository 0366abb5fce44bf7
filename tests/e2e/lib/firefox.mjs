// A page of Debian's Firefox ESR, spoken to over WebDriver BiDi (https://w3c.github.io/webdriver-bidi),
// which Firefox offers itself: for what must play in more than Chromium. It has the one method of a
// Playwright page that such tests need, `evaluate`.

import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import WebSocket from "ws";

import { within } from "./wait.mjs";

const BINARY = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/**
 * Starts Firefox and opens `url` in it. `prefix` is a command that runs it elsewhere, `prefs` are lines of
 * its user.js, and `reach` gives, for the address at which it says it listens, one that leads there.
 */
export async function openFirefox(url, { prefix = [], prefs = [], reach = (door) => door } = {}) {
  const profile = await mkdtemp(join(tmpdir(), "rotunda-firefox-"));
  await writeFile(join(profile, "user.js"), prefs.join("\n"));
  const [program, ...args] = [...prefix, BINARY, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
  const child = spawn(program, args, {
    env: { ...process.env, HOME: profile, MOZ_DISABLE_CONTENT_SANDBOX: "1" }, // CI runs as root in a container
    stdio: ["ignore", "ignore", "pipe"],
  });
  const gone = new Promise((resolve) => child.once("close", resolve));
  const close = async () => {
    child.kill("SIGKILL");
    await gone;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const door = await within(60_000, "Firefox starts", doorOf(child, gone));
    const bidi = await connect(`${await reach(door)}/session`, new URL(door).host);
    await bidi("session.new", { capabilities: {} });
    const { contexts } = await bidi("browsingContext.getTree", {});
    const { context } = contexts[0];
    await bidi("browsingContext.navigate", { context, url, wait: "complete" });
    return { evaluate: (act, argument) => evaluate(bidi, context, act, argument), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The address Firefox says it listens at. */
async function doorOf(child, gone) {
  const said = [];
  const lines = createInterface({ input: child.stderr });
  const found = new Promise((resolve) => {
    lines.on("line", (line) => {
      said.push(line);
      const door = /WebDriver BiDi listening on (ws:\S+)/.exec(line)?.[1];
      if (door) resolve(door);
    });
  });
  const ended = gone.then(() => Promise.reject(new Error(`Firefox ended: ${said.slice(-5).join("\n")}`)));
  ended.catch(() => {});
  return Promise.race([found, ended]);
}

/** A function that sends a command and gives its result. Firefox serves nobody who calls it otherwise. */
async function connect(url, host) {
  const socket = new WebSocket(url, { headers: { host } });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const waiting = new Map();
  socket.on("message", (text) => {
    const { id, result, error, message } = JSON.parse(text);
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error) asked?.reject(new Error(`${error}: ${message}`));
    else asked?.resolve(result);
  });
  socket.on("close", () => {
    for (const asked of waiting.values()) asked.reject(new Error("Firefox closed its door"));
  });
  let last = 0;
  return (method, params) => within(60_000, `Firefox does ${method}`, new Promise((resolve, reject) => {
    last += 1;
    waiting.set(last, { resolve, reject });
    socket.send(JSON.stringify({ id: last, method, params }));
  }));
}

/** Runs a function of the test in the page; argument and value are what JSON can say. */
async function evaluate(bidi, context, act, argument = null) {
  const { result, exceptionDetails } = await bidi("script.callFunction", {
    functionDeclaration: `async (json) => JSON.stringify((await (${act})(JSON.parse(json))) ?? null)`,
    arguments: [{ type: "string", value: JSON.stringify(argument) }],
    target: { context },
    awaitPromise: true,
  });
  if (exceptionDetails) throw new Error(`in Firefox: ${exceptionDetails.text}`);
  return JSON.parse(result.value);
}
