// The operator's page, from the page alone and by the names that stand on it: a room is made and opened by a link,
// somebody in it is seen with their line, the session is ended, its recording is looked at and deleted.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { OperatorPage } from "./lib/operator_page.mjs";
import { fresh } from "./lib/random.mjs";
import { expect } from "./lib/rest.mjs";
import { Visitor } from "./lib/visitor.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const WIDTHS = [360, 768, 1280];

describe("the operator's page", () => {
  const it = world("admin_page");
  const room = fresh("hall");
  let operator;
  let link;
  let roomId;
  let guest;

  /** Axe in both themes and pictures of all widths. */
  const inspect = async (name) => {
    for (const width of WIDTHS) await operator.look(`admin-${name}-${width}`, { width, height: 800 }, { fullPage: true });
    await operator.isOpenToAll();
  };

  before(async () => (operator = await OperatorPage.open(it)), { timeout: 60_000 });

  test("a token that opens nothing is refused in words", { timeout: 60_000 }, async () => {
    await operator.byToken(it.server.project_id, "PTwrong");
    await operator.told("That did not let you in");
    await inspect("sign-in");
  });

  test("an API token opens its project, which is empty in words", { timeout: 60_000 }, async () => {
    await operator.byToken(it.server.project_id, it.server.api_token);
    await operator.heading("Live");
    await operator.page.getByText("Nobody is in a room just now.").waitFor();
    const kept = await operator.page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie, location.href]));
    assert.ok(!kept.includes(it.server.api_token), "the token is kept nowhere");
    await inspect("empty");
  });

  test("a room is made, and what cannot be is refused in the server's words", { timeout: 60_000 }, async () => {
    await operator.view("Rooms");
    await operator.page.getByText("There is no room yet.").waitFor();
    await operator.fill("Name in addresses", room);
    await operator.fill("Name that is shown", "The great hall");
    await operator.button("Make the room").click();
    await operator.heading("The great hall");
    await operator.view("Rooms");
    await operator.fill("Name in addresses", room);
    await operator.button("Make the room").click();
    await operator.told("The server refused that");
    await inspect("rooms");
    await operator.page.getByRole("link", { name: "The great hall" }).click();
    await operator.heading("The great hall");
  });

  test("its settings are changed, and only those that were", { timeout: 60_000 }, async () => {
    const settings = operator.region("Settings");
    await settings.getByLabel("Make preview pictures").check();
    await settings.getByLabel("Most members").fill("12");
    await settings.getByLabel("Chat").selectOption({ label: "for audience, too" });
    await settings.getByLabel("Opens at").fill("2026-01-02T03:04");
    await settings.getByRole("button", { name: "Save" }).click();
    await settings.getByText("Saved.").waitFor();
    const saved = expect(await it.rest.get(`/rooms/${room}`), 200);
    roomId = saved.id;
    assert.deepEqual([saved.enable_room_previews, saved.max_members, saved.enable_chat, saved.lobby], [true, 12, "all", false]);
    assert.equal(Date.parse(saved.join_from), new Date("2026-01-02T03:04").getTime());
    await settings.getByLabel("What your application keeps with it (JSON)").fill("no JSON");
    await settings.getByRole("button", { name: "Save" }).click();
    await operator.told("That did not work");
    await settings.getByLabel("What your application keeps with it (JSON)").fill(`{"colour": "blue"}`);
    await settings.getByLabel("Opens at").fill("");
    await settings.getByRole("button", { name: "Save" }).click();
    await settings.getByText("Saved.").waitFor();
    const again = expect(await it.rest.get(`/rooms/${room}`), 200);
    assert.deepEqual([again.meta, again.join_from, again.max_members], [{ colour: "blue" }, null, 12]);
  });

  test("a link is made for a role, shown as an address and as a code, and lets somebody in", { timeout: 60_000 }, async () => {
    const links = operator.region("Links");
    await links.getByText("There is no link yet.").waitFor();
    await links.getByLabel("As what it lets in").selectOption({ label: "Member" });
    await links.getByRole("button", { name: "Make a link" }).click();
    link = await links.getByLabel("New link").inputValue();
    assert.match(link, new RegExp(`/r/${room}#`));
    const code = links.getByRole("img", { name: "QR code of the link" });
    await until("the code is drawn", async () => ((await code.locator("path").getAttribute("d")) ?? "").length > 500);
    await links.getByRole("listitem").getByText("Member", { exact: true }).waitFor();
    await inspect("room");
    guest = await Visitor.open(it, link.slice(it.server.http.length + 1));
    await guest.page.getByLabel("Your name").fill("Gus");
    await guest.button("Continue").click();
    await guest.join();
  });

  test("a token is made for one person", { timeout: 60_000 }, async () => {
    const tokens = operator.region("Room tokens");
    await tokens.getByLabel("Name of the person").fill("Tom");
    await tokens.getByRole("button", { name: "Make a token" }).click();
    assert.match(await tokens.getByLabel("New token").inputValue(), /^[\w-]+\.[\w-]+\.[\w-]+$/);
    await tokens.getByLabel("Permissions").fill("room.lock\nnonsense");
    await tokens.getByRole("button", { name: "Make a token" }).click();
    await operator.told("The server refused that");
  });

  test("the room is live, and whoever is in it is seen with their line and a picture", { timeout: 120_000 }, async () => {
    await operator.view("Live");
    await operator.page.getByRole("list", { name: "Live" }).getByRole("link", { name: /The great hall/ }).click();
    await operator.heading("The great hall");
    const gus = operator.member("Gus");
    for (const name of ["Line", "Transport", "Bitrate", "Loss", "Round trip", "Picture sent"]) await gus.getByText(name, { exact: true }).waitFor({ timeout: 30_000 });
    assert.match(await gus.innerText(), /UDP|TCP/);
    assert.match(await gus.innerText(), /\d+ kb/);
    const picture = operator.page.getByRole("img", { name: "Picture of The great hall" });
    await picture.waitFor({ timeout: 90_000 });
    assert.ok(await picture.evaluate((img) => img.naturalWidth > 100), "a picture arrived");
    await operator.button("Actions for Gus").click();
    await inspect("session");
  });

  test("somebody is muted and unmuted, and the room is locked", { timeout: 60_000 }, async () => {
    await operator.button("Mute their microphone").click();
    await guest.button("Unmute").waitFor();
    await operator.member("Gus").getByText("microphone off").waitFor({ state: "attached" });
    await operator.button("Lock the room").click();
    await guest.page.getByText("Locked", { exact: true }).waitFor({ state: "attached" });
    await operator.button("Unlock the room").click();
    await operator.button("Lock the room").waitFor();
    await operator.page.getByLabel("Layout", { exact: true }).selectOption("full-screen");
    await until("the layout is in force", async () => {
      const [session] = expect(await it.rest.get("/room_sessions?status=in-progress"), 200).data;
      return expect(await it.rest.get(`/room_sessions/${session.id}/live`), 200).layout === "full-screen";
    });
  });

  test("whoever waits in the lobby is let in", { timeout: 60_000 }, async () => {
    expect(await it.rest.put(`/rooms/${roomId}`, { lobby: true }), 200);
    const guests = expect(await it.rest.post(`/rooms/${room}/links`, { role: "guest" }), 201).url;
    const wanda = await Visitor.open(it, guests.slice(it.server.http.length + 1));
    await wanda.page.getByLabel("Your name").fill("Wanda");
    await wanda.button("Continue").click();
    await wanda.button("Join").click();
    await operator.button("Let Wanda in").click();
    await wanda.inside();
    await operator.member("Wanda").waitFor();
    await wanda.button("Leave").click();
  });

  test("a recording begins and ends, and a film that cannot be reached is refused in words", { timeout: 60_000 }, async () => {
    await operator.button("Start recording").click();
    await guest.page.getByText("Being recorded").waitFor({ state: "attached" });
    await operator.page.getByRole("list", { name: "Recordings" }).getByText("Recording", { exact: true }).waitFor();
    await operator.button("Pause").click();
    await operator.button("Go on").click();
    await operator.fill("Address of a film or sound", "gopher://films.invalid/a");
    await operator.button("Play").click();
    await operator.told("The server refused that");
  });

  test("the session is ended after a question, and everybody is out", { timeout: 60_000 }, async () => {
    await operator.button("End the session").click();
    await operator.isOpenToAll();
    await operator.page.getByRole("dialog").getByRole("button", { name: "End the session" }).click();
    await guest.page.getByRole("alert").getByText(/You are out of the room|The session is over/).waitFor();
    await operator.page.getByText("This session is over.").waitFor();
    await operator.page.getByRole("list", { name: "Who was there" }).getByText("Gus").waitFor();
    await inspect("over");
    await operator.view("Live");
    await operator.page.getByText("Nobody is in a room just now.").waitFor();
  });

  test("the recording plays, can be downloaded, and is deleted after a question", { timeout: 90_000 }, async () => {
    await operator.view("Recordings");
    const row = operator.page.getByRole("list", { name: "Recordings" }).getByRole("listitem");
    await row.getByText("Completed").waitFor({ timeout: 60_000 });
    await inspect("recordings");
    const address = await row.getByRole("link", { name: /^Download/ }).getAttribute("href");
    const film = await fetch(address);
    assert.deepEqual([film.status, film.headers.get("content-type")], [200, "video/mp4"]);
    await film.body.cancel();
    await row.getByRole("button", { name: /^Watch/ }).click();
    const video = operator.page.getByRole("dialog").locator("video");
    await until("the film is there", () => video.evaluate((one) => one.readyState >= 1));
    await operator.isOpenToAll();
    await operator.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await row.getByRole("button", { name: /^Delete/ }).click();
    await operator.page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await operator.page.getByText("Nothing was recorded yet.").waitFor();
  });

  test("a link is revoked, and a room deleted, after a question each", { timeout: 60_000 }, async () => {
    await operator.view("Rooms");
    await operator.page.getByRole("link", { name: "The great hall" }).click();
    for (const role of ["Member", "Guest"]) {
      await operator.region("Links").getByRole("button", { name: `Revoke the link for: ${role}` }).click();
      await operator.page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
      await operator.page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await operator.region("Links").getByText("There is no link yet.").waitFor();
    await operator.button("Delete the room").click();
    await operator.page.getByRole("dialog").getByRole("button", { name: "Delete the room" }).click();
    await operator.page.getByText("There is no room yet.").waitFor();
  });

  test("what is shown is read again every five seconds", { timeout: 60_000 }, async () => {
    const asked = [];
    const note = (request) => request.url().includes("/api/video/") && asked.push(Date.now());
    operator.page.on("request", note);
    await until("it was read three times", () => asked.length >= 3, { within: 30_000 });
    const gaps = asked.slice(1).map((at, index) => at - asked[index]);
    assert.ok(gaps.every((gap) => gap >= 4_500), String(gaps));
    operator.page.off("request", note);
  });

  test("in Arabic it reads from the right, and nothing sticks out", { timeout: 60_000 }, async () => {
    await operator.page.getByLabel("Language").selectOption("ar");
    await until("it reads from the right", () => operator.page.evaluate(() => document.dir === "rtl"));
    await inspect("arabic");
    await operator.page.getByRole("combobox").first().selectOption("en");
    await operator.heading("Rooms");
  });

  test("whoever signs out has to sign in again, and nothing was refused or came from elsewhere", { timeout: 60_000 }, async () => {
    await operator.button("Sign out").click();
    await operator.heading("Sign in");
    await operator.isClean();
  });
});
