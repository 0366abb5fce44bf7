//! Bodies of `/webhooks`, read.

use crate::error::FieldError;
use crate::fields::{Change, Fields, string};
use rotunda_domain::limits;
use rotunda_domain::webhook::EventFilter;
use rotunda_hub::WebhookTerms;
use serde_json::{Map, Value};
use uuid::Uuid;

/// How long the present secret signs beside a new one, when nothing is said: a day.
const OVERLAP_S: u32 = 86_400;

/// What a body changes of an endpoint.
pub(crate) struct WebhookChanges {
    pub(crate) url: Option<String>,
    pub(crate) events: Change<EventFilter>,
    pub(crate) description: Change<String>,
    pub(crate) enabled: Change<bool>,
}

/// A new endpoint.
pub(crate) fn read_new(body: &Map<String, Value>) -> Result<WebhookTerms, Vec<FieldError>> {
    let mut fields = Fields::new(body);
    let url = fields.required_text("url", limits::WEBHOOK_URL_CHARS).unwrap_or_default();
    let events = events(&mut fields).value().unwrap_or_default();
    let description = fields.text("description", limits::WEBHOOK_DESCRIPTION_CHARS);
    let description = description.value().unwrap_or_default();
    let is_enabled = fields.flag("enabled").value().unwrap_or(true);
    fields.done(WebhookTerms { url, events, description, is_enabled })
}

/// What is to be otherwise.
pub(crate) fn read_changes(body: &Map<String, Value>) -> Result<WebhookChanges, Vec<FieldError>> {
    let mut fields = Fields::new(body);
    let has_url = fields.has("url");
    let url = has_url.then(|| fields.required_text("url", limits::WEBHOOK_URL_CHARS)).flatten();
    let events = events(&mut fields);
    let description = fields.text("description", limits::WEBHOOK_DESCRIPTION_CHARS);
    let enabled = fields.flag("enabled");
    fields.done(WebhookChanges { url, events, description, enabled })
}

/// How long the present secret goes on to sign, seconds.
pub(crate) fn read_overlap(body: &Map<String, Value>) -> Result<u32, Vec<FieldError>> {
    let mut fields = Fields::new(body);
    let overlap = fields.number("overlap_seconds", limits::WEBHOOK_OVERLAP_S).value();
    fields.done(overlap.unwrap_or(OVERLAP_S))
}

/// Which event is sent again; all that were given up when none is named.
pub(crate) fn read_replay(body: &Map<String, Value>) -> Result<Option<Uuid>, Vec<FieldError>> {
    let mut fields = Fields::new(body);
    let event = fields.read("event_id", |value| {
        let id = string("event_id", value)?;
        Uuid::try_parse(id).map_err(|_| ("invalid_parameter", "event_id must be an id".to_owned()))
    });
    fields.done(event.value())
}

fn events(fields: &mut Fields<'_>) -> Change<EventFilter> {
    fields.read("events", |value| {
        let texts: Option<Vec<String>> = value
            .as_array()
            .and_then(|list| list.iter().map(|text| text.as_str().map(str::to_owned)).collect());
        let texts = texts.ok_or_else(|| {
            ("not_an_array_of_strings", "events must be a list of strings".to_owned())
        })?;
        if texts.len() > limits::WEBHOOK_EVENTS_NAMED {
            let message = format!("events must be at most {}", limits::WEBHOOK_EVENTS_NAMED);
            return Err(("invalid_parameter", message));
        }
        EventFilter::new(texts).map_err(|word| {
            let word: String = word.chars().take(50).collect();
            ("invalid_parameter", format!("{word:?} is no event and no family such as member.*"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codes<T>(read: Result<T, Vec<FieldError>>) -> Vec<(&'static str, &'static str)> {
        let errors = read.err().unwrap_or_default();
        errors.iter().map(|error| (error.attribute.unwrap_or("-"), error.code)).collect()
    }

    #[test]
    fn a_webhook_says_where_to_and_everything_wrong_with_it_is_named_at_once() {
        let of = |body: Value| codes(read_new(body.as_object().unwrap()));
        let bad = "invalid_parameter";
        assert!(of(json!({"url": "https://a.test/"})).is_empty());
        let all = json!({"url": "https://a.test/", "events": ["member.*", "room.ended"],
            "description": "mine", "enabled": false});
        assert!(of(all).is_empty());
        assert_eq!(of(json!({})), [("url", bad)]);
        let wrong = json!({"url": 1, "events": ["member"], "description": [], "enabled": "yes"});
        let expected = [
            ("url", "not_a_string"),
            ("events", bad),
            ("description", "not_a_string"),
            ("enabled", "not_a_boolean"),
        ];
        assert_eq!(of(wrong), expected);
        let not_strings = json!({"url": "https://a.test/", "events": [1]});
        assert_eq!(of(not_strings), [("events", "not_an_array_of_strings")]);
        let many = json!({"url": "https://a.test/", "events": vec!["room.*"; 101]});
        assert_eq!(of(many), [("events", bad)]);
    }

    #[test]
    fn a_change_names_what_it_changes_and_cannot_take_the_address_away() {
        let of = |body: Value| read_changes(body.as_object().unwrap());
        let none = of(json!({})).ok().unwrap();
        assert_eq!((none.url, none.enabled), (None, Change::Keep));
        let cleared = of(json!({"events": null})).ok().unwrap();
        assert_eq!(cleared.events, Change::Clear);
        assert_eq!(codes(of(json!({"url": null}))), [("url", "invalid_parameter")]);
    }

    #[test]
    fn a_secret_overlaps_for_a_day_unless_something_else_is_said_and_never_more_than_a_week() {
        let of = |body: Value| read_overlap(body.as_object().unwrap());
        assert_eq!(of(json!({})), Ok(86_400));
        assert_eq!(of(json!({"overlap_seconds": 0})), Ok(0));
        let bad = [("overlap_seconds", "invalid_parameter")];
        assert_eq!(codes(of(json!({"overlap_seconds": 604_801}))), bad);
        let replay = |body: Value| read_replay(body.as_object().unwrap());
        assert_eq!(replay(json!({})), Ok(None));
        let id = Uuid::from_u128(7);
        assert_eq!(replay(json!({"event_id": id})), Ok(Some(id)));
        assert_eq!(codes(replay(json!({"event_id": "x"}))), [("event_id", "invalid_parameter")]);
    }
}
