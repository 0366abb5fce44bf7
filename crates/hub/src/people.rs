//! People who call for themselves: sessions an application opens for them, and those of users kept
//! here, who sign in with a password.
//!
//! An id of a session is a secret: it reaches neither log nor database, only its digest does.

use crate::Hub;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use aws_lc_rs::digest;
use rotunda_domain::ProjectId;
use rotunda_store::{StoreError, UserRow, UserSession};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Passwords hashed at a time: each takes 19 MiB and a core for some ten milliseconds.
static HASHING: Semaphore = Semaphore::const_new(2);
/// Wrong passwords an address, and a login, may try in [`WINDOW`].
const TRIES: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses and logins remembered; when there are more the oldest counts are dropped, which gives
/// tries back to some rather than memory to all.
const REMEMBERED: usize = 10_000;
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

/// Wrong tries, by whom.
#[derive(Default)]
pub(crate) struct Attempts {
    counts: Mutex<HashMap<String, (u32, Instant)>>,
}

impl Attempts {
    /// Counts a try of `who`; answers how long to wait when it is one too many.
    fn count(&self, who: &str, now: Instant) -> Option<Duration> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= REMEMBERED {
            counts.retain(|_, (_, since)| now.duration_since(*since) < WINDOW);
            if counts.len() >= REMEMBERED {
                counts.clear();
            }
        }
        let (tries, since) = counts.entry(who.to_owned()).or_insert((0, now));
        if now.duration_since(*since) >= WINDOW {
            (*tries, *since) = (0, now);
        }
        *tries += 1;
        (*tries > TRIES).then(|| WINDOW - now.duration_since(*since))
    }

    fn forget(&self, who: &str) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).remove(who);
    }
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
        let by_login = format!("login {login}");
        let by_address = from.map(|from| format!("address {from}"));
        for who in by_address.iter().chain([&by_login]) {
            if let Some(wait) = self.inner.attempts.count(who, Instant::now()) {
                return Err(SignInRefused::TooOften { retry_after_s: wait.as_secs() + 1 });
            }
        }
        let user = self.known_user(project, login, password).await?.ok_or(SignInRefused::Wrong)?;
        by_address.iter().chain([&by_login]).for_each(|who| self.inner.attempts.forget(who));
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
        if password.len() > PASSWORD_MAX {
            return Ok(None);
        }
        let project = match project {
            Some(project) => Some(project),
            None => self.store().first_project().await?.map(|project| project.id),
        };
        let Some(project) = project else { return Ok(None) };
        let user = self.store().user_by_login(project, login).await?;
        let hash = user.as_ref().map_or_else(|| NOBODY.clone(), |user| user.password.clone());
        let password = password.to_owned();
        let turn = HASHING.acquire().await;
        let fits = tokio::task::spawn_blocking(move || fits(&password, &hash)).await;
        drop(turn);
        Ok(user.filter(|_| fits.unwrap_or(false)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_wrong_try_in_a_minute_waits_and_a_new_minute_begins_anew() {
        let attempts = Attempts::default();
        let begin = Instant::now();
        let tries: Vec<_> = (0..11).map(|_| attempts.count("ann", begin)).collect();
        assert!(tries[..10].iter().all(Option::is_none) && tries[10] == Some(WINDOW));
        assert_eq!(attempts.count("ben", begin), None);
        assert_eq!(attempts.count("ann", begin + WINDOW), None);
    }

    #[test]
    fn a_password_fits_its_own_hash_and_the_hash_names_argon2id() {
        let hash = hash_password("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(fits("correct horse", &hash));
        assert!(!fits("wrong", &hash) && !fits("correct horse", "") && !fits("", &hash));
    }
}
