//! The name in the lower left corner of a cell, on a translucent strip.
//!
//! Made once per name and cell size, drawn over the picture on every frame.

use rotunda_codec::{Frame, Rect, Yuv};

use crate::label::Label;
use crate::mask::Mask;

const STRIP: Yuv = Yuv::from_rgb(0x0c, 0x0e, 0x12);
const TEXT: Yuv = Yuv::from_rgb(0xf0, 0xf2, 0xf5);
/// Six tenths: white letters stay readable over a white wall.
const STRIP_OPACITY: u8 = 153;
/// Cells lower or narrower than this carry no name: it would cover the face.
const CELL_MIN: u32 = 64;

/// A rasterised name banner.
#[derive(Debug, Clone)]
pub struct Banner {
    label: Label,
    strip: Mask,
    pad: u32,
    margin: u32,
}

impl Banner {
    /// The banner for `name` in a cell of this size; `None` if the cell is too small or nothing
    /// of the name can be shown.
    pub fn new(name: &str, cell_w: u32, cell_h: u32) -> Option<Banner> {
        if cell_w < CELL_MIN || cell_h < CELL_MIN {
            return None;
        }
        let px = (cell_h / 18).clamp(12, 32);
        let (pad, margin) = ((px / 2) & !1, (px / 3) & !1);
        let label = Label::new(name, px, cell_w.saturating_sub(2 * (pad + margin)));
        if label.width() == 0 {
            return None;
        }
        let strip = Mask::rounded(label.width() + 2 * pad, label.height() + pad, px / 3);
        Some(Banner { label, strip, pad, margin })
    }

    /// Draws it over the lower left corner of `cell`.
    pub fn draw(&self, canvas: &mut Frame, cell: Rect) {
        let x = cell.x + self.margin;
        let bottom = (cell.y + cell.h).saturating_sub(self.margin);
        let y = bottom.saturating_sub(self.strip.height()) & !1;
        self.strip.blend(canvas, x, y, STRIP, STRIP_OPACITY);
        self.label.blend(canvas, x + self.pad, y + self.pad / 2, TEXT);
    }
}
