//! Who may speak: API tokens of applications, room tokens of people.
//!
//! A room token is signed with its project's own key, so that one project's token can never pass
//! for another's. What a refused caller learns is that the token is no good, and not why.

pub(crate) mod admins;
pub(crate) mod agents;
mod claims;
mod jwt;
pub(crate) mod limiter;
pub(crate) mod revoke;
pub(crate) mod sign_in_limit;
mod state;
pub(crate) mod users;

use crate::Hub;
use aws_lc_rs::hmac;
pub(crate) use state::{FormerPlace, FormerSeat, Seal};

use claims::Claims;
use rotunda_domain::{Grant, ProjectId};
use rotunda_store::{Store, StoreError};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use users::whole_seconds;
use uuid::Uuid;

/// Keys kept in memory, so that joins with a good token go on while the database is away. One is
/// 64 bytes and its two hash states; when the cache is full an arbitrary one gives way and is read
/// again when needed.
const KEYS: usize = 1024;

/// Stands in where there is no key, so that an unknown project costs what a bad signature costs.
static NO_KEY: LazyLock<hmac::Key> = LazyLock::new(|| hmac::Key::new(hmac::HMAC_SHA512, &[0; 64]));

/// An application that authenticated with an API token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The project it speaks for.
    pub project: ProjectId,
    /// The token's id.
    pub token: Uuid,
    /// What it may use, for example `video`.
    pub scopes: Vec<String>,
}

impl ApiKey {
    /// Whether `scope` is among the scopes, however it is capitalised.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|own| own.eq_ignore_ascii_case(scope))
    }
}

