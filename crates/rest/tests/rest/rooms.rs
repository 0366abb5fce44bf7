//! Rooms over REST, as an application sees them.

use crate::common::{Desk, basic};
use axum::http::StatusCode;
use rotunda_domain::{RoomId, RoomSettings, SessionId};
use rotunda_store::{EventRow, HistoryWrite, SessionRow, SessionStatus};
use serde_json::{Value, json};
use uuid::Uuid;

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Puts a running session into history.
async fn run_session(desk: &Desk, room: &Value) -> SessionRow {
    let id: Uuid = room["id"].as_str().unwrap().parse().unwrap();
    let row = SessionRow {
        id: SessionId(Uuid::new_v4()),
        project: desk.project,
        room: RoomId(id),
        auto_created: false,
        settings: RoomSettings::named(room["name"].as_str().unwrap()),
        fps: 20,
        locked: false,
        status: SessionStatus::InProgress,
        start_ms: 1_700_000_000_999,
        end_ms: None,
        created_at_ms: 1_700_000_000_999,
        updated_at_ms: 1_700_000_000_999,
    };
    let started = EventRow::new(desk.project, "room.started", json!({}), row.start_ms);
    let line = HistoryWrite::SessionStarted(Box::new(row.clone()), started);
    desk.store.keep(&[line]).await.unwrap();
    row
}

#[tokio::test]
async fn while_the_database_is_away_a_request_is_to_be_made_again_later() {
    let desk = Desk::open().await;
    desk.store.close().await;
    for (method, body) in [("GET", None), ("POST", Some(json!({"name": "lobby"})))] {
        let answer = desk.ask(method, "/rooms", body).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{method}");
        assert_eq!(answer.headers["retry-after"], "5", "{method}");
        assert_eq!(answer.json, json!({"error": "Service Unavailable"}), "{method}");
    }
}

#[tokio::test]
async fn a_new_room_has_every_key_and_every_default() {
    let desk = Desk::open().await;
    let made = desk.ask("POST", "/rooms", Some(json!({"name": "lobby", "surprise": 1}))).await;
    assert_eq!(made.status, StatusCode::OK);
    let mut room = made.json.clone();
    for key in ["id", "created_at", "updated_at"] {
        assert!(room[key].as_str().unwrap().len() >= 20, "{key}");
        room[key] = json!("…");
    }
    let expected = json!({
        "id": "…", "name": "lobby", "display_name": "lobby", "description": null,
        "max_members": 20, "quality": "720p", "fps": 20, "join_from": null, "join_until": null,
        "remove_at": null, "remove_after_seconds_elapsed": null, "layout": "grid-responsive",
        "record_on_start": false, "tone_on_entry_and_exit": true, "room_join_video_off": false,
        "user_join_video_off": false, "enable_room_previews": false, "sync_audio_video": null,
        "audio_video_sync": null, "meta": null, "prioritize_handraise": false,
        "logos_visible": null, "blind_mode": false, "silent_mode": false, "meeting_mode": false,
        "enable_chat": "members", "lobby": false,
        "created_at": "…", "updated_at": "…"
    });
    assert_eq!(room, expected);
    let id = made.json["id"].as_str().unwrap();
    assert_eq!(desk.get(&format!("/rooms/{id}")).await.json, made.json);
    assert_eq!(desk.get("/rooms/lobby").await.json, made.json);
    assert_eq!(desk.get("/rooms").await.json["data"], json!([made.json]));
}

#[tokio::test]
async fn every_field_of_a_change_comes_back() {
    let desk = Desk::open().await;
    let made = desk.ask("POST", "/rooms", Some(json!({"name": "lobby"}))).await.json;
    let path = format!("/rooms/{}", made["id"].as_str().unwrap());
    let change = json!({
        "name": "ignored", "display_name": "The Lobby", "description": "d", "max_members": 300,
        "quality": "1080p", "join_from": "2022-01-01", "join_until": "2022-01-01T23:59:60Z",
        "remove_at": "2022-02-01T12:00:00.500+02:00", "remove_after_seconds_elapsed": 60,
        "layout": "3x3", "record_on_start": true, "enable_room_previews": true,
        "sync_audio_video": true, "meta": {"z": [1], "a": null}, "prioritize_handraise": true,
        "tone_on_entry_and_exit": false, "room_join_video_off": true, "user_join_video_off": true,
        "logos_visible": false, "blind_mode": true, "silent_mode": true, "meeting_mode": true,
        "enable_chat": "all", "lobby": true
    });
    let changed = desk.ask("PUT", &path, Some(change.clone())).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.json);
    let mut expected = made.clone();
    for (key, value) in change.as_object().unwrap() {
        expected[key] = value.clone();
    }
    for (key, value) in [
        ("name", json!("lobby")),
        ("fps", json!(30)),
        ("audio_video_sync", json!(true)),
        ("join_from", json!("2022-01-01T00:00:00Z")),
        ("join_until", json!("2022-01-02T00:00:00Z")),
        ("remove_at", json!("2022-02-01T10:00:00Z")),
        ("active_session", json!(null)),
        ("updated_at", changed.json["updated_at"].clone()),
    ] {
        expected[key] = value;
    }
    assert_eq!(changed.json, expected);

    let partial = json!({"max_members": 5, "description": null});
    let again = desk.ask("PUT", &path, Some(partial)).await.json;
    assert_eq!(
        (again["max_members"].clone(), again["description"].clone()),
        (json!(5), json!(null))
    );
    assert_eq!(again["display_name"], "The Lobby");
    assert_eq!(desk.ask("PUT", &path, Some(json!({}))).await.json["max_members"], 5);
}

