// Debian's coturn, as docs/operating/networks.md configures it, with a certificate of a test's own authority.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

import { block } from "./block.mjs";
import { until } from "./wait.mjs";

export const SECRET = "the-shared-secret";
const PORT = 3478;
const TLS_PORT = 5349;

/** An authority, and a certificate of it for an address; gives the paths of both and of the key. */
function certificates(folder, address) {
  const path = (name) => join(folder, name);
  const openssl = (...args) => execFileSync("openssl", args, { stdio: "pipe" });
  const fresh = (name) => ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path(`${name}.key`)];
  openssl("req", "-x509", ...fresh("authority"), "-days", "2", "-subj", "/CN=Test authority", "-addext", "keyUsage=critical,keyCertSign", "-out", path("authority.pem"));
  openssl("req", ...fresh("turn"), "-subj", "/CN=turn", "-out", path("turn.csr"));
  writeFileSync(path("turn.ext"), `subjectAltName=IP:${address}\nextendedKeyUsage=serverAuth\n`);
  openssl("x509", "-req", "-in", path("turn.csr"), "-CA", path("authority.pem"), "-CAkey", path("authority.key"), "-days", "2", "-extfile", path("turn.ext"), "-out", path("turn.pem"));
  return { authority: path("authority.pem"), cert: path("turn.pem"), key: path("turn.key") };
}

/** A home folder whose browser trusts an authority. */
export function trusting(folder, authority) {
  const store = join(folder, ".pki/nssdb");
  mkdirSync(store, { recursive: true });
  execFileSync("certutil", ["-d", `sql:${store}`, "-N", "--empty-password"]);
  execFileSync("certutil", ["-d", `sql:${store}`, "-A", "-t", "C,,", "-n", "test authority", "-i", authority]);
  return folder;
}

/** Starts it at `address`; what it relays goes out from our loopback. */
export async function startCoturn(folder, address) {
  const files = certificates(folder, address);
  const config = block("networks.md", "turnserver.conf", [
    ["tls-listening-port=443", `tls-listening-port=${TLS_PORT}`],
    ["/etc/coturn/fullchain.pem", files.cert], ["/etc/coturn/privkey.pem", files.key],
    ["203.0.113.7", "127.0.0.1"],
  ]);
  const ours = [`listening-ip=${address}`, "relay-ip=127.0.0.1", "allow-loopback-peers", "verbose", `userdb=${folder}/turn.db`, `pidfile=${folder}/turn.pid`];
  const path = join(folder, "turnserver.conf");
  writeFileSync(path, `${config}${ours.join("\n")}\n`);
  const log = join(folder, "turn.log");
  const child = spawn("turnserver", ["-c", path, "--log-file", log, "--simple-log"], { stdio: "ignore" });
  const answers = (port) => new Promise((resolve) => {
    const socket = connect(port, address, () => resolve(socket.destroy())).on("error", () => resolve(false));
  });
  await until("coturn listens", async () => (await answers(PORT)) && (await answers(TLS_PORT)), { within: 10_000 });
  return {
    authority: files.authority,
    urls: {
      udp: `turn:${address}:${PORT}?transport=udp`,
      tcp: `turn:${address}:${PORT}?transport=tcp`,
      tls: `turns:${address}:${TLS_PORT}?transport=tcp`,
    },
    log: () => readFileSync(log, "utf8"),
    stop: () => child.kill("SIGKILL"),
  };
}
