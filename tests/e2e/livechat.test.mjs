// The live-chat switch: its calls as they are printed, run by curl itself, and what they do in rooms:
// who may come in, who stays, what is recorded.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { fresh } from "./lib/random.mjs";
import { expect } from "./lib/rest.mjs";
import { binary, rotunda } from "./lib/server.mjs";
import { world } from "./lib/world.mjs";

const WHOLE = '{"isEnabled":false,"isAutomaticallyRecordingAudioVideoChatsEnabled":false,"recordingServerUrl":"http://google.com"}';
// As printed, {access_token} and all.
const GET = String.raw`curl https://api11.comm100.io/v4/livechat/audioVideoChatConfig \
-X 'GET' \
-H 'Authorization: Bearer {access_token}' \
`;
const DISABLE = String.raw`curl https://api11.comm100.io/v4/livechat/audioVideoChatConfig:disable \
-X 'POST' \
-H 'Authorization: Bearer {access_token}' \
`;
const ENABLE = DISABLE.replace(":disable", ":enable");
const PUT = String.raw`curl https://api11.comm100.io/v4/livechat/audioVideoChatConfig \
-X 'PUT' \
-H 'Authorization: Bearer {access_token}' \
-H 'Content-Type: application/json' \
-D '${WHOLE}'`;

const isSubscribed = (f) => f.way === "in" && f.message.params?.event_type === "video.room.subscribed";
const session = (who) => who.frames.filter(isSubscribed).at(-1).message.params.params.room_session;
const config = (isEnabled, isAutomaticallyRecordingAudioVideoChatsEnabled = false) =>
  ({ isEnabled, isAutomaticallyRecordingAudioVideoChatsEnabled, recordingServerUrl: "http://google.com" });

