//! The columns that rooms and sessions share: what a room says about itself, and a session's copy
//! of it.

use crate::StoreError;
use rotunda_domain::{ChatAccess, Quality, RoomSettings, Window};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};
use uuid::Uuid;

/// A statement being filled in.
pub(crate) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// Names of the shared columns, in the order [`bind`] binds them.
macro_rules! room_columns {
    () => {
        "name, display_name, description, max_members, quality, join_from, join_until, remove_at, \
         remove_after_s, layout, record_on_start, enable_room_previews, audio_video_sync, meta, \
         prioritize_handraise, tone_on_entry_and_exit, room_join_video_off, user_join_video_off, \
         logos_visible, blind_mode, silent_mode, meeting_mode, enable_chat, lobby"
    };
}
pub(crate) use room_columns;

/// Places for the shared columns, when they are bound first.
macro_rules! room_places {
    () => {
        "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
         $19, $20, $21, $22, $23, $24"
    };
}
pub(crate) use room_places;

/// Binds all shared columns, 24 values.
pub(crate) fn bind<'q>(statement: Statement<'q>, room: &RoomSettings) -> Statement<'q> {
    let meta = room.meta.clone().map(|meta| serde_json::Value::Object(meta).to_string());
    let statement = statement
        .bind(room.name.clone())
        .bind(room.display_name.clone())
        .bind(room.description.clone())
        .bind(i64::from(room.max_members))
        .bind(room.quality.as_str());
    bind_window(statement, room.window)
        .bind(room.layout.clone())
        .bind(room.record_on_start)
        .bind(room.enable_room_previews)
        .bind(room.audio_video_sync)
        .bind(meta)
        .bind(room.prioritize_handraise)
        .bind(room.tone_on_entry_and_exit)
        .bind(room.room_join_video_off)
        .bind(room.user_join_video_off)
        .bind(room.logos_visible)
        .bind(room.blind_mode)
        .bind(room.silent_mode)
        .bind(room.meeting_mode)
        .bind(room.enable_chat.as_str())
        .bind(room.lobby)
}

/// Binds the four columns of the window.
pub(crate) fn bind_window(statement: Statement<'_>, window: Window) -> Statement<'_> {
    statement
        .bind(window.join_from)
        .bind(window.join_until)
        .bind(window.remove_at)
        .bind(window.remove_after_s.map(i64::from))
}

/// Reads all shared columns.
pub(crate) fn read(row: &SqliteRow) -> Result<RoomSettings, StoreError> {
    let quality: String = row.try_get("quality")?;
    let chat: String = row.try_get("enable_chat")?;
    Ok(RoomSettings {
        name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        description: row.try_get("description")?,
        max_members: number(row, "max_members")?,
        quality: Quality::parse(&quality).ok_or(StoreError::Unreadable { column: "quality" })?,
        window: read_window(row)?,
        layout: row.try_get("layout")?,
        record_on_start: row.try_get("record_on_start")?,
        enable_room_previews: row.try_get("enable_room_previews")?,
        audio_video_sync: row.try_get("audio_video_sync")?,
        meta: read_meta(row)?,
        prioritize_handraise: row.try_get("prioritize_handraise")?,
        tone_on_entry_and_exit: row.try_get("tone_on_entry_and_exit")?,
        room_join_video_off: row.try_get("room_join_video_off")?,
        user_join_video_off: row.try_get("user_join_video_off")?,
        logos_visible: row.try_get("logos_visible")?,
        blind_mode: row.try_get("blind_mode")?,
        silent_mode: row.try_get("silent_mode")?,
        meeting_mode: row.try_get("meeting_mode")?,
        enable_chat: ChatAccess::parse(&chat)
            .ok_or(StoreError::Unreadable { column: "enable_chat" })?,
        lobby: row.try_get("lobby")?,
    })
}

fn read_window(row: &SqliteRow) -> Result<Window, StoreError> {
    let after: Option<i64> = row.try_get("remove_after_s")?;
    let after = after.map(u32::try_from).transpose();
    Ok(Window {
        join_from: row.try_get("join_from")?,
        join_until: row.try_get("join_until")?,
        remove_at: row.try_get("remove_at")?,
        remove_after_s: after.map_err(|_| StoreError::Unreadable { column: "remove_after_s" })?,
    })
}

fn read_meta(
    row: &SqliteRow,
) -> Result<Option<serde_json::Map<String, serde_json::Value>>, StoreError> {
    let text: Option<String> = row.try_get("meta")?;
    let meta = text.map(|text| serde_json::from_str(&text)).transpose();
    meta.map_err(|_| StoreError::Unreadable { column: "meta" })
}

/// Reads a column that holds a small number.
pub(crate) fn number(row: &SqliteRow, column: &'static str) -> Result<u32, StoreError> {
    let number: i64 = row.try_get(column)?;
    u32::try_from(number).map_err(|_| StoreError::Unreadable { column })
}

/// Reads a column that holds an id.
pub(crate) fn id(row: &SqliteRow, column: &'static str) -> Result<Uuid, StoreError> {
    maybe_id(row, column)?.ok_or(StoreError::Unreadable { column })
}

/// Reads a column that may hold an id.
pub(crate) fn maybe_id(row: &SqliteRow, column: &'static str) -> Result<Option<Uuid>, StoreError> {
    let text: Option<String> = row.try_get(column)?;
    let id = text.map(|text| Uuid::try_parse(&text)).transpose();
    id.map_err(|_| StoreError::Unreadable { column })
}
