//! Events on their way into the outbox: in the transaction of the state they tell of, one line of the
//! queue of deliveries for each endpoint that takes them. What a line says is written by whoever
//! shows entities to applications ([`BodyShape`](crate::BodyShape)); without one, as in a command of
//! the operator, nothing is written.

use crate::outbox::Entity;
use crate::recordings::recording_in;
use crate::rooms::room_in;
use crate::sessions::{member_in, session_in};
use crate::{EventRow, Store, StoreError};
use rotunda_domain::webhook::{EventFilter, WEBHOOK_EVENTS};
use rotunda_domain::{RecordingId, Room, RoomId};
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

impl Store {
    /// Offers an event to the endpoints of its project, in the transaction of what it tells of;
    /// `room` is the one it is about, where it is about a room's own settings.
    pub(crate) async fn offer(
        &self,
        tx: &mut SqliteConnection,
        event: &EventRow,
        room: Option<&Room>,
    ) -> Result<(), StoreError> {
        let Some(shape) = self.inner.outbox.shape() else { return Ok(()) };
        if !WEBHOOK_EVENTS.contains(&&*event.name) {
            return Ok(());
        }
        let takers = takers(tx, event).await?;
        if takers.is_empty() {
            return Ok(());
        }
        let (place, entity) = match about(tx, event, room).await {
            Err(error) if error.is_passing() => return Err(error),
            // The event is true nevertheless.
            Err(error) => {
                tracing::error!(%error, name = %event.name, "a webhook goes without its entity");
                (event.room, None)
            }
            Ok(found) => found,
        };
        let body = shape.body(event, entity);
        let lane = place.map(|room| room.to_string()).unwrap_or_default();
        for endpoint in takers {
            self.insert_line(tx, endpoint, (event, &lane), &body).await?;
        }
        self.inner.outbox.filled();
        Ok(())
    }

    /// Behind those of its room that are not taken yet, if there are any.
    async fn insert_line(
        &self,
        tx: &mut SqliteConnection,
        endpoint: Uuid,
        (event, lane): (&EventRow, &str),
        body: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO deliveries (id, kind, project_id, target, file, attempts, next_at, state, \
             created_at, updated_at, lane, ordinal, name, body, bytes) \
             SELECT $1, 'webhook', $2, $3, $4, 0, $5, CASE WHEN EXISTS (SELECT 1 FROM deliveries \
             WHERE target = $3 AND lane = $6 AND state IN ('waiting', 'held')) \
             THEN 'held' ELSE 'waiting' END, $5, $5, $6, $7, $8, $9, $10 \
             WHERE TRUE ON CONFLICT (kind, target, file) DO NOTHING",
        )
        .bind(Uuid::new_v4().to_string())
        .bind(event.project.to_string())
        .bind(endpoint.to_string())
        .bind(event.id.to_string())
        .bind(event.created_at_ms)
        .bind(lane)
        .bind(self.next_ordinal())
        .bind(&event.name)
        .bind(body)
        .bind(i64::try_from(body.len()).unwrap_or(i64::MAX))
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// The endpoints that take an event.
async fn takers(tx: &mut SqliteConnection, event: &EventRow) -> Result<Vec<Uuid>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, events FROM webhooks \
         WHERE is_enabled AND (project_id = $1 OR project_id IS NULL)",
    )
    .bind(event.project.to_string())
    .fetch_all(tx)
    .await?;
    let mut takers = Vec::new();
    for row in rows {
        let events: String = row.try_get("events")?;
        if EventFilter::stored(&events).takes(&event.name) {
            takers.push(crate::room_columns::id(&row, "id")?);
        }
    }
    Ok(takers)
}

/// What an event is about, and the room in which its order counts.
async fn about(
    tx: &mut SqliteConnection,
    event: &EventRow,
    room: Option<&Room>,
) -> Result<(Option<RoomId>, Option<Entity>), StoreError> {
    let session = match event.session {
        Some(session) => session_in(tx, session).await?,
        None => None,
    };
    let place = event.room.or(session.as_ref().map(|session| session.room));
    let entity = if let Some(recording) = event.recording {
        recording_in(tx, RecordingId(recording)).await?.map(|row| Entity::Recording(Box::new(row)))
    } else if let (Some(session), Some(member)) = (event.session, event.member) {
        member_in(tx, session, member).await?.map(Entity::Member)
    } else if let Some(session) = session {
        Some(Entity::Session(Box::new(session)))
    } else if let Some(room) = room {
        Some(Entity::Room(Box::new(room.clone())))
    } else if let Some(id) = event.room {
        room_in(tx, event.project, id).await?.map(|room| Entity::Room(Box::new(room)))
    } else {
        None
    };
    Ok((place, entity))
}
