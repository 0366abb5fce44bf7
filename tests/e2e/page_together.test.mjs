// A host, a member on a phone and a guest from the lobby through everything that a room is for, from the page alone
// and by the names that stand on it: how they get in, share, write, raise hands, record, play, stream, and end.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";

import { startFilms } from "./lib/foreign.mjs";
import { fresh } from "./lib/random.mjs";
import { expect } from "./lib/rest.mjs";
import { freePort } from "./lib/server.mjs";
import { Visitor } from "./lib/visitor.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };
const SCREEN = `navigator.mediaDevices.getDisplayMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  const pen = canvas.getContext("2d");
  setInterval(() => { pen.fillStyle = "#246"; pen.fillRect(0, 0, 640, 360); pen.fillStyle = "#fff"; pen.font = "40px sans-serif"; pen.fillText(String(Date.now()), 60, 190); }, 200);
  return canvas.captureStream(5);
};`;

describe("three people and the page", () => {
  const it = world("page_together", { server: { env: { ROTUNDA_NETWORK__ALLOW_PRIVATE: "true" } } });
  const room = fresh("together");
  let films;
  let hostLink;
  let host;
  let member;
  let guest;

  const comeBy = async (link, name, options) => {
    const visitor = await Visitor.open(it, link.slice(it.server.http.length + 1), options);
    await visitor.page.getByLabel("Your name").fill(name);
    await visitor.button("Continue").click();
    await visitor.button("Join").click();
    return visitor;
  };
  const panel = async (visitor, name) => {
    const button = visitor.button(new RegExp(`^${name}`));
    if ((await button.getAttribute("aria-pressed")) !== "true") await button.click();
  };
  const linkFor = async (role) => {
    await panel(host, "Room");
    await host.page.getByLabel("The new link is for").selectOption({ label: role });
    await host.button("Make a link").click();
    await host.page.getByText(`A link for this role: ${role}.`).waitFor();
    return host.page.getByLabel("Link", { exact: true }).inputValue();
  };
  const everybody = () => [host, member, guest];
  const showsAll = (words) => Promise.all(everybody().map(({ page }) => page.getByText(words, { exact: true }).first().waitFor({ state: "attached" })));
  const hidesAll = (words) => Promise.all(everybody().map(({ page }) => page.getByText(words, { exact: true }).first().waitFor({ state: "detached" })));

  before(async () => {
    const { id } = await it.rest.room({ name: room, lobby: true });
    hostLink = expect(await it.rest.post(`/rooms/${id}/links`, { role: "host" }), 201).url;
    films = await startFilms({ hz: 700, dbfs: -20, first: [230, 20, 20], then: [20, 200, 20] });
  }, { timeout: 120_000 });
  after(() => films?.stop());

  test("the host comes in by their link and makes others, each for what somebody may", { timeout: 60_000 }, async () => {
    host = await comeBy(hostLink, "Hanna", { context: { viewport: WIDE }, init: SCREEN });
    await host.inside();
    const link = await linkFor("Member");
    assert.ok(link.startsWith(`${it.server.http}/r/${room}#`) && link !== hostLink, "another link than the host's own");
    await host.isOpenToAll();
    await host.look("links");
    member = await comeBy(link, "Mia", { context: { viewport: PHONE, hasTouch: true, isMobile: true } });
    await member.inside();
  });

  test("whoever came by a member's link makes none", { timeout: 30_000 }, async () => {
    await panel(member, "Room");
    await member.page.getByText("Whoever has this link comes in as you did.").waitFor();
    assert.equal(await member.button("Make a link").count(), 0);
    await member.button("Close").click();
  });

  test("a guest waits in the lobby, and the host, who sees it, lets them in", { timeout: 60_000 }, async () => {
    guest = await comeBy(await linkFor("Guest"), "Gus", { context: { viewport: WIDE } });
    await guest.page.getByRole("heading", { name: "Waiting to be let in" }).waitFor();
    await guest.isOpenToAll();
    await guest.look("lobby-guest");
    await host.page.getByText("Gus wants to come in.").waitFor();
    await host.look("lobby-host");
    await host.button("Let in").click();
    await guest.inside();
    const people = await host.people();
    await until("three are here", async () => (await people.count()) === 3);
  });

  test("a screen is shared, and everybody reads whose it is", { timeout: 60_000 }, async () => {
    await host.button("Share screen").click();
    const screens = (await member.people()).filter({ hasText: "Screen of Hanna" });
    await screens.waitFor();
    await member.button("Close").click();
    await member.look("share-phone");
    await host.look("share-host");
    await host.button("Stop sharing").click();
    await host.button("Share screen").waitFor();
  });

  test("what the member writes on the phone the guest reads", { timeout: 60_000 }, async () => {
    await panel(member, "Chat");
    await member.page.getByRole("textbox", { name: "Message" }).fill("hello from the train");
    await member.button("Send").click();
    await panel(guest, "Chat");
    await guest.page.getByRole("log", { name: "Messages" }).getByText("hello from the train").waitFor();
    await member.button("Close").click();
  });

  test("the guest's hand is seen and lowered by the host", { timeout: 60_000 }, async () => {
    await guest.button("Raise hand").click();
    const gus = (await host.people()).filter({ hasText: "Gus" });
    await gus.filter({ hasText: "hand up, number 1" }).waitFor();
    await host.button("Actions for Gus").click();
    await host.button("Lower hand").click();
    await guest.button("Raise hand").waitFor();
  });

  test("a recording is seen by all while it runs", { timeout: 60_000 }, async () => {
    await panel(host, "Room");
    await host.button("Start recording").click();
    await showsAll("Being recorded");
    await host.button("Stop recording").click();
    await hidesAll("Being recorded");
  });

  test("a film is played into the picture by its address, paused, and ended", { timeout: 60_000 }, async () => {
    await host.page.getByLabel("Address of the film or sound").fill(films.url("film.mp4"));
    await host.button("Play").click();
    await host.page.getByText("Playing", { exact: true }).waitFor();
    await until("the guest sees its red", () => guest.page.evaluate(redOf), { within: 20_000 });
    const playback = host.page.getByRole("region", { name: "Play a film or sound" });
    await playback.getByRole("button", { name: "Pause" }).click();
    await host.page.getByText("Paused", { exact: true }).waitFor();
    await playback.getByRole("button", { name: "Go on" }).click();
    await host.look("playback");
    await host.button("Stop playing").click();
    await host.page.getByText("Playing", { exact: true }).waitFor({ state: "detached" });
  });

  test("a stream that runs is seen by all", { timeout: 60_000 }, async () => {
    const url = `rtmp://127.0.0.1:${await freePort()}/live/key`;
    const server = spawn("ffmpeg", ["-nostdin", "-v", "error", "-listen", "1", "-i", url, "-t", "30", "-f", "null", "-"], { stdio: "ignore" });
    const ended = once(server, "exit");
    await host.page.getByLabel("Address of the streaming server, with its key").fill(url);
    await host.button("Stream").click();
    await host.page.getByText("Live", { exact: true }).waitFor();
    await showsAll("Streamed live");
    await host.look("stream");
    await host.button("Stop streaming").click();
    await hidesAll("Streamed live");
    server.kill("SIGKILL");
    await ended;
  });

  test("the picture fills the screen and gives it back", { timeout: 30_000 }, async () => {
    const isFull = () => host.page.evaluate(() => document.fullscreenElement !== null);
    await host.button("More").click();
    await host.button("Full screen").click();
    await until("it is full", isFull);
    await host.button("More").click();
    await host.button("Leave full screen").click();
    await until("it is not", async () => !(await isFull()));
  });

  test("the picture stands in a window of its own above all others, and comes back", { timeout: 30_000 }, async () => {
    const floats = () => host.page.evaluate(() => document.pictureInPictureElement?.matches(".mcuContent video") ?? false);
    const turn = async () => {
      await host.button("More").click();
      await host.button("Picture in picture").click();
    };
    await turn();
    await until("it floats", floats);
    await turn();
    await until("it does not", async () => !(await floats()));
  });

  test("a link that is revoked opens nothing, and whoever came by it is out", { timeout: 60_000 }, async () => {
    await panel(host, "Room");
    await host.page.getByText(/^Links of this room: 3$/).click();
    const row = host.page.getByRole("listitem").filter({ hasText: "Guest, used: 1" });
    await row.getByRole("button", { name: "Revoke" }).click();
    await host.page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await guest.told("You are out of the room");
    await host.page.getByText(/^Links of this room: 2$/).waitFor();
  });

  test("the end is for all who are still there", { timeout: 60_000 }, async () => {
    await host.button("End for everybody").click();
    await host.page.getByRole("dialog").getByRole("button", { name: "End for everybody" }).click();
    await member.page.getByRole("alert").getByText(/You are out of the room|The session is over/).waitFor();
    for (const visitor of everybody()) await visitor.isClean();
  });
});

/** Whether some of the received picture is the film's red. Runs in the page. */
function redOf() {
  const video = document.querySelector(".mcuContent video");
  if (!video?.videoWidth) return false;
  const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 });
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, 160, 90);
  const { data } = pen.getImageData(0, 0, 160, 90);
  let red = 0;
  for (let at = 0; at < data.length; at += 4) red += data[at] > 180 && data[at + 1] < 90 && data[at + 2] < 90 ? 1 : 0;
  return red > 500;
}
