//! Endpoints: where events are sent, and the secrets that sign them.

use crate::projects::random;
use crate::write::Verdict;
use crate::{Store, StoreError, now_ms, room_columns};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rotunda_domain::ProjectId;
use rotunda_domain::webhook::EventFilter;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::fmt;
use uuid::Uuid;

/// What secrets begin with, as Standard Webhooks has it.
const PREFIX: &str = "whsec_";
/// Bytes of a secret: Standard Webhooks asks for 24 to 64.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT id, project_id, url, events, description, is_enabled, off_reason, secret, \
             old_secret, old_until, created_at, updated_at FROM webhooks WHERE ",
            $which
        )
    };
}

/// What signs; shown to people once, in the answer that made it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    fn new() -> Result<Self, StoreError> {
        Ok(Self(random::<32>()?.to_vec()))
    }

    /// Reads `whsec_` and 24 to 64 bytes in Base64; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        LENGTHS.contains(&bytes.len()).then_some(Self(bytes))
    }

    /// As its owner reads it.
    pub fn shown(&self) -> String {
        format!("{PREFIX}{}", BASE64_STANDARD.encode(&self.0))
    }

    /// What signs.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// The secret before the present one, while both sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldSecret {
    /// It.
    pub secret: WebhookSecret,
    /// Until when, milliseconds since 1970 UTC.
    pub until_ms: i64,
}

/// What an application says of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookTerms {
    /// Where events are sent.
    pub url: String,
    /// Which.
    pub events: EventFilter,
    /// For people.
    pub description: String,
    /// Whether any are sent.
    pub is_enabled: bool,
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRow {
    /// Which.
    pub id: Uuid,
    /// Whose events it takes; those of all projects when `None`, which is the operator's own.
    pub project: Option<ProjectId>,
    /// What was said of it.
    pub terms: WebhookTerms,
    /// Why the server switched it off, if it did.
    pub off_reason: Option<String>,
    /// What signs.
    pub secret: WebhookSecret,
    /// What signs beside it for a while.
    pub old_secret: Option<OldSecret>,
    /// When it was made, milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When it was changed last.
    pub updated_at_ms: i64,
}

impl Store {
    /// Adds an endpoint with a new secret; `None` when the project has `most` of them already.
    ///
    /// # Errors
    /// `Declined` when there is no such project; `NoEntropy`.
    pub async fn create_webhook(
        &self,
        project: ProjectId,
        terms: WebhookTerms,
        most: usize,
    ) -> Result<Option<WebhookRow>, StoreError> {
        let now = now_ms();
        let row = WebhookRow {
            id: Uuid::new_v4(),
            project: Some(project),
            terms,
            off_reason: None,
            secret: WebhookSecret::new()?,
            old_secret: None,
            created_at_ms: now,
            updated_at_ms: now,
        };
        let work = async |tx: &mut SqliteConnection| {
            let count: i64 =
                sqlx::query_scalar("SELECT COUNT(*) FROM webhooks WHERE project_id = $1")
                    .bind(project.to_string())
                    .fetch_one(&mut *tx)
                    .await?;
            if usize::try_from(count).is_ok_and(|count| count >= most) {
                return Ok(Verdict::Undo(None));
            }
            self.insert_webhook(tx, &row).await?;
            Ok(Verdict::Keep(Some(row)))
        };
        let made = self.inner.writer.decide(work).await?;
        self.inner.outbox.has_endpoints();
        Ok(made)
    }

    /// The operator's own endpoint is as the configuration says: there with these terms and this
    /// secret, or not at all.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written.
    pub async fn configure_webhook(
        &self,
        wanted: Option<(WebhookTerms, WebhookSecret)>,
    ) -> Result<(), StoreError> {
        let id = Uuid::nil();
        let Some((terms, secret)) = wanted else {
            return match self.delete_webhook(None, id).await {
                Err(StoreError::NotFound) => Ok(()),
                done => done,
            };
        };
        let now = now_ms();
        let row = WebhookRow {
            id,
            project: None,
            terms,
            off_reason: None,
            secret,
            old_secret: None,
            created_at_ms: now,
            updated_at_ms: now,
        };
        self.inner.writer.write(async |tx| self.insert_webhook(tx, &row).await).await?;
        self.inner.outbox.has_endpoints();
        Ok(())
    }

