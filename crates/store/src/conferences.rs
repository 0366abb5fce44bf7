//! Conferences: rooms, and what makes them conferences. What a conference has in common with every room
//! lies in its room, and changes there.

use crate::room_columns::room_columns;
use crate::rooms::{self, lock_room, place, room_of};
use crate::sessions::beyond;
use crate::write::Verdict;
use crate::{ListPage, OnlyIf, Page, RoomQuery, Store, StoreError};
use rotunda_domain::{
    Conference, ConferenceRole, ConferenceSettings, ConferenceSize, ProjectId, RoomId, Theme,
};
use serde_json::{Map, Value};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

macro_rules! select {
    () => {
        concat!(
            "SELECT rooms.id, project_id, ordinal, created_at, updated_at, size, theme, ",
            room_columns!(),
            " FROM rooms JOIN conferences ON conferences.room_id = rooms.id WHERE project_id = $1"
        )
    };
}

macro_rules! list {
    ($direction:tt) => {
        concat!(
            select!(),
            " AND (CAST($2 AS BIGINT) IS NULL OR join_from >= $2) \
             AND (CAST($3 AS BIGINT) IS NULL OR join_until <= $3)",
            beyond!("$4", "$5", "$6", $direction)
        )
    };
}

impl Store {
    /// Makes a conference and its two tokens.
    ///
    /// # Errors
    /// `NotUnique` when the project has a room of this name.
    pub async fn create_conference(
        &self,
        project: ProjectId,
        settings: ConferenceSettings,
    ) -> Result<Conference, StoreError> {
        let ConferenceSettings { room, size, theme } = settings;
        let conference = Conference { room: room_of(project, room), size, theme };
        let work = async |tx: &mut SqliteConnection| {
            self.insert_room(tx, &conference.room).await?;
            let insert = "INSERT INTO conferences (size, theme, room_id) VALUES ($1, $2, $3)";
            write(tx, insert, &conference).await?;
            // Lists show the newest first.
            for role in [ConferenceRole::Guest, ConferenceRole::Moderator] {
                self.insert_conference_token(tx, &conference.room, role).await?;
            }
            Ok(conference)
        };
        self.inner.writer.write(work).await
    }

    /// The conference with this id.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a column is not as this version
    /// writes it.
    pub async fn conference(
        &self,
        project: ProjectId,
        id: RoomId,
    ) -> Result<Option<Conference>, StoreError> {
        let row = sqlx::query(concat!(select!(), " AND rooms.id = $2"))
            .bind(project.to_string())
            .bind(id.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Changes a conference by what `change` does to its settings, unless that refuses: the inner result is
    /// its. It follows the rules of [`Store::change_room`].
    ///
    /// # Errors
    /// `NotFound` when there is no such conference; `Outdated`.
    pub async fn change_conference<E>(
        &self,
        project: ProjectId,
        id: RoomId,
        only_if: OnlyIf,
        change: impl FnOnce(&mut ConferenceSettings) -> Result<(), E>,
    ) -> Result<Result<Conference, E>, StoreError> {
        let work = async |tx: &mut SqliteConnection| {
            let mut conference = lock(tx, project, id).await?;
            only_if.check(conference.room.updated_at_ms)?;
            let before = conference.settings();
            let mut settings = before.clone();
            if let Err(refusal) = change(&mut settings) {
                return Ok(Verdict::Undo(Err(refusal)));
            }
            settings.room.name.clone_from(&before.room.name);
            if settings == before {
                return Ok(Verdict::Undo(Ok(conference)));
            }
            let ConferenceSettings { room, size, theme } = settings;
            (conference.room.settings, conference.size, conference.theme) = (room, size, theme);
            self.write_change(tx, &mut conference.room).await?;
            let update = "UPDATE conferences SET size = $1, theme = $2 WHERE room_id = $3";
            write(tx, update, &conference).await?;
            Ok(Verdict::Keep(Ok(conference)))
        };
        self.inner.writer.decide(work).await
    }

    /// A page of the project's conferences, newest first.
    ///
    /// # Errors
    /// As [`Store::conference`].
    pub async fn conferences(
        &self,
        project: ProjectId,
        query: RoomQuery,
        page: Page,
    ) -> Result<ListPage<Conference>, StoreError> {
        let bounds = page.bounds();
        let sql = if bounds.newer { list!(newer) } else { list!(older) };
        let rows = sqlx::query(sql)
            .bind(project.to_string())
            .bind(query.starts_after)
            .bind(query.ends_before)
            .bind(bounds.ordinal)
            .bind(bounds.id.to_string())
            .bind(bounds.limit)
            .fetch_all(&self.inner.readers)
            .await?;
        let rows: Result<Vec<_>, StoreError> =
            rows.iter().map(|row| Ok((place(row)?, read(row)?))).collect();
        Ok(page.cut(rows?))
    }
}

/// Reads a conference that is about to be changed, its room being locked before.
async fn lock(
    tx: &mut SqliteConnection,
    project: ProjectId,
    id: RoomId,
) -> Result<Conference, StoreError> {
    let room = lock_room(tx, project, id).await?;
    let row = sqlx::query("SELECT size, theme FROM conferences WHERE room_id = $1")
        .bind(id.to_string())
        .fetch_optional(tx)
        .await?
        .ok_or(StoreError::NotFound)?;
    Ok(Conference { room, size: read_size(&row)?, theme: read_theme(&row)? })
}

async fn write(
    tx: &mut SqliteConnection,
    statement: &'static str,
    conference: &Conference,
) -> Result<(), StoreError> {
    let colours = conference.theme.iter();
    let colours: Map<_, _> =
        colours.map(|(name, colour)| (name.to_owned(), Value::from(colour))).collect();
    sqlx::query(statement)
        .bind(conference.size.as_str())
        .bind(Value::Object(colours).to_string())
        .bind(conference.room.id.to_string())
        .execute(tx)
        .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<Conference, StoreError> {
    Ok(Conference { room: rooms::read(row)?, size: read_size(row)?, theme: read_theme(row)? })
}

fn read_size(row: &SqliteRow) -> Result<ConferenceSize, StoreError> {
    let size: String = row.try_get("size")?;
    ConferenceSize::parse(&size).ok_or(StoreError::Unreadable { column: "size" })
}

/// A colour that is not there is the default one.
pub(crate) fn read_theme(row: &SqliteRow) -> Result<Theme, StoreError> {
    let text: String = row.try_get("theme")?;
    let colours: Map<String, Value> =
        serde_json::from_str(&text).map_err(|_| StoreError::Unreadable { column: "theme" })?;
    let mut theme = Theme::default();
    for (name, colour) in &colours {
        theme.set(name, colour.as_str().unwrap_or_default());
    }
    Ok(theme)
}
