//! People who operate the server: accounts, what they sign in with, and the invitations that make both. Keys of
//! invitations are stored as digests, passwords as Argon2id strings. Their sessions are in `admin_sessions.rs`.

use crate::projects::random;
use crate::tokens::digest_of;
use crate::write::Verdict;
use crate::{Store, StoreError, now_ms, room_columns};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rotunda_domain::ProjectId;
use rotunda_domain::admin::{ADMINS, PASSKEYS, Reach};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

/// Somebody who operates the server.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminRow {
    /// Their id.
    pub id: Uuid,
    /// What they sign in with.
    pub name: String,
    /// What they may act on.
    pub reach: Reach,
    /// An Argon2id string, if they have a password.
    pub password: Option<String>,
}

/// An invitation that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRow {
    /// Who is invited.
    pub name: String,
    /// What they are to act on.
    pub reach: Reach,
    /// Until when, milliseconds since 1970 UTC.
    pub expires_at_ms: i64,
}

/// What somebody chose to sign in with.
#[derive(Clone)]
pub enum NewCredential {
    /// An Argon2id string; it replaces the one before.
    Password(String),
    /// One more passkey.
    Passkey {
        /// The credential's id, in base64url.
        id: String,
        /// What checks its signatures, in JSON.
        passkey: String,
    },
}

impl Store {
    /// Invites somebody, instead of an earlier invitation in the same name; answers the key, which is nowhere else.
    /// `None` where as many wait as may. Invitations that are over are forgotten on the way.
    ///
    /// # Errors
    /// `NoEntropy` when the operating system gives no random numbers; `Unavailable` when the database cannot be
    /// written.
    pub async fn invite_admin(
        &self,
        name: &str,
        reach: &Reach,
        expires_at_ms: i64,
    ) -> Result<Option<String>, StoreError> {
        let key = BASE64_URL_SAFE_NO_PAD.encode(random::<16>()?);
        let gone = "DELETE FROM admin_invitations WHERE name = $1 OR expires_at <= $2";
        let insert = "INSERT INTO admin_invitations (digest, name, projects, expires_at) \
             SELECT $1, $2, $3, $4 WHERE (SELECT COUNT(*) FROM admin_invitations) < $5";
        let work = async |tx: &mut SqliteConnection| {
            sqlx::query(gone).bind(name).bind(now_ms()).execute(&mut *tx).await?;
            let made = sqlx::query(insert).bind(digest_of(&key)).bind(name).bind(written(reach));
            let made = made.bind(expires_at_ms).bind(bound(ADMINS));
            Ok(made.execute(&mut *tx).await?.rows_affected() > 0)
        };
        let is_made = self.inner.writer.write(work).await?;
        Ok(is_made.then_some(key))
    }

    /// The invitation with this key, if it may be used.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when a project's id is no UUID.
    pub async fn admin_invitation(&self, key: &str) -> Result<Option<InvitationRow>, StoreError> {
        let select = "SELECT name, projects, expires_at FROM admin_invitations \
             WHERE digest = $1 AND expires_at > $2";
        let row = sqlx::query(select).bind(digest_of(key)).bind(now_ms());
        let row = row.fetch_optional(&self.inner.readers).await?;
        row.as_ref().map(read_invitation).transpose()
    }

    /// Uses an invitation: it is gone, and who was invited is an admin who may sign in with `credential`. `None` when
    /// it may not be used any more, or when there would be too many admins or passkeys: then it stays.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written; `NotUnique` when the passkey is somebody's already.
    pub async fn accept_admin(
        &self,
        key: &str,
        credential: &NewCredential,
    ) -> Result<Option<Uuid>, StoreError> {
        let work = async |tx: &mut SqliteConnection| {
            let used = "DELETE FROM admin_invitations WHERE digest = $1 AND expires_at > $2 \
                 RETURNING name, projects, expires_at";
            let used = sqlx::query(used).bind(digest_of(key)).bind(now_ms());
            let Some(row) = used.fetch_optional(&mut *tx).await? else {
                return Ok(Verdict::Undo(None));
            };
            let Some(admin) = settle(tx, &read_invitation(&row)?).await? else {
                return Ok(Verdict::Undo(None));
            };
            match give(tx, admin, credential).await? {
                true => Ok(Verdict::Keep(Some(admin))),
                false => Ok(Verdict::Undo(None)),
            }
        };
        self.inner.writer.decide(work).await
    }

