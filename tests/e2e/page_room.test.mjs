// In the room with everything a host may do: chat, captions, the door, recording, people, and the end, from the
// page alone and by the names that stand on it.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { fresh } from "./lib/random.mjs";
import { expect } from "./lib/rest.mjs";
import { Visitor } from "./lib/visitor.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 360, height: 740 };

describe("the page in a room that has a host", () => {
  const it = world("page_room");
  const room = fresh("hall");
  const links = {};
  let host;
  let guest;

  const comeBy = async (role, name, options) => {
    const visitor = await Visitor.open(it, links[role].slice(it.server.http.length + 1), options);
    await visitor.page.getByLabel("Your name").fill(name);
    await visitor.button("Continue").click();
    if (role !== "audience") await visitor.join();
    await visitor.inside();
    return visitor;
  };
  const open = async (visitor, panel) => {
    const button = visitor.button(new RegExp(`^${panel}`));
    if ((await button.getAttribute("aria-pressed")) !== "true") await button.click();
  };
  const write = async (visitor, text) => {
    await visitor.page.getByRole("textbox", { name: "Message" }).fill(text);
    await visitor.button("Send").click();
  };
  const messages = (visitor) => visitor.page.getByRole("log", { name: "Messages" }).getByRole("listitem");
  const act = async (visitor, name, what) => {
    await visitor.people();
    await visitor.button(`Actions for ${name}`).click();
    await visitor.button(what).click();
  };

  before(async () => {
    await it.rest.room({ name: room, enable_chat: "all" });
    for (const role of ["host", "member", "guest", "audience"]) {
      links[role] = expect(await it.rest.post(`/rooms/${room}/links`, { role }), 201).url;
    }
  }, { timeout: 60_000 });

  test("a host on a wide window and a guest on a phone meet by their links", { timeout: 60_000 }, async () => {
    host = await comeBy("host", "Hanna Host", { context: { viewport: WIDE } });
    guest = await comeBy("guest", "Gus", { context: { viewport: NARROW } });
    const people = await host.people();
    await until("both are listed", async () => (await people.count()) === 2);
    assert.equal(await guest.button("Share screen").count(), 0, "a guest has no screen to share");
  });

  test("what one writes the other reads, addresses can be followed, and nothing else is markup", { timeout: 60_000 }, async () => {
    await open(host, "Chat");
    await write(host, "look at https://example.org/a?b=1. <b>now</b>");
    await guest.button(/^Chat\s*1$/).click();
    const first = messages(guest).first();
    await first.getByText("<b>now</b>").waitFor();
    const link = first.getByRole("link");
    assert.deepEqual([await link.getAttribute("href"), await link.getAttribute("rel")], ["https://example.org/a?b=1", "noopener noreferrer nofollow"]);
    await guest.isOpenToAll();
    await guest.look("chat-narrow");
  });

  test("a message for one is for one, and one that is deleted is gone for all", { timeout: 60_000 }, async () => {
    const wim = await comeBy("audience", "Wim");
    await open(wim, "Chat");
    await host.page.getByLabel("To", { exact: true }).selectOption({ label: "Gus" });
    await write(host, "between us");
    await messages(guest).filter({ hasText: "between us" }).getByText("to you alone").waitFor();
    await host.page.getByLabel("To", { exact: true }).selectOption({ label: "Everybody" });
    await write(host, "for all of you");
    await messages(wim).filter({ hasText: "for all of you" }).waitFor();
    assert.equal(await messages(wim).filter({ hasText: "between us" }).count(), 0);
    await host.look("chat-wide");
    await messages(host).filter({ hasText: "for all of you" }).getByRole("button", { name: /^Delete the message/ }).click();
    await messages(wim).filter({ hasText: "This message was deleted." }).waitFor();
    await wim.context.close();
  });

  test("whoever writes too fast is told so in words", { timeout: 60_000 }, async () => {
    await open(guest, "Chat");
    await guest.page.getByRole("textbox", { name: "Message" }).fill("hurry");
    // All within one turn of the page: a busy machine would be slow enough to be let through.
    await guest.button("Send").evaluate((button) => Array.from({ length: 7 }, () => button.click()));
    await guest.told("That was too fast");
  });

  test("captions are there as long as some come, and can be hidden", { timeout: 60_000 }, async () => {
    assert.equal(await guest.page.getByRole("region", { name: "Captions" }).count(), 0);
    const typist = await it.participant("Typist", { path: "/ours/", tone: 440 });
    await typist.join({ token: await it.rest.token({ room_name: room, user_name: "Typist", permissions: ["room.captions.push"] }), host: it.server.ws });
    const push = (text, final) => typist.page.evaluate((piece) => lab.session.captions.push(piece), { text, final, lang: "en" });
    await push("good eve", false);
    await guest.page.getByRole("region", { name: "Captions" }).getByText("good eve").waitFor();
    await push("good evening to all of you", true);
    await host.page.getByRole("region", { name: "Captions" }).getByText("good evening to all of you").waitFor();
    await host.look("captions");
    await guest.button("More").click();
    await guest.button("Hide captions").click();
    assert.equal(await guest.page.getByRole("region", { name: "Captions" }).count(), 0);
    await typist.close();
  });

  test("the door is locked and opened, and all see that it is", { timeout: 60_000 }, async () => {
    await open(host, "Room");
    await host.button("Lock the room").click();
    await host.page.getByText("The door is locked: nobody else comes in.").waitFor();
    await guest.page.getByText("Locked", { exact: true }).waitFor({ state: "attached" });
    await host.button("Unlock the room").click();
    await host.button("Lock the room").waitFor();
  });

  test("a way in is made for a role, and shown as an address and as a code, with what it lets people do", { timeout: 60_000 }, async () => {
    await host.page.getByLabel("The new link is for").selectOption({ label: "Host" });
    await host.page.getByText("Careful: whoever has this link may do in the room all that you may.").waitFor();
    await host.button("Make a link").click();
    await host.page.getByText("A link for this role: Host. It is shown this once.").waitFor();
    const address = await host.page.getByLabel("Link", { exact: true }).inputValue();
    assert.ok(address.startsWith(`${it.server.http}/r/${room}#`) && !Object.values(links).includes(address), address);
    const code = host.page.getByRole("img", { name: "QR code of the link" });
    await until("the code is drawn", async () => ((await code.locator("path").getAttribute("d")) ?? "").length > 500);
    await host.isOpenToAll();
    await host.look("manage");
  });

  test("a recording begins, pauses, goes on and ends, and everybody sees the sign", { timeout: 60_000 }, async () => {
    await host.button("Start recording").click();
    await guest.page.getByText("Being recorded").waitFor({ state: "attached" });
    await host.button("Pause").click();
    await host.page.getByText("Paused. What happens now is not recorded.").waitFor();
    await host.button("Go on").click();
    await host.button("Stop recording").click();
    await host.button("Start recording").waitFor();
    await guest.page.getByText("Being recorded").waitFor({ state: "detached" });
  });

  test("a stream that cannot be is refused in words", { timeout: 60_000 }, async () => {
    await host.page.getByLabel("Address of the streaming server, with its key").fill("http://127.0.0.1/x");
    await host.button("Stream").click();
    await host.told("That did not work");
    await host.page.getByRole("alert").getByRole("button", { name: "Close" }).click();
  });

  test("somebody is moved to the audience and brought back", { timeout: 60_000 }, async () => {
    await act(host, "Gus", "Move to the audience");
    await until("Gus looks on", async () => (await guest.button(/^(Mute|Unmute)$/).count()) === 0);
    await host.button("Bring back into the room").click();
    await guest.button(/^(Mute|Unmute)$/).waitFor();
  });

  test("somebody is shown large for everybody", { timeout: 60_000 }, async () => {
    await act(host, "Gus", "Show large for everybody");
    const wide = async (name) => (await host.page.locator(".tile", { hasText: name }).boundingBox()).width;
    await until("Gus is larger", async () => (await wide("Gus")) > (await wide("Hanna")) * 1.5);
  });

  test("a screen is shared with a layout of its own, and the layout of before comes back", { timeout: 60_000 }, async () => {
    const sharing = `navigator.mediaDevices.getDisplayMedia = async () => Object.assign(document.createElement("canvas"), { width: 640, height: 360 }).captureStream(5);`;
    const mia = await comeBy("member", "Mia", { init: sharing });
    await mia.button("Share screen").click();
    await (await host.people()).filter({ hasText: "Screen of Mia" }).waitFor();
    await mia.button("Stop sharing").click();
    const screens = (await host.people()).filter({ hasText: "Screen of Mia" });
    await until("the screen is gone", async () => (await screens.count()) === 0);
    await mia.button("Leave").click();
  });

  test("who is removed and kept out is told, and does not come back by the same link", { timeout: 90_000 }, async () => {
    await act(host, "Gus", "Remove");
    await host.page.getByLabel("Keep them out until the session ends").check();
    await host.isOpenToAll();
    await host.page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await guest.told("You are out of the room");
    await guest.button("Join").click();
    await guest.page.getByRole("alert").getByText(/You may not enter this room now|This invitation is not valid any more/).waitFor();
  });

  test("a newer tab that takes the seat over is told apart from being removed", { timeout: 60_000 }, async () => {
    const old = await comeBy("member", "Tab");
    const kept = await old.page.evaluate(() => JSON.stringify(sessionStorage));
    const page = await old.context.newPage();
    await page.addInitScript((text) => Object.entries(JSON.parse(text)).forEach(([name, value]) => sessionStorage.setItem(name, value)), kept);
    await page.goto(links.member);
    await page.getByRole("button", { name: "Join", exact: true }).click();
    await page.getByRole("button", { name: "Leave" }).waitFor();
    await old.told("You are in the room in another tab");
    await old.context.close();
  });

  test("the end is for everybody, after a question", { timeout: 60_000 }, async () => {
    const vera = await comeBy("member", "Vera");
    await open(host, "Room");
    await host.button("End for everybody").click();
    await host.isOpenToAll();
    await host.page.getByRole("dialog").getByRole("button", { name: "End for everybody" }).click();
    await vera.page.getByRole("alert").getByText(/You are out of the room|The session is over/).waitFor();
    await host.button("Join").waitFor();
    for (const visitor of [host, guest, vera]) await visitor.isClean();
  });
});
