//! Conferences: made with their tokens, changed, listed apart from rooms, and what their tokens give.

use crate::common::{Answer, Desk, basic};
use axum::http::StatusCode;
use rotunda_domain::{RoomSettings, SessionId};
use rotunda_hub::{SessionRow, SessionStatus};
use rotunda_store::{EventRow, HistoryWrite};
use serde_json::{Value, json};
use uuid::Uuid;

async fn made(desk: &Desk, body: Value) -> Value {
    let answer = desk.ask("POST", "/conferences", Some(body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.json);
    answer.json
}

fn path(conference: &Value, rest: &str) -> String {
    format!("/conferences/{}{rest}", conference["id"].as_str().unwrap())
}

/// The tokens of a conference: the moderators', and the guests'.
async fn tokens(desk: &Desk, conference: &Value) -> (Value, Value) {
    let listed = desk.get(&path(conference, "/conference_tokens")).await.json["data"].clone();
    (listed[0].clone(), listed[1].clone())
}

/// The widget asks without credentials.
async fn ready_room(desk: &Desk, query: &str) -> Answer {
    desk.send("GET", &format!("/ready_room?{query}"), "", Vec::new()).await
}

#[tokio::test]
async fn a_conference_is_made_of_what_people_read_and_answered_whole() {
    let desk = Desk::open().await;
    let hall = made(&desk, json!({"display_name": "Town Hall"})).await;
    let expected = json!({
        "id": hall["id"], "name": "town-hall", "display_name": "Town Hall", "description": null,
        "join_from": null, "join_until": null, "quality": "720p", "layout": "grid-responsive",
        "size": "medium", "record_on_start": false, "tone_on_entry_and_exit": true,
        "user_join_video_off": false, "room_join_video_off": false, "enable_chat": true,
        "enable_room_previews": false, "meta": null,
        "dark_primary": "#044EF4", "dark_background": "#FFFFFF", "dark_foreground": "#1D2127",
        "dark_success": "#17BB58", "dark_negative": "#F42C50",
        "light_primary": "#044EF4", "light_background": "#FFFFFF", "light_foreground": "#1D2127",
        "light_success": "#17BB58", "light_negative": "#F42C50",
        "created_at": hall["created_at"], "updated_at": hall["updated_at"],
    });
    assert_eq!(hall, expected);
    assert_eq!(desk.get(&path(&hall, "")).await.json, expected);
    let again = made(&desk, json!({"display_name": "Town Hall"})).await;
    let name = again["name"].as_str().unwrap();
    assert!(name.starts_with("town-hall-") && name.len() == 18, "{name}");
    let taken = json!({"display_name": "Other", "name": "town-hall"});
    let taken = desk.ask("POST", "/conferences", Some(taken)).await;
    assert_eq!(taken.errors(), [("name".into(), "not_unique_within_project".into())]);
}

#[tokio::test]
async fn rooms_and_conferences_stand_in_lists_of_their_own_and_pages_lead_on() {
    let desk = Desk::open().await;
    desk.ask("POST", "/rooms", Some(json!({"name": "lab"}))).await;
    for name in ["a", "b", "c"] {
        made(&desk, json!({"display_name": name})).await;
    }
    let names = |answer: &Answer| -> Vec<String> {
        let data = answer.json["data"].as_array().unwrap().iter();
        data.map(|object| object["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&desk.get("/rooms").await), ["lab"]);
    let first = desk.get("/conferences?page_size=2").await;
    assert_eq!(names(&first), ["c", "b"]);
    let next = first.json["links"]["next"].as_str().unwrap();
    let next = next.split_once("/api/video").unwrap().1;
    assert_eq!(names(&desk.get(next).await), ["a"]);
    let room = desk.get("/rooms/lab").await.json;
    for (method, rest) in [("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/streams")] {
        let answer = desk.ask(method, &path(&room, rest), Some(json!({}))).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method}{rest}: a room is none");
    }
    let (stranger, secret) = desk.stranger(&["video"]).await;
    let theirs = basic(stranger, &secret);
    let foreign = path(&desk.get("/conferences").await.json["data"][0], "");
    let answer = desk.send("GET", &foreign, &theirs, Vec::new()).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_change_is_partial_and_tells_everything_that_is_wrong() {
    let desk = Desk::open().await;
    let hall = made(&desk, json!({"display_name": "Hall", "dark_primary": "#000000"})).await;
    let body = json!({"size": "large", "name": "other", "light_primary": "#111111"});
    let changed = desk.ask("PUT", &path(&hall, ""), Some(body)).await.json;
    assert_eq!((&changed["name"], &changed["size"]), (&json!("hall"), &json!("large")));
    assert_eq!(changed["dark_primary"], "#000000");
    assert_eq!(
        (&changed["light_primary"], &changed["active_session"]),
        (&json!("#111111"), &Value::Null)
    );
    assert_eq!(desk.get("/rooms/hall").await.json["max_members"], 300);
    let wrong = json!({"size": "huge", "dark_primary": "red", "join_from": 2, "join_until": 1});
    let refused = desk.ask("PUT", &path(&hall, ""), Some(wrong.clone())).await.errors();
    let fields: Vec<_> = refused.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["size", "dark_primary", "join_until"]);
    let nowhere = format!("/conferences/{}", Uuid::nil());
    let nowhere = desk.ask("PUT", &nowhere, Some(wrong)).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND, "told before what is wrong with the change");
    let gone = desk.ask("DELETE", &path(&hall, ""), None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.get(&path(&hall, "")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_conferences_streams_are_its_rooms() {
    let desk = Desk::open().await;
    let hall = made(&desk, json!({"display_name": "Hall"})).await;
    let streams = path(&hall, "/streams");
    let body = Some(json!({"url": "rtmp://live.example.com/app/key"}));
    let stream = desk.ask("POST", &streams, body).await;
    assert_eq!(stream.status, StatusCode::OK);
    assert_eq!(desk.get(&streams).await.json["data"], json!([stream.json]));
    let one = format!("/streams/{}", stream.json["id"].as_str().unwrap());
    assert_eq!(desk.get(&one).await.json, stream.json);
}

#[tokio::test]
async fn its_tokens_are_shown_and_a_reset_replaces_one() {
    let desk = Desk::open().await;
    let hall = made(&desk, json!({"display_name": "Hall"})).await;
    let (moderator, guest) = tokens(&desk, &hall).await;
    assert_eq!((&moderator["name"], &guest["name"]), (&json!("moderator"), &json!("guest")));
    let scopes = |token: &Value| token["scopes"].as_array().unwrap().clone();
    assert!(scopes(&moderator).contains(&json!("room.member.remove")));
    assert!(!scopes(&guest).contains(&json!("room.self.screenshare")));
    let one = format!("/conference_tokens/{}", guest["id"].as_str().unwrap());
    assert_eq!(desk.get(&one).await.json, guest);
    let reset = desk.ask("POST", &format!("{one}/reset"), None).await.json;
    assert_eq!((&reset["id"], &reset["scopes"]), (&guest["id"], &guest["scopes"]));
    assert_ne!(reset["token"], guest["token"]);
    let of = |token: &Value| format!("t={}", token["token"].as_str().unwrap());
    assert_eq!(ready_room(&desk, &of(&guest)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ready_room(&desk, &of(&reset)).await.status, StatusCode::OK);
    let (stranger, secret) = desk.stranger(&["video"]).await;
    let theirs = desk.send("GET", &one, &basic(stranger, &secret), Vec::new()).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_widget_is_given_a_room_token_with_the_rights_and_colours_of_the_conference() {
    let desk = Desk::open().await;
    let hall = made(&desk, json!({"display_name": "Hall", "dark_primary": "#010203"})).await;
    let (moderator, guest) = tokens(&desk, &hall).await;
    let answer = ready_room(&desk, &format!("t={}&u=Ann", guest["token"].as_str().unwrap())).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(
        (&answer.json["room_display_name"], &answer.json["permissions"]),
        (&json!("Hall"), &guest["scopes"])
    );
    assert_eq!(answer.json["theme"]["dark_primary"], "#010203");
    assert_eq!(answer.json["theme"].as_object().unwrap().len(), 10);
    let token = answer.json["token"].as_str().unwrap();
    let grant = desk.hub.open_room_token(token, 1_800_000_000).await.unwrap();
    assert_eq!((&*grant.room_name, &*grant.user_name), ("hall", "Ann"));
    assert_eq!(json!(grant.permissions.as_slice()), guest["scopes"]);
    let nameless = format!("t={}&u=", moderator["token"].as_str().unwrap());
    let answer = ready_room(&desk, &nameless).await.json;
    assert_eq!(answer["permissions"], moderator["scopes"]);
}

#[tokio::test]
async fn a_token_that_is_none_is_not_found_however_it_is_wrong() {
    let desk = Desk::open().await;
    let long = "x".repeat(5000);
    for query in
        ["", "t=", "t=vpt_0", "t=vpt_00000000000000000000000000000000&u=A", &format!("t={long}")]
    {
        let answer = ready_room(&desk, query).await;
        assert_eq!(
            (answer.status, answer.json),
            (StatusCode::NOT_FOUND, json!({"error": "Not Found"}))
        );
    }
    let named = ready_room(&desk, &format!("t=vpt_0&u={}", "n".repeat(101))).await;
    assert_eq!(named.errors(), [("u".into(), "invalid_parameter".into())]);
}

#[tokio::test]
async fn a_link_with_a_conferences_token_is_exchanged_like_every_other() {
    let desk = Desk::open().await;
    let hall = made(&desk, json!({"display_name": "Hall"})).await;
    let (moderator, _) = tokens(&desk, &hall).await;
    let visits = async |room: &str| {
        let body = json!({"room_name": room, "key": moderator["token"], "user_name": "Ann"});
        desk.send("POST", "/link_tokens", "", body.to_string().into_bytes()).await
    };
    let answer = visits("hall").await;
    let token = answer.json["token"].as_str().unwrap();
    let grant = desk.hub.open_room_token(token, 1_800_000_000).await.unwrap();
    assert_eq!(json!(grant.permissions.as_slice()), moderator["scopes"]);
    assert_eq!(visits("yard").await.status, StatusCode::NOT_FOUND);
    let one = format!("/conference_tokens/{}/reset", moderator["id"].as_str().unwrap());
    desk.ask("POST", &one, None).await;
    assert_eq!(visits("hall").await.status, StatusCode::NOT_FOUND);
    assert!(desk.hub.open_room_token(token, 1_800_000_000).await.is_err(), "ended with it");
}

async fn session(desk: &Desk, name: &str, room: &Value, created_at_ms: i64) -> SessionRow {
    let row = SessionRow {
        id: SessionId(Uuid::new_v4()),
        project: desk.project,
        room: room["id"].as_str().unwrap().parse().unwrap(),
        auto_created: false,
        settings: RoomSettings::named(name),
        fps: 20,
        locked: false,
        status: SessionStatus::InProgress,
        start_ms: created_at_ms,
        end_ms: None,
        created_at_ms,
        updated_at_ms: created_at_ms,
    };
    let started = EventRow::new(desk.project, "room.started", json!({}), created_at_ms);
    let line = HistoryWrite::SessionStarted(Box::new(row.clone()), started);
    desk.store.keep(&[line]).await.unwrap();
    row
}

#[tokio::test]
async fn the_log_has_an_entry_a_session_and_says_whether_it_was_a_conferences() {
    let desk = Desk::open().await;
    let hall = made(&desk, json!({"display_name": "Hall"})).await;
    let lab = desk.ask("POST", "/rooms", Some(json!({"name": "lab"}))).await.json;
    let day = 86_400_000;
    let first = session(&desk, "hall", &hall, 10 * day).await;
    session(&desk, "lab", &lab, 11 * day + 1).await;
    desk.ask("DELETE", &path(&hall, ""), None).await;
    let one = desk.get(&format!("/logs/{}", first.id)).await.json;
    let expected = json!({
        "id": first.id.0, "source": "realtime_api", "type": "video_conference_session",
        "url": format!("http://rooms.test:7880/api/video/room_sessions/{}", first.id),
        "room_name": "hall", "status": "in-progress", "locked": false,
        "started_at": "1970-01-11T00:00:00Z", "ended_at": null, "charge": 0.0,
        "created_at": "1970-01-11T00:00:00Z", "charge_details": [],
    });
    assert_eq!(one, expected);
    let names = async |query: &str| -> Vec<Value> {
        let data = desk.get(&format!("/logs{query}")).await.json["data"].clone();
        data.as_array().unwrap().iter().map(|entry| entry["room_name"].clone()).collect()
    };
    assert_eq!(names("?include_deleted=true").await, ["lab", "hall"]);
    assert_eq!(names("?created_on=1970-01-11").await, ["hall"]);
    assert_eq!(names("?created_after=1970-01-11").await, ["lab"]);
    assert_eq!(names("?created_before=1970-01-12T00:00:00Z").await, ["hall"]);
    assert_eq!(names("?created_on=1970-01-11T13:00:00Z&created_after=1970-01-11").await.len(), 0);
    let wrong = desk.get("/logs?created_on=never").await.errors();
    assert_eq!(wrong, [("created_on".into(), "not_a_datetime".into())]);
    assert_eq!(desk.get(&format!("/logs/{}", Uuid::nil())).await.status, StatusCode::NOT_FOUND);
}
