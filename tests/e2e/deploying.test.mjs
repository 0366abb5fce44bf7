// The deployment page, run: its configuration, its nginx in front with TLS, its unit and its backup, with
// nothing changed but addresses, ports and folders.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { block as blockOf } from "./lib/block.mjs";
import { launch, Participant } from "./lib/browser.mjs";
import { restClient } from "./lib/rest.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { binary, startServer } from "./lib/server.mjs";
import { startStatic } from "./lib/static.mjs";
import { until } from "./lib/wait.mjs";
import { EVERYTHING } from "./lib/world.mjs";

const block = (file, replaced) => blockOf("deploying.md", file, replaced);

/** A port nobody has. */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

describe("the deployment page", () => {
  const folder = mkdtempSync(join(tmpdir(), "rotunda-deploying-"));
  const file = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  let server, nginx, port, browser, lab, who;

  before(async () => {
    const [http, tls] = [await freePort(), await freePort()];
    port = tls;
    const config = file("rotunda.toml", block("rotunda.toml", [
      ["127.0.0.1:7880", `127.0.0.1:${http}`], ["/var/lib/rotunda", join(folder, "data")],
      ["rooms.example.com", `127.0.0.1:${tls}`], ["127.0.0.1:7883", "127.0.0.1:0"],
    ]));
    server = await startServer({ name: "deploying", verb: "serve", ports: { http }, args: ["--config", config] });
    nginx = startNginx(http, tls);
    await until("nginx answers", () => restClient(behind()).get("/rooms").then(({ status }) => status === 200), { within: 15_000 });
    [browser, lab] = [await launch(), await startStatic()];
  }, { timeout: 60_000 });

  after(async () => {
    await browser?.close();
    await lab?.stop();
    nginx?.kill("SIGKILL");
    await server?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The server as it is seen from outside. */
  const behind = () => ({ ...server, http: `https://127.0.0.1:${port}` });

  function startNginx(http, tls) {
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=rooms.example.com", "-keyout", key, "-out", cert], { stdio: "ignore" });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // this file's own certificate
    const site = block("rotunda.conf", [
      ["127.0.0.1:7880", `127.0.0.1:${http}`], ["listen 443 ssl", `listen 127.0.0.1:${tls} ssl`],
      ["    listen [::]:443 ssl;\n", ""], ["/etc/letsencrypt/live/rooms.example.com/fullchain.pem", cert],
      ["/etc/letsencrypt/live/rooms.example.com/privkey.pem", key],
    ]);
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((one) => `${one}_temp_path ${join(folder, one)};`).join("\n");
    const whole = `pid ${join(folder, "nginx.pid")};\nerror_log ${join(folder, "error.log")};\ndaemon off;\nevents {}\nhttp {\naccess_log off;\n${paths}\n${site}}\n`;
    return spawn("nginx", ["-p", folder, "-c", file("nginx.conf", whole)], { stdio: "ignore" });
  }

  test("a page joins through nginx, and links of the server say how it is reached from outside", { timeout: 90_000 }, async () => {
    const rest = restClient(behind());
    const name = fresh("deployed");
    for (const one of [name, `${name}-2`]) await rest.room({ name: one });
    const { links } = (await rest.get("/rooms?page_size=1")).body;
    assert.ok(links.next.startsWith("https://127.0.0.1"), links.next);
    const [tone] = tones(1);
    who = await Participant.open(browser, lab.origin, "Ann", { tone });
    const token = await rest.token({ room_name: name, user_name: "Ann", permissions: EVERYTHING });
    await who.join({ token });
    await who.sees(who);
  });

  test("the unit is one that systemd takes", () => {
    const unit = file("rotunda.service", block("rotunda.service", [["/usr/bin/rotunda", binary()], ["User=rotunda", "User=root"]]));
    execFileSync("systemd-analyze", ["verify", "--man=no", unit], { stdio: "pipe" });
  });

  test("a backup taken beside the running server holds its rooms", () => {
    const env = { ...process.env, DATA_DIR: server.dataDir, BACKUP: folder };
    execFileSync("sh", [file("backup.sh", block("backup.sh"))], { env, stdio: "pipe" });
    const rooms = execFileSync("sqlite3", [join(folder, "rotunda.db"), "select count(*) from rooms"], { encoding: "utf8" });
    assert.equal(Number(rooms), 2);
  });
});
