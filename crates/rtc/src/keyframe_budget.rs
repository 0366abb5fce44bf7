//! One receiver's requests for key frames. A key frame costs everybody who watches, so each receiver
//! has a budget of those it may cause; beyond it, it is sent again what is kept for newcomers, which
//! heals it as well and costs only its own line, or waits for its next turn. It refuses to know
//! streams.

use std::time::{Duration, Instant};

use rotunda_throttle::Bucket;

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
    retry: Option<Instant>,
}

impl KeyframeBudget {
    pub fn new() -> Self {
        Self { own: Bucket::every(OWN.0, OWN.1), again: Bucket::every(1, AGAIN), retry: None }
    }

    /// The receiver asks; `is_kept`: there is something to send again, which costs nobody else
    /// anything; `pay` takes what all receivers together may cause.
    pub fn plead(&mut self, now: Instant, is_kept: bool, pay: impl FnOnce() -> bool) -> Help {
        self.retry = None;
        if is_kept && self.again.take(now) {
            return Help::Again;
        }
        if !is_kept && self.own.take(now) && pay() {
            return Help::Ask;
        }
        self.retry = Some(now + AGAIN);
        Help::Wait
    }

    /// True if one who waits is to ask anew.
    pub fn due(&mut self, now: Instant) -> bool {
        self.retry.take_if(|at| *at <= now).is_some()
    }

    /// A key frame was sent to it: it has what it asked for.
    pub fn satisfied(&mut self) {
        self.retry = None;
    }

    /// When `due` wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        self.retry
    }
}
