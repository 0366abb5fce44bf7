//! What surrounds all routes: credentials, wrong bodies, CORS, tokens, history, the API document.

use crate::common::{Desk, basic};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::{StreamExt, stream};
use rotunda_domain::{MemberId, RoomId, RoomSettings, SessionId};
use rotunda_doorway::{Scheme, Site};
use rotunda_hub::HubOptions;
use rotunda_rest::RestOptions;
use rotunda_store::{EventRow, HistoryWrite, MemberRow, SessionRow, SessionStatus};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

const ROUTES: [(&str, &str); 47] = [
    ("get", "/rooms"),
    ("post", "/rooms"),
    ("get", "/rooms/{id}"),
    ("put", "/rooms/{id}"),
    ("delete", "/rooms/{id}"),
    ("post", "/room_tokens"),
    ("get", "/room_sessions"),
    ("get", "/room_sessions/{id}"),
    ("get", "/room_sessions/{id}/members"),
    ("get", "/room_sessions/{id}/events"),
    ("get", "/room_sessions/{id}/network_quality"),
    ("get", "/room_sessions/{id}/live"),
    ("post", "/room_sessions/{id}/actions"),
    ("get", "/layouts"),
    ("get", "/room_sessions/{id}/recordings"),
    ("get", "/room_recordings"),
    ("get", "/room_recordings/{id}"),
    ("delete", "/room_recordings/{id}"),
    ("get", "/room_recordings/{id}/events"),
    ("get", "/rooms/{id}/streams"),
    ("post", "/rooms/{id}/streams"),
    ("get", "/streams/{id}"),
    ("put", "/streams/{id}"),
    ("delete", "/streams/{id}"),
    ("get", "/rooms/{id}/links"),
    ("post", "/rooms/{id}/links"),
    ("delete", "/links/{id}"),
    ("get", "/conferences"),
    ("post", "/conferences"),
    ("get", "/conferences/{id}"),
    ("put", "/conferences/{id}"),
    ("delete", "/conferences/{id}"),
    ("get", "/conferences/{id}/streams"),
    ("post", "/conferences/{id}/streams"),
    ("get", "/conferences/{id}/conference_tokens"),
    ("get", "/conference_tokens/{id}"),
    ("post", "/conference_tokens/{id}/reset"),
    ("get", "/logs"),
    ("get", "/logs/{id}"),
    ("get", "/webhooks"),
    ("post", "/webhooks"),
    ("get", "/webhooks/{id}"),
    ("put", "/webhooks/{id}"),
    ("delete", "/webhooks/{id}"),
    ("post", "/webhooks/{id}/secret"),
    ("get", "/webhooks/{id}/deliveries"),
    ("post", "/webhooks/{id}/replay"),
];

#[tokio::test]
async fn a_body_that_does_not_come_is_waited_for_no_longer_than_the_door_allows() {
    let rest = RestOptions { body_within: Duration::from_millis(50), ..RestOptions::default() };
    let desk = Desk::with(HubOptions::default(), rest).await;
    let bodied = |(method, path): &(&str, &str)| {
        ["post", "put"].contains(method) && !path.ends_with("/reset")
    };
    for (method, path) in ROUTES.into_iter().filter(bodied) {
        let begun = stream::iter([Ok::<_, std::io::Error>("{\"name\":")]).chain(stream::pending());
        let name = format!("{method}{path}").replace(['/', '{', '}'], "-");
        let room = desk.ask("POST", "/rooms", Some(json!({"name": name}))).await;
        let path = path.replace("{id}", room.json["id"].as_str().unwrap());
        let request = Request::builder()
            .method(method.to_uppercase().as_str())
            .uri(format!("/api/video{path}"))
            .header(header::AUTHORIZATION, basic(desk.project, &desk.secret))
            .body(Body::from_stream(begun))
            .unwrap();
        let answer = desk.raw(request).await;
        let expected = (StatusCode::REQUEST_TIMEOUT, json!({"error": "Request Timeout"}));
        assert_eq!((answer.status, answer.json), expected, "{method} {path}");
    }
}

