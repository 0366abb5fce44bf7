//! What a room gives up when the machine cannot keep up, and takes back when it can.
//!
//! Sound is never on this ladder. Each step is logged by the caller, both ways.

/// How far down a room stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Step {
    /// Everything as configured.
    #[default]
    Full,
    /// Half the frames.
    HalfRate,
    /// And nobody new gets the second codec.
    OneCodec,
}

impl Step {
    fn down(self) -> Self {
        match self {
            Self::Full => Self::HalfRate,
            Self::HalfRate | Self::OneCodec => Self::OneCodec,
        }
    }

    fn up(self) -> Self {
        match self {
            Self::Full | Self::HalfRate => Self::Full,
            Self::OneCodec => Self::HalfRate,
        }
    }
}

/// Ticks looked at before judging: about two seconds.
const WINDOW: u32 = 50;
/// A tenth of the ticks missed in a window is too many.
const BAD: u32 = WINDOW / 10;
/// Good windows before a step is taken back: about ten seconds, so that it does not swing.
const PATIENCE: u32 = 5;

/// Counts ticks and those that were missed.
#[derive(Debug, Default)]
pub struct Degradation {
    step: Step,
    ticks: u32,
    missed: u32,
    good_windows: u32,
}

impl Degradation {
    /// Where the room stands.
    pub fn step(&self) -> Step {
        self.step
    }

    /// Takes note of one tick before which `missed` were skipped; answers the new step if it
    /// changed.
    pub fn tick(&mut self, missed: u32) -> Option<Step> {
        self.ticks += 1 + missed;
        self.missed += missed;
        if self.ticks < WINDOW {
            return None;
        }
        let is_bad = self.missed >= BAD;
        (self.ticks, self.missed) = (0, 0);
        let before = self.step;
        if is_bad {
            self.good_windows = 0;
            self.step = before.down();
        } else {
            self.good_windows += 1;
            if self.good_windows >= PATIENCE {
                self.good_windows = 0;
                self.step = before.up();
            }
        }
        (self.step != before).then_some(self.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(degradation: &mut Degradation, ticks: u32, missed_each_tenth: u32) {
        for n in 0..ticks {
            degradation.tick(if n % 10 == 0 { missed_each_tenth } else { 0 });
        }
    }

    #[test]
    fn missed_ticks_lead_down_one_step_at_a_time() {
        let mut degradation = Degradation::default();
        let mut seen = Vec::new();
        for n in 0..400 {
            seen.extend(degradation.tick(u32::from(n % 5 == 0)));
        }
        assert_eq!(seen, [Step::HalfRate, Step::OneCodec]);
    }

    #[test]
    fn a_quiet_time_leads_back_up() {
        let mut degradation = Degradation::default();
        run(&mut degradation, 38, 3);
        assert_eq!(degradation.step(), Step::HalfRate);
        run(&mut degradation, 200, 0);
        assert_eq!(degradation.step(), Step::HalfRate, "not so soon");
        run(&mut degradation, 50, 0);
        assert_eq!(degradation.step(), Step::Full);
    }

    #[test]
    fn a_single_late_tick_changes_nothing() {
        let mut degradation = Degradation::default();
        for n in 0..500 {
            assert_eq!(degradation.tick(u32::from(n % 40 == 0)), None);
        }
    }
}
