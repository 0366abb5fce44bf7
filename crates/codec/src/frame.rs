//! Pictures in memory: an owned I420 frame and a borrowed view of one.
//!
//! I420 is what every codec here eats and gives: a full plane of luma, then two chroma planes of
//! half width and height. Colours are BT.601 limited range throughout. Knows no codec.

/// The longest side of a frame, in pixels; nothing here allocates more than 4096×4096.
pub const MAX_SIDE: u32 = 4096;

/// Bytes kept readable behind the last plane: libyuv's bilinear column filter looks one pixel
/// past the end of a row, and the last row of the last plane has no next row.
const SLACK: usize = 64;

/// The two video codecs a browser is sure to speak (RFC 7742 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VideoCodec {
    /// RFC 6386.
    Vp8,
    /// H.264, constrained baseline when encoding.
    H264,
}

impl VideoCodec {
    /// Each of them, in the order in which a canvas is encoded.
    pub const ALL: [Self; 2] = [Self::H264, Self::Vp8];

    /// Its place in [`VideoCodec::ALL`].
    pub fn index(self) -> usize {
        match self {
            Self::H264 => 0,
            Self::Vp8 => 1,
        }
    }
}

/// One colour, BT.601 limited range (Y 16–235, U and V 16–240, 128 is grey).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Yuv {
    /// Luma.
    pub y: u8,
    /// Blue difference.
    pub u: u8,
    /// Red difference.
    pub v: u8,
}

impl Yuv {
    /// Black, limited range.
    pub const BLACK: Yuv = Yuv { y: 16, u: 128, v: 128 };
    /// White, limited range.
    pub const WHITE: Yuv = Yuv { y: 235, u: 128, v: 128 };

    /// The BT.601 limited-range colour nearest to full-range RGB.
    ///
    /// Source: ITU-R BT.601 section 2.5, in 16-bit fixed point (error below half a step).
    pub const fn from_rgb(r: u8, g: u8, b: u8) -> Yuv {
        let (r, g, b) = (r as i32, g as i32, b as i32);
        let y = (16_829 * r + 33_039 * g + 6_416 * b + 32_768) >> 16;
        let u = (-9_714 * r - 19_071 * g + 28_784 * b + 32_768) >> 16;
        let v = (28_784 * r - 24_103 * g - 4_681 * b + 32_768) >> 16;
        Yuv { y: (y + 16) as u8, u: (u + 128) as u8, v: (v + 128) as u8 }
    }
}

/// A rectangle in pixels, origin at the upper left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Rect {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}

impl Rect {
    /// The rectangle at (`x`, `y`) with width `w` and height `h`.
    pub const fn new(x: u32, y: u32, w: u32, h: u32) -> Rect {
        Rect { x, y, w, h }
    }

    /// The same rectangle with position and size rounded down to even numbers, because I420
    /// halves its chroma planes.
    pub const fn even(self) -> Rect {
        Rect { x: self.x & !1, y: self.y & !1, w: self.w & !1, h: self.h & !1 }
    }

    /// The part of `self` that lies inside a `w`×`h` picture; empty if there is none.
    pub fn clamp_to(self, w: u32, h: u32) -> Rect {
        let (x, y) = (self.x.min(w), self.y.min(h));
        Rect { x, y, w: self.w.min(w - x), h: self.h.min(h - y) }
    }

    /// Whether the rectangle lies inside a `w`×`h` picture; never overflows.
    pub const fn fits(self, w: u32, h: u32) -> bool {
        self.x <= w && self.y <= h && self.w <= w - self.x && self.h <= h - self.y
    }

    /// Whether it covers no pixel.
    pub const fn is_empty(self) -> bool {
        self.w == 0 || self.h == 0
    }
}

/// An owned I420 picture of even width and height, planes tightly packed one behind the other.
#[derive(Clone)]
pub struct Frame {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

/// The three planes of a frame, to write into.
pub struct PlanesMut<'a> {
    /// Luma.
    pub y: &'a mut [u8],
    /// Blue difference.
    pub u: &'a mut [u8],
    /// Red difference.
    pub v: &'a mut [u8],
    /// Bytes from one luma row to the next.
    pub stride_y: usize,
    /// Bytes from one chroma row to the next.
    pub stride_uv: usize,
}

fn usable_side(side: u32) -> u32 {
    side.clamp(2, MAX_SIDE) & !1
}

impl Frame {
    /// A black frame. Sides are rounded down to even numbers and held within 2 to [`MAX_SIDE`].
    pub fn new(width: u32, height: u32) -> Frame {
        let mut frame = Frame::empty();
        frame.resize(width, height);
        frame.fill(Yuv::BLACK);
        frame
    }

    /// A frame from tightly packed I420 bytes; `None` unless both sides are even, within 2 to
    /// [`MAX_SIDE`], and `bytes` is exactly `width * height * 3 / 2` long.
    pub fn from_i420(width: u32, height: u32, bytes: &[u8]) -> Option<Frame> {
        if usable_side(width) != width || usable_side(height) != height {
            return None;
        }
        let mut frame = Frame::empty();
        frame.resize(width, height);
        if bytes.len() != frame.as_i420().len() {
            return None;
        }
        frame.as_i420_mut().copy_from_slice(bytes);
        Some(frame)
    }

    /// Changes the size, rounded and held as in [`Frame::new`]; the picture is undefined after.
    pub fn resize(&mut self, width: u32, height: u32) {
        let (width, height) = (usable_side(width), usable_side(height));
        let luma = width as usize * height as usize;
        self.bytes.resize(luma / 2 * 3 + SLACK, 0);
        self.width = width;
        self.height = height;
    }

