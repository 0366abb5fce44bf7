use super::*;
use rotunda_domain::command::Target;
use rotunda_domain::{Asked, Command, MediaKind, PlaybackControl, Position, Refusal, Verb};
use serde_json::json;
use std::collections::HashSet;

#[test]
fn no_name_stands_twice() {
    let names: HashSet<&str> = METHODS.iter().map(|method| method.name).collect();
    assert_eq!(names.len(), METHODS.len());
}

#[test]
fn every_row_says_what_it_does_and_what_it_needs() {
    for method in &METHODS {
        assert!(method.name.starts_with("video."), "{}", method.name);
        assert!(method.doc.ends_with('.'), "{}", method.name);
        assert!(!method.permission.is_empty() && !method.params.is_empty(), "{}", method.name);
    }
}

#[test]
fn each_mute_means_its_kind_and_its_direction() {
    let rows = [
        ("video.member.audio_mute", MediaKind::Audio, true),
        ("video.member.audio_unmute", MediaKind::Audio, false),
        ("video.member.video_mute", MediaKind::Video, true),
        ("video.member.video_unmute", MediaKind::Video, false),
    ];
    for (name, expected_kind, expected) in rows {
        let value = json!({"member_id": "nobody's"});
        let command = (find(name).unwrap().read)(&Params::of(&value).unwrap()).unwrap();
        let Command::Mute { target, kind, muted } = command else { panic!("{name}") };
        assert_eq!((target, kind, muted), (Target::Nobody, expected_kind, expected), "{name}");
    }
}

#[test]
fn positions_keep_their_order_and_their_targets() {
    let member = "00000000-0000-0000-0000-0000000000a1";
    let value = json!({"name": "2x2", "positions": {"self": "auto", member: "standard-2"}});
    let command = (find("video.set_layout").unwrap().read)(&Params::of(&value).unwrap()).unwrap();
    let Command::SetLayout { name, positions } = command else { panic!("another command") };
    assert_eq!(name, "2x2");
    assert_eq!(positions[0], (Target::Oneself, Position::Auto));
    assert_eq!(positions[1].0, Target::Member(member.parse().unwrap()));
}

#[test]
fn more_positions_than_a_room_has_members_are_refused() {
    let requested = |n: usize| (0..n).map(|i| (i.to_string(), json!("auto"))).collect::<Map>();
    type Map = serde_json::Map<String, serde_json::Value>;
    let read = |n| {
        let value = json!({"name": "2x2", "positions": requested(n)});
        (find("video.set_layout").unwrap().read)(&Params::of(&value).unwrap())
    };
    assert!(read(300).is_ok());
    assert!(matches!(read(301), Err(Refusal::LimitReached(_))));
}

#[test]
fn numbers_are_rounded_wherever_the_reference_says_number() {
    let read = |name: &str, value: serde_json::Value| {
        (find(name).unwrap().read)(&Params::of(&value).unwrap())
    };
    for (given, expected) in [(json!(2.5), 3), (json!(-2.4), -2), (json!(5.0), 5), (json!(7), 7)] {
        for (name, field) in [
            ("video.member.set_input_volume", "volume"),
            ("video.member.set_output_volume", "volume"),
            ("video.member.set_input_sensitivity", "value"),
            ("video.playback.set_volume", "volume"),
            ("video.playback.seek_absolute", "position"),
            ("video.playback.seek_relative", "position"),
        ] {
            let value = json!({"playback_id": "p", field: given});
            let read = match read(name, value).unwrap() {
                Command::SetLevel(_, _, value) => value,
                Command::ControlPlayback(
                    _,
                    PlaybackControl::Volume(v)
                    | PlaybackControl::SeekTo(v)
                    | PlaybackControl::SeekBy(v),
                ) => v,
                other => panic!("{name}: {other:?}"),
            };
            assert_eq!(read, expected, "{name}");
        }
        let value = json!({"url": "https://a.test/b", "volume": given, "seek_position": given});
        let Command::Play(play) = read("video.playback.start", value).unwrap() else { panic!() };
        assert_eq!((play.volume, play.position_ms), (expected, expected));
    }
    let huge = read("video.playback.seek_absolute", json!({"playback_id": "p", "position": 1e300}));
    assert!(matches!(huge, Ok(Command::ControlPlayback(_, PlaybackControl::SeekTo(i64::MAX)))));
    let text = read("video.playback.seek_absolute", json!({"playback_id": "p", "position": "5"}));
    assert!(matches!(text, Err(Refusal::Invalid(_))));
}

/// A value of no type that any parameter has.
#[test]
fn whoever_may_not_ask_hears_that_before_what_is_wrong_with_the_values() {
    let member = "00000000-0000-0000-0000-0000000000a1";
    let target = Target::Member(member.parse().unwrap());
    for method in &METHODS {
        let mut params = json!({ "member_id": member });
        for name in ["positions", "position", "volume", "value", "meta", "keys", "enable", "url"] {
            params[name] = json!([[]]);
        }
        let command = method.command(&Params::of(&params).unwrap());
        let Command::Misread(asked, refusal) = command else { continue };
        assert!(matches!(refusal, Refusal::Invalid(_)), "{}", method.name);
        let needed = match asked {
            Asked::OfRoom(verbs) => verbs.iter().map(|verb| format!("room.{verb}")).collect(),
            Asked::OfMember(verb, whom) => {
                assert_eq!(whom, target, "{}", method.name);
                vec![format!("room.self.{verb} or room.member.{verb}")]
            }
            Asked::OfChat => vec!["none".into()],
            Asked::OfAnother(verb) => vec![format!("room.member.{verb}")],
            Asked::MetaOf { target: whom, .. } => {
                assert_eq!(whom, target, "{}", method.name);
                vec!["room.self.set_meta or room.member.set_meta".into()]
            }
        };
        for needed in needed {
            assert!(method.permission.contains(&needed), "{}: {needed}", method.name);
        }
    }
    let read = |positions| {
        let params = json!({"url": "https://a.test/b", "name": "2x2", "positions": positions});
        ["video.playback.start", "video.set_layout"].map(|name| {
            match find(name).unwrap().command(&Params::of(&params).unwrap()) {
                Command::Misread(Asked::OfRoom(verbs), _) => {
                    verbs.iter().map(Verb::to_string).collect::<Vec<_>>().join(" ")
                }
                other => panic!("{name}: {other:?}"),
            }
        })
    };
    let own = read(json!({"self": "standard-01"}));
    assert_eq!(own, ["playback", "set_layout set_position"], "one's guest is one's own to seat");
    let others = read(json!({ member: "nowhere" }));
    assert_eq!(others, ["playback set_position", "set_layout set_position"]);
}
