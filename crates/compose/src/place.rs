//! Where a picture goes in its cell: letterbox and crop.
//!
//! Everything comes out on even coordinates, because I420 halves its chroma planes. Knows
//! rectangles only; where cells are, and which member sits in which, is decided elsewhere.

use rotunda_codec::Rect;

/// Bars thinner than this part of a side are not worth painting: the picture is stretched over
/// them. (A 16:9 camera in a 16:9 cell less its gap is off by under one percent.)
const STRETCH_LIMIT: f64 = 0.02;

/// The largest rectangle of the source's aspect inside `cell`, centred, even.
///
/// A source of (nearly) the cell's aspect, or of no size, fills it. Never leaves the cell.
pub fn letterbox(src_w: u32, src_h: u32, cell: Rect) -> Rect {
    let cell = cell.even();
    if src_w == 0 || src_h == 0 || cell.is_empty() {
        return cell;
    }
    let scale = fit_scale(src_w, src_h, cell);
    let w = fitted(src_w, scale, cell.w);
    let h = fitted(src_h, scale, cell.h);
    let (left, top) = (((cell.w - w) / 2) & !1, ((cell.h - h) / 2) & !1);
    Rect::new(cell.x + left, cell.y + top, w, h)
}

fn fit_scale(src_w: u32, src_h: u32, cell: Rect) -> f64 {
    let across = f64::from(cell.w) / f64::from(src_w);
    let down = f64::from(cell.h) / f64::from(src_h);
    across.min(down)
}

/// The scaled side: even, at least 2, and the whole cell if the bars would be hairlines.
fn fitted(src: u32, scale: f64, cell: u32) -> u32 {
    let side = ((f64::from(src) * scale / 2.0).round() as u32 * 2).clamp(2, cell.max(2));
    let bars = f64::from(cell - side.min(cell)) / f64::from(cell);
    if bars < STRETCH_LIMIT { cell } else { side }
}

/// The largest centred part of the source that has the cell's aspect: scaled into the cell it
/// fills it, and the rest of the source is not shown. Even, inside the source.
pub fn crop_fill(src_w: u32, src_h: u32, cell_w: u32, cell_h: u32) -> Rect {
    let (src_w, src_h) = (src_w & !1, src_h & !1);
    let whole = Rect::new(0, 0, src_w, src_h);
    if whole.is_empty() || cell_w == 0 || cell_h == 0 {
        return whole;
    }
    let scale = fit_scale(cell_w, cell_h, whole);
    let (w, h) = (fitted(cell_w, scale, src_w), fitted(cell_h, scale, src_h));
    Rect::new(((src_w - w) / 2) & !1, ((src_h - h) / 2) & !1, w, h)
}
