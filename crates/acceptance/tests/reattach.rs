//! Coming back: a socket that was away, a page that was reloaded, somebody who only claims to be.
#![allow(clippy::unwrap_used)] // helpers of tests, outside #[test] functions

use rotunda_acceptance::client::{
    Camera, Client, ClientError, Content, Event, Frame, Journal, Receive, Rect, Resume, Signal,
    Yuv, mean_of,
};
use rotunda_acceptance::{Room, Stack, observe};
use serde_json::{Value, json};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);
const BEFORE: Yuv = Yuv::from_rgb(40, 60, 200);
const AFTER: Yuv = Yuv::from_rgb(200, 60, 40);

fn lively(colour: Yuv) -> Camera {
    Camera::new(Content::Lively(colour))
}

fn kinds(client: &Client, from: u64) -> Vec<String> {
    client.journal().since(from).into_iter().map(|e| e.kind).collect()
}

/// Waits until a client was told of its own coming, the last thing it is told of it.
async fn settled(client: &Client) -> u64 {
    let is_own = |e: &Event| e.text("/member/id") == client.member_id();
    client.event(0, "video.member.joined", WITHIN, is_own).await.unwrap();
    client.journal().mark()
}

/// Nobody was told that somebody came or went.
fn assert_quiet(client: &Client, from: u64) {
    let reported = kinds(client, from);
    let moved = ["video.member.joined", "video.member.left"];
    assert!(!reported.iter().any(|kind| moved.contains(&kind.as_str())), "{reported:?}");
}

async fn mute(client: &Client, is_muted: bool) {
    let method = if is_muted { "video.member.video_mute" } else { "video.member.video_unmute" };
    client.rpc(method, json!({"member_id": client.member_id()})).await.unwrap();
}

