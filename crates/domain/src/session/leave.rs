//! Going: by one's own wish, by time, by loss, and the end of the session.

use super::Session;
use super::member::Member;
use crate::command::{Actor, Reply};
use crate::event::Event;
use crate::id::{LegKey, MemberId};
use crate::output::{Cause, Output, Record};
use crate::refusal::Refusal;
use crate::time::Now;

/// How somebody's leg is let go.
#[derive(Clone, Copy)]
pub(super) enum Parting {
    /// The client ended it and knows.
    ByThem,
    /// We end it and say why.
    ByUs(Cause),
}

impl Session {
    pub(super) fn hang_up(
        &mut self,
        now: Now,
        actor: Actor,
        leg: LegKey,
    ) -> Result<Reply, Refusal> {
        let member = self.by_leg(leg).ok_or(Refusal::NotFound("no such leg"))?;
        if actor != Actor::Member(member.id()) && actor != Actor::Project {
            return Err(Refusal::NotPermitted);
        }
        let id = member.id();
        self.part(now, id, Parting::ByThem);
        Ok(Reply::Done)
    }

    pub(super) fn end_by(&mut self, actor: Actor) -> Result<Reply, Refusal> {
        if actor != Actor::Project {
            return Err(Refusal::NotPermitted);
        }
        self.end(Cause::NormalClearing);
        Ok(Reply::Done)
    }

    /// Removes somebody; the session ends with its last one, or with one whose token says so.
    pub(super) fn part(&mut self, now: Now, id: MemberId, how: Parting) {
        let Some(at) = self.members.iter().position(|m| m.id() == id) else { return };
        let seen = self.see(&self.members[at]);
        let member = self.members.remove(at);
        self.let_go(&member, how);
        if self.floor == Some(id) {
            self.floor = None;
        }
        if member.is_listed() {
            self.put(Output::Keep(Record::MemberLeft(seen.clone())));
            self.tell(crate::event::To::Everyone, Event::MemberLeft(seen));
        }
        let ends_all = member.is_here() && member.grant.end_room_session_on_leave;
        if ends_all || self.members.is_empty() {
            self.end(Cause::NormalClearing);
            return;
        }
        if member.is_listed() && self.arrange() {
            self.announce_layout();
        }
        if member.is_audience() && member.is_here() {
            self.audience_changed(now);
        }
    }

    fn let_go(&mut self, member: &Member, how: Parting) {
        let (leg, id) = (member.leg(), member.id());
        match how {
            Parting::ByThem => self.put(Output::Release(leg)),
            Parting::ByUs(cause) => self.put(Output::HangUp { leg, member: id, cause }),
        }
        self.put(Output::Forget(id));
    }

    /// Everybody goes, audience too; nothing follows.
    pub(super) fn end(&mut self, cause: Cause) {
        let view = Box::new(self.view());
        self.tell(crate::event::To::Everyone, Event::RoomEnded(view.clone()));
        for member in std::mem::take(&mut self.members) {
            if member.is_listed() {
                let seen = self.see(&member);
                self.put(Output::Keep(Record::MemberLeft(seen)));
            }
            self.let_go(&member, Parting::ByUs(cause));
        }
        self.put(Output::Keep(Record::SessionEnded(view)));
        self.put(Output::Over);
        self.is_over = true;
    }

    /// The leg never came up: the client is told, and nobody else ever knew. Somebody who was here
    /// before and whose new leg failed keeps the seat for the grace time.
    pub(super) fn never_connected(&mut self, now: Now, leg: LegKey) {
        let Some(member) = self.by_leg(leg) else { return };
        if member.is_here() {
            self.media_lost(now, leg);
            return;
        }
        let id = member.id();
        self.part(now, id, Parting::ByUs(Cause::NormalClearing));
    }

    /// The picture gives way to the mute image and the seat is kept for the grace time.
    pub(super) fn media_lost(&mut self, now: Now, leg: LegKey) {
        let until = now.mono_ms + self.options.grace_ms;
        let Some(member) = self.members.iter_mut().find(|m| m.leg() == leg) else { return };
        member.media_lost = true;
        member.gone_until_ms.get_or_insert(until);
        let id = member.id();
        self.talking(id, false);
        if self.arrange() {
            self.announce_layout();
        }
    }

    pub(super) fn socket_gone(&mut self, now: Now, id: MemberId) {
        let until = now.mono_ms + self.options.grace_ms;
        if let Some(member) = self.member_mut(id) {
            member.gone_until_ms.get_or_insert(until);
        }
    }

    pub(super) fn socket_back(&mut self, id: MemberId) {
        if let Some(member) = self.member_mut(id).filter(|m| !m.media_lost) {
            member.gone_until_ms = None;
        }
    }

    /// Does what has become due.
    pub fn timeout(&mut self, now: Now) {
        while let Some(id) = self.due(now).filter(|_| !self.is_over) {
            self.part(now, id, Parting::ByUs(Cause::NormalClearing));
        }
        if !self.is_over {
            self.remind_of_audience(now);
        }
    }

    fn due(&self, now: Now) -> Option<MemberId> {
        let window = self.settings.window;
        let is_due = |m: &&Member| {
            m.gone_until_ms.is_some_and(|until| until <= now.mono_ms)
                || m.removal_epoch_ms(window).is_some_and(|at| at <= now.epoch_ms)
        };
        self.members.iter().find(is_due).map(Member::id)
    }

    /// How long from `now` until [`Session::timeout`] has something to do, if ever.
    pub fn next_timeout_ms(&self, now: Now) -> Option<u64> {
        let window = self.settings.window;
        let waits = self.members.iter().flat_map(|m| {
            let grace = m.gone_until_ms.map(|until| until.saturating_sub(now.mono_ms));
            let removal =
                m.removal_epoch_ms(window).map(|at| u64::try_from(at - now.epoch_ms).unwrap_or(0));
            grace.into_iter().chain(removal)
        });
        waits.chain(self.audience_reminder_in_ms(now)).min()
    }
}
