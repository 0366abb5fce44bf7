//! Golden pictures: seeded sources in cells, names, mute images, compared with stored ones.
//!
//! Stored as grey PGM files (any viewer opens them): the luma plane above the two chroma planes.
//! `ROTUNDA_BLESS=1 cargo test -p rotunda-compose` writes them anew; look at them after.
// Tests may read and write files; the arithmetic may not.
#![allow(clippy::disallowed_methods)]

use std::path::PathBuf;

use rotunda_codec::{Frame, Rect, Yuv};
use rotunda_compose::*;

/// Scalers differ by a step between processors; lettering along its edges.
const MEAN_ERROR_MAX: f64 = 0.5;
const ERROR_MAX: u8 = 24;

fn check_golden(name: &str, frame: &Frame) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.pgm"));
    let header = format!("P5\n{} {}\n255\n", frame.width(), frame.height() * 3 / 2);
    if std::env::var_os("ROTUNDA_BLESS").is_some() {
        let file = [header.as_bytes(), frame.as_i420()].concat();
        std::fs::write(&path, file).expect("a folder that can be written");
        return;
    }
    let stored = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let stored = stored.strip_prefix(header.as_bytes()).expect("a golden picture of this size");
    assert_eq!(stored.len(), frame.as_i420().len());
    let errors = || stored.iter().zip(frame.as_i420()).map(|(a, b)| a.abs_diff(*b));
    let mean = errors().map(f64::from).sum::<f64>() / stored.len() as f64;
    let worst = errors().max().expect("a picture has pixels");
    assert!(mean <= MEAN_ERROR_MAX && worst <= ERROR_MAX, "{name}: mean {mean:.2}, worst {worst}");
}

/// A gradient with stripes, different for every seed.
fn source(w: u32, h: u32, seed: u32) -> Frame {
    let mut frame = Frame::new(w, h);
    let colour = Yuv::from_rgb((seed * 70 % 256) as u8, 120, (255 - seed * 40 % 256) as u8);
    frame.fill(colour);
    let planes = frame.planes_mut();
    for (i, luma) in planes.y.iter_mut().enumerate() {
        let (x, y) = (i as u32 % w, i as u32 / w);
        *luma = (40 + (x * 120 / w) + if (y / 8 + seed).is_multiple_of(3) { 50 } else { 0 }) as u8;
    }
    frame
}

fn canvas(w: u32, h: u32) -> Frame {
    let mut canvas = Frame::new(w, h);
    clear(&mut canvas);
    canvas
}

#[test]
fn a_grid_of_three_by_three() {
    let mut canvas = canvas(480, 270);
    for k in 0..9 {
        let cell = Rect::new(k % 3 * 160 + 2, k / 3 * 90 + 2, 158, 88);
        let src = match k % 3 {
            0 => source(320, 180, k),
            1 => source(240, 180, k),
            _ => source(90, 160, k),
        };
        let fit = if k >= 6 { Fit::Crop } else { Fit::Letterbox };
        draw_cell(&mut canvas, cell, src.view(), fit).unwrap();
    }
    check_golden("grid-3x3", &canvas);
}

#[test]
fn one_large_and_five_small_with_names() {
    let mut canvas = canvas(480, 270);
    let cells = [(0, 0, 2), (2, 0, 1), (2, 1, 1), (0, 2, 1)];
    for (k, (x, y, side)) in cells.into_iter().enumerate() {
        let cell = Rect::new(x * 160 + 2, y * 90 + 2, side * 160 - 2, side * 90 - 2);
        let src = source(320, 180, k as u32);
        let picture = draw_cell(&mut canvas, cell, src.view(), Fit::Letterbox).unwrap();
        Banner::new("Ada Lovelace", picture.w, picture.h).unwrap().draw(&mut canvas, picture);
    }
    check_golden("one-up-names", &canvas);
}

#[test]
fn mute_images_large_small_and_nameless() {
    check_golden("mute-320x180", &mute_image("Ada Lovelace", 320, 180));
    check_golden("mute-nameless", &mute_image("日本", 320, 180));
    check_golden("mute-90x50", &mute_image("Ольга Петрова", 90, 50));
}

#[test]
fn lost_images_large_small_and_nameless() {
    check_golden("lost-320x180", &lost_image("Ada Lovelace", 320, 180));
    check_golden("lost-nameless", &lost_image("日本", 320, 180));
    check_golden("lost-90x50", &lost_image("Ольга Петрова", 90, 50));
}

