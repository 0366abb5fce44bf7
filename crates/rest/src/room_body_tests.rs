//! The boundary table: each limit with the last value inside and the first outside.

use super::*;
use rotunda_domain::Window;
use serde_json::json;

fn codes(body: &Value) -> Vec<(&'static str, &'static str)> {
    match read_room_body(body.as_object().unwrap()) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(|e| (e.attribute.unwrap(), e.code)).collect(),
    }
}

fn chars(count: usize) -> String {
    "\u{1F600}".repeat(count)
}

fn meta(chars: usize) -> Value {
    json!({ "k": "x".repeat(chars - r#"{"k":""}"#.len()) })
}

/// A field, values it takes, and values it does not with their codes.
type Row = (&'static str, Vec<Value>, Vec<(Value, &'static str)>);

#[test]
fn every_limit_has_its_last_good_and_its_first_bad_value() {
    let bad = "invalid_parameter";
    let table: Vec<Row> = vec![
        (
            "display_name",
            vec![json!(chars(200)), json!(""), json!(null)],
            vec![(json!(chars(201)), bad), (json!(5), "not_a_string"), (json!("a\u{0}"), bad)],
        ),
        (
            "description",
            vec![json!(chars(3000)), json!(""), json!(null)],
            vec![(json!(chars(3001)), bad), (json!(["x"]), "not_a_string")],
        ),
        (
            "max_members",
            vec![json!(1), json!(300), json!(20.0), json!(null)],
            vec![
                (json!(0), bad),
                (json!(301), bad),
                (json!(-1), bad),
                (json!(1.5), bad),
                (json!("20"), bad),
                (json!(4_294_967_297_i64), bad),
                (json!(true), bad),
            ],
        ),
        (
            "quality",
            vec![json!("720p"), json!("1080p"), json!(null)],
            vec![(json!("480p"), bad), (json!("720P"), bad), (json!(720), "not_a_string")],
        ),
        (
            "join_from",
            vec![json!("2022-01-01"), json!("2022-01-01T23:59:60Z"), json!(0), json!(null)],
            vec![(json!("soon"), "not_a_datetime"), (json!(true), "not_a_datetime")],
        ),
        (
            "join_until",
            vec![json!("2022-01-01T00:00:00.123+01:00")],
            vec![(json!({}), "not_a_datetime")],
        ),
        ("remove_at", vec![json!(1_700_000_000)], vec![(json!(""), "not_a_datetime")]),
        (
            "remove_after_seconds_elapsed",
            vec![json!(1), json!(200_000), json!(null)],
            vec![(json!(0), bad), (json!(200_001), bad), (json!("1"), bad)],
        ),
        (
            "layout",
            catalog::room_names().iter().map(|n| json!(n)).chain([json!(null)]).collect(),
            vec![(json!("grid"), bad), (json!("screen-share"), bad), (json!(3), "not_a_string")],
        ),
        (
            "record_on_start",
            vec![json!(true), json!(false), json!(null)],
            vec![(json!("true"), "not_a_boolean"), (json!(1), "not_a_boolean")],
        ),
        ("enable_room_previews", vec![json!(true)], vec![(json!(0), "not_a_boolean")]),
        ("audio_video_sync", vec![json!(true), json!(null)], vec![(json!("on"), "not_a_boolean")]),
        ("sync_audio_video", vec![json!(true), json!(null)], vec![(json!("on"), "not_a_boolean")]),
        (
            "meta",
            vec![json!({}), meta(2000), json!(null)],
            vec![(meta(2001), bad), (json!([]), "not_a_hash"), (json!("{}"), "not_a_hash")],
        ),
        ("prioritize_handraise", vec![json!(true)], vec![(json!(1), "not_a_boolean")]),
        ("tone_on_entry_and_exit", vec![json!(false)], vec![(json!(1), "not_a_boolean")]),
        ("room_join_video_off", vec![json!(true)], vec![(json!(1), "not_a_boolean")]),
        ("user_join_video_off", vec![json!(true)], vec![(json!(1), "not_a_boolean")]),
        ("logos_visible", vec![json!(true)], vec![(json!("yes"), "not_a_boolean")]),
        ("blind_mode", vec![json!(true)], vec![(json!(0), "not_a_boolean")]),
        (
            "enable_chat",
            vec![json!("off"), json!("all")],
            vec![(json!("some"), "invalid_parameter"), (json!(true), "not_a_string")],
        ),
        ("lobby", vec![json!(true)], vec![(json!("yes"), "not_a_boolean")]),
        ("silent_mode", vec![json!(true)], vec![(json!([]), "not_a_boolean")]),
        ("meeting_mode", vec![json!(true)], vec![(json!({}), "not_a_boolean")]),
    ];
    for (name, good, wrong) in table {
        for value in good {
            assert_eq!(codes(&json!({ name: value })), [], "{name}: {value}");
        }
        for (value, code) in wrong {
            assert_eq!(codes(&json!({ name: value })), [(name, code)], "{name}: {value}");
        }
    }
}

#[test]
fn all_errors_of_a_body_are_reported_at_once() {
    let body = json!({"max_members": 0, "quality": "8k", "join_from": "x", "meta": 1, "other": {}});
    let expected = [
        ("max_members", "invalid_parameter"),
        ("quality", "invalid_parameter"),
        ("join_from", "not_a_datetime"),
        ("meta", "not_a_hash"),
    ];
    assert_eq!(codes(&body), expected);
    let errors = read_new_room(body.as_object().unwrap()).unwrap_err();
    assert_eq!((errors.len(), errors[0].message.as_str()), (5, "Name must be present"));
}

#[test]
fn a_name_is_needed_and_bounded() {
    let read = |name: Value| read_new_room(json!({ "name": name }).as_object().unwrap());
    assert_eq!(read(json!("a".repeat(100))).unwrap().name.len(), 100);
    assert_eq!(read(json!("A-z_9")).unwrap().display_name, "A-z_9");
    let bad = "invalid_parameter";
    let wrong = [
        (json!(null), bad),
        (json!(""), bad),
        (json!("  "), bad),
        (json!("a".repeat(101)), bad),
        (json!("a b"), "not_alphanumeric"),
        (json!("ü"), "not_alphanumeric"),
        (json!("a/b"), "not_alphanumeric"),
        (json!(7), "not_a_string"),
    ];
    for (name, code) in wrong {
        let errors = read(name.clone()).unwrap_err();
        assert_eq!(
            (errors.len(), errors[0].attribute, errors[0].code),
            (1, Some("name"), code),
            "{name}"
        );
    }
}

#[test]
fn what_is_left_out_stays_and_null_goes_back_to_the_default() {
    let mut room = RoomSettings::named("lobby");
    let all = json!({"display_name": "Lobby", "description": "d", "max_members": 5,
        "quality": "1080p", "join_from": 10, "join_until": 20, "remove_at": 30,
        "remove_after_seconds_elapsed": 40, "layout": "3x3", "record_on_start": true,
        "enable_room_previews": true, "audio_video_sync": true, "meta": {"a": 1},
        "prioritize_handraise": true, "tone_on_entry_and_exit": false,
        "room_join_video_off": true, "user_join_video_off": true, "logos_visible": true,
        "blind_mode": true, "silent_mode": true, "meeting_mode": true, "enable_chat": "all",
        "lobby": true});
    let patch = |body: &Value| read_room_body(body.as_object().unwrap()).unwrap();
    patch(&all).apply(&mut room).unwrap();
    let full = room.clone();
    assert_eq!(
        full.window,
        Window {
            join_from: Some(10),
            join_until: Some(20),
            remove_at: Some(30),
            remove_after_s: Some(40),
        }
    );
    patch(&json!({})).apply(&mut room).unwrap();
    assert_eq!(room, full);
    patch(&json!({"max_members": 6})).apply(&mut room).unwrap();
    assert_eq!(room, RoomSettings { max_members: 6, ..full });
    let nulls: Map<_, _> =
        all.as_object().unwrap().keys().map(|k| (k.clone(), Value::Null)).collect();
    read_room_body(&nulls).unwrap().apply(&mut room).unwrap();
    assert_eq!(room, RoomSettings::named("lobby"));
}

#[test]
fn the_seeds_name_for_lip_sync_wins() {
    let sync = |body: Value| read_room_body(body.as_object().unwrap()).unwrap().audio_video_sync;
    assert_eq!(sync(json!({"sync_audio_video": true})), Change::Set(true));
    assert_eq!(
        sync(json!({"sync_audio_video": true, "audio_video_sync": false})),
        Change::Set(false)
    );
    assert_eq!(sync(json!({"sync_audio_video": true, "audio_video_sync": null})), Change::Clear);
}

#[test]
fn a_window_may_not_close_before_it_opens_whichever_side_is_changed() {
    let mut room = RoomSettings::named("lobby");
    room.window.join_from = Some(100);
    let apply = |body: Value| {
        let patch = read_room_body(body.as_object().unwrap()).unwrap();
        patch.apply(&mut room.clone()).map_err(|error| error.code)
    };
    let refused = Err("invalid_join_until_date");
    assert_eq!(apply(json!({"join_until": 99})), refused);
    assert_eq!(apply(json!({"join_until": 100})), Ok(()));
    assert_eq!(apply(json!({"join_from": null, "join_until": 99})), Ok(()));
    assert_eq!(apply(json!({"join_from": 50, "join_until": 49})), refused);
    let new = json!({"name": "a", "join_from": 2, "join_until": 1, "quality": "x"});
    let errors = read_new_room(new.as_object().unwrap()).unwrap_err();
    let codes: Vec<_> = errors.iter().map(|e| e.code).collect();
    assert_eq!(codes, ["invalid_parameter", "invalid_join_until_date"]);
}
