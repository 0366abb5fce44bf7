//! What is set for rooms' videochats.

use crate::{EventRow, Store, StoreError, now_ms};
use rotunda_domain::videochat::{
    AutoPromotion, EngineName, InitUser, LimitSettings, NotificationMode, RoomType, VideochatMode,
    VideochatSettings,
};
use rotunda_domain::{ProjectId, RoomId};
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

const PUT: &str = "INSERT INTO videochat_settings (room_id, mode, room_type, engine, init_user, \
    exclude_listeners, use_presentation_board, enable_streaming, notification_mode, auto_custom, \
    auto_limit, auto_demote, limit_custom, identity_limit, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
    ON CONFLICT (room_id) DO UPDATE SET mode = excluded.mode, room_type = excluded.room_type, \
    engine = excluded.engine, init_user = excluded.init_user, \
    exclude_listeners = excluded.exclude_listeners, \
    use_presentation_board = excluded.use_presentation_board, \
    enable_streaming = excluded.enable_streaming, \
    notification_mode = excluded.notification_mode, auto_custom = excluded.auto_custom, \
    auto_limit = excluded.auto_limit, auto_demote = excluded.auto_demote, \
    limit_custom = excluded.limit_custom, identity_limit = excluded.identity_limit, \
    updated_at = excluded.updated_at";

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
                sqlx::query(PUT)
                    .bind(room.to_string())
                    .bind(set.mode.as_str())
                    .bind(set.room_type.as_str())
                    .bind(set.engine.as_str())
                    .bind(set.init_user.as_str())
                    .bind(set.exclude_listeners)
                    .bind(set.use_presentation_board)
                    .bind(set.enable_streaming)
                    .bind(i64::from(set.notification_mode.number()))
                    .bind(set.auto_promotion.use_custom)
                    .bind(i64::from(set.auto_promotion.limit))
                    .bind(set.auto_promotion.demote)
                    .bind(set.limit.use_custom)
                    .bind(i64::from(set.limit.limit))
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
                let payload = json!({ "room_id": room.to_string(), "fields": fields });
                self.append(tx, &EventRow::new(project, "room.settings_updated", payload, now))
                    .await?;
                Ok(())
            })
            .await
    }
}

fn read(row: &SqliteRow) -> Result<VideochatSettings, StoreError> {
    Ok(VideochatSettings {
        mode: word(row, "mode", VideochatMode::parse)?,
        room_type: word(row, "room_type", RoomType::parse)?,
        engine: word(row, "engine", EngineName::parse)?,
        init_user: word(row, "init_user", InitUser::parse)?,
        exclude_listeners: row.try_get("exclude_listeners")?,
        use_presentation_board: row.try_get("use_presentation_board")?,
        enable_streaming: row.try_get("enable_streaming")?,
        notification_mode: NotificationMode::of_number(row.try_get("notification_mode")?)
            .ok_or(StoreError::Unreadable { column: "notification_mode" })?,
        auto_promotion: AutoPromotion {
            use_custom: row.try_get("auto_custom")?,
            limit: number(row, "auto_limit")?,
            demote: row.try_get("auto_demote")?,
        },
        limit: LimitSettings {
            use_custom: row.try_get("limit_custom")?,
            limit: number(row, "identity_limit")?,
        },
    })
}

fn word<T>(
    row: &SqliteRow,
    column: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, StoreError> {
    let text: String = row.try_get(column)?;
    parse(&text).ok_or(StoreError::Unreadable { column })
}

fn number(row: &SqliteRow, column: &'static str) -> Result<u32, StoreError> {
    let number: i64 = row.try_get(column)?;
    u32::try_from(number).map_err(|_| StoreError::Unreadable { column })
}
