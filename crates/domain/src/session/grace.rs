//! Socket or media gone: the seat is kept for a while.

use super::Session;
use super::line::Line;
use super::member::Member;
use super::outage::Outage;
use super::parting::Parting;
use crate::grant::Terms;
use crate::id::{LegKey, MemberId};
use crate::output::Cause;
use crate::time::Now;

/// How long a browser itself takes to call a path disconnected. Only then do the times run for which
/// the grace time is made: 15 s until it calls the connection failed, 12 s in which the SDK tries to
/// get it back (wire protocol §6.8).
const UNNOTICED_MS: u64 = 5_000;
/// How long a screen or device that went silent keeps its place: long enough for a network that
/// hiccups, short enough that a share whose window crashed does not fill the canvas for the whole
/// grace time.
const CHILD_GRACE_MS: u64 = 10_000;
/// How long a leg that is over and cannot be replaced is kept for its client to end it: OBS and the
/// browser clients close the connection first and send their DELETE a moment later.
const FAREWELL_MS: u64 = 2_000;

/// Tokens remembered of one person; who shows more in one stay is known by the latest.
const TOKENS: usize = 16;

impl Session {
    /// Until when a seat lost at `now` is kept, on the clock that never jumps.
    pub(super) fn grace_ends_ms(&self, now: Now) -> u64 {
        now.mono_ms.saturating_add(self.options.grace_ms)
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
        self.remove_member(now, id, Parting::ByUs(Cause::NormalClearing));
    }

    /// The leg is over. A child ends with it: nothing could bring it back. Somebody's main leg can be
    /// replaced, so the seat is kept; one that came without a connection cannot, so that only its
    /// client's farewell is waited for. A leg that only waited for its client's farewell has waited
    /// long enough.
    pub(super) fn media_lost(&mut self, now: Now, leg: LegKey) {
        self.release_old(leg);
        let Some(member) = self.by_leg(leg) else { return };
        if member.parent().is_some() {
            self.remove_member(now, member.id(), Parting::ByUs(Cause::NormalClearing));
        } else if member.can_return {
            self.hold(now, member.id(), self.options.grace_ms);
        } else {
            self.hold(now, member.id(), self.options.grace_ms.min(FAREWELL_MS));
        }
    }

    /// Others are told, the talking ends, and the seat is kept for a while.
    pub(super) fn media_stalled(&mut self, now: Now, leg: LegKey) {
        let Some(member) = self.by_leg(leg) else { return };
        let kept = match member.parent() {
            Some(_) => self.options.grace_ms.min(CHILD_GRACE_MS),
            None => self.options.grace_ms.saturating_add(UNNOTICED_MS),
        };
        self.hold(now, member.id(), kept);
    }

    fn hold(&mut self, now: Now, id: MemberId, kept: u64) {
        let Some(member) = self.member_mut(id) else { return };
        member.media_lost_until_ms.get_or_insert(now.mono_ms.saturating_add(kept));
        member.line = Line::default();
        self.turn_outage(id, Outage::begin);
        self.talking(id, false);
    }

    /// The seat is kept; others are told now or when the path has held; whoever talks is reported
    /// anew.
    pub(super) fn media_back(&mut self, now: Now, leg: LegKey) {
        let Some(member) = self.members.iter_mut().find(|m| m.leg() == leg) else { return };
        let id = member.id();
        member.media_lost_until_ms = None;
        self.turn_outage(id, |outage| outage.end(now.mono_ms));
    }

    /// Tells of the paths that came back and have held.
    pub(super) fn end_outages(&mut self, now: Now) {
        let is_due = |m: &&Member| m.outage_due_ms().is_some_and(|due| due <= now.mono_ms);
        let due: Vec<_> = self.members.iter().filter(is_due).map(Member::id).collect();
        for id in due {
            self.turn_outage(id, |outage| outage.over(now.mono_ms));
        }
    }

    /// Changes what others know of somebody's lost path, and tells it if that is news.
    fn turn_outage(&mut self, id: MemberId, turn: impl FnOnce(&mut Outage) -> bool) {
        let Some(was_visible) = self.member(id).map(|m| self.member_view(m).visible) else {
            return;
        };
        self.touch(id);
        if self.member_mut(id).is_some_and(|member| turn(&mut member.outage)) {
            self.tell_of_outage(id, was_visible);
            if self.arrange() {
                self.announce_layout();
            }
        }
    }

    /// Audience is in nobody's list, and so nobody is told of theirs.
    pub(super) fn tell_of_outage(&mut self, id: MemberId, was_visible: bool) {
        let seen = self.member(id).filter(|m| m.is_listed()).map(|m| self.member_view(m));
        if let Some(seen) = seen {
            let mut updated = vec!["media_lost"];
            updated.extend((seen.visible != was_visible).then_some("visible"));
            self.announce(id, updated);
        }
    }

    pub(super) fn socket_gone(&mut self, now: Now, id: MemberId) {
        let until = self.grace_ends_ms(now);
        if let Some(member) = self.member_mut(id) {
            member.socket_gone_until_ms.get_or_insert(until);
            self.touch(id);
        }
    }

    /// The standing stays as it is.
    pub(super) fn token_shown(&mut self, id: MemberId, token: Terms) {
        self.admission_follows(id, &token);
        let Some(member) = self.member_mut(id) else { return };
        member.tokens.retain(|known| *known != token.token_id);
        member.tokens.push(token.token_id.clone());
        let excess = member.tokens.len().saturating_sub(TOKENS);
        let forgotten: Vec<String> = member.tokens.drain(..excess).collect();
        member.grant.set_terms(token);
        // A removal could not take back what let them in by one of these.
        if !forgotten.is_empty() {
            self.admissions_lapse(&forgotten);
        }
    }

    pub(super) fn socket_back(&mut self, id: MemberId) {
        if let Some(member) = self.member_mut(id) {
            member.socket_gone_until_ms = None;
            self.touch(id);
            self.show_lobby(id);
        }
    }
}
