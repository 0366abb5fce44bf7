// The two browsers: one beside the server, one in the namespace behind the link. Each has `open(url,
// script)`, which gives a page with `evaluate(act, argument)` and `close()`; a microphone that speaks, and
// a camera that moves.

import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CHROMIUM, launch, openPage } from "../../e2e/lib/browser.mjs";
import { startFirefox } from "./firefox.mjs";

const flags = ({ origin, materials }) => [
  `--use-file-for-fake-audio-capture=${materials.speech}`,
  `--use-file-for-fake-video-capture=${materials.camera}`,
  `--unsafely-treat-insecure-origin-as-secure=${origin}`, // cameras are for secure pages only
];

/** Chromium beside the server. */
export async function near(options) {
  return asBrowser(await launch({ flags: flags(options) }));
}

/** Chromium or Firefox in another namespace. Nothing of what it is asked to do goes over the link. */
export async function far(namespace, options, kind = "chromium") {
  if (kind === "firefox") return startFirefox(namespace);
  const executablePath = join(mkdtempSync(join(tmpdir(), "rotunda-netlab-")), "chromium");
  writeFileSync(executablePath, `#!/bin/sh\nexec ip netns exec ${namespace} ${CHROMIUM} "$@"\n`);
  chmodSync(executablePath, 0o755);
  return asBrowser(await launch({ program: executablePath, flags: flags(options) }));
}

function asBrowser(chromium) {
  return {
    async open(url, script) {
      const { page, context } = await openPage(chromium, url);
      await page.addScriptTag({ content: script });
      return { evaluate: (act, argument) => page.evaluate(act, argument), close: () => context.close() };
    },
    close: () => chromium.close(),
  };
}
