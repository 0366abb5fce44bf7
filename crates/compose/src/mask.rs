//! A stencil: how much of a colour each pixel takes on.
//!
//! Lettering, discs and strips are all stencils, made once and laid on many frames. Knows no text.

use rotunda_codec::{Frame, Yuv};

/// The longest side of a stencil, in pixels.
const MASK_SIDE_MAX: u32 = 4096;

/// Coverage per pixel, 0–255; sides are even.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    width: u32,
    height: u32,
    alpha: Vec<u8>,
}

impl Mask {
    /// A stencil of at least `width`×`height` (rounded up to even numbers, held below 4096);
    /// `coverage` gives 0.0–1.0 at the middle of each pixel.
    pub fn from_fn(width: u32, height: u32, coverage: impl Fn(f32, f32) -> f32) -> Mask {
        let mut mask = Mask::empty(width, height);
        for y in 0..mask.height {
            for x in 0..mask.width {
                mask.cover(x, y, coverage(x as f32 + 0.5, y as f32 + 0.5));
            }
        }
        mask
    }

    /// A stencil that covers nothing yet.
    pub(crate) fn empty(width: u32, height: u32) -> Mask {
        let width = width.min(MASK_SIDE_MAX).next_multiple_of(2);
        let height = height.min(MASK_SIDE_MAX).next_multiple_of(2);
        Mask { width, height, alpha: vec![0; width as usize * height as usize] }
    }

    /// A disc with a soft edge.
    pub fn disc(diameter: u32) -> Mask {
        let radius = diameter as f32 / 2.0;
        Mask::from_fn(diameter, diameter, |x, y| radius - (x - radius).hypot(y - radius) + 0.5)
    }

    /// A rectangle with rounded corners.
    pub fn rounded(width: u32, height: u32, radius: u32) -> Mask {
        let (w, h, r) = (width as f32, height as f32, radius as f32);
        Mask::from_fn(width, height, |x, y| {
            // Distance from the rectangle that is smaller by the radius on all sides.
            let dx = (r - x).max(x - (w - r)).max(0.0);
            let dy = (r - y).max(y - (h - r)).max(0.0);
            r - dx.hypot(dy) + 0.5
        })
    }

    /// Adds coverage at a pixel; outside the stencil nothing happens.
    pub(crate) fn cover(&mut self, x: u32, y: u32, coverage: f32) {
        if x < self.width && y < self.height {
            let at = y as usize * self.width as usize + x as usize;
            let more = (coverage.clamp(0.0, 1.0) * 255.0).round() as u8;
            self.alpha[at] = self.alpha[at].saturating_add(more);
        }
    }

    /// Width in pixels, even.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, even.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Lays the stencil on `frame` with its upper left corner at (`x`, `y`), rounded down to
    /// even numbers, and paints through it with `opacity` (255 is solid). Clipped to the frame.
    pub fn blend(&self, frame: &mut Frame, x: u32, y: u32, colour: Yuv, opacity: u8) {
        let (x, y) = (x & !1, y & !1);
        let w = self.width.min(frame.width().saturating_sub(x)) as usize;
        let h = self.height.min(frame.height().saturating_sub(y)) as usize;
        let (x, y, stride) = (x as usize, y as usize, self.width as usize);
        let planes = frame.planes_mut();
        for row in 0..h {
            let alpha = &self.alpha[row * stride..][..w];
            let luma = &mut planes.y[(y + row) * planes.stride_y + x..][..w];
            for (pixel, &a) in luma.iter_mut().zip(alpha) {
                *pixel = mixed(*pixel, colour.y, u32::from(a) * u32::from(opacity), 255 * 255);
            }
        }
        for row in 0..h / 2 {
            let at = (y / 2 + row) * planes.stride_uv + x / 2;
            let u = &mut planes.u[at..][..w / 2];
            let v = &mut planes.v[at..][..w / 2];
            for (column, (u, v)) in u.iter_mut().zip(v).enumerate() {
                let a = self.block(column * 2, row * 2) * u32::from(opacity);
                *u = mixed(*u, colour.u, a, 4 * 255 * 255);
                *v = mixed(*v, colour.v, a, 4 * 255 * 255);
            }
        }
    }

    /// The sum of the four pixels that share a chroma sample.
    fn block(&self, x: usize, y: usize) -> u32 {
        let stride = self.width as usize;
        let (upper, lower) = (&self.alpha[y * stride + x..], &self.alpha[(y + 1) * stride + x..]);
        [upper[0], upper[1], lower[0], lower[1]].into_iter().map(u32::from).sum()
    }
}

fn mixed(under: u8, over: u8, part: u32, whole: u32) -> u8 {
    ((u32::from(under) * (whole - part) + u32::from(over) * part + whole / 2) / whole) as u8
}
