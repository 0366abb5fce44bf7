//! `/events`: what happens in a project, as it happens (server-sent events, HTML standard §9.2). Each event is one
//! of those that `/room_sessions/{id}/events` lists, told once it is there.

use crate::Door;
use crate::access::Caller;
use crate::error::ApiError;
use crate::objects::EventObject;
use crate::openapi_bodies::PlainError;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use rotunda_hub::{EventRow, ListenRefused, Listening};
use serde::Serialize;
use serde_json::Value;
use std::convert::Infallible;
use std::time::Duration;
use utoipa::ToSchema;

/// How often something is sent while nothing happens, so that neither we nor a proxy take the stream for dead.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// When one may try again who found as many listeners as may be, seconds.
const RETRY_AFTER_S: u64 = 5;

/// What stands behind `data:`.
#[derive(Serialize, ToSchema)]
#[schema(as = LiveEvent)]
pub(crate) struct LiveObject {
    /// As `event:` has it, such as `member.joined`.
    r#type: String,
    /// When it happened.
    timestamp: String,
    /// The payload that the list of the session's events has.
    #[schema(value_type = Object)]
    data: Value,
}

#[utoipa::path(get, path = "/api/video/events", tag = "Events", operation_id = "listen_to_events",
    responses((status = 200, body = LiveObject, content_type = "text/event-stream"),
        (status = 401, body = PlainError), (status = 403, body = PlainError),
        (status = 429, body = PlainError)))]
/// Listen to what happens in the project: rooms, sessions, members, layouts, recordings, streams and playbacks. Who
/// does not read is let go; who is let go looks at what is, and listens anew.
pub(crate) async fn listen(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let listening = door.hub.listen(caller.project, caller.by).await?;
    let begun = stream::iter([Ok(Event::default().comment("listening"))]);
    let alive = KeepAlive::new().interval(SIGN_OF_LIFE);
    Ok(Sse::new(stream::StreamExt::chain(begun, stream::unfold(listening, next))).keep_alive(alive))
}

async fn next(mut listening: Listening) -> Option<(Result<Event, Infallible>, Listening)> {
    let event = listening.recv().await?;
    Some((Ok(written(&event)), listening))
}

fn written(row: &EventRow) -> Event {
    let (id, name) = (row.id.to_string(), row.name.clone());
    let object = EventObject::new(row.clone());
    let event = Event::default().id(id).event(&name);
    let (timestamp, data) = object.into_facts();
    let object = LiveObject { r#type: name, timestamp, data };
    // What is read from the database as JSON can be written as JSON.
    event.json_data(object).unwrap_or_else(|_| Event::default().comment("unreadable"))
}

impl From<ListenRefused> for ApiError {
    fn from(refused: ListenRefused) -> Self {
        match refused {
            ListenRefused::Full => Self::TooOften(RETRY_AFTER_S),
            ListenRefused::Store(error) => error.into(),
        }
    }
}
