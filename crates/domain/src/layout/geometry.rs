//! Rectangles: a layout's, in fractions of the canvas, and those of a canvas of a certain size, in
//! pixels.
//!
//! [`Cell::on`] alone says which pixels a cell has. What is drawn and what `layout.changed` names both
//! come from its answer, so that neither can differ from the other.

/// Width of the gap between two cells on a 1280-wide canvas, before rounding to even numbers.
const GAP_AT_1280: u32 = 3;
/// A cell that is not longer than this many gaps has none to spare.
const GAPS_IN_SMALLEST: u32 = 4;

/// A rectangle in percent of the canvas, origin at the top left; the numbers of `layout.changed`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Left edge, 0–100.
    pub x: f64,
    /// Top edge, 0–100.
    pub y: f64,
    /// Width, 0–100.
    pub width: f64,
    /// Height, 0–100.
    pub height: f64,
}

/// Width and height of a canvas in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Even.
    pub width: u32,
    /// Even.
    pub height: u32,
}

/// A rectangle in pixels of a canvas. All numbers are even, because I420 halves its chroma planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Cell {
    /// The whole canvas.
    pub const FULL: Cell = Cell { x: 0.0, y: 0.0, width: 100.0, height: 100.0 };

    /// A cell `w`×`h` units large at (`x`, `y`) on a grid of `columns`×`rows` units, rounded to
    /// four decimals of a percent.
    pub(crate) fn on_grid(x: u32, y: u32, w: u32, h: u32, columns: u32, rows: u32) -> Self {
        let part = |n: u32, of: u32| four_decimals(f64::from(n) * 100.0 / f64::from(of));
        Self {
            x: part(x, columns),
            y: part(y, rows),
            width: part(w, columns),
            height: part(h, rows),
        }
    }

    /// The pixels in which whoever has this cell is drawn on a canvas of `size`. Never leaves the
    /// canvas; may be empty.
    ///
    /// Each edge is rounded by itself, so that cells that share one in percent share it in pixels. The
    /// gap is cut off left and top only, so that those of neighbours do not add up; a cell that is the
    /// whole canvas has none, nor has one too small to spare it.
    pub fn on(self, size: Size) -> Area {
        let (left, right) = (edge(self.x, size.width), edge(self.x + self.width, size.width));
        let (top, bottom) = (edge(self.y, size.height), edge(self.y + self.height, size.height));
        let (width, height) = (right.saturating_sub(left), bottom.saturating_sub(top));
        let gap = size.gap();
        let is_full = (width, height) == (size.width, size.height);
        let is_small = width.min(height) <= gap * GAPS_IN_SMALLEST;
        let gap = if is_full || is_small { 0 } else { gap };
        Area { x: left + gap, y: top + gap, width: width - gap, height: height - gap }
    }
}

impl Size {
    /// A canvas that stands upright where this one lies.
    pub(crate) fn turned(self) -> Self {
        Self { width: self.height, height: self.width }
    }

    /// The gap between two cells: 3 px at 1280, in proportion, to the even number nearest (4 at 1280
    /// and at 1920, none below 427).
    fn gap(self) -> u32 {
        let half = f64::from(GAP_AT_1280) * f64::from(self.width) / 1280.0 / 2.0;
        half.round() as u32 * 2
    }
}

impl Area {
    /// The same in percent of a canvas of `size`, to four decimals: less than a hundredth of a pixel.
    pub fn percent_of(self, size: Size) -> Cell {
        let part = |n: u32, of: u32| four_decimals(f64::from(n) * 100.0 / f64::from(of.max(1)));
        Cell {
            x: part(self.x, size.width),
            y: part(self.y, size.height),
            width: part(self.width, size.width),
            height: part(self.height, size.height),
        }
    }
}

/// The even pixel nearest. What is no number becomes zero (`as` saturates).
fn edge(percent: f64, side: u32) -> u32 {
    let half = (percent / 100.0 * f64::from(side) / 2.0).round();
    (half as u32).min(side / 2) * 2
}

fn four_decimals(percent: f64) -> f64 {
    (percent * 1e4).round() / 1e4
}

#[cfg(test)]
#[path = "geometry_tests.rs"]
mod tests;