#[tokio::test]
async fn all_that_is_wrong_is_listed_at_once_and_nothing_changes() {
    let desk = Desk::open().await;
    let made =
        desk.ask("POST", "/rooms", Some(json!({"name": "lobby", "join_from": 100}))).await.json;
    let path = format!("/rooms/{}", made["id"].as_str().unwrap());
    let wrong = json!({"max_members": 301, "display_name": "x".repeat(201), "join_until": 99});
    let refused = desk.ask("PUT", &path, Some(wrong)).await;
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        refused.errors(),
        [
            pair("display_name", "invalid_parameter"),
            pair("max_members", "invalid_parameter"),
            pair("join_until", "invalid_join_until_date"),
        ]
    );
    assert_eq!(
        refused.json["errors"][0],
        json!({
            "type": "validation_error", "code": "invalid_parameter",
            "message": "display_name must be at most 200 characters", "attribute": "display_name",
            "url": "/errors#invalid_parameter"
        })
    );
    let only = desk.ask("PUT", &path, Some(json!({"join_until": 99}))).await;
    assert_eq!(only.errors(), [pair("join_until", "invalid_join_until_date")]);
    assert_eq!(desk.get(&path).await.json, made);

    let twice = desk.ask("POST", "/rooms", Some(json!({"name": "lobby"}))).await;
    assert_eq!(twice.errors(), [pair("name", "not_unique_within_project")]);
    let nameless = desk.ask("POST", "/rooms", Some(json!({"quality": "8k"}))).await;
    assert_eq!(nameless.errors()[0], pair("name", "invalid_parameter"));
    assert_eq!(nameless.json["errors"][0]["message"], "Name must be present");
    assert_eq!(nameless.errors().len(), 2);
}

#[tokio::test]
async fn the_active_session_shows_where_it_should() {
    let desk = Desk::open().await;
    let room = desk.ask("POST", "/rooms", Some(json!({"name": "lobby"}))).await.json;
    let path = format!("/rooms/{}", room["id"].as_str().unwrap());
    let with = format!("{path}?include_active_session=true");
    assert_eq!(desk.get(&with).await.json["active_session"], json!(null));
    let row = run_session(&desk, &room).await;

    let shown = desk.get(&with).await.json["active_session"].clone();
    assert_eq!(
        shown,
        json!({
            "id": row.id.0, "room_id": room["id"], "name": "lobby", "display_name": "lobby",
            "join_from": null, "join_until": null, "remove_at": null,
            "remove_after_seconds_elapsed": null, "layout": "grid-responsive", "max_members": 20,
            "fps": 20, "quality": "720p", "start_time": "2023-11-14T22:13:20Z", "end_time": null,
            "duration": null, "status": "in-progress", "record_on_start": false,
            "enable_room_previews": false, "preview_url": null, "audio_video_sync": false,
            "sync_audio_video": false
        })
    );
    let lists = desk.get("/rooms?include_active_session=1").await.json;
    assert_eq!(lists["data"][0]["active_session"], shown);
    let change = json!({"max_members": 2, "layout": "3x3"});
    let changed = desk.ask("PUT", &path, Some(change)).await.json["active_session"].clone();
    assert_eq!(
        (changed["max_members"].clone(), changed["layout"].clone()),
        (json!(2), json!("grid-responsive"))
    );
    for plain in [desk.get(&path).await.json, desk.get("/rooms").await.json["data"][0].clone()] {
        assert!(!keys(&plain).contains(&"active_session"));
    }
}

#[tokio::test]
async fn a_deleted_room_is_gone_and_its_history_stays() {
    let desk = Desk::open().await;
    let room = desk.ask("POST", "/rooms", Some(json!({"name": "lobby"}))).await.json;
    let path = format!("/rooms/{}", room["id"].as_str().unwrap());
    let row = run_session(&desk, &room).await;
    let deleted = desk.ask("DELETE", &path, None).await;
    assert_eq!((deleted.status, deleted.json), (StatusCode::NO_CONTENT, Value::Null));
    for (method, body) in [("GET", None), ("PUT", Some(json!({}))), ("DELETE", None)] {
        assert_eq!(desk.ask(method, &path, body).await.status, StatusCode::NOT_FOUND);
    }
    let session = desk.get(&format!("/room_sessions/{}", row.id)).await.json;
    assert_eq!(session["room_id"], room["id"]);
}

