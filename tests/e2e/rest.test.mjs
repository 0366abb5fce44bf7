// Rooms and tokens over REST, as an application's server uses them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { basic, decode, expect } from "./lib/rest.mjs";
import { fresh } from "./lib/random.mjs";
import { world } from "./lib/world.mjs";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const ROOM_KEYS = [
  "id", "name", "display_name", "description", "max_members", "quality", "fps", "join_from", "join_until",
  "remove_at", "remove_after_seconds_elapsed", "layout", "record_on_start", "tone_on_entry_and_exit",
  "room_join_video_off", "user_join_video_off", "enable_room_previews", "sync_audio_video", "audio_video_sync",
  "meta", "prioritize_handraise", "logos_visible", "blind_mode", "silent_mode", "meeting_mode", "enable_chat", "lobby", "created_at", "updated_at",
];

const DEFAULT_PERMISSIONS = [
  "room.self.audio_mute", "room.self.audio_unmute", "room.self.video_mute", "room.self.video_unmute",
  "room.self.deaf", "room.self.undeaf", "room.self.set_input_volume", "room.self.set_output_volume",
  "room.self.set_input_sensitivity", "room.self.screenshare", "room.self.additional_source",
];

describe("rest", () => {
  const it = world("rest", { browser: false });

  test("livez and readyz say that the server is up", async () => {
    for (const path of ["/livez", "/readyz"]) {
      assert.equal((await fetch(it.server.http + path)).status, 200, path);
    }
  });

  test("a new room has every key, and defaults where nothing was said", async () => {
    const name = fresh("room");
    const room = await it.rest.room({ name });
    for (const key of ROOM_KEYS) assert.ok(key in room, `${key} is there`);
    assert.match(room.id, UUID);
    assert.match(room.created_at, TIME);
    assert.match(room.updated_at, TIME);
    const { display_name, description, max_members, quality, fps, layout, record_on_start, join_from } = room;
    assert.deepEqual(
      { name: room.name, display_name, description, max_members, quality, fps, layout, record_on_start, join_from },
      { name, display_name: name, description: null, max_members: 20, quality: "720p", fps: 20, layout: "grid-responsive", record_on_start: false, join_from: null },
    );
    assert.equal(room.sync_audio_video, room.audio_video_sync);
  });

  test("a room is found by id and by name", async () => {
    const room = await it.rest.room({ name: fresh("room"), max_members: 7 });
    const byId = expect(await it.rest.get(`/rooms/${room.id}`), 200);
    const byName = expect(await it.rest.get(`/rooms/${room.name}`), 200);
    assert.deepEqual(byId, byName);
    assert.equal(byId.id, room.id);
    assert.equal(byId.max_members, 7);
  });

  test("PUT changes what it names and nothing else", async () => {
    const room = await it.rest.room({ name: fresh("room"), description: "before", max_members: 9 });
    const wish = { description: "after", join_until: "2099-01-01", audio_video_sync: true };
    const put = expect(await it.rest.put(`/rooms/${room.id}`, wish), 200);
    assert.equal(put.active_session, null, "no session runs");
    assert.equal(put.description, "after");
    assert.equal(put.join_until, "2099-01-01T00:00:00Z", "a bare date is midnight UTC");
    assert.equal(put.sync_audio_video, true, "both spellings carry the value");
    assert.equal(put.max_members, 9);
    const { active_session: _, ...stored } = put;
    assert.deepEqual(expect(await it.rest.get(`/rooms/${room.id}`), 200), stored);
  });

  test("every error of a body is told at once, and nothing is changed", async () => {
    const room = await it.rest.room({ name: fresh("room") });
    const wish = { max_members: 301, description: "x".repeat(3001), quality: "4k", layout: "2x1" };
    const body = expect(await it.rest.put(`/rooms/${room.id}`, wish), 422);
    assert.deepEqual(body.errors.map((error) => error.attribute).sort(), ["description", "max_members", "quality"]);
    for (const error of body.errors) {
      assert.equal(error.type, "validation_error");
      for (const key of ["code", "message", "url"]) assert.equal(typeof error[key], "string", key);
    }
    assert.equal(expect(await it.rest.get(`/rooms/${room.id}`), 200).layout, "grid-responsive");
  });

  for (const [members, status] of [[0, 422], [1, 200], [300, 200], [301, 422]]) {
    test(`max_members ${members} is answered with ${status}`, async () => {
      const room = await it.rest.room({ name: fresh("room") });
      const answer = await it.rest.put(`/rooms/${room.id}`, { max_members: members });
      assert.equal(answer.status, status);
    });
  }

  test("a name is needed, has its letters, and is taken once", async () => {
    for (const body of [{}, { name: "" }, { name: "two words" }, { name: "n".repeat(101) }]) {
      const answer = expect(await it.rest.post("/rooms", body), 422);
      assert.equal(answer.errors[0].attribute, "name", JSON.stringify(body).slice(0, 40));
    }
    const room = await it.rest.room({ name: fresh("room") });
    assert.equal(expect(await it.rest.post("/rooms", { name: room.name }), 422).errors[0].attribute, "name");
  });

  test("DELETE answers 204 and the room is gone", async () => {
    const room = await it.rest.room({ name: fresh("room") });
    const answer = await it.rest.delete(`/rooms/${room.id}`);
    assert.equal(answer.status, 204);
    assert.equal(answer.body, null);
    assert.deepEqual(expect(await it.rest.get(`/rooms/${room.id}`), 404), { error: "Not Found" });
    assert.deepEqual(expect(await it.rest.delete(`/rooms/${room.id}`), 404), { error: "Not Found" });
  });

  test("the list holds the newest room and links to itself", async () => {
    const room = await it.rest.room({ name: fresh("room") });
    const list = expect(await it.rest.get("/rooms?page_size=1"), 200);
    assert.deepEqual(list.data.map((one) => one.id), [room.id]);
    assert.equal(typeof list.links.self, "string");
    assert.equal(typeof list.links.first, "string");
    const next = new URL(list.links.next, it.server.http);
    const second = expect(await it.rest.get(`/rooms${next.search}`), 200);
    assert.notEqual(second.data[0].id, room.id, "the next page goes on behind the first");
  });

  test("wrong credentials get 401 and nothing else", async () => {
    const attempts = [undefined, basic(it.server.project_id, "wrong"), basic("0f6c", it.server.api_token), "Bearer x", "Basic !"];
    for (const attempt of attempts) {
      const answer = await it.rest.raw("GET", "/rooms", undefined, attempt ?? "");
      assert.deepEqual([answer.status, answer.body], [401, { error: "Unauthorized" }], attempt);
    }
  });

  test("what is not JSON gets 400", async () => {
    const answer = await it.rest.raw("POST", "/rooms", "{name:");
    assert.deepEqual([answer.status, answer.body], [400, { error: "Bad Request", message: "the body is no JSON" }]);
  });

  test("a token carries what was asked for and the default permissions", async () => {
    const token = await it.rest.token({ room_name: "lab", user_name: "Alice" });
    const { header, payload } = decode(token);
    assert.deepEqual([header.typ, header.alg], ["VRT", "HS512"]);
    assert.equal("ch" in header, false, "no public URL is configured, so the app's host option must work");
    assert.deepEqual([payload.r, payload.u, payload.ja], ["lab", "Alice", "member"]);
    assert.equal(payload.sub, it.server.project_id);
    assert.deepEqual(payload.s, DEFAULT_PERMISSIONS);
  });

  test("permissions keep their order, an empty list stays empty, an audience gets none", async () => {
    const asked = ["room.set_layout", "room.self.video_mute", "room.list_available_layouts"];
    const permissions = async (wish) => decode(await it.rest.token({ room_name: "lab", ...wish })).payload.s;
    assert.deepEqual(await permissions({ permissions: asked }), asked);
    assert.deepEqual(await permissions({ permissions: [] }), []);
    assert.deepEqual(await permissions({ permissions: asked, join_as: "audience" }), []);
  });

  test("a token without a room, or with an unknown permission, is refused by name", async () => {
    const attribute = async (body) => expect(await it.rest.post("/room_tokens", body), 422).errors[0].attribute;
    assert.equal(await attribute({ user_name: "Alice" }), "room_name");
    assert.equal(await attribute({ room_name: "lab", permissions: ["room.fly"] }), "permissions");
  });

  test("unknown keys of a body are ignored", async () => {
    const room = await it.rest.room({ name: fresh("room"), colour: "green" });
    expect(await it.rest.put(`/rooms/${room.id}`, { name: "other", nonsense: 1, max_members: 4 }), 200);
  });
});
