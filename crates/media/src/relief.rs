//! What overload takes from the pictures of one canvas.
//!
//! Values only; it refuses to know tracks, encoders and clocks.

use crate::overload::Step;
use rotunda_codec::Rect;
use rotunda_domain::MemberId;
use std::cmp::Reverse;

/// Frames a second that are left of a canvas that has more.
const FRAMES: u64 = 15;
/// The same where no camera moves any more; what is played and who comes and goes is seen.
const STILLS: u64 = 1;
/// So many of the largest cells go on moving, whatever the others' share.
const MOVE_AT_LEAST: usize = 2;

/// What is left at one step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relief {
    step: Step,
    frozen: Vec<MemberId>,
}

impl Relief {
    /// At `step`, of a canvas with these cells: of those of a camera the smaller half freezes, and of
    /// cells of one size those that come later.
    pub fn new(step: Step, cells: impl Iterator<Item = (MemberId, Rect)>) -> Self {
        if step < Step::FrozenCells {
            return Self { step, frozen: Vec::new() };
        }
        let mut cells: Vec<_> = cells.collect();
        cells.sort_by_key(|(_, rect)| Reverse(u64::from(rect.w) * u64::from(rect.h)));
        let moving = match step {
            Step::SoundOnly => 0,
            _ => cells.len().div_ceil(2).max(MOVE_AT_LEAST),
        };
        Self { step, frozen: cells.into_iter().skip(moving).map(|(member, _)| member).collect() }
    }

    pub fn step(&self) -> Step {
        self.step
    }

    /// The cell by which `member`, who has this one or none, is asked for pictures; of whom none is left
    /// nothing is decoded.
    pub fn cell(&self, member: MemberId, cell: Option<Rect>) -> Option<Rect> {
        let rect = cell.filter(|_| !self.frozen.contains(&member))?;
        let height = if self.step >= Step::SmallerUplinks { rect.h / 2 } else { rect.h };
        Some(Rect { h: height, ..rect })
    }

    /// Whether `tick` of a canvas of `fps` frames a second is left out, of which `shown` was the last that was
    /// not: a canvas that comes at some ticks only is drawn all the same.
    pub fn leaves_out(&self, tick: u64, shown: Option<u64>, fps: u32) -> bool {
        let fps = u64::from(fps);
        let left = match self.step {
            Step::SoundOnly => STILLS,
            Step::OneCodec | Step::FewerFrames => FRAMES,
            Step::FrozenCells | Step::SmallerUplinks | Step::Full => fps,
        };
        let kept = |ticks: u64| ticks * left / fps;
        left < fps && shown.is_some_and(|shown| kept(shown + 1) == kept(tick + 1))
    }

    /// Whether a second codec has a picture a second only.
    pub fn stills_second_codec(&self) -> bool {
        self.step >= Step::OneCodec
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn member(n: u128) -> MemberId {
        MemberId(Uuid::from_u128(n))
    }

    /// Cells as wide as these, of members counted from 0.
    fn relief(step: Step, widths: &[u32]) -> Relief {
        let cells = widths.iter().zip(0..).map(|(w, n)| (member(n), Rect::new(0, 0, *w, 100)));
        Relief::new(step, cells)
    }

    fn frozen(step: Step, widths: &[u32]) -> Vec<u128> {
        let relief = relief(step, widths);
        let cell = |n| relief.cell(member(n), Some(Rect::new(0, 0, 160, 90)));
        (0..).zip(widths).filter(|(n, _)| cell(*n).is_none()).map(|(n, _)| n).collect()
    }

    #[test]
    fn the_smaller_half_of_the_cells_freezes_but_never_the_two_largest() {
        let none: [u128; 0] = [];
        assert_eq!(frozen(Step::SmallerUplinks, &[100; 9]), none);
        assert_eq!(frozen(Step::FrozenCells, &[100; 9]), [5, 6, 7, 8]);
        assert_eq!(frozen(Step::OneCodec, &[10, 300, 20, 30, 40]), [0, 2]);
        assert_eq!(frozen(Step::FrozenCells, &[100, 100]), none);
        assert_eq!(frozen(Step::SoundOnly, &[100, 200]), [0, 1]);
    }

    #[test]
    fn all_are_asked_for_half_the_height_from_the_first_step_on() {
        for step in Step::ALL.into_iter().filter(|step| *step < Step::SoundOnly) {
            let cell = relief(step, &[100]).cell(member(0), Some(Rect::new(0, 0, 640, 360)));
            assert_eq!(cell.unwrap().h, if step == Step::Full { 360 } else { 180 });
        }
    }

    /// How many of so many ticks, every `step`th of which comes, are shown.
    fn shown(relief: &Relief, ticks: u64, step: usize, fps: u32) -> usize {
        let mut last = None;
        let is_shown = |tick: &u64| {
            let is_shown = !relief.leaves_out(*tick, last, fps);
            last = if is_shown { Some(*tick) } else { last };
            is_shown
        };
        (0..ticks).step_by(step).filter(is_shown).count()
    }

    #[test]
    fn fifteen_frames_a_second_are_left_evenly_and_fewer_stay_as_they_are() {
        for (fps, left) in [(10, 10), (15, 15), (20, 15), (25, 15), (30, 15), (60, 15)] {
            let ticks = u64::from(fps) * 10;
            let kept = shown(&relief(Step::FewerFrames, &[]), ticks, 1, fps);
            assert!((left * 10..=left * 10 + 1).contains(&kept), "{kept} of {fps}");
            assert_eq!(shown(&relief(Step::FrozenCells, &[]), 600, 1, fps), 600);
            let stills = shown(&relief(Step::SoundOnly, &[]), ticks, 1, fps);
            assert!((10..=11).contains(&stills), "{stills}");
        }
    }

    #[test]
    fn a_canvas_that_comes_at_every_other_tick_is_drawn_too() {
        for step in [Step::FewerFrames, Step::SoundOnly] {
            let shown = shown(&relief(step, &[]), 200, 2, 20);
            assert!(shown >= 10, "{step:?}: {shown} in ten seconds");
        }
    }
}