describe("the live-chat switch", () => {
  const it = world("livechat");
  const folder = mkdtempSync(join(tmpdir(), "rotunda-curl-"));
  after(() => rmSync(folder, { recursive: true }));
  const room = fresh("lobby");
  let token;
  let ann;

  // Leads curl to our server whatever host it is told, and has it say the status.
  const curl = (command) => new Promise((resolve, reject) => {
    const rc = `insecure\nsilent\nconnect-to = "::127.0.0.1:${it.server.ports.http}"\nwrite-out = "\\n%{http_code}"\n`;
    writeFileSync(join(folder, ".curlrc"), rc);
    const options = { cwd: folder, env: { ...process.env, CURL_HOME: folder }, timeout: 20_000 };
    execFile("sh", ["-c", command.replace("{access_token}", token)], options, (error, stdout) => {
      if (error) return reject(error);
      const [body, status] = [stdout.slice(0, stdout.lastIndexOf("\n")), stdout.slice(stdout.lastIndexOf("\n") + 1)];
      resolve([Number(status), JSON.parse(body)]);
    });
  });
  const put = (body) => curl(PUT.replace(`-D '${WHOLE}'`, `-d '${JSON.stringify(body)}'`));
  const agent = (email, ...args) => new Promise((resolve, reject) => {
    const child = spawn(binary(), ["agent", "add", "--site", "10000", "--email", email, "--data-dir", it.server.dataDir, ...args]);
    let said = "";
    child.stdout.on("data", (text) => (said += text));
    child.on("exit", (code) => (code === 0 ? resolve(said.trim()) : reject(new Error(`agent add ended with ${code}`))));
    child.stdin.end("correct horse\n");
  });

  test("the four calls work as printed, for agents who may", { timeout: 90_000 }, async () => {
    ann = await it.joined("Ann", room, { tone: 500 });
    const key = await agent("ann@example.org", "--manage-settings");
    const other = await agent("ben@example.org");
    const grant = "grant_type=password&email=ann%40example.org&password=correct+horse";
    const [status, tokens] = await curl(`curl https://dash11.comm100.io/oauth/token -d '${grant}'`);
    assert.deepEqual([status, tokens.token_type, tokens.expires_in], [200, "bearer", 43199]);
    token = tokens.access_token;
    assert.deepEqual(await curl(GET), [200, { ...config(false), recordingServerUrl: "" }], "a new site");
    assert.deepEqual(await curl(PUT.replace("-D", "-d")), [200, config(false)]);
    assert.deepEqual(await curl(GET), [200, config(false)]);
    assert.deepEqual(await curl(ENABLE), [200, config(true)]);
    assert.deepEqual(await curl(DISABLE), [200, config(false)]);
    assert.deepEqual(await curl(DISABLE.replace("livechat", "LiveChat").replace(":d", "%3Ad")), [200, config(false)]);
    // -D names a file to write the answer's headers to. Its folder is made here, for without it curl
    // 7.88 does not get as far as sending anything.
    mkdirSync(join(folder, WHOLE.slice(0, WHOLE.lastIndexOf("/"))), { recursive: true });
    assert.deepEqual(await curl(PUT), [400, { code: 400000, message: "Parameter 'recordingServerUrl' is required." }]);
    const byKey = (who, secret) => curl(`curl -u '${who}:${secret}' 'https://api11.comm100.io/v4/livechat/audioVideoChatConfig?siteId=10000'`);
    assert.deepEqual(await byKey("ann@example.org", key), [200, config(false)]);
    assert.equal((await byKey("ben@example.org", other))[1].code, 403000);
    const log = it.server.logText();
    for (const secret of [key, other, token, tokens.refresh_token, "correct"]) assert.ok(!log.includes(secret));
  });

  test("switched off, nobody new gets in, and who is in stays in", { timeout: 90_000 }, async () => {
    const ben = await it.participant("Ben", { tone: 600 });
    const ticket = { token: await it.rest.token({ room_name: room, user_name: "Ben" }), host: it.server.ws };
    const link = ["--project", it.server.project_id, "--data-dir", it.server.dataDir];
    const linked = await rotunda(["livechat", "link", "--site", "10000", ...link]);
    assert.deepEqual([linked.code, /switched off/.test(linked.stdout)], [0, true], linked.stderr);
    const { ok, error } = await ben.tryJoin(ticket);
    const said = [String(error?.code), error?.message];
    assert.deepEqual([ok, ...said], [false, "403", "audio and video chat is switched off for this site"]);

    const before = ann.memberId;
    await ann.reload();
    await ann.join({ token: await it.rest.token({ room_name: room, user_name: "Ann" }), host: it.server.ws });
    assert.equal(ann.memberId, before, "the same seat after a reload");

    assert.deepEqual(await curl(ENABLE), [200, config(true)]);
    await ben.join(ticket);
    await ann.event("member.joined", ({ member }) => member.name === "Ben");
    await ann.sees(ben);
  });

  test("automatic recording has sessions recorded that begin from then on", { timeout: 90_000 }, async () => {
    assert.deepEqual(await put(config(true, true)), [200, config(true, true)]);
    const cleo = await it.joined("Cleo", room, { tone: 800 });
    assert.equal(session(cleo).recording, false, "what ran already is left as it began");
    await it.closePages();
    const next = fresh("recorded");
    const dora = await it.joined("Dora", next, { tone: 700 });
    const eve = await it.joined("Eve", next, { tone: 800 });
    assert.deepEqual([session(dora).recording, session(eve).recording], [true, true]);
    const { data } = expect(await it.rest.get("/room_recordings"), 200);
    assert.deepEqual(data.map(({ room_session_id: id, status }) => [id, status]), [[session(eve).id, "recording"]]);
    const unlinked = await rotunda(["livechat", "unlink", "--project", it.server.project_id, "--data-dir", it.server.dataDir]);
    assert.equal(unlinked.code, 0, unlinked.stderr);
    await it.closePages();
    const free = await it.joined("Flo", fresh("free"), { tone: 800 });
    assert.equal(session(free).recording, false, "no site, no recording");
  });
});
