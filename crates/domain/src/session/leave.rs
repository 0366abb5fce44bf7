//! Going: by one's own wish, by time, by loss, and the end of the session.

use super::Session;
use super::member::Member;
use crate::command::{Actor, Reply};
use crate::event::{Event, To};
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
        let how = match actor {
            Actor::Member(_) => Parting::ByThem,
            Actor::Project => Parting::ByUs(Cause::NormalClearing),
        };
        self.part(now, id, how);
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
        self.pass_floor();
        if member.is_listed() {
            self.put(Output::Keep(Record::MemberLeft(seen.clone())));
            self.tell(To::Everyone, Event::MemberLeft(seen));
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
        self.tell(To::Everyone, Event::RoomEnded(view.clone()));
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
}
