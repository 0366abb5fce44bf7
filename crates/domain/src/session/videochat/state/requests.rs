//! Those who ask to speak.

use super::{Notice, Videochat};
use crate::refusal::Refusal;
use crate::session::member::Member;
use crate::videochat::{Caller, IdentityView, NotificationKind, Recipients};
use std::sync::Arc;

/// Users, whoever has asked longest first.
#[derive(Debug, Default)]
pub(super) struct Requests {
    users: Vec<Arc<str>>,
}

impl Requests {
    pub fn has(&self, user: &str) -> bool {
        self.users.iter().any(|one| **one == *user)
    }

    pub fn all(&self) -> Vec<Arc<str>> {
        self.users.clone()
    }

    /// Answers whether they had asked.
    pub fn forget(&mut self, user: &str) -> bool {
        let before = self.users.len();
        self.users.retain(|one| **one != *user);
        self.users.len() < before
    }
}

impl Videochat {
    /// Whoever has a seat and no voice may ask; asking twice is no news.
    ///
    /// # Errors
    /// `Unsupported` at a vendor, `NotPermitted`.
    pub fn ask_voice(
        &mut self,
        members: &[Member],
        caller: &Caller,
    ) -> Result<Option<Notice>, Refusal> {
        self.only_native("asking for promotion")?;
        let seat = self.seat_of(members, &caller.user).filter(|seat| !seat.speaks);
        let seat = seat.ok_or(Refusal::NotPermitted)?;
        if self.requests.has(&caller.user) {
            return Ok(None);
        }
        self.requests.users.push(caller.user.clone());
        self.touch(seat.id);
        let recipients = Recipients::Only(self.insiders(members, &caller.user));
        let kind = NotificationKind::PromotionRequested(IdentityView { asks: true, ..seat });
        Ok(Some((kind, recipients)))
    }

    /// Turned down, or taken back.
    ///
    /// # Errors
    /// `NotPermitted`; `NotFound` where they did not ask.
    pub fn decline_voice(
        &mut self,
        members: &[Member],
        caller: &Caller,
        user: &str,
    ) -> Result<Option<Notice>, Refusal> {
        let presents = self.ranks_of(members, &caller.user).presenter;
        let decides = self.moderates(members, caller) || presents;
        if !decides && *caller.user != *user {
            return Err(Refusal::NotPermitted);
        }
        if !self.requests.forget(user) {
            return Err(Refusal::NotFound("nobody of that name asked"));
        }
        let Some(seat) = self.seat_of(members, user) else { return Ok(None) };
        self.touch(seat.id);
        let recipients = Recipients::Only(self.insiders(members, user));
        let kind = NotificationKind::PromotionDeclined(IdentityView { asks: false, ..seat });
        Ok(Some((kind, recipients)))
    }

    /// Whoever has no seat any more asks for nothing.
    pub fn forget_absent_askers(&mut self, members: &[Member]) {
        let mut users = std::mem::take(&mut self.requests.users);
        users.retain(|user| self.participants(members).any(|one| one.user == *user));
        self.requests.users = users;
    }
}
