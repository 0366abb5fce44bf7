// The command line: configuration in its layers, projects and API tokens, what `serve` warns of.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { basic } from "./lib/rest.mjs";
import { binary, rotunda, startServer } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe("the command line", () => {
  const it = world("command", { browser: false });
  const folder = mkdtempSync(join(tmpdir(), "rotunda-command-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  // What `config print` says, by key, and where each value came from.
  const settings = async (args, env) => {
    const { code, stdout, stderr } = await rotunda(["config", "print", ...args], env);
    assert.equal(code, 0, stderr);
    const values = {};
    let section = "";
    for (const line of stdout.split("\n")) {
      section = line.match(/^\[(\w+)\]$/)?.[1] ?? section;
      const [, key, value] = line.match(/^(\w+) = (.*)$/) ?? [];
      if (key) values[`${section}.${key}`] = value;
    }
    return { values, text: stdout };
  };

  for (const verb of ["serve", "dev"]) {
    test(`${verb}: an unknown key of the file stops the start and the nearest is named`, async () => {
      const file = write("typo.toml", "[media]\nudp_prot = 7882\n");
      const { code, stderr } = await rotunda([verb, "--config", file, "--data-dir", join(folder, "never")]);
      assert.equal(code, 1);
      assert.ok(stderr.includes("`media.udp_prot`") && stderr.includes("`media.udp_port`"), stderr);
      assert.ok(stderr.includes(file), stderr);
      assert.ok(!readdirSync(folder).includes("never"), "nothing was begun");
    });
  }

  test("an unknown key of the environment stops the start too", async () => {
    const { code, stderr } = await rotunda(["serve"], { ROTUNDA_SERVER__LISTN: "127.0.0.1:0" });
    assert.equal(code, 1);
    assert.ok(stderr.includes("ROTUNDA_SERVER__LISTN") && stderr.includes("`server.listen`"), stderr);
  });

  test("the environment wins over the file and flags over both", async () => {
    const file = write("layers.toml", "[media]\nudp_port = 1001\ntcp_port = 1002\n[canvas]\nfps_720p = 25\n");
    const env = { ROTUNDA_MEDIA__UDP_PORT: "2001", ROTUNDA_MEDIA__TCP_PORT: "2002" };
    const { values } = await settings(["--config", file, "--tcp-port", "3002"], env);
    const { "canvas.fps_720p": fps, "media.udp_port": udp, "media.tcp_port": tcp } = values;
    assert.deepEqual([fps, udp, tcp], ["25", "2001", "3002"]);
  });

  test("what config print says is a file that gives the same", async () => {
    const env = { ROTUNDA_MEDIA__PUBLIC_IPS: "192.0.2.1, 2001:db8::1", ROTUNDA_CANVAS__CROP: "true" };
    const flags = ["--public-url", "wss://rooms.example.org", "--listen", "127.0.0.1:8080"];
    const first = await settings(flags, env);
    assert.equal(first.values["media.public_ips"], '["192.0.2.1", "2001:db8::1"]');
    const second = await settings(["--config", write("printed.toml", first.text)]);
    assert.deepEqual(second.values, first.values);
    assert.ok(Object.keys(first.values).length >= 25);
  });

  test("a second project, made while the server runs, has its own rooms and is listed", async () => {
    const made = await rotunda(["project", "create", "--name", "second", "--data-dir", it.server.dataDir]);
    assert.equal(made.code, 0, made.stderr);
    const project = made.stdout.trim();
    assert.match(project, UUID);
    const list = await rotunda(["project", "list", "--data-dir", it.server.dataDir]);
    const rows = list.stdout.trim().split("\n").map((line) => line.split(/\s+/));
    assert.deepEqual(rows.map(([id]) => id).sort(), [it.server.project_id, project].sort());
    assert.ok(rows.some(([id, name]) => id === project && name === "second"));
  });

  const rooms = async (project, secret) => (await it.rest.raw("GET", "/rooms", undefined, basic(project, secret))).status;

  const create = async (scope) => {
    const { code, stdout, stderr } = await rotunda([
      "api-token", "create", "--project", it.server.project_id, "--scope", scope, "--data-dir", it.server.dataDir,
    ]);
    assert.equal(code, 0, stderr);
    return { secret: stdout.trim(), id: stderr.match(/id ([0-9a-f-]{36})/)?.[1] };
  };

  const list = async () => {
    const { stdout } = await rotunda(["api-token", "list", "--project", it.server.project_id, "--data-dir", it.server.dataDir]);
    return Object.fromEntries(stdout.trim().split("\n").map((line) => [line.split(/\s+/)[0], line.split(/\s+/).slice(1)]));
  };

  test("an API token opens its project until it is revoked", async () => {
    const { secret, id } = await create("video");
    assert.equal(await rooms(it.server.project_id, secret), 200);
    assert.deepEqual((await list())[id], ["video", "valid"]);
    const revoked = await rotunda(["api-token", "revoke", id, "--data-dir", it.server.dataDir]);
    assert.equal(revoked.code, 0, revoked.stderr);
    assert.equal(await rooms(it.server.project_id, secret), 401);
    assert.deepEqual((await list())[id], ["video", "revoked"]);
  });

  test("a token without the scope video opens nothing of /api/video", async () => {
    const { secret } = await create("messaging,fax");
    assert.equal(await rooms(it.server.project_id, secret), 401);
    const both = await create("messaging,video");
    assert.equal(await rooms(it.server.project_id, both.secret), 200);
  });

  test("a secret is shown once and lies nowhere in the data folder", async () => {
    const { secret, id } = await create("video");
    const { stdout, stderr } = await rotunda(["api-token", "list", "--project", it.server.project_id, "--data-dir", it.server.dataDir]);
    assert.ok(stdout.includes(id) && !`${stdout}${stderr}`.includes(secret));
    const bases = readdirSync(it.server.dataDir).filter((name) => name.startsWith("rotunda.db"));
    assert.ok(bases.length > 0);
    for (const name of bases) {
      const bytes = readFileSync(join(it.server.dataDir, name));
      assert.ok(!bytes.includes(secret), `${name} holds the secret`);
      assert.ok(!bytes.includes(it.server.api_token), `${name} holds the environment's secret`);
    }
  });

  test("wrong ids are told, not swallowed", async () => {
    const data = ["--data-dir", it.server.dataDir];
    const nobody = "00000000-0000-4000-8000-000000000000";
    for (const args of [
      ["api-token", "revoke", nobody, ...data],
      ["api-token", "revoke", "first", ...data],
      ["api-token", "create", "--project", nobody, "--scope", "video", ...data],
      ["api-token", "list", "--project", "mine", ...data],
    ]) {
      const { code, stderr } = await rotunda(args);
      assert.equal(code, 1, args.join(" "));
      assert.match(stderr, /^rotunda: .+/, args.join(" "));
    }
  });

  const warned = async (args, check) => {
    const server = await startServer({ name: "command-warns", verb: "serve", args });
    try {
      await check(() => server.logText());
    } finally {
      await server.dispose();
    }
  };

  test("serve warns when public_url is missing", { timeout: 30_000 }, () =>
    warned([], (log) => until("the warning", () => /"WARN".*server\.public_url is not set/.test(log()))));

  test("serve warns when public_url cannot be reached by its own name", { timeout: 30_000 }, () =>
    warned(["--public-url", "wss://rooms.invalid"], (log) =>
      until("the warning", () => /"WARN".*server\.public_url cannot be reached/.test(log()))));

  test("serve says that public_url is reached, and warns of nothing then", { timeout: 30_000 }, async () => {
    const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const other = http.createServer().on("upgrade", ({ headers }, socket) => {
      const accept = createHash("sha1").update(headers["sec-websocket-key"] + guid).digest("base64");
      socket.end(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    await warned(["--public-url", `ws://127.0.0.1:${other.address().port}`], async (log) => {
      await until("the word", () => /server\.public_url is reached/.test(log()));
      assert.doesNotMatch(log(), /"WARN".*public_url/);
    });
    other.close();
  });

  test("serve warns when a wss public_url stands on a plain port", { timeout: 30_000 }, async () => {
    const other = http.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    await warned(["--public-url", `wss://127.0.0.1:${other.address().port}`], (log) =>
      until("the warning", () => /"WARN".*server\.public_url cannot be reached.*TLS/.test(log()) || /"WARN".*TLS.*server\.public_url cannot be reached/.test(log())));
    other.close();
  });

  test("serve on loopback behind a proxy says where media is, with an address the world can reach if there is one", { timeout: 30_000 }, () =>
    warned([], (log) => until("the line", () => {
      const line = log().split("\n").find((text) => text.includes('"serving"'));
      if (!line) return false;
      const { udp, candidates, version } = JSON.parse(line).fields;
      const outer = Object.values(networkInterfaces()).flat().some((at) => !at.internal && at.family === "IPv4");
      assert.match(udp, /^(\[::\]|0\.0\.0\.0):\d+$/);
      assert.match(version, /^\d+\.\d+\.\d+/);
      assert.equal(candidates.split(" ").every((ip) => ip.startsWith("127.") || ip === "::1"), !outer, candidates);
      return true;
    })));

  test("serve obeys its file", { timeout: 30_000 }, async () => {
    const file = write("crop.toml", "[canvas]\nfps_720p = 28\n");
    const server = await startServer({ name: "command-file", verb: "serve", args: ["--config", file] });
    try {
      const room = await fetch(`${server.http}/api/video/rooms`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: basic(server.project_id, server.api_token) },
        body: JSON.stringify({ name: "fps" }),
      });
      // The nearer of the two rates that clients of REST know.
      assert.equal((await room.json()).fps, 30);
    } finally {
      await server.dispose();
    }
  });

  test("on a terminal, log lines are for people", { timeout: 30_000 }, async () => {
    const args = `serve --data-dir ${join(folder, "terminal")} --listen 127.0.0.1:0 --udp-port 0 --tcp-port 0`;
    const env = { ...process.env, ROTUNDA_METRICS__LISTEN: "127.0.0.1:0" };
    let seen = "";
    const child = execFile("script", ["-qec", `timeout 15 ${binary()} ${args}`, "/dev/null"], { env });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdout.on("data", (text) => (seen += text));
    try {
      const line = await until("a first line", () => seen.split("\n").find((text) => text.includes("serving")));
      assert.doesNotMatch(line, /^\{/);
      assert.match(line, /INFO/);
    } finally {
      child.kill("SIGTERM");
      await ended;
    }
  });
});