#[tokio::test]
async fn nobody_gets_past_the_door_without_a_token_of_scope_video() {
    let desk = Desk::open().await;
    let (other, others_secret) = desk.stranger(&["video"]).await;
    let (blind, blind_secret) = desk.stranger(&["chat", "management"]).await;
    let revoked = desk.store.create_api_token(desk.project, &["video".into()]).await.unwrap();
    desk.store.revoke_api_token(revoked.row.id).await.unwrap();
    let credentials = [
        String::new(),
        "Basic".into(),
        format!("Bearer {}", desk.secret),
        basic(desk.project, ""),
        basic(desk.project, &others_secret),
        basic(other, &desk.secret),
        basic("nobody", &desk.secret),
        basic(Uuid::nil(), &desk.secret),
        basic(blind, &blind_secret),
        basic(desk.project, &revoked.secret),
    ];
    for (method, path) in ROUTES {
        let path = path.replace("{id}", &Uuid::nil().to_string());
        for credentials in &credentials {
            let answer = desk.send(&method.to_uppercase(), &path, credentials, b"[".to_vec()).await;
            let is_scopeless = *credentials == basic(blind, &blind_secret);
            let expected = match path.starts_with("/logs") && is_scopeless {
                true => (StatusCode::FORBIDDEN, json!({"error": "Forbidden"})),
                false => (StatusCode::UNAUTHORIZED, json!({"error": "Unauthorized"})),
            };
            assert_eq!((answer.status, answer.json), expected, "{method} {path} {credentials}");
        }
    }
    let capital = desk.stranger(&["Video"]).await;
    let answer = desk.send("GET", "/rooms", &basic(capital.0, &capital.1), Vec::new()).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn wrong_requests_get_json_that_says_so() {
    let desk = Desk::open().await;
    let deep = format!("{{\"meta\":{}", "[".repeat(100_000));
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(256 * 1024));
    let table: [(&str, &str, &[u8], StatusCode, &str); 12] = [
        ("POST", "/rooms", b"{", StatusCode::BAD_REQUEST, "Bad Request"),
        ("POST", "/rooms", b"", StatusCode::BAD_REQUEST, "Bad Request"),
        ("POST", "/rooms", b"{\"name\":\"\xff\"}", StatusCode::BAD_REQUEST, "Bad Request"),
        ("POST", "/rooms", deep.as_bytes(), StatusCode::BAD_REQUEST, "Bad Request"),
        ("POST", "/rooms", large.as_bytes(), StatusCode::PAYLOAD_TOO_LARGE, "Payload Too Large"),
        ("PATCH", "/rooms", b"", StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
        ("DELETE", "/room_tokens", b"", StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
        ("GET", "/nothing", b"", StatusCode::NOT_FOUND, "Not Found"),
        ("GET", "/rooms/%ff", b"", StatusCode::NOT_FOUND, "Not Found"),
        ("GET", "/rooms/no-such", b"", StatusCode::NOT_FOUND, "Not Found"),
        ("GET", "/room_sessions/no-uuid", b"", StatusCode::NOT_FOUND, "Not Found"),
        (
            "GET",
            "/room_sessions/00000000-0000-0000-0000-000000000000/members",
            b"",
            StatusCode::NOT_FOUND,
            "Not Found",
        ),
    ];
    let ours = basic(desk.project, &desk.secret);
    for (method, path, body, status, text) in table {
        let mut answer = desk.send(method, path, &ours, body.to_vec()).await;
        // What is wrong with a body is said beside the word.
        if status == StatusCode::BAD_REQUEST {
            let said = answer.json.as_object_mut().and_then(|json| json.remove("message"));
            assert!(said.is_some_and(|said| said.is_string()), "{method} {path}");
        }
        assert_eq!(
            (answer.status, answer.json),
            (status, json!({ "error": text })),
            "{method} {path}"
        );
    }
    for body in ["[]", "5", "null", "\"x\""] {
        let answer = desk.send("POST", "/rooms", &ours, body.into()).await;
        assert_eq!(answer.errors(), [("-".to_owned(), "not_a_hash".to_owned())], "{body}");
    }
    // A form of ours that is odd but whole.
    let odd =
        desk.send("POST", "/rooms", &ours, b" {\"name\":\"a\", \"name\":\"b\"} ".to_vec()).await;
    assert_eq!(odd.status, StatusCode::OK);
}

#[tokio::test]
async fn any_page_may_call() {
    let desk = Desk::open().await;
    let preflight = Request::builder()
        .method("OPTIONS")
        .uri("/api/video/rooms/x")
        .header(header::ORIGIN, "https://app.example")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "PUT")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type")
        .body(Body::empty())
        .unwrap();
    let answer = desk.raw(preflight).await;
    assert_eq!(answer.status, StatusCode::OK);
    let value = |name| answer.headers[name].to_str().unwrap().to_lowercase();
    assert_eq!(value(header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    assert!(value(header::ACCESS_CONTROL_ALLOW_METHODS).contains("put"));
    assert!(value(header::ACCESS_CONTROL_ALLOW_HEADERS).contains("authorization"));
    assert!(value(header::ACCESS_CONTROL_ALLOW_HEADERS).contains("content-type"));
    let refused = desk.send("GET", "/rooms", "", Vec::new()).await;
    assert_eq!(refused.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(refused.headers.contains_key(header::WWW_AUTHENTICATE));
}

#[tokio::test]
async fn links_begin_with_the_public_base_when_there_is_one_and_repeat_no_strange_host() {
    let rest = RestOptions {
        public_base: Some("https://rooms.example/".into()),
        ..RestOptions::default()
    };
    let desk = Desk::with(HubOptions::default(), rest).await;
    let first = desk.get("/rooms").await.json["links"]["first"].clone();
    assert_eq!(first, "https://rooms.example/api/video/rooms?page_number=0&page_size=50");

    let desk = Desk::open().await;
    let evil = [(header::HOST, "evil\"><script>".parse().unwrap())].into_iter().collect();
    let request = Request::builder()
        .uri("/api/video/rooms")
        .header(header::AUTHORIZATION, basic(desk.project, &desk.secret))
        .extension(Site::of(Scheme::Https, &evil))
        .body(Body::empty())
        .unwrap();
    assert_eq!(desk.raw(request).await.json["links"]["self"], "https://localhost/api/video/rooms");
}

#[tokio::test]
async fn a_token_is_a_jwt_that_the_hub_opens() {
    let public_url = Some("wss://rooms.example".to_owned());
    let desk =
        Desk::with(HubOptions { public_url, ..HubOptions::default() }, RestOptions::default())
            .await;
    let body = json!({"room_name": "lobby", "user_name": "Ada", "permissions": ["room.lock"],
        "join_until": "2030-01-01", "meta": {"a": 1}});
    let made = desk.ask("POST", "/room_tokens", Some(body)).await;
    assert_eq!(made.status, StatusCode::OK);
    let token = made.json["token"].as_str().unwrap();
    let header = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(header, json!({"typ": "VRT", "alg": "HS512", "ch": "wss://rooms.example"}));
    let grant = desk.hub.open_room_token(token, 1_800_000_000).await.unwrap();
    assert_eq!((grant.project, grant.user_name.as_str()), (desk.project, "Ada"));
    assert_eq!(grant.permissions.as_slice(), ["room.lock"]);
    assert_eq!(grant.window.join_until, Some(1_893_456_000));

    let wrong = json!({"permissions": ["room.fly"], "join_as": "king"});
    let errors = desk.ask("POST", "/room_tokens", Some(wrong)).await;
    let messages: Vec<_> = errors.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["message"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        messages,
        [
            "room_name must be present",
            "permissions contains an invalid entry",
            "join_as must be one of member, audience",
        ]
    );
}

#[tokio::test]
async fn the_largest_legal_token_is_opened() {
    let desk = Desk::open().await;
    let meta = |key: &str| json!({ key: "\u{1F600}".repeat(2000 - 8) });
    let body = json!({"room_name": "r".repeat(100), "user_name": "\u{1F600}".repeat(100),
        "room_display_name": "\u{1F600}".repeat(200), "meta": meta("k"), "room_meta": meta("k"),
        "permissions": vec!["room.self.set_input_sensitivity"; 100]});
    let made = desk.ask("POST", "/room_tokens", Some(body)).await;
    let token = made.json["token"].as_str().expect("a token");
    assert!(desk.hub.open_room_token(token, 0).await.is_ok(), "{} characters", token.len());
}

#[tokio::test]
async fn history_is_listed_with_every_key() {
    let desk = Desk::open().await;
    let project = desk.project;
    let row = SessionRow {
        id: SessionId(Uuid::new_v4()),
        project,
        room: RoomId(Uuid::new_v4()),
        auto_created: true,
        settings: RoomSettings::named("lobby"),
        fps: 20,
        locked: true,
        status: SessionStatus::InProgress,
        start_ms: 1_000,
        end_ms: None,
        created_at_ms: 1_000,
        updated_at_ms: 1_000,
    };
    let member = MemberId(Uuid::new_v4());
    let ada = MemberRow {
        id: member,
        session: row.id,
        name: "Ada".into(),
        kind: "member".into(),
        join_ms: 2_000,
        leave_ms: None,
    };
    let event = |name: &str, at: i64| EventRow {
        session: Some(row.id),
        room: Some(row.room),
        member: Some(member),
        ..EventRow::new(project, name, json!({"x": 1}), at)
    };
    desk.store
        .keep(&[
            HistoryWrite::SessionStarted(Box::new(row.clone()), event("room.started", 1_000)),
            HistoryWrite::MemberJoined(project, ada, event("member.joined", 2_000)),
            HistoryWrite::SessionEnded {
                project,
                session: row.id,
                at_ms: 9_900,
                event: event("room.ended", 9_900),
            },
        ])
        .await
        .unwrap();

    let shown = desk.get(&format!("/room_sessions/{}", row.id)).await.json;
    assert_eq!(
        shown,
        json!({
            "id": row.id.0, "room_id": null, "name": "lobby", "display_name": "lobby",
            "join_from": null, "join_until": null, "remove_at": null,
            "remove_after_seconds_elapsed": null, "layout": "grid-responsive", "max_members": 20,
            "fps": 20, "quality": "720p", "start_time": "1970-01-01T00:00:01Z",
            "end_time": "1970-01-01T00:00:09Z", "duration": 8, "status": "completed",
            "record_on_start": false, "enable_room_previews": false, "preview_url": null,
            "tone_on_entry_and_exit": true, "room_join_video_off": false,
            "user_join_video_off": false, "locked": true, "created_at": "1970-01-01T00:00:01Z",
            "updated_at": "1970-01-01T00:00:09Z", "prioritize_handraise": false,
            "sync_audio_video": null, "audio_video_sync": null, "cost_in_dollars": 0.0,
            "locked_cover": null
        })
    );
    assert_eq!(desk.get("/room_sessions?status=completed").await.json["data"], json!([shown]));
    assert_eq!(desk.get("/room_sessions?status=in-progress").await.json["data"], json!([]));
    assert_eq!(desk.get("/room_sessions?room_name_matches=OBB").await.json["data"], json!([shown]));
    let members = desk.get(&format!("/room_sessions/{}/members", row.id)).await.json;
    assert_eq!(
        members["data"],
        json!([{
            "id": member.0, "room_session_id": row.id.0, "name": "Ada",
            "join_time": "1970-01-01T00:00:02Z", "leave_time": "1970-01-01T00:00:09Z", "duration": 7,
            "cost_in_dollars": 0.0
        }])
    );
    let events = desk.get(&format!("/room_sessions/{}/events", row.id)).await.json;
    let mut newest = events["data"][0].clone();
    assert!(newest["id"].as_str().unwrap().parse::<Uuid>().is_ok());
    newest["id"] = json!("…");
    assert_eq!(
        newest,
        json!({
            "id": "…", "project_id": project.0, "room_id": row.room.0, "room_session_id": row.id.0,
            "room_participant_id": member.0, "level": "info", "name": "room.ended",
            "payload": {"x": 1}, "created_at": "1970-01-01T00:00:09Z"
        })
    );
}

#[tokio::test]
async fn layouts_are_listed_with_their_cells_as_drawn() {
    let desk = Desk::open().await;
    let layouts = desk.get("/layouts").await.json["data"].as_array().unwrap().clone();
    assert_eq!(layouts.len(), 24);
    let two = layouts.iter().find(|l| l["name"] == "2x1").unwrap();
    assert_eq!(
        two["arrangements"][0]["layers"][1],
        json!({
            "layer_index": 1, "z_index": 0, "reservation": "standard-2",
            "x": 50.3125, "y": 25.5556, "width": 49.6875, "height": 49.4444
        })
    );
    let grid = &layouts[0]["arrangements"];
    assert_eq!((&grid[5]["from_people"], &grid[5]["to_people"]), (&json!(6), &json!(9)));
    assert_eq!(layouts.iter().filter(|l| l["initial"] == true).count(), 13);
}

#[tokio::test]
async fn the_api_document_names_every_route_and_every_key() {
    let document = serde_json::to_value(rotunda_rest::document()).unwrap();
    let mut documented = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            documented.insert((method.clone(), path.clone()));
        }
    }
    let routes = ROUTES.map(|(method, path)| (method.to_owned(), format!("/api/video{path}")));
    let missing: Vec<_> = routes.iter().filter(|route| !documented.contains(*route)).collect();
    assert!(missing.is_empty(), "{missing:?}");

    let desk = Desk::open().await;
    let made = desk.ask("POST", "/rooms", Some(json!({"name": "lobby"}))).await.json;
    let path = format!("/rooms/{}", made["id"].as_str().unwrap());
    let changed = desk.ask("PUT", &path, Some(json!({}))).await.json;
    let names =
        |object: &Value| object.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let schemas = &document["components"]["schemas"];
    assert_eq!(names(&schemas["Room"]["properties"]), names(&changed));
}

#[tokio::test]
async fn every_documented_field_of_a_request_is_read() {
    let document = serde_json::to_value(rotunda_rest::document()).unwrap();
    let desk = Desk::open().await;
    let made = desk.ask("POST", "/rooms", Some(json!({"name": "lobby"}))).await.json;
    let room = format!("/rooms/{}", made["id"].as_str().unwrap());
    let made = desk.ask("POST", "/conferences", Some(json!({"display_name": "Hall"}))).await.json;
    let conference = format!("/conferences/{}", made["id"].as_str().unwrap());
    let (streams, links) = (format!("{room}/streams"), format!("{room}/links"));
    let hook = desk.ask("POST", "/webhooks", Some(json!({"url": "https://a.test/"}))).await.json;
    let hook = format!("/webhooks/{}", hook["id"].as_str().unwrap());
    let (secret, replay) = (format!("{hook}/secret"), format!("{hook}/replay"));
    let requests = [
        ("CreateRoom", "POST", "/rooms", 25),
        ("UpdateRoom", "PUT", room.as_str(), 24),
        ("CreateRoomToken", "POST", "/room_tokens", 19),
        ("StreamBody", "POST", streams.as_str(), 1),
        ("LinkBody", "POST", links.as_str(), 3),
        ("LinkTokenBody", "POST", "/link_tokens", 3),
        ("CreateConference", "POST", "/conferences", 25),
        ("UpdateConference", "PUT", conference.as_str(), 24),
        ("WebhookBody", "POST", "/webhooks", 4),
        ("WebhookBody", "PUT", hook.as_str(), 4),
        ("WebhookSecretBody", "POST", secret.as_str(), 1),
        ("WebhookReplayBody", "POST", replay.as_str(), 1),
    ];
    for (schema, method, path, count) in requests {
        let fields = document["components"]["schemas"][schema]["properties"].as_object().unwrap();
        assert_eq!(fields.len(), count, "{schema}");
        for field in fields.keys() {
            // No field takes a list holding a list.
            let wrong = json!({"name": "x", "room_name": "x", field: [[]]});
            let refused = desk.ask(method, path, Some(wrong)).await.errors();
            assert!(refused.iter().any(|(attribute, _)| attribute == field), "{schema} {field}");
        }
    }
}
