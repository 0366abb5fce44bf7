//! Legs that come without a connection: an offer with a room token, as WHIP and WHEP send it.
//!
//! Such a leg is admitted by the same command as any other and is remembered like a connection, under
//! an id that nobody can guess. No socket ever takes its events, so none are kept. This file refuses
//! to know HTTP and what stands in an offer.

use crate::auth::TokenRefused;
use crate::offer::{Ways, ways};
use crate::presence::Presence;
use crate::{Hub, Invite, LegRole, LegWish};
use rotunda_domain::{
    Brings, Flow, Grant, JoinAs, LegId, MediaAllowed, Permissions, ProjectId, Refusal,
};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Mutex;
use uuid::Uuid;

/// What the one leg is called.
const CALL: &str = "leg";
const GONE: Refusal = Refusal::NotFound("there is no such leg, or no longer");

/// Which way the media of such a leg goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the client: somebody in the audience.
    Watch,
    /// From the client: a member.
    Publish,
}

/// What is remembered of such a leg beside what every connection has.
pub(crate) struct Bare {
    pub way: Way,
    ice: Mutex<Ice>,
}

/// How the leg was agreed, to agree on it anew. Whoever holds the lock restarts ICE alone.
struct Ice {
    offer: Arc<str>,
    session: u32,
}

/// A leg that was answered.
#[derive(Clone, Debug)]
pub struct BareLeg {
    /// Names it from now on.
    pub id: Arc<str>,
    /// Whose room it is in.
    pub project: ProjectId,
    /// Of the token it came by.
    pub token_id: String,
    /// The answer.
    pub sdp: String,
    /// Number of its ICE session; each restart has the next.
    pub ice_session: u32,
}

/// Why a leg is not answered.
#[derive(Debug, thiserror::Error)]
pub enum BareRefused {
    /// The token.
    #[error(transparent)]
    Token(#[from] TokenRefused),
    /// The rules, or the offer.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Of the kinds offered the token allows none.
    #[error("the token's media_allowed leaves nothing of what is offered: offer the other kind")]
    NothingFlows,
}

/// What an ICE restart is asked for on.
#[derive(Clone, Debug)]
pub struct Restart {
    /// The offer the leg was agreed by.
    pub offer: Arc<str>,
    /// Number of the ICE session there is.
    pub ice_session: u32,
}

impl Hub {
    /// Answers an offer that comes with a room token and nothing else. A token of a member who only
    /// wants to watch is taken for one of audience; one of audience cannot publish.
    ///
    /// # Errors
    /// [`BareRefused`], in the order token, standing, kinds of media, window, existence, lock, limit, offer.
    pub async fn open_bare(
        &self,
        token: &str,
        way: Way,
        offer: String,
        address: Option<IpAddr>,
    ) -> Result<BareLeg, BareRefused> {
        let grant = self.open_shown_token(token, address).await?;
        let grant = standing(grant, way)?;
        if is_all_barred(&grant, way, ways(&offer)) {
            return Err(BareRefused::NothingFlows);
        }
        let ice = Mutex::new(Ice { offer: offer.as_str().into(), session: 1 });
        let (project, token_id) = (grant.project, grant.token_id.clone());
        let presence = Presence::bare(unguessable(), grant, Bare { way, ice });
        presence.lock().address = address;
        let presence = Arc::new(presence);
        let id = presence.protocol.clone();
        let mut known = Known { hub: self.clone(), id: id.clone(), is_answered: false };
        self.inner.presences.add(presence.clone());
        let invite = Invite {
            call_id: LegId(CALL.into()),
            role: LegRole::Main,
            sdp: offer,
            wants_roster: false,
            brings: Ok(Brings::default()),
        };
        let sdp = self.come_in(presence, invite).await?;
        known.is_answered = true;
        Ok(BareLeg { id, project, token_id, sdp, ice_session: 1 })
    }

    /// Whether there is such a leg.
    pub fn has_bare(&self, id: &str, way: Way) -> bool {
        self.bare(id, way).is_ok()
    }

    /// Whether `token` opens the room this leg is in.
    ///
    /// # Errors
    /// `NotFound` for a leg that is gone, and why the token is refused; one of another room is
    /// `NotPermitted`.
    pub async fn may_touch_bare(
        &self,
        id: &str,
        way: Way,
        token: &str,
        address: Option<IpAddr>,
    ) -> Result<(), BareRefused> {
        let presence = self.bare(id, way)?;
        let grant = self.open_shown_token(token, address).await?;
        let held = presence.lock().grant();
        let is_same = (held.project, &held.room_name) == (grant.project, &grant.room_name);
        is_same.then_some(()).ok_or(BareRefused::Refused(Refusal::NotPermitted))
    }

