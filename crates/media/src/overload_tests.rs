use super::*;

/// Seconds of a machine on virtual time.
struct Machine {
    overload: Overload,
    now: Instant,
    /// Each change with its second.
    seen: Vec<(u64, Step)>,
    second: u64,
}

impl Machine {
    fn new() -> Self {
        let (overload, now) = (Overload::default(), Instant::now());
        Self { overload, now, seen: Vec::new(), second: 0 }
    }

    fn run(&mut self, seconds: u64, mut strain: impl FnMut(Step) -> f64) -> &mut Self {
        for _ in 0..seconds {
            self.second += 1;
            self.now += Duration::from_secs(1);
            let strain = strain(self.overload.step());
            let changed = self.overload.judge(self.now, strain);
            self.seen.extend(changed.map(|step| (self.second, step)));
        }
        self
    }
}

/// A seeded walk, the same on every machine.
struct Walk(u64);

impl Walk {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn strain(&mut self) -> f64 {
        self.next() as f64 % 150.0 / 100.0
    }
}

#[test]
fn it_goes_down_in_order_while_strain_lasts_and_back_up_in_the_same_order() {
    let mut machine = Machine::new();
    machine.run(60, |_| 1.0);
    let down: Vec<_> = machine.seen.drain(..).map(|(_, step)| step).collect();
    assert_eq!(down, Step::ALL[1..]);
    machine.run(600, |_| 0.1);
    let up: Vec<_> = machine.seen.drain(..).map(|(_, step)| step).collect();
    let backwards: Vec<_> = Step::ALL.into_iter().rev().skip(1).collect();
    assert_eq!(up, backwards);
}

#[test]
fn a_burst_is_no_overload() {
    let mut machine = Machine::new();
    for _ in 0..100 {
        machine.run(3, |_| 5.0).run(1, |_| 0.8);
    }
    assert!(machine.seen.is_empty());
}

#[test]
fn whatever_comes_no_step_is_skipped_none_is_swung_to_and_the_end_of_the_load_is_full() {
    for seed in 0..200 {
        let mut walk = Walk(seed);
        let mut machine = Machine::new();
        for _ in 0..200 {
            let (seconds, strain) = (walk.next() % 30, walk.strain());
            machine.run(seconds, |_| strain);
        }
        machine.run(8 * 300, |_| 0.2);
        assert_eq!(machine.overload.step(), Step::Full, "seed {seed}");
        let mut before = (0, Step::Full);
        for (at, step) in machine.seen {
            assert_eq!(step.index().abs_diff(before.1.index()), 1, "seed {seed}");
            let least = if step > before.1 { LASTS } else { PATIENCE };
            assert!(at - before.0 >= least.as_secs(), "seed {seed}: {:?} at {at}", step);
            before = (at, step);
        }
    }
}

#[test]
fn a_step_up_that_does_not_last_is_tried_ever_less_often() {
    let mut machine = Machine::new();
    // With all cells decoded it is too much, without them there is much time.
    machine.run(3600, |step| if step < Step::FrozenCells { 1.2 } else { 0.3 });
    let tries = machine.seen.iter().filter(|(_, step)| *step == Step::SmallerUplinks).count();
    assert!((5..=18).contains(&tries), "{tries} in an hour");
}
