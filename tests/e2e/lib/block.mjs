// Files as pages of docs/operating print them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../../../docs/operating");

/** The block of a page that is to be this file, with some texts replaced. */
export function block(page, file, replaced = []) {
  const text = readFileSync(join(folder, page), "utf8");
  const found = text.match(new RegExp(`^\`\`\`\\w+ file=${file.replace(".", "\\.")}\\n([\\s\\S]*?)^\`\`\`$`, "m"));
  assert.ok(found, `${page} has no ${file}`);
  return replaced.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `${file} has ${from}`);
    return text.replaceAll(from, to);
  }, found[1]);
}
