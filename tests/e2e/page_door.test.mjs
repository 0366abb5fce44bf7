// Before the room: links, languages, devices that do not come, and every reason why somebody does not get in,
// each in its own words.

import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";

import { fresh } from "./lib/random.mjs";
import { expect } from "./lib/rest.mjs";
import { Visitor } from "./lib/visitor.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

/** A browser in which devices fail in a given way. */
const failing = (name) => `navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("as the test says", "${name}"); };`;

describe("the page's door", () => {
  const it = world("page_door");
  // Each test opens pages of its own, and every open door keeps a camera, a meter and a preview at work.
  afterEach(() => it.closePages());
  const at = (url) => url.slice(it.server.http.length + 1);
  const linkTo = async (room, body = { role: "member" }) => expect(await it.rest.post(`/rooms/${room}/links`, body), 201);
  const openLink = async (link, options) => Visitor.open(it, at(link.url), options);

  /** Gives a name to a link and opens it. */
  const goOn = async (visitor, name) => {
    await visitor.page.getByLabel("Your name").fill(name);
    await visitor.button("Continue").click();
  };
  const byToken = async (facts) => {
    const token = await it.rest.token({ user_name: "Tea", ...facts });
    return Visitor.open(it, `#token=${token}`);
  };

  test("a room link asks for a name, then for devices, and uses the link once however often one joins", { timeout: 120_000 }, async () => {
    const hall = fresh("hall");
    await it.rest.room({ name: hall });
    const link = await linkTo(hall, { role: "member", max_uses: 1 });
    const vera = await openLink(link);
    await vera.isOpenToAll();
    await vera.look("entry-link");
    await goOn(vera, "Vera");
    await vera.page.getByText("You join as Vera.").waitFor();
    await vera.join();
    await vera.button("Leave").click();
    await vera.join();
    await vera.page.reload();
    await vera.join();
    await vera.isClean();
    const late = await openLink(link);
    await goOn(late, "Late");
    await late.told("This link lets nobody in any more");
    await late.look("entry-link-over");
  });

  test("whose link is revoked is out, and is told that it opens nothing", { timeout: 120_000 }, async () => {
    const hall = fresh("hall");
    await it.rest.room({ name: hall });
    const link = await linkTo(hall);
    const vera = await openLink(link);
    await goOn(vera, "Vera");
    await vera.join();
    expect(await it.rest.delete(`/links/${link.id}`), 204);
    await vera.told("You are out of the room");
    await vera.isOpenToAll();
    await vera.button("Join").click();
    await vera.told("This link opens nothing");
  });

  test("a link for the audience asks for no devices and goes straight in", { timeout: 60_000 }, async () => {
    const hall = fresh("hall");
    await it.rest.room({ name: hall });
    const asking = `navigator.mediaDevices.getUserMedia = () => { window.asked = true; return Promise.reject(new Error("no")); };`;
    const wim = await openLink(await linkTo(hall, { role: "audience" }), { init: asking });
    await goOn(wim, "Wim");
    await wim.inside();
    assert.equal(await wim.page.evaluate(() => window.asked), undefined);
  });

  test("a link without its key is told so, and so is whoever has no link at all", { timeout: 60_000 }, async () => {
    const none = await Visitor.open(it, "r/hall");
    await none.page.getByRole("heading", { name: "This link is not whole" }).waitFor();
    await none.isOpenToAll();
    const closed = await Visitor.open(it, "r/hall");
    await closed.page.route("**/dev/token", (route) => route.fulfill({ status: 404 }));
    await closed.page.goto(`${it.server.http}/`);
    await closed.page.getByRole("heading", { name: "You need an invitation" }).waitFor();
  });

  for (const [name, title] of [["NotAllowedError", "The browser keeps camera and microphone from this page"], ["NotReadableError", "The camera or microphone is busy"], ["NotFoundError", "That camera or microphone is not there"]]) {
    test(`devices that fail with ${name} are told in words, and one joins without`, { timeout: 60_000 }, async () => {
      const visitor = await Visitor.open(it, `?room=${fresh("bare")}`, { init: failing(name) });
      await visitor.told(title);
      await visitor.isOpenToAll();
      await visitor.join("Nora");
      await visitor.button("Unmute").waitFor();
    });
  }

  test("where the page is not secure it says so, and one watches all the same", { timeout: 60_000 }, async () => {
    const insecure = `Object.defineProperty(window, "isSecureContext", { value: false });`;
    const visitor = await Visitor.open(it, `?room=${fresh("plain")}`, { init: insecure });
    await visitor.page.getByText("This page may not use camera and microphone").waitFor();
    await visitor.join("Ines");
  });

  test("a full, a locked, an early and a late room are four things", { timeout: 120_000 }, async () => {
    const now = Date.now();
    const rooms = {
      "The room is full": { max_members: 1 },
      "The room is not open yet": { join_from: new Date(now + 3_600_000).toISOString() },
      "The room is closed": { join_until: new Date(now - 3_600_000).toISOString() },
    };
    for (const [title, settings] of Object.entries(rooms)) {
      const name = fresh("gate");
      const isFull = "max_members" in settings;
      await it.rest.room({ name, ...(isFull ? settings : {}) });
      if (isFull) await (await byToken({ room_name: name })).join();
      const visitor = await byToken({ room_name: name, ...(isFull ? {} : settings) });
      await visitor.button("Join").click();
      await visitor.told(title);
      await visitor.context.close();
    }
    const name = fresh("gate");
    const host = await it.joined("Host", name, { tone: 440, token: { permissions: ["room.lock"] } });
    await host.call("lock");
    const visitor = await byToken({ room_name: name });
    await visitor.button("Join").click();
    await visitor.told("The room is locked");
  });

  test("a token that is no good is told so, and a room that nobody made", { timeout: 60_000 }, async () => {
    const token = await it.rest.token({ room_name: fresh("x"), user_name: "Tea" });
    const forged = await Visitor.open(it, `#token=${token.slice(0, -4)}AAAA`);
    await forged.button("Join").click();
    await forged.told("This invitation is not valid any more");
    const nowhere = await byToken({ room_name: fresh("x"), auto_create_room: false });
    await nowhere.button("Join").click();
    await nowhere.told("There is no such room");
  });

  test("a server that is gone is told in plain words", { timeout: 60_000 }, async () => {
    const visitor = await Visitor.open(it);
    await visitor.page.route("**/dev/token", (route) => route.abort("connectionrefused"));
    await visitor.page.getByLabel("Your name").fill("Cid");
    await visitor.button("Join").click();
    await visitor.told("The server does not answer");
    await visitor.look("entry-refused");
  });

  test("the level, the test sound and the buttons on the preview work", { timeout: 60_000 }, async () => {
    const visitor = await Visitor.open(it);
    const level = visitor.page.getByRole("meter", { name: "Microphone level" });
    await until("the false microphone beeps", async () => Number(await level.getAttribute("aria-valuenow")) > 0);
    await visitor.button("Play a test sound").click();
    await visitor.page.getByText("You should hear two notes now.").waitFor();
    await visitor.button("Turn camera off").click();
    await visitor.page.getByText("Your camera is off").waitFor();
    assert.equal(await visitor.button("Join without camera").count(), 0, "it is off already");
    await visitor.button("Turn camera on").click();
    await visitor.button("Turn camera off").waitFor();
  });

  for (const [locale, language, heading, direction] of [["de-DE", "Deutsch", "Bereit zum Beitreten?", "ltr"], ["es-ES", "Español", "¿Listo para entrar?", "ltr"], ["fr-FR", "Français", "Prêt à entrer ?", "ltr"], ["ar-EG", "العربية", "هل أنت مستعد للانضمام؟", "rtl"]]) {
    test(`it speaks ${language} to a browser that does`, { timeout: 60_000 }, async () => {
      const visitor = await Visitor.open(it, "", { context: { locale } });
      await visitor.page.getByRole("heading", { name: heading }).waitFor();
      assert.equal(await visitor.page.evaluate(() => document.documentElement.dir), direction);
      await visitor.isOpenToAll();
      await visitor.look(`entry-${locale}`);
      await visitor.context.close();
    });
  }

  test("language and appearance are chosen and remembered", { timeout: 60_000 }, async () => {
    const visitor = await Visitor.open(it);
    await visitor.page.getByLabel("Appearance").selectOption("Dark");
    await visitor.page.getByLabel("Language").selectOption("Français");
    await visitor.page.getByRole("heading", { name: "Prêt à entrer ?" }).waitFor();
    await visitor.page.reload();
    await visitor.page.getByRole("heading", { name: "Prêt à entrer ?" }).waitFor();
    assert.equal(await visitor.page.evaluate(() => document.documentElement.dataset.theme), "dark");
  });

  test("it works in a frame of another page", { timeout: 60_000 }, async () => {
    const visitor = await Visitor.open(it, "healthz");
    await visitor.page.setContent(`<iframe title="room" src="${it.server.http}/?room=${fresh("framed")}" allow="camera; microphone" width="900" height="700"></iframe>`);
    const frame = visitor.page.frameLocator("iframe");
    await frame.getByLabel("Your name").fill("Fay");
    await frame.getByRole("button", { name: "Join", exact: true }).click();
    await frame.getByRole("button", { name: "Leave" }).waitFor();
  });
});
