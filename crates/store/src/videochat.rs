//! What is set for rooms' videochats.

use crate::room_columns::{Statement, number};
use crate::{EventRow, Store, StoreError, now_ms};
use rotunda_domain::videochat::{
    Column, NotificationMode, SETTINGS, Setting, SettingValue, VideochatSettings,
};
use rotunda_domain::{ProjectId, RoomId};
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::sync::LazyLock;

/// Binds the room, the settings' columns in their order, and the time.
static PUT: LazyLock<String> = LazyLock::new(|| {
    let names: Vec<&str> = columns().map(|column| column.name).chain(["updated_at"]).collect();
    let places: Vec<_> = (2..).zip(&names).map(|(place, _)| format!("${place}")).collect();
    let updates: Vec<_> = names.iter().map(|name| format!("{name} = excluded.{name}")).collect();
    format!(
        "INSERT INTO videochat_settings (room_id, {}) VALUES ($1, {}) \
         ON CONFLICT (room_id) DO UPDATE SET {}",
        names.join(", "),
        places.join(", "),
        updates.join(", ")
    )
});

fn columns() -> impl Iterator<Item = &'static Column> {
    SETTINGS.iter().flat_map(Setting::columns)
}

impl Store {
    /// What is set for a room; the defaults when nothing was.
    ///
    /// # Errors
    /// `Unreadable` when a newer version wrote a word this one does not know.
    pub async fn videochat_settings(&self, room: RoomId) -> Result<VideochatSettings, StoreError> {
        let row = sqlx::query("SELECT * FROM videochat_settings WHERE room_id = $1")
            .bind(room.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map_or_else(|| Ok(VideochatSettings::default()), read)
    }

    /// Keeps what is set for a room, with a line of history; `field` is what was set.
    ///
    /// # Errors
    /// `Declined` when the room was deleted meanwhile.
    pub async fn put_videochat_settings(
        &self,
        project: ProjectId,
        room: RoomId,
        set: &VideochatSettings,
        fields: &[&str],
    ) -> Result<(), StoreError> {
        let now = now_ms();
        self.inner
            .writer
            .write(async |tx| {
                let put = sqlx::query(PUT.as_str()).bind(room.to_string());
                let put = columns().fold(put, |put, column| bind(put, *set, column));
                put.bind(now).execute(&mut *tx).await?;
                let payload = json!({ "room_id": room.to_string(), "fields": fields });
                let event = EventRow {
                    room: Some(room),
                    ..EventRow::new(project, "room.settings_updated", payload, now)
                };
                self.append(tx, &event).await
            })
            .await
    }
}

fn bind<'q>(
    statement: Statement<'q>,
    mut set: VideochatSettings,
    column: &Column,
) -> Statement<'q> {
    match (column.value)(&mut set) {
        SettingValue::Word(word) => statement.bind(word.word()),
        SettingValue::Flag(flag) => statement.bind(*flag),
        SettingValue::Limit(limit) => statement.bind(i64::from(*limit)),
        SettingValue::Notification(mode) => statement.bind(i64::from(mode.number())),
    }
}

fn read(row: &SqliteRow) -> Result<VideochatSettings, StoreError> {
    let mut set = VideochatSettings::default();
    for column in columns() {
        read_value(row, column, &mut set)?;
    }
    Ok(set)
}

fn read_value(
    row: &SqliteRow,
    column: &Column,
    set: &mut VideochatSettings,
) -> Result<(), StoreError> {
    let name = column.name;
    let unreadable = || StoreError::Unreadable { column: name };
    match (column.value)(set) {
        SettingValue::Word(word) => {
            let text: String = row.try_get(name)?;
            word.set(&text).ok_or_else(unreadable)?;
        }
        SettingValue::Flag(flag) => *flag = row.try_get(name)?,
        SettingValue::Limit(limit) => *limit = number(row, name)?,
        SettingValue::Notification(mode) => {
            *mode = NotificationMode::of_number(row.try_get(name)?).ok_or_else(unreadable)?;
        }
    }
    Ok(())
}
