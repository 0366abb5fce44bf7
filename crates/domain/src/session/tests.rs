//! Counts of what scripts would be too long for, and times no script lives to see.

use super::*;
use crate::command::{Admission, Target};
use crate::grant::JoinAs;
use crate::id::LegId;

#[path = "../../tests/support/fixtures.rs"]
mod fixtures;

pub(super) use fixtures::{grant, member, now, origin};

pub(super) fn open(options: SessionOptions) -> Session {
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

pub(super) fn bring_in(session: &mut Session, at_ms: u64, n: usize, join_as: JoinAs) {
    admit(session, n, join_as).expect("there is room");
    session.handle_outcome(now(at_ms), Outcome::Connected(LegKey(n as u64)));
}

/// How often the audience count is told from here on.
fn counts(session: &mut Session) -> usize {
    let outputs = std::iter::from_fn(|| session.poll_output());
    outputs.filter(|o| matches!(o, Output::Send(_, Event::AudienceCount { .. }))).count()
}

#[test]
fn a_thousand_arrivals_at_once_are_reported_twice() {
    let mut session = open(SessionOptions::default());
    for n in 0..1000 {
        bring_in(&mut session, n as u64 / 10, n, JoinAs::Audience);
    }
    assert_eq!(counts(&mut session), 1, "the first at once");
    let wait = session.next_timeout_ms(now(99)).expect("the rest is due");
    session.handle_timeout(now(99 + wait));
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
        session.handle_outcome(now(1), Outcome::SocketGone(member(1)));
        let wait = session.next_timeout_ms(now(2)).expect("some time");
        assert_eq!(wait == 0, remove_at < 0);
        session.handle_timeout(now(2));
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
        session.handle_timeout(later(59_999, step));
        assert!(!session.is_over(), "thrown out by a step of {step} ms");
        assert_eq!(session.next_timeout_ms(later(59_999, step)), Some(1));
        session.handle_timeout(later(60_000, step));
        assert!(session.is_over(), "kept by a step of {step} ms");
    }
}

#[test]
fn whoever_waits_for_a_time_of_the_calendar_looks_at_the_clock_every_half_minute() {
    let mut session = open(SessionOptions::default());
    session.settings.window.remove_at = Some(now(3_600_000).epoch_s());
    bring_in(&mut session, 0, 1, JoinAs::Member);
    assert_eq!(session.next_timeout_ms(now(0)), Some(LOOK_AGAIN_MS));
    session.handle_timeout(now(LOOK_AGAIN_MS));
    assert!(!session.is_over());
    // The clock was an hour slow, and somebody set it.
    let set = Now { epoch_ms: now(3_600_000).epoch_ms, ..now(LOOK_AGAIN_MS) };
    assert_eq!(session.next_timeout_ms(set), Some(0));
    session.handle_timeout(set);
    assert!(session.is_over());
}

fn hangs_up(session: &mut Session) -> bool {
    let outputs: Vec<_> = std::iter::from_fn(|| session.poll_output()).collect();
    outputs.iter().any(|o| matches!(o, Output::HangUp { .. }))
}

fn promote(session: &mut Session, at_ms: u64, n: usize) -> Result<Reply, Refusal> {
    let command = Command::Promote(Target::Member(member(n)), Box::default());
    session.handle(now(at_ms), Actor::Project, command)
}

#[test]
fn a_promotion_whose_client_never_comes_back_is_undone_after_the_grace_and_may_be_made_again() {
    let mut session = open(SessionOptions::default());
    bring_in(&mut session, 0, 1, JoinAs::Member);
    bring_in(&mut session, 0, 2, JoinAs::Audience);
    promote(&mut session, 0, 2).unwrap();
    let demote = |session: &mut Session, at_ms| {
        let command = Command::Demote(Target::Member(member(2)), None);
        session.handle(now(at_ms), Actor::Project, command)
    };
    assert!(matches!(demote(&mut session, 1), Err(Refusal::Conflict(_))));
    assert!(session.next_timeout_ms(now(0)).is_some_and(|wait| wait <= 30_000));
    session.handle_timeout(now(30_000));
    assert_eq!(demote(&mut session, 30_000).err(), Some(Refusal::UNKNOWN_MEMBER), "audience again");
    assert!(!hangs_up(&mut session), "and looks on as before");
    promote(&mut session, 30_000, 2).unwrap();
}

#[test]
fn who_does_not_follow_a_demotion_gives_the_seat_up_after_the_grace() {
    let mut session = open(SessionOptions::default());
    bring_in(&mut session, 0, 1, JoinAs::Member);
    bring_in(&mut session, 0, 2, JoinAs::Member);
    let command = Command::Demote(Target::Member(member(2)), None);
    session.handle(now(0), Actor::Project, command).unwrap();
    session.handle_timeout(now(29_999));
    assert!(!hangs_up(&mut session));
    session.handle_timeout(now(30_000));
    assert!(hangs_up(&mut session));
    assert_eq!(promote(&mut session, 30_000, 2).err(), Some(Refusal::UNKNOWN_MEMBER));
}

#[test]
fn nobody_is_hung_up_by_a_grace_time_that_ended_while_no_socket_was_there() {
    let mut session = open(SessionOptions::default());
    bring_in(&mut session, 0, 1, JoinAs::Member);
    bring_in(&mut session, 0, 2, JoinAs::Member);
    session.handle_outcome(now(0), Outcome::SocketGone(member(2)));
    session.handle_timeout(now(30_000));
    assert!(!hangs_up(&mut session), "they come in anew");
    session.handle_outcome(now(30_000), Outcome::MediaLost(LegKey(1)));
    session.handle_timeout(now(60_000));
    assert!(hangs_up(&mut session), "who has a socket is told");
}

