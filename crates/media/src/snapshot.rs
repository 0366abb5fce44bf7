//! Copies of a canvas as it is at one moment, scaled down, for whoever asks for one.
//!
//! A look costs one scaling on the canvas' thread and nothing when nobody looks. What becomes of the
//! copy is the asker's affair, on the asker's own thread.

use rotunda_codec::{Filter, Frame, scale_into};

/// Takes a copy. Called on a canvas' thread: must not block.
pub type Taker = Box<dyn FnOnce(Frame) + Send>;

/// Looks that may wait for the next tick of a canvas. One that finds no place is dropped, and its
/// asker hears of it by that.
pub(crate) const WAITING: usize = 4;

/// Somebody wants a copy.
pub(crate) struct Snapshot {
    width: u32,
    take: Taker,
}

impl Snapshot {
    /// A copy `width` pixels wide, rounded down to even ones and at most as wide as the canvas.
    pub fn new(width: u32, take: Taker) -> Self {
        Self { width, take }
    }

    /// Hands over the canvas as it is now.
    pub fn at(self, canvas: &Frame) {
        let (w, h) = (canvas.width(), canvas.height());
        let width = self.width.clamp(2, w.max(2)) & !1;
        let height = (width * h / w.max(1)).max(2) & !1;
        let mut copy = Frame::new(width, height);
        let whole = copy.bounds();
        // Refused only for a rectangle that leaves its picture or is empty, and these are whole.
        if scale_into(canvas.view(), None, &mut copy, whole, Filter::Box).is_ok() {
            (self.take)(copy);
        }
    }
}
