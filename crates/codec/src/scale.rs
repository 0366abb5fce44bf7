//! Scaling, cropping, copying and turning of pictures through libyuv.
//!
//! A camera is scaled straight into its rectangle of the canvas: one pass, no buffer in between.
//! All bounds are checked here in safe code; libyuv is then told rectangles that cannot miss.
//! Knows nothing of layouts.

use std::ffi::c_int;

use crate::frame::{Frame, FrameView, Rect};
use crate::shrink::shrink;

/// How pixels are averaged when the size changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// Box when anything shrinks, bilinear when it grows, plain copy when sizes agree.
    #[default]
    Auto,
    /// Nearest pixel: cheapest, for the overload ladder.
    Nearest,
    /// Two by two neighbours.
    Bilinear,
    /// The mean of all covered pixels: the right one for half size and below.
    Box,
}

/// A turn, clockwise, as the RTP header extension for video orientation counts it
/// (3GPP TS 26.114 section 7.4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rotation {
    /// As it is.
    #[default]
    Deg0,
    /// A quarter clockwise.
    Deg90,
    /// Upside down.
    Deg180,
    /// A quarter counter-clockwise.
    Deg270,
}

impl Rotation {
    /// From clockwise degrees; `None` unless 0, 90, 180 or 270.
    pub fn from_degrees(degrees: u32) -> Option<Rotation> {
        match degrees {
            0 => Some(Rotation::Deg0),
            90 => Some(Rotation::Deg90),
            180 => Some(Rotation::Deg180),
            270 => Some(Rotation::Deg270),
            _ => None,
        }
    }

    fn degrees(self) -> c_int {
        match self {
            Rotation::Deg0 => 0,
            Rotation::Deg90 => 90,
            Rotation::Deg180 => 180,
            Rotation::Deg270 => 270,
        }
    }
}

/// Why a picture was not scaled; the destination is unchanged.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ScaleError {
    /// The rectangle (after rounding to even) covers nothing.
    #[error("the {which} rectangle is empty")]
    Empty {
        /// `source` or `destination`.
        which: &'static str,
    },
    /// The rectangle leaves its picture.
    #[error("the {which} rectangle {rect:?} leaves its picture")]
    OutOfBounds {
        /// `source` or `destination`.
        which: &'static str,
        /// The offending rectangle.
        rect: Rect,
    },
}

fn checked(which: &'static str, rect: Rect, w: u32, h: u32) -> Result<Rect, ScaleError> {
    if !rect.fits(w, h) {
        return Err(ScaleError::OutOfBounds { which, rect });
    }
    let even = rect.even();
    if even.is_empty() { Err(ScaleError::Empty { which }) } else { Ok(even) }
}

/// Scales `src` (or its part `src_crop`) into the rectangle `dst_rect` of `dst`.
///
/// Both rectangles are rounded down to even positions and sizes; the aspect is the caller's.
///
/// # Errors
/// [`ScaleError`] if a rectangle leaves its picture or is empty.
pub fn scale_into(
    src: FrameView<'_>,
    src_crop: Option<Rect>,
    dst: &mut Frame,
    dst_rect: Rect,
    filter: Filter,
) -> Result<(), ScaleError> {
    let whole = Rect::new(0, 0, src.width(), src.height());
    let from = checked("source", src_crop.unwrap_or(whole), src.width(), src.height())?;
    let to = checked("destination", dst_rect, dst.width(), dst.height())?;
    // libyuv, too, takes its box filter for bilinear while more than half remains.
    let is_smooth = matches!(filter, Filter::Auto | Filter::Bilinear | Filter::Box);
    if is_smooth && shrink(src, from, dst, to) {
        return Ok(());
    }
    let source = Source::of(src, from);
    let target = Target::of(dst, to);
    if (from.w, from.h) == (to.w, to.h) {
        source.copy_to(&target);
    } else {
        source.scale_to(&target, filter.mode(from, to));
    }
    Ok(())
}

