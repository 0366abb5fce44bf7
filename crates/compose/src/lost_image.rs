//! The picture in place of somebody from whom nothing comes any more: their mute image, faded, with a
//! badge of radio waves crossed out.
//!
//! Faint so that it reads as absent from afar, the badge so that it is not taken for a camera that is
//! switched off. Signs and no words: a canvas has no language.

use rotunda_codec::{Frame, Rect, Yuv};

use crate::mask::Mask;
use crate::mute_image::{TILE, tile};

const BADGE: Yuv = Yuv::from_rgb(0xf2, 0xa5, 0x2c);
const SIGN: Yuv = Yuv::from_rgb(0x20, 0x16, 0x04);
/// How much of the mute image is taken away: three fifths.
const FADED: u8 = 153;
/// Badges smaller than this would be blots.
const BADGE_MIN: u32 = 16;

/// A tile of `width`×`height` (held within what a frame can be) for a member called `name`.
pub fn lost_image(name: &str, width: u32, height: u32) -> Frame {
    let (mut frame, disc) = tile(name, width, height);
    let (w, h) = (frame.width(), frame.height());
    Mask::from_fn(w, h, |_, _| 1.0).blend(&mut frame, 0, 0, TILE, FADED);
    if !disc.is_empty() {
        draw_badge(&mut frame, disc);
    }
    frame
}

/// Over the lower right of the disc, within the frame.
fn draw_badge(frame: &mut Frame, disc: Rect) {
    let size = ((disc.w * 45 / 100).max(BADGE_MIN) & !3).min(frame.width().min(frame.height()));
    let rim = (size / 12).max(2) & !1;
    let at = |start: u32, length: u32, side: u32| {
        let centre = start + length * 85 / 100;
        centre.saturating_sub(size / 2).min(side - size) & !1
    };
    let (x, y) = (at(disc.x, disc.w, frame.width()), at(disc.y, disc.h, frame.height()));
    let around = Mask::disc(size + rim * 2);
    around.blend(frame, x.saturating_sub(rim), y.saturating_sub(rim), TILE, 255);
    Mask::disc(size).blend(frame, x, y, BADGE, 255);
    waves(size).blend(frame, x, y, SIGN, 255);
}

/// A dot with two arcs above it, crossed out from the upper left to the lower right.
fn waves(size: u32) -> Mask {
    let s = size as f32;
    let pen = (s * 0.05).max(0.8);
    Mask::from_fn(size, size, |x, y| {
        let (dx, dy) = (x - s * 0.5, y - s * 0.7);
        let away = dx.hypot(dy);
        let arc = |radius: f32| pen - (away - radius).abs();
        // Forty-five degrees to either side of straight up.
        let above = -dy - dx.abs() + 0.5;
        let arcs = arc(s * 0.22).max(arc(s * 0.42)).min(above);
        let dot = s * 0.075 - away;
        let slash = pen - from_slash(x / s, y / s) * s;
        // A gap beside the slash keeps it apart from the arcs.
        let beside = (from_slash(x / s, y / s) * s - pen * 1.7).min(1.0);
        arcs.max(dot).min(beside).max(slash) + 0.5
    })
}

/// How far a point of the unit square is from the stroke.
fn from_slash(x: f32, y: f32) -> f32 {
    let along = ((x - 0.24) + (y - 0.24)) / 2.0;
    let on = along.clamp(0.0, 0.52);
    (x - 0.24 - on).hypot(y - 0.24 - on)
}