    /// Width in pixels, even.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, even.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The whole frame as a rectangle.
    pub fn bounds(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// One without a picture and without memory, to be resized before anything else.
    pub(crate) fn empty() -> Frame {
        Frame { width: 0, height: 0, bytes: Vec::new() }
    }

    fn luma_len(&self) -> usize {
        self.width as usize * self.height as usize
    }

    /// The three planes behind one another, tightly packed.
    pub fn as_i420(&self) -> &[u8] {
        &self.bytes[..self.luma_len() / 2 * 3]
    }

    /// The three planes behind one another, to be written (by a pipe, for instance).
    pub fn as_i420_mut(&mut self) -> &mut [u8] {
        let len = self.luma_len() / 2 * 3;
        &mut self.bytes[..len]
    }

    /// The frame, borrowed.
    pub fn view(&self) -> FrameView<'_> {
        let luma = self.luma_len();
        let (y, chroma) = self.as_i420().split_at(luma);
        let (u, v) = chroma.split_at(luma / 4);
        let stride_y = self.width as usize;
        FrameView {
            y,
            u,
            v,
            stride_y,
            stride_uv: stride_y / 2,
            width: self.width,
            height: self.height,
        }
    }

    /// The planes, to write into.
    pub fn planes_mut(&mut self) -> PlanesMut<'_> {
        let (luma, stride_y) = (self.luma_len(), self.width as usize);
        let (y, chroma) = self.as_i420_mut().split_at_mut(luma);
        let (u, v) = chroma.split_at_mut(luma / 4);
        PlanesMut { y, u, v, stride_y, stride_uv: stride_y / 2 }
    }

    /// Paints everything one colour.
    pub fn fill(&mut self, colour: Yuv) {
        let planes = self.planes_mut();
        planes.y.fill(colour.y);
        planes.u.fill(colour.u);
        planes.v.fill(colour.v);
    }

    /// Paints a rectangle: clipped to the frame, edges rounded down to even numbers.
    pub fn fill_rect(&mut self, rect: Rect, colour: Yuv) {
        let clipped = rect.clamp_to(self.width, self.height);
        let (left, top) = ((clipped.x & !1) as usize, (clipped.y & !1) as usize);
        let right = ((clipped.x + clipped.w) & !1) as usize;
        let bottom = ((clipped.y + clipped.h) & !1) as usize;
        let planes = self.planes_mut();
        for row in top..bottom {
            planes.y[row * planes.stride_y..][left..right].fill(colour.y);
        }
        for row in top / 2..bottom / 2 {
            let start = row * planes.stride_uv;
            planes.u[start..][left / 2..right / 2].fill(colour.u);
            planes.v[start..][left / 2..right / 2].fill(colour.v);
        }
    }

    /// The colour at a pixel; black outside the frame.
    pub fn pixel(&self, x: u32, y: u32) -> Yuv {
        self.view().pixel(x, y)
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame {}x{}", self.width, self.height)
    }
}

/// A borrowed I420 picture, perhaps inside a decoder's own buffers.
///
/// Invariant, relied upon by the scaler's `unsafe`: width and height are even, at least 2 and at
/// most [`MAX_SIDE`]; every row of every plane lies inside its slice. Only this crate makes one,
/// and only over memory that goes on for a few readable bytes behind the last plane.
#[derive(Clone, Copy)]
pub struct FrameView<'a> {
    y: &'a [u8],
    u: &'a [u8],
    v: &'a [u8],
    stride_y: usize,
    stride_uv: usize,
    width: u32,
    height: u32,
}

impl<'a> FrameView<'a> {
    /// A view over foreign planes; odd sizes lose their last row or column. `None` if a plane is
    /// too short for its stride and size, or the size is out of range.
    pub(crate) fn new(
        (y, u, v): (&'a [u8], &'a [u8], &'a [u8]),
        (stride_y, stride_uv): (usize, usize),
        (width, height): (u32, u32),
    ) -> Option<FrameView<'a>> {
        let (width, height) = (width & !1, height & !1);
        let sides = 2..=MAX_SIDE;
        if !sides.contains(&width) || !sides.contains(&height) {
            return None;
        }
        let holds = |plane: &[u8], stride: usize, w: u32, h: u32| {
            let last = stride.checked_mul(h as usize - 1).and_then(|n| n.checked_add(w as usize));
            stride >= w as usize
                && stride <= i32::MAX as usize
                && last.is_some_and(|len| plane.len() >= len)
        };
        let whole = holds(y, stride_y, width, height)
            && holds(u, stride_uv, width / 2, height / 2)
            && holds(v, stride_uv, width / 2, height / 2);
        whole.then_some(FrameView { y, u, v, stride_y, stride_uv, width, height })
    }

    /// Width in pixels, even.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, even.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Luma, blue difference, red difference.
    pub fn planes(&self) -> (&'a [u8], &'a [u8], &'a [u8]) {
        (self.y, self.u, self.v)
    }

    /// Bytes from row to row: luma, chroma.
    pub fn strides(&self) -> (usize, usize) {
        (self.stride_y, self.stride_uv)
    }

    /// The colour at a pixel; black outside the picture.
    pub fn pixel(&self, x: u32, y: u32) -> Yuv {
        if x >= self.width || y >= self.height {
            return Yuv::BLACK;
        }
        let (x, y) = (x as usize, y as usize);
        let chroma = y / 2 * self.stride_uv + x / 2;
        Yuv { y: self.y[y * self.stride_y + x], u: self.u[chroma], v: self.v[chroma] }
    }
}
