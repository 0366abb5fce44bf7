//! `/webhooks`: where events are sent, what was sent there, and what is sent again.

use crate::Door;
use crate::access::{Caller, Segment};
use crate::body::Body;
use crate::dates::write_ms;
use crate::error::{ApiError, FieldError};
use crate::list_query::ListQuery;
use crate::objects::List;
use crate::openapi_bodies::{
    PlainError, ValidationErrors, WebhookBody, WebhookReplayBody, WebhookSecretBody,
};
use crate::webhook_fields::{read_changes, read_new, read_overlap, read_replay};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rotunda_hub::{UrlRefused, WebhookLine, WebhookRefused, WebhookRow, WebhookState};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An endpoint that events are sent to.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct WebhookObject {
    id: Uuid,
    url: String,
    /// Names and families (`member.*`) of the events it takes; every one when there are none.
    events: Vec<String>,
    description: String,
    enabled: bool,
    /// Why the server switched it off, if it did.
    disabled_reason: Option<String>,
    /// What signs (Standard Webhooks); `null` but in the answer that made it.
    secret: Option<String>,
    /// Until when the secret before it signs as well.
    previous_secret_until: Option<String>,
    created_at: String,
    updated_at: String,
}

impl WebhookObject {
    fn new(row: WebhookRow, is_secret_shown: bool) -> Self {
        Self {
            id: row.id,
            url: row.terms.url,
            events: row.terms.events.words().to_vec(),
            description: row.terms.description,
            enabled: row.terms.is_enabled,
            disabled_reason: row.off_reason,
            secret: is_secret_shown.then(|| row.secret.shown()),
            previous_secret_until: row.old_secret.map(|old| write_ms(old.until_ms)),
            created_at: write_ms(row.created_at_ms),
            updated_at: write_ms(row.updated_at_ms),
        }
    }
}

/// An event on its way to an endpoint, or there.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(crate) struct DeliveryObject {
    /// The event's id, sent as `webhook-id`.
    id: Uuid,
    webhook_id: Uuid,
    r#type: String,
    room_id: Option<Uuid>,
    /// `waiting`; `held` behind an earlier event of its room; `delivered`; `dead`.
    state: &'static str,
    /// Tries so far.
    attempts: i64,
    /// Why it was not taken the last time.
    error: Option<String>,
    /// While it waits.
    next_attempt_at: Option<String>,
    first_attempt_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl DeliveryObject {
    fn new(line: WebhookLine) -> Self {
        let waits = line.state == WebhookState::Waiting;
        Self {
            id: line.event,
            webhook_id: line.endpoint,
            r#type: line.name,
            room_id: line.room.map(|room| room.0),
            state: line.state.as_str(),
            attempts: line.attempts,
            error: line.error,
            next_attempt_at: waits.then(|| write_ms(line.next_at_ms)),
            first_attempt_at: line.first_at_ms.map(write_ms),
            created_at: write_ms(line.created_at_ms),
            updated_at: write_ms(line.updated_at_ms),
        }
    }
}

/// What is sent again.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookReplay)]
pub(crate) struct ReplayObject {
    /// How many events.
    count: u64,
}

#[utoipa::path(get, path = "/api/video/webhooks", tag = "Webhooks", operation_id = "list_webhooks",
    responses((status = 200, body = List<WebhookObject>), (status = 401, body = PlainError)))]
/// List the project's webhooks, oldest first; there are at most twenty.
pub(crate) async fn list(
    State(door): State<Door>,
    caller: Caller,
    list_query: ListQuery,
) -> Result<Json<List<WebhookObject>>, ApiError> {
    let rows = door.hub.webhooks(caller.project).await?;
    let objects = rows.into_iter().map(|row| WebhookObject::new(row, false));
    Ok(Json(list_query.whole(objects.collect())))
}

#[utoipa::path(post, path = "/api/video/webhooks", tag = "Webhooks",
    operation_id = "create_webhook", request_body = WebhookBody,
    responses((status = 201, body = WebhookObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 422, body = ValidationErrors)))]
/// Send events to an address from now on. The secret that signs them is shown this once.
pub(crate) async fn create(
    State(door): State<Door>,
    caller: Caller,
    Body(body): Body,
) -> Result<(StatusCode, Json<WebhookObject>), ApiError> {
    let terms = read_new(&body).map_err(|errors| door.invalid(errors))?;
    let made = door.hub.create_webhook(caller.project, terms).await;
    let row = made.map_err(|error| door.webhook_error(error))?;
    Ok((StatusCode::CREATED, Json(WebhookObject::new(row, true))))
}

#[utoipa::path(get, path = "/api/video/webhooks/{id}", tag = "Webhooks",
    operation_id = "get_webhook", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = WebhookObject), (status = 401, body = PlainError),
        (status = 404, body = PlainError)))]
/// Find a webhook by id.
pub(crate) async fn show(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
) -> Result<Json<WebhookObject>, ApiError> {
    let found = door.hub.webhook(caller.project, id.id()?).await;
    let row = found.map_err(|error| door.webhook_error(error))?;
    Ok(Json(WebhookObject::new(row, false)))
}