fn is_muted_video(event: &Event, who: &Client, is: bool) -> bool {
    event.text("/member/id") == who.member_id()
        && event.get("/member/video_muted").and_then(|v| v.as_bool()) == Some(is)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_that_was_away_misses_nothing_and_nobody_notices() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "away", json!({})).await;
    let mut ann = room.join(room.member("Ann").await.camera(lively(BEFORE))).await;
    let ben = room.join(room.member("Ben").await.camera(lively(AFTER))).await;
    let ids = |e: &Event| e.text("/member/id") == ben.member_id();
    ann.event(0, "video.member.joined", WITHIN, ids).await.unwrap();
    let (seat, resume) = (ann.seat().clone(), ann.resume());
    let (ann_mark, ben_mark) = (ann.journal().mark(), settled(&ben).await);

    // The answer comes after the server has read that she has seen everything so far; what it does
    // not know to be seen it would send again, as it should.
    ann.rpc("video.members.get", json!({})).await.unwrap();
    ann.drop_socket();
    stack.until_metric("rotunda_sockets", |n| n == 1.0).await;
    mute(&ben, true).await;
    mute(&ben, false).await;
    let (from, to) = observe(Duration::from_secs(2)).await;
    let pictures = ann.leg().look(|f| f.pictures.arrivals.between(from, to));
    assert!(pictures > 10, "media goes on without a socket: {pictures}");

    let result = ann.reconnect(&resume).await.unwrap();
    assert_eq!(result["protocol"], resume.protocol);
    let updated = "video.member.updated";
    let muted = ann.event(ann_mark, updated, WITHIN, |e| is_muted_video(e, &ben, true)).await;
    let after = muted.unwrap().number;
    ann.event(after, updated, WITHIN, |e| is_muted_video(e, &ben, false)).await.unwrap();
    let members = ann.rpc("video.members.get", json!({})).await.unwrap();
    assert_eq!(members["members"].as_array().map(Vec::len), Some(2));
    // What comes from now on comes to the new socket.
    let mark = ann.journal().mark();
    mute(&ben, true).await;
    ann.event(mark, updated, WITHIN, |e| is_muted_video(e, &ben, true)).await.unwrap();

    assert_quiet(&ben, ben_mark);
    assert_quiet(&ann, ann_mark);
    let again = kinds(&ann, ann_mark);
    assert!(!again.contains(&"video.room.subscribed".to_owned()), "{again:?}");
    assert_eq!(ann.seat().member_id, seat.member_id);
    assert!(ann.hung_up().is_none() && ann.leg().look(|f| f.closed_at.is_none()));
    drop((ann, ben));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_authorization_state_binds_nothing() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "thief", json!({})).await;
    let ann = room.join(room.member("Ann").await.camera(lively(BEFORE))).await;
    let ben = room.join(room.member("Ben").await).await;
    let mark = settled(&ben).await;
    for state in [Some("not the one".to_owned()), None] {
        let claim = Resume { authorization_state: state, ..ann.resume() };
        // A socket that only claims hears nothing.
        let journal = Journal::default();
        let thief = Signal::open(&stack.ws(), journal.clone()).await.unwrap();
        let options = room.member("Thief").await;
        let mut hello = json!({"version": {"major": 3, "minor": 0, "revision": 0},
            "authentication": {"jwt_token": options.token}, "protocol": claim.protocol});
        if let Some(state) = &claim.authorization_state {
            hello["authorization_state"] = json!(state);
        }
        let result = thief.rpc("signalwire.connect", hello).await.unwrap();
        assert_ne!(result["protocol"], claim.protocol, "it is another connection");
        let of_ann = ann.journal().mark();
        mute(&ann, true).await;
        mute(&ann, false).await;
        let updated = "video.member.updated";
        ann.event(of_ann, updated, WITHIN, |e| is_muted_video(e, &ann, false)).await.unwrap();
        let session = json!({"room_session_id": ann.seat().room_session_id});
        assert!(thief.rpc("video.members.get", session).await.is_err());
        let heard = journal.since(0);
        assert!(!heard.iter().any(|e| e.kind.starts_with("video.")), "{heard:?}");

        // Nor does its call take anything over.
        let joined = Client::join(room.member("Thief").await.resume(claim)).await;
        match joined.err().expect("the call is not taken") {
            ClientError::Bye { code, cause } => {
                assert_eq!((code.as_str(), cause.as_str()), ("27", "DESTINATION_OUT_OF_ORDER"));
            }
            ClientError::Refused(refused) => assert_eq!(refused.code, "27", "{refused:?}"),
            other => panic!("{other}"),
        }
    }
    assert_quiet(&ben, mark);
    let unknown = Resume { call_id: Some("another call".into()), ..ann.resume() };
    drop(ann);
    let joined = Client::join(room.member("Ann").await.resume(unknown)).await;
    match joined.err().expect("an unknown call is not taken") {
        ClientError::Bye { code, cause } => {
            assert_eq!((code.as_str(), cause.as_str()), ("81", "INVALID_CALL_REFERENCE"));
        }
        other => panic!("{other}"),
    }
    drop(ben);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reloaded_page_keeps_its_seat_and_alone_hears_of_it() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "reload", json!({})).await;
    let ann = room.join(room.member("Ann").await.camera(lively(BEFORE))).await;
    let ben = room.join(room.member("Ben").await.receive(Receive::look())).await;
    let (id, resume) = (ann.member_id().to_owned(), ann.resume());
    let shows = |colour: Yuv| {
        let id = id.clone();
        move |c: &Client| {
            let cell = c.place_of(&id, (1280, 720), (640, 360))?;
            let seen = c.leg().look_at_picture(|frame| mean_of(frame.view(), cell))?;
            (seen.u.abs_diff(colour.u) < 16 && seen.v.abs_diff(colour.v) < 16).then_some(())
        }
    };
    ben.until("Ann as she was", WITHIN, shows(BEFORE)).await.unwrap();
    let mark = settled(&ben).await;
    drop(ann);

    let options = room.member("Ann").await.camera(lively(AFTER)).resume(resume.clone());
    let ann = room.join(options).await;
    assert_eq!(ann.member_id(), id, "the same member");
    assert_eq!(ann.connected()["protocol"], resume.protocol);
    assert_eq!(ann.seat().subscribed["call_id"].as_str(), resume.call_id.as_deref());
    let members = ann.seat().subscribed["room_session"]["members"].as_array().map(Vec::len);
    assert_eq!(members, Some(2));
    ben.until("Ann as she is", WITHIN, shows(AFTER)).await.unwrap();
    let sees = |c: &Client| c.leg().look(|f| f.pictures.first.map(|first| first.keyframe));
    assert!(ann.until("a picture", WITHIN, sees).await.unwrap(), "beginning with a key frame");
    assert_quiet(&ben, mark);

    // An ICE restart of the same page: answered on the same leg, and media goes on.
    let own_mark = ann.journal().mark();
    ann.restart_ice().await.unwrap();
    let before = ann.facts().pictures.arrivals.count;
    let more =
        |c: &Client| c.leg().look(|f| (f.pictures.arrivals.count > before + 40).then_some(()));
    ann.until("pictures after the restart", WITHIN, more).await.unwrap();
    assert_quiet(&ben, mark);
    let reported = kinds(&ann, own_mark);
    assert!(!reported.contains(&"video.room.subscribed".to_owned()), "{reported:?}");
    drop((ann, ben));
    stack.stop().await;
}

