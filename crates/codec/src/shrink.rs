//! Shrinking a picture to more than half its size, with AVX2.
//!
//! A 640x360 camera in a cell of a three by three grid shrinks by 1.5, a ratio for which libyuv has
//! no vector code: its column filter alone was half of what scaling cost. Here eight columns are
//! blended at once. The arithmetic is libyuv's bilinear filter (`ScalePlaneBilinearDown`: rows
//! blended by 1/256, then columns by 1/128), so both give the same picture but for one step here and
//! there. Other ratios, other processors and other filters stay with libyuv.

use std::cell::RefCell;

use crate::frame::{Frame, FrameView, Rect};

/// Columns blended at once.
const GROUP: usize = 8;
/// Bytes of a row looked at for them.
const REACH: usize = 16;
/// Pairs of widths whose tables a thread keeps: luma and chroma of a few cell sizes. When full it
/// begins anew.
const TABLES: usize = 16;

/// Shrinks the part `from` of `src` into `to` of `dst`, if this is a case for it. Both must be even
/// and lie inside their pictures. False: nothing was done.
pub(crate) fn shrink(src: FrameView<'_>, from: Rect, dst: &mut Frame, to: Rect) -> bool {
    let is_ours = |from: u32, to: u32| to < from && to * 2 > from && from >= 64;
    if !(is_ours(from.w, to.w) && is_ours(from.h, to.h)) {
        return false;
    }
    with_tables((from.w as usize, to.w as usize), |luma, chroma, row| {
        let ((y, u, v), (stride_y, stride_uv)) = (src.planes(), src.strides());
        let out = dst.planes_mut();
        let (own_y, own_uv) = (out.stride_y, out.stride_uv);
        let (half_from, half_to) = (halved(from), halved(to));
        plane((y, stride_y, from), (out.y, own_y, to), luma, row)
            && plane((u, stride_uv, half_from), (out.u, own_uv, half_to), chroma, row)
            && plane((v, stride_uv, half_from), (out.v, own_uv, half_to), chroma, row)
    })
}

fn halved(rect: Rect) -> Rect {
    Rect::new(rect.x / 2, rect.y / 2, rect.w / 2, rect.h / 2)
}

/// Which bytes of a row make each column, and with which weights.
struct Columns {
    from: usize,
    to: usize,
    groups: Vec<Group>,
    /// Columns behind the last whole group: first byte and weight of the second.
    rest: Vec<(usize, u32)>,
}

#[derive(Clone, Copy)]
struct Group {
    base: usize,
    pick: [u8; REACH],
    weights: [i8; REACH],
}

impl Columns {
    /// `None` if eight columns reach further than sixteen bytes.
    fn new(from: usize, to: usize) -> Option<Self> {
        let step = ((from as u64) << 16) / to as u64;
        let at = |column: usize| {
            let x = (step / 2 + column as u64 * step).saturating_sub(0x8000);
            let x = x.min(((from - 1) as u64) << 16);
            ((x >> 16) as usize, (x >> 9) as u32 & 0x7f)
        };
        let whole = to / GROUP;
        let groups = (0..whole).map(|g| Group::new(&|i| at(g * GROUP + i)));
        let groups = groups.collect::<Option<_>>()?;
        Some(Self { from, to, groups, rest: (whole * GROUP..to).map(at).collect() })
    }
}

impl Group {
    fn new(at: &dyn Fn(usize) -> (usize, u32)) -> Option<Self> {
        let base = at(0).0;
        let mut group = Self { base, pick: [0; REACH], weights: [0; REACH] };
        for i in 0..GROUP {
            let (byte, weight) = at(i);
            let reach = byte - base + 1;
            if reach >= REACH {
                return None;
            }
            // 128 is no signed byte: the one weight that would need it gives a step away.
            let weight = weight.max(1) as i8;
            group.pick[2 * i..2 * i + 2].copy_from_slice(&[(reach - 1) as u8, reach as u8]);
            group.weights[2 * i..2 * i + 2]
                .copy_from_slice(&[(128 - i16::from(weight)) as i8, weight]);
        }
        Some(group)
    }
}

/// Tables of luma and chroma, and a row to blend into; kept by the thread.
fn with_tables(
    (from, to): (usize, usize),
    work: impl FnOnce(&Columns, &Columns, &mut Vec<u8>) -> bool,
) -> bool {
    thread_local! {
        static KEPT: RefCell<(Vec<Columns>, Vec<u8>)> = const { RefCell::new((Vec::new(), Vec::new())) };
    }
    KEPT.with_borrow_mut(|(kept, row)| {
        let mut place = |from: usize, to: usize| {
            let found = kept.iter().position(|c| (c.from, c.to) == (from, to));
            found.or_else(|| {
                kept.push(Columns::new(from, to)?);
                Some(kept.len() - 1)
            })
        };
        let (Some(luma), Some(chroma)) = (place(from, to), place(from / 2, to / 2)) else {
            return false;
        };
        let done = work(&kept[luma], &kept[chroma], row);
        if kept.len() > TABLES {
            kept.clear();
        }
        done
    })
}

