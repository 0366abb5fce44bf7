//! What a body asks a room token to grant.

use crate::error::FieldError;
use crate::fields::{Change, Fields};
use crate::room_body::check_window;
use rotunda_domain::text::shows_nothing;
use rotunda_domain::{
    Grant, JoinAs, MediaAllowed, Permissions, ProjectId, Right, Verb, Window, limits, permission,
};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Most permissions a token lists: twice as many as there are names, so that it stays small
/// whatever somebody repeats.
const PERMISSIONS: usize = 100;

/// Reads the body of a token request; `user_name` is empty when it names nobody.
///
/// # Errors
/// Everything that is wrong, at once.
pub fn read_token_body(
    body: &Map<String, Value>,
    project: ProjectId,
) -> Result<Grant, Vec<FieldError>> {
    let mut fields = Fields::new(body);
    let room_name = fields.room_name("room_name", "room_name").unwrap_or_default();
    let user_name = fields.text("user_name", limits::USER_NAME_CHARS).value();
    let permissions = permissions(&mut fields);
    let window = window(&mut fields);
    let flag =
        |fields: &mut Fields<'_>, name, default| fields.flag(name).value().unwrap_or(default);
    let sync = if fields.has("audio_video_sync") { "audio_video_sync" } else { "sync_audio_video" };
    let join_as = fields.choice("join_as", JoinAs::WORDS, JoinAs::parse).value();
    let join_as = join_as.unwrap_or(JoinAs::Member);
    let grant = Grant {
        project,
        token_id: Uuid::new_v4().to_string(),
        room_name,
        user_name: user_name.filter(|name| !shows_nothing(name)).unwrap_or_default(),
        join_as,
        permissions: match join_as {
            JoinAs::Member => permissions,
            JoinAs::Audience => {
                Permissions::of_audience(permissions.allow(Right::OnRoom(Verb::SkipLobby)))
            }
        },
        media_allowed: fields
            .choice("media_allowed", MediaAllowed::WORDS, MediaAllowed::parse)
            .value()
            .unwrap_or_default(),
        window,
        join_audio_muted: flag(&mut fields, "join_audio_muted", false),
        join_video_muted: flag(&mut fields, "join_video_muted", false),
        auto_create_room: flag(&mut fields, "auto_create_room", true),
        enable_room_previews: flag(&mut fields, "enable_room_previews", false),
        room_display_name: fields
            .text("room_display_name", limits::DISPLAY_NAME_CHARS)
            .value()
            .filter(|name| !name.is_empty()),
        end_room_session_on_leave: flag(&mut fields, "end_room_session_on_leave", false),
        meta: fields.meta("meta").value().unwrap_or_default(),
        room_meta: fields.meta("room_meta").value().unwrap_or_default(),
        audio_video_sync: flag(&mut fields, sync, false),
        identity: None,
        expires_at: None,
        link: None,
    };
    fields.done(grant)
}

fn window(fields: &mut Fields<'_>) -> Window {
    let window = Window {
        join_from: fields.moment("join_from").value(),
        join_until: fields.moment("join_until").value(),
        remove_at: fields.moment("remove_at").value(),
        remove_after_s: fields
            .number("remove_after_seconds_elapsed", limits::REMOVE_AFTER_S)
            .value(),
    };
    if let Err(error) = check_window(window) {
        fields.refuse("join_until", error.code, error.message);
    }
    window
}

