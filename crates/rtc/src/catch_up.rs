//! The pictures a newcomer is still to be sent before it is live, in portions: a whole group at once
//! overruns the socket buffer of a phone and the queue of its line. It refuses to know legs and
//! streams.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::Picture;

/// Packets of a portion; 32 in 5 ms are about 60 Mbit/s. A single picture is never divided.
const PORTION: usize = 32;
const EVERY: Duration = Duration::from_millis(5);
/// Pictures that may wait: the longest group and what comes while it is sent. When full the
/// newcomer waits for a key frame instead.
const MAX_WAITING: usize = 64;

/// A picture with the timestamp it gets (90 kHz, extended) and the time it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub picture: Arc<Picture>,
    pub ts: u64,
    pub wallclock: Instant,
}

/// What waits, and when the next portion is due.
#[derive(Debug, Default)]
pub(crate) struct CatchUp {
    waiting: VecDeque<Due>,
    at: Option<Instant>,
}

impl CatchUp {
    /// Begins with `group`; the first portion is due at once.
    pub fn begin(&mut self, group: impl IntoIterator<Item = Due>, now: Instant) {
        self.waiting = group.into_iter().collect();
        self.at = Some(now);
    }

    pub fn is_running(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// A live picture takes its place behind the others. False: too many wait.
    pub fn append(&mut self, due: Due) -> bool {
        self.waiting.push_back(due);
        self.waiting.len() <= MAX_WAITING
    }

    pub fn stop(&mut self) {
        *self = Self::default();
    }

    pub fn deadline(&self) -> Option<Instant> {
        self.at
    }

    /// The next portion, if it is due.
    pub fn portion(&mut self, now: Instant) -> Vec<Due> {
        if self.at.is_none_or(|at| at > now) {
            return Vec::new();
        }
        let mut packets = 0;
        let mut taken = Vec::new();
        while packets < PORTION
            && let Some(due) = self.waiting.pop_front()
        {
            packets += due.picture.packets.len();
            taken.push(due);
        }
        self.at = self.is_running().then(|| now + EVERY);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VideoCodec;

    fn due(packets: usize, now: Instant) -> Due {
        let frame = vec![0; packets * 1150];
        let picture = Arc::new(Picture::new(VideoCodec::Vp8, false, 0, &frame));
        Due { picture, ts: 0, wallclock: now }
    }

    #[test]
    fn a_group_leaves_in_portions_and_in_order() {
        let now = Instant::now();
        let mut catch_up = CatchUp::default();
        catch_up.begin([due(40, now), due(10, now), due(30, now), due(5, now)], now);
        let sizes = |portion: Vec<Due>| -> Vec<usize> {
            portion.iter().map(|d| d.picture.packets.len()).collect()
        };
        assert_eq!(sizes(catch_up.portion(now)), [40], "a picture is never divided");
        assert!(catch_up.portion(now + Duration::from_millis(4)).is_empty(), "not yet due");
        assert_eq!(sizes(catch_up.portion(now + EVERY)), [10, 30]);
        assert!(catch_up.append(due(2, now)), "a live picture waits for its turn");
        assert_eq!(sizes(catch_up.portion(now + EVERY * 2)), [5, 2]);
        assert!(!catch_up.is_running());
        assert_eq!(catch_up.deadline(), None);
    }

    #[test]
    fn what_is_too_much_is_reported() {
        let now = Instant::now();
        let mut catch_up = CatchUp::default();
        catch_up.begin([due(1, now)], now);
        let taken = (0..100).take_while(|_| catch_up.append(due(1, now))).count();
        assert_eq!(taken, MAX_WAITING - 1);
    }
}
