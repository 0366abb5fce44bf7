//! Rectangles typed by hand from the documents (REST reference §5.3, §5.4).

use super::*;

fn cells(name: &str, people: usize) -> Vec<(String, [f64; 4])> {
    resolve(name, people)
        .slots
        .iter()
        .map(|s| (s.reservation.to_string(), [s.cell.x, s.cell.y, s.cell.width, s.cell.height]))
        .collect()
}

fn check(name: &str, people: usize, expected: &[(&str, [f64; 4])]) {
    let expected: Vec<_> = expected.iter().map(|(n, c)| ((*n).to_owned(), *c)).collect();
    assert_eq!(cells(name, people), expected, "{name} for {people}");
}

#[test]
fn small_layouts_have_the_documented_rectangles() {
    check("1x1", 1, &[("standard-1", [0.0, 0.0, 100.0, 100.0])]);
    check("full-screen", 1, &[("reserved-1", [0.0, 0.0, 100.0, 100.0])]);
    let two = [("standard-1", [0.0, 25.0, 50.0, 50.0]), ("standard-2", [50.0, 25.0, 50.0, 50.0])];
    check("2x1", 2, &two);
    check("grid-responsive", 2, &two);
    check(
        "1x1-2x1",
        3,
        &[
            ("standard-1", [25.0, 0.0, 50.0, 50.0]),
            ("standard-2", [0.0, 50.0, 50.0, 50.0]),
            ("standard-3", [50.0, 50.0, 50.0, 50.0]),
        ],
    );
    check(
        "2x2",
        4,
        &[
            ("standard-1", [0.0, 0.0, 50.0, 50.0]),
            ("standard-2", [50.0, 0.0, 50.0, 50.0]),
            ("standard-3", [0.0, 50.0, 50.0, 50.0]),
            ("standard-4", [50.0, 50.0, 50.0, 50.0]),
        ],
    );
    check(
        "5up",
        5,
        &[
            ("standard-1", [0.0, 0.0, 33.3333, 33.3333]),
            ("standard-2", [66.6667, 0.0, 33.3333, 33.3333]),
            ("standard-3", [33.3333, 33.3333, 33.3333, 33.3333]),
            ("standard-4", [0.0, 66.6667, 33.3333, 33.3333]),
            ("standard-5", [66.6667, 66.6667, 33.3333, 33.3333]),
        ],
    );
    check(
        "presenter-dual-horizontal",
        2,
        &[("full-screen", [0.0, 25.0, 50.0, 50.0]), ("reserved-1", [50.0, 25.0, 50.0, 50.0])],
    );
}

#[test]
fn one_up_layouts_merge_a_block_and_read_on_from_there() {
    check(
        "1up-top-left5",
        6,
        &[
            ("reserved-1", [0.0, 0.0, 66.6667, 66.6667]),
            ("standard-1", [66.6667, 0.0, 33.3333, 33.3333]),
            ("standard-2", [66.6667, 33.3333, 33.3333, 33.3333]),
            ("standard-3", [0.0, 66.6667, 33.3333, 33.3333]),
            ("standard-4", [33.3333, 66.6667, 33.3333, 33.3333]),
            ("standard-5", [66.6667, 66.6667, 33.3333, 33.3333]),
        ],
    );
    let seven = cells("1up-top-left7", 8);
    assert_eq!(seven[0], ("reserved-1".into(), [0.0, 0.0, 75.0, 75.0]));
    assert_eq!(seven[3], ("standard-3".into(), [75.0, 50.0, 25.0, 25.0]));
    assert_eq!(seven[4], ("standard-4".into(), [0.0, 75.0, 25.0, 25.0]));
    let counts = [(5, 6), (7, 8), (9, 10), (16, 17), (24, 28), (32, 49)];
    for (name, all) in counts {
        assert_eq!(cells(&format!("1up-top-left{name}"), 1).len(), all, "1up-top-left{name}");
    }
    let sixteen = cells("1up-top-left16", 17);
    assert_eq!(sixteen[0].1, [0.0, 0.0, 60.0, 60.0]);
    assert_eq!(sixteen[6], ("standard-6".into(), [80.0, 40.0, 20.0, 20.0]));
    assert_eq!(sixteen[7], ("standard-7".into(), [0.0, 60.0, 20.0, 20.0]));
}

#[test]
fn the_share_lies_behind_and_small_places_before_large_ones() {
    let share = resolve("screen-share", 3).slots;
    assert_eq!(share.len(), 9);
    assert_eq!((share[0].cell, share[0].z), (Cell::FULL, 0));
    let named = cells("screen-share", 3);
    assert_eq!(named[1], ("reserved-1".into(), [83.3333, 0.0, 16.6667, 16.6667]));
    assert_eq!(named[4], ("reserved-4".into(), [0.0, 83.3333, 16.6667, 16.6667]));
    assert_eq!(named[5], ("reserved-5".into(), [66.6667, 0.0, 33.3333, 33.3333]));
    assert_eq!(named[8], ("reserved-8".into(), [0.0, 66.6667, 33.3333, 33.3333]));
    assert!(share[1..5].iter().all(|small| share[5..].iter().all(|large| small.z > large.z)));
}

#[test]
fn a_responsive_name_is_the_first_of_its_group_that_fits() {
    let grid = [
        (1, 1),
        (2, 2),
        (3, 3),
        (4, 4),
        (5, 5),
        (6, 9),
        (9, 9),
        (10, 16),
        (16, 16),
        (17, 25),
        (26, 36),
        (37, 64),
        (65, 100),
        (101, 225),
        (300, 225),
    ];
    for (people, cells) in grid {
        assert_eq!(resolve("grid-responsive", people).slots.len(), cells, "{people} people");
    }
    let high = [(1, 6), (6, 6), (7, 8), (9, 10), (11, 17), (18, 28), (29, 49), (80, 49)];
    for (people, cells) in high {
        assert_eq!(resolve("highlight-1-responsive", people).slots.len(), cells, "{people} people");
    }
}

#[test]
fn no_cell_leaves_the_canvas_and_flat_layouts_do_not_overlap() {
    for name in NAMES {
        for people in 0..=30 {
            let slots = resolve(name, people).slots;
            for (i, a) in slots.iter().enumerate() {
                assert!(a.cell.x + a.cell.width <= 100.001 && a.cell.y + a.cell.height <= 100.001);
                for b in &slots[i + 1..] {
                    let apart = a.cell.x + a.cell.width <= b.cell.x + 0.001
                        || b.cell.x + b.cell.width <= a.cell.x + 0.001
                        || a.cell.y + a.cell.height <= b.cell.y + 0.001
                        || b.cell.y + b.cell.height <= a.cell.y + 0.001;
                    assert!(apart || a.z != b.z, "{name}: {a:?} and {b:?}");
                }
            }
        }
    }
}

#[test]
fn only_the_mobile_grid_stands_upright() {
    for name in NAMES {
        assert_eq!(resolve(name, 3).portrait, name == "grid-responsive-mobile", "{name}");
    }
}

#[test]
fn a_name_that_nobody_knows_is_arranged_as_the_default() {
    assert_eq!(NAMES[0], crate::layout::DEFAULT);
    assert_eq!(resolve("of a newer version", 4), resolve(crate::layout::DEFAULT, 4));
}
