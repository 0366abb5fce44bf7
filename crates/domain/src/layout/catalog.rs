//! The 24 named layouts as data (REST reference §5).
//!
//! A *responsive* name is a group: the first of its layouts with as many cells as there are people
//! to show, or its last one when none is large enough.

use super::geometry::{Cell, Size};
use super::position::Reservation;
use crate::room::Quality;

/// One place of a layout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// What the place is called.
    pub reservation: Reservation,
    /// Where it is.
    pub cell: Cell,
    /// Order from back (0) to front.
    pub z: i32,
}

/// One arrangement, after a responsive name was resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Its places in the order they are announced.
    pub slots: Vec<Slot>,
    /// Whether the canvas stands upright (9:16).
    pub portrait: bool,
}

impl Layout {
    /// How large a canvas of this quality is with this layout.
    pub fn size(&self, quality: Quality) -> Size {
        if self.portrait { quality.size().turned() } else { quality.size() }
    }
}

/// What a layout is called, and how it arranges so many people.
type Row = (&'static str, fn(usize) -> Layout);

/// All layouts, in the order `getLayouts` lists them: first those a room may start with, then the
/// ones only a running session takes. The first is the default.
const LAYOUTS: [Row; 24] = [
    ("grid-responsive", |people| landscape(responsive_grid(people))),
    ("grid-responsive-mobile", |people| portrait(mobile_grid(people))),
    ("highlight-1-responsive", |people| landscape(highlight(people))),
    ("1x1", |_| landscape(grid(1, 1))),
    ("2x1", |_| landscape(pair(Reservation::Standard(1), Reservation::Standard(2)))),
    ("2x2", |_| landscape(grid(2, 2))),
    ("5up", |_| landscape(five())),
    ("3x3", |_| landscape(grid(3, 3))),
    ("4x4", |_| landscape(grid(4, 4))),
    ("5x5", |_| landscape(grid(5, 5))),
    ("6x6", |_| landscape(grid(6, 6))),
    ("8x8", |_| landscape(grid(8, 8))),
    ("10x10", |_| landscape(grid(10, 10))),
    ("screen-share", |_| landscape(screen_share())),
    ("presenter-dual-horizontal", |_| {
        landscape(pair(Reservation::FullScreen, Reservation::Reserved(1)))
    }),
    ("full-screen", |_| landscape(vec![slot(Reservation::Reserved(1), Cell::FULL)])),
    ("1x1-2x1", |_| landscape(one_over_two())),
    ("15x15", |_| landscape(grid(15, 15))),
    ("1up-top-left5", |_| landscape(one_up(3, 2))),
    ("1up-top-left7", |_| landscape(one_up(4, 3))),
    ("1up-top-left9", |_| landscape(one_up(5, 4))),
    ("1up-top-left16", |_| landscape(one_up(5, 3))),
    ("1up-top-left24", |_| landscape(one_up(6, 3))),
    ("1up-top-left32", |_| landscape(one_up(8, 4))),
];

/// The names of all layouts, in the order `getLayouts` lists them.
pub const NAMES: [&str; LAYOUTS.len()] = {
    let mut names = [""; LAYOUTS.len()];
    let mut row = 0;
    while row < names.len() {
        names[row] = LAYOUTS[row].0;
        row += 1;
    }
    names
};

/// How many of [`NAMES`] the REST interface takes as a room's initial layout.
const ROOM_NAMES: usize = 13;

/// The names a room may start with.
pub fn room_names() -> &'static [&'static str] {
    &NAMES[..ROOM_NAMES]
}

/// Whether `name` is a layout.
pub fn exists(name: &str) -> bool {
    NAMES.contains(&name)
}

/// The arrangement that `name` gives `people` to show; an unknown name gives the default's, so
/// that a room stored by a newer version still opens.
pub fn resolve(name: &str, people: usize) -> Layout {
    let (_, arrange) = LAYOUTS.iter().find(|row| row.0 == name).unwrap_or(&LAYOUTS[0]);
    arrange(people)
}

fn landscape(slots: Vec<Slot>) -> Layout {
    Layout { slots, portrait: false }
}

fn portrait(slots: Vec<Slot>) -> Layout {
    Layout { slots, portrait: true }
}

fn slot(reservation: Reservation, cell: Cell) -> Slot {
    Slot { reservation, cell, z: 0 }
}

