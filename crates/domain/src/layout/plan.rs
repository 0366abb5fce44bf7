//! What the canvas shows now: the message from the rules to the compositor.

use super::geometry::{Area, Cell, Size};
use super::position::Reservation;
use crate::id::MemberId;
use std::sync::Arc;

/// What a cell of the plan holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// Nobody.
    Nothing,
    /// The member's picture; before the first frame and after the last, their mute image.
    Camera(MemberId),
    /// The member's mute image: the camera is off.
    MuteImage(MemberId),
    /// The member's mute image with the sign that nothing comes from them any more.
    Lost(MemberId),
    /// A playback's picture, under the playback's own id.
    Playing(MemberId),
}

/// One cell of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedCell {
    /// What the place is called.
    pub reservation: Reservation,
    /// Where it is, in pixels of the plan's canvas: what is drawn of it, no more and no less.
    pub area: Area,
    /// Order from back (0) to front.
    pub z: i32,
    /// What is in it.
    pub shown: Shown,
    /// The name for the mute image and the banner; empty when nobody is there.
    pub name: Arc<str>,
}

impl PlannedCell {
    /// Whose cell it is.
    pub fn member(&self) -> Option<MemberId> {
        match self.shown {
            Shown::Nothing => None,
            Shown::Camera(member)
            | Shown::MuteImage(member)
            | Shown::Lost(member)
            | Shown::Playing(member) => Some(member),
        }
    }
}

/// The whole picture as rectangles, in the order they are announced.
#[derive(Clone, Debug, PartialEq)]
pub struct CanvasPlan {
    /// The layout's name as it was set, responsive ones included.
    pub layout: Arc<str>,
    /// Size of the canvas.
    pub size: Size,
    /// Its cells.
    pub cells: Vec<PlannedCell>,
}

impl CanvasPlan {
    /// Where one of its cells is, in percent of the canvas: what is told of it.
    pub fn percent(&self, planned: &PlannedCell) -> Cell {
        planned.area.percent_of(self.size)
    }
}
