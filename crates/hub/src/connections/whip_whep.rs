//! Legs that come without a connection: an offer with a room token, as WHIP and WHEP send it.
//!
//! Such a leg is admitted by the same command as any other and is remembered like a connection, under
//! an id that nobody can guess. No socket ever takes its events, so none are kept. This file refuses
//! to know HTTP and what stands in an offer.

use crate::Hub;
use crate::auth::TokenRefused;
use crate::connections::connection::Connection;
use crate::connections::link::{Invite, LegAction, LegRole};
use crate::connections::offer::{Ways, ways};
use crate::connections::whip_state::{Direction, Ice, WhipWhep};
use rotunda_domain::{
    Brings, Flow, Grant, JoinAs, LegId, MediaAllowed, Permissions, ProjectId, Refusal,
};
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Mutex;
use uuid::Uuid;

/// What the one leg is called.
const CALL: &str = "leg";
const GONE: Refusal = Refusal::NotFound("there is no such leg, or no longer");

/// A leg that was answered.
#[derive(Clone, Debug)]
pub struct WhipLeg {
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
pub enum WhipError {
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
    /// [`WhipError`], in the order token, standing, kinds of media, window, existence, lock, limit, offer.
    pub async fn open_whip(
        &self,
        token: &str,
        direction: Direction,
        offer: String,
        address: Option<IpAddr>,
    ) -> Result<WhipLeg, WhipError> {
        let grant = self.open_shown_token(token, address).await?;
        let grant = grant_for(grant, direction)?;
        if is_all_barred(&grant, direction, ways(&offer)) {
            return Err(WhipError::NothingFlows);
        }
        let ice = Mutex::new(Ice { offer: offer.as_str().into(), session: 1 });
        let (project, token_id) = (grant.project, grant.token_id.clone());
        let connection = Connection::whip_whep(unguessable(), grant, WhipWhep { direction, ice });
        connection.lock().address = address;
        let id = connection.protocol.clone();
        let mut known = Known { hub: self.clone(), id: id.clone(), is_answered: false };
        let connection = self.inner.services.connections.add(connection);
        let invite = Invite {
            call_id: LegId(CALL.into()),
            role: LegRole::Main,
            sdp: offer,
            wants_roster: false,
            names: HashSet::new(),
            brings: Ok(Brings::default()),
        };
        let sdp = self.come_in(connection, invite).await?;
        known.is_answered = true;
        Ok(WhipLeg { id, project, token_id, sdp, ice_session: 1 })
    }

    /// Whether there is such a leg.
    pub fn has_whip(&self, id: &str, direction: Direction) -> bool {
        self.whip_whep(id, direction).is_ok()
    }

    /// Whether `token` opens the room this leg is in.
    ///
    /// # Errors
    /// `NotFound` for a leg that is gone, and why the token is refused; one of another room is
    /// `NotPermitted`.
    pub async fn may_touch_whip(
        &self,
        id: &str,
        direction: Direction,
        token: &str,
        address: Option<IpAddr>,
    ) -> Result<(), WhipError> {
        let connection = self.whip_whep(id, direction)?;
        let grant = self.open_shown_token(token, address).await?;
        let held = connection.lock().grant();
        let is_same = (held.project, &held.room_name) == (grant.project, &grant.room_name);
        is_same.then_some(()).ok_or(WhipError::Refused(Refusal::NotPermitted))
    }

    /// How a leg's ICE stands.
    ///
    /// # Errors
    /// `NotFound` for a leg that is gone.
    pub async fn whip_ice(&self, id: &str, direction: Direction) -> Result<Restart, Refusal> {
        let connection = self.whip_whep(id, direction)?;
        let whip_whep = connection.whip_whep.as_ref().ok_or(GONE)?;
        let ice = whip_whep.ice.lock().await;
        Ok(Restart { offer: ice.offer.clone(), ice_session: ice.session })
    }

    /// Restarts a leg's ICE: `anew` makes an offer of what is there, or declines. What is there
    /// stays when nothing comes of it.
    ///
    /// # Errors
    /// `NotFound` for a leg that is gone, what `anew` declines with, or what the engine says.
    pub async fn restart_whip<E: From<Refusal>>(
        &self,
        id: &str,
        direction: Direction,
        anew: impl FnOnce(&Restart) -> Result<String, E>,
    ) -> Result<WhipLeg, E> {
        let connection = self.whip_whep(id, direction)?;
        let whip_whep = connection.whip_whep.as_ref().ok_or(GONE)?;
        let mut ice = whip_whep.ice.lock().await;
        let before = Restart { offer: ice.offer.clone(), ice_session: ice.session };
        let offer = anew(&before)?;
        let renewed = self.modify(id, &LegId(CALL.into()), offer.clone()).await?;
        ice.offer = offer.into();
        ice.session = ice.session.saturating_add(1);
        let grant = connection.lock().grant();
        Ok(WhipLeg {
            id: connection.protocol.clone(),
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
    pub async fn end_whip(&self, id: &str, direction: Direction) -> Result<(), Refusal> {
        self.whip_whep(id, direction)?;
        self.ask_leg(id, &LegId(CALL.into()), LegAction::HangUp).await
    }

    fn whip_whep(&self, id: &str, direction: Direction) -> Result<Arc<Connection>, Refusal> {
        let connection = self.inner.services.connections.get(id).ok_or(GONE)?;
        let is_one =
            connection.whip_whep.as_ref().is_some_and(|whip_whep| whip_whep.direction == direction);
        let is_alive = !connection.lock().legs.is_empty();
        (is_one && is_alive).then_some(connection).ok_or(GONE)
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
            self.hub.inner.services.connections.remove(&self.id);
        }
    }
}

/// Who watches is audience, whatever else the token would allow: it is seen by nobody, may do nothing
/// and takes nobody along when it goes. It hears and sees all that a member does.
fn grant_for(grant: Grant, direction: Direction) -> Result<Grant, Refusal> {
    match (direction, grant.join_as) {
        (Direction::Whip, JoinAs::Audience) => Err(Refusal::NotPermitted),
        (Direction::Whip, JoinAs::Member) | (Direction::Whep, JoinAs::Audience) => Ok(grant),
        (Direction::Whep, JoinAs::Member) => Ok(Grant {
            join_as: JoinAs::Audience,
            permissions: Permissions::of_audience(grant.skips_lobby()),
            media_allowed: MediaAllowed::All,
            end_room_session_on_leave: false,
            ..grant
        }),
    }
}

/// Whether of the kinds an offer has none may flow the way of the leg.
fn is_all_barred(grant: &Grant, direction: Direction, [audio, video]: [Ways; 2]) -> bool {
    let may = |flow: Flow| match direction {
        Direction::Whep => flow != Flow::None,
        Direction::Whip => flow == Flow::Both,
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
#[path = "whip_whep_tests.rs"]
mod tests;
