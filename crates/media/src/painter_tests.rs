use super::*;
use rotunda_codec::Yuv;
use rotunda_domain::layout::catalog;
use rotunda_domain::{PlannedCell, Quality};
use std::cell::Cell as Count;
use std::collections::HashMap;
use uuid::Uuid;

const RED: Yuv = Yuv::from_rgb(200, 30, 40);
const BLUE: Yuv = Yuv::from_rgb(20, 40, 200);
const GREEN: Yuv = Yuv::from_rgb(30, 160, 60);

fn member(n: u128) -> MemberId {
    MemberId(Uuid::from_u128(n))
}

/// `layout` with members 1, 2, … in its first cells, all with their camera on.
fn plan(layout: &str, people: u128) -> CanvasPlan {
    plan_in(Quality::P720, layout, people)
}

fn plan_in(quality: Quality, layout: &str, people: u128) -> CanvasPlan {
    let resolved = catalog::resolve(layout, people as usize);
    let size = resolved.size(quality);
    let cells = (1..).zip(&resolved.slots).map(|(n, slot)| PlannedCell {
        reservation: slot.reservation,
        area: slot.cell.on(size),
        z: slot.z,
        shown: if n <= people { Shown::Camera(member(n)) } else { Shown::Nothing },
        name: "Ann".into(),
    });
    CanvasPlan { layout: layout.into(), size, cells: cells.collect() }
}

fn shot(version: u64, width: u32, height: u32, colour: Yuv) -> Arc<Shot> {
    let mut frame = Frame::new(width, height);
    frame.fill(colour);
    Arc::new(Shot {
        frame,
        version,
        was_reduced: false,
        rtp_time_90khz: 0,
        held: std::time::Duration::ZERO,
    })
}

struct Room {
    painter: Painter,
    shots: HashMap<MemberId, Arc<Shot>>,
}

impl Room {
    fn with(plan: &CanvasPlan, shots: &[(u128, Arc<Shot>)]) -> Self {
        let mut painter = Painter::new(1280, 720, &GraphOptions::default());
        painter.arrange(plan);
        let shots = shots.iter().map(|(n, shot)| (member(*n), shot.clone())).collect();
        Self { painter, shots }
    }

    fn draw(&mut self) -> bool {
        let shots = &self.shots;
        self.painter.draw(|member| shots.get(&member).cloned())
    }

    fn at(&self, x: u32, y: u32) -> Yuv {
        self.painter.canvas().pixel(x, y)
    }
}

/// Scaling may round a channel by one.
fn near(a: Yuv, b: Yuv) -> bool {
    a.y.abs_diff(b.y) <= 2 && a.u.abs_diff(b.u) <= 2 && a.v.abs_diff(b.v) <= 2
}

#[test]
fn each_member_is_in_the_rectangle_the_layout_says() {
    let shots = [(1, shot(1, 640, 360, RED)), (2, shot(1, 640, 360, BLUE))];
    let mut room = Room::with(&plan("2x1", 2), &shots);
    assert!(room.draw());
    assert_eq!(room.at(320, 360), RED);
    assert_eq!(room.at(960, 360), BLUE);
    assert_eq!(room.at(320, 90), compose::BACKGROUND);
    assert_eq!(room.at(960, 630), compose::BACKGROUND);
}

/// A colour for each member that none beside, behind or before them has.
fn colour_of(n: u128) -> Yuv {
    Yuv { y: 60 + (n % 11) as u8 * 12, u: 90, v: 200 - (n % 11) as u8 * 12 }
}

/// A canvas painted by what is told of it alone.
fn painted_as_reported(plan: &CanvasPlan) -> Frame {
    let mut canvas = Frame::new(plan.size.width, plan.size.height);
    canvas.fill(compose::BACKGROUND);
    let mut cells: Vec<_> = (1..).zip(&plan.cells).collect();
    cells.sort_by_key(|(_, planned)| planned.z);
    for (n, planned) in cells {
        let reported = plan.percent(planned);
        let pixel = |percent: f64, side: u32| (percent * f64::from(side) / 100.0).round() as u32;
        let (x, y) = (pixel(reported.x, plan.size.width), pixel(reported.y, plan.size.height));
        let (w, h) =
            (pixel(reported.width, plan.size.width), pixel(reported.height, plan.size.height));
        canvas.fill_rect(Rect::new(x, y, w, h), colour_of(n));
    }
    canvas
}

