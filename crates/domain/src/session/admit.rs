//! Coming in: admitted at the invite, announced when the leg is up.

use super::Session;
use super::member::{Member, Presence, bearer};
use super::participant::ParticipantState;
use super::parting::Parting;
use crate::command::{Admission, Reply};
use crate::event::{Event, MemberKind, To};
use crate::grant::JoinAs;
use crate::half_open::gives_way;
use crate::id::{LegKey, MemberId};
use crate::output::{Cause, Output, Record, Tone};
use crate::permission::{PLAYBACK, Right, STREAM_START, Verb};
use crate::refusal::Refusal;
use crate::time::Now;

impl Session {
    /// Lock, then limit; window and existence came before (see [`crate::entry`]).
    pub(super) fn admit(&mut self, admission: Admission) -> Result<Reply, Refusal> {
        if self.banned.has(&admission.grant) {
            return Err(Refusal::REMOVED);
        }
        if self.locked {
            return Err(Refusal::NotAdmitted("Room is locked"));
        }
        self.may_pass(&admission.grant)?;
        let is_audience = admission.grant.join_as == JoinAs::Audience;
        let participant = self.videochat.participant_at_the_door(&admission)?;
        if self.member(admission.member).is_some() {
            return Err(Refusal::SEAT_TAKEN);
        }
        let yielding = self.who_makes_room(&admission, &participant)?;
        let mut member = Member::new(admission, self.clock.mono_ms);
        self.videochat.seated(member.id());
        member.participant = participant;
        member.video_muted |= self.settings.joins_with_video_off() && !is_audience;
        self.put(Output::ApplyMedia(member.media()));
        self.members.push(member);
        self.put_out(yielding);
        Ok(Reply::Done)
    }

    /// Half-open joins that give way to a newcomer, where the room or its videochat is full.
    fn who_makes_room(
        &self,
        admission: &Admission,
        participant: &ParticipantState,
    ) -> Result<Vec<MemberId>, Refusal> {
        let full = Refusal::NotAdmitted("Room is full");
        let bearer = bearer(&admission.grant, participant);
        let mut yielding = Vec::new();
        let cap = self.videochat.seats_allowed();
        if let Some(cap) = cap.filter(|_| !admission.has_kept_seat() && !participant.watches) {
            let over = self.videochat.seats_over(&self.members, cap);
            let has_seat = |m: &Member| !m.participant.watches;
            yielding.extend(self.who_gives_way(over, bearer, has_seat).ok_or(full.clone())?);
        }
        let (kind, seats, kept) = match admission.grant.join_as {
            JoinAs::Member => {
                let kept = self.videochat.voices_kept_but(admission.member);
                (MemberKind::Member, self.settings.max_members, kept)
            }
            JoinAs::Audience => (MemberKind::Audience, self.options.max_audience, 0),
        };
        let stays = |m: &Member| m.kind() == kind && !yielding.contains(&m.id());
        let taken = self.members.iter().filter(|m| stays(m)).count() + kept;
        let over = (taken + 1).saturating_sub(seats as usize);
        let gone = self.who_gives_way(over, bearer, stays).ok_or(full)?;
        yielding.extend(gone);
        Ok(yielding)
    }

    /// Who gives way where there is one too many; nobody where there is room, and `None` where
    /// nobody would, or more than one had to.
    pub(super) fn who_gives_way(
        &self,
        over: usize,
        newcomer: &str,
        fits: impl Fn(&Member) -> bool,
    ) -> Option<Option<MemberId>> {
        let own = |m: &&Member| m.parent().is_none() && fits(m);
        let waiting = || self.members.iter().filter(own).filter_map(Member::half_open);
        match over {
            0 => Some(None),
            1 => gives_way(&waiting().collect::<Vec<_>>(), newcomer, self.clock.mono_ms).map(Some),
            _ => None,
        }
    }

    /// Ends joins on their way; nobody knew of them.
    pub(super) fn put_out(&mut self, half_open: impl IntoIterator<Item = MemberId>) {
        for id in half_open {
            self.remove_member(self.clock, id, Parting::ByUs(Cause::NormalClearing));
        }
    }

    /// A leg is up: who comes is announced, or is back.
    pub(super) fn connected(&mut self, now: Now, leg: LegKey) {
        self.introduce(now, leg);
        self.tell_early_talk(leg);
    }

    /// `room.subscribed`, the roster for those who keep one, `member.joined`, `layout.changed`.
    fn introduce(&mut self, now: Now, leg: LegKey) {
        if self.by_leg(leg).is_some_and(|m| m.is_here()) {
            self.returned(now, leg);
            return;
        }
        if self.by_leg(leg).is_some_and(|m| m.parent().is_some()) {
            self.child_connected(now, leg);
            return;
        }
        if self.by_leg(leg).is_none() {
            return;
        }
        self.begin(now);
        let Some(member) = self.members.iter_mut().find(|m| m.leg() == leg) else { return };
        member.presence = Presence::Here { since_mono_ms: now.mono_ms };
        // True of one who reloaded the page before anybody knew of them.
        member.is_returning = false;
        let id = member.id();
        let is_audience = member.is_audience();
        self.touch(id);
        let layout_is_new = self.arrange();
        self.welcome(id, false);
        if is_audience {
            self.tell(To::Only(id), Event::LayoutChanged(self.layout_view()));
            self.audience_changed(now);
            return;
        }
        let Some(newcomer) = self.member(id).map(|m| self.member_view(m)) else { return };
        self.put(Output::Record(Record::MemberJoined(newcomer.clone())));
        self.tell(To::Everyone, Event::MemberJoined(newcomer));
        self.play(Tone::Entry, MemberKind::Member);
        if layout_is_new {
            self.announce_layout();
        } else {
            self.tell(To::Only(id), Event::LayoutChanged(self.layout_view()));
        }
    }

    /// Shows someone the session as they are to see it, then the roster if they keep one; the seed
    /// holds themself only when no `member.joined` will (wire protocol §9.4).
    pub(super) fn welcome(&mut self, id: MemberId, seed_own: bool) {
        let Some(member) = self.member(id) else { return };
        let (call_id, wants_roster) = (member.call_id().clone(), member.wants_roster);
        let mut session = Box::new(self.view());
        let seed = session.members.iter().filter(|m| wants_roster && (seed_own || m.id != id));
        let seed: Vec<_> = seed.cloned().collect();
        if !member.may(Right::OnRoom(Verb::Recording)) {
            session.recordings.clear();
        }
        if !member.may(PLAYBACK) {
            session.playbacks.clear();
        }
        if !member.may(STREAM_START) {
            session.streams.clear();
        }
        // An audience client sees itself, in its own payload only (REST reference §6).
        if member.is_audience() {
            session.members.push(self.member_view(member));
        }
        self.tell(To::Only(id), Event::RoomSubscribed { call_id, member: id, session });
        for member in seed {
            self.tell(To::Only(id), Event::MemberUpdated { member, updated: Vec::new() });
        }
        self.show_lobby(id);
    }
}
