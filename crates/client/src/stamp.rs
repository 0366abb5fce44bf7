//! A stamp in a picture that a machine reads after scaling and coding: who, which frame, when.
//!
//! Sixty-four black or white blocks, each a twentieth of the picture's width and a twelfth of its
//! height, so that one is 12 pixels wide even in a cell of 240. Eight bits are a fixed pattern and
//! eight a checksum: a reader that finds no stamp says so.

use crate::probe::{Probe, Seen};
use rotunda_codec::{Frame, FrameView, Rect, Yuv};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

const COLUMNS: u32 = 16;
const ROWS: u32 = 4;
/// Blocks per width and height of the picture, and where the stamp begins.
const GRID: (u32, u32) = (20, 12);
const FIRST: (u32, u32) = (2, 1);
const PATTERN: u64 = 0b1011_0010;
const DARK: Yuv = Yuv { y: 30, u: 128, v: 128 };
const BRIGHT: Yuv = Yuv { y: 220, u: 128, v: 128 };
const MIDDLE: u32 = 125;
/// Readings kept of each cell. When full no more are taken.
const KEPT: usize = 20_000;
/// Milliseconds wrap at 24 bits, after four and a half hours.
const MS_MASK: u64 = 0xFF_FFFF;

/// What a stamp says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Who sent it.
    pub sender: u8,
    /// Number of the frame, modulo 2^16.
    pub number: u16,
    /// Milliseconds of the wall clock when it was drawn, modulo 2^24.
    pub ms: u32,
}

impl Stamp {
    /// One drawn now.
    pub fn now(sender: u8, number: u64) -> Self {
        Self { sender, number: number as u16, ms: wall_ms(SystemTime::now()) }
    }

    /// How long ago it was drawn; milliseconds.
    pub fn age_ms(&self) -> u32 {
        (u64::from(wall_ms(SystemTime::now())).wrapping_sub(u64::from(self.ms)) & MS_MASK) as u32
    }

    fn bits(self) -> u64 {
        let (sender, number) = (u64::from(self.sender), u64::from(self.number));
        let body = (sender << 40) | (number << 24) | (u64::from(self.ms) & MS_MASK);
        (PATTERN << 56) | (body << 8) | u64::from(checksum(body))
    }

    fn from_bits(bits: u64) -> Option<Self> {
        let body = (bits >> 8) & 0xFFFF_FFFF_FFFF;
        let is_whole = bits >> 56 == PATTERN && checksum(body) == bits as u8;
        is_whole.then_some(Self {
            sender: (body >> 40) as u8,
            number: (body >> 24) as u16,
            ms: (body & MS_MASK) as u32,
        })
    }
}

fn wall_ms(at: SystemTime) -> u32 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_millis() as u64 & MS_MASK) as u32
}

/// CRC-8 with polynomial 0x07.
fn checksum(body: u64) -> u8 {
    body.to_be_bytes().iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 == 0 { crc << 1 } else { (crc << 1) ^ 0x07 })
    })
}

/// Draws a stamp into the upper part of a picture.
pub fn draw_stamp(frame: &mut Frame, stamp: Stamp) {
    let (w, h) = (frame.width(), frame.height());
    let bits = stamp.bits();
    for n in 0..COLUMNS * ROWS {
        let (column, row) = (FIRST.0 + n % COLUMNS, FIRST.1 + n / COLUMNS);
        let at = |column: u32, row: u32| (w * column / GRID.0 / 2 * 2, h * row / GRID.1 / 2 * 2);
        let ((x, y), (right, below)) = (at(column, row), at(column + 1, row + 1));
        let colour = if (bits >> (63 - n)) & 1 == 1 { BRIGHT } else { DARK };
        frame.fill_rect(Rect::new(x, y, right - x, below - y), colour);
    }
}

/// Reads the stamp of the picture that is shown in `place`.
pub fn read_stamp(frame: FrameView<'_>, place: Rect) -> Option<Stamp> {
    if place.w < GRID.0 * 4 || place.h < GRID.1 * 4 || !place.fits(frame.width(), frame.height()) {
        return None;
    }
    let bits = (0..COLUMNS * ROWS).fold(0u64, |bits, n| {
        let (column, row) = (FIRST.0 + n % COLUMNS, FIRST.1 + n / COLUMNS);
        (bits << 1) | u64::from(block(frame, place, column, row) > MIDDLE)
    });
    Stamp::from_bits(bits)
}