#[test]
fn what_is_reported_of_every_layout_is_what_is_drawn_to_the_pixel() {
    for (quality, name) in
        [Quality::P720, Quality::P1080].into_iter().flat_map(|q| catalog::NAMES.map(|n| (q, n)))
    {
        let mut sizes = Vec::new();
        for people in [1, 2, 3, 4, 5, 7, 9, 10, 17, 26, 37, 65, 101] {
            let cells = catalog::resolve(name, people).slots.len() as u128;
            if sizes.contains(&cells) {
                continue;
            }
            sizes.push(cells);
            let mut plan = plan_in(quality, name, people as u128);
            let seated = (1..).zip(&mut plan.cells);
            seated.for_each(|(n, planned)| planned.shown = Shown::Camera(member(n)));
            let shots: Vec<_> = (1..)
                .zip(&plan.cells)
                .map(|(n, c)| (n, shot(1, c.area.width, c.area.height, colour_of(n))))
                .collect();
            let mut room = Room::with(&plan, &shots);
            room.draw();
            let reported = painted_as_reported(&plan);
            let pixels = reported.as_i420().iter().zip(room.painter.canvas().as_i420());
            let wrong = pixels.filter(|(a, b)| a.abs_diff(**b) > 2).count();
            assert_eq!(wrong, 0, "samples of {name} with {cells} cells at {quality:?}");
        }
    }
}

#[test]
fn other_aspects_stand_between_bars() {
    let mut room = Room::with(&plan("1x1", 1), &[(1, shot(1, 480, 480, RED))]);
    room.draw();
    assert_eq!(room.at(640, 360), RED);
    assert_eq!(room.at(100, 360), compose::BACKGROUND);
    assert_eq!(room.at(1180, 360), compose::BACKGROUND);
}

#[test]
fn only_what_changed_is_drawn() {
    let shots = [(1, shot(1, 640, 360, RED)), (2, shot(1, 640, 360, BLUE))];
    let mut room = Room::with(&plan("2x1", 2), &shots);
    assert!(room.draw());
    assert!(!room.draw(), "nothing is new");
    room.shots.insert(member(2), shot(2, 640, 360, GREEN));
    let asked = Count::new(0);
    assert!(room.painter.draw(|member| {
        asked.set(asked.get() + 1);
        room.shots.get(&member).cloned()
    }));
    assert_eq!((room.at(320, 360), room.at(960, 360)), (RED, GREEN));
    assert_eq!(asked.get(), 2);
}

#[test]
fn nothing_of_the_old_layout_stays() {
    let mut room = Room::with(&plan("1x1", 1), &[(1, shot(1, 1280, 720, RED))]);
    room.draw();
    room.painter.arrange(&plan("5up", 1));
    assert!(room.draw());
    assert!(near(room.at(200, 120), RED));
    for (x, y) in [(640, 120), (640, 360), (1000, 120), (200, 600), (1270, 710)] {
        assert_eq!(room.at(x, y), compose::BACKGROUND, "{x},{y}");
    }
}

#[test]
fn small_places_lie_above_the_share_and_empty_ones_do_not_hide_it() {
    let mut room = Room::with(
        &plan("screen-share", 2),
        &[(1, shot(1, 1280, 720, RED)), (2, shot(1, 320, 180, BLUE))],
    );
    room.draw();
    let (x, y) = (1166, 60);
    assert_eq!(room.at(x, y), BLUE);
    assert_eq!(room.at(60, 60), RED, "an empty place shows what is behind it");
    room.shots.insert(member(1), shot(2, 1280, 720, GREEN));
    room.draw();
    assert_eq!((room.at(x, y), room.at(640, 360)), (BLUE, GREEN), "the small one is drawn again");
}

#[test]
fn before_the_first_picture_and_when_muted_the_mute_image_is_shown() {
    let mut room = Room::with(&plan("1x1", 1), &[]);
    room.draw();
    let before = room.at(640, 300);
    assert_ne!(before, compose::BACKGROUND);
    room.shots.insert(member(1), shot(1, 1280, 720, RED));
    room.draw();
    assert_eq!(room.at(640, 300), RED);
    let mut muted = plan("1x1", 1);
    muted.cells[0].shown = Shown::MuteImage(member(1));
    room.painter.arrange(&muted);
    room.draw();
    assert_eq!(room.at(640, 300), before);
}

#[test]
fn whoever_is_lost_is_drawn_unlike_whoever_is_muted_and_as_before_when_back() {
    let mut room = Room::with(&plan("1x1", 1), &[]);
    let shows = |room: &mut Room, shown: Shown| {
        let mut one = plan("1x1", 1);
        one.cells[0].shown = shown;
        room.painter.arrange(&one);
        room.draw();
        room.painter.canvas().as_i420().to_vec()
    };
    let muted = shows(&mut room, Shown::MuteImage(member(1)));
    let lost = shows(&mut room, Shown::Lost(member(1)));
    assert_ne!(lost, muted);
    assert_eq!(shows(&mut room, Shown::MuteImage(member(1))), muted);
    room.shots.insert(member(1), shot(1, 1280, 720, RED));
    assert_eq!(shows(&mut room, Shown::Lost(member(1))), lost, "not the last picture");
    shows(&mut room, Shown::Camera(member(1)));
    assert_eq!(room.at(640, 300), RED);
}

#[test]
fn an_upright_layout_turns_the_canvas() {
    let mut room = Room::with(&plan("grid-responsive-mobile", 2), &[(1, shot(1, 640, 360, RED))]);
    room.painter.arrange(&plan("grid-responsive-mobile", 2));
    assert!(room.draw());
    assert_eq!(room.painter.size(), (720, 1280));
    assert_eq!(room.at(360, 320), RED);
}
