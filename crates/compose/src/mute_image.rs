//! The picture in place of a camera that is muted: a disc with the initials, the name beneath.
//!
//! Drawn once per member and size. The colour follows from the name alone, so that a member has
//! the same one in every room and after every reconnect.

use rotunda_codec::{Frame, Rect, Yuv};

use crate::label::{Label, printable};
use crate::mask::Mask;

pub(crate) const TILE: Yuv = Yuv::from_rgb(0x20, 0x24, 0x2b);
const NAME: Yuv = Yuv::from_rgb(0xd5, 0xd9, 0xe0);
const INITIALS: Yuv = Yuv::from_rgb(0xf6, 0xf7, 0xf9);

/// Below this height a name would be a smear.
const NAME_HEIGHT_MIN: u32 = 110;

/// A tile of `width`×`height` (held within what a frame can be) for a member called `name`.
pub fn mute_image(name: &str, width: u32, height: u32) -> Frame {
    tile(name, width, height).0
}

/// The tile, and where its disc is; empty if there is no room for one.
pub(crate) fn tile(name: &str, width: u32, height: u32) -> (Frame, Rect) {
    let mut frame = Frame::new(width, height);
    frame.fill(TILE);
    let (w, h) = (frame.width(), frame.height());
    let side = w.min(h);
    let shown = printable(name);
    let named = h >= NAME_HEIGHT_MIN && w >= NAME_HEIGHT_MIN && !shown.is_empty();
    // Whole fours, so that the disc can sit in the middle on even coordinates.
    let diameter = (side * if named { 42 } else { 62 } / 100) & !3;
    if diameter < 8 {
        return (frame, Rect::new(0, 0, 0, 0));
    }
    let label = named.then(|| Label::new(&shown, (side / 11).clamp(13, 72), w * 9 / 10));
    let gap = side / 16;
    let below = label.as_ref().map_or(0, |label| gap + label.height());
    let top = ((h - diameter - below.min(h - diameter)) / 2) & !1;
    draw_disc(&mut frame, name, &shown, diameter, top);
    if let Some(label) = label {
        let x = (w - label.width().min(w)) / 2;
        label.blend(&mut frame, x, top + diameter + gap, NAME);
    }
    (frame, Rect::new((w / 2 - diameter / 2) & !1, top, diameter, diameter))
}

fn draw_disc(frame: &mut Frame, name: &str, shown: &str, diameter: u32, top: u32) {
    let centre_x = frame.width() / 2;
    let left = (centre_x - diameter / 2) & !1;
    let colour = colour_of(name);
    let halo = (diameter / 14) & !1;
    let ring = Mask::disc(diameter + halo * 2);
    ring.blend(frame, left.saturating_sub(halo), top.saturating_sub(halo), colour, 70);
    Mask::disc(diameter).blend(frame, left, top, colour, 255);
    let letters = initials(shown);
    if letters.is_empty() {
        silhouette(diameter).blend(frame, left, top, INITIALS, 230);
        return;
    }
    let px = if letters.chars().count() > 1 { diameter * 52 / 100 } else { diameter * 62 / 100 };
    let label = Label::new(&letters, px, diameter);
    let x = centre_x - label.width().min(diameter) / 2;
    // Capitals stand on the baseline: their middle lies a little above that of the line.
    let y = top + (diameter - label.height().min(diameter)) / 2 + label.height() / 40;
    label.blend(frame, x, y, INITIALS);
}

/// Head and shoulders, for a name of which nothing can be written.
fn silhouette(diameter: u32) -> Mask {
    let d = diameter as f32;
    Mask::from_fn(diameter, diameter, |x, y| {
        let head = d * 0.17 - (x - d * 0.5).hypot(y - d * 0.38) + 0.5;
        // An ellipse, its distance measured along its flatter axis.
        let body = d * 0.25 - ((x - d * 0.5) * 0.8).hypot(y - d * 0.84) + 0.5;
        let inside = d * 0.5 - (x - d * 0.5).hypot(y - d * 0.5) + 0.5;
        head.max(body.min(inside))
    })
}

/// The first letter or digit of the first and of the last word, in capitals.
fn initials(shown: &str) -> String {
    let mut letters = shown
        .split(' ')
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .filter_map(|c| c.to_uppercase().next());
    let first = letters.next();
    first.into_iter().chain(letters.next_back()).collect()
}

/// One of 24 hues at a lightness on which white letters stand out.
fn colour_of(name: &str) -> Yuv {
    // FNV-1a: the standard library's hasher may change between releases.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // FNV barely carries the last letters upwards; this spreads them (murmur3's finaliser).
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hue = (hash >> 33) % 24;
    let (r, g, b) = hsl(hue as f32 * 15.0, 0.45, 0.38);
    Yuv::from_rgb(r, g, b)
}

fn hsl(hue_degrees: f32, saturation: f32, lightness: f32) -> (u8, u8, u8) {
    let reach = saturation * lightness.min(1.0 - lightness);
    let channel = |n: f32| {
        let k = (n + hue_degrees / 30.0) % 12.0;
        let value = lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        (value * 255.0).round() as u8
    };
    (channel(0.0), channel(8.0), channel(4.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_last_word() {
        for (name, wanted) in [
            ("Ada Lovelace", "AL"),
            ("ada", "A"),
            ("Juan de la Cruz", "JC"),
            ("  élodie   (guest) ", "ÉG"),
            ("Ольга Петрова", "ОП"),
            ("7 of 9", "79"),
            ("---", ""),
            ("日本", ""),
            ("\u{202e}\u{0}x", "X"),
        ] {
            assert_eq!(initials(&printable(name)), wanted, "{name:?}");
        }
    }
}