/// One plane: source bytes, stride and part; target bytes, stride and part.
type Source<'a> = (&'a [u8], usize, Rect);
type Target<'a> = (&'a mut [u8], usize, Rect);

#[cfg(target_arch = "x86_64")]
fn plane(src: Source<'_>, dst: Target<'_>, columns: &Columns, row: &mut Vec<u8>) -> bool {
    if !is_x86_feature_detected!("avx2") {
        return false;
    }
    // SAFETY: the processor has AVX2, and with it everything before; that is all it asks for.
    unsafe { vector::plane(src, dst, columns, row) };
    true
}

#[cfg(not(target_arch = "x86_64"))]
fn plane(_: Source<'_>, _: Target<'_>, _: &Columns, _: &mut Vec<u8>) -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
mod vector {
    use super::{Columns, GROUP, Group, REACH, Source, Target};
    use std::arch::x86_64::*;

    /// Blends two rows into one, then its columns, for every row of the target.
    #[target_feature(enable = "avx2")]
    pub(super) fn plane(src: Source<'_>, dst: Target<'_>, columns: &Columns, row: &mut Vec<u8>) {
        let ((from, from_stride, part), (to, to_stride, place)) = (src, dst);
        let (width, height) = (part.w as usize, part.h as usize);
        // Behind the row: the last byte again, and as far as a group may look.
        row.resize(width + REACH, 0);
        let step = ((height as u64) << 16) / u64::from(place.h);
        let line = |n: usize| {
            let start = (part.y as usize + n.min(height - 1)) * from_stride + part.x as usize;
            &from[start..start + width]
        };
        for n in 0..place.h as usize {
            let y = (step / 2 + n as u64 * step).saturating_sub(0x8000);
            let y = y.min(((height - 1) as u64) << 16);
            let (upper, weight) = ((y >> 16) as usize, (y >> 8) as u16 & 0xff);
            blend_rows(line(upper), line(upper + 1), weight, &mut row[..width]);
            let last = row[width - 1];
            row[width..].fill(last);
            let start = (place.y as usize + n) * to_stride + place.x as usize;
            blend_columns(row, columns, &mut to[start..start + columns.to]);
        }
    }

    /// The compiler makes vector instructions of this.
    #[target_feature(enable = "avx2")]
    fn blend_rows(a: &[u8], b: &[u8], weight: u16, out: &mut [u8]) {
        for ((a, b), out) in a.iter().zip(b).zip(out) {
            let sum = u16::from(*a) * (256 - weight) + u16::from(*b) * weight + 128;
            *out = (sum >> 8) as u8;
        }
    }

    #[target_feature(enable = "avx2")]
    fn blend_columns(row: &[u8], columns: &Columns, out: &mut [u8]) {
        let (whole, rest) = out.split_at_mut(columns.groups.len() * GROUP);
        for (group, out) in columns.groups.iter().zip(whole.chunks_exact_mut(GROUP)) {
            out.copy_from_slice(&blend_group(&row[group.base..group.base + REACH], group));
        }
        for ((byte, weight), out) in columns.rest.iter().zip(rest) {
            let (a, b) = (u32::from(row[*byte]), u32::from(row[*byte + 1]));
            *out = ((a * (128 - weight) + b * weight + 64) >> 7) as u8;
        }
    }

    #[target_feature(enable = "avx2")]
    fn blend_group(bytes: &[u8], group: &Group) -> [u8; GROUP] {
        assert!(bytes.len() >= REACH);
        // SAFETY: all three are at least 16 bytes long, and unaligned loads take any address.
        let (bytes, pick, weights) = unsafe {
            (
                _mm_loadu_si128(bytes.as_ptr().cast()),
                _mm_loadu_si128(group.pick.as_ptr().cast()),
                _mm_loadu_si128(group.weights.as_ptr().cast()),
            )
        };
        // At most 255 * 128: no sum saturates.
        let sums = _mm_maddubs_epi16(_mm_shuffle_epi8(bytes, pick), weights);
        let means = _mm_srli_epi16::<7>(_mm_add_epi16(sums, _mm_set1_epi16(64)));
        _mm_cvtsi128_si64(_mm_packus_epi16(means, means)).to_le_bytes()
    }
}
