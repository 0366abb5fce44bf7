//! Placing: shared edges, gutters, letterbox, crop.
#![allow(missing_docs)]

use rotunda_codec::Rect;
use rotunda_compose::*;

const CANVASES: [(u32, u32); 5] = [(1280, 720), (1920, 1080), (640, 360), (320, 180), (720, 1280)];

#[test]
fn the_cells_of_every_grid_share_their_edges_and_cover_the_canvas() {
    for (w, h) in CANVASES {
        for n in [1, 2, 3, 4, 5, 6, 8, 10, 15] {
            let side = 100.0 / f64::from(n);
            // As layers report them: rounded to four decimals.
            let percent = |k: u32| (f64::from(k) * side * 1e4).round() / 1e4;
            let size = (side * 1e4).round() / 1e4;
            let mut covered = 0;
            for row in 0..n {
                for column in 0..n {
                    let cell = percent_to_pixels(percent(column), percent(row), size, size, w, h);
                    let next =
                        percent_to_pixels(percent(column + 1), percent(row + 1), size, size, w, h);
                    assert_eq!((cell.x + cell.w, cell.y + cell.h), (next.x, next.y), "{n}x{n}");
                    assert_eq!(cell, cell.even());
                    assert!(cell.w >= 2 && cell.h >= 2);
                    covered += cell.w * cell.h;
                }
            }
            assert_eq!(covered, w * h, "{n}x{n} on {w}x{h}");
        }
    }
}

#[test]
fn percent_beyond_the_canvas_or_of_no_number_stays_on_it() {
    for (x, w) in [(-50.0, 100.0), (90.0, 500.0), (f64::NAN, 50.0), (200.0, 10.0), (0.0, f64::MAX)]
    {
        let cell = percent_to_pixels(x, x, w, w, 1280, 720);
        assert!(cell.fits(1280, 720), "{x} {w}: {cell:?}");
    }
    assert!(percent_to_pixels(200.0, 0.0, 10.0, 10.0, 1280, 720).is_empty());
    assert_eq!(percent_to_pixels(0.0, 0.0, 100.0, 100.0, 1280, 720), Rect::new(0, 0, 1280, 720));
}

#[test]
fn the_gutter_is_left_and_top_only_and_the_full_canvas_has_none() {
    assert_eq!(gutter_px(1280), 4);
    assert_eq!(gutter_px(1920), 4);
    assert_eq!(gutter_px(320), 0);
    assert_eq!(
        inset_gutter(Rect::new(640, 360, 640, 360), 1280, 720),
        Rect::new(644, 364, 636, 356)
    );
    let full = Rect::new(0, 0, 1280, 720);
    assert_eq!(inset_gutter(full, 1280, 720), full);
    let tiny = Rect::new(0, 0, 16, 16);
    assert_eq!(inset_gutter(tiny, 1280, 720), tiny);
}

#[test]
fn letterbox_table() {
    for ((w, h), (x, y, cw, ch), (ox, oy, ow, oh)) in [
        ((1280, 720), (0, 0, 1280, 720), (0, 0, 1280, 720)),
        ((640, 480), (0, 0, 1280, 720), (160, 0, 960, 720)),
        ((480, 640), (0, 0, 1280, 720), (370, 0, 540, 720)),
        ((1920, 800), (0, 0, 1280, 720), (0, 92, 1280, 534)),
        ((100, 100), (640, 360, 640, 360), (780, 360, 360, 360)),
        // A 16:9 camera in a cell less its gutter: stretched by under a percent, no hairlines.
        ((640, 360), (644, 364, 636, 356), (644, 364, 636, 356)),
        ((426, 240), (4, 4, 422, 236), (4, 4, 422, 236)),
        // A strip, a dot, nothing.
        ((4096, 2), (0, 0, 320, 180), (0, 88, 320, 2)),
        ((2, 2), (10, 10, 2, 2), (10, 10, 2, 2)),
        ((0, 10), (0, 0, 320, 180), (0, 0, 320, 180)),
    ] {
        let wanted = Rect::new(ox, oy, ow, oh);
        assert_eq!(letterbox(w, h, Rect::new(x, y, cw, ch)), wanted, "{w}x{h}");
    }
}

#[test]
fn crop_fill_table() {
    for ((w, h), (cw, ch), (x, y, rw, rh)) in [
        ((1280, 720), (640, 360), (0, 0, 1280, 720)),
        ((640, 480), (640, 360), (0, 60, 640, 360)),
        ((480, 640), (640, 360), (0, 184, 480, 270)),
        ((1280, 720), (100, 100), (280, 0, 720, 720)),
        ((640, 360), (636, 356), (0, 0, 640, 360)),
        ((2, 2), (1280, 2), (0, 0, 2, 2)),
    ] {
        assert_eq!(crop_fill(w, h, cw, ch), Rect::new(x, y, rw, rh), "{w}x{h} to {cw}x{ch}");
    }
}

#[test]
fn every_size_stays_inside_even_and_near_its_aspect() {
    for src_w in (2..400).step_by(13) {
        for src_h in (2..400).step_by(17) {
            for cell in [Rect::new(2, 4, 318, 178), Rect::new(0, 0, 90, 160)] {
                let rect = letterbox(src_w, src_h, cell);
                assert_eq!(rect, rect.even());
                assert!(rect.x >= cell.x && rect.x + rect.w <= cell.x + cell.w);
                assert!(rect.y >= cell.y && rect.y + rect.h <= cell.y + cell.h);
                assert!(rect.w == cell.w || rect.h == cell.h, "one side touches");
                let wanted = f64::from(src_w) / f64::from(src_h);
                let skew = f64::from(rect.w) / f64::from(rect.h) / wanted;
                let small = rect.w < 40 || rect.h < 40;
                assert!(small || (0.96..1.04).contains(&skew), "{src_w}x{src_h}: {rect:?}");
                let crop = crop_fill(src_w, src_h, cell.w, cell.h);
                assert!(crop.fits(src_w, src_h) && !crop.is_empty() && crop == crop.even());
            }
        }
    }
}
