//! Keeping order: the lock, removing people, who is shown, whose hand is up.

use super::Session;
use super::parting::Parting;
use crate::command::{Actor, Reply, Target};
use crate::event::Event;
use crate::id::LegKey;
use crate::output::{Cause, Output, Record};
use crate::permission::{Aim, Right, Verb};
use crate::refusal::Refusal;
use crate::time::Now;

impl Session {
    pub(super) fn lock(&mut self, actor: Actor, locked: bool) -> Result<Reply, Refusal> {
        // Open to every member, that is; audience may nothing.
        if !(self.options.lock_is_open && self.takes_part(actor)) {
            self.require(actor, Right::OnRoom(if locked { Verb::Lock } else { Verb::Unlock }))?;
        }
        if std::mem::replace(&mut self.locked, locked) != locked {
            self.announce_room(vec!["locked"]);
        }
        Ok(Reply::Done)
    }

    pub(super) fn hide_muted(&mut self, actor: Actor, hide: bool) -> Result<Reply, Refusal> {
        let verb = if hide { Verb::HideVideoMuted } else { Verb::ShowVideoMuted };
        self.require(actor, Right::OnRoom(verb))?;
        if std::mem::replace(&mut self.hide_video_muted, hide) == hide {
            return Ok(Reply::Done);
        }
        let layout_is_new = self.arrange();
        self.announce_room(vec!["hide_video_muted"]);
        if layout_is_new {
            self.announce_layout();
        }
        Ok(Reply::Done)
    }

    /// Removing is `room.member.remove` whoever is meant, oneself included.
    pub(super) fn remove(
        &mut self,
        now: Now,
        actor: Actor,
        target: Target,
        keep_out: bool,
    ) -> Result<Reply, Refusal> {
        self.require(actor, Right::OnMember(Verb::Remove, Aim::Another))?;
        let id = self.anybody(actor, target)?;
        if keep_out && self.member(id).is_some_and(|m| m.parent().is_some()) {
            return Err(Refusal::invalid(
                "keep_out is for people: name whose screen or device it is",
            ));
        }
        let same = if keep_out { self.same_person(id, actor) } else { Vec::new() };
        for id in std::iter::once(id).chain(same) {
            if keep_out || actor != Actor::Member(id) {
                self.ban(id, keep_out);
            }
            self.uninvite(id);
            self.remove_member(now, id, Parting::ByUs(Cause::NormalClearing));
        }
        Ok(Reply::Done)
    }

    pub(super) fn remove_all(&mut self, now: Now, actor: Actor) -> Result<Reply, Refusal> {
        self.require(actor, Right::OnMember(Verb::Remove, Aim::Another))?;
        self.end(now, Cause::NormalClearing);
        Ok(Reply::Done)
    }

    /// The caller's own legs always end; everybody else's only with the right to remove (wire
    /// protocol §6.5).
    pub(super) fn hang_up_all(
        &mut self,
        now: Now,
        actor: Actor,
        leg: LegKey,
    ) -> Result<Reply, Refusal> {
        let member = self.by_leg(leg).ok_or(Refusal::NotFound("no such leg"))?;
        if !member.belongs_to(actor) {
            return Err(Refusal::NotPermitted);
        }
        let id = member.parent().unwrap_or(member.id());
        if self.require(actor, Right::OnMember(Verb::Remove, Aim::Another)).is_ok() {
            self.end(now, Cause::RejectAll);
        } else {
            self.remove_member(now, id, Parting::ByUs(Cause::RejectAll));
        }
        Ok(Reply::Done)
    }

    /// Raised hands are ordered by when they went up, whatever the calendar does meanwhile.
    pub(super) fn raise_hand(
        &mut self,
        actor: Actor,
        target: Target,
        raised: bool,
    ) -> Result<Reply, Refusal> {
        let verb = if raised { Verb::RaiseHand } else { Verb::LowerHand };
        let id = self.authorize_target(actor, target, verb)?;
        let at_ms = u64::try_from(self.clock.epoch_ms).unwrap_or(0).max(self.latest_hand_ms + 1);
        let Some(member) = self.member_mut(id) else { return Err(Refusal::UNKNOWN_MEMBER) };
        if member.hand.is_some() == raised {
            return Ok(Reply::Done);
        }
        member.hand = raised.then_some(at_ms);
        self.latest_hand_ms = at_ms;
        self.touch(id);
        let layout_is_new = self.arrange();
        self.announce(id, vec!["handraised"]);
        if layout_is_new {
            self.announce_layout();
        }
        Ok(Reply::Done)
    }

    pub(super) fn prioritize_hands(&mut self, actor: Actor, on: bool) -> Result<Reply, Refusal> {
        self.require(actor, Right::OnRoom(Verb::PrioritizeHandraise))?;
        if std::mem::replace(&mut self.settings.prioritize_handraise, on) == on {
            return Ok(Reply::Done);
        }
        let layout_is_new = self.arrange();
        self.announce_room(vec!["prioritize_handraise"]);
        if layout_is_new {
            self.announce_layout();
        }
        Ok(Reply::Done)
    }

    /// Digits are an event of the session's list, for whoever listens on the server side. They need
    /// no permission (wire protocol §8.4), so audience may send them too.
    pub(super) fn digits(&mut self, actor: Actor, digits: &str) -> Result<Reply, Refusal> {
        let Actor::Member(member) = actor else { return Err(Refusal::NotPermitted) };
        self.anybody(actor, Target::Oneself).map_err(|_| Refusal::NotPermitted)?;
        if !are_digits(digits) {
            return Err(Refusal::invalid("digits must be 1 to 32 of 0-9, A-D, * and #"));
        }
        let (room, session) = (self.origin.room, self.origin.session);
        let event = Event::Digits { room, session, member, digits: digits.to_owned() };
        self.put(Output::Record(Record::Happened(event)));
        Ok(Reply::Done)
    }

    /// Whether `actor` is a member whom others know of.
    fn takes_part(&self, actor: Actor) -> bool {
        matches!(actor, Actor::Member(id) if self.require_listed(Some(id)).is_ok())
    }

    pub(super) fn announce_room(&mut self, updated: Vec<&'static str>) {
        let mut session = Box::new(self.view());
        // Told to everybody, and not everybody may know of them.
        session.recordings.clear();
        session.playbacks.clear();
        self.tell_and_keep(Event::RoomUpdated { session, updated });
    }
}

fn are_digits(text: &str) -> bool {
    let is_key = |b: u8| b.is_ascii_digit() || matches!(b, b'A'..=b'D' | b'*' | b'#');
    (1..=32).contains(&text.len()) && text.bytes().all(is_key)
}

#[cfg(test)]
mod tests {
    /// Digits as `sendDigits` takes them.
    #[test]
    fn only_keys_of_a_telephone_are_digits() {
        for (text, ok) in [("1", true), ("0123456789ABCD*#", true), ("", false), ("a", false)] {
            assert_eq!(super::are_digits(text), ok, "{text}");
        }
        assert!(super::are_digits(&"1".repeat(32)) && !super::are_digits(&"1".repeat(33)));
    }
}