/// The list as it was written; the defaults when there is none, and nothing when it is empty.
fn permissions(fields: &mut Fields<'_>) -> Permissions {
    let list = fields.read("permissions", |value| {
        let strings: Option<Vec<String>> = value
            .as_array()
            .and_then(|list| list.iter().map(|v| v.as_str().map(str::to_owned)).collect());
        let not_strings =
            || ("not_an_array_of_strings", "permissions must be a list of strings".into());
        let list = strings.ok_or_else(not_strings)?;
        if list.len() > PERMISSIONS {
            let message = format!("permissions must be at most {PERMISSIONS} entries");
            return Err(("invalid_parameter", message));
        }
        match list.iter().find(|name| !permission::is_known(name)) {
            // The name itself is not repeated: it may be anything.
            Some(_) => Err(("invalid_parameter", "permissions contains an invalid entry".into())),
            None => Ok(list),
        }
    });
    match list {
        Change::Set(list) => Permissions::from_list(list),
        Change::Keep | Change::Clear => Permissions::defaults(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: Value) -> Result<Grant, Vec<(&'static str, &'static str)>> {
        read_token_body(body.as_object().unwrap(), ProjectId(Uuid::nil()))
            .map_err(|errors| errors.iter().map(|e| (e.attribute.unwrap(), e.code)).collect())
    }

    #[test]
    fn a_room_name_is_enough() {
        let grant = read(json!({"room_name": "lobby", "unknown": 1})).unwrap();
        assert_eq!((grant.room_name.as_str(), grant.user_name.as_str()), ("lobby", ""));
        assert_eq!(grant.permissions, Permissions::defaults());
        assert!(grant.auto_create_room && !grant.audio_video_sync);
        assert_eq!((grant.join_as, grant.media_allowed), (JoinAs::Member, MediaAllowed::All));
        assert_eq!(read(json!({})).unwrap_err(), [("room_name", "invalid_parameter")]);
    }

    #[test]
    fn an_explicit_empty_list_stays_empty_and_audience_has_none() {
        let of = |body| read(body).unwrap().permissions.as_slice().to_vec();
        assert!(of(json!({"room_name": "a", "permissions": []})).is_empty());
        let two = json!(["room.lock", "room.self.audio_mute"]);
        assert_eq!(json!(of(json!({"room_name": "a", "permissions": two}))), two);
        let audience = |list| json!({"room_name": "a", "permissions": list, "join_as": "audience"});
        assert!(of(audience(two)).is_empty());
        let spared = json!(["room.lock", "room.lobby.skip"]);
        assert_eq!(of(audience(spared)), ["room.lobby.skip"], "it may be spared the lobby");
        assert_eq!(of(json!({"room_name": "a", "permissions": null})).len(), 11);
    }

    #[test]
    fn every_field_has_its_limit() {
        let bad = "invalid_parameter";
        let text = |n: usize| json!("é".repeat(n));
        let meta = |n: usize| json!({ "k": "x".repeat(n - 8) });
        let wrong = [
            ("user_name", text(100), text(101), bad),
            ("room_display_name", text(200), text(201), bad),
            ("permissions", json!(["room.stream.start"]), json!(["room.fly"]), bad),
            ("permissions", json!(vec!["room.lock"; 100]), json!(vec!["room.lock"; 101]), bad),
            ("permissions", json!([]), json!("room.lock"), "not_an_array_of_strings"),
            ("permissions", json!([]), json!([1]), "not_an_array_of_strings"),
            ("join_from", json!("2022-01-01"), json!("x"), "not_a_datetime"),
            ("join_until", json!(1), json!([]), "not_a_datetime"),
            ("remove_at", json!("2022-01-01T23:59:60Z"), json!(true), "not_a_datetime"),
            ("remove_after_seconds_elapsed", json!(200_000), json!(200_001), bad),
            ("remove_after_seconds_elapsed", json!(1), json!(0), bad),
            ("join_audio_muted", json!(true), json!("true"), "not_a_boolean"),
            ("join_video_muted", json!(true), json!(1), "not_a_boolean"),
            ("auto_create_room", json!(false), json!(0), "not_a_boolean"),
            ("enable_room_previews", json!(true), json!(1), "not_a_boolean"),
            ("end_room_session_on_leave", json!(true), json!(1), "not_a_boolean"),
            ("join_as", json!("audience"), json!("king"), bad),
            ("media_allowed", json!("audio-only"), json!("none"), bad),
            ("meta", meta(2000), meta(2001), bad),
            ("room_meta", meta(2000), json!([]), "not_a_hash"),
            ("audio_video_sync", json!(true), json!(1), "not_a_boolean"),
            ("sync_audio_video", json!(true), json!(1), "not_a_boolean"),
        ];
        for (name, good, wrong, code) in wrong {
            let body = |value: Value| json!({"room_name": "a", name: value});
            assert!(read(body(good)).is_ok(), "{name}");
            assert_eq!(read(body(wrong)).unwrap_err(), [(name, code)]);
        }
        let crossed = json!({"room_name": "a b", "join_from": 2, "join_until": 1});
        let expected =
            [("room_name", "not_alphanumeric"), ("join_until", "invalid_join_until_date")];
        assert_eq!(read(crossed).unwrap_err(), expected);
    }
}