    /// How a leg's ICE stands.
    ///
    /// # Errors
    /// `NotFound` for a leg that is gone.
    pub async fn bare_ice(&self, id: &str, way: Way) -> Result<Restart, Refusal> {
        let presence = self.bare(id, way)?;
        let bare = presence.bare.as_ref().ok_or(GONE)?;
        let ice = bare.ice.lock().await;
        Ok(Restart { offer: ice.offer.clone(), ice_session: ice.session })
    }

    /// Restarts a leg's ICE: `anew` makes an offer of what is there, or declines. What is there
    /// stays when nothing comes of it.
    ///
    /// # Errors
    /// `NotFound` for a leg that is gone, what `anew` declines with, or what the engine says.
    pub async fn restart_bare<E: From<Refusal>>(
        &self,
        id: &str,
        way: Way,
        anew: impl FnOnce(&Restart) -> Result<String, E>,
    ) -> Result<BareLeg, E> {
        let presence = self.bare(id, way)?;
        let bare = presence.bare.as_ref().ok_or(GONE)?;
        let mut ice = bare.ice.lock().await;
        let before = Restart { offer: ice.offer.clone(), ice_session: ice.session };
        let offer = anew(&before)?;
        let renewed = self.modify(id, &LegId(CALL.into()), offer.clone()).await?;
        ice.offer = offer.into();
        ice.session = ice.session.saturating_add(1);
        let grant = presence.lock().grant();
        Ok(BareLeg {
            id: presence.protocol.clone(),
            project: grant.project,
            token_id: grant.token_id.clone(),
            sdp: renewed.sdp,
            ice_session: ice.session,
        })
    }

    /// Ends a leg; whoever it was leaves.
    ///
    /// # Errors
    /// `NotFound` for a leg that is gone.
    pub async fn end_bare(&self, id: &str, way: Way) -> Result<(), Refusal> {
        self.bare(id, way)?;
        self.ask_leg(id, &LegId(CALL.into()), LegWish::HangUp).await
    }

    fn bare(&self, id: &str, way: Way) -> Result<Arc<Presence>, Refusal> {
        let presence = self.inner.presences.get(id).ok_or(GONE)?;
        let is_one = presence.bare.as_ref().is_some_and(|bare| bare.way == way);
        let is_alive = !presence.lock().legs.is_empty();
        (is_one && is_alive).then_some(presence).ok_or(GONE)
    }
}

/// A leg that is being answered. Refused, or its caller gone before the answer, it is forgotten: the
/// session forgets only who took a seat.
struct Known {
    hub: Hub,
    id: Arc<str>,
    is_answered: bool,
}

impl Drop for Known {
    fn drop(&mut self) {
        if !self.is_answered {
            self.hub.inner.presences.remove(&self.id);
        }
    }
}

/// Who watches is audience, whatever else the token would allow: it is seen by nobody, may do nothing
/// and takes nobody along when it goes. It hears and sees all that a member does.
fn standing(grant: Grant, way: Way) -> Result<Grant, Refusal> {
    match (way, grant.join_as) {
        (Way::Publish, JoinAs::Audience) => Err(Refusal::NotPermitted),
        (Way::Publish, JoinAs::Member) | (Way::Watch, JoinAs::Audience) => Ok(grant),
        (Way::Watch, JoinAs::Member) => Ok(Grant {
            join_as: JoinAs::Audience,
            permissions: Permissions::from_list(Vec::new()),
            media_allowed: MediaAllowed::All,
            end_room_session_on_leave: false,
            ..grant
        }),
    }
}

/// Whether of the kinds an offer has none may flow the way of the leg.
fn is_all_barred(grant: &Grant, way: Way, [audio, video]: [Ways; 2]) -> bool {
    let may = |flow: Flow| match way {
        Way::Watch => flow != Flow::None,
        Way::Publish => flow == Flow::Both,
    };
    let kinds = [(audio, grant.audio_flow()), (video, grant.video_flow())];
    let mut offered = kinds.iter().filter(|(ways, _)| *ways != Ways::Neither).peekable();
    offered.peek().is_some() && offered.all(|(_, flow)| !may(*flow))
}

/// 244 random bits.
fn unguessable() -> Arc<str> {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()).into()
}

#[cfg(test)]
#[path = "bare_tests.rs"]
mod tests;
