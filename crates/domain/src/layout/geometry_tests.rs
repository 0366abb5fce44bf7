use super::*;
use crate::layout::catalog;

const SIZES: [(u32, u32); 5] = [(1280, 720), (1920, 1080), (640, 360), (320, 180), (720, 1280)];

fn size((width, height): (u32, u32)) -> Size {
    Size { width, height }
}

fn area(x: u32, y: u32, width: u32, height: u32) -> Area {
    Area { x, y, width, height }
}

#[test]
fn the_cells_of_every_grid_share_their_edges_and_cover_the_canvas_but_for_the_gaps() {
    for on in SIZES.map(size) {
        for n in [2, 3, 4, 5, 6, 8, 10, 15] {
            let mut covered = 0;
            for (row, column) in (0..n).flat_map(|row| (0..n).map(move |column| (row, column))) {
                let at = |x, y| Cell::on_grid(x, y, 1, 1, n, n).on(on);
                let here = at(column, row);
                let [across, down] = [at(column + 1, row), at(column, row + 1)];
                let gap = on.gap();
                assert!(column + 1 == n || here.x + here.width + gap == across.x, "{n}x{n}");
                assert!(row + 1 == n || here.y + here.height + gap == down.y, "{n}x{n}");
                assert!([here.x, here.y, here.width, here.height].iter().all(|n| n % 2 == 0));
                covered += (here.width + gap) * (here.height + gap);
            }
            assert_eq!(covered, on.width * on.height, "{n}x{n} on {on:?}");
        }
    }
}

#[test]
fn the_gap_is_left_and_top_only_and_the_full_canvas_has_none() {
    let gaps = [(1280, 720), (1920, 1080), (320, 180)].map(|s| size(s).gap());
    assert_eq!(gaps, [4, 4, 0]);
    let on = size((1280, 720));
    let quarter = Cell { x: 50.0, y: 50.0, width: 50.0, height: 50.0 };
    assert_eq!(quarter.on(on), area(644, 364, 636, 356));
    assert_eq!(Cell::FULL.on(on), area(0, 0, 1280, 720));
    let tiny = Cell { x: 0.0, y: 0.0, width: 1.25, height: 2.2222 };
    assert_eq!(tiny.on(on), area(0, 0, 16, 16));
}

#[test]
fn percent_beyond_the_canvas_or_of_no_number_stays_on_it() {
    let on = size((1280, 720));
    for (x, w) in [(-50.0, 100.0), (90.0, 500.0), (f64::NAN, 50.0), (200.0, 10.0), (0.0, f64::MAX)]
    {
        let Area { x, y, width, height } = Cell { x, y: x, width: w, height: w }.on(on);
        assert!(x + width <= 1280 && y + height <= 720, "{x} {y} {width} {height}");
    }
    let beside = Cell { x: 200.0, y: 0.0, width: 10.0, height: 10.0 };
    assert_eq!(beside.on(on).width, 0);
}

#[test]
fn the_percentages_of_every_layout_lead_back_to_the_pixels_they_were_made_of() {
    for on in SIZES.map(size) {
        for (name, people) in catalog::NAMES.iter().flat_map(|n| (0..=50).map(move |p| (n, p))) {
            for slot in catalog::resolve(name, people).slots {
                let drawn = slot.cell.on(on);
                let reported = drawn.percent_of(on);
                let pixel = |percent: f64, side: u32| (percent * f64::from(side) / 100.0).round();
                let back = [
                    pixel(reported.x, on.width),
                    pixel(reported.y, on.height),
                    pixel(reported.width, on.width),
                    pixel(reported.height, on.height),
                ];
                let wanted = [drawn.x, drawn.y, drawn.width, drawn.height].map(f64::from);
                assert_eq!(back, wanted, "{name} for {people} on {on:?}: {reported:?}");
                assert!(drawn.width >= 2 && drawn.height >= 2);
            }
        }
    }
}