/// Mean luma of the middle half of a block.
fn block(frame: FrameView<'_>, place: Rect, column: u32, row: u32) -> u32 {
    let (width, height) = (place.w / GRID.0, place.h / GRID.1);
    let x = place.x + place.w * column / GRID.0 + width / 4;
    let y = place.y + place.h * row / GRID.1 + height / 4;
    let (w, h) = ((width / 2).max(1), (height / 2).max(1));
    let (luma, stride) = (frame.planes().0, frame.strides().0);
    let row_sum = |y: u32| -> u32 {
        let start = y as usize * stride + x as usize;
        luma[start..start + w as usize].iter().map(|v| u32::from(*v)).sum()
    };
    (y..y + h).map(row_sum).sum::<u32>() / (w * h)
}

/// One reading.
#[derive(Clone, Copy, Debug)]
pub struct StampSeen {
    /// What it says.
    pub stamp: Stamp,
    /// When the picture that holds it arrived.
    pub at: Instant,
    /// Milliseconds from drawing it to reading it.
    pub delay_ms: u32,
}

/// A probe that reads the stamps of cells.
#[derive(Debug, Default)]
pub struct StampReader {
    cells: Vec<Rect>,
    /// Readings of each cell, in the order of the cells; one for each picture with a new stamp.
    pub seen: Vec<Vec<StampSeen>>,
    /// Pictures looked at.
    pub pictures: u64,
    /// Cells that could not be read, pictures times cells.
    pub unreadable: u64,
}

impl StampReader {
    /// Reads the pictures shown in `cells`.
    pub fn new(cells: Vec<Rect>) -> Self {
        let seen = vec![Vec::new(); cells.len()];
        Self { cells, seen, ..Self::default() }
    }

    /// Reads other cells from now on; forgets what was read.
    pub fn watch(&mut self, cells: Vec<Rect>) {
        *self = Self::new(cells);
    }
}

impl Probe for StampReader {
    fn picture(&mut self, seen: &Seen<'_>) {
        self.pictures += 1;
        for (place, readings) in self.cells.iter().zip(&mut self.seen) {
            let Some(stamp) = read_stamp(seen.frame, *place) else {
                self.unreadable += 1;
                continue;
            };
            let is_new = readings.last().is_none_or(|last| last.stamp != stamp);
            if is_new && readings.len() < KEPT {
                let reading = StampSeen { stamp, at: seen.arrived, delay_ms: stamp.age_ms() };
                readings.push(reading);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_codec::{Filter, scale_into};

    #[test]
    fn a_stamp_is_read_after_scaling_to_a_cell_of_320_by_180() {
        let mut frame = Frame::new(640, 360);
        frame.fill(Yuv::from_rgb(90, 120, 40));
        let stamp = Stamp { sender: 7, number: 54_321, ms: 0xABCDE };
        draw_stamp(&mut frame, stamp);
        let mut canvas = Frame::new(1280, 720);
        let cell = Rect::new(322, 182, 316, 178);
        scale_into(frame.view(), None, &mut canvas, cell, Filter::Auto).unwrap();
        assert_eq!(read_stamp(canvas.view(), cell), Some(stamp));
        let roughly = Rect::new(320, 180, 320, 180);
        assert_eq!(read_stamp(canvas.view(), roughly), Some(stamp), "the gutter does not matter");
    }

    #[test]
    fn a_picture_without_a_stamp_has_none() {
        let mut frame = Frame::new(640, 360);
        for luma in [16, 124, 126, 235] {
            frame.fill(Yuv { y: luma, u: 128, v: 128 });
            assert_eq!(read_stamp(frame.view(), frame.bounds()), None);
        }
        assert_eq!(read_stamp(frame.view(), Rect::new(0, 0, 700, 360)), None);
    }

    #[test]
    fn one_wrong_block_is_noticed() {
        let bits = Stamp { sender: 1, number: 2, ms: 3 }.bits();
        assert!((0..64).all(|n| Stamp::from_bits(bits ^ 1 << n).is_none()));
    }
}
