//! Rectangles as fractions of the canvas, before anybody knows its size in pixels.

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

impl Cell {
    /// The whole canvas.
    pub const FULL: Cell = Cell { x: 0.0, y: 0.0, width: 100.0, height: 100.0 };

    /// A cell `w`×`h` units large at (`x`, `y`) on a grid of `columns`×`rows` units, rounded to
    /// four decimals of a percent.
    pub(crate) fn on_grid(x: u32, y: u32, w: u32, h: u32, columns: u32, rows: u32) -> Self {
        let part = |n: u32, of: u32| (f64::from(n) * 1e6 / f64::from(of)).round() / 1e4;
        Self {
            x: part(x, columns),
            y: part(y, rows),
            width: part(w, columns),
            height: part(h, rows),
        }
    }
}
