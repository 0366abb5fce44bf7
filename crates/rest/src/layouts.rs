//! `/layouts`: the named layouts with their geometry. Ours; the original has no such list.

use crate::access::Caller;
use crate::requests::PlainError;
use axum::Json;
use rotunda_domain::layout::{Slot, catalog};
use serde::Serialize;
use std::sync::LazyLock;
use utoipa::ToSchema;

/// Most members a room can have, and so the most people a layout is asked about.
const PEOPLE: usize = *rotunda_domain::limits::MAX_MEMBERS.end() as usize;

/// All layouts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Layouts {
    data: Vec<NamedLayout>,
}

/// A layout by its name.
#[derive(Serialize, ToSchema)]
pub(crate) struct NamedLayout {
    name: &'static str,
    /// Whether a room may start with it; the others are for running sessions.
    initial: bool,
    /// Whether the canvas stands upright (9:16).
    portrait: bool,
    /// One, or for a responsive name one for each range of people to show.
    arrangements: Vec<Arrangement>,
}

/// The cells for a number of people to show.
#[derive(Serialize, ToSchema)]
pub(crate) struct Arrangement {
    from_people: usize,
    /// Absent when there is no upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_people: Option<usize>,
    layers: Vec<Layer>,
}

/// A cell, in percent of the canvas.
#[derive(Serialize, ToSchema)]
pub(crate) struct Layer {
    layer_index: usize,
    z_index: i32,
    reservation: String,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

static LAYOUTS: LazyLock<Layouts> = LazyLock::new(|| Layouts {
    data: catalog::NAMES
        .iter()
        .map(|name| NamedLayout {
            name,
            initial: catalog::room_names().contains(name),
            portrait: catalog::resolve(name, 1).portrait,
            arrangements: arrangements(name),
        })
        .collect(),
});

fn arrangements(name: &str) -> Vec<Arrangement> {
    let mut all: Vec<(usize, Vec<Slot>)> = Vec::new();
    for people in 1..=PEOPLE {
        let slots = catalog::resolve(name, people).slots;
        if all.last().is_none_or(|(_, last)| *last != slots) {
            all.push((people, slots));
        }
    }
    let begins: Vec<usize> = all.iter().map(|(from, _)| *from).collect();
    all.into_iter()
        .enumerate()
        .map(|(i, (from_people, slots))| Arrangement {
            from_people,
            to_people: begins.get(i + 1).map(|next| next - 1),
            layers: slots.iter().enumerate().map(layer).collect(),
        })
        .collect()
}

fn layer((layer_index, slot): (usize, &Slot)) -> Layer {
    Layer {
        layer_index,
        z_index: slot.z,
        reservation: slot.reservation.to_string(),
        x: slot.cell.x,
        y: slot.cell.y,
        width: slot.cell.width,
        height: slot.cell.height,
    }
}

#[utoipa::path(get, path = "/api/video/layouts", tag = "Layouts", operation_id = "list_layouts",
    responses((status = 200, body = Layouts), (status = 401, body = PlainError)))]
/// List the layouts with their geometry.
pub(crate) async fn list(_: Caller) -> Json<&'static Layouts> {
    Json(&LAYOUTS)
}
