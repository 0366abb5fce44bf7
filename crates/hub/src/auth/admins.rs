//! People who operate the server: let in by an invitation, signed in by a password or a passkey, known by a session.
//! What a passkey signs is checked by the door that speaks with browsers.
//!
//! Keys of invitations and sessions are secrets: they reach neither log nor database, only their digests do.

use crate::Hub;
use crate::auth::TokenCheckError;
use crate::auth::users::{SignInRefused, whole_seconds};
use rotunda_domain::ProjectId;
use rotunda_domain::admin::{Reach, SIGNED_IN, is_password};
use rotunda_store::{AdminRow, AdminSession, InvitationRow, NewCredential, ProjectRow, StoreError};
use std::net::IpAddr;
use uuid::Uuid;

/// Why an invitation lets nobody in.
#[derive(Debug, thiserror::Error)]
pub enum InvitationRefused {
    /// It is unknown, used or over; which is not said.
    #[error("this invitation is used, over or unknown: ask for another one")]
    Unknown,
    /// The password is too short or far too long.
    #[error("a password has at least 12 characters")]
    Password,
    /// There are as many admins, or passkeys of this one, as may be.
    #[error("there are as many admins, or passkeys of this one, as there may be")]
    Full,
    /// The passkey is somebody's already.
    #[error("this passkey is in use already")]
    Taken,
    /// Too many came from the same address; try again after the seconds given.
    #[error("too many came from your address; try again in {retry_after_s} s")]
    TooOften {
        /// Seconds.
        retry_after_s: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for InvitationRefused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotUnique => Self::Taken,
            other => Self::Store(other),
        }
    }
}

impl From<TokenCheckError> for InvitationRefused {
    fn from(error: TokenCheckError) -> Self {
        match error {
            TokenCheckError::TooOften { retry_after_s } => Self::TooOften { retry_after_s },
            TokenCheckError::Store(error) => error.into(),
        }
    }
}

impl From<SignInRefused> for InvitationRefused {
    fn from(refused: SignInRefused) -> Self {
        match refused {
            SignInRefused::Wrong => Self::Unknown,
            SignInRefused::TooOften { retry_after_s } => Self::TooOften { retry_after_s },
            SignInRefused::Store(error) => error.into(),
        }
    }
}

/// Somebody who has just signed in.
pub struct SignedIn {
    /// The session's key, which is nowhere else.
    pub key: String,
    /// Who, and until when.
    pub session: AdminSession,
}

impl Hub {
    /// The invitation of this key.
    ///
    /// # Errors
    /// `Unknown`, `TooOften` for who guesses, `Store`.
    pub async fn admin_invitation(
        &self,
        key: &str,
        from: Option<IpAddr>,
    ) -> Result<InvitationRow, InvitationRefused> {
        let found = self.shown(from, self.store().admin_invitation(key)).await?;
        found.ok_or(InvitationRefused::Unknown)
    }

    /// Uses an invitation: who was invited signs in with `password` from now on, and is signed in.
    ///
    /// # Errors
    /// [`InvitationRefused`].
    pub async fn accept_with_password(
        &self,
        key: &str,
        password: String,
        from: Option<IpAddr>,
    ) -> Result<SignedIn, InvitationRefused> {
        if !is_password(&password) {
            return Err(InvitationRefused::Password);
        }
        self.admin_invitation(key, from).await?;
        let hash = self.hash_in_turn(password).await?;
        self.accept_invitation(key, NewCredential::Password(hash)).await
    }

    /// Uses an invitation: who was invited signs in with `credential` from now on, and is signed in.
    ///
    /// # Errors
    /// [`InvitationRefused`].
    pub async fn accept_invitation(
        &self,
        key: &str,
        credential: NewCredential,
    ) -> Result<SignedIn, InvitationRefused> {
        match self.store().accept_admin(key, &credential).await? {
            Some(admin) => Ok(self.admin_signs_in(admin).await?),
            // Where it may still be used, there was no room for what it makes.
            None if self.store().admin_invitation(key).await?.is_some() => {
                Err(InvitationRefused::Full)
            }
            None => Err(InvitationRefused::Unknown),
        }
    }

