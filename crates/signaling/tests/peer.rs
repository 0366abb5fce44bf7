//! The state machine on virtual time: order, bounds and ends.

mod support;

use rotunda_domain::{LegId, Now, Refusal};
use rotunda_hub::{ConnectRefused, Delivery, IceServers};
use rotunda_signaling::SignalOptions;
use rotunda_signaling::call::{Answer, HubCall};
use rotunda_signaling::peer::{CloseReason, Peer};
use std::sync::Arc;
use std::time::Duration;
use support::{Desk, dispatch};

const SESSION: &str = "00000000-0000-0000-0000-00000000cccc";

fn request(id: &str, method: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":"{id}","method":"{method}","params":{{"room_session_id":"{SESSION}"}}}}"#
    )
}

fn verto(id: &str, method: &str, leg: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":"{id}","method":"video.message","params":{{"message":{{"jsonrpc":"2.0","id":"in","method":"{method}","params":{{"dialogParams":{{"callID":"{leg}"}},"sdp":"v=0"}}}}}}}}"#
    )
}

fn at(mono_ms: u64) -> Now {
    Now { epoch_ms: 0, mono_ms }
}

/// A connected desk, without the frames of connecting.
fn desk(options: SignalOptions) -> Desk {
    let mut desk = Desk::new(options);
    desk.send(r#"{"jsonrpc":"2.0","id":"c","method":"signalwire.connect","params":{"authentication":{"jwt_token":"good"}}}"#);
    assert_eq!(desk.frames().len(), 2);
    desk
}

fn count(frames: &[String], text: &str) -> usize {
    frames.iter().filter(|frame| frame.contains(text)).count()
}

#[test]
fn who_connects_hears_of_the_operators_turn_server_with_credentials_of_their_own() {
    let servers = ["stun:s.example", "turn:t.example?transport=tcp"].map(|s| s.parse().unwrap());
    let day = Duration::from_secs(86_400);
    let ice_servers = IceServers::new(servers.to_vec(), "north", day).unwrap();
    let mut desk = Desk::new(SignalOptions { ice_servers, ..SignalOptions::default() });
    desk.send(r#"{"jsonrpc":"2.0","id":"c","method":"signalwire.connect","params":{"authentication":{"jwt_token":"good"}}}"#);
    let answer: serde_json::Value = serde_json::from_str(&desk.frames()[0]).unwrap();
    let reported = &answer["result"]["ice_servers"];
    assert_eq!(reported[0], serde_json::json!({"urls": "stun:s.example"}));
    assert_eq!(reported[1]["urls"], "turn:t.example?transport=tcp");
    // The end in seconds since 1970, a day from the desk's now, and this connection's name.
    assert_eq!(reported[1]["username"], "1795380060:peer");
    assert_eq!(
        reported[1]["credential"].as_str().map(str::len),
        Some(28),
        "an HMAC-SHA1 in base64"
    );
}

#[test]
fn each_reply_precedes_its_event_and_the_event_precedes_the_next_reply() {
    let mut desk = desk(SignalOptions::default());
    // All three are waiting before the first is carried out.
    let text = request("slow", "video.member.audio_mute");
    for id in ["a", "b", "d"] {
        desk.peer.handle_text(at(1000), &text.replace("slow", id));
    }
    desk.settle();
    let frames = desk.frames();
    let order: Vec<bool> = frames.iter().map(|f| f.contains("video.member.updated")).collect();
    assert_eq!(order, [false, true, false, true, false, true]);
}

#[test]
fn above_the_rate_requests_are_refused_one_by_one_and_later_ones_pass() {
    let mut desk = desk(SignalOptions::default());
    for n in 0..500 {
        desk.send(&request(&n.to_string(), "video.members.get"));
    }
    let frames = desk.frames();
    assert_eq!(frames.len(), 500);
    // The connect took one of the 400 at once.
    assert_eq!(count(&frames, "-32029"), 101);
    desk.wait(1000);
    desk.send(&request("later", "video.members.get"));
    assert_eq!(count(&desk.frames(), r#""code":"200""#), 1);
}

#[test]
fn requests_behind_a_slow_call_wait_up_to_a_bound() {
    let options = SignalOptions { requests_waiting_max: 3, ..SignalOptions::default() };
    let mut desk = desk(options);
    desk.send(&verto("i", "verto.invite", "leg").replace("v=0", "never"));
    for n in 0..5 {
        desk.send(&request(&n.to_string(), "video.members.get"));
    }
    assert_eq!(count(&desk.frames(), "-32029"), 2);
    desk.wait(9000);
    let frames = desk.frames();
    assert_eq!(count(&frames, r#""code":"500""#), 1);
    assert_eq!(count(&frames, r#""members":"#), 3);
}

#[test]
fn who_asks_and_never_reads_is_sent_away() {
    let mut desk = desk(SignalOptions::default());
    let id = "i".repeat(256);
    let mut sent = 0_u64;
    while desk.peer.close_reason().is_none() {
        desk.peer.handle_text(at(1000 + sent), &request(&id, "video.nonsense"));
        desk.settle();
        sent += 1;
        assert!(sent < 10_000, "nothing ends it");
    }
    assert_eq!(desk.peer.close_reason(), Some(CloseReason::TooSlow));
    assert!(sent > 1000, "{sent}: it ends too early");
}

#[test]
fn deliveries_wait_in_the_inbox_while_nothing_is_read() {
    let mut desk = desk(SignalOptions::default());
    while desk.peer.takes_deliveries() {
        desk.deliver("subscribed");
    }
    assert_eq!(desk.peer.close_reason(), None);
    let frames = desk.frames();
    assert!(frames.iter().map(String::len).sum::<usize>() >= 64 * 1024);
    assert!(desk.peer.takes_deliveries());
}

#[test]
fn a_socket_that_takes_nothing_for_ten_seconds_is_closed() {
    let mut desk = desk(SignalOptions::default());
    desk.deliver("talking");
    desk.wait(9999);
    assert_eq!(desk.peer.close_reason(), None);
    desk.wait(1);
    assert_eq!(desk.peer.close_reason(), Some(CloseReason::TooSlow));
}

#[test]
fn acknowledgements_without_end_end_the_connection() {
    let mut desk = desk(SignalOptions::default());
    for n in 0..4000 {
        desk.send(&format!(r#"{{"jsonrpc":"2.0","id":"{n}","result":{{}}}}"#));
    }
    assert_eq!(desk.peer.close_reason(), None);
    desk.send(r#"{"jsonrpc":"2.0","id":"x","result":{}}"#);
    assert_eq!(desk.peer.close_reason(), Some(CloseReason::Flood));
}

#[test]
fn an_event_is_written_once_for_all_sockets() {
    let fact = dispatch("muted");
    let mut texts = Vec::new();
    for name in ["one", "two"] {
        let mut peer = Peer::new(at(0), name.into(), Arc::new(SignalOptions::default()));
        peer.handle_delivery(at(0), Delivery::Event(fact.clone()));
        let frame = peer.poll_frame(at(0)).expect("the event");
        texts.push(frame.as_ref().as_ptr());
    }
    assert_eq!(texts[0], texts[1]);
}

#[test]
fn a_leg_that_opens_after_its_client_heard_otherwise_is_hung_up() {
    let mut desk = desk(SignalOptions::default());
    desk.peer.handle_text(at(1000), &verto("i", "verto.invite", "leg"));
    let call = desk.peer.poll_call(at(1000)).expect("the invite");
    desk.wait(9000);
    assert_eq!(count(&desk.frames(), r#""code":"500""#), 1);
    desk.peer.handle_answer(at(10_100), call.number, Answer::Agreed(Ok("v=0".into())));
    let bye = desk.peer.poll_call(at(10_100)).expect("a hang-up");
    assert!(matches!(bye.hub_call, HubCall::Bye(leg, _) if leg == LegId("leg".into())));
    assert!(desk.frames().is_empty(), "the client hears nothing more of it");
    desk.peer.handle_answer(at(10_200), bye.number, Answer::Ended(Err(Refusal::Broken)));
    desk.send(&request("m", "video.members.get"));
    assert_eq!(count(&desk.frames(), r#""code":"200""#), 1);
}

#[test]
fn a_call_that_breaks_is_answered_in_its_own_form() {
    let mut desk = desk(SignalOptions::default());
    for (text, expected) in [
        (verto("i", "verto.invite", "leg"), r#""result":{"code":"500""#),
        (request("m", "video.members.get"), r#""result":{"code":"500""#),
    ] {
        desk.peer.handle_text(at(1000), &text);
        let call = desk.peer.poll_call(at(1000)).expect("a call");
        desk.peer.handle_answer(at(1000), call.number, Answer::Broken);
        assert_eq!(count(&desk.frames(), expected), 1);
    }
    assert_eq!(desk.peer.close_reason(), None);
}

#[test]
fn hang_ups_that_wait_are_carried_out_when_the_client_is_gone_and_nothing_else_is() {
    let mut desk = desk(SignalOptions::default());
    desk.peer.handle_text(at(1000), &request("m", "video.members.get"));
    for leg in ["leg-3", "leg-2", "leg-1"] {
        desk.peer.handle_text(at(1000), &verto("b", "verto.bye", leg));
    }
    desk.peer.handle_text(at(1000), &verto("i", "verto.invite", "leg-4"));
    desk.peer.handle_end(CloseReason::Gone);
    desk.settle();
    assert_eq!(desk.hub.calls(), ["bye leg-3", "bye leg-2", "bye leg-1"]);
}

/// A connect as the SDK sends it after its server was started anew.
fn returning(token: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":"c","method":"signalwire.connect","params":{{"event_acks":true,"authentication":{{"jwt_token":"{token}"}}}}}}"#
    )
}

fn id_of(frame: &str) -> String {
    let frame: serde_json::Value = serde_json::from_str(frame).expect("a frame is JSON");
    frame["id"].as_str().expect("a request has an id").to_owned()
}

fn answer(desk: &mut Desk, id: &str) {
    desk.send(&format!(r#"{{"jsonrpc":"2.0","id":"{id}","result":{{}}}}"#));
}

const PONG: &str = r#"{"jsonrpc":"2.0","id":"p","method":"video.message","params":{"message":{"jsonrpc":"2.0","id":"in","method":"verto.pong","params":{"callID":"main"}}}}"#;

#[test]
fn who_lives_on_after_a_restart_is_asked_back_with_what_their_leg_carried() {
    let mut desk = Desk::new(SignalOptions::default());
    desk.send(&returning("lost"));
    let asked = desk.frames();
    assert_eq!(
        (asked.len(), count(&asked, "verto.ping"), count(&asked, "signalwire.ping")),
        (2, 1, 1)
    );
    desk.send(PONG);
    assert_eq!(count(&desk.frames(), r#""code":"200""#), 1, "and the connect still waits");
    answer(&mut desk, &id_of(&asked[1]));
    let reported = desk.frames();
    assert_eq!(count(&reported, r#""ice_servers""#), 1);
    assert_eq!(count(&reported, "authorization.state"), 1);
    assert_eq!(count(&reported, r#""verto.bye""#), 1, "the screen of before is over");
    let back = reported.last().unwrap();
    assert!(back.contains("video.member.promoted"), "{back}");
    assert!(
        back.contains(r#""audio_allowed":"both""#) && back.contains(r#""video_allowed":"receive""#)
    );
}

#[test]
fn who_answers_late_over_a_slow_line_is_asked_back_too() {
    let mut desk = Desk::new(SignalOptions::default());
    desk.send(&returning("lost"));
    let asked = desk.frames();
    desk.wait(5000);
    assert_eq!(count(&desk.frames(), r#""ice_servers""#), 0, "the connect still waits");
    desk.send(PONG);
    answer(&mut desk, &id_of(&asked[1]));
    assert_eq!(count(&desk.frames(), "video.member.promoted"), 1);
}

#[test]
fn a_page_that_was_loaded_anew_is_asked_for_nothing() {
    for is_silent in [false, true] {
        let mut desk = Desk::new(SignalOptions::default());
        desk.send(&returning("lost"));
        let asked = desk.frames();
        match is_silent {
            false => answer(&mut desk, &id_of(&asked[1])),
            true => desk.wait(6000),
        }
        let reported = desk.frames();
        assert_eq!(count(&reported, r#""ice_servers""#), 1, "{reported:?}");
        assert_eq!(count(&reported, "promoted") + count(&reported, "verto.bye"), 0);
        assert_eq!(desk.peer.close_reason(), None);
    }
}

#[test]
fn an_unknown_protocol_is_refused_once_on_a_socket_and_then_taken_as_new() {
    let mut desk = Desk::new(SignalOptions::default());
    let connect =
        returning("good").replace(r#""event_acks""#, r#""protocol":"held in memory","event_acks""#);
    desk.send(&connect);
    assert_eq!(count(&desk.frames(), "Requester validation failed"), 1);
    desk.send(&connect);
    let reported = desk.frames();
    assert_eq!(count(&reported, "Requester validation failed"), 0);
    assert_eq!(count(&reported, r#""ice_servers""#), 1);
}

#[test]
fn bad_tokens_that_wait_in_a_queue_do_not_prolong_a_strangers_stay() {
    let options = SignalOptions::default();
    let up = at(1000 + u64::try_from(options.connect_within.as_millis()).unwrap());
    let mut desk = Desk::new(options);
    let connect = r#"{"jsonrpc":"2.0","id":"c","method":"signalwire.connect","params":{"authentication":{"jwt_token":"bad"}}}"#;
    for _ in 0..3 {
        desk.peer.handle_text(at(1000), connect);
    }
    let number = desk.peer.poll_call(at(1000)).unwrap().number;
    let refused = Err(ConnectRefused::BadToken("bad".into()));
    desk.peer.handle_answer(up, number, Answer::Connected(refused));
    assert!(desk.peer.poll_call(up).is_none(), "no further call for a stranger");
    assert_eq!(desk.peer.close_reason(), Some(CloseReason::NeverConnected));
}