#[utoipa::path(put, path = "/api/video/webhooks/{id}", tag = "Webhooks",
    operation_id = "update_webhook", params(("id" = uuid::Uuid, Path)), request_body = WebhookBody,
    responses((status = 200, body = WebhookObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 404, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// Change a webhook. One that is switched on again goes on where it ended.
pub(crate) async fn update(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    Body(body): Body,
) -> Result<Json<WebhookObject>, ApiError> {
    let id = id.id()?;
    let changes = read_changes(&body);
    if changes.is_err() {
        let found = door.hub.webhook(caller.project, id).await;
        found.map_err(|error| door.webhook_error(error))?;
    }
    let changes = changes.map_err(|errors| door.invalid(errors))?;
    let change = |terms: &mut rotunda_hub::WebhookTerms| {
        changes.events.apply(&mut terms.events, Default::default());
        changes.description.apply(&mut terms.description, String::new());
        changes.enabled.apply(&mut terms.is_enabled, true);
    };
    let changed = door.hub.change_webhook(caller.project, id, changes.url, change).await;
    let row = changed.map_err(|error| door.webhook_error(error))?;
    Ok(Json(WebhookObject::new(row, false)))
}

#[utoipa::path(delete, path = "/api/video/webhooks/{id}", tag = "Webhooks",
    operation_id = "delete_webhook", params(("id" = uuid::Uuid, Path)),
    responses((status = 204), (status = 401, body = PlainError), (status = 404, body = PlainError)))]
/// Delete a webhook, with everything that was or is to be sent there.
pub(crate) async fn delete(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
) -> Result<StatusCode, ApiError> {
    let deleted = door.hub.delete_webhook(caller.project, id.id()?).await;
    deleted.map_err(|error| door.webhook_error(error))?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/video/webhooks/{id}/secret", tag = "Webhooks",
    operation_id = "rotate_webhook_secret", params(("id" = uuid::Uuid, Path)),
    request_body = WebhookSecretBody,
    responses((status = 200, body = WebhookObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 404, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// Give a webhook a new secret, shown this once. The present one signs as well for a while.
pub(crate) async fn rotate(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    Body(body): Body,
) -> Result<Json<WebhookObject>, ApiError> {
    let id = id.id()?;
    let found = door.hub.webhook(caller.project, id).await;
    found.map_err(|error| door.webhook_error(error))?;
    let overlap_s = read_overlap(&body).map_err(|errors| door.invalid(errors))?;
    let rotated = door.hub.rotate_webhook(caller.project, id, overlap_s).await;
    let row = rotated.map_err(|error| door.webhook_error(error))?;
    Ok(Json(WebhookObject::new(row, true)))
}

#[utoipa::path(get, path = "/api/video/webhooks/{id}/deliveries", tag = "Webhooks",
    operation_id = "list_webhook_deliveries",
    params(("id" = uuid::Uuid, Path), ("state" = Option<String>, Query,
            description = "waiting, held, delivered or dead"),
        ("page_number" = Option<u32>, Query), ("page_size" = Option<u32>, Query),
        ("page_token" = Option<String>, Query)),
    responses((status = 200, body = List<DeliveryObject>), (status = 401, body = PlainError),
        (status = 404, body = PlainError), (status = 422, body = ValidationErrors)))]
/// List what was and is to be sent to a webhook, newest first; with `state=dead` what was given up.
pub(crate) async fn deliveries(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    mut list_query: ListQuery,
) -> Result<Json<List<DeliveryObject>>, ApiError> {
    let must = "waiting, held, delivered or dead";
    let state = list_query.read("state", "invalid_parameter", must, WebhookState::parse);
    let asking = list_query.page();
    list_query.check(&door)?;
    let page = door.hub.webhook_lines(caller.project, id.id()?, state, asking.page).await;
    let page = page.map_err(|error| door.webhook_error(error))?;
    Ok(Json(list_query.list(asking, page, DeliveryObject::new)))
}

#[utoipa::path(post, path = "/api/video/webhooks/{id}/replay", tag = "Webhooks",
    operation_id = "replay_webhook", params(("id" = uuid::Uuid, Path)),
    request_body = WebhookReplayBody,
    responses((status = 202, body = ReplayObject), (status = 400, body = PlainError),
        (status = 401, body = PlainError), (status = 404, body = PlainError),
        (status = 422, body = ValidationErrors)))]
/// Send a webhook once more one event that is kept, or all that were given up. Ids stay as they are.
pub(crate) async fn replay(
    State(door): State<Door>,
    caller: Caller,
    id: Segment,
    Body(body): Body,
) -> Result<(StatusCode, Json<ReplayObject>), ApiError> {
    let id = id.id()?;
    let found = door.hub.webhook(caller.project, id).await;
    found.map_err(|error| door.webhook_error(error))?;
    let event = read_replay(&body).map_err(|errors| door.invalid(errors))?;
    let count = door.hub.replay_webhooks(caller.project, id, event).await;
    let count = count.map_err(|error| door.webhook_error(error))?;
    Ok((StatusCode::ACCEPTED, Json(ReplayObject { count })))
}

impl Door {
    fn webhook_error(&self, error: WebhookRefused) -> ApiError {
        let invalid = |attribute, code, message: String| {
            self.invalid(vec![FieldError { attribute, code, message }])
        };
        match error {
            WebhookRefused::NotFound => ApiError::NotFound,
            WebhookRefused::Full => {
                invalid(None, "exceeds_platform_webhook_limit", error.to_string())
            }
            WebhookRefused::Url(UrlRefused::Unsafe) => {
                let message = "url leads to an address that may not be reached from here";
                invalid(Some("url"), "url_is_unsafe", message.into())
            }
            WebhookRefused::Url(_) => {
                let message = "url must be an address with http or https";
                invalid(Some("url"), "url_failed_to_parse", message.into())
            }
            WebhookRefused::Store(error) => error.into(),
        }
    }
}
