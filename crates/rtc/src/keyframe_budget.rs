//! One receiver's requests for key frames. A key frame costs everybody who watches, so each receiver
//! has a budget of those it may cause; beyond it, it is sent again what is kept for newcomers, which
//! heals it as well and costs only its own line, or waits for its next turn. It refuses to know
//! streams.

use std::time::{Duration, Instant};

use crate::demux::Bucket;

/// Key frames a receiver may cause at once, and then one per this long: who loses more than that
/// does not get better by more of the heaviest pictures.
const OWN: (u32, Duration) = (3, Duration::from_secs(4));
/// What is kept is sent again at most this often.
const AGAIN: Duration = Duration::from_secs(1);

/// What is done about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Help {
    /// The stream is asked for a key frame.
    Ask,
    /// What is kept is sent again.
    Again,
    /// Nothing now.
    Wait,
}

#[derive(Debug)]
pub(crate) struct KeyframeBudget {
    own: Bucket,
    again: Bucket,
    waits: bool,
}

impl KeyframeBudget {
    pub fn new() -> Self {
        Self { own: Bucket::new(OWN.0, OWN.1), again: Bucket::new(1, AGAIN), waits: false }
    }

    /// The receiver asks; `is_kept`: there is something to send again.
    pub fn plead(&mut self, now: Instant, is_kept: bool) -> Help {
        if self.own.take(now) {
            self.waits = false;
            return Help::Ask;
        }
        if is_kept && self.again.take(now) {
            self.waits = false;
            return Help::Again;
        }
        self.waits = true;
        Help::Wait
    }

    /// True if one who waits may ask now.
    pub fn due(&mut self, now: Instant) -> bool {
        let due = self.deadline().is_some_and(|at| at <= now) && self.own.take(now);
        self.waits &= !due;
        due
    }

    /// A key frame was sent to it: it has what it asked for.
    pub fn satisfied(&mut self) {
        self.waits = false;
    }

    /// When `due` wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        self.own.ready_at().filter(|_| self.waits)
    }
}