/// How many samples of a rectangle of the picture have the colour of the badge that marks whoever is
/// lost.
fn amber(frame: &Frame, area: Rect) -> usize {
    let ((_, u, v), (_, stride)) = (frame.view().planes(), frame.view().strides());
    let rows = area.y / 2..(area.y + area.h) / 2;
    let samples = rows.flat_map(|y| (area.x / 2..(area.x + area.w) / 2).map(move |x| (x, y)));
    let at = samples.map(|(x, y)| y as usize * stride + x as usize);
    at.filter(|&i| u[i] < 80 && v[i] > 150).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_vanishes_is_marked_on_the_canvas_and_in_events_until_media_comes_again() {
    let stack = Stack::start(&[]).await;
    let room = Room::new(&stack, "vanished", json!({})).await;
    let ann = room.join(room.member("Ann").await.camera(lively(BEFORE))).await;
    let ben = room.join(room.member("Ben").await.receive(Receive::look())).await;
    let (id, resume) = (ann.member_id().to_owned(), ann.resume());
    let cell = |c: &Client| c.cell_of(&id, 1280, 720);
    let shows = |colour: Yuv| {
        move |c: &Client| {
            let area = cell(c)?;
            let seen = c.leg().look_at_picture(|frame| mean_of(frame.view(), area))?;
            (seen.u.abs_diff(colour.u) < 16 && seen.v.abs_diff(colour.v) < 16).then_some(())
        }
    };
    let is_marked =
        |c: &Client| Some(c.leg().look_at_picture(|f| Some(amber(f, cell(c)?)))?? >= 100);
    ben.until("Ann", WITHIN, shows(BEFORE)).await.unwrap();
    assert_eq!(is_marked(&ben), Some(false));
    let mark = settled(&ben).await;
    drop(ann);

    let lost = |is: bool| {
        let id = id.clone();
        move |e: &Event| {
            let names_it = |fields: &Vec<Value>| fields.contains(&json!("media_lost"));
            e.text("/member/id") == id
                && e.get("/member/media_lost") == Some(&json!(is))
                && e.get("/member/updated").and_then(Value::as_array).is_some_and(names_it)
        }
    };
    let updated = "video.member.updated";
    let reported = ben.event(mark, updated, Duration::from_secs(5), lost(true)).await.unwrap();
    assert_eq!(reported.get("/member/visible"), Some(&json!(false)));
    let until_marked = |c: &Client| is_marked(c).filter(|is| *is);
    ben.until("the mark", Duration::from_secs(3), until_marked).await.unwrap();
    let eve = room.join(room.member("Eve").await).await;
    let members = &eve.seat().subscribed["room_session"]["members"];
    let of_ann = members.as_array().unwrap().iter().find(|m| m["id"] == id.as_str());
    assert_eq!(of_ann.unwrap()["media_lost"], true, "whoever comes in is told, too");

    let back = room.member("Ann").await.camera(lively(AFTER)).resume(resume);
    let ann = room.join(back).await;
    ben.event(reported.number, updated, WITHIN, lost(false)).await.unwrap();
    ben.until("Ann again", WITHIN, shows(AFTER)).await.unwrap();
    assert_eq!(is_marked(&ben), Some(false));
    let flaps = ben.journal().since(mark).into_iter().filter(|e| e.kind == updated).count();
    assert_eq!(flaps, 2, "lost once, back once");
    drop((ann, ben, eve));
    stack.stop().await;
}
