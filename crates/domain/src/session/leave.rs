//! Going: by one's own wish, by time, by loss, and the end of the session.

use super::Session;
use super::member::Member;
use super::parting::{Left, Parting};
use crate::command::{Actor, Reply};
use crate::event::{Event, To};
use crate::id::{LegKey, MemberId};
use crate::output::{Cause, Output, Record, Tone};
use crate::refusal::Refusal;
use crate::time::Now;

impl Session {
    pub(super) fn hang_up(
        &mut self,
        now: Now,
        actor: Actor,
        leg: LegKey,
    ) -> Result<Reply, Refusal> {
        let is_theirs = |m: &&Member| m.leg() == leg || m.old_leg == Some(leg);
        let member = self.members.iter().find(is_theirs).ok_or(Refusal::NotFound("no such leg"))?;
        if actor != Actor::Project && !member.belongs_to(actor) {
            return Err(Refusal::NotPermitted);
        }
        if member.leg() != leg {
            self.release_old(leg);
            return Ok(Reply::Done);
        }
        let id = member.id();
        let how = match actor {
            Actor::Member(_) => Parting::ByThem,
            Actor::Project => Parting::ByUs(Cause::NormalClearing),
        };
        self.remove_member(now, id, how);
        Ok(Reply::Done)
    }

    pub(super) fn end_by(&mut self, now: Now, actor: Actor) -> Result<Reply, Refusal> {
        if actor != Actor::Project {
            return Err(Refusal::NotPermitted);
        }
        self.end(now, Cause::NormalClearing);
        Ok(Reply::Done)
    }

    /// The leg before a change of standing is done with.
    pub(super) fn release_old(&mut self, leg: LegKey) {
        if let Some(member) = self.members.iter_mut().find(|m| m.old_leg == Some(leg)) {
            member.old_leg = None;
            self.put(Output::Release(leg));
        }
    }

    /// Removes somebody; the session ends with its last one, or with one whose token says so.
    pub(super) fn remove_member(&mut self, now: Now, id: MemberId, how: Parting) {
        let mut left = self.take_out_children(id, how.of_children());
        let Some(member) = self.take_out(id, how) else { return };
        left.and(self.take_away(id));
        let ends_all = member.is_here() && member.grant.end_room_session_on_leave;
        if ends_all || self.is_deserted() {
            self.end(now, Cause::NormalClearing);
            return;
        }
        if member.is_listed() {
            self.play(Tone::Exit, member.kind());
            self.close_ranks(&left);
        }
        if member.is_audience() && member.is_here() {
            self.audience_changed(now);
        }
    }

    /// The children go before their parent (wire protocol §6.5), and the canvas changes once, when
    /// all are gone; answers what is another then.
    pub(super) fn take_out_children(&mut self, parent: MemberId, how: Parting) -> Left {
        let mut left = Left::default();
        for child in self.children_of(parent) {
            self.take_out(child, how);
            left.and(self.take_away(child));
        }
        left
    }

    fn take_out(&mut self, id: MemberId, how: Parting) -> Option<Member> {
        let at = self.members.iter().position(|m| m.id() == id)?;
        let seen = self.member_view(&self.members[at]);
        let member = self.members.remove(at);
        self.let_go(&member, how);
        self.touch(id);
        self.share_ended(&member);
        if member.is_listed() {
            self.put(Output::Record(Record::MemberLeft(seen.clone())));
            self.tell(To::Everyone, Event::MemberLeft(seen));
        }
        Some(member)
    }

    /// Somebody is gone: the floor, the seats and perhaps the layout pass on.
    pub(super) fn close_ranks(&mut self, left: &Left) {
        self.pass_floor();
        self.rearranged(left);
    }

    fn let_go(&mut self, member: &Member, how: Parting) {
        let id = member.id();
        for leg in member.old_leg.into_iter().chain([member.leg()]) {
            self.put(match how {
                Parting::ByThem | Parting::Lost => Output::Release(leg),
                Parting::ByUs(cause) => Output::HangUp { leg, member: id, cause },
            });
        }
        self.put(Output::Forget(id));
    }

    /// Everybody goes, audience too; nothing follows.
    pub(super) fn end(&mut self, now: Now, cause: Cause) {
        self.end_recordings(now);
        self.end_playbacks();
        self.end_streams(now);
        let view = Box::new(self.view());
        self.tell(To::Everyone, Event::RoomEnded(view.clone()));
        self.tell_end();
        // Children before their parents (wire protocol §6.5).
        let mut leaving = std::mem::take(&mut self.members);
        leaving.sort_by_key(|m| m.parent().is_none());
        for member in leaving {
            if member.is_listed() {
                let seen = self.member_view(&member);
                self.put(Output::Record(Record::MemberLeft(seen)));
            }
            self.let_go(&member, Parting::ByUs(cause));
        }
        self.put(Output::Record(Record::SessionEnded(view)));
        self.put(Output::Over);
        self.is_over = true;
    }
}