/// Turns `src` into `dst`, which takes the (perhaps exchanged) size.
pub fn rotate(src: FrameView<'_>, rotation: Rotation, dst: &mut Frame) {
    let (w, h) = match rotation {
        Rotation::Deg0 | Rotation::Deg180 => (src.width(), src.height()),
        Rotation::Deg90 | Rotation::Deg270 => (src.height(), src.width()),
    };
    dst.resize(w, h);
    let bounds = dst.bounds();
    let source = Source::of(src, Rect::new(0, 0, src.width(), src.height()));
    source.rotate_to(&Target::of(dst, bounds), rotation);
}

impl Frame {
    /// A frame that holds what `view` shows.
    pub fn copy_of(view: FrameView<'_>) -> Frame {
        let mut frame = Frame::empty();
        frame.copy_from(view);
        frame
    }

    /// Takes over the size and the picture of `view`; keeps its allocation where it can.
    pub fn copy_from(&mut self, view: FrameView<'_>) {
        self.resize(view.width(), view.height());
        // A view never leaves the range a frame can have, so both sides agree; should they ever not,
        // the common part is copied.
        debug_assert_eq!((self.width(), self.height()), (view.width(), view.height()));
        let common = self.bounds().clamp_to(view.width(), view.height());
        Source::of(view, common).copy_to(&Target::of(self, common));
    }
}

impl Filter {
    /// libyuv's `FilterMode` (scale.h): none 0, linear 1, bilinear 2, box 3.
    fn mode(self, from: Rect, to: Rect) -> c_int {
        match self {
            Filter::Nearest => 0,
            Filter::Bilinear => 2,
            Filter::Box => 3,
            Filter::Auto if to.w < from.w || to.h < from.h => 3,
            Filter::Auto => 2,
        }
    }
}

/// Pointers to the upper left pixel of a part of a view; valid as long as the view is borrowed.
struct Source<'a> {
    planes: [&'a [u8]; 3],
    strides: [c_int; 3],
    w: c_int,
    h: c_int,
}

/// The same for a part of a frame that is written.
struct Target<'a> {
    planes: [*mut u8; 3],
    strides: [c_int; 3],
    w: c_int,
    h: c_int,
    frame: std::marker::PhantomData<&'a mut Frame>,
}

/// Offsets of the pixel (x, y) in the luma and the chroma planes; `x` and `y` are even.
fn offsets(part: Rect, stride_y: usize, stride_uv: usize) -> (usize, usize) {
    let (x, y) = (part.x as usize, part.y as usize);
    (y * stride_y + x, y / 2 * stride_uv + x / 2)
}

