//! A leg once it is there: trickled candidates, restarts, its end, and who may touch it.

use super::*;

#[tokio::test]
async fn candidates_are_taken_for_the_present_ice_session_and_a_new_user_name_begins_the_next() {
    let stage = Stage::open().await;
    for door in ["/whep", "/whip"] {
        stage.engine.renewed.lock().unwrap().clear();
        let leg = stage.leg(door, json!({})).await;
        let trickled = fragment("them1") + "a=candidate:1 1 udp 1 h.local 9 typ host\r\n";
        let answer = stage.patch(&leg, "\"1\"", &trickled).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!((answer.header(header::ETAG), answer.text.as_str()), ("", ""));

        let restarted = stage.patch(&leg, "*", &fragment("them2")).await;
        assert_eq!(restarted.status, StatusCode::OK, "{}", restarted.text);
        assert_eq!(restarted.header(header::ETAG), "\"2\"");
        assert_eq!(restarted.header(header::CONTENT_TYPE), FRAGMENT);
        assert!(
            restarted.text.contains("a=ice-ufrag:ours2\r\n") && !restarted.text.contains("v=0")
        );
        let renewed = stage.engine.renewed.lock().unwrap().last().cloned().unwrap();
        assert_eq!(renewed.matches("a=ice-ufrag:them2\r\n").count(), 1);
        assert!(renewed.contains("a=fingerprint") && !renewed.contains("them1"));

        let table = [
            ("\"1\"", fragment("them2"), 412),
            ("\"1\"", fragment("them3"), 412),
            ("W/\"2\"", fragment("them2"), 412),
            ("\"7\", \"2\"", fragment("them2"), 204),
            ("*", "a=ice-ufrag:them3\r\n".to_owned(), 400),
            ("*", "v=0\r\n".to_owned(), 400),
            ("\"*\"", fragment("them3"), 200),
            ("\"3\"", fragment("them4"), 200),
        ];
        for (tag, body, status) in table {
            let answer = stage.patch(&leg, tag, &body).await;
            assert_eq!(answer.status.as_u16(), status, "{tag} {body}");
        }
        let no_tag = ("PATCH", leg.as_str(), &[("content-type", FRAGMENT)][..]);
        assert_eq!(stage.send(no_tag, fragment("them4")).await.status.as_u16(), 428);
        let no_type = ("PATCH", leg.as_str(), &[("if-match", "*")][..]);
        assert_eq!(stage.send(no_type, fragment("them4")).await.status.as_u16(), 415);
    }
}

#[tokio::test]
async fn a_restart_that_fails_leaves_the_leg_as_it_was() {
    let stage = Stage::open().await;
    let leg = stage.leg("/whip", json!({})).await;
    *stage.engine.refusal.lock().unwrap() = Some(EngineRefusal::Busy("busy".into()));
    assert_eq!(stage.patch(&leg, "*", &fragment("them2")).await.status.as_u16(), 503);
    assert_eq!(stage.patch(&leg, "\"1\"", &fragment("them1")).await.status.as_u16(), 204);
}

#[tokio::test]
async fn a_leg_is_gone_with_its_resource_whoever_ends_it() {
    let stage = Stage::open().await;
    for door in ["/whep", "/whip"] {
        let ended = stage.leg(door, json!({})).await;
        assert_eq!(stage.get(&ended).await, StatusCode::NO_CONTENT);
        let leg = stage.engine.asked.lock().unwrap().last().unwrap().leg;
        let answer = stage.send(("DELETE", &ended, &[("if-match", "\"9\"")]), "").await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, ""));
        assert!(stage.engine.released.lock().unwrap().contains(&leg));

        let never_up = stage.post(door, &stage.token(json!({})).await, &offer(door)).await;
        let never_up = never_up.header(header::LOCATION).to_owned();
        let asked = stage.engine.asked.lock().unwrap().last().cloned().unwrap();
        stage.listener.happened(asked.session, Outcome::NeverConnected(asked.leg));
        while stage.get(&never_up).await != StatusCode::NOT_FOUND {
            tokio::task::yield_now().await;
        }
        for gone in [&ended, &never_up, &format!("{door}/nonsense")] {
            assert_eq!(stage.get(gone).await, StatusCode::NOT_FOUND);
            assert_eq!(stage.patch(gone, "*", &fragment("x")).await.status, StatusCode::NOT_FOUND);
            let again = stage.send(("DELETE", gone, &[]), "").await;
            assert_eq!(again.problem()["status"], 404);
        }
    }
    assert_eq!(stage.desk.hub.load().1, 0, "nothing is remembered");
}

