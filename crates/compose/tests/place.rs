//! Placing: letterbox, crop.

use rotunda_codec::Rect;
use rotunda_compose::*;

#[test]
fn letterbox_table() {
    for ((w, h), (x, y, cw, ch), (ox, oy, ow, oh)) in [
        ((1280, 720), (0, 0, 1280, 720), (0, 0, 1280, 720)),
        ((640, 480), (0, 0, 1280, 720), (160, 0, 960, 720)),
        ((480, 640), (0, 0, 1280, 720), (370, 0, 540, 720)),
        ((1920, 800), (0, 0, 1280, 720), (0, 92, 1280, 534)),
        ((100, 100), (640, 360, 640, 360), (780, 360, 360, 360)),
        // A 16:9 camera in a cell less its gap: stretched by under a percent, no hairlines.
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
