//! Named arrangements of the canvas: which cells they have, who sits where, what is shown.

pub mod catalog;
mod geometry;
pub mod plan;
mod position;
pub mod seats;

pub use catalog::{Layout, Slot};
pub use geometry::{Area, Cell, Size};
pub use plan::{CanvasPlan, PlannedCell, Shown};
pub use position::{Position, Reservation};

/// The layout of a room that names none.
pub const DEFAULT: &str = "grid-responsive";