fn grid(columns: u32, rows: u32) -> Vec<Slot> {
    (0..columns * rows)
        .map(|k| {
            let cell = Cell::on_grid(k % columns, k / columns, 1, 1, columns, rows);
            slot(Reservation::Standard(k + 1), cell)
        })
        .collect()
}

/// Two cells side by side in a vertically centred band.
fn pair(left: Reservation, right: Reservation) -> Vec<Slot> {
    vec![slot(left, Cell::on_grid(0, 1, 2, 2, 4, 4)), slot(right, Cell::on_grid(2, 1, 2, 2, 4, 4))]
}

fn one_over_two() -> Vec<Slot> {
    vec![
        slot(Reservation::Standard(1), Cell::on_grid(1, 0, 2, 2, 4, 4)),
        slot(Reservation::Standard(2), Cell::on_grid(0, 2, 2, 2, 4, 4)),
        slot(Reservation::Standard(3), Cell::on_grid(2, 2, 2, 2, 4, 4)),
    ]
}

/// Five of a die: four corners and the centre of a 3×3 grid.
fn five() -> Vec<Slot> {
    [(0, 0), (2, 0), (1, 1), (0, 2), (2, 2)]
        .into_iter()
        .zip(1..)
        .map(|((x, y), n)| slot(Reservation::Standard(n), Cell::on_grid(x, y, 1, 1, 3, 3)))
        .collect()
}

/// An `n`×`n` grid whose top left `big`×`big` block is one cell; the rest in reading order.
fn one_up(n: u32, big: u32) -> Vec<Slot> {
    let large = slot(Reservation::Reserved(1), Cell::on_grid(0, 0, big, big, n, n));
    let small = (0..n * n)
        .map(|k| (k % n, k / n))
        .filter(|(x, y)| *x >= big || *y >= big)
        .zip(1..)
        .map(|((x, y), k)| slot(Reservation::Standard(k), Cell::on_grid(x, y, 1, 1, n, n)));
    std::iter::once(large).chain(small).collect()
}

/// The share behind, eight places for cameras above it: four small ones in front of four large.
fn screen_share() -> Vec<Slot> {
    let corner = |n: u32, x, y, size, parts, z| Slot {
        reservation: Reservation::Reserved(n),
        cell: Cell::on_grid(x, y, size, size, parts, parts),
        z,
    };
    vec![
        slot(Reservation::FullScreen, Cell::FULL),
        corner(1, 5, 0, 1, 6, 2),
        corner(2, 0, 0, 1, 6, 2),
        corner(3, 5, 5, 1, 6, 2),
        corner(4, 0, 5, 1, 6, 2),
        corner(5, 2, 0, 1, 3, 1),
        corner(6, 0, 0, 1, 3, 1),
        corner(7, 2, 2, 1, 3, 1),
        corner(8, 0, 2, 1, 3, 1),
    ]
}

fn responsive_grid(people: usize) -> Vec<Slot> {
    match people {
        0 | 1 => grid(1, 1),
        2 => pair(Reservation::Standard(1), Reservation::Standard(2)),
        3 => one_over_two(),
        4 => grid(2, 2),
        5 => five(),
        6..=9 => grid(3, 3),
        10..=16 => grid(4, 4),
        17..=25 => grid(5, 5),
        26..=36 => grid(6, 6),
        37..=64 => grid(8, 8),
        65..=100 => grid(10, 10),
        _ => grid(15, 15),
    }
}

/// The upright canvas has no published geometry; columns and rows grow by turns, rows first.
fn mobile_grid(people: usize) -> Vec<Slot> {
    let (columns, rows) = match people {
        0 | 1 => (1, 1),
        2 => (1, 2),
        3..=4 => (2, 2),
        5..=6 => (2, 3),
        7..=9 => (3, 3),
        10..=12 => (3, 4),
        13..=16 => (4, 4),
        17..=25 => (5, 5),
        26..=36 => (6, 6),
        37..=64 => (8, 8),
        65..=100 => (10, 10),
        _ => (15, 15),
    };
    grid(columns, rows)
}

fn highlight(people: usize) -> Vec<Slot> {
    match people {
        0..=6 => one_up(3, 2),
        7..=8 => one_up(4, 3),
        9..=10 => one_up(5, 4),
        11..=17 => one_up(5, 3),
        18..=28 => one_up(6, 3),
        _ => one_up(8, 4),
    }
}

#[cfg(test)]
#[path = "catalog_tests.rs"]
mod tests;
