//! How many mere events of one session are kept: what somebody makes happen again and again must not
//! fill the disk. What changes a row is always written, only not always told of.

use rotunda_domain::SessionId;
use std::collections::HashMap;

/// So many at once,
const BURST: u64 = 2_000;
/// and then one in so many milliseconds: at most some 90 MB a day and session.
const PERIOD_MS: u64 = 1_000;
/// A larger one counts as several.
const BYTES: usize = 1_024;

/// What running sessions may still have kept. Bounded by their number: an entry begins and ends with
/// its session.
#[derive(Debug, Default)]
pub(super) struct Allowances(HashMap<SessionId, Allowance>);

#[derive(Debug, Default)]
struct Allowance {
    /// When nothing will be owed any more, milliseconds of the clock that never jumps.
    free_at_ms: u64,
    left_out: u64,
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is kept, after a line about so many that were not, if any.
    Keep { left_out: u64 },
    /// It is left out.
    LeaveOut,
}

impl Allowances {
    pub fn begin(&mut self, session: SessionId) {
        self.0.insert(session, Allowance::default());
    }

    /// A session is over; answers how many were left out and not yet told of.
    pub fn end(&mut self, session: SessionId) -> u64 {
        self.0.remove(&session).map_or(0, |allowance| allowance.left_out)
    }

    /// Counts a mere event of this size, `now_ms` on a clock that never jumps; one of a session that does not run is kept.
    pub fn count(&mut self, session: SessionId, now_ms: u64, bytes: usize) -> Verdict {
        let Some(allowance) = self.0.get_mut(&session) else {
            return Verdict::Keep { left_out: 0 };
        };
        let free_at = allowance.free_at_ms.max(now_ms);
        if free_at - now_ms > (BURST - 1) * PERIOD_MS {
            allowance.left_out += 1;
            return Verdict::LeaveOut;
        }
        let weight = u64::try_from(bytes / BYTES).unwrap_or(BURST) + 1;
        allowance.free_at_ms = free_at + weight * PERIOD_MS;
        Verdict::Keep { left_out: std::mem::take(&mut allowance.left_out) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const KEEP: Verdict = Verdict::Keep { left_out: 0 };

    #[test]
    fn one_session_is_kept_a_burst_and_then_one_a_second_and_others_whole() {
        let (noisy, calm) = (SessionId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
        let mut allowances = Allowances::default();
        allowances.begin(noisy);
        allowances.begin(calm);
        for _ in 0..BURST {
            assert_eq!(allowances.count(noisy, 5_000, 300), KEEP);
        }
        for _ in 0..3 {
            assert_eq!(allowances.count(noisy, 5_000, 300), Verdict::LeaveOut);
        }
        assert_eq!(allowances.count(calm, 5_000, 300), KEEP);
        let later = 5_000 + PERIOD_MS;
        assert_eq!(allowances.count(noisy, later, 300), Verdict::Keep { left_out: 3 });
        assert_eq!(allowances.count(noisy, later, 300), Verdict::LeaveOut);
        assert_eq!(allowances.end(noisy), 1);
        assert_eq!(allowances.count(noisy, later, 1), KEEP, "it does not run any more");
        for _ in 0..BURST / 2 {
            assert_eq!(allowances.count(calm, 9_000_000, BYTES), KEEP);
        }
        assert_eq!(
            allowances.count(calm, 9_000_000, 1),
            Verdict::LeaveOut,
            "large ones weigh more"
        );
    }
}