/// Why nobody is known by a token.
#[derive(Debug, thiserror::Error)]
pub enum TokenCheckError {
    /// Too many wrong ones came from the same address; try again after the seconds given.
    #[error("too many wrong tokens")]
    TooOften {
        /// Seconds.
        retry_after_s: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TokenCheckError {
    fn after(wait: Duration) -> Self {
        Self::TooOften { retry_after_s: whole_seconds(wait) }
    }
}

/// Why a room token is refused.
#[derive(Debug, thiserror::Error)]
pub enum TokenRefused {
    /// It is not one of ours: malformed, another algorithm, another key, an unknown project.
    #[error("invalid token")]
    Invalid,
    /// It is ours and past its `exp`.
    #[error("token expired")]
    Expired,
    /// It is ours and before its `nbf`.
    #[error("token is not valid yet")]
    NotYet,
    /// It is ours, but a claim does not say what it should.
    #[error("token claim {0} is not understood")]
    Claim(&'static str),
    /// It is ours, and the link it was given for was revoked.
    #[error("the link that this token was given for was revoked")]
    LinkRevoked,
    /// Too many that are not ours came from the same address.
    #[error("too many wrong tokens; try again in {retry_after_s} s")]
    TooOften {
        /// Seconds.
        retry_after_s: u64,
    },
    /// The key cannot be read just now.
    #[error("token cannot be checked just now")]
    Unavailable(#[source] StoreError),
}

/// Whoever shows a room token.
pub(crate) struct Bearer {
    /// What the token grants.
    pub grant: Grant,
    /// Whether the token names them; else the name is a random one.
    pub is_named: bool,
    key: Arc<hmac::Key>,
}

impl Bearer {
    /// What signs for this bearer, on a page of `origin` if it is one.
    pub fn seal(&self, origin: Option<&str>) -> Seal {
        let name = self.is_named.then_some(&*self.grant.user_name);
        Seal::new(self.key.clone(), &self.grant, name, origin)
    }
}

/// Signs the room tokens of one project. Everything that can fail about a token has succeeded where there
/// is one.
pub(crate) struct Signer(Arc<hmac::Key>);

impl Signer {
    fn sign(&self, grant: &Grant, ch: Option<&str>, now_epoch_s: i64) -> String {
        jwt::sign(&self.0, ch, &Claims::of(grant, now_epoch_s))
    }
}

/// The signing keys this process has used.
#[derive(Debug, Default)]
pub struct Keys {
    known: Mutex<HashMap<ProjectId, Arc<hmac::Key>>>,
}

impl Keys {
    /// Writes and signs a room token; `ch` goes into its header.
    async fn mint(
        &self,
        store: &Store,
        grant: &Grant,
        ch: Option<&str>,
        now_epoch_s: i64,
    ) -> Result<String, StoreError> {
        let signer = self.signer(store, grant.project).await?;
        Ok(signer.sign(grant, ch, now_epoch_s))
    }

    async fn signer(&self, store: &Store, project: ProjectId) -> Result<Signer, StoreError> {
        Ok(Signer(match self.cached(project) {
            Some(key) => key,
            None => self.read(store, project).await?.ok_or(StoreError::NotFound)?,
        }))
    }

    /// Checks a room token and reads what it grants.
    async fn open(
        &self,
        store: &Store,
        token: &str,
        now_epoch_s: i64,
    ) -> Result<Bearer, TokenRefused> {
        let unverified = jwt::Unverified::read(token).ok_or(TokenRefused::Invalid)?;
        let known = self.cached(unverified.project);
        let fits = unverified.verify(known.as_deref().unwrap_or(&NO_KEY));
        let (payload, key) = match (fits, known) {
            (Some(payload), Some(key)) => (payload, key),
            // No key yet, or one that does not fit: both read the key and check (again), so that
            // both take as long, and a key that was replaced is noticed.
            _ => {
                let read = self.read(store, unverified.project).await;
                let read = read.map_err(TokenRefused::Unavailable)?;
                let payload = unverified.verify(read.as_deref().unwrap_or(&NO_KEY));
                payload.zip(read).ok_or(TokenRefused::Invalid)?
            }
        };
        let claims = Claims::read(&payload)?;
        let is_named = claims.is_named();
        Ok(Bearer { grant: claims.grant(unverified.project, now_epoch_s)?, is_named, key })
    }

    fn cached(&self, project: ProjectId) -> Option<Arc<hmac::Key>> {
        self.lock().get(&project).cloned()
    }

    async fn read(
        &self,
        store: &Store,
        project: ProjectId,
    ) -> Result<Option<Arc<hmac::Key>>, StoreError> {
        let Some(key) = store.signing_key(project).await? else { return Ok(None) };
        let key = Arc::new(hmac::Key::new(hmac::HMAC_SHA512, &key.0));
        let mut known = self.lock();
        if known.len() >= KEYS
            && let Some(other) = known.keys().next().copied()
        {
            known.remove(&other);
        }
        known.insert(project, key.clone());
        Ok(Some(key))
    }

    /// A thread that panicked while it held the lock left a whole map behind: nothing here
    /// changes it in two steps.
    fn lock(&self) -> MutexGuard<'_, HashMap<ProjectId, Arc<hmac::Key>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a token and its claims as if its signature were good, which no stranger can bring about.
#[cfg(any(test, fuzzing))]
pub(crate) fn read_anything(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let payload = match jwt::Unverified::read(text) {
        Some(token) => token.payload().to_vec(),
        None => bytes.to_vec(),
    };
    if let Ok(claims) = Claims::read(&payload) {
        let _ = claims.grant(ProjectId(uuid::Uuid::nil()), 1_700_000_000);
    }
}

impl Hub {
    /// The application that `project` and `token` (user name and password of Basic
    /// authentication) stand for, if they are right.
    ///
    /// # Errors
    /// [`TokenCheckError`].
    pub async fn api_key(
        &self,
        (project, token): (&str, &str),
        from: Option<IpAddr>,
    ) -> Result<Option<ApiKey>, TokenCheckError> {
        let project = project.parse().unwrap_or(ProjectId(Uuid::nil()));
        let row = self.shown(from, self.store().verify_api_token(project, token)).await?;
        Ok(row.map(|row| ApiKey { project, token: row.id, scopes: row.scopes }))
    }

    /// Looks at a token that is random and costs a read by its key; `check` answers whose it is. Each is
    /// looked at: nobody is kept out by what others at the same address send. Who sends wrong ones is
    /// told to wait.
    pub(crate) async fn shown<T>(
        &self,
        from: Option<IpAddr>,
        check: impl Future<Output = Result<Option<T>, StoreError>>,
    ) -> Result<Option<T>, TokenCheckError> {
        let found = check.await?;
        if found.is_none() {
            self.inner.guesses.token_was_wrong(from).map_err(TokenCheckError::after)?;
        }
        Ok(found)
    }

    /// Checks a room token of somebody at a door. They are signed, so each is looked at: nobody is
    /// kept out by what others at the same address send. Who sends bad ones is told to wait.
    ///
    /// # Errors
    /// As [`Hub::open_room_token`], and `TooOften`.
    pub(crate) async fn open_shown_token(
        &self,
        token: &str,
        from: Option<IpAddr>,
    ) -> Result<Grant, TokenRefused> {
        let opened = self.open_room_token(token, epoch_s()).await;
        self.count_refused(opened, from)
    }

    /// Counts a token that is not ours.
    ///
    /// # Errors
    /// As it was refused, and `TooOften`.
    pub(crate) fn count_refused<T>(
        &self,
        opened: Result<T, TokenRefused>,
        from: Option<IpAddr>,
    ) -> Result<T, TokenRefused> {
        if let Err(TokenRefused::Invalid | TokenRefused::Claim(_)) = opened {
            let too_often = |wait| TokenRefused::TooOften { retry_after_s: whole_seconds(wait) };
            self.inner.guesses.token_was_wrong(from).map_err(too_often)?;
        }
        opened
    }

    /// Makes a room token that grants `grant`; an empty `user_name` means a fresh random one for
    /// each authorization.
    ///
    /// # Errors
    /// `NotFound` when there is no such project.
    pub async fn mint_room_token(&self, grant: &Grant) -> Result<String, StoreError> {
        let ch = self.options().public_url.as_deref();
        self.inner.keys.mint(self.store(), grant, ch, epoch_s()).await
    }

    /// What signs room tokens of a project: whoever gives something away with a token asks for it first.
    ///
    /// # Errors
    /// `NotFound` when there is no such project.
    pub(crate) async fn signer(&self, project: ProjectId) -> Result<Signer, StoreError> {
        self.inner.keys.signer(self.store(), project).await
    }

    /// [`Hub::mint_room_token`] where nothing may fail any more.
    pub(crate) fn sign(&self, signer: &Signer, grant: &Grant) -> String {
        signer.sign(grant, self.options().public_url.as_deref(), epoch_s())
    }

    /// Checks a room token and reads what it grants.
    ///
    /// # Errors
    /// `Invalid` for everything that is not ours, without saying what is wrong with it.
    pub async fn open_room_token(
        &self,
        token: &str,
        now_epoch_s: i64,
    ) -> Result<Grant, TokenRefused> {
        self.open_bearer(token, now_epoch_s).await.map(|bearer| bearer.grant)
    }

    /// As [`Self::open_room_token`], with what signs for the bearer.
    pub(crate) async fn open_bearer(
        &self,
        token: &str,
        now_epoch_s: i64,
    ) -> Result<Bearer, TokenRefused> {
        let bearer = self.inner.keys.open(self.store(), token, now_epoch_s).await?;
        let Some(link) = bearer.grant.link else { return Ok(bearer) };
        let alive = self.store().links_among([link].into_iter()).await;
        match alive.map_err(TokenRefused::Unavailable)?.is_empty() {
            true => Err(TokenRefused::LinkRevoked),
            false => Ok(bearer),
        }
    }
}

fn epoch_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
#[path = "auth/tests.rs"]
mod tests;
