//! Seats and their tokens; whoever wants the first one begins the session.

use super::{RoomSeen, VideochatError};
use crate::Hub;
use crate::auth::FormerSeat;
use crate::sessions::handle::GONE;
use crate::{BACK_WITHIN_MS, unavailable};
use rotunda_domain::videochat::{
    EngineName, InitUser, RoomRight, SeatGranted, SeatRequest, VideochatCommand, VideochatReply,
};
use rotunda_domain::{Grant, Identity, JoinAs, MemberId, Permissions, Refusal, SessionId};
use std::collections::HashSet;
use std::sync::{MutexGuard, PoisonError};
use uuid::Uuid;

/// Tries to find a session that does not end under one's hands.
const TRIES: usize = 3;

/// A seat, and the way to it.
#[derive(Clone, Debug)]
pub struct SeatToken {
    /// The session.
    pub session: SessionId,
    /// The seat.
    pub seat: SeatGranted,
    /// The token for this server's own engine; a vendor's is made elsewhere.
    pub token: Option<String>,
}

impl Hub {
    /// Keeps a seat (or, `watching`, a place before the stream) and makes its token; begins the
    /// session if there is none and the caller may.
    ///
    /// # Errors
    /// [`VideochatError`].
    pub async fn take_seat(
        &self,
        room: &RoomSeen,
        name: &str,
        watching: bool,
    ) -> Result<SeatToken, VideochatError> {
        let settings = self.videochat_settings(room).await?;
        let may_begin = room.caller.right == RoomRight::Manage
            || (settings.init_user == InitUser::Any && room.caller.right >= RoomRight::Comment);
        let mut grant = grant(room, name);
        for _ in 0..TRIES {
            let running = self.inner.services.directory.session_of(room.id);
            let Some(running) = running.filter(|handle| !handle.is_gone()) else {
                if watching {
                    return Err(VideochatError::NoVideochat);
                }
                if room.caller.right < RoomRight::Comment {
                    return Err(Refusal::NotPermitted.into());
                }
                if !may_begin {
                    return Err(VideochatError::NotStarted);
                }
                self.is_offered(settings.engine)?;
                self.begin_session(&grant).await?;
                continue;
            };
            self.site_admits(room.project).await?;
            let id = MemberId(Uuid::new_v4());
            let name = name.into();
            let request = SeatRequest { id, name, watches: watching, is_back: false };
            let reserved =
                self.ask(&running, &room.caller, VideochatCommand::Reserve(request)).await;
            let seat = match reserved {
                Ok(VideochatReply::Seat(seat)) => *seat,
                Err(refusal) if refusal == GONE => continue,
                Err(refusal) => return Err(refusal.into()),
                Ok(_) => return Err(Refusal::Broken.into()),
            };
            let caller = room.caller.clone();
            grant.identity = Some(Identity { seat: id, caller, watches: watching });
            grant.join_as = if seat.identity.speaks { JoinAs::Member } else { JoinAs::Audience };
            if seat.identity.speaks {
                grant.permissions = Permissions::of_videochat(seat.identity.ranks.moderates());
            }
            let token = match seat.engine {
                EngineName::Native => Some(self.mint_room_token(&grant).await?),
                _ => None,
            };
            return Ok(SeatToken { session: running.id, seat, token });
        }
        Err(GONE.into())
    }

    /// Seats live in a session, and a restart ends it: whoever shows, signed, that they sat in the seat of
    /// their token then, has it again, once, by today's settings and limits. That they did not leave and
    /// were not removed before is read in history.
    ///
    /// # Errors
    /// `LimitReached` where others took all seats meanwhile, or what the rules say.
    pub(crate) async fn keep_again(
        &self,
        grant: &Grant,
        former: &FormerSeat,
    ) -> Result<(), Refusal> {
        let identity = grant.identity.as_ref();
        let sat_there = |identity: &&Identity| identity.seat == former.member();
        let Some(identity) = identity.filter(sat_there).filter(|_| former.is_from_before()) else {
            return Ok(());
        };
        let since_ms = crate::now().epoch_ms - BACK_WITHIN_MS;
        let found = self.store().was_cut_off(former.session(), identity.seat, since_ms).await;
        let was_cut_off = found.map_err(|error| unavailable(&error))?;
        if !was_cut_off || !self.given_back().insert(identity.seat) {
            return Ok(());
        }
        self.reserve_again(grant, identity).await.inspect_err(|_| {
            self.given_back().remove(&identity.seat);
        })
    }

    /// Keeps the seat, in a session that begins if nobody is back yet.
    async fn reserve_again(&self, grant: &Grant, identity: &Identity) -> Result<(), Refusal> {
        let anybody = Grant { identity: None, ..grant.clone() };
        for _ in 0..TRIES {
            let session = self.find_or_start(&anybody).await?;
            let name = grant.user_name.as_str().into();
            let Identity { seat: id, watches, .. } = *identity;
            let request = SeatRequest { id, name, watches, is_back: true };
            match self.ask(&session, &identity.caller, VideochatCommand::Reserve(request)).await {
                Err(refusal) if refusal == GONE => {}
                reserved => return reserved.map(drop),
            }
        }
        Err(GONE)
    }

    /// As many as sat in sessions that were cut off, at most.
    fn given_back(&self) -> MutexGuard<'_, HashSet<MemberId>> {
        self.inner.given_back.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a token of the videochat grants, but for what the seat says.
fn grant(room: &RoomSeen, name: &str) -> Grant {
    Grant {
        token_id: Uuid::new_v4().to_string(),
        user_name: name.to_owned(),
        join_as: JoinAs::Audience,
        permissions: Permissions::default(),
        auto_create_room: false,
        ..Grant::for_room(room.project, &room.name)
    }
}
