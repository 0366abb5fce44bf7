//! `/logs`: what went on in a project, one entry a session. A token without the scope is refused with 403
//! here, where every other route says 401.

use crate::Door;
use crate::access::{LogReader, Segment};
use crate::dates::write_ms;
use crate::error::ApiError;
use crate::list_query::ListQuery;
use crate::objects::List;
use crate::openapi_bodies::{PlainError, ValidationErrors};
use axum::Json;
use axum::extract::State;
use rotunda_domain::SessionId;
use rotunda_hub::{LogQuery, LogRow};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

const DAY_S: i64 = 86_400;

/// An entry of the log.
#[derive(Serialize, ToSchema)]
#[schema(as = Log)]
pub(crate) struct LogObject {
    /// The session's.
    id: Uuid,
    /// Always `realtime_api`.
    source: &'static str,
    /// `video_room_session` or `video_conference_session`.
    r#type: &'static str,
    /// The session.
    url: String,
    room_name: Option<String>,
    /// `in-progress` or `completed`.
    status: &'static str,
    locked: bool,
    started_at: Option<String>,
    ended_at: Option<String>,
    /// Always 0.
    charge: f64,
    created_at: String,
    /// Always empty.
    charge_details: Vec<ChargeObject>,
}

/// What something cost.
#[derive(Serialize, ToSchema)]
#[schema(as = Charge)]
pub(crate) struct ChargeObject {
    description: String,
    charge: f64,
}

impl LogObject {
    fn new(row: LogRow, base: &str) -> Self {
        let session = row.session;
        Self {
            id: session.id.0,
            source: "realtime_api",
            r#type: match row.of_conference {
                true => "video_conference_session",
                false => "video_room_session",
            },
            url: format!("{base}/api/video/room_sessions/{}", session.id),
            room_name: Some(session.settings.name),
            status: session.status.as_str(),
            locked: session.locked,
            started_at: Some(write_ms(session.start_ms)),
            ended_at: session.end_ms.map(write_ms),
            charge: 0.0,
            created_at: write_ms(session.created_at_ms),
            charge_details: Vec::new(),
        }
    }
}

#[utoipa::path(get, path = "/api/video/logs", tag = "Logs", operation_id = "list_logs",
    params(("include_deleted" = Option<bool>, Query,
            description = "Nothing of what was deleted is kept, so this adds nothing."),
        ("created_before" = Option<String>, Query), ("created_on" = Option<String>, Query),
        ("created_after" = Option<String>, Query), ("page_number" = Option<u32>, Query),
        ("page_size" = Option<u32>, Query), ("page_token" = Option<String>, Query)),
    responses((status = 200, body = List<LogObject>), (status = 401, body = PlainError),
        (status = 403, body = PlainError), (status = 422, body = ValidationErrors)))]
/// List what went on, newest first.
pub(crate) async fn list(
    State(door): State<Door>,
    LogReader(caller): LogReader,
    mut list_query: ListQuery,
) -> Result<Json<List<LogObject>>, ApiError> {
    list_query.flag("include_deleted");
    let query = within(&mut list_query);
    let asking = list_query.page();
    list_query.check(&door)?;
    let page = door.hub.logs_page(caller.project, query, asking.page).await?;
    let base = list_query.base().to_owned();
    Ok(Json(list_query.list(asking, page, |row| LogObject::new(row, &base))))
}

#[utoipa::path(get, path = "/api/video/logs/{id}", tag = "Logs", operation_id = "get_log",
    params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = LogObject), (status = 401, body = PlainError),
        (status = 403, body = PlainError), (status = 404, body = PlainError)))]
/// Find an entry of the log by id.
pub(crate) async fn show(
    State(door): State<Door>,
    LogReader(caller): LogReader,
    id: Segment,
    list_query: ListQuery,
) -> Result<Json<LogObject>, ApiError> {
    let id: SessionId = id.id()?;
    let row = door.hub.log(caller.project, id).await?;
    Ok(Json(LogObject::new(row, list_query.base())))
}

/// The time that a query asks for: before a moment, from the second after one on, and on the day (UTC) of
/// one, as far as each is given.
fn within(list_query: &mut ListQuery) -> LogQuery {
    let before = list_query.moment("created_before");
    let day = list_query.moment("created_on").map(|at| at.div_euclid(DAY_S) * DAY_S);
    let after = list_query.moment("created_after").map(|at| at.saturating_add(1));
    let from = day.into_iter().chain(after).max();
    let until = day.map(|day| day + DAY_S).into_iter().chain(before).min();
    let ms = |seconds: i64| seconds.saturating_mul(1000);
    LogQuery { from_ms: from.map(ms), before_ms: until.map(ms) }
}