#[test]
fn whoever_is_lost_looks_unlike_whoever_is_muted_in_every_size_that_has_a_disc() {
    for (w, h) in [(84, 46), (128, 72), (320, 180), (636, 356), (1280, 720), (720, 1280)] {
        let (mut lost, mut muted) = (lost_image("Ada", w, h), mute_image("Ada", w, h));
        let brightest = |frame: &mut Frame| frame.planes_mut().y.iter().copied().max().unwrap();
        let (lost_peak, muted_peak) = (brightest(&mut lost), brightest(&mut muted));
        assert!(lost_peak + 40 < muted_peak, "{w}x{h}: {lost_peak} {muted_peak}");
        // A badge of one colour that the name cannot have.
        let amber = lost.planes_mut().v.iter().filter(|v| **v > 160).count();
        assert!(amber >= 16, "{w}x{h}: {amber}");
    }
}

#[test]
fn a_mute_image_is_made_for_every_size_and_any_name() {
    let names = ["", " ", "\u{0}\u{202e}", "x", "日本語", &"W".repeat(5000), "🙂🙂", "a\nb\tc"];
    for name in names {
        for (w, h) in [(0, 0), (2, 2), (10, 400), (400, 10), (90, 50), (180, 320), (1920, 1080)] {
            for image in [mute_image(name, w, h), lost_image(name, w, h)] {
                assert_eq!((image.width(), image.height()), (w.max(2), h.max(2)));
            }
        }
    }
}

#[test]
fn two_names_rarely_share_a_colour_and_one_name_keeps_its_own() {
    let colour = |name: &str| mute_image(name, 320, 180).pixel(160, 45);
    assert_eq!(colour("Ada"), colour("Ada"));
    let mut colours: Vec<Yuv> = (0..24).map(|i| colour(&format!("member {i}"))).collect();
    colours.sort_by_key(|c| (c.y, c.u, c.v));
    colours.dedup();
    assert!(colours.len() >= 10, "{}", colours.len());
}

#[test]
fn a_drawing_leaves_nothing_of_the_old_picture_in_its_cell_and_all_of_it_elsewhere() {
    let old = Yuv { y: 200, u: 90, v: 40 };
    let mut canvas = Frame::new(320, 180);
    canvas.fill(old);
    let cell = Rect::new(100, 40, 120, 80);
    let mut grey = Frame::new(64, 64);
    grey.fill(Yuv { y: 90, u: 128, v: 128 });
    let picture = draw_cell(&mut canvas, cell, grey.view(), Fit::Letterbox).unwrap();
    for y in 0..180 {
        for x in 0..320 {
            let inside = |r: Rect| (r.x..r.x + r.w).contains(&x) && (r.y..r.y + r.h).contains(&y);
            let wanted = if inside(picture) {
                Yuv { y: 90, u: 128, v: 128 }
            } else if inside(cell) {
                BACKGROUND
            } else {
                old
            };
            assert_eq!(canvas.pixel(x, y), wanted, "at {x},{y}");
        }
    }
    assert_eq!(draw_cell(&mut canvas, Rect::new(320, 0, 9, 9), grey.view(), Fit::Crop), None);
}

#[test]
fn a_label_keeps_to_its_width_with_an_ellipsis() {
    let whole = Label::new("Maximilian", 20, 1000);
    assert!((80..130).contains(&whole.width()), "{}", whole.width());
    let long = Label::new(&"Maximilian ".repeat(9), 20, 120);
    assert!((90..=120).contains(&long.width()), "{}", long.width());
    assert_eq!(Label::new("Maximilian", 20, 3).width(), 0);
    assert_eq!(Label::new("", 20, 100).width(), 0);
    let bounded = Label::new(&"i".repeat(10_000), 10, 4000);
    let hundred = Label::new(&"i".repeat(LABEL_CHARS_MAX), 10, 4000);
    assert_eq!(bounded.width(), hundred.width());
    let plain = Label::new("Ada", 20, 100);
    assert_eq!(Label::new("\u{202e}A\u{7}d\u{200b}a\n", 20, 100).width(), plain.width());
}

#[test]
fn a_label_is_clipped_at_the_edges_of_its_frame() {
    let label = Label::new("clipped", 24, 400);
    let mut frame = Frame::new(64, 32);
    for (x, y) in [(0, 0), (60, 0), (0, 30), (63, 31), (64, 32), (u32::MAX, u32::MAX)] {
        label.blend(&mut frame, x, y, Yuv::WHITE);
    }
    assert!(frame.planes_mut().y.iter().any(|&luma| luma > 200), "something was written");
}
