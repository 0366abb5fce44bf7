//! A seat, and the whole videochat, as somebody sees it.

use super::Videochat;
use super::seats::Reserved;
use crate::id::MemberId;
use crate::session::member::Member;
use crate::session::participant::ParticipantState;
use crate::videochat::{Caller, IdentityView, VideochatView};
use std::sync::Arc;

impl Videochat {
    /// The videochat as `caller` may see it; everybody sees their own seats.
    pub fn view(&self, members: &[Member], is_streamed: bool, caller: &Caller) -> VideochatView {
        let ranks = self.ranks_of(members, &caller.user);
        let is_inside = self.moderates(members, caller) || ranks.any();
        let mut identities = self.identities(members);
        let counter = u32::try_from(identities.len()).unwrap_or(u32::MAX);
        identities.retain(|seat| is_inside || seat.user == caller.user || self.is_public(seat));
        VideochatView {
            engine: self.engine,
            room_type: self.room_type,
            settings: self.settings,
            limit: self.seats_allowed().unwrap_or(0),
            counter,
            identities,
            requests: if is_inside { self.requests.all() } else { Vec::new() },
            sharing: self.board.sharing().to_vec(),
            board_in_use: self.board.is_in_use(),
            live: self.live(is_streamed),
            ranks,
        }
    }

    /// Whether everybody sees a seat; insiders see all.
    pub(super) fn is_public(&self, view: &IdentityView) -> bool {
        view.speaks || !self.settings.exclude_listeners
    }

    /// The first seat of a user that is known to others.
    pub(super) fn seat_of(&self, members: &[Member], user: &str) -> Option<IdentityView> {
        self.identities(members).into_iter().find(|seat| *seat.user == *user)
    }

    /// A seat others know of: somebody is in it, or was a moment ago.
    pub(super) fn seat_seen(&self, members: &[Member], id: MemberId) -> Option<IdentityView> {
        if let Some(member) = members.iter().find(|m| m.id() == id) {
            return is_seat(&member).then(|| self.see_seat(member));
        }
        let taken = self.seats.get(id).filter(|seat| seat.is_known());
        taken.map(|seat| self.see_reserved(seat))
    }

    /// All seats others know of, in the order they were given.
    fn identities(&self, members: &[Member]) -> Vec<IdentityView> {
        let members = members.iter().filter(is_seat).map(|m| self.see_seat(m));
        let taken = self.seats.iter().filter(|seat| seat.is_known());
        let mut all: Vec<_> = members.chain(taken.map(|seat| self.see_reserved(seat))).collect();
        all.sort_by_key(|seat| seat.uid);
        all
    }

    fn see_seat(&self, member: &Member) -> IdentityView {
        let muted = member.audio_muted || member.is_audience();
        IdentityView {
            microphone_on: !muted,
            hand_up: member.hand.is_some(),
            is_away: member.gone_until_ms().is_some(),
            ..self.see_participant(member.id(), member.name(), &member.participant)
        }
    }

    pub(super) fn see_reserved(&self, seat: &Reserved) -> IdentityView {
        let seen = self.see_participant(seat.id(), seat.name(), seat.participant());
        IdentityView { is_away: seat.is_away(), ..seen }
    }

    fn see_participant(
        &self,
        id: MemberId,
        name: &Arc<str>,
        participant: &ParticipantState,
    ) -> IdentityView {
        IdentityView {
            id,
            uid: participant.uid,
            user: participant.user.clone(),
            name: name.clone(),
            ranks: participant.ranks,
            speaks: participant.speaks(),
            microphone_on: false,
            hand_up: false,
            asks: self.requests.has(&participant.user),
            is_away: false,
        }
    }
}

fn is_seat(member: &&Member) -> bool {
    member.is_here() && member.parent().is_none() && !member.participant.watches
}
