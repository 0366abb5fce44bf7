//! Whether a picture is new. A camera before which nothing moves goes on sending, and what it sends
//! wanders by a step or two with the coder's rounding; drawing and encoding that costs as much as a
//! dance. Refuses to judge anything larger: a fade of three steps is a change.

use rotunda_codec::Frame;

/// The largest difference of a sample that is taken for rounding: a still camera's libvpx stream
/// wanders by 2 at most (measured over five clips, a few first pictures excepted).
const ROUNDING: u8 = 2;
/// Bytes compared before looking whether one was different.
const STRETCH: usize = 2048;

/// Whether `new` shows what `shown` does. The comparison is with what is on the canvas or will be, never
/// with a picture that was left out, so that small steps cannot add up unseen.
pub(crate) fn shows_the_same(shown: &Frame, new: &Frame) -> bool {
    let same_size = (shown.width(), shown.height()) == (new.width(), new.height());
    let stretches = || shown.as_i420().chunks(STRETCH).zip(new.as_i420().chunks(STRETCH));
    same_size && stretches().all(|(a, b)| largest_difference(a, b) <= ROUNDING)
}

/// Without branches, so that it becomes vector instructions.
fn largest_difference(a: &[u8], b: &[u8]) -> u8 {
    a.iter().zip(b).fold(0, |largest, (a, b)| largest.max(a.abs_diff(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_codec::{Rect, Yuv};

    fn grey(y: u8) -> Frame {
        let mut frame = Frame::new(320, 180);
        frame.fill(Yuv { y, u: 128, v: 128 });
        frame
    }

    #[test]
    fn rounding_is_no_change_and_a_step_more_is() {
        assert!(shows_the_same(&grey(100), &grey(102)));
        assert!(!shows_the_same(&grey(100), &grey(103)));
    }

    #[test]
    fn the_smallest_thing_that_moves_is_a_change() {
        let shown = grey(100);
        let mut new = grey(100);
        new.fill_rect(Rect::new(318, 178, 2, 2), Yuv { y: 104, u: 128, v: 128 });
        assert!(!shows_the_same(&shown, &new));
    }

    #[test]
    fn another_size_is_a_change() {
        assert!(!shows_the_same(&grey(100), &Frame::new(160, 90)));
    }
}