#[tokio::test]
async fn nobody_touches_a_leg_by_another_rooms_token_another_door_or_a_connections_name() {
    let stage = Stage::open().await;
    let leg = stage.leg("/whep", json!({})).await;
    let own = stage.token(json!({"user_name": "Ben"})).await;
    let other = stage.token(json!({"room_name": "other"})).await;
    for (credentials, status) in [
        (format!("Bearer {other}"), 403),
        (format!("Bearer {own}x"), 401),
        ("Basic YTpi".to_owned(), 401),
    ] {
        let headers = [("authorization", credentials.as_str())];
        assert_eq!(stage.send(("DELETE", &leg, &headers), "").await.status.as_u16(), status);
    }
    let elsewhere = leg.replace("/whep", "/whip");
    assert_eq!(stage.get(&elsewhere).await, StatusCode::NOT_FOUND);
    let connection = ConnectRequest {
        credential: Credential::RoomToken(own.clone()),
        protocol: None,
        authorization_state: None,
        origin: None,
        was_refused: false,
        is_renewal: false,
        address: None,
    };
    let link = stage.desk.hub.connect(connection.clone()).await.unwrap();
    assert_eq!(stage.get(&format!("/whep/{}", link.protocol)).await, StatusCode::NOT_FOUND);
    // Nor does a connection take a leg up by its address.
    let id = leg.rsplit('/').next().unwrap().to_owned();
    let taken = stage.desk.hub.connect(ConnectRequest { protocol: Some(id), ..connection }).await;
    assert!(taken.is_err());
    let bearer = format!("Bearer {own}");
    let ended = stage.send(("DELETE", &leg, &[("authorization", &bearer)]), "").await;
    assert_eq!(ended.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_of_any_origin_may_call_and_read_what_they_need() {
    let stage = Stage::open().await;
    let leg = stage.leg("/whep", json!({})).await;
    for (path, name, kind) in [
        ("/whep", "accept-post", SDP),
        ("/whip", "accept-post", SDP),
        (&leg, "accept-patch", FRAGMENT),
    ] {
        let asked = [("origin", "https://any.example"), ("access-control-request-method", "PATCH")];
        let answer = stage.send(("OPTIONS", path, &asked), "").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header(name), kind);
        assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
        for wanted in ["POST", "PATCH", "DELETE"] {
            assert!(answer.header(header::ACCESS_CONTROL_ALLOW_METHODS).contains(wanted));
        }
        for wanted in ["authorization", "content-type", "if-match"] {
            assert!(answer.header(header::ACCESS_CONTROL_ALLOW_HEADERS).contains(wanted));
        }
        let exposed = stage.send(("GET", path, &asked), "").await;
        assert_eq!(exposed.status, StatusCode::NO_CONTENT);
        for wanted in ["location", "etag", "link"] {
            assert!(exposed.header(header::ACCESS_CONTROL_EXPOSE_HEADERS).contains(wanted));
        }
        let put = stage.send(("PUT", path, &[]), "").await;
        assert_eq!(put.problem()["status"], 405);
        assert!(!put.header(header::ALLOW).is_empty());
    }
}

#[tokio::test]
async fn one_token_that_only_sends_offers_keeps_nobody_out_and_takes_no_more_than_its_own_places() {
    let stage = Stage::open().await;
    stage.desk.ask("POST", "/rooms", Some(json!({"name": "small", "max_members": 3}))).await;
    let small = json!({"room_name": "small"});
    let mal = stage.token(small.clone()).await;
    for _ in 0..3 {
        assert_eq!(stage.post("/whip", &mal, &offer("/whip")).await.status, StatusCode::CREATED);
    }
    let full = stage.post("/whip", &mal, &offer("/whip")).await;
    assert_eq!(
        (full.status.as_u16(), full.problem()["detail"].as_str()),
        (403, Some("Room is full"))
    );
    // Two others come in at once, for two of those three give way.
    stage.leg("/whip", small.clone()).await;
    stage.leg("/whip", small).await;
    // Where nothing is full, the oldest of the token's own offers give way.
    let watching = stage.token(json!({"join_as": "audience"})).await;
    let before = stage.engine.released.lock().unwrap().len();
    for _ in 0..40 {
        let sent = stage.post("/whep", &watching, &offer("/whep")).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    }
    let released = stage.engine.released.lock().unwrap()[before..].to_vec();
    let asked: Vec<_> = stage.engine.asked.lock().unwrap().iter().map(|leg| leg.leg).collect();
    let oldest = &asked[asked.len() - 40..][..8];
    assert!(oldest.iter().all(|leg| released.contains(leg)), "{released:?}");
    assert!(!released.contains(asked.last().unwrap()));
}