impl<'a> Source<'a> {
    /// `part` must lie inside `view` and be even.
    fn of(view: FrameView<'a>, part: Rect) -> Source<'a> {
        let (stride_y, stride_uv) = view.strides();
        let (luma, chroma) = offsets(part, stride_y, stride_uv);
        let (y, u, v) = view.planes();
        Source {
            planes: [&y[luma..], &u[chroma..], &v[chroma..]],
            strides: [stride_y as c_int, stride_uv as c_int, stride_uv as c_int],
            w: part.w as c_int,
            h: part.h as c_int,
        }
    }

    fn scale_to(&self, to: &Target<'_>, mode: c_int) {
        let ([y, u, v], [sy, su, sv]) = (self.pointers(), self.strides);
        let ([dy, du, dv], [ty, tu, tv]) = (to.planes, to.strides);
        // SAFETY: `self` spans w×h pixels inside a view whose invariant keeps every row inside
        // its plane (with slack behind the last for the column filter); `to` spans its w×h
        // pixels inside a frame borrowed mutably, so the two never overlap. All sizes are
        // positive, even and at most 4096. A non-zero result means refused arguments, which
        // these are not.
        let rc = unsafe {
            I420Scale(y, sy, u, su, v, sv, self.w, self.h, dy, ty, du, tu, dv, tv, to.w, to.h, mode)
        };
        debug_assert_eq!(rc, 0);
    }

    /// `to` must have the same size.
    fn copy_to(&self, to: &Target<'_>) {
        debug_assert_eq!((self.w, self.h), (to.w, to.h));
        let ([y, u, v], [sy, su, sv]) = (self.pointers(), self.strides);
        let ([dy, du, dv], [ty, tu, tv]) = (to.planes, to.strides);
        // SAFETY: as in `scale_to`; both sides span the same w×h pixels.
        let rc = unsafe { I420Copy(y, sy, u, su, v, sv, dy, ty, du, tu, dv, tv, self.w, self.h) };
        debug_assert_eq!(rc, 0);
    }

    /// `to` must have the size of the turned picture.
    fn rotate_to(&self, to: &Target<'_>, rotation: Rotation) {
        let ([y, u, v], [sy, su, sv]) = (self.pointers(), self.strides);
        let ([dy, du, dv], [ty, tu, tv]) = (to.planes, to.strides);
        let (w, h, mode) = (self.w, self.h, rotation.degrees());
        // SAFETY: as in `scale_to`; `rotate` gave the target the turned size.
        let rc = unsafe { I420Rotate(y, sy, u, su, v, sv, dy, ty, du, tu, dv, tv, w, h, mode) };
        debug_assert_eq!(rc, 0);
    }

    fn pointers(&self) -> [*const u8; 3] {
        self.planes.map(<[u8]>::as_ptr)
    }
}

impl<'a> Target<'a> {
    /// `part` must lie inside `frame` and be even.
    fn of(frame: &'a mut Frame, part: Rect) -> Target<'a> {
        let planes = frame.planes_mut();
        let (stride_y, stride_uv) = (planes.stride_y, planes.stride_uv);
        let (luma, chroma) = offsets(part, stride_y, stride_uv);
        Target {
            planes: [
                planes.y[luma..].as_mut_ptr(),
                planes.u[chroma..].as_mut_ptr(),
                planes.v[chroma..].as_mut_ptr(),
            ],
            strides: [stride_y as c_int, stride_uv as c_int, stride_uv as c_int],
            w: part.w as c_int,
            h: part.h as c_int,
            frame: std::marker::PhantomData,
        }
    }
}

// Signatures from libyuv's scale.h, convert.h and rotate.h; enums are C ints.
unsafe extern "C" {
    fn I420Scale(
        src_y: *const u8,
        src_stride_y: c_int,
        src_u: *const u8,
        src_stride_u: c_int,
        src_v: *const u8,
        src_stride_v: c_int,
        src_width: c_int,
        src_height: c_int,
        dst_y: *mut u8,
        dst_stride_y: c_int,
        dst_u: *mut u8,
        dst_stride_u: c_int,
        dst_v: *mut u8,
        dst_stride_v: c_int,
        dst_width: c_int,
        dst_height: c_int,
        filtering: c_int,
    ) -> c_int;

    fn I420Copy(
        src_y: *const u8,
        src_stride_y: c_int,
        src_u: *const u8,
        src_stride_u: c_int,
        src_v: *const u8,
        src_stride_v: c_int,
        dst_y: *mut u8,
        dst_stride_y: c_int,
        dst_u: *mut u8,
        dst_stride_u: c_int,
        dst_v: *mut u8,
        dst_stride_v: c_int,
        width: c_int,
        height: c_int,
    ) -> c_int;

    fn I420Rotate(
        src_y: *const u8,
        src_stride_y: c_int,
        src_u: *const u8,
        src_stride_u: c_int,
        src_v: *const u8,
        src_stride_v: c_int,
        dst_y: *mut u8,
        dst_stride_y: c_int,
        dst_u: *mut u8,
        dst_stride_u: c_int,
        dst_v: *mut u8,
        dst_stride_v: c_int,
        width: c_int,
        height: c_int,
        mode: c_int,
    ) -> c_int;
}
