//! Legs that are up and have not begun to send: whoever is announced is to have a picture and to be
//! heard, but nobody waits for long.

use super::Session;
use crate::id::LegKey;
use crate::time::Now;

/// How long the first packets are waited for. Nothing comes of a camera that is off, or not allowed.
const AWAITED_MS: u64 = 400;

/// Each leg with when it is announced at the latest; as many as there are members at most.
#[derive(Debug, Default)]
pub(super) struct Rising(Vec<(LegKey, u64)>);

impl Rising {
    fn take(&mut self, leg: LegKey) -> bool {
        let before = self.0.len();
        self.0.retain(|(own, _)| *own != leg);
        self.0.len() < before
    }
}

impl Session {
    /// The leg is up; a first packet of everything it sends is still to come.
    pub(super) fn link_up(&mut self, now: Now, leg: LegKey) {
        if self.by_leg(leg).is_some() {
            self.rising.take(leg);
            self.rising.0.push((leg, now.mono_ms.saturating_add(AWAITED_MS)));
        }
    }

    /// It has come.
    pub(super) fn sending(&mut self, now: Now, leg: LegKey) {
        if self.rising.take(leg) {
            self.connected(now, leg);
        }
    }

    /// A leg that was lost before it was announced never was there.
    pub(super) fn lost_rising(&mut self, now: Now, leg: LegKey) {
        if self.rising.take(leg) {
            self.never_connected(now, leg);
        } else {
            self.media_lost(now, leg);
        }
    }

    /// Announces those that were waited for long enough.
    pub(super) fn rise(&mut self, now: Now) {
        let due = self.rising.0.iter().filter(|(_, at)| *at <= now.mono_ms);
        let due: Vec<LegKey> = due.map(|(leg, _)| *leg).collect();
        due.into_iter().for_each(|leg| self.sending(now, leg));
    }

    /// When [`Session::rise`] has something to do.
    pub(super) fn rising_due_mono_ms(&self) -> Option<u64> {
        self.rising.0.iter().map(|(_, at)| *at).min()
    }
}

#[cfg(test)]
mod tests {
    use crate::Actor;
    use crate::command::{Admission, Command, Outcome};
    use crate::event::Event;
    use crate::grant::JoinAs;
    use crate::id::{LegId, LegKey};
    use crate::output::Output;
    use crate::room::RoomSettings;
    use crate::session::tests::{grant, member, now, origin};
    use crate::session::{Session, SessionOptions};

    const LEG: LegKey = LegKey(1);

    fn risen() -> Session {
        let options = SessionOptions::default();
        let mut session = Session::open(now(0), origin(), RoomSettings::named("lab"), options);
        let admission = Admission {
            member: member(1),
            leg: LEG,
            call_id: LegId("call".into()),
            grant: crate::Grant { join_as: JoinAs::Member, ..grant("somebody") },
            wants_roster: false,
            can_return: true,
        };
        session.handle(now(0), Actor::Project, Command::Admit(Box::new(admission))).unwrap();
        session.handle_outcome(now(100), Outcome::LinkUp(LEG));
        session
    }

    fn announced(session: &mut Session) -> usize {
        let outputs = std::iter::from_fn(|| session.poll_output());
        outputs.filter(|o| matches!(o, Output::Send(_, Event::MemberJoined(_)))).count()
    }

    #[test]
    fn somebody_is_announced_with_the_first_packets_and_only_once() {
        let mut session = risen();
        assert_eq!(announced(&mut session), 0);
        session.handle_outcome(now(130), Outcome::Sending(LEG));
        assert_eq!(announced(&mut session), 1);
        session.handle_timeout(now(700));
        session.handle_outcome(now(800), Outcome::Sending(LEG));
        assert_eq!(announced(&mut session), 0);
    }

    #[test]
    fn who_sends_nothing_is_announced_after_400_ms() {
        let mut session = risen();
        assert_eq!(session.next_timeout_ms(now(100)), Some(400));
        session.handle_timeout(now(499));
        assert_eq!(announced(&mut session), 0);
        session.handle_timeout(now(500));
        assert_eq!(announced(&mut session), 1);
        session.handle_outcome(now(900), Outcome::Sending(LEG));
        assert_eq!(announced(&mut session), 0, "what comes later is no other arrival");
    }

    #[test]
    fn who_is_lost_before_is_reported_to_nobody() {
        let mut session = risen();
        session.handle_outcome(now(200), Outcome::MediaLost(LEG));
        session.handle_timeout(now(600));
        assert_eq!(announced(&mut session), 0);
    }
}
