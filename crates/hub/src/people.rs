//! People who call for themselves: sessions an application opens for them, and those of users kept
//! here, who sign in with a password.
//!
//! An id of a session is a secret: it reaches neither log nor database, only its digest does.

use crate::{Hub, Tally};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use aws_lc_rs::digest;
use rotunda_domain::ProjectId;
use rotunda_store::{StoreError, UserRow, UserSession};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Passwords hashed at a time: each takes 19 MiB and a core for some ten milliseconds.
static HASHING: Semaphore = Semaphore::const_new(2);
/// Wrong passwords an address, and a login, may try in [`WINDOW`].
const TRIES: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
/// Longest password that is looked at.
const PASSWORD_MAX: usize = 1024;

/// Stands in where there is no user, so that an unknown login costs what a wrong password costs.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody").unwrap_or_default());

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInRefused {
    /// Unknown login or wrong password; which is not said.
    #[error("wrong login or password")]
    Wrong,
    /// Too many wrong ones; try again after the seconds given.
    #[error("too many attempts")]
    TooOften {
        /// Seconds.
        retry_after_s: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The Argon2id string of a password.
///
/// # Errors
/// `NoEntropy` when the operating system gives no salt.
pub fn hash_password(password: &str) -> Result<String, StoreError> {
    hash(password).ok_or(StoreError::NoEntropy)
}

fn hash(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

fn fits(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Wrong passwords, by address and by login.
pub(crate) fn attempts() -> Tally {
    Tally::new(TRIES, WINDOW)
}

/// Names a session without giving it away.
pub(crate) fn credential(session_id: &str) -> Arc<str> {
    let digest = digest::digest(&digest::SHA256, session_id.as_bytes());
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    hex.into()
}

impl Hub {
    /// Opens a session for somebody; answers its id.
    ///
    /// # Errors
    /// The store's.
    pub async fn open_user_session(&self, session: &UserSession) -> Result<String, StoreError> {
        self.store().open_user_session(session, None).await
    }

    /// The session of that id, if it goes on.
    ///
    /// # Errors
    /// The store's.
    pub async fn user_session(&self, id: &str) -> Result<Option<UserSession>, StoreError> {
        self.store().user_session(id).await
    }

    /// Ends a session and closes its sockets.
    ///
    /// # Errors
    /// The store's.
    pub async fn sign_out(&self, id: &str) -> Result<(), StoreError> {
        self.store().close_user_session(id).await?;
        self.inner.watchers.close(&credential(id));
        Ok(())
    }

    /// Signs in a user kept here; `project` is the oldest when none is named. The session goes on
    /// for `ttl`.
    ///
    /// # Errors
    /// [`SignInRefused`].
    pub async fn sign_in(
        &self,
        project: Option<ProjectId>,
        (login, password): (&str, &str),
        from: Option<IpAddr>,
        ttl: Duration,
    ) -> Result<(String, UserSession), SignInRefused> {
        let tries = self.count_try(&format!("login {login}"), from)?;
        let user = self.known_user(project, login, password).await?.ok_or(SignInRefused::Wrong)?;
        self.forget_tries(&tries);
        let now_ms = crate::clock::now().epoch_ms;
        let ttl_ms = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
        let session = UserSession {
            project: user.project,
            user: user.id.to_string(),
            name: user.name,
            is_admin: user.is_admin,
            rooms: user.rooms,
            expires_at_ms: now_ms.saturating_add(ttl_ms),
        };
        let id = self.store().open_user_session(&session, Some(user.id)).await?;
        Ok((id, session))
    }

    async fn known_user(
        &self,
        project: Option<ProjectId>,
        login: &str,
        password: &str,
    ) -> Result<Option<UserRow>, StoreError> {
        let project = match project {
            Some(project) => Some(project),
            None => self.store().first_project().await?.map(|project| project.id),
        };
        let Some(project) = project else { return Ok(None) };
        let user = self.store().user_by_login(project, login).await?;
        let hash = user.as_ref().map(|user| user.password.clone());
        let fits = self.password_fits(password, hash).await;
        Ok(user.filter(|_| fits))
    }

    /// Counts a try of somebody, by who they say they are and by their address; answers what was
    /// counted.
    ///
    /// # Errors
    /// `TooOften`.
    pub(crate) fn count_try(
        &self,
        who: &str,
        from: Option<IpAddr>,
    ) -> Result<Vec<String>, SignInRefused> {
        let mut counted: Vec<_> = from.iter().map(|from| format!("address {from}")).collect();
        counted.push(who.to_owned());
        for who in &counted {
            if let Some(wait) = self.inner.attempts.count(who, Instant::now()) {
                return Err(SignInRefused::TooOften { retry_after_s: wait.as_secs() + 1 });
            }
        }
        Ok(counted)
    }

    /// A try was right.
    pub(crate) fn forget_tries(&self, counted: &[String]) {
        counted.iter().for_each(|who| self.inner.attempts.forget(who));
    }

    /// Whether a password fits a hash; without one it takes as long and does not.
    pub(crate) async fn password_fits(&self, password: &str, hash: Option<String>) -> bool {
        if password.len() > PASSWORD_MAX {
            return false;
        }
        let is_somebody = hash.is_some();
        let (hash, password) = (hash.unwrap_or_else(|| NOBODY.clone()), password.to_owned());
        let turn = HASHING.acquire().await;
        let fits = tokio::task::spawn_blocking(move || fits(&password, &hash)).await;
        drop(turn);
        is_somebody && fits.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_and_the_hash_names_argon2id() {
        let hash = hash_password("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(fits("correct horse", &hash));
        assert!(!fits("wrong", &hash) && !fits("correct horse", "") && !fits("", &hash));
    }
}
