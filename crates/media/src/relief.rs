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

    /// Whether `tick` of a canvas of `fps` frames a second is left out.
    pub fn leaves_out(&self, tick: u64, fps: u32) -> bool {
        let fps = u64::from(fps);
        let left = match self.step {
            Step::SoundOnly => STILLS,
            Step::OneCodec | Step::FewerFrames => FRAMES,
            Step::FrozenCells | Step::SmallerUplinks | Step::Full => fps,
        };
        let kept = |ticks: u64| ticks * left / fps;
        left < fps && kept(tick) == kept(tick + 1)
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

    #[test]
    fn fifteen_frames_a_second_are_left_evenly_and_fewer_stay_as_they_are() {
        for (fps, left) in [(10, 10), (15, 15), (20, 15), (25, 15), (30, 15), (60, 15)] {
            let fewer = relief(Step::FewerFrames, &[]);
            let kept = (0..u64::from(fps)).filter(|tick| !fewer.leaves_out(*tick, fps)).count();
            assert_eq!(kept, left, "of {fps}");
            assert!((0..600).all(|tick| !relief(Step::FrozenCells, &[]).leaves_out(tick, fps)));
            let stills = relief(Step::SoundOnly, &[]);
            assert_eq!(
                (0..u64::from(10 * fps)).filter(|t| !stills.leaves_out(*t, fps)).count(),
                10
            );
        }
    }
}