    async fn insert_webhook(
        &self,
        tx: &mut SqliteConnection,
        row: &WebhookRow,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO webhooks (id, project_id, url, events, description, is_enabled, secret, \
             ordinal, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) \
             ON CONFLICT (id) DO UPDATE SET url = excluded.url, events = excluded.events, \
             is_enabled = excluded.is_enabled, off_reason = NULL, secret = excluded.secret, \
             updated_at = excluded.updated_at",
        )
        .bind(row.id.to_string())
        .bind(row.project.map(|id| id.to_string()))
        .bind(&row.terms.url)
        .bind(row.terms.events.to_string())
        .bind(&row.terms.description)
        .bind(row.terms.is_enabled)
        .bind(row.secret.shown())
        .bind(self.next_ordinal())
        .bind(row.created_at_ms)
        .execute(tx)
        .await?;
        Ok(())
    }

    /// The endpoints of a project, oldest first; with `None` those of all, and the operator's own.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID or a
    /// secret none.
    pub async fn webhooks(
        &self,
        project: Option<ProjectId>,
    ) -> Result<Vec<WebhookRow>, StoreError> {
        let sql = select!("(CAST($1 AS TEXT) IS NULL OR project_id = $1) ORDER BY ordinal");
        let rows = sqlx::query(sql)
            .bind(project.map(|id| id.to_string()))
            .fetch_all(&self.inner.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// One endpoint of the project.
    ///
    /// # Errors
    /// As [`Store::webhooks`].
    pub async fn webhook(
        &self,
        project: ProjectId,
        id: Uuid,
    ) -> Result<Option<WebhookRow>, StoreError> {
        let row = sqlx::query(select!("project_id = $1 AND id = $2"))
            .bind(project.to_string())
            .bind(id.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Changes what is said of an endpoint; one that is switched on again goes on where it ended.
    ///
    /// # Errors
    /// `NotFound` when the project has no such endpoint.
    pub async fn change_webhook(
        &self,
        project: ProjectId,
        id: Uuid,
        change: impl FnOnce(&mut WebhookTerms),
    ) -> Result<WebhookRow, StoreError> {
        let work = async |tx: &mut SqliteConnection| {
            let mut row = locked(tx, project, id).await?;
            let was_enabled = row.terms.is_enabled;
            change(&mut row.terms);
            row.updated_at_ms = now_ms().max(row.updated_at_ms);
            row.off_reason = row.off_reason.filter(|_| !row.terms.is_enabled);
            sqlx::query(
                "UPDATE webhooks SET url = $1, events = $2, description = $3, is_enabled = $4, \
                 off_reason = $5, updated_at = $6 WHERE id = $7",
            )
            .bind(&row.terms.url)
            .bind(row.terms.events.to_string())
            .bind(&row.terms.description)
            .bind(row.terms.is_enabled)
            .bind(&row.off_reason)
            .bind(row.updated_at_ms)
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
            if row.terms.is_enabled && !was_enabled {
                begin_anew(tx, id).await?;
            }
            Ok(row)
        };
        let row = self.inner.writer.write(work).await?;
        self.inner.outbox.wake.notify_one();
        Ok(row)
    }

    /// Gives an endpoint a new secret; the present one signs beside it until `old_until_ms`, and
    /// the one before that no more.
    ///
    /// # Errors
    /// `NotFound` when the project has no such endpoint; `NoEntropy`.
    pub async fn rotate_webhook(
        &self,
        project: ProjectId,
        id: Uuid,
        old_until_ms: i64,
    ) -> Result<WebhookRow, StoreError> {
        let secret = WebhookSecret::new()?;
        let work = async |tx: &mut SqliteConnection| {
            let mut row = locked(tx, project, id).await?;
            let old = std::mem::replace(&mut row.secret, secret);
            row.updated_at_ms = now_ms().max(row.updated_at_ms);
            sqlx::query(
                "UPDATE webhooks SET secret = $1, old_secret = $2, old_until = $3, \
                 updated_at = $4 WHERE id = $5",
            )
            .bind(row.secret.shown())
            .bind(old.shown())
            .bind(old_until_ms)
            .bind(row.updated_at_ms)
            .bind(id.to_string())
            .execute(tx)
            .await?;
            row.old_secret = Some(OldSecret { secret: old, until_ms: old_until_ms });
            Ok(row)
        };
        self.inner.writer.write(work).await
    }

    /// Forgets an endpoint and everything that was or is to be sent there.
    ///
    /// # Errors
    /// `NotFound` when the project, or the operator, has no such endpoint.
    pub async fn delete_webhook(
        &self,
        project: Option<ProjectId>,
        id: Uuid,
    ) -> Result<(), StoreError> {
        let delete = "DELETE FROM webhooks WHERE id = $1 \
             AND (project_id = $2 OR (project_id IS NULL AND CAST($2 AS TEXT) IS NULL))";
        self.inner
            .writer
            .write(async |tx| {
                let done = sqlx::query(delete)
                    .bind(id.to_string())
                    .bind(project.map(|id| id.to_string()))
                    .execute(&mut *tx)
                    .await?;
                if done.rows_affected() == 0 {
                    return Err(StoreError::NotFound);
                }
                sqlx::query("DELETE FROM deliveries WHERE kind = 'webhook' AND target = $1")
                    .bind(id.to_string())
                    .execute(tx)
                    .await?;
                Ok(())
            })
            .await
    }

    /// The endpoint said that it is gone: nothing is sent there until somebody switches it on.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written.
    pub async fn switch_webhook_off(&self, id: Uuid, why: &str) -> Result<(), StoreError> {
        let update = "UPDATE webhooks SET is_enabled = FALSE, off_reason = $1, updated_at = $2 \
             WHERE id = $3";
        let update = sqlx::query(update).bind(why).bind(now_ms()).bind(id.to_string());
        self.inner.writer.execute(update).await.map(drop)
    }
}

/// Reads an endpoint that is about to be changed; the transaction has the write lock.
async fn locked(
    tx: &mut SqliteConnection,
    project: ProjectId,
    id: Uuid,
) -> Result<WebhookRow, StoreError> {
    let row = sqlx::query(select!("project_id = $1 AND id = $2"))
        .bind(project.to_string())
        .bind(id.to_string())
        .fetch_optional(tx)
        .await?;
    read(&row.ok_or(StoreError::NotFound)?)
}

/// What an endpoint was sent in vain before it was switched off counts for nothing.
async fn begin_anew(tx: &mut SqliteConnection, id: Uuid) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE deliveries SET attempts = 0, first_at = NULL, next_at = $1 \
         WHERE kind = 'webhook' AND target = $2 AND state = 'waiting'",
    )
    .bind(now_ms())
    .bind(id.to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// Reads the two columns that sign.
pub(crate) fn read_secrets(
    row: &SqliteRow,
) -> Result<(WebhookSecret, Option<OldSecret>), StoreError> {
    let parse =
        |text: String, column| WebhookSecret::parse(&text).ok_or(StoreError::Unreadable { column });
    let secret = parse(row.try_get("secret")?, "secret")?;
    let old: Option<String> = row.try_get("old_secret")?;
    let until_ms: Option<i64> = row.try_get("old_until")?;
    let old = old.map(|text| parse(text, "old_secret")).transpose()?;
    let old = old.zip(until_ms).map(|(secret, until_ms)| OldSecret { secret, until_ms });
    Ok((secret, old))
}

fn read(row: &SqliteRow) -> Result<WebhookRow, StoreError> {
    let events: String = row.try_get("events")?;
    let (secret, old_secret) = read_secrets(row)?;
    Ok(WebhookRow {
        id: room_columns::id(row, "id")?,
        project: room_columns::maybe_id(row, "project_id")?.map(ProjectId),
        terms: WebhookTerms {
            url: row.try_get("url")?,
            events: EventFilter::stored(&events),
            description: row.try_get("description")?,
            is_enabled: row.try_get("is_enabled")?,
        },
        off_reason: row.try_get("off_reason")?,
        secret,
        old_secret,
        created_at_ms: row.try_get("created_at")?,
        updated_at_ms: row.try_get("updated_at")?,
    })
}
