//! What those who watch a room are told: the name of the event and what it carries.

use crate::envelope::{date, push_envelope};
use crate::shapes;
use rotunda_domain::videochat::{Notice, Notify, Told};
use rotunda_domain::{RoomId, SessionId};
use rotunda_hub::{EncodedPush, Push, PushEvent};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

/// Name and text of a push_envelope, written once for all who are told.
pub(crate) fn written(push: &Push) -> &EncodedPush {
    push.written.get_or_init(|| {
        let (name, push_envelope) = of(push);
        let json = to_raw_value(&push_envelope).expect("a JSON value can be written");
        EncodedPush { name, json }
    })
}

fn of(push: &Push) -> (&'static str, Value) {
    let (name, mut data) = match &push.push_events {
        PushEvent::Settings(fields, set) => {
            let updated = json!({ "videochat": shapes::settings(set, fields) });
            (
                "room:settingsUpdated",
                json!({ "roomId": push.room.to_string(), "updatedFields": updated }),
            )
        }
        PushEvent::Session(session, told) => of_session(push.room, *session, told),
    };
    data["date"] = date(push.at_epoch_ms).into();
    (name, push_envelope(data))
}

fn of_session(room: RoomId, session: SessionId, told: &Told) -> (&'static str, Value) {
    let (name, more) = notice(&told.notice, told.notify);
    let mut data = json!({ "videochatId": session.to_string(), "roomId": room.to_string() });
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    (name, data)
}

fn notice(notice: &Notice, notify: Notify) -> (&'static str, Value) {
    let notification = json!({ "show": notify.show, "sound": notify.sound });
    match notice {
        Notice::Started => ("videochat:started", json!({ "notification": notification })),
        Notice::Ended => ("videochat:videochatEnded", json!({})),
        Notice::StatusUpdated { mode, is_stream_enabled, limit, playback } => (
            "videochat:videochatStatusUpdated",
            json!({
                "mode": mode.as_str(),
                "isStreamEnabled": is_stream_enabled,
                "videochatLimit": limit,
                "streamPlaybackUrl": playback.as_deref(),
            }),
        ),
        Notice::IdentityConnected(seat) => (
            "videochat:identityConnected",
            json!({ "identity": shapes::identity(seat), "notification": notification }),
        ),
        Notice::IdentityDisconnected(seat) => (
            "videochat:identityDisconnected",
            json!({ "identity": shapes::identity(seat), "notification": notification }),
        ),
        Notice::IdentityUpdated(seat) => {
            ("videochat:participantIdentityUpdated", json!({ "identity": shapes::identity(seat) }))
        }
        Notice::PromotionRequested(seat) => (
            "videochat:conferencePromotionRequested",
            json!({ "user": shapes::user(seat), "notification": notification }),
        ),
        Notice::PromotionDeclined(seat) => {
            ("videochat:conferencePromotionDeclined", json!({ "user": shapes::user(seat) }))
        }
        Notice::ShareStarted(id) => {
            ("videochat:shareScreenStarted", json!({ "identity": id.to_string() }))
        }
        Notice::ShareStopped(id) => {
            ("videochat:shareScreenStopped", json!({ "identity": id.to_string() }))
        }
        Notice::LiveStreamStarted(playback) => {
            ("videochat:liveStreamStarted", json!({ "streamPlaybackUrl": playback.as_deref() }))
        }
        Notice::LiveStreamStopped => ("videochat:liveStreamStopped", json!({})),
        Notice::PresenterChanged(user) => {
            ("room:videochatPresenterChanged", json!({ "userId": user.as_deref() }))
        }
        Notice::CoPresentersChanged(users) => ("room:videochatCoPresenterChanged", {
            let users: Vec<&str> = users.iter().map(|user| &**user).collect();
            json!({ "userIds": users })
        }),
    }
}
