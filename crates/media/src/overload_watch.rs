//! Looks every second at what the groups of threads have to do, and lets all canvases know how far down
//! the machine is.
//!
//! It is a beat among those of the mixes, which are late last. What a step means is the canvases' affair.

use crate::load::{Load, Work};
use crate::overload::{CALM, Overload, Step};
use crate::ticker::Beat;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// How the machine fares, for everybody who goes by it.
#[derive(Debug, Default)]
pub(crate) struct Situation {
    step: AtomicUsize,
    is_busy: AtomicBool,
    steps_down: AtomicU64,
}

impl Situation {
    /// How far down it is.
    pub fn step(&self) -> Step {
        Step::ALL[self.step.load(Relaxed).min(Step::ALL.len() - 1)]
    }

    /// Whether there is no time for more than is needed, long before anything is given up.
    pub fn is_busy(&self) -> bool {
        self.is_busy.load(Relaxed)
    }

    /// How often it went down a step.
    pub fn steps_down(&self) -> u64 {
        self.steps_down.load(Relaxed)
    }

    pub fn set(&self, step: Step) {
        if step > self.step() {
            self.steps_down.fetch_add(1, Relaxed);
        }
        self.step.store(step.index(), Relaxed);
    }
}

/// What the threads of all sessions have to do.
#[derive(Clone, Copy, Debug)]
pub struct GraphLoad {
    /// What is given up at present.
    pub step: Step,
    /// How often something more was given up, since the start.
    pub steps_down: u64,
    /// How long threads decoded, since the start, all of them together.
    pub decode: Duration,
    /// The same of composing and encoding.
    pub canvas: Duration,
    /// The same of mixing.
    pub mix: Duration,
}

/// How late a decoder may begin on average before that is too much to do: two pictures of a camera wait.
const DECODE_LATE: Duration = Duration::from_millis(100);
/// The same of a canvas: a tick of 20 a second.
const CANVAS_LATE: Duration = Duration::from_millis(50);
/// The same of a mix: a tick.
const MIX_LATE: Duration = Duration::from_millis(20);

/// One group of threads.
pub(crate) struct Group {
    name: &'static str,
    load: Arc<Load>,
    threads: usize,
    late: Duration,
    before: Work,
}

impl Group {
    pub fn decoders(load: Arc<Load>, threads: usize) -> Self {
        Self { name: "decode", load, threads, late: DECODE_LATE, before: Work::default() }
    }

    pub fn canvases(load: Arc<Load>, threads: usize) -> Self {
        Self { name: "canvas", load, threads, late: CANVAS_LATE, before: Work::default() }
    }

    pub fn mixes(load: Arc<Load>, threads: usize) -> Self {
        Self { name: "mix", load, threads, late: MIX_LATE, before: Work::default() }
    }

    /// What it had to do since the last time, as a share of what it can.
    fn strain(&mut self, time: Duration) -> f64 {
        let work = self.load.read();
        let done = work.since(std::mem::replace(&mut self.before, work));
        done.strain(self.threads, time, self.late)
    }
}

pub(crate) struct OverloadWatch {
    groups: [Group; 3],
    overload: Overload,
    situation: Arc<Situation>,
    looked_at: Instant,
}

impl OverloadWatch {
    pub fn new(groups: [Group; 3], situation: Arc<Situation>, now: Instant) -> Self {
        Self { groups, overload: Overload::default(), situation, looked_at: now }
    }
}

impl Beat for OverloadWatch {
    fn beat(&mut self, now: Instant) -> Option<Instant> {
        let time = now.saturating_duration_since(self.looked_at);
        self.looked_at = now;
        let strains = self.groups.each_mut().map(|group| (group.strain(time), group.name));
        let worst = strains.into_iter().fold((0.0, ""), |a, b| if b.0 > a.0 { b } else { a });
        self.situation.is_busy.store(worst.0 > CALM, Relaxed);
        if let Some(step) = self.overload.judge(now, worst.0) {
            let [decode, canvas, mix] = strains.map(|(strain, _)| percent(strain));
            let is_down = step > self.situation.step();
            self.situation.set(step);
            match is_down {
                true => tracing::warn!(
                    ?step,
                    group = worst.1,
                    decode,
                    canvas,
                    mix,
                    "the machine has too much to do and gives something up; percent of each group"
                ),
                false => tracing::warn!(?step, decode, canvas, mix, "the machine has time again"),
            }
        }
        Some(now + EVERY)
    }
}

fn percent(strain: f64) -> u32 {
    (strain * 100.0).min(999.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_without_rest_takes_the_machine_down_and_rest_brings_it_back() {
        let loads = [(); 3].map(|()| Arc::new(Load::default()));
        let situation = Arc::new(Situation::default());
        let start = Instant::now();
        let load = |n: usize| loads[n].clone();
        let groups =
            [Group::decoders(load(0), 2), Group::canvases(load(1), 2), Group::mixes(load(2), 1)];
        let mut watch = OverloadWatch::new(groups, situation.clone(), start);
        for second in 1..=5 {
            // Both threads of one group worked all the time.
            (0..20).for_each(|_| loads[1].done(Duration::ZERO, EVERY / 10));
            assert_eq!(watch.beat(start + EVERY * second), Some(start + EVERY * (second + 1)));
            assert!(situation.is_busy());
        }
        assert_eq!((situation.step(), situation.steps_down()), (Step::SmallerUplinks, 1));
        assert!((6..20).all(|second| watch.beat(start + EVERY * second).is_some()));
        assert_eq!((situation.step(), situation.is_busy()), (Step::Full, false));
    }
}