    /// Signs an admin in by their password.
    ///
    /// # Errors
    /// [`SignInRefused`].
    pub async fn admin_by_password(
        &self,
        (name, password): (&str, &str),
        from: Option<IpAddr>,
    ) -> Result<SignedIn, SignInRefused> {
        let (hub, counted) = (self.clone(), format!("admin {name}"));
        let (name, password) = (name.to_owned(), password.to_owned());
        let check = async move {
            let admin = hub.store().admin_by_name(&name).await?;
            let hash = admin.as_ref().and_then(|admin| admin.password.clone());
            let fits = hub.password_fits(&password, hash).await;
            Ok(admin.filter(|_| fits))
        };
        let admin = self.guess(counted, from, check).await?;
        Ok(self.admin_signs_in(admin.id).await?)
    }

    /// Signs in an admin who has proved who they are.
    ///
    /// # Errors
    /// The store's; `NotFound` for one who is no more.
    pub async fn admin_signs_in(&self, admin: Uuid) -> Result<SignedIn, StoreError> {
        let life_ms = i64::try_from(SIGNED_IN.as_millis()).unwrap_or(i64::MAX);
        let until = crate::now().epoch_ms.saturating_add(life_ms);
        let key = self.store().open_admin_session(admin, until).await?;
        let session = self.store().admin_session(&key).await?.ok_or(StoreError::NotFound)?;
        tracing::info!(admin = session.name, session = %session.id, "an admin signed in");
        Ok(SignedIn { key, session })
    }

    /// Who is signed in by this key.
    ///
    /// # Errors
    /// `TooOften` for who guesses, `Store`.
    pub async fn admin_session(
        &self,
        key: &str,
        from: Option<IpAddr>,
    ) -> Result<Option<AdminSession>, TokenCheckError> {
        self.shown(from, self.store().admin_session(key)).await
    }

    /// Ends the session of this key.
    ///
    /// # Errors
    /// The store's.
    pub async fn admin_signs_out(&self, key: &str) -> Result<(), StoreError> {
        self.store().close_admin_session(key).await
    }

    /// The projects that are within `reach`, oldest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn projects_within(&self, reach: &Reach) -> Result<Vec<ProjectRow>, StoreError> {
        let all = self.store().projects().await?;
        Ok(all.into_iter().filter(|project| reach.includes(project.id)).collect())
    }

    /// Whether `project` is there and within `reach`.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_within(&self, reach: &Reach, project: ProjectId) -> Result<bool, StoreError> {
        Ok(reach.includes(project) && self.store().project(project).await?.is_some())
    }

    /// The admin of that name.
    ///
    /// # Errors
    /// The store's.
    pub async fn admin_by_name(&self, name: &str) -> Result<Option<AdminRow>, StoreError> {
        self.store().admin_by_name(name).await
    }

    /// What checks the signatures of an admin's passkeys, in JSON.
    ///
    /// # Errors
    /// The store's.
    pub async fn admin_passkeys(&self, admin: Uuid) -> Result<Vec<String>, StoreError> {
        self.store().admin_passkeys(admin).await
    }

    /// Keeps what a passkey became by being used.
    ///
    /// # Errors
    /// The store's.
    pub async fn passkey_used(&self, id: &str, passkey: &str) -> Result<(), StoreError> {
        self.store().update_admin_passkey(id, passkey).await
    }

    /// Counts a passkey's answer that was wrong.
    ///
    /// # Errors
    /// `TooOften`.
    pub fn passkey_was_wrong(&self, from: Option<IpAddr>) -> Result<(), SignInRefused> {
        let too_often = |wait| SignInRefused::TooOften { retry_after_s: whole_seconds(wait) };
        self.inner.guesses.token_was_wrong(from).map_err(too_often)
    }
}
