//! What endpoints of webhooks are sent: the event as the lists of events show it, and what it is about
//! as its own route shows it, written when it happened. Links that open something without
//! credentials are left out: they would be over when they are read, or be read by others.

use crate::dates::write_ms;
use crate::objects::{EventObject, MemberObject, RecordingObject, RoomObject, SessionObject};
use rotunda_hub::{BodyShape, Entity, EventRow, Fps};
use serde::Serialize;

/// What is sent.
#[derive(Serialize)]
struct WebhookBody<'a> {
    r#type: &'a str,
    timestamp: String,
    data: WebhookData,
}

#[derive(Serialize)]
struct WebhookData {
    event: EventObject,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<RoomObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_session: Option<Box<SessionObject>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<MemberObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<RecordingObject>,
}

/// Writes what endpoints are sent; rooms are reported with these frame rates.
pub fn webhook_bodies(fps: Fps) -> BodyShape {
    BodyShape::new(move |event, entity| write(event, entity, fps))
}

fn write(event: &EventRow, entity: Option<Entity>, fps: Fps) -> String {
    let event_object = EventObject::new(event.clone());
    let mut data = WebhookData {
        event: event_object,
        room: None,
        room_session: None,
        member: None,
        recording: None,
    };
    match entity {
        None => {}
        Some(Entity::Room(room)) => {
            let fps = fps.of(room.settings.quality);
            data.room = Some(RoomObject::new(*room, fps, None));
        }
        Some(Entity::Session(row)) => {
            data.room_session = Some(Box::new(SessionObject::new(*row, None)));
        }
        Some(Entity::Member(row)) => data.member = Some(MemberObject::new(row)),
        Some(Entity::Recording(row)) => data.recording = Some(RecordingObject::new(*row, None)),
    }
    let timestamp = write_ms(event.created_at_ms);
    let body = WebhookBody { r#type: &event.name, timestamp, data };
    serde_json::to_string(&body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_domain::{ProjectId, RecordingId, Room, RoomId, RoomSettings, SessionId};
    use rotunda_hub::{RecordingRow, RecordingStatus};
    use rotunda_store::RecordingPlace;
    use serde_json::{Value, json};
    use uuid::Uuid;

    const FPS: Fps = Fps { p720: 20, p1080: 30 };

    fn sent(name: &str, entity: Option<Entity>) -> Value {
        let project = ProjectId(Uuid::from_u128(1));
        let mut event = EventRow::new(project, name, json!({"a": 1}), 1_700_000_000_250);
        event.id = Uuid::from_u128(2);
        serde_json::from_str(&write(&event, entity, FPS)).unwrap()
    }

    #[test]
    fn a_body_says_what_happened_when_and_to_what() {
        let room = Room {
            id: RoomId(Uuid::from_u128(3)),
            project: ProjectId(Uuid::from_u128(1)),
            settings: RoomSettings::named("hall"),
            created_at_ms: 0,
            updated_at_ms: 0,
        };
        let shown = serde_json::to_value(RoomObject::new(room.clone(), 20, None)).unwrap();
        let body = sent("room.created", Some(Entity::Room(Box::new(room))));
        assert_eq!(body["type"], "room.created");
        assert!(body["timestamp"].as_str().unwrap().starts_with("2023-11-14T22:13:20"));
        assert_eq!(body["data"]["room"], shown, "as REST shows it");
        assert_eq!(body["data"]["event"]["id"], json!(Uuid::from_u128(2)));
        assert_eq!(body["data"]["event"]["payload"], json!({"a": 1}));
        assert_eq!(body["data"].as_object().unwrap().len(), 2);
    }

    #[test]
    fn an_event_without_an_entity_is_sent_all_the_same() {
        let body = sent("livechat.config_updated", None);
        assert_eq!(body["data"].as_object().unwrap().keys().collect::<Vec<_>>(), ["event"]);
    }

    #[test]
    fn no_link_that_opens_a_recording_is_sent() {
        let row = RecordingRow {
            id: RecordingId(Uuid::from_u128(4)),
            project: ProjectId(Uuid::from_u128(1)),
            session: SessionId(Uuid::from_u128(5)),
            status: RecordingStatus::Completed,
            started_ms: 0,
            finished_ms: Some(1_000),
            duration_ms: Some(1_000),
            bytes: Some(10),
            is_seekable: true,
            place: RecordingPlace::Local,
            created_at_ms: 0,
            updated_at_ms: 0,
        };
        let body = sent("recording.completed", Some(Entity::Recording(Box::new(row))));
        assert_eq!(body["data"]["recording"]["status"], "completed");
        assert_eq!(body["data"]["recording"]["uri"], Value::Null);
    }
}
