//! What becomes due by itself: grace times, removal times, the audience count.

use super::Session;
use super::member::Member;
use super::parting::Parting;
use crate::id::MemberId;
use crate::output::Cause;
use crate::time::Now;

/// Longest sleep towards a time of the calendar: somebody may set the clock meanwhile, and no sleep
/// hears of that.
pub const LOOK_AGAIN_MS: u64 = 30_000;

impl Session {
    /// Does what has become due.
    pub fn handle_timeout(&mut self, now: Now) {
        self.clock = now;
        for id in self.due(now) {
            let is_away = self.member(id).is_some_and(|m| m.is_given_up(now));
            let how = if is_away { Parting::Lost } else { Parting::ByUs(Cause::NormalClearing) };
            self.remove_member(now, id, how);
        }
        for id in self.overdue_changes(now) {
            self.change_expired(now, id);
        }
        if self.is_over {
            return;
        }
        self.give_up_seats(now);
        self.rise(now);
        self.end_outages(now);
        if self.nobody_came_until_ms().is_some_and(|until| until <= now.mono_ms) {
            self.end(now, Cause::NormalClearing);
            return;
        }
        if self.videochat.calm_due_mono_ms().is_some_and(|due| due <= now.mono_ms) {
            self.revoice(now);
        }
        self.after_command(now);
        self.tell_audience_if_due(now);
        self.look_after_lobby(now);
    }

    /// Nobody is here, and nobody holds a token that opens a seat, or waits for the beginning. Who waits
    /// does not hold a session that others have left: they wait for the next.
    pub(super) fn is_deserted(&self) -> bool {
        let is_awaited = !self.has_begun && !self.lobby.is_empty();
        self.members.is_empty() && !self.videochat.keeps_seats() && !is_awaited
    }

    /// Those whose time is up; whoever takes all others along makes the rest of the list idle.
    fn due(&self, now: Now) -> Vec<MemberId> {
        let window = self.settings.window;
        let is_due = |m: &&Member| {
            let ends = m.gone_until_ms().into_iter().chain(m.removal_mono_ms(window)).min();
            ends.is_some_and(|until| until <= now.mono_ms)
                || m.removal_epoch_ms(window).is_some_and(|at| at <= now.epoch_ms)
        };
        self.members.iter().filter(is_due).map(Member::id).collect()
    }

    fn overdue_changes(&self, now: Now) -> Vec<MemberId> {
        let is_due = |m: &&Member| m.change_until_ms().is_some_and(|until| until <= now.mono_ms);
        self.members.iter().filter(is_due).map(Member::id).collect()
    }

    /// A session ends with its last one; one that nobody came into, because its first was refused,
    /// would otherwise stand for ever. Who was let in has the same time to come.
    fn nobody_came_until_ms(&self) -> Option<u64> {
        let since = self.lobby.busy_at_ms().unwrap_or(0).max(self.opened_mono_ms);
        let until = since.saturating_add(self.options.grace_ms);
        self.is_deserted().then_some(until)
    }

    /// How long from `now` until [`Session::handle_timeout`] may have something to do, if ever; at most
    /// [`LOOK_AGAIN_MS`] where that is a time of the calendar.
    pub fn next_timeout_ms(&self, now: Now) -> Option<u64> {
        if self.is_over {
            return None;
        }
        let window = self.settings.window;
        let mono = self.members.iter().filter_map(Member::gone_until_ms);
        let mono = mono.chain(self.members.iter().filter_map(|m| m.removal_mono_ms(window)));
        let mono = mono.chain(self.members.iter().filter_map(Member::change_until_ms));
        let mono = mono.chain(self.members.iter().filter_map(Member::outage_due_ms));
        let mono = mono.chain(self.nobody_came_until_ms()).chain(self.audience_due_mono_ms());
        let mono = mono.chain(self.videochat.seats_due_mono_ms());
        let mono = mono.chain(self.videochat.calm_due_mono_ms());
        let epoch = self.members.iter().filter_map(|m| m.removal_epoch_ms(window));
        let mono = mono.chain(self.rising_due_mono_ms()).chain(self.lobby_due_mono_ms());
        let by_mono = mono.min().map(|due| due.saturating_sub(now.mono_ms));
        let by_epoch =
            epoch.min().map(|at| u64::try_from(at.saturating_sub(now.epoch_ms)).unwrap_or(0));
        let by_epoch = by_epoch.map(|wait| wait.min(LOOK_AGAIN_MS));
        by_mono.into_iter().chain(by_epoch).min()
    }
}
