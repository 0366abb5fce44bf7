//! The pictures a receiver is still to be sent before it is live, in portions: a whole group at once
//! overruns the socket buffer of a phone and the queue of its line, and on a narrow line so does a
//! single key frame. It refuses to know legs and streams.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::Picture;

/// A packet with its headers, in bits.
const PACKET_BITS: u64 = 1200 * 8;

/// How fast what waits leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    packets: usize,
    every: Duration,
    /// A single picture leaves in pieces, too.
    divides: bool,
}

impl Pace {
    /// For whoever is given the whole canvas: 32 packets in 5 ms are about 60 Mbit/s. A picture is not
    /// divided.
    pub const FAST: Self = Self { packets: 32, every: Duration::from_millis(5), divides: false };

    /// A packet at a time, as many as make so many bits a second.
    pub fn of(bps: u64) -> Self {
        let every = Duration::from_micros(PACKET_BITS * 1_000_000 / bps.max(PACKET_BITS));
        Self { packets: 1, every, divides: true }
    }

    /// Whether a picture of so many packets must wait for its turn.
    pub fn divides(&self, packets: usize) -> bool {
        self.divides && packets > self.packets
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::FAST
    }
}

/// Steps that are made up for at once.
const MOST_LATE: u128 = 3;
/// Pictures that may wait: the longest group and what comes while it is sent. When full the
/// newcomer waits for a key frame instead.
const MAX_WAITING: usize = 64;

/// A picture, or packets of one, with the timestamp it gets (90 kHz, extended) and the time it stands
/// for.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub picture: Arc<Picture>,
    pub packets: Range<usize>,
    pub ts: u64,
    pub wallclock: Instant,
}

impl Due {
    /// All of a picture.
    pub fn new(picture: Arc<Picture>, ts: u64, wallclock: Instant) -> Self {
        Self { packets: 0..picture.packets.len(), picture, ts, wallclock }
    }

    /// Takes as many packets off its beginning as there are, up to `most`.
    pub fn split(&mut self, most: usize) -> Self {
        let end = self.packets.end.min(self.packets.start.saturating_add(most));
        let first = Self { packets: self.packets.start..end, ..self.clone() };
        self.packets.start = end;
        first
    }
}

/// What waits, and when the next portion is due.
#[derive(Debug, Default)]
pub(crate) struct CatchUp {
    waiting: VecDeque<Due>,
    at: Option<Instant>,
    pub pace: Pace,
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

    /// Whether a key frame is among what waits.
    pub fn brings_keyframe(&self) -> bool {
        self.waiting.iter().any(|due| due.picture.keyframe)
    }

    /// A live picture takes its place behind the others. False: too many wait.
    pub fn append(&mut self, due: Due, now: Instant) -> bool {
        self.at.get_or_insert(now);
        self.waiting.push_back(due);
        self.waiting.len() <= MAX_WAITING
    }

    pub fn stop(&mut self) {
        *self = Self { pace: self.pace, ..Self::default() };
    }

    pub fn deadline(&self) -> Option<Instant> {
        self.at
    }

    /// The next portion, if it is due.
    pub fn portion(&mut self, now: Instant) -> Vec<Due> {
        let Some(at) = self.at.filter(|at| *at <= now) else {
            return Vec::new();
        };
        let Pace { packets, every, divides } = self.pace;
        // Timers come late, and in steps: what would have left meanwhile leaves now.
        let late = now.saturating_duration_since(at).as_micros() / every.as_micros().max(1);
        let steps = 1 + late.min(MOST_LATE) as usize;
        let mut left = packets * if divides { steps } else { 1 };
        let mut taken = Vec::new();
        while left > 0
            && let Some(first) = self.waiting.front_mut()
        {
            let due = first.split(if divides { left } else { usize::MAX });
            left = left.saturating_sub(due.packets.len());
            if first.packets.is_empty() {
                self.waiting.pop_front();
            }
            taken.push(due);
        }
        let next = if divides { (at + every * steps as u32).max(now) } else { now + every };
        self.at = self.is_running().then_some(next);
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
        Due::new(picture, 0, now)
    }

    #[test]
    fn a_group_leaves_in_portions_and_in_order() {
        let now = Instant::now();
        let mut catch_up = CatchUp::default();
        catch_up.begin([due(40, now), due(10, now), due(30, now), due(5, now)], now);
        let sizes =
            |portion: Vec<Due>| -> Vec<usize> { portion.iter().map(|d| d.packets.len()).collect() };
        assert_eq!(sizes(catch_up.portion(now)), [40], "a picture is never divided");
        assert!(catch_up.portion(now + Duration::from_millis(4)).is_empty(), "not yet due");
        assert_eq!(sizes(catch_up.portion(now + Pace::FAST.every)), [10, 30]);
        assert!(catch_up.append(due(2, now), now), "a live picture waits for its turn");
        assert_eq!(sizes(catch_up.portion(now + Pace::FAST.every * 2)), [5, 2]);
        assert!(!catch_up.is_running());
        assert_eq!(catch_up.deadline(), None);
    }

    #[test]
    fn on_a_narrow_line_a_key_frame_leaves_a_packet_at_a_time() {
        let now = Instant::now();
        let mut catch_up = CatchUp { pace: Pace::of(480_000), ..CatchUp::default() };
        assert!(catch_up.append(due(3, now), now) && catch_up.append(due(1, now), now));
        let starts: Vec<Vec<usize>> = (0..5)
            .map(|n| {
                let portion = catch_up.portion(now + Duration::from_millis(20 * n));
                assert!(portion.iter().all(|due| due.packets.len() == 1));
                portion.into_iter().map(|due| due.packets.start).collect()
            })
            .collect();
        assert_eq!(starts, [vec![0], vec![1], vec![2], vec![0], vec![]]);
    }

    #[test]
    fn what_is_too_much_is_reported() {
        let now = Instant::now();
        let mut catch_up = CatchUp::default();
        catch_up.begin([due(1, now)], now);
        let taken = (0..100).take_while(|_| catch_up.append(due(1, now), now)).count();
        assert_eq!(taken, MAX_WAITING - 1);
    }
}
