//! `signalwire.subscribe`: what an application wants to hear, in the names of its SDK (wire protocol
//! §12 and §14). Names nobody knows are harmless: the SDK lists events of its own among them.

use crate::methods::Params;
use rotunda_domain::{Event, Refusal};
use rotunda_hub::Subscription;
use serde_json::Value;
use std::collections::HashSet;

/// The channel of all rooms of a project.
const ALL_ROOMS: &str = "video.rooms";

/// Reads the parameters of a subscription.
///
/// # Errors
/// `Invalid` in words that say what to change.
pub fn read(params: &Params<'_>) -> Result<Subscription, Refusal> {
    let channel = params.text("event_channel")?;
    let names = params.some_texts("events")?;
    Ok(Subscription {
        channel: (channel != ALL_ROOMS).then(|| channel.to_owned()),
        names: names.iter().flat_map(|name| heard(name)).collect::<HashSet<_>>(),
        show: params.flag("get_initial_state")?.unwrap_or(false),
    })
}

/// Whether since when hands are up is to be told, too.
pub fn names_hands(params: &Value) -> bool {
    let is_it = |name: &Value| {
        name.as_str().and_then(|n| n.strip_prefix("video.")) == Some(Event::HAND_RAISED_AT)
    };
    params.get("events").and_then(Value::as_array).is_some_and(|names| names.iter().any(is_it))
}

/// The events behind a name of the SDK: the event's own, or one of the SDK's for a choice of them.
/// Whether and when applications hear those is [`Event::hearers`].
fn heard(name: &str) -> Vec<&'static str> {
    let name = name.strip_prefix("video.").unwrap_or(name);
    if let Some(own) = Event::NAMES.into_iter().find(|own| *own == name) {
        return vec![own];
    }
    match name {
        "room.audienceCount" => vec![Event::AUDIENCE_COUNT],
        "memberList.updated" => {
            vec![Event::MEMBER_JOINED, Event::MEMBER_UPDATED, Event::MEMBER_LEFT]
        }
        name if name.starts_with(Event::MEMBER_UPDATED) => vec![Event::MEMBER_UPDATED],
        name if name.starts_with(Event::MEMBER_TALKING) => vec![Event::MEMBER_TALKING],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(params: &Value) -> Result<Subscription, Refusal> {
        read(&Params::of(params)?)
    }

    #[test]
    fn the_sdks_names_are_the_events_behind_them_and_unknown_ones_do_no_harm() {
        let names = ["video.memberList.updated", "video.recording.ended", "video.recording.x"];
        let subscription = of(&json!({"event_channel": "EC_1", "events": names})).unwrap();
        let expected = ["member.joined", "member.updated", "member.left", "recording.ended"];
        assert_eq!(subscription.names, HashSet::from(expected));
        assert_eq!((subscription.channel.as_deref(), subscription.show), (Some("EC_1"), false));
    }

    #[test]
    fn every_event_an_application_may_hear_is_subscribed_to_by_its_name() {
        for name in Event::NAMES {
            let wire = format!("video.{name}");
            let subscription = of(&json!({"event_channel": "EC_1", "events": [wire]})).unwrap();
            assert!(subscription.names.contains(name), "{name}");
        }
        // What `play()` of the server SDK waits for.
        assert!(heard("video.playback.started") == ["playback.started"]);
    }

    #[test]
    fn all_rooms_are_a_channel_and_the_rest_is_checked() {
        let rooms =
            json!({"event_channel": "video.rooms", "events": [], "get_initial_state": true});
        let subscription = of(&rooms).unwrap();
        assert_eq!((subscription.channel, subscription.show), (None, true));
        for wrong in [
            json!({"events": []}),
            json!({"event_channel": 1, "events": []}),
            json!({"event_channel": "EC_1"}),
            json!({"event_channel": "EC_1", "events": [1]}),
            json!({"event_channel": "EC_1", "events": [], "get_initial_state": "yes"}),
        ] {
            assert!(matches!(of(&wrong), Err(Refusal::Invalid(_))), "{wrong}");
        }
    }
}
