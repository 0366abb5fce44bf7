//! What those who watch a room are told: the name of the event and what it carries.

use crate::envelope::{date, push_envelope};
use crate::shapes;
use rotunda_domain::videochat::{Notification, NotificationKind, Notify};
use rotunda_domain::{RoomId, SessionId};
use rotunda_hub::{EncodedPush, Push, PushEvent};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

/// Name and text of a push, written once for all who are told.
pub(crate) fn written(push: &Push) -> &EncodedPush {
    push.written.get_or_init(|| {
        let (name, envelope) = of(push);
        let json = to_raw_value(&envelope).expect("a JSON value can be written");
        EncodedPush { name, json }
    })
}

/// The event's name and the envelope that goes with it.
fn of(push: &Push) -> (&'static str, Value) {
    let (name, mut data) = match &push.event {
        PushEvent::Settings(changed, set) => {
            let updated = json!({ "videochat": shapes::settings(set, changed.iter().copied()) });
            (
                "room:settingsUpdated",
                json!({ "roomId": push.room.to_string(), "updatedFields": updated }),
            )
        }
        PushEvent::Session(session, notification) => of_session(push.room, *session, notification),
    };
    data["date"] = date(push.at_epoch_ms).into();
    (name, push_envelope(data))
}

fn of_session(
    room: RoomId,
    session: SessionId,
    notification: &Notification,
) -> (&'static str, Value) {
    let (name, more) = kind(&notification.kind, notification.notify);
    let mut data = json!({ "videochatId": session.to_string(), "roomId": room.to_string() });
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    (name, data)
}

fn kind(kind: &NotificationKind, notify: Notify) -> (&'static str, Value) {
    let notification = json!({ "show": notify.show, "sound": notify.sound });
    match kind {
        NotificationKind::Started => ("videochat:started", json!({ "notification": notification })),
        NotificationKind::Ended => ("videochat:videochatEnded", json!({})),
        NotificationKind::StatusUpdated { mode, is_stream_enabled, limit, playback } => (
            "videochat:videochatStatusUpdated",
            json!({
                "mode": mode.as_str(),
                "isStreamEnabled": is_stream_enabled,
                "videochatLimit": limit,
                "streamPlaybackUrl": playback.as_deref(),
            }),
        ),
        NotificationKind::IdentityConnected(seat) => (
            "videochat:identityConnected",
            json!({ "identity": shapes::identity(seat), "notification": notification }),
        ),
        NotificationKind::IdentityDisconnected(seat) => (
            "videochat:identityDisconnected",
            json!({ "identity": shapes::identity(seat), "notification": notification }),
        ),
        NotificationKind::IdentityUpdated(seat) => {
            ("videochat:participantIdentityUpdated", json!({ "identity": shapes::identity(seat) }))
        }
        NotificationKind::PromotionRequested(seat) => (
            "videochat:conferencePromotionRequested",
            json!({ "user": shapes::user(seat), "notification": notification }),
        ),
        NotificationKind::PromotionDeclined(seat) => {
            ("videochat:conferencePromotionDeclined", json!({ "user": shapes::user(seat) }))
        }
        NotificationKind::ShareStarted(id) => {
            ("videochat:shareScreenStarted", json!({ "identity": id.to_string() }))
        }
        NotificationKind::ShareStopped(id) => {
            ("videochat:shareScreenStopped", json!({ "identity": id.to_string() }))
        }
        NotificationKind::LiveStreamStarted(playback) => {
            ("videochat:liveStreamStarted", json!({ "streamPlaybackUrl": playback.as_deref() }))
        }
        NotificationKind::LiveStreamStopped => ("videochat:liveStreamStopped", json!({})),
        NotificationKind::PresenterChanged(user) => {
            ("room:videochatPresenterChanged", json!({ "userId": user.as_deref() }))
        }
        NotificationKind::CoPresentersChanged(users) => ("room:videochatCoPresenterChanged", {
            let users: Vec<&str> = users.iter().map(|user| &**user).collect();
            json!({ "userIds": users })
        }),
    }
}
