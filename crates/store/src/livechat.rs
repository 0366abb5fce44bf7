//! Live-chat sites: what each is set to, and which governs a project.

use crate::{EventRow, Store, StoreError, now_ms, room_columns};
use rotunda_domain::ProjectId;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

/// A site of the live chat, numbered by the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteId(pub i64);

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for SiteId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What a site is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivechatConfig {
    /// The site.
    pub site: SiteId,
    /// Whether people may join the rooms of its projects.
    pub enabled: bool,
    /// Whether every session of its projects is recorded.
    pub record: bool,
    /// Where finished recordings are sent; empty until somebody set it.
    pub recording_server_url: String,
}

/// A change of what a site is set to; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LivechatChange {
    /// As in [`LivechatConfig`].
    pub enabled: Option<bool>,
    /// As in [`LivechatConfig`].
    pub record: Option<bool>,
    /// As in [`LivechatConfig`].
    pub recording_server_url: Option<String>,
}

impl Store {
    /// What the site is set to that governs a project; `None` when no site is linked to it.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a column is not of its
    /// type.
    pub async fn livechat_of(
        &self,
        project: ProjectId,
    ) -> Result<Option<LivechatConfig>, StoreError> {
        let row = sqlx::query(
            "SELECT s.* FROM livechat_sites s JOIN livechat_links l ON l.site_id = s.id \
             WHERE l.project_id = $1",
        )
        .bind(project.to_string())
        .fetch_optional(&self.inner.readers)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// What a site is set to; `None` when there is no such site.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a column is not of its
    /// type.
    pub async fn livechat_config(
        &self,
        site: SiteId,
    ) -> Result<Option<LivechatConfig>, StoreError> {
        let row = sqlx::query("SELECT * FROM livechat_sites WHERE id = $1")
            .bind(site.0)
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Changes what a site is set to, with a line in the history of each project it governs;
    /// answers what it is set to then.
    ///
    /// # Errors
    /// `NotFound` when there is no such site.
    pub async fn change_livechat(
        &self,
        site: SiteId,
        change: LivechatChange,
    ) -> Result<LivechatConfig, StoreError> {
        let now = now_ms();
        self.inner.writer.write(async |tx| {
        let row = sqlx::query(
            "UPDATE livechat_sites SET is_enabled = COALESCE($1, is_enabled), \
             records = COALESCE($2, records), \
             recording_server_url = COALESCE($3, recording_server_url), updated_at = $4 \
             WHERE id = $5 RETURNING *",
        )
        .bind(change.enabled)
        .bind(change.record)
        .bind(change.recording_server_url)
        .bind(now)
        .bind(site.0)
        .fetch_optional(&mut *tx)
        .await?;
        let config = read(&row.ok_or(StoreError::NotFound)?)?;
        for project in governed(tx, site).await? {
            // Not the URL: it may carry a secret.
            let payload =
                json!({ "site_id": site.0, "enabled": config.enabled, "record": config.record });
            let event = EventRow::new(project, "livechat.config_updated", payload, now);
            self.append(tx, &event).await?;
        }
        Ok(config)
        }).await
    }

    /// Lets a site govern a project from now on; answers what the site is set to. Linking the two
    /// twice changes nothing.
    ///
    /// # Errors
    /// `NotFound` when there is no such site, `NotUnique` when another site governs the project,
    /// `Declined` when there is no such project.
    pub async fn link_livechat(
        &self,
        site: SiteId,
        project: ProjectId,
    ) -> Result<LivechatConfig, StoreError> {
        let config = self.livechat_config(site).await?.ok_or(StoreError::NotFound)?;
        let now = now_ms();
        self.inner
            .writer
            .write(async |tx| {
                let linked: Option<i64> =
                    sqlx::query_scalar("SELECT site_id FROM livechat_links WHERE project_id = $1")
                        .bind(project.to_string())
                        .fetch_optional(&mut *tx)
                        .await?;
                match linked {
                    Some(other) if other == site.0 => return Ok(config),
                    Some(_) => return Err(StoreError::NotUnique),
                    None => {}
                }
                let link = "INSERT INTO livechat_links (project_id, site_id, created_at) \
                    VALUES ($1, $2, $3)";
                sqlx::query(link)
                    .bind(project.to_string())
                    .bind(site.0)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
                let payload = json!({ "site_id": site.0 });
                self.append(tx, &EventRow::new(project, "livechat.linked", payload, now)).await?;
                Ok(config)
            })
            .await
    }

    /// Lets no site govern a project any more; answers which did.
    ///
    /// # Errors
    /// `NotFound` when none did.
    pub async fn unlink_livechat(&self, project: ProjectId) -> Result<SiteId, StoreError> {
        self.inner
            .writer
            .write(async |tx| {
                let site: Option<i64> = sqlx::query_scalar(
                    "DELETE FROM livechat_links WHERE project_id = $1 RETURNING site_id",
                )
                .bind(project.to_string())
                .fetch_optional(&mut *tx)
                .await?;
                let site = site.ok_or(StoreError::NotFound)?;
                let event = EventRow::new(
                    project,
                    "livechat.unlinked",
                    json!({ "site_id": site }),
                    now_ms(),
                );
                self.append(tx, &event).await?;
                Ok(SiteId(site))
            })
            .await
    }
}

/// Sees to it that there is such a site. A new one is switched off, records nothing and sends
/// nothing anywhere (REST reference §7.2); it governs nothing until it is linked.
pub(crate) async fn ensure_site(
    tx: &mut SqliteConnection,
    site: SiteId,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO livechat_sites (id, is_enabled, records, recording_server_url, created_at, \
         updated_at) VALUES ($1, FALSE, FALSE, '', $2, $2) ON CONFLICT (id) DO NOTHING",
    )
    .bind(site.0)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

async fn governed(tx: &mut SqliteConnection, site: SiteId) -> Result<Vec<ProjectId>, StoreError> {
    let rows = sqlx::query("SELECT project_id FROM livechat_links WHERE site_id = $1")
        .bind(site.0)
        .fetch_all(tx)
        .await?;
    rows.iter().map(|row| room_columns::id(row, "project_id").map(ProjectId)).collect()
}

fn read(row: &SqliteRow) -> Result<LivechatConfig, StoreError> {
    Ok(LivechatConfig {
        site: SiteId(row.try_get("id")?),
        enabled: row.try_get("is_enabled")?,
        record: row.try_get("records")?,
        recording_server_url: row.try_get("recording_server_url")?,
    })
}
