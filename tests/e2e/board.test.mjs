// Room videochat settings where they are seen and heard: people in browsers with the SDK and tokens
// of the videochat, and settings changed by others at another door.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { add, ORANGE, PURPLE, REFUSED, said, seesColour, SKY, tryAdd } from "./lib/legs.mjs";
import { fresh, tones } from "./lib/random.mjs";
import { person } from "./lib/settings.mjs";
import { until } from "./lib/wait.mjs";
import { world } from "./lib/world.mjs";

const SET = "room:videochat:setRoomVideochat";

describe("settings seen and heard", () => {
  const it = world("board", { server: { env: { ROTUNDA_VIDEOCHAT__CALM_SECONDS: "0" } } });
  const name = fresh("hall");
  const [one, two] = tones(2);
  const door = {}; // everybody's client of the settings door
  const at = {}; // and their browser
  let room;
  let videochatId;

  /** Takes a seat by the settings door and joins with the SDK. */
  async function comes(who, wish) {
    const token = await door[who].ok("videochat:getTokenForVideochat", { roomId: room });
    at[who] = await it.participant(who, wish);
    at[who].joining = await at[who].join({ token: token.token, host: it.server.ws });
    assert.equal(at[who].memberId, token.identity, "the seat is the member");
    return token;
  }

  test("the first speaks, and the owner of the room owns the videochat", { timeout: 90_000 }, async () => {
    room = (await it.rest.room({ name })).id;
    door.Olga = await person(it.server, "Olga", { rooms: { [name]: "manage" } }, "io2");
    door.Ann = await person(it.server, "Ann", { rooms: { [name]: "contribute" } }, "io4");
    door.Fan = await person(it.server, "Fan", { rooms: { [name]: "view" } }, "ws");
    const own = await comes("Olga", { tone: one, colour: PURPLE });
    videochatId = own.videochatId;
    assert.deepEqual([own.permissions.isOwner, own.permissions.isPromoted], [true, true]);
    const ann = await comes("Ann", { tone: two, colour: SKY });
    assert.equal(ann.permissions.isPromoted, true);
    await at.Olga.hears(at.Ann);
    await seesColour(at.Olga, at.Ann.memberId, SKY, { within: 15_000 });
    const { identities } = await door.Ann.ok("videochat:getStatus", { videochatId });
    assert.deepEqual(identities.map(({ user, permissions }) => [user.id, permissions.isPromoted]), [["olga", true], ["ann", true]]);
  });

  test("mode conference: whom nobody promoted is heard and seen no more, and both doors tell", { timeout: 60_000 }, async () => {
    const since = { door: door.Olga.mark(), olga: await at.Olga.mark(), ann: await at.Ann.mark() };
    await door.Olga.ok(`${SET}Mode`, { roomId: room, videochatMode: "conference" });
    await at.Ann.event("member.demoted", undefined, { since: since.ann });
    await at.Olga.event("member.left", ({ member }) => member.id === at.Ann.memberId, { since: since.olga });
    await at.Olga.losesTone(at.Ann);
    const told = await door.Olga.push("videochat:participantIdentityUpdated", ({ identity }) => identity.user.id === "ann", { since: since.door });
    assert.equal(told.identity.permissions.isPromoted, false);
    const status = await door.Ann.push("videochat:videochatStatusUpdated");
    assert.deepEqual([status.mode, status.isStreamEnabled, status.videochatLimit], ["conference", true, 0]);
    await until("Ann's client is audience", async () => (await at.Ann.page.evaluate(() => lab.facts())).interactivityMode === "audience");
  });

  test("who asks is told to those who may decide, with the notification the room wants", { timeout: 30_000 }, async () => {
    await door.Olga.ok(`${SET}NotificationMode`, { roomId: room, notificationMode: 3 });
    const since = door.Olga.mark();
    await door.Ann.ok("videochat:requestConferencePromotion", { videochatId });
    const asked = await door.Olga.push("videochat:conferencePromotionRequested", undefined, { since });
    assert.deepEqual([asked.user.id, asked.notification], ["ann", { show: true, sound: true }]);
    await door.Olga.ok(`${SET}NotificationMode`, { roomId: room, notificationMode: 1 });
    await door.Olga.ok("videochat:declineConferencePromotion", { videochatId, targetUser: "ann" });
    await door.Ann.push("videochat:conferencePromotionDeclined");
    await door.Ann.ok("videochat:requestConferencePromotion", { videochatId });
    const quiet = await door.Olga.push("videochat:conferencePromotionRequested", ({ notification }) => !notification.show, { since });
    assert.deepEqual(quiet.notification, { show: false, sound: false });
  });

  test("a permission changed here is a promotion there: heard and seen again", { timeout: 60_000 }, async () => {
    const since = { ann: await at.Ann.mark(), olga: await at.Olga.mark() };
    assert.equal(await door.Ann.refused("videochat:changeParticipantPermissions", { videochatId, targetUser: "olga", permissions: { isPromoted: false } }), 10002);
    await door.Olga.ok("videochat:changeParticipantPermissions", { videochatId, targetUser: "ann", permissions: { isPromoted: true } });
    await at.Ann.event("member.promoted", undefined, { since: since.ann });
    await at.Olga.event("member.joined", ({ member }) => member.id === at.Ann.memberId, { since: since.olga });
    await at.Olga.hears(at.Ann);
    await seesColour(at.Olga, at.Ann.memberId, SKY);
    // And a demotion by the SDK is told at the settings door.
    const at2 = door.Olga.mark();
    await at.Olga.call("demote", { memberId: at.Ann.memberId });
    await door.Olga.push("videochat:participantIdentityUpdated", ({ identity }) => identity.user.id === "ann" && !identity.permissions.isPromoted, { since: at2 });
    const again = await at.Ann.mark();
    await door.Olga.ok(`${SET}Mode`, { roomId: room, videochatMode: "videochat" });
    await door.Olga.ok("videochat:changeParticipantPermissions", { videochatId, targetUser: "ann", permissions: { isPromoted: true } });
    await at.Ann.event("member.promoted", undefined, { since: again });
    await at.Olga.hears(at.Ann);
  });

  test("the board: the presenter's share fills the picture with its presenter in front, and the layout returns", { timeout: 90_000 }, async () => {
    await door.Olga.ok(`${SET}UsePresentationBoard`, { roomId: room, usePresentationBoard: true });
    assert.deepEqual(said(await tryAdd(at.Ann, "refused", "startScreenShare", { colour: ORANGE }, { audio: false, video: true })), REFUSED);
    assert.equal(await door.Ann.refused("videochat:startScreenShare", { videochatId }), 10002);
    await door.Olga.ok("videochat:changeParticipantPermissions", { videochatId, targetUser: "ann", permissions: { isPresenter: true } });
    assert.equal((await door.Olga.push("room:videochatPresenterChanged")).userId, "ann");
    const since = await at.Olga.mark();
    await door.Ann.ok("videochat:startScreenShare", { videochatId });
    assert.equal((await door.Olga.push("videochat:shareScreenStarted")).identity, at.Ann.memberId);
    await add(at.Ann, "screen", "startScreenShare", { colour: ORANGE }, { audio: false, video: true });
    const { payload } = await at.Olga.event("layout.changed", ({ layout }) => layout.name === "screen-share" && layout.layers.some((layer) => layer.reservation === "reserved-1" && layer.member_id === at.Ann.memberId), { since });
    assert.ok(payload);
    const pixel = (x, y) => at.Olga.page.evaluate((rectangle) => lab.rectangle(rectangle), { x, y, width: 4, height: 4 });
    await until("the share fills the picture", async () => {
      for (const [x, y] of [[2, 90], [30, 40], [50, 90]]) {
        const rgb = await pixel(x, y);
        if (!rgb?.every((value, i) => Math.abs(value - ORANGE[i]) <= 40)) throw new Error(`${rgb} at ${x},${y}`);
      }
      return true;
    });
    await seesColour(at.Olga, at.Ann.memberId, SKY);
    const stopped = door.Olga.mark();
    await door.Olga.ok("videochat:stopScreenShare", { videochatId, identity: at.Ann.memberId });
    await door.Olga.push("videochat:shareScreenStopped", undefined, { since: stopped });
    await at.Olga.event("layout.changed", ({ layout }) => layout.name === "grid-responsive", { since });
    await door.Olga.ok(`${SET}UsePresentationBoard`, { roomId: room, usePresentationBoard: false });
  });

  test("a listener watches without a seat, and goes when streaming is switched off", { timeout: 60_000 }, async () => {
    assert.equal(await door.Fan.refused("videochat:getTokenForVideochat", { roomId: room }), 10002);
    const { token, permissions } = await door.Fan.ok("videochat:getListenerTokenForVideochat", { videochatId });
    assert.equal(permissions.isListener, true);
    at.Fan = await it.participant("Fan", { camera: false });
    await at.Fan.join({ token, host: it.server.ws });
    await seesColour(at.Fan, at.Olga.memberId, PURPLE, { within: 15_000 });
    const status = await door.Olga.ok("videochat:getStatus", { videochatId });
    assert.deepEqual(status.identities.map(({ user }) => user.id), ["olga", "ann"]);
    const since = await at.Fan.mark();
    await door.Olga.ok(`${SET}EnableStreaming`, { roomId: room, enableStreaming: false });
    await at.Fan.event("room.left", undefined, { since });
    assert.equal(await door.Fan.refused("videochat:getListenerTokenForVideochat", { videochatId }), 10002);
    await at.Olga.hears(at.Ann);
  });

  test("listeners are hidden from others, not from those who may promote them", { timeout: 60_000 }, async () => {
    await door.Olga.ok("videochat:changeParticipantPermissions", { videochatId, targetUser: "ann", permissions: { isPresenter: false } });
    door.Cid = await person(it.server, "Cid", { rooms: { [name]: "comment" } }, "io4");
    const { permissions } = await comes("Cid", { tone: 440 });
    assert.equal(permissions.isPromoted, false);
    await door.Ann.push("videochat:identityConnected", ({ identity }) => identity.user.id === "cid");
    const since = { ann: door.Ann.mark(), olga: door.Olga.mark() };
    await door.Olga.ok(`${SET}ExcludeListeners`, { roomId: room, excludeListeners: true });
    await door.Ann.push("videochat:identityDisconnected", ({ identity }) => identity.user.id === "cid", { since: since.ann });
    const users = async (who) => (await door[who].ok("videochat:getStatus", { videochatId })).identities.map(({ user }) => user.id);
    assert.deepEqual(await users("Ann"), ["olga", "ann"]);
    assert.deepEqual(await users("Olga"), ["olga", "ann", "cid"]);
    assert.deepEqual(await users("Cid"), ["olga", "ann", "cid"]);
    assert.ok(!door.Olga.names(since.olga).includes("videochat:identityDisconnected"));
  });

  test("auto promotion: one more than the limit takes voices, and the one who goes gives them back", { timeout: 90_000 }, async () => {
    await door.Olga.ok("videochat:changeParticipantPermissions", { videochatId, targetUser: "ann", permissions: { isPromoted: true } });
    door.Dot = await person(it.server, "Dot", { rooms: { [name]: "contribute" } }, "io2");
    door.Eve = await person(it.server, "Eve", { rooms: { [name]: "contribute" } }, "io4");
    await door.Olga.ok(`${SET}AutoPromotion`, { roomId: room, autoPromotion: { useCustomSettings: true, autoPromotionLimit: 1, autoDemoteOnLimit: true } });
    assert.equal((await comes("Dot", { tone: 700 })).permissions.isPromoted, true);
    const since = await at.Dot.mark();
    const eve = await door.Eve.ok("videochat:getTokenForVideochat", { roomId: room });
    assert.equal(eve.permissions.isPromoted, false);
    await at.Dot.event("member.demoted", undefined, { since, within: 10_000 });
    await until("Dot's client is audience", async () => (await at.Dot.page.evaluate(() => lab.facts())).interactivityMode === "audience");
    await door.Olga.ok(`${SET}Limit`, { roomId: room, limitSettings: { useCustomSettings: true, videochatLimit: 2 } });
    assert.equal(await door.Eve.refused("videochat:getTokenForVideochat", { roomId: room }), 10009);
    const { counter } = await door.Olga.ok("videochat:getStatus", { videochatId });
    assert.equal(counter, 4, "a lower limit throws nobody out");
  });

  test("the end is told to all", { timeout: 30_000 }, async () => {
    const since = await at.Ann.mark();
    assert.equal(await door.Ann.refused("videochat:endVideochat", { videochatId }), 10002);
    await door.Olga.ok("videochat:endVideochat", { videochatId });
    await at.Ann.event("room.left", undefined, { since });
    await door.Ann.push("videochat:videochatEnded");
    for (const one of Object.values(door)) one.close();
  });
});
