//! `/room_sessions/{id}/network_quality`: how good the lines of those in a session are now. An extension;
//! the reference has nothing of the kind.

use crate::Door;
use crate::access::{Caller, Segment};
use crate::error::ApiError;
use crate::openapi_bodies::PlainError;
use axum::Json;
use axum::extract::State;
use rotunda_domain::line::Way;
use rotunda_domain::{LineQuality, LineView, Refusal};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The lines of those in a session.
#[derive(Serialize, ToSchema)]
#[schema(as = NetworkQualities)]
pub(crate) struct Lines {
    data: Vec<LineObject>,
}

/// Somebody's line.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberNetworkQuality)]
struct LineObject {
    /// Of the member.
    id: Uuid,
    name: String,
    /// `member`, `audience`, `screen` or `device`.
    r#type: &'static str,
    network_quality: QualityObject,
}

/// What nobody has reported yet is `null`.
#[derive(Serialize, ToSchema)]
#[schema(as = NetworkQuality)]
struct QualityObject {
    /// `good`, `fair` or `poor`.
    level: &'static str,
    /// What is sent of the canvas: `full`, `half`, `quarter` or `none`; null where none was asked for.
    picture: Option<&'static str>,
    over_tcp: bool,
    round_trip_ms: Option<u32>,
    /// What is sent to them.
    down: WayObject,
    /// What comes from them.
    up: WayObject,
}

/// One way of a line.
#[derive(Serialize, ToSchema)]
#[schema(as = NetworkQualityOneWay)]
struct WayObject {
    loss_percent: Option<f64>,
    jitter_ms: Option<u32>,
    kbps: u32,
}

impl LineObject {
    fn new(view: LineView) -> Self {
        Self {
            id: view.member.0,
            name: view.name.to_string(),
            r#type: view.kind.as_str(),
            network_quality: QualityObject::new(&view.quality),
        }
    }
}

impl QualityObject {
    fn new(quality: &LineQuality) -> Self {
        Self {
            level: quality.level.as_str(),
            picture: quality.picture.as_str(),
            over_tcp: quality.is_over_tcp,
            round_trip_ms: quality.round_trip_ms,
            down: WayObject::new(&quality.down),
            up: WayObject::new(&quality.up),
        }
    }
}

impl WayObject {
    fn new(way: &Way) -> Self {
        let loss_percent = way.lost_per_mille.map(|lost| f64::from(lost) / 10.0);
        Self { loss_percent, jitter_ms: way.jitter_ms, kbps: way.kbps }
    }
}

#[utoipa::path(get, path = "/api/video/room_sessions/{id}/network_quality", tag = "Room sessions",
    operation_id = "list_room_session_network_quality", params(("id" = Uuid, Path)),
    responses((status = 200, body = Lines), (status = 401, body = PlainError),
        (status = 404, body = PlainError)))]
/// List how good the lines of those in a running room session are; an extension.
pub(crate) async fn list(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
) -> Result<Json<Lines>, ApiError> {
    let lines =
        door.hub.lines(caller.project, id.id()?).await.map_err(|refusal| match refusal {
            Refusal::NotFound(_) => ApiError::NotFound,
            Refusal::Unavailable => ApiError::Unavailable,
            _ => ApiError::Broken,
        })?;
    Ok(Json(Lines { data: lines.into_iter().map(LineObject::new).collect() }))
}