#[test]
fn who_was_removed_does_not_come_back_with_the_same_token_nor_an_earlier_one() {
    let options = SessionOptions { bans_removed: true, ..SessionOptions::default() };
    let mut session = open(options);
    let admit_with = |session: &mut Session, n: usize, token: &str| {
        let admission = Admission {
            member: member(n),
            leg: LegKey(n as u64),
            call_id: LegId("call".into()),
            grant: crate::Grant { token_id: token.into(), ..grant("somebody") },
            wants_roster: false,
            can_return: true,
        };
        session.handle(now(0), Actor::Project, Command::Admit(Box::new(admission)))
    };
    admit_with(&mut session, 1, "host").unwrap();
    admit_with(&mut session, 2, "first").unwrap();
    session.handle_outcome(now(0), Outcome::Connected(LegKey(1)));
    session.handle_outcome(now(0), Outcome::Connected(LegKey(2)));
    let later = crate::Grant { token_id: "second".into(), ..grant("somebody") };
    session.handle_outcome(now(0), Outcome::TokenShown(member(2), later.terms()));
    let remove = Command::Remove { target: Target::Member(member(2)), keep_out: false };
    session.handle(now(0), Actor::Project, remove).unwrap();
    for token in ["first", "second"] {
        let refused = admit_with(&mut session, 3, token).err();
        assert_eq!(refused, Some(Refusal::REMOVED));
    }
    admit_with(&mut session, 3, "fresh").unwrap();
}

#[test]
fn the_link_of_whoever_is_kept_out_opens_the_session_no_more_and_stays_open_otherwise() {
    let link = Some(crate::LinkId(uuid::Uuid::nil()));
    let mut session = open(SessionOptions { bans_removed: true, ..SessionOptions::default() });
    let by_link = |session: &mut Session, n: usize| {
        let grant = crate::Grant { token_id: format!("token {n}"), link, ..grant("somebody") };
        let admission = Admission {
            member: member(n),
            leg: LegKey(n as u64),
            call_id: LegId("call".into()),
            grant,
            wants_roster: false,
            can_return: true,
        };
        session.handle(now(0), Actor::Project, Command::Admit(Box::new(admission)))?;
        session.handle_outcome(now(0), Outcome::Connected(LegKey(n as u64)));
        Ok(())
    };
    for (n, keep_out) in [(1, false), (2, true)] {
        assert_eq!(by_link(&mut session, n), Ok(()));
        by_link(&mut session, n + 10).unwrap_or_else(|why: Refusal| panic!("{why}"));
        let remove = Command::Remove { target: Target::Member(member(n)), keep_out };
        session.handle(now(0), Actor::Project, remove).unwrap();
    }
    let refused = Err(Refusal::REMOVED);
    assert_eq!(by_link(&mut session, 3), refused);
}

#[test]
fn nobody_sits_down_where_somebody_sits() {
    let mut session = open(SessionOptions::default());
    bring_in(&mut session, 0, 1, JoinAs::Member);
    assert_eq!(admit(&mut session, 1, JoinAs::Member).err(), Some(Refusal::SEAT_TAKEN));
}

#[test]
fn a_token_that_others_here_came_in_by_too_outlives_the_removal_of_one() {
    let options = SessionOptions { bans_removed: true, ..SessionOptions::default() };
    let mut session = open(options);
    for n in 1..=3 {
        bring_in(&mut session, 0, n, JoinAs::Audience);
    }
    let remove = |session: &mut Session, n| {
        let command = Command::Remove { target: Target::Member(member(n)), keep_out: false };
        session.handle(now(0), Actor::Project, command).unwrap();
    };
    remove(&mut session, 1);
    bring_in(&mut session, 0, 4, JoinAs::Audience);
    let host = crate::Grant { token_id: "host".into(), ..grant("host") };
    for n in [3, 4] {
        session.handle_outcome(now(0), Outcome::TokenShown(member(n), host.terms()));
        session.member_mut(member(n)).unwrap().tokens.retain(|token| token == "host");
    }
    remove(&mut session, 2);
    let refused = admit(&mut session, 5, JoinAs::Audience).err();
    assert_eq!(refused, Some(Refusal::REMOVED));
}

/// Three seats at most, two of whom may speak; the last join of `joins` is still on its way.
fn reserves_after(joins: &[JoinAs], seats: u32) -> Result<Reply, Refusal> {
    use crate::videochat::*;
    let mut session = open(SessionOptions::default());
    session.settings.max_members = 2;
    let limit = LimitSettings { use_custom: true, limit: seats };
    session.set_videochat(VideochatSettings { limit, ..VideochatSettings::default() });
    for (n, join_as) in joins.iter().enumerate() {
        admit(&mut session, n, *join_as).expect("there is room");
        if n + 1 < joins.len() {
            session.handle_outcome(now(0), Outcome::Connected(LegKey(n as u64)));
        }
    }
    let caller = Caller { user: "dan".into(), right: RoomRight::Contribute };
    let request = SeatRequest { id: member(9), name: "Dan".into(), watches: false, is_back: false };
    let command = Command::Videochat(caller, VideochatCommand::Reserve(request));
    session.handle(now(crate::half_open::FIRM_MS), Actor::Project, command)
}

#[test]
fn who_has_the_seat_of_a_join_on_its_way_speaks_only_where_one_more_may() {
    use JoinAs::{Audience, Member};
    let full = reserves_after(&[Member, Member, Audience], 3);
    assert!(matches!(full, Err(Refusal::LimitReached(_))), "{full:?}");
    reserves_after(&[Member, Member], 2).expect("the voice that gives way is not counted");
    reserves_after(&[Member, Audience], 2).expect("two may speak");
}
