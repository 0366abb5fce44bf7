//! Agents of the live chat, who call for themselves: by a pair of tokens they get for a password, or
//! by an API key. Neither is ever logged.

use crate::Hub;
use crate::auth::TokenCheckError;
use crate::auth::users::SignInRefused;
use rotunda_store::{AgentRow, SiteId, TokenLives, TokenPair};
use std::net::IpAddr;
use std::time::Duration;

/// Longest email that is looked at, in bytes: an address has no more (RFC 5321 §4.5.3.1.3).
const EMAIL_MAX: usize = 254;
/// How long an access token opens something: half a day.
pub const AGENT_TOKEN_LIFE: Duration = Duration::from_secs(12 * 3600);
const LIVES: TokenLives = TokenLives {
    access_ms: AGENT_TOKEN_LIFE.as_millis() as i64,
    // A month without a call, then the password is asked for again.
    refresh_ms: 30 * 24 * 3600 * 1000,
};

/// Who manages a site, as a door needs to know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agent {
    /// The only site they see.
    pub site: SiteId,
    /// Whether they have the permission Manage Settings.
    pub manages_settings: bool,
}

impl From<AgentRow> for Agent {
    fn from(row: AgentRow) -> Self {
        Self { site: row.site, manages_settings: row.manages_settings }
    }
}

impl Hub {
    /// A pair of tokens for somebody's password.
    ///
    /// # Errors
    /// [`SignInRefused`].
    pub async fn sign_in_agent(
        &self,
        (email, password): (&str, &str),
        from: Option<IpAddr>,
    ) -> Result<TokenPair, SignInRefused> {
        if email.len() > EMAIL_MAX {
            return Err(SignInRefused::Wrong);
        }
        let (hub, named) = (self.clone(), format!("agent {}", email.to_lowercase()));
        let (email, password) = (email.to_owned(), password.to_owned());
        let check = async move {
            let agent = hub.store().agent_by_email(&email).await?;
            let hash = agent.as_ref().map(|agent| agent.password.clone());
            let fits = hub.password_fits(&password, hash).await;
            Ok(agent.filter(|_| fits))
        };
        let agent = self.guess(named, from, check).await?;
        Ok(self.store().open_agent_tokens(agent.id, LIVES).await?)
    }

    /// The next pair of tokens for a refresh token, which serves once; `None` when it does not serve.
    ///
    /// # Errors
    /// [`TokenCheckError`].
    pub async fn renew_agent(
        &self,
        refresh: &str,
        from: Option<IpAddr>,
    ) -> Result<Option<TokenPair>, TokenCheckError> {
        let check = self.store().renew_agent_tokens(refresh, LIVES);
        self.shown(from, check).await
    }

    /// Who calls with an access token.
    ///
    /// # Errors
    /// [`TokenCheckError`].
    pub async fn agent_by_token(
        &self,
        access: &str,
        from: Option<IpAddr>,
    ) -> Result<Option<Agent>, TokenCheckError> {
        let check = self.store().agent_by_token(access);
        let row = self.shown(from, check).await?;
        Ok(row.map(Agent::from))
    }

    /// Who calls with an address and an API key.
    ///
    /// # Errors
    /// [`TokenCheckError`].
    pub async fn agent_by_key(
        &self,
        site: SiteId,
        (email, key): (&str, &str),
        from: Option<IpAddr>,
    ) -> Result<Option<Agent>, TokenCheckError> {
        let check = self.store().agent_by_key(site, email, key);
        let row = self.shown(from, check).await?;
        Ok(row.map(Agent::from))
    }
}