#[tokio::test]
async fn a_name_that_looks_like_an_id_is_found_after_the_id() {
    let desk = Desk::open().await;
    let first = desk.ask("POST", "/rooms", Some(json!({"name": "first"}))).await.json;
    let name = first["id"].as_str().unwrap();
    let second = desk.ask("POST", "/rooms", Some(json!({ "name": name }))).await.json;
    assert_eq!(desk.get(&format!("/rooms/{name}")).await.json["name"], "first");
    let id = second["id"].as_str().unwrap();
    assert_eq!(desk.get(&format!("/rooms/{id}")).await.json["name"], name);
    desk.ask("DELETE", &format!("/rooms/{name}"), None).await;
    assert_eq!(desk.get(&format!("/rooms/{name}")).await.json["id"], second["id"]);
    assert_eq!(
        desk.ask("PUT", "/rooms/no-uuid", Some(json!({}))).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn another_projects_room_is_not_found() {
    let desk = Desk::open().await;
    let room = desk.ask("POST", "/rooms", Some(json!({"name": "lobby"}))).await.json;
    let row = run_session(&desk, &room).await;
    let (project, secret) = desk.stranger(&["video"]).await;
    let credentials = basic(project, &secret);
    let (id, session) = (room["id"].as_str().unwrap(), row.id);
    for (method, path) in [
        ("GET", format!("/rooms/{id}")),
        ("GET", "/rooms/lobby".into()),
        ("PUT", format!("/rooms/{id}")),
        ("DELETE", format!("/rooms/{id}")),
        ("GET", format!("/room_sessions/{session}")),
        ("GET", format!("/room_sessions/{session}/members")),
        ("GET", format!("/room_sessions/{session}/events")),
    ] {
        let answer = desk.send(method, &path, &credentials, b"{}".to_vec()).await;
        assert_eq!(
            (answer.status, answer.json),
            (StatusCode::NOT_FOUND, json!({"error": "Not Found"})),
            "{path}"
        );
    }
    for list in ["/rooms", "/room_sessions"] {
        let answer = desk.send("GET", list, &credentials, Vec::new()).await;
        assert_eq!(answer.json["data"], json!([]));
    }
    assert_eq!(desk.get(&format!("/rooms/{id}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn links_lead_through_the_list_and_back() {
    let desk = Desk::open().await;
    for n in 0..5 {
        let body = json!({"name": format!("room-{n}"), "join_from": 100 + n});
        desk.ask("POST", "/rooms", Some(body)).await;
    }
    let host = "http://rooms.test:7880/api/video";
    let first = "/rooms?page_size=2&starts_after=1970-01-01T00%3A01%3A41Z";
    let (mut seen, mut path, mut pages) = (Vec::new(), first.to_owned(), Vec::new());
    loop {
        let page = desk.get(&path).await.json;
        assert_eq!(page["links"]["self"], format!("{host}{path}"));
        let names = page["data"].as_array().unwrap().iter();
        seen.extend(names.map(|room| room["name"].as_str().unwrap().to_owned()));
        pages.push(page.clone());
        let Some(next) = page["links"].get("next") else { break };
        path = next.as_str().unwrap().strip_prefix(host).unwrap().to_owned();
    }
    assert_eq!(seen, ["room-4", "room-3", "room-2", "room-1"], "room-0 is filtered out");
    assert_eq!(pages.len(), 2);
    assert_eq!(keys(&pages[0]["links"]), ["self", "first", "next"]);
    assert_eq!(keys(&pages[1]["links"]), ["self", "first", "prev"]);
    let next = pages[0]["links"]["next"].as_str().unwrap();
    assert!(next.contains("page_number=1&page_size=2&page_token=PA"), "{next}");
    let back = pages[1]["links"]["prev"].as_str().unwrap().strip_prefix(host).unwrap();
    assert_eq!(desk.get(back).await.json["data"], pages[0]["data"]);
}

#[tokio::test]
async fn wrong_queries_are_listed_at_once() {
    let desk = Desk::open().await;
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let table = [
        ("/rooms?page_size=0", vec![pair("page_size", "invalid_parameter")]),
        ("/rooms?page_size=1001", vec![pair("page_size", "invalid_parameter")]),
        ("/rooms?page_number=-1", vec![pair("page_number", "invalid_parameter")]),
        ("/rooms?page_number=1", vec![pair("page_token", "page_token_required_for_next_page")]),
        ("/rooms?page_token=PAb3877c40da604998", vec![pair("page_token", "page_token_is_invalid")]),
        (
            "/rooms?starts_after=x&ends_before=y&page_size=z",
            vec![
                pair("starts_after", "not_a_datetime"),
                pair("ends_before", "not_a_datetime"),
                pair("page_size", "invalid_parameter"),
            ],
        ),
        (
            "/rooms/lobby?include_active_session=perhaps",
            vec![pair("include_active_session", "not_a_boolean")],
        ),
        (
            "/room_sessions?status=over&room_id=1",
            vec![pair("room_id", "invalid_parameter"), pair("status", "invalid_parameter")],
        ),
    ];
    for (path, expected) in table {
        assert_eq!(desk.get(path).await.errors(), expected, "{path}");
    }
    for path in
        ["/rooms?page_size=1", "/rooms?page_size=1000", "/rooms?page_size=&starts_after=1700000000"]
    {
        assert_eq!(desk.get(path).await.status, StatusCode::OK, "{path}");
    }
}
