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
    let figures = (1..=20).map(|n| measure(n * 5_000, LineLevel::Good)).sum();
    assert_eq!(measure(101_000, LineLevel::Fair), people, "what changes is said at once");
    figures
}

#[test]
fn a_session_says_the_figures_of_four_lines_a_second_and_no_more() {
    assert_eq!(said_in(20), 400);
    assert_eq!(said_in(40), 400);
    assert_eq!(said_in(200), 400);
}
