// Makes the database unusable the way another program would: by holding its write lock.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const HOLD = `
import sqlite3, sys
base = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=15)
base.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
`;

/** Locks the server's database; the value has `release()`. */
export async function lockDatabase(server) {
  const file = join(server.dataDir, "rotunda.db");
  const child = spawn("python3", ["-c", HOLD, file], { stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const first = await Promise.race([once(child.stdout, "data"), exit]);
  if (`${first[0]}`.trim() !== "locked") throw new Error(`the database was not locked: ${first}`);
  return {
    async release() {
      child.stdin.end();
      await exit;
    },
  };
}
