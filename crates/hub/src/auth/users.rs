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
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Passwords hashed at a time: each takes 19 MiB and a core for some ten milliseconds.
static HASHING: Semaphore = Semaphore::const_new(2);
/// Those who may wait for it: half a minute of hashing on a small machine.
const WAITING: usize = 512;
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

/// What wrong passwords are counted by: a login is somebody in a project only.
fn named(project: Option<ProjectId>, login: &str) -> String {
    let project = project.map(|project| project.to_string()).unwrap_or_default();
    format!("login {project} {login}")
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
        self.inner.services.subscribers.close(&credential(id));
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
        let project = match project {
            Some(project) => Some(project),
            None => self.store().first_project().await?.map(|project| project.id),
        };
        let (hub, named) = (self.clone(), named(project, login));
        let (login, password) = (login.to_owned(), password.to_owned());
        let check = async move { hub.known_user(project, &login, &password).await };
        let user = self.guess(named, from, check).await?;
        let now_ms = crate::now().epoch_ms;
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
        let user = match project {
            Some(project) => self.store().user_by_login(project, login).await?,
            None => None,
        };
        let hash = user.as_ref().map(|user| user.password.clone());
        let fits = self.password_fits(password, hash).await;
        Ok(user.filter(|_| fits))
    }

    /// Looks at a password for `login`, unless it has to wait; `check` answers whose it is. In turn,
    /// so that many tries at once are counted like one after the other, and to its end, even when
    /// the caller stops waiting.
    pub(crate) async fn guess<T: Send + 'static>(
        &self,
        login: String,
        from: Option<IpAddr>,
        check: impl Future<Output = Result<Option<T>, StoreError>> + Send + 'static,
    ) -> Result<T, SignInRefused> {
        let hub = self.clone();
        let waiting = self.inner.waiting.clone().try_acquire_owned();
        let waiting = waiting.map_err(|_| too_often(Duration::from_secs(1)))?;
        crate::whole(async move {
            let turn = HASHING.acquire().await;
            drop(waiting);
            let guesses = &hub.inner.guesses;
            guesses.may_try(&login, from).map_err(too_often)?;
            let found = check.await;
            drop(turn);
            match found? {
                Some(found) => {
                    guesses.was_right(&login, from);
                    Ok(found)
                }
                None => {
                    guesses.was_wrong(&login, from);
                    Err(SignInRefused::Wrong)
                }
            }
        })
        .await
    }

    /// The Argon2id string of a password, in turn with those that are looked at.
    ///
    /// # Errors
    /// `TooOften` where too many wait, `Store`.
    pub(crate) async fn hash_in_turn(&self, password: String) -> Result<String, SignInRefused> {
        let waiting = self.inner.waiting.clone().try_acquire_owned();
        let waiting = waiting.map_err(|_| too_often(Duration::from_secs(1)))?;
        let turn = HASHING.acquire().await;
        drop(waiting);
        let hashed = tokio::task::spawn_blocking(move || hash_password(&password)).await;
        drop(turn);
        Ok(hashed.unwrap_or(Err(StoreError::NoEntropy))?)
    }

    /// Whether a password fits a hash; without one it takes as long and does not.
    pub(crate) async fn password_fits(&self, password: &str, hash: Option<String>) -> bool {
        if password.len() > PASSWORD_MAX {
            return false;
        }
        let is_somebody = hash.is_some();
        let (hash, password) = (hash.unwrap_or_else(|| NOBODY.clone()), password.to_owned());
        let fits = tokio::task::spawn_blocking(move || fits(&password, &hash)).await;
        is_somebody && fits.unwrap_or(false)
    }
}

fn too_often(wait: Duration) -> SignInRefused {
    SignInRefused::TooOften { retry_after_s: whole_seconds(wait) }
}

/// What is told as `Retry-After`: never too short.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// Room for those who wait for a password to be hashed.
pub(crate) fn waiting() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(WAITING))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_same_login_is_counted_apart_in_each_project() {
        let [ours, theirs] = [1, 2].map(|id| named(Some(ProjectId(Uuid::from_u128(id))), "ann"));
        assert_ne!(ours, theirs);
    }

    #[test]
    fn a_password_fits_its_own_hash_and_the_hash_names_argon2id() {
        let hash = hash_password("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(fits("correct horse", &hash));
        assert!(!fits("wrong", &hash) && !fits("correct horse", "") && !fits("", &hash));
    }
}
