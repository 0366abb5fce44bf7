//! Counts of what scripts would be too long for, and times no script lives to see.

use super::*;
use crate::command::Admission;
use crate::grant::JoinAs;
use crate::id::LegId;

#[path = "../../tests/support/fixtures.rs"]
mod fixtures;

pub(super) use fixtures::{grant, member, now, origin};

fn open(options: SessionOptions) -> Session {
    Session::open(now(0), origin(), RoomSettings::named("lab"), options)
}

fn admit(session: &mut Session, n: usize, join_as: JoinAs) -> Result<Reply, Refusal> {
    let admission = Admission {
        member: member(n),
        leg: LegKey(n as u64),
        call_id: LegId("call".into()),
        grant: crate::Grant { join_as, ..grant("somebody") },
        wants_roster: false,
        can_return: true,
    };
    session.handle(now(0), Actor::Project, Command::Admit(Box::new(admission)))
}

fn bring_in(session: &mut Session, at_ms: u64, n: usize, join_as: JoinAs) {
    admit(session, n, join_as).expect("there is room");
    session.outcome(now(at_ms), Outcome::Connected(LegKey(n as u64)));
}

/// How often the audience count is told from here on.
fn counts(session: &mut Session) -> usize {
    let outputs = std::iter::from_fn(|| session.poll_output());
    outputs.filter(|o| matches!(o, Output::Tell(_, Event::AudienceCount { .. }))).count()
}

#[test]
fn a_thousand_arrivals_at_once_are_told_twice() {
    let mut session = open(SessionOptions::default());
    for n in 0..1000 {
        bring_in(&mut session, n as u64 / 10, n, JoinAs::Audience);
    }
    assert_eq!(counts(&mut session), 1, "the first at once");
    let wait = session.next_timeout_ms(now(99)).expect("the rest is due");
    session.timeout(now(99 + wait));
    assert_eq!(counts(&mut session), 1, "the rest together");
    assert!(wait <= 500);
}

#[test]
fn a_reminder_every_0_ms_is_none_and_wakes_nobody() {
    let options = SessionOptions { audience_count_every_ms: 0, ..SessionOptions::default() };
    let mut session = open(options);
    bring_in(&mut session, 0, 1, JoinAs::Audience);
    assert_eq!(counts(&mut session), 1);
    assert_eq!(session.next_timeout_ms(now(0)), None);
}

#[test]
fn times_at_the_ends_of_the_calendar_do_not_overflow() {
    for remove_at in [i64::MIN, i64::MAX] {
        let mut session = open(SessionOptions { grace_ms: u64::MAX, ..SessionOptions::default() });
        session.settings.window.remove_at = Some(remove_at);
        bring_in(&mut session, 0, 1, JoinAs::Member);
        session.outcome(now(1), Outcome::SocketGone(member(1)));
        let wait = session.next_timeout_ms(now(2)).expect("some time");
        assert_eq!(wait == 0, remove_at < 0);
        session.timeout(now(2));
        assert_eq!(session.is_over(), remove_at < 0);
    }
}

/// `remove_after` is counted from the joining, and `remove_at` stands in the calendar.
#[test]
fn a_clock_that_is_set_removes_nobody_who_has_not_been_here_for_long_enough() {
    let later = |ms: u64, clock_ms: i64| Now { epoch_ms: now(ms).epoch_ms + clock_ms, ..now(ms) };
    const DAY_MS: i64 = 24 * 3_600_000;
    for step in [DAY_MS, -DAY_MS] {
        let mut session = open(SessionOptions::default());
        session.settings.window.remove_after_s = Some(60);
        bring_in(&mut session, 0, 1, JoinAs::Member);
        session.timeout(later(59_999, step));
        assert!(!session.is_over(), "thrown out by a step of {step} ms");
        assert_eq!(session.next_timeout_ms(later(59_999, step)), Some(1));
        session.timeout(later(60_000, step));
        assert!(session.is_over(), "kept by a step of {step} ms");
    }
}

#[test]
fn whoever_waits_for_a_time_of_the_calendar_looks_at_the_clock_every_half_minute() {
    let mut session = open(SessionOptions::default());
    session.settings.window.remove_at = Some(now(3_600_000).epoch_s());
    bring_in(&mut session, 0, 1, JoinAs::Member);
    assert_eq!(session.next_timeout_ms(now(0)), Some(LOOK_AGAIN_MS));
    session.timeout(now(LOOK_AGAIN_MS));
    assert!(!session.is_over());
    // The clock was an hour slow, and somebody set it.
    let set = Now { epoch_ms: now(3_600_000).epoch_ms, ..now(LOOK_AGAIN_MS) };
    assert_eq!(session.next_timeout_ms(set), Some(0));
    session.timeout(set);
    assert!(session.is_over());
}
