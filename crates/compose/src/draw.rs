//! Drawing a source into its cell of the canvas.
//!
//! Only what the picture leaves free is painted with the background: the picture itself is
//! scaled straight over the old one. Decides nothing about who is shown.

use rotunda_codec::{Filter, Frame, FrameView, Rect, Yuv, scale_into};

use crate::place::{crop_fill, letterbox};

/// What shows where no member is: #15181d.
pub const BACKGROUND: Yuv = Yuv::from_rgb(0x15, 0x18, 0x1d);

/// What happens to a source whose aspect is not its cell's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fit {
    /// All of it is shown, between bars.
    #[default]
    Letterbox,
    /// The cell is filled; what overhangs is not shown.
    Crop,
}

/// Paints the whole canvas with the background, as every change of layout must: the new one may
/// leave free what the old one covered.
pub fn clear(canvas: &mut Frame) {
    canvas.fill(BACKGROUND);
}

/// Draws `source` into `cell` (bars included) and says which rectangle it covers;
/// `None` if the cell lies outside the canvas or is empty.
pub fn draw_cell(canvas: &mut Frame, cell: Rect, source: FrameView<'_>, fit: Fit) -> Option<Rect> {
    draw_cell_with(canvas, cell, source, fit, Filter::Auto)
}

/// [`draw_cell`] with a filter of one's choice (nearest, for a machine that cannot keep up).
pub fn draw_cell_with(
    canvas: &mut Frame,
    cell: Rect,
    source: FrameView<'_>,
    fit: Fit,
    filter: Filter,
) -> Option<Rect> {
    let cell = cell.clamp_to(canvas.width(), canvas.height()).even();
    if cell.is_empty() {
        return None;
    }
    let (crop, picture) = match fit {
        Fit::Letterbox => (None, letterbox(source.width(), source.height(), cell)),
        Fit::Crop => {
            let crop = crop_fill(source.width(), source.height(), cell.w, cell.h);
            (Some(crop), cell)
        }
    };
    fill_around(canvas, cell, picture, BACKGROUND);
    // Both rectangles were made to fit; a refusal would leave the old picture, no worse.
    scale_into(source, crop, canvas, picture, filter).ok().map(|()| picture)
}

/// Paints `outer` except `inner`, which must lie inside it.
pub fn fill_around(canvas: &mut Frame, outer: Rect, inner: Rect, colour: Yuv) {
    let (right, bottom) = (outer.x + outer.w, outer.y + outer.h);
    let (inner_right, inner_bottom) = (inner.x + inner.w, inner.y + inner.h);
    let above = Rect::new(outer.x, outer.y, outer.w, inner.y.saturating_sub(outer.y));
    let below = Rect::new(outer.x, inner_bottom, outer.w, bottom.saturating_sub(inner_bottom));
    let left = Rect::new(outer.x, inner.y, inner.x.saturating_sub(outer.x), inner.h);
    let beside = Rect::new(inner_right, inner.y, right.saturating_sub(inner_right), inner.h);
    for bar in [above, below, left, beside] {
        if !bar.is_empty() {
            canvas.fill_rect(bar, colour);
        }
    }
}
