//! How good one leg's line is, both ways, as whoever listens is told it, and the rule by which that is
//! called good, fair or poor. It refuses to know where the figures come from.

use std::time::Duration;

use crate::Rung;

/// From this share of lost packets on a line is fair, and from the second on poor: a browser's own
/// estimate sends no more from 2 % on, and less from 10 % on.
const LOSS: (f32, f32) = (0.02, 0.1);
/// The same of the round trip: twice what ITU-T G.114 calls the most that most people do not notice in
/// talk (150 ms one way), and the most that is to be planned for (400 ms).
const ROUND_TRIP: (Duration, Duration) = (Duration::from_millis(300), Duration::from_millis(800));
/// The same of jitter: from the first on a browser's sound waits longer than its usual 40 to 80 ms,
/// from the second on words come late enough to talk over each other.
const JITTER: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(150));

/// What is to be said of a line, the worse the less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineLevel {
    /// People notice: a picture below the half, a tenth lost, or very long delays.
    Poor,
    /// Less than all: the half picture, some loss, or long delays.
    Fair,
    /// Nothing to say.
    Good,
}

/// One way of a line. What nobody has reported yet is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Way {
    /// Share of packets lost, 0 to 1, as the receiver counts them (some count what was repeated in
    /// time as received), of sound and pictures the worse. Over TCP nothing is lost.
    pub loss: Option<f32>,
    /// Interarrival jitter (RFC 3550 §6.4.1) of the sound, 10 s at most. That of pictures says how they
    /// are paced and repaired.
    pub jitter: Option<Duration>,
    /// Bits a second, headers included.
    pub bps: u64,
}

/// A leg's line at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineQuality {
    /// What is to be said of it; it is worse at once, and better when it was for five seconds.
    pub level: LineLevel,
    /// Which size of its canvas it is given; none for who is given no picture at all.
    pub rung: Option<Rung>,
    /// Media goes over TCP.
    pub is_over_tcp: bool,
    /// There and back; 10 s at most.
    pub round_trip: Option<Duration>,
    /// What is sent to it.
    pub down: Way,
    /// What comes from it.
    pub up: Way,
}

/// What figures alone say of a line: the worst of them counts.
pub(crate) fn level_of(
    rung: Option<Rung>,
    round_trip: Option<Duration>,
    ways: [Way; 2],
) -> LineLevel {
    let by_picture = match rung {
        None | Some(Rung::Master) => LineLevel::Good,
        Some(Rung::Half) => LineLevel::Fair,
        Some(Rung::Quarter | Rung::Sound) => LineLevel::Poor,
    };
    let by_ways = ways.iter().map(|way| graded(way.loss, LOSS).min(graded(way.jitter, JITTER)));
    by_ways.fold(by_picture.min(graded(round_trip, ROUND_TRIP)), LineLevel::min)
}

/// What is not known is good.
fn graded<T: PartialOrd>(figure: Option<T>, (fair, poor): (T, T)) -> LineLevel {
    match figure {
        Some(figure) if figure >= poor => LineLevel::Poor,
        Some(figure) if figure >= fair => LineLevel::Fair,
        _ => LineLevel::Good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(loss: f32, jitter_ms: u64) -> Way {
        Way { loss: Some(loss), jitter: Some(Duration::from_millis(jitter_ms)), bps: 0 }
    }

    #[test]
    fn the_worst_figure_decides() {
        use LineLevel::{Fair, Good, Poor};
        let fine = way(0.01, 20);
        for (rung, rtt_ms, down, up, expected) in [
            (Some(Rung::Master), 40, fine, fine, Good),
            (None, 40, fine, fine, Good),
            (Some(Rung::Half), 40, fine, fine, Fair),
            (Some(Rung::Quarter), 40, fine, fine, Poor),
            (Some(Rung::Sound), 40, fine, fine, Poor),
            (Some(Rung::Master), 300, fine, fine, Fair),
            (Some(Rung::Master), 800, fine, fine, Poor),
            (Some(Rung::Master), 40, way(0.02, 20), fine, Fair),
            (Some(Rung::Master), 40, fine, way(0.1, 20), Poor),
            (Some(Rung::Master), 40, way(0.0, 50), fine, Fair),
            (Some(Rung::Half), 40, fine, way(0.0, 150), Poor),
        ] {
            let rtt = Some(Duration::from_millis(rtt_ms));
            assert_eq!(
                level_of(rung, rtt, [down, up]),
                expected,
                "{rung:?} {rtt:?} {down:?} {up:?}"
            );
        }
    }

    #[test]
    fn what_nobody_reported_is_not_held_against_a_line() {
        assert_eq!(level_of(None, None, [Way::default(); 2]), LineLevel::Good);
    }
}