    /// The admin of that name.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read; `Unreadable` when an id is no UUID.
    pub async fn admin_by_name(&self, name: &str) -> Result<Option<AdminRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM admins WHERE name = $1").bind(name);
        let row = row.fetch_optional(&self.inner.readers).await?;
        row.as_ref().map(read_admin).transpose()
    }

    /// All admins, by name, each with the number of their passkeys.
    ///
    /// # Errors
    /// As [`Store::admin_by_name`].
    pub async fn admins(&self) -> Result<Vec<(AdminRow, u32)>, StoreError> {
        let select = "SELECT a.*, (SELECT COUNT(*) FROM admin_passkeys p WHERE p.admin_id = a.id) \
             AS passkeys FROM admins a ORDER BY a.name";
        let rows = sqlx::query(select).fetch_all(&self.inner.readers).await?;
        rows.iter().map(|row| Ok((read_admin(row)?, row.try_get("passkeys")?))).collect()
    }

    /// Forgets an admin, what they sign in with, their sessions, and an invitation in their name. Whether there was
    /// anything to forget.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written.
    pub async fn delete_admin(&self, name: &str) -> Result<bool, StoreError> {
        let invitation = "DELETE FROM admin_invitations WHERE name = $1";
        let account = "DELETE FROM admins WHERE name = $1";
        let work = async |tx: &mut SqliteConnection| {
            let mut gone = 0;
            for delete in [invitation, account] {
                gone += sqlx::query(delete).bind(name).execute(&mut *tx).await?.rows_affected();
            }
            Ok(gone > 0)
        };
        self.inner.writer.write(work).await
    }

    /// What checks the signatures of an admin's passkeys, in JSON, the oldest first.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub async fn admin_passkeys(&self, admin: Uuid) -> Result<Vec<String>, StoreError> {
        let select =
            "SELECT passkey FROM admin_passkeys WHERE admin_id = $1 ORDER BY created_at, id";
        let rows = sqlx::query_scalar(select).bind(admin.to_string());
        Ok(rows.fetch_all(&self.inner.readers).await?)
    }

    /// Keeps what a passkey became by being used; one that is no more stays so.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be written.
    pub async fn update_admin_passkey(&self, id: &str, passkey: &str) -> Result<(), StoreError> {
        let update = "UPDATE admin_passkeys SET passkey = $1 WHERE id = $2";
        self.inner.writer.execute(sqlx::query(update).bind(passkey).bind(id)).await?;
        Ok(())
    }
}

/// The account of who was invited, as the invitation has it; `None` where there are too many others.
async fn settle(
    tx: &mut SqliteConnection,
    invited: &InvitationRow,
) -> Result<Option<Uuid>, StoreError> {
    let insert = "INSERT INTO admins (id, name, projects, created_at) SELECT $1, $2, $3, $4 \
         WHERE (SELECT COUNT(*) FROM admins WHERE name <> $2) < $5 \
         ON CONFLICT (name) DO UPDATE SET projects = excluded.projects RETURNING id";
    let row = sqlx::query(insert)
        .bind(Uuid::new_v4().to_string())
        .bind(&invited.name)
        .bind(written(&invited.reach))
        .bind(now_ms())
        .bind(bound(ADMINS))
        .fetch_optional(tx)
        .await?;
    row.map(|row| room_columns::id(&row, "id")).transpose()
}

/// Whether there was room for it.
async fn give(
    tx: &mut SqliteConnection,
    admin: Uuid,
    credential: &NewCredential,
) -> Result<bool, StoreError> {
    let admin = admin.to_string();
    let query = match credential {
        NewCredential::Password(hash) => {
            sqlx::query("UPDATE admins SET password = $1 WHERE id = $2").bind(hash).bind(admin)
        }
        NewCredential::Passkey { id, passkey } => sqlx::query(
            "INSERT INTO admin_passkeys (id, admin_id, passkey, created_at) SELECT $1, $2, $3, $4 \
             WHERE (SELECT COUNT(*) FROM admin_passkeys WHERE admin_id = $2) < $5",
        )
        .bind(id)
        .bind(admin)
        .bind(passkey)
        .bind(now_ms())
        .bind(bound(PASSKEYS)),
    };
    Ok(query.execute(tx).await?.rows_affected() > 0)
}

fn bound(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

fn written(reach: &Reach) -> Option<String> {
    match reach {
        Reach::All => None,
        Reach::Only(ids) => Some(Value::from_iter(ids.iter().map(|id| id.to_string())).to_string()),
    }
}

pub(crate) fn read_reach(row: &SqliteRow) -> Result<Reach, StoreError> {
    let unreadable = || StoreError::Unreadable { column: "projects" };
    let text: Option<String> = row.try_get("projects")?;
    let Some(text) = text else { return Ok(Reach::All) };
    let ids: Vec<Uuid> = serde_json::from_str(&text).map_err(|_| unreadable())?;
    Ok(Reach::Only(ids.into_iter().map(ProjectId).collect()))
}

fn read_invitation(row: &SqliteRow) -> Result<InvitationRow, StoreError> {
    Ok(InvitationRow {
        name: row.try_get("name")?,
        reach: read_reach(row)?,
        expires_at_ms: row.try_get("expires_at")?,
    })
}

fn read_admin(row: &SqliteRow) -> Result<AdminRow, StoreError> {
    Ok(AdminRow {
        id: room_columns::id(row, "id")?,
        name: row.try_get("name")?,
        reach: read_reach(row)?,
        password: row.try_get("password")?,
    })
}
