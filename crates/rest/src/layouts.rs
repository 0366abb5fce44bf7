//! `/layouts`: the named layouts with their geometry. Ours; the original has no such list.

use crate::access::Caller;
use crate::openapi_bodies::PlainError;
use axum::Json;
use rotunda_domain::layout::{Layout, Slot, catalog};
use rotunda_domain::{Cell, Quality, Size};
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

/// A cell as it is drawn on a 720p canvas, in percent of it; on a larger one the gap beside it is a
/// smaller part. `layout.changed` says it for the canvas there is.
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
    let mut all: Vec<(usize, Layout)> = Vec::new();
    for people in 1..=PEOPLE {
        let layout = catalog::resolve(name, people);
        if all.last().is_none_or(|(_, last)| *last != layout) {
            all.push((people, layout));
        }
    }
    let begins: Vec<usize> = all.iter().map(|(from, _)| *from).collect();
    all.into_iter()
        .enumerate()
        .map(|(i, (from_people, layout))| Arrangement {
            from_people,
            to_people: begins.get(i + 1).map(|next| next - 1),
            layers: layers(&layout),
        })
        .collect()
}

fn layers(layout: &Layout) -> Vec<Layer> {
    let size = layout.size(Quality::P720);
    layout.slots.iter().enumerate().map(|(index, slot)| layer(index, slot, size)).collect()
}

fn layer(layer_index: usize, slot: &Slot, size: Size) -> Layer {
    let Cell { x, y, width, height } = slot.cell.on(size).percent_of(size);
    let reservation = slot.reservation.to_string();
    Layer { layer_index, z_index: slot.z, reservation, x, y, width, height }
}

#[utoipa::path(get, path = "/api/video/layouts", tag = "Layouts", operation_id = "list_layouts",
    responses((status = 200, body = Layouts), (status = 401, body = PlainError)))]
/// List the layouts with their geometry.
pub(crate) async fn list(_: Caller) -> Json<&'static Layouts> {
    Json(&LAYOUTS)
}
