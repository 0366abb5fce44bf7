//! What a body says about a conference, checked field by field; what it has in common with a room is read as
//! a room's (`room_body.rs`).

use crate::error::FieldError;
use crate::fields::{Change, Fields, string};
use crate::room_body::RoomPatch;
use rotunda_domain::conference::{COLOURS, is_colour};
use rotunda_domain::layout::catalog;
use rotunda_domain::{ChatAccess, ConferenceSettings, ConferenceSize, Quality, Theme, limits};
use serde_json::{Map, Value};

/// Changes to a conference. What a body leaves out stays; `null` puts a field back to its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConferencePatch {
    /// What is the room's.
    pub room: RoomPatch,
    /// `small`, `medium` or `large`.
    pub size: Change<ConferenceSize>,
    /// In the order of [`COLOURS`].
    pub colours: [Change<String>; COLOURS.len()],
}

/// Reads the body of a new conference; its name is empty where none is given.
///
/// # Errors
/// Everything that is wrong, at once.
pub fn read_new_conference(
    body: &Map<String, Value>,
) -> Result<ConferenceSettings, Vec<FieldError>> {
    let mut fields = Fields::new(body);
    let is_named = body.get("name").is_some_and(|name| !name.is_null() && name != "");
    let name = if is_named { fields.room_name("name", "Name") } else { None };
    let display = fields.required_text("display_name", limits::DISPLAY_NAME_CHARS);
    let mut patch = read(&mut fields);
    patch.room.display_name = display.map_or(Change::Keep, Change::Set);
    let mut settings = ConferenceSettings::named(name.unwrap_or_default());
    if let Err(error) = patch.apply(&mut settings) {
        fields.refuse("join_until", error.code, error.message);
    }
    fields.done(settings)
}

/// Reads the body of a change, with what could be read even when something is wrong. A `name` in it is
/// ignored: names never change.
pub(crate) fn examine_conference_body(
    body: &Map<String, Value>,
) -> (ConferencePatch, Vec<FieldError>) {
    let mut fields = Fields::new(body);
    let mut patch = read(&mut fields);
    patch.room.display_name = fields.text("display_name", limits::DISPLAY_NAME_CHARS);
    (patch, fields.into_errors())
}

fn read(fields: &mut Fields<'_>) -> ConferencePatch {
    let room = read_room(fields);
    let size = fields.choice("size", ConferenceSize::WORDS, ConferenceSize::parse);
    let colours = COLOURS.map(|(name, _)| {
        fields.read(name, |value| {
            let text = string(name, value)?;
            let message = || format!("{name} must be # and six hex digits");
            let colour = is_colour(text).then(|| text.to_owned());
            colour.ok_or_else(|| ("invalid_parameter", message()))
        })
    });
    ConferencePatch { room, size, colours }
}

fn read_room(fields: &mut Fields<'_>) -> RoomPatch {
    let layouts = catalog::room_names();
    let chat = match fields.flag("enable_chat") {
        Change::Keep => Change::Keep,
        Change::Clear | Change::Set(true) => Change::Clear,
        Change::Set(false) => Change::Set(ChatAccess::Off),
    };
    RoomPatch {
        description: fields.text("description", limits::DESCRIPTION_CHARS),
        quality: fields.choice("quality", &["720p", "1080p"], Quality::parse),
        join_from: fields.moment("join_from"),
        join_until: fields.moment("join_until"),
        layout: fields
            .choice("layout", layouts, |name| layouts.contains(&name).then(|| name.to_owned())),
        record_on_start: fields.flag("record_on_start"),
        enable_room_previews: fields.flag("enable_room_previews"),
        meta: fields.meta("meta"),
        tone_on_entry_and_exit: fields.flag("tone_on_entry_and_exit"),
        room_join_video_off: fields.flag("room_join_video_off"),
        user_join_video_off: fields.flag("user_join_video_off"),
        enable_chat: chat,
        ..RoomPatch::default()
    }
}

impl ConferencePatch {
    /// Changes `conference`.
    ///
    /// # Errors
    /// As [`RoomPatch::apply`].
    pub fn apply(self, conference: &mut ConferenceSettings) -> Result<(), FieldError> {
        self.size.apply(&mut conference.size, ConferenceSize::Medium);
        let plain = Theme::default();
        for (change, (name, default)) in self.colours.into_iter().zip(plain.iter()) {
            match change {
                Change::Keep => {}
                Change::Clear => conference.theme.set(name, default),
                Change::Set(colour) => conference.theme.set(name, &colour),
            }
        }
        let applied = self.room.apply(&mut conference.room);
        conference.room.max_members = conference.size.members();
        applied
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: Value) -> Result<ConferenceSettings, Vec<(&'static str, &'static str)>> {
        read_new_conference(body.as_object().unwrap())
            .map_err(|errors| errors.iter().map(|e| (e.attribute.unwrap(), e.code)).collect())
    }

    #[test]
    fn what_people_read_is_enough() {
        let hall = read(json!({"display_name": "Town Hall"})).unwrap();
        let expected = ("", "Town Hall", 50, ConferenceSize::Medium);
        let room = &hall.room;
        assert_eq!((&*room.name, &*room.display_name, room.max_members, hall.size), expected);
        assert_eq!((hall.theme, room.enable_chat), (Theme::default(), ChatAccess::Members));
        assert_eq!(read(json!({})).unwrap_err(), [("display_name", "invalid_parameter")]);
    }

    #[test]
    fn every_field_has_its_limit() {
        let bad = "invalid_parameter";
        let wrong = [
            ("name", json!("a-b_9"), json!("a b"), "not_alphanumeric"),
            ("description", json!("é".repeat(3000)), json!("é".repeat(3001)), bad),
            ("size", json!("large"), json!("huge"), bad),
            ("quality", json!("1080p"), json!("4k"), bad),
            ("layout", json!("3x3"), json!("9x9"), bad),
            ("enable_chat", json!(false), json!("off"), "not_a_boolean"),
            ("record_on_start", json!(true), json!(1), "not_a_boolean"),
            ("dark_primary", json!("#0a0B0c"), json!("blue"), bad),
            ("light_negative", json!("#000000"), json!(0), "not_a_string"),
            ("join_from", json!("2022-01-01"), json!("x"), "not_a_datetime"),
            ("meta", json!({"a": 1}), json!([]), "not_a_hash"),
        ];
        for (name, good, wrong, code) in wrong {
            let body = |value: Value| json!({"display_name": "Hall", name: value});
            assert!(read(body(good)).is_ok(), "{name}");
            assert_eq!(read(body(wrong)).unwrap_err(), [(name, code)]);
        }
        let crossed = json!({"display_name": "é".repeat(201), "join_from": 2, "join_until": 1});
        let expected = [("display_name", bad), ("join_until", "invalid_join_until_date")];
        assert_eq!(read(crossed).unwrap_err(), expected);
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name_and_null_puts_back() {
        let change = |settings: &mut ConferenceSettings, body: Value| {
            let (patch, errors) = examine_conference_body(body.as_object().unwrap());
            assert!(errors.is_empty(), "{errors:?}");
            patch.apply(settings).unwrap();
        };
        let body = json!({"display_name": "Hall", "name": "hall", "size": "large",
            "dark_primary": "#000000", "enable_chat": false});
        let mut hall = read(body).unwrap();
        let before = hall.clone();
        change(&mut hall, json!({"name": "other"}));
        assert_eq!(hall, before);
        let back =
            json!({"size": null, "dark_primary": null, "enable_chat": null, "display_name": null});
        change(&mut hall, back);
        assert_eq!(hall, ConferenceSettings::named("hall"));
    }
}
