//! The steps that made the schema what it is, oldest first. They are listed by hand: sqlx' macro that
//! reads the folder builds sqlx and SQLite a second time, for the compiler.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// A step: its number, what it brought, and its SQL.
type Step = (i64, &'static str, &'static str);

/// A file of `migrations/` is a line here, under the number and name the file has.
const STEPS: [Step; 14] = [
    (1, "start", include_str!("../migrations/0001_start.sql")),
    (2, "modes", include_str!("../migrations/0002_modes.sql")),
    (3, "recordings", include_str!("../migrations/0003_recordings.sql")),
    (4, "streams", include_str!("../migrations/0004_streams.sql")),
    (5, "deliveries", include_str!("../migrations/0005_deliveries.sql")),
    (6, "videochat", include_str!("../migrations/0006_videochat.sql")),
    (7, "livechat", include_str!("../migrations/0007_livechat.sql")),
    (8, "retention", include_str!("../migrations/0008_retention.sql")),
    (9, "room_links", include_str!("../migrations/0009_room_links.sql")),
    (10, "chat", include_str!("../migrations/0010_chat.sql")),
    (11, "lobby", include_str!("../migrations/0011_lobby.sql")),
    (12, "admins", include_str!("../migrations/0012_admins.sql")),
    (13, "conferences", include_str!("../migrations/0013_conferences.sql")),
    (14, "webhooks", include_str!("../migrations/0014_webhooks.sql")),
];

/// What brings a database of any age up to date; a step that was taken is known by its number and
/// the hash of its SQL.
pub(crate) fn steps() -> Migrator {
    let step = |(number, name, sql): Step| {
        let sql = sql.into_sql_str();
        Migration::new(number, name.into(), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(STEPS.into_iter().map(step).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_a_step() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let files = std::fs::read_dir(folder).unwrap();
        let mut files: Vec<_> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        let listed: Vec<_> =
            STEPS.iter().map(|(number, name, _)| format!("{number:04}_{name}.sql")).collect();
        assert_eq!(files, listed);
        assert!(STEPS.windows(2).all(|pair| pair[0].0 < pair[1].0), "a gap is no step");
    }
}
