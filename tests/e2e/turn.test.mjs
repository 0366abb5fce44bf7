// Behind a wall that lets nothing out but the way to a TURN server: Debian's coturn, configured as the
// operators' page says. Nothing is replaced in the SDK; pages only keep one of the servers they are told of.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { CHROMIUM, launch, Participant } from "./lib/browser.mjs";
import { SECRET, startCoturn, trusting } from "./lib/coturn.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { restClient } from "./lib/rest.mjs";
import { expected } from "./lib/sdk.mjs";
import { startServer } from "./lib/server.mjs";
import { startStatic } from "./lib/static.mjs";
import { until } from "./lib/wait.mjs";
import { hindrance, startWalled } from "./lib/walled.mjs";
import { EVERYTHING } from "./lib/world.mjs";

describe("TURN, where nothing else gets out", { skip: hindrance }, () => {
  const folder = mkdtempSync(join(tmpdir(), "rotunda-turn-"));
  const room = fresh("walled");
  let walled, turn, server, lab, browser, rest;

  before(async () => {
    walled = startWalled(folder);
    turn = await startCoturn(folder, walled.gate);
    const env = {
      ROTUNDA_MEDIA__ICE_SERVERS: Object.values(turn.urls).join(","),
      ROTUNDA_MEDIA__TURN_SECRET: SECRET,
      ROTUNDA_MEDIA__TCP_ON_HTTPS: "false", // that would be another way out
    };
    [server, lab] = await Promise.all([startServer({ name: "turn", env }), startStatic()]);
    rest = restClient(server);
    await walled.open(...[lab.origin, server.http].map((origin) => Number(new URL(origin).port)));
    browser = await launch({ program: walled.wrapped(CHROMIUM), env: { HOME: trusting(folder, turn.authority) } });
  }, { timeout: 60_000 });

  after(async () => {
    await browser?.close();
    await lab?.stop();
    await server?.dispose();
    turn?.stop();
    walled?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A page that keeps one of the servers it is told of, or none. */
  async function page(name, url, tone) {
    const who = await Participant.open(browser, lab.origin, name, { tone });
    await who.page.evaluate((kept) => {
      const Peer = window.RTCPeerConnection;
      window.RTCPeerConnection = class extends Peer {
        constructor(config, ...rest) {
          const iceServers = config.iceServers.filter(({ urls }) => [urls].flat().includes(kept));
          super({ ...config, iceServers }, ...rest);
        }
      };
    }, url);
    return who;
  }

  const tokenOf = (name) => rest.token({ room_name: room, user_name: name, permissions: EVERYTHING });

  /** How the media of a page leaves it: the kind of relay, or else the protocol, and where it leads. */
  const way = (who) => who.page.evaluate(async () => {
    const stats = await lab.livePeers().at(-1).getStats();
    const pair = stats.get([...stats.values()].find(({ type }) => type === "transport").selectedCandidatePairId);
    const [local, remote] = [pair.localCandidateId, pair.remoteCandidateId].map((id) => stats.get(id));
    return local.relayProtocol ? `relay ${local.relayProtocol}` : `${local.protocol} to ${remote.port}`;
  });

  test("by UDP, by TCP and by TLS people join, see and hear one another", { timeout: 60_000 }, async () => {
    const kinds = Object.keys(turn.urls);
    const notes = tones(kinds.length);
    const people = await Promise.all(kinds.map(async (kind, n) => {
      const who = await page(kind, turn.urls[kind], notes[n]);
      const { ms } = await who.join({ token: await tokenOf(kind), host: server.ws });
      console.log(`joined by ${kind} in ${Math.round(ms)} ms`);
      return who;
    }));
    const pairs = people.map((who, n) => [who, people[(n + 1) % people.length]]);
    await Promise.all(pairs.map(([who, other]) => who.sees(other)));
    await Promise.all(pairs.map(([who, other]) => who.hears(other)));
    assert.deepEqual(await Promise.all(people.map(way)), kinds.map((kind) => `relay ${kind}`));
    await Promise.all(people.map((who) => who.close()));
  });

  test("without a relay nobody gets out, and nothing of theirs gets in", { timeout: 60_000 }, async () => {
    const who = await page("Out", "nothing", tones(1)[0]);
    const joining = who.tryJoin({ token: await tokenOf("Out"), host: server.ws, constructorOptions: { iceServers: [] } });
    if (expected("joinWithoutAPath") === "told") assert.equal((await joining).error.kind, "no_media");
    else await until("the SDK gives up", async () => (await who.events("destroy")).length > 0, { within: 20_000 });
    const { audioPackets, videoFrames } = await who.received();
    assert.deepEqual([audioPackets, videoFrames], [0, 0]);
    joining.catch(() => {}); // it may hang for ever, as the published SDK does
    await who.close();
  });

  test("by the port of HTTPS alone, without a relay: people join, see and hear one another", { timeout: 60_000 }, async () => {
    const open = await startServer({ name: "https" });
    const port = Number(new URL(open.http).port);
    await walled.open(port);
    const [room, notes] = [fresh("port"), tones(2)];
    const people = await Promise.all(notes.map(async (tone, n) => {
      const who = await Participant.open(browser, lab.origin, `Person ${n}`, { tone });
      const token = await restClient(open).token({ room_name: room, user_name: who.name, permissions: EVERYTHING });
      await who.join({ token, host: open.ws });
      return who;
    }));
    const [one, two] = people;
    await Promise.all([one.sees(two), two.sees(one), one.hears(two), two.hears(one)]);
    assert.deepEqual(await Promise.all(people.map(way)), people.map(() => `tcp to ${port}`));
    await Promise.all(people.map((who) => who.close()));
    await open.dispose();
  });

  test("credentials that have ended, or of another secret, open no relay", { timeout: 30_000 }, async () => {
    const signed = (username, secret) => ({ username, credential: createHmac("sha1", secret).update(username).digest("base64") });
    const [past, later] = [-10, 600].map((seconds) => Math.floor(Date.now() / 1000) + seconds);
    const who = await Participant.open(browser, lab.origin, "Ask", {});
    const outcome = (credentials) => who.page.evaluate(async (server) => {
      const peer = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: "relay" });
      peer.addTransceiver("audio");
      const asked = new Promise((resolve) => {
        peer.onicecandidate = ({ candidate }) => candidate?.candidate && resolve("a relay");
        // 701 is an interface by which no server is reached: inside there are two.
        peer.onicecandidateerror = ({ errorCode }) => errorCode !== 701 && resolve(errorCode);
      });
      await peer.setLocalDescription();
      return asked.finally(() => peer.close());
    }, { urls: turn.urls.tcp, ...credentials });
    assert.equal(await outcome(signed(`${later}:any`, SECRET)), "a relay");
    assert.equal(await outcome(signed(`${past}:any`, SECRET)), 401);
    assert.equal(await outcome(signed(`${later}:any`, "another")), 401);
    await who.close();
  });

  test("no secret stands in any log", () => {
    for (const log of [server.logText(), turn.log()]) assert.ok(!log.includes(SECRET));
  });
});
