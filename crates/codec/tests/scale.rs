//! Scaling and turning: golden numbers, edges, refusals.

mod common;
use common::*;
use rotunda_codec::*;

/// Luma counts up along the rows, chroma is flat.
fn ramp(w: u32, h: u32) -> Frame {
    let mut frame = Frame::new(w, h);
    let planes = frame.planes_mut();
    for (i, luma) in planes.y.iter_mut().enumerate() {
        *luma = (16 + i % 200) as u8;
    }
    planes.u.fill(90);
    planes.v.fill(160);
    frame
}

#[test]
fn half_size_is_the_mean_of_four() {
    let src = ramp(16, 8);
    let mut dst = Frame::new(8, 4);
    let whole = dst.bounds();
    scale_into(src.view(), None, &mut dst, whole, Filter::Auto).unwrap();
    for (x, y) in [(0, 0), (3, 1), (7, 3)] {
        let sum: u32 = [(0, 0), (1, 0), (0, 1), (1, 1)]
            .into_iter()
            .map(|(dx, dy)| u32::from(src.pixel(2 * x + dx, 2 * y + dy).y))
            .sum();
        let mean = ((sum + 2) / 4) as u8;
        assert_near(dst.pixel(x, y), Yuv { y: mean, u: 90, v: 160 }, 0, "mean");
    }
}

#[test]
fn golden_numbers_of_a_third_and_of_a_doubling() {
    let src = ramp(24, 6);
    let mut third = Frame::new(8, 2);
    let whole = third.bounds();
    scale_into(src.view(), None, &mut third, whole, Filter::Box).unwrap();
    let row: Vec<u8> = (0..8).map(|x| third.pixel(x, 0).y).collect();
    // Means of 3x3 blocks: 16 + 3x + 1 + 24.
    let wanted: Vec<u8> = (0..8).map(|x| 41 + 3 * x).collect();
    for (got, want) in row.iter().zip(&wanted) {
        assert!(got.abs_diff(*want) <= 1, "{row:?} instead of {wanted:?}");
    }
    let mut double = Frame::new(48, 12);
    let whole = double.bounds();
    scale_into(src.view(), None, &mut double, whole, Filter::Auto).unwrap();
    for x in 2..44 {
        let (left, right) = (double.pixel(x, 5).y, double.pixel(x + 1, 5).y);
        assert!(right >= left && right - left <= 1, "bilinear is smooth at {x}");
    }
}

#[test]
fn equal_sizes_are_copied_to_the_byte_and_nothing_else_is_touched() {
    let src = noise(64, 32, &mut Seeded(5));
    let mut dst = Frame::new(128, 64);
    dst.fill(Yuv { y: 1, u: 2, v: 3 });
    let cell = Rect::new(20, 10, 64, 32);
    scale_into(src.view(), None, &mut dst, cell, Filter::Auto).unwrap();
    for y in 0..64 {
        for x in 0..128 {
            let inside = (20..84).contains(&x) && (10..42).contains(&y);
            let wanted = if inside { src.pixel(x - 20, y - 10) } else { Yuv { y: 1, u: 2, v: 3 } };
            assert_eq!(dst.pixel(x, y), wanted, "at {x},{y}");
        }
    }
}

#[test]
fn scaled_pictures_stay_inside_their_rectangle() {
    let mut seeded = Seeded(6);
    for _ in 0..200 {
        let (sw, sh) = (2 + seeded.below(200) as u32, 2 + seeded.below(200) as u32);
        let src = noise(sw, sh, &mut seeded);
        let mut dst = Frame::new(96, 64);
        dst.fill(Yuv { y: 1, u: 2, v: 3 });
        let (x, y) = (seeded.below(90) as u32, seeded.below(60) as u32);
        let cell = Rect::new(
            x,
            y,
            2 + seeded.below(95 - x as usize) as u32,
            2 + seeded.below(63 - y as usize) as u32,
        );
        let fits = cell.fits(96, 64);
        let filter =
            [Filter::Auto, Filter::Nearest, Filter::Bilinear, Filter::Box][seeded.below(4)];
        assert_eq!(scale_into(src.view(), None, &mut dst, cell, filter).is_ok(), fits);
        let even = cell.even();
        for py in 0..64 {
            for px in 0..96 {
                let inside = fits
                    && (even.x..even.x + even.w).contains(&px)
                    && (even.y..even.y + even.h).contains(&py);
                let painted = dst.pixel(px, py) != Yuv { y: 1, u: 2, v: 3 };
                assert_eq!(painted, inside, "{cell:?} at {px},{py}");
            }
        }
    }
}

#[test]
fn a_crop_shows_only_its_part() {
    let src = patches(320, 180);
    let mut dst = Frame::new(64, 36);
    let whole = dst.bounds();
    let lower_left = Rect::new(0, 90, 160, 90);
    scale_into(src.view(), Some(lower_left), &mut dst, whole, Filter::Auto).unwrap();
    for (x, y) in [(0, 0), (63, 0), (0, 35), (63, 35)] {
        assert_near(dst.pixel(x, y), Yuv::from_rgb(20, 20, 220), 1, "crop");
    }
}

