//! Draws a plan: each cell only when its content is new, lower layers before higher ones.

use crate::options::GraphOptions;
use crate::presentation_slot::Shot;
use rotunda_codec::{Frame, Rect};
use rotunda_compose::{self as compose, Fit};
use rotunda_domain::{Area, CanvasPlan, MemberId, Shown, Size};
use std::sync::Arc;

/// What a cell shows at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drawn {
    Never,
    MuteImage,
    LostImage,
    Picture(u64),
}

struct PaintedCell {
    rect: Rect,
    z: i32,
    shown: Shown,
    name: Arc<str>,
    drawn: Drawn,
    /// The mute image, or that of somebody lost.
    still: Option<Frame>,
    banner: Option<compose::Banner>,
}

pub(crate) struct Painter {
    canvas: Frame,
    cells: Vec<PaintedCell>,
    name_banners: bool,
    fit: Fit,
    is_new: bool,
}

impl Painter {
    pub fn new(width: u32, height: u32, options: &GraphOptions) -> Self {
        let mut canvas = Frame::new(width, height);
        canvas.fill(compose::BACKGROUND);
        Self {
            canvas,
            cells: Vec::new(),
            name_banners: options.name_banners,
            fit: if options.crop { Fit::Crop } else { Fit::Letterbox },
            is_new: true,
        }
    }

    pub fn size(&self) -> (u32, u32) {
        (self.canvas.width(), self.canvas.height())
    }

    pub fn canvas(&self) -> &Frame {
        &self.canvas
    }

    /// All who are shown, and the cell of each.
    pub fn shown(&self) -> impl Iterator<Item = (MemberId, Rect)> + Clone + '_ {
        self.cells.iter().filter_map(|cell| Some((member_of(&cell.shown)?, cell.rect)))
    }

    /// The cell in which `member` is shown.
    pub fn cell_of(&self, member: MemberId) -> Option<Rect> {
        let cell = self.cells.iter().find(|cell| member_of(&cell.shown) == Some(member))?;
        Some(cell.rect)
    }

    /// Takes over a new plan; everything is drawn anew, so that no remnant of the old one stays
    /// between the cells.
    pub fn arrange(&mut self, plan: &CanvasPlan) {
        let Size { width, height } = plan.size;
        if self.size() != (width, height) {
            self.canvas = Frame::new(width, height);
        }
        self.canvas.fill(compose::BACKGROUND);
        let mut cells: Vec<_> = plan
            .cells
            .iter()
            .map(|planned| PaintedCell {
                rect: rect(planned.area),
                z: planned.z,
                shown: planned.shown.clone(),
                name: planned.name.clone(),
                drawn: Drawn::Never,
                still: None,
                banner: None,
            })
            .collect();
        cells.sort_by_key(|cell| cell.z);
        self.keep_stills(&mut cells);
        self.cells = cells;
        self.is_new = true;
    }

    /// A mute image costs more to draw than anything else; one that still fits is taken over.
    fn keep_stills(&mut self, cells: &mut [PaintedCell]) {
        for cell in cells {
            let (size, who) = ((cell.rect.w, cell.rect.h), member_of(&cell.shown));
            let old = self.cells.iter_mut().find(|old| {
                member_of(&old.shown) == who
                    && (old.rect.w, old.rect.h) == size
                    && old.name == cell.name
            });
            if let Some(old) = old.filter(|_| who.is_some()) {
                let is_alike = is_lost(&old.shown) == is_lost(&cell.shown);
                cell.still = old.still.take().filter(|_| is_alike);
                cell.banner = old.banner.take();
            }
        }
    }

    /// Draws what is new; answers whether anything was.
    pub fn draw(&mut self, latest: impl Fn(MemberId) -> Option<Arc<Shot>>) -> bool {
        let mut changed = std::mem::take(&mut self.is_new);
        for index in 0..self.cells.len() {
            let Some((wanted, shot)) = wanted(&self.cells[index].shown, &latest) else { continue };
            if self.cells[index].drawn == wanted {
                continue;
            }
            self.paint(index, wanted, shot.as_deref());
            self.uncover(index);
            changed = true;
        }
        changed
    }

    fn paint(&mut self, index: usize, wanted: Drawn, shot: Option<&Shot>) {
        let cell = &mut self.cells[index];
        let rect = cell.rect;
        cell.drawn = wanted;
        let Some(shot) = shot else {
            let name = cell.name.clone();
            let draw = match is_lost(&cell.shown) {
                true => compose::lost_image,
                false => compose::mute_image,
            };
            let image = cell.still.get_or_insert_with(|| draw(&name, rect.w, rect.h));
            compose::draw_cell(&mut self.canvas, rect, image.view(), Fit::Letterbox);
            return;
        };
        compose::draw_cell(&mut self.canvas, rect, shot.frame.view(), self.fit);
        if self.name_banners && !cell.name.is_empty() {
            let name = cell.name.clone();
            if cell.banner.is_none() {
                cell.banner = compose::Banner::new(&name, rect.w, rect.h);
            }
            if let Some(banner) = &cell.banner {
                banner.draw(&mut self.canvas, rect);
            }
        }
    }

    /// What lies above a cell drawn anew is to be drawn again.
    fn uncover(&mut self, index: usize) {
        let (rect, z) = (self.cells[index].rect, self.cells[index].z);
        for above in &mut self.cells[index + 1..] {
            if above.z > z && overlap(above.rect, rect) {
                above.drawn = Drawn::Never;
            }
        }
    }
}

fn rect(area: Area) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height)
}

fn member_of(shown: &Shown) -> Option<MemberId> {
    match shown {
        Shown::Nothing => None,
        Shown::Camera(member)
        | Shown::MuteImage(member)
        | Shown::Lost(member)
        | Shown::Playing(member) => Some(*member),
    }
}

fn is_lost(shown: &Shown) -> bool {
    matches!(shown, Shown::Lost(_))
}

/// What a cell should show now: before the first picture, the mute image. Empty cells show nothing
/// of their own: the canvas was cleared when it was arranged, and one above others must not hide
/// them.
fn wanted(
    shown: &Shown,
    latest: &impl Fn(MemberId) -> Option<Arc<Shot>>,
) -> Option<(Drawn, Option<Arc<Shot>>)> {
    match shown {
        Shown::Nothing => None,
        Shown::MuteImage(_) => Some((Drawn::MuteImage, None)),
        Shown::Lost(_) => Some((Drawn::LostImage, None)),
        Shown::Camera(member) | Shown::Playing(member) => Some(match latest(*member) {
            Some(shot) => (Drawn::Picture(shot.version), Some(shot)),
            None => (Drawn::MuteImage, None),
        }),
    }
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

#[cfg(test)]
#[path = "painter_tests.rs"]
mod tests;
