//! Frames of the published SDK, recorded in a browser, are understood; frames made of them by
//! damage are answered or end the socket, and never more than that.

#![allow(clippy::unwrap_used)]

mod support;

use rotunda_signaling::SignalOptions;
use rotunda_signaling::methods::METHODS;
use serde_json::{Value, json};
use support::{Desk, captured};

const CONNECT: &str = r#"{"jsonrpc":"2.0","id":"c","method":"signalwire.connect","params":{"authentication":{"jwt_token":"good"}}}"#;

/// Sends one recorded frame to a fresh, connected peer (unless it is itself the connect); gives
/// the frames that come back.
fn answers(frame: &Value) -> Vec<Value> {
    let mut desk = Desk::new(SignalOptions::default());
    if frame["method"] != "signalwire.connect" {
        desk.send(CONNECT);
        desk.frames();
    }
    desk.send(&frame.to_string());
    desk.frames().iter().map(|text| serde_json::from_str(text).expect("we write JSON")).collect()
}

fn reply<'a>(frame: &Value, answers: &'a [Value]) -> &'a Value {
    let of = |answer: &&Value| answer["id"] == frame["id"] && answer.get("method").is_none();
    answers.iter().find(of).unwrap_or_else(|| panic!("no reply to {frame}"))
}

#[test]
fn every_recorded_connect_without_a_stored_protocol_succeeds() {
    let mut seen = 0;
    for name in ["01-join-member", "05-audience-join", "04-connect-variants", "15-invite-variants"]
    {
        for (from, frame) in captured(name) {
            if frame["method"] != "signalwire.connect" || frame["params"].get("protocol").is_some()
            {
                continue;
            }
            let answers = answers(&frame);
            let result = &reply(&frame, &answers)["result"];
            assert_eq!(result["authorization"]["type"], "video", "{name} {from}");
            assert!(result["authorization"].get("jti").is_none());
            let signature = result["protocol"].as_str().unwrap().split('_').nth(1).unwrap();
            assert_eq!(result["authorization"]["signature"], signature);
            assert_eq!(answers[1]["params"]["event_type"], "signalwire.authorization.state");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn every_recorded_invite_is_answered_for_its_own_leg() {
    let mut seen = 0;
    for name in ["01-join-member", "05-audience-join", "09-screenshare", "15-invite-variants"] {
        for (from, frame) in captured(name) {
            let message = &frame["params"]["message"];
            if message["method"] != "verto.invite" {
                continue;
            }
            let answers = answers(&frame);
            let inner = &reply(&frame, &answers)["result"]["result"];
            assert_eq!(inner["id"], message["id"], "{name} {from}");
            assert_eq!(inner["result"]["message"], "CALL CREATED");
            let leg = &message["params"]["dialogParams"]["callID"];
            assert_eq!(inner["result"]["callID"], *leg);
            let answer = &answers[1]["params"];
            assert_eq!(answer["event_type"], "webrtc.message");
            assert_eq!(answer["params"]["method"], "verto.answer");
            assert_eq!(answer["params"]["params"]["callID"], *leg);
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn every_other_recorded_frame_is_answered_and_acknowledgements_are_not() {
    for name in ["02-all-methods", "16-verto-misc", "16-hangup-all", "19-update-media"] {
        for (from, frame) in captured(name) {
            let answers = answers(&frame);
            let Some(method) = frame["method"].as_str() else {
                assert_eq!(answers, [] as [Value; 0], "{name} {from}");
                continue;
            };
            let reply = reply(&frame, &answers);
            let is_known = METHODS.iter().any(|row| row.name == method)
                || ["signalwire.connect", "video.message"].contains(&method);
            assert!(is_known, "{method} is in no list");
            assert_ne!(reply["error"]["code"], json!(-32601), "{reply}");
        }
    }
}

#[test]
fn a_recorded_reauthentication_gets_the_connect_results_shape() {
    let frames = captured("18-reauthenticate");
    let (_, frame) =
        frames.iter().find(|(_, f)| f["method"] == "signalwire.reauthenticate").unwrap();
    let answers = answers(frame);
    assert_eq!(reply(frame, &answers)["result"]["authorization"]["type"], "video");
}

/// The numbers of SplitMix64; the same seed gives the same damage.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

/// Damage to the text: characters gone, doubled or replaced.
fn scratch(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(3) {
        let at = dice.below(chars.len());
        match dice.below(4) {
            0 => drop(chars.remove(at)),
            1 => chars.insert(at, chars[at]),
            2 => chars[at] = ['{', '"', '\\', '\u{0}', 'é', '9', ',', '\u{10ffff}'][dice.below(8)],
            _ => chars.truncate(at.max(1)),
        }
    }
    chars.into_iter().collect()
}

/// Damage to the meaning: one value somewhere becomes another, or goes.
fn twist(value: &mut Value, dice: &mut Dice) {
    let children = match value {
        Value::Object(object) => object.len(),
        Value::Array(array) => array.len(),
        _ => 0,
    };
    if children == 0 || dice.below(4) == 0 {
        let others = [
            json!(null),
            json!(true),
            json!(-1),
            json!(1e308),
            json!(""),
            json!("x".repeat(5000)),
            json!([]),
            json!({}),
            json!([[[]]]),
            json!("\u{0}\u{202e}"),
            json!({"callID": []}),
        ];
        *value = others[dice.below(others.len())].clone();
        return;
    }
    let at = dice.below(children);
    match value {
        Value::Object(object) => {
            let key = object.keys().nth(at).cloned().expect("a key");
            match dice.below(5) {
                0 => drop(object.remove(&key)),
                _ => twist(&mut object[&key], dice),
            }
        }
        Value::Array(array) => twist(&mut array[at], dice),
        _ => {}
    }
}

/// Whether the frame is an acknowledgement, which nobody answers.
fn is_acknowledgement(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|frame| {
        frame.is_object()
            && frame.get("method").is_none()
            && (frame.get("result").is_some() || frame.get("error").is_some())
    })
}

#[test]
fn damaged_frames_are_answered_or_end_the_socket() {
    let names = ["01-join-member", "02-all-methods", "04-connect-variants", "15-invite-variants"];
    let frames: Vec<Value> =
        names.iter().flat_map(|name| captured(name)).map(|(_, frame)| frame).collect();
    for seed in 0..2000 {
        let mut dice = Dice(seed);
        let mut frame = frames[dice.below(frames.len())].clone();
        let text = if dice.below(2) == 0 {
            scratch(&frame.to_string(), &mut dice)
        } else {
            twist(&mut frame, &mut dice);
            frame.to_string()
        };
        let mut desk = Desk::new(SignalOptions::default());
        if seed % 3 != 0 {
            desk.send(CONNECT);
            desk.frames();
        }
        desk.send(&text);
        let frames = desk.frames();
        assert!(
            !frames.is_empty() || desk.peer.close_reason().is_some() || is_acknowledgement(&text),
            "seed {seed}: no answer to {text}"
        );
        for frame in frames {
            assert!(serde_json::from_str::<Value>(&frame).is_ok(), "seed {seed}: {frame}");
        }
    }
}
