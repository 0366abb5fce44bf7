use super::*;
use crate::command::Outcome;
use crate::grant::JoinAs;
use crate::line::{LineLevel, PictureSize, Way};
use crate::output::Output;
use crate::session::SessionOptions;
use crate::session::tests::{bring_in, now, open};

fn quality(level: LineLevel) -> LineQuality {
    let (down, up) = (Way::default(), Way::default());
    let picture = PictureSize::Full;
    LineQuality { level, picture, is_over_tcp: false, round_trip_ms: Some(40), down, up }
}

/// How often anybody's line is said to anybody from here on.
fn said(session: &mut Session) -> usize {
    let outputs = std::iter::from_fn(|| session.poll_output());
    outputs.filter(|o| matches!(o, Output::Send(_, Event::NetworkQuality(_)))).count()
}

/// A room of so many, each of whose lines is measured every five seconds for a hundred seconds.
fn said_in(people: usize) -> usize {
    let mut session = open(SessionOptions::default());
    session.settings.max_members = 1000;
    (0..people).for_each(|n| bring_in(&mut session, 0, n, JoinAs::Member));
    let mut measure = |at_ms, level| {
        for n in 0..people {
            let outcome = Outcome::Line(LegKey(n as u64), quality(level));
            session.handle_outcome(now(at_ms), outcome);
        }
        said(&mut session)
    };
    measure(0, LineLevel::Good);
    (1..=20).map(|n| measure(n * 5_000, LineLevel::Good)).sum()
}

#[test]
fn a_session_says_the_figures_of_four_lines_a_second_and_no_more() {
    assert_eq!(said_in(20), 400);
    assert_eq!(said_in(40), 400);
    assert_eq!(said_in(200), 400);
}

fn room(people: usize) -> Session {
    let mut session = open(SessionOptions::default());
    session.settings.max_members = 1000;
    (0..people).for_each(|n| bring_in(&mut session, 0, n, JoinAs::Member));
    said(&mut session);
    session
}

fn measure(session: &mut Session, at_ms: u64, of: std::ops::Range<u64>, level: LineLevel) -> usize {
    for n in of {
        session.handle_outcome(now(at_ms), Outcome::Line(LegKey(n), quality(level)));
    }
    said(session)
}

#[test]
fn what_changes_for_everybody_at_once_is_said_bit_by_bit() {
    let mut session = room(200);
    let counts: Vec<usize> = (0..20)
        .map(|n| {
            let level = if n % 2 == 0 { LineLevel::Poor } else { LineLevel::Fair };
            measure(&mut session, 10_000 + n * 500, 0..200, level)
        })
        .collect();
    assert_eq!(counts[0], 40);
    assert!(counts[1..].iter().all(|n| *n <= 10), "{counts:?}");
    // It stays so, and everybody's is told within seconds.
    let later = (1..=4).map(|n| measure(&mut session, 20_000 + n * 5_000, 0..200, LineLevel::Poor));
    assert!(later.sum::<usize>() >= 150);
}

#[test]
fn of_whom_nothing_comes_nothing_is_known() {
    let mut session = room(3);
    assert_eq!(measure(&mut session, 1_000, 0..1, LineLevel::Poor), 1);
    let lines = |session: &Session| match session.list_lines(Actor::Project) {
        Ok(Reply::Lines(lines)) => lines.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(lines(&session), 1);
    session.media_stalled(now(2_000), LegKey(0));
    assert_eq!(measure(&mut session, 3_000, 0..1, LineLevel::Good), 0);
    assert_eq!(lines(&session), 0);
    session.media_back(now(4_000), LegKey(0));
    assert_eq!(measure(&mut session, 4_100, 0..1, LineLevel::Good), 1, "and then at once");
}