#[test]
fn rectangles_that_leave_a_picture_are_refused_and_change_nothing() {
    let src = patches(64, 64);
    let mut dst = Frame::new(64, 64);
    let before = dst.as_i420().to_vec();
    let all = Rect::new(0, 0, 64, 64);
    for bad in [
        Rect::new(2, 0, 64, 64),
        Rect::new(0, 2, 64, 64),
        Rect::new(u32::MAX, 0, 2, 2),
        Rect::new(2, 2, u32::MAX, u32::MAX),
        Rect::new(66, 0, 2, 2),
        Rect::new(0, 0, 0, 64),
        Rect::new(0, 0, 1, 64),
    ] {
        assert!(scale_into(src.view(), None, &mut dst, bad, Filter::Auto).is_err(), "{bad:?}");
        assert!(scale_into(src.view(), Some(bad), &mut dst, all, Filter::Auto).is_err());
        assert_eq!(dst.as_i420(), before);
    }
}

#[test]
fn turning_moves_the_corners_clockwise() {
    let src = patches(64, 32); // red, green, blue, white by quarter
    let corner = |frame: &Frame| {
        let (w, h) = (frame.width() - 1, frame.height() - 1);
        [(0, 0), (w, 0), (0, h), (w, h)].map(|(x, y)| frame.pixel(x, y))
    };
    let [red, green, blue, white] = corner(&src);
    let mut dst = Frame::new(2, 2);
    for (rotation, size, wanted) in [
        (Rotation::Deg0, (64, 32), [red, green, blue, white]),
        (Rotation::Deg90, (32, 64), [blue, red, white, green]),
        (Rotation::Deg180, (64, 32), [white, blue, green, red]),
        (Rotation::Deg270, (32, 64), [green, white, red, blue]),
    ] {
        rotate(src.view(), rotation, &mut dst);
        assert_eq!((dst.width(), dst.height()), size);
        assert_eq!(corner(&dst), wanted, "{rotation:?}");
    }
}

#[test]
fn a_filled_rectangle_is_clipped_and_frames_have_even_bounded_sides() {
    let mut frame = Frame::new(33, 1_000_000);
    assert_eq!((frame.width(), frame.height()), (32, MAX_SIDE));
    frame.resize(32, 16);
    frame.fill(Yuv::BLACK);
    frame.fill_rect(Rect::new(17, 9, u32::MAX, u32::MAX), Yuv::WHITE);
    assert_eq!(frame.pixel(16, 8), Yuv::WHITE);
    assert_eq!(frame.pixel(31, 15), Yuv::WHITE);
    assert_eq!(frame.pixel(15, 8), Yuv::BLACK);
    frame.fill_rect(Rect::new(500, 500, 10, 10), Yuv::WHITE);
    assert!(Frame::from_i420(33, 32, &[0; 1584]).is_none());
    assert!(Frame::from_i420(32, 32, &[0; 1535]).is_none());
    assert!(Frame::from_i420(32, 32, &[0; 1536]).is_some());
}

/// The bilinear filter as libyuv defines it, one sample at a time.
fn bilinear(src: &Frame, (w, h): (u32, u32), (x, y): (u32, u32)) -> u8 {
    let place = |n: u32, from: u32, to: u32| {
        let step = (u64::from(from) << 16) / u64::from(to);
        let at = (step / 2 + u64::from(n) * step).saturating_sub(0x8000);
        at.min(u64::from(from - 1) << 16)
    };
    let (fx, fy) = (place(x, src.width(), w), place(y, src.height(), h));
    let sample = |x: u64, y: u64| {
        let (x, y) = (x.min(u64::from(src.width()) - 1), y.min(u64::from(src.height()) - 1));
        f64::from(src.pixel(x as u32, y as u32).y)
    };
    let part = |at: u64| (at & 0xffff) as f64 / 65536.0;
    let row = |y: u64| {
        let left = sample(fx >> 16, y);
        left + (sample((fx >> 16) + 1, y) - left) * part(fx)
    };
    let upper = row(fy >> 16);
    (upper + (row((fy >> 16) + 1) - upper) * part(fy)).round() as u8
}

#[test]
fn shrinking_by_less_than_half_is_bilinear_at_every_sample_and_touches_nothing_else() {
    let src = noise(640, 360, &mut Seeded(11));
    for (w, h) in [(422, 236), (640 - 2, 360 - 2), (346, 184), (500, 300)] {
        let mut dst = Frame::new(1280, 720);
        dst.fill(Yuv { y: 1, u: 2, v: 3 });
        let rect = Rect::new(430, 244, w, h);
        scale_into(src.view(), None, &mut dst, rect, Filter::Auto).unwrap();
        for (x, y) in (0..w).flat_map(|x| (0..h).map(move |y| (x, y))) {
            let (got, wanted) = (dst.pixel(430 + x, 244 + y).y, bilinear(&src, (w, h), (x, y)));
            // Weights of 1/256 and 1/128 on noise of full range: four steps at the very most.
            assert!(got.abs_diff(wanted) <= 4, "{w}x{h} at {x},{y}: {got} instead of {wanted}");
        }
        for (x, y) in [(429, 244), (430, 243), (430 + w, 244), (430, 244 + h)] {
            assert_eq!(dst.pixel(x, y), Yuv { y: 1, u: 2, v: 3 }, "outside at {x},{y}");
        }
    }
}

#[test]
fn a_flat_picture_stays_flat_when_shrunk() {
    let mut src = Frame::new(640, 360);
    src.fill(Yuv { y: 201, u: 77, v: 180 });
    let mut dst = Frame::new(422, 236);
    let whole = dst.bounds();
    scale_into(src.view(), Some(Rect::new(2, 4, 636, 352)), &mut dst, whole, Filter::Auto).unwrap();
    assert!((0..236).all(|y| (0..422).all(|x| dst.pixel(x, y) == Yuv { y: 201, u: 77, v: 180 })));
}
