//! What one measures in a picture: a mean colour, a likeness, where a picture lies in its cell.

use rotunda_codec::{FrameView, Rect, Yuv};

/// The mean colour of a rectangle; black if it leaves the picture.
pub fn mean_of(frame: FrameView<'_>, area: Rect) -> Yuv {
    if area.is_empty() || !area.fits(frame.width(), frame.height()) {
        return Yuv::BLACK;
    }
    let ((y, u, v), (stride_y, stride_uv)) = (frame.planes(), frame.strides());
    let half = Rect::new(area.x / 2, area.y / 2, (area.w / 2).max(1), (area.h / 2).max(1));
    Yuv { y: mean(y, stride_y, area), u: mean(u, stride_uv, half), v: mean(v, stride_uv, half) }
}

fn rows(plane: &[u8], stride: usize, area: Rect) -> impl Iterator<Item = &[u8]> {
    let (x, w) = (area.x as usize, area.w as usize);
    (area.y..area.y + area.h).map(move |y| {
        let start = y as usize * stride + x;
        &plane[start..start + w]
    })
}

fn mean(plane: &[u8], stride: usize, area: Rect) -> u8 {
    let sum: u64 = rows(plane, stride, area).flatten().map(|v| u64::from(*v)).sum();
    let n = u64::from(area.w) * u64::from(area.h);
    ((sum + n / 2) / n) as u8
}

/// Likeness of the luma of `seen` in `area` to `wanted`, which has the area's size, in dB; 99 for
/// equal ones, `None` if the sizes do not fit.
pub fn psnr(seen: FrameView<'_>, area: Rect, wanted: FrameView<'_>) -> Option<f64> {
    let fits = area.fits(seen.width(), seen.height()) && !area.is_empty();
    if !fits || (area.w, area.h) != (wanted.width(), wanted.height()) {
        return None;
    }
    let whole = Rect::new(0, 0, area.w, area.h);
    let ours = rows(seen.planes().0, seen.strides().0, area);
    let theirs = rows(wanted.planes().0, wanted.strides().0, whole);
    let error: u64 = ours
        .zip(theirs)
        .flat_map(|(a, b)| a.iter().zip(b))
        .map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2))
        .sum();
    let mse = error as f64 / (f64::from(area.w) * f64::from(area.h));
    Some(if mse == 0.0 { 99.0 } else { 10.0 * (255.0 * 255.0 / mse).log10() })
}

/// Where a picture of this size lies in `cell` when all of it is shown, as large as it can be.
pub fn fitted(width: u32, height: u32, cell: Rect) -> Rect {
    let (w, h) = (u64::from(width.max(1)), u64::from(height.max(1)));
    let by_height = (u64::from(cell.h) * w / h) as u32;
    let (fw, fh) = if by_height <= cell.w {
        (by_height, cell.h)
    } else {
        (cell.w, (u64::from(cell.w) * h / w) as u32)
    };
    Rect::new(cell.x + (cell.w - fw) / 2, cell.y + (cell.h - fh) / 2, fw, fh)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_codec::Frame;

    #[test]
    fn a_4_by_3_picture_lies_between_bars_left_and_right() {
        let at = fitted(640, 480, Rect::new(0, 0, 1280, 720));
        assert_eq!(at, Rect::new(160, 0, 960, 720));
        let tall = fitted(480, 640, Rect::new(100, 0, 400, 400));
        assert_eq!(tall, Rect::new(150, 0, 300, 400));
    }

    #[test]
    fn equal_pictures_have_99_db_and_one_step_off_48() {
        let mut a = Frame::new(64, 64);
        a.fill(Yuv { y: 100, u: 90, v: 80 });
        let mut b = Frame::new(32, 32);
        b.fill(Yuv { y: 100, u: 128, v: 128 });
        let area = Rect::new(16, 16, 32, 32);
        assert_eq!(psnr(a.view(), area, b.view()), Some(99.0));
        b.fill(Yuv { y: 101, u: 128, v: 128 });
        let off = psnr(a.view(), area, b.view()).unwrap();
        assert!((off - 48.13).abs() < 0.01, "{off}");
        assert_eq!(mean_of(a.view(), area), Yuv { y: 100, u: 90, v: 80 });
    }
}
