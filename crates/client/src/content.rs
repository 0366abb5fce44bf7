//! What a synthetic camera shows, drawn frame by frame.

use crate::ivf::Clip;
use crate::stamp::{Stamp, draw_stamp};
use rotunda_codec::{Frame, Rect, Yuv};
use std::sync::Arc;
use std::time::Duration;

/// What a camera shows.
#[derive(Clone, Debug)]
pub enum Content {
    /// A stamp over a colour of the sender's, and something that moves below it.
    Stamped {
        /// Who it is.
        sender: u8,
    },
    /// One colour after another, from the beginning again at the end.
    Colours {
        /// The colours.
        colours: Vec<Yuv>,
        /// How long each is shown.
        each: Duration,
    },
    /// Black, and white at every whole multiple of `every` after the origin, with something that
    /// moves at the lower edge.
    Flash {
        /// From one flash to the next.
        every: Duration,
        /// How long one lasts.
        length: Duration,
    },
    /// One colour over which something brighter or darker of the same colour moves, so that no frame
    /// is like the one before.
    Lively(Yuv),
    /// Blocks that are all new in every frame: what costs the most bits.
    Restless,
    /// Pictures of a file, sent as they are, over and over.
    Clip(Arc<Clip>),
}

impl Content {
    /// One colour.
    pub fn solid(colour: Yuv) -> Self {
        Self::Colours { colours: vec![colour], each: Duration::from_secs(3600) }
    }

    /// Draws frame `number`, captured `at` after the origin.
    pub(crate) fn draw(&self, frame: &mut Frame, number: u64, at: Duration) {
        match self {
            Self::Stamped { sender } => stamped(frame, *sender, number),
            Self::Colours { colours, each } => {
                let turn = at.as_micros() / each.as_micros().max(1);
                let index = turn as usize % colours.len().max(1);
                frame.fill(colours.get(index).copied().unwrap_or(Yuv::BLACK));
            }
            Self::Flash { every, length } => {
                let is_on = is_within(at, *every, *length);
                frame.fill(if is_on { Yuv::WHITE } else { Yuv::BLACK });
                mover(frame, number, Yuv { y: 120, u: 128, v: 128 });
            }
            Self::Lively(colour) => {
                frame.fill(*colour);
                let y = if colour.y > 128 { colour.y - 60 } else { colour.y + 60 };
                mover(frame, number, Yuv { y, ..*colour });
            }
            Self::Restless => restless(frame, number),
            Self::Clip(_) => {}
        }
    }
}

/// Whether `at` lies in the first `length` of a period of `every`; never in the very first one, so
/// that nobody has to catch it while still connecting.
pub(crate) fn is_within(at: Duration, every: Duration, length: Duration) -> bool {
    at >= every && at.as_micros() % every.as_micros().max(1) < length.as_micros()
}

/// Something that moves on with every frame, in the lowest quarter.
fn mover(frame: &mut Frame, number: u64, colour: Yuv) {
    let (w, h) = (frame.width(), frame.height());
    let side = (w / 8).max(4);
    let x = (number as u32).wrapping_mul((w / 64).max(2)) % (w - side);
    frame.fill_rect(Rect::new(x, h * 3 / 4, side, (h / 8).max(4)).even(), colour);
}

fn restless(frame: &mut Frame, number: u64) {
    let mut seed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for byte in frame.as_i420_mut().chunks_mut(4) {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
        byte.fill(64 + (seed >> 57) as u8);
    }
}

fn stamped(frame: &mut Frame, sender: u8, number: u64) {
    let hue = |n: u32| (60 + (u32::from(sender) * n) % 136) as u8;
    frame.fill(Yuv { y: hue(53), u: hue(97), v: hue(31) });
    mover(frame, number, Yuv { y: 200, u: hue(31), v: hue(97) });
    draw_stamp(frame, Stamp::now(sender, number));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stamp::read_stamp;

    #[test]
    fn colours_follow_one_another_and_begin_again() {
        let colours = vec![Yuv::BLACK, Yuv::WHITE];
        let content = Content::Colours { colours, each: Duration::from_millis(100) };
        let mut frame = Frame::new(16, 16);
        for (ms, wanted) in
            [(0, Yuv::BLACK), (99, Yuv::BLACK), (100, Yuv::WHITE), (200, Yuv::BLACK)]
        {
            content.draw(&mut frame, 0, Duration::from_millis(ms));
            assert_eq!(frame.pixel(5, 5), wanted, "{ms}");
        }
    }

    #[test]
    fn every_sender_is_readable_over_its_colour() {
        let mut frame = Frame::new(320, 180);
        for sender in 0..=255 {
            Content::Stamped { sender }.draw(&mut frame, u64::from(sender) * 999, Duration::ZERO);
            let stamp = read_stamp(frame.view(), frame.bounds()).unwrap();
            assert_eq!(stamp.sender, sender);
        }
    }
}
