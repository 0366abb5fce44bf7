//! Links that open a room, as the doors see them: made and revoked by applications and by whoever may in a
//! session, exchanged by visitors for a room token. What a role may do is the rules' business (`link.rs` of the domain).

use crate::Hub;
use crate::auth::limiter::{Limiter, Ticks};
use crate::auth::users::whole_seconds;
use crate::{now, unavailable};
use rotunda_domain::limits::LINKS;
use rotunda_domain::{
    AllowedLinkRequest, LinkId, LinkKey, LinkRequest, LinkView, ProjectId, Refusal, Reply, RoomId,
    link,
};
use rotunda_store::{LinkRow, LinkTerms, LinkUse, NewLink, StoreError};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;
use uuid::Uuid;

/// Exchanges of one address at once, and again in [`WINDOW`]: a class behind one router comes in together.
const EXCHANGES: NonZeroU32 = NonZeroU32::new(60).unwrap();
const WINDOW: Duration = Duration::from_secs(60);

/// How often visitors of one address may exchange links.
pub(crate) fn exchanges(clock: Ticks) -> Limiter<IpAddr> {
    Limiter::new(EXCHANGES, WINDOW, clock)
}

/// Why nothing was done about a link.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The project has no such room or link.
    #[error("no such room or link")]
    NotFound,
    /// The room has all the links it may have.
    #[error("a room has at most {LINKS} links; delete one first")]
    Full,
    /// It would be over before it began.
    #[error("expires_at must lie in the future")]
    Past,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for LinkError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound | StoreError::Declined(_) => Self::NotFound,
            other => Self::Store(other),
        }
    }
}

impl From<LinkError> for Refusal {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::NotFound => Self::NotFound("Not Found"),
            LinkError::Full => Self::LimitReached(error.to_string()),
            LinkError::Past => Self::invalid(error.to_string()),
            LinkError::Store(error) => {
                tracing::error!(%error, "links could not be looked up or changed");
                unavailable(&error)
            }
        }
    }
}

fn shown(row: &LinkRow, key: Option<String>) -> LinkView {
    let LinkRow { id, role, expires_at, max_uses, uses, created_at_ms, .. } = *row;
    let terms = LinkTerms { role, expires_at, max_uses };
    LinkView { id, terms, uses, created_at_ms, key: key.map(LinkKey) }
}

/// Why a link gives no token.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeRefused {
    /// There is no such link: it was mistyped, or revoked.
    #[error("this link opens nothing: ask whoever sent it for another one")]
    Unknown,
    /// Its time is over.
    #[error("this link is over: ask whoever sent it for another one")]
    Expired,
    /// It was used as often as it may be.
    #[error("this link was used as often as it may be: ask whoever sent it for another one")]
    UsedUp,
    /// Too many came from the same address; try again after the seconds given.
    #[error("too many came from your address; try again in {retry_after_s} s")]
    TooOften {
        /// Seconds.
        retry_after_s: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Hub {
    /// Makes a link to a room; its key is shown this once. Answers the room's name with it.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn create_link(
        &self,
        project: ProjectId,
        room: &str,
        terms: LinkTerms,
    ) -> Result<(String, NewLink), LinkError> {
        let room = self.room(project, room).await.map_err(StoreError::from)?;
        Ok((room.settings.name, self.make_link(project, room.id, terms).await?))
    }

    async fn make_link(
        &self,
        project: ProjectId,
        room: RoomId,
        terms: LinkTerms,
    ) -> Result<NewLink, LinkError> {
        if terms.expires_at.is_some_and(|at| at <= now().epoch_s()) {
            return Err(LinkError::Past);
        }
        let made = self.store().create_link(project, room, terms, LINKS).await?;
        made.ok_or(LinkError::Full)
    }

    /// Carries out what the rules allowed somebody in a session; every other reply is the answer itself.
    pub(crate) async fn about_links(&self, reply: Reply) -> Result<Reply, Refusal> {
        match reply {
            Reply::LinksAllowed(allowed) => Ok(self.do_allowed(allowed).await?),
            reply => Ok(reply),
        }
    }

    async fn do_allowed(&self, allowed: AllowedLinkRequest) -> Result<Reply, LinkError> {
        let AllowedLinkRequest { project, room, request } = allowed;
        match request {
            LinkRequest::Create(terms) => {
                let NewLink { row, key } = self.make_link(project, room, terms).await?;
                Ok(Reply::Link(shown(&row, Some(key))))
            }
            LinkRequest::List => {
                let rows = self.store().links_of_room(project, room).await?;
                Ok(Reply::Links(rows.iter().map(|row| shown(row, None)).collect()))
            }
            LinkRequest::Revoke(link) => {
                self.store().delete_link_of(project, room, link).await?;
                Ok(Reply::Done)
            }
        }
    }

    /// The links of a room, oldest first.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn links_of_room(
        &self,
        project: ProjectId,
        room: &str,
    ) -> Result<Vec<LinkRow>, LinkError> {
        let room: RoomId = self.room(project, room).await.map_err(StoreError::from)?.id;
        Ok(self.store().links_of_room(project, room).await?)
    }

    /// Revokes a link: nobody comes in by it any more, and who did is gone within a second
    /// (`auth/revoke.rs`).
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn delete_link(&self, project: ProjectId, id: LinkId) -> Result<(), LinkError> {
        Ok(self.store().delete_link(project, id).await?)
    }

    /// Gives a visitor by a link a room token in their name, and counts it.
    ///
    /// # Errors
    /// [`ExchangeRefused`].
    pub async fn exchange_link(
        &self,
        (room_name, key): (&str, &str),
        user_name: String,
        from: Option<IpAddr>,
    ) -> Result<String, ExchangeRefused> {
        let too_often = |wait| ExchangeRefused::TooOften { retry_after_s: whole_seconds(wait) };
        if let Some(from) = from {
            self.inner.exchanges.take(&from).map_err(too_often)?;
        }
        let Some(link) = self.store().link_by_key(room_name, key).await? else {
            self.inner.guesses.token_was_wrong(from).map_err(too_often)?;
            return Err(ExchangeRefused::Unknown);
        };
        // A use is counted when nothing stands in the way of its token any more.
        let signer = self.signer(link.project).await?;
        match self.store().use_link(link.project, link.id, now().epoch_s()).await? {
            LinkUse::Counted => {}
            LinkUse::Expired => return Err(ExchangeRefused::Expired),
            LinkUse::UsedUp => return Err(ExchangeRefused::UsedUp),
            LinkUse::Unknown => return Err(ExchangeRefused::Unknown),
        }
        let (by, room) = ((link.id, link.role), (link.project, room_name));
        let grant = link::grant_by(by, room, Uuid::new_v4().to_string(), user_name);
        Ok(self.sign(&signer, &grant))
    }
}
