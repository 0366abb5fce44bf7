use super::*;
use rotunda_domain::command::Target;
use rotunda_domain::{MediaKind, Position};
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
    let wishes = |n: usize| (0..n).map(|i| (i.to_string(), json!("auto"))).collect::<Map>();
    type Map = serde_json::Map<String, serde_json::Value>;
    let read = |n| {
        let value = json!({"name": "2x2", "positions": wishes(n)});
        (find("video.set_layout").unwrap().read)(&Params::of(&value).unwrap())
    };
    assert!(read(300).is_ok());
    assert!(matches!(read(301), Err(Refusal::LimitReached(_))));
}
