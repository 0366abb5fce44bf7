//! An offer comes, a leg begins.

use super::access::{bearer, body, is_of_type};
use super::ice_link::link;
use super::problem::Problem;
use super::{SDP, offer, path};
use crate::Door;
use crate::access::client;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rotunda_doorway::{Proof, Visit};
use rotunda_hub::{Direction, WhipLeg};

/// The endpoint has no representation; a GET is answered with nothing (RFC 9725 §4.1).
pub(super) async fn nothing() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// `POST /whep`, `POST /whip`: the offer in, the answer and the leg's own address out.
pub(super) async fn create(
    State(door): State<Door>,
    Extension(direction): Extension<Direction>,
    request: Request,
) -> Result<Response, Problem> {
    let token = bearer(request.headers())?.ok_or_else(Problem::no_token)?;
    if !is_of_type(request.headers(), SDP) {
        return Err(Problem::wrong_type(SDP));
    }
    let visit = request.extensions().get::<Visit>().cloned();
    let client = client(request.extensions());
    let offer = offer::read(&body(request, &door).await?, direction)?;
    let leg = door.hub.open_whip(&token, direction, offer, client).await?;
    if let Some(visit) = visit {
        visit.prove(Proof::of(&leg.project, &leg.token_id));
    }
    let headers = headers(&door, direction, &leg)?;
    Ok((StatusCode::CREATED, headers, leg.sdp).into_response())
}

fn headers(door: &Door, direction: Direction, leg: &WhipLeg) -> Result<HeaderMap, Problem> {
    let value = |text: String| HeaderValue::try_from(text).map_err(|_| Problem::broken());
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(SDP));
    headers.insert(header::LOCATION, value(format!("{}/{}", path(direction), leg.id))?);
    headers.insert(header::ETAG, value(etag(leg.ice_session))?);
    for server in door.options.ice_servers.offer_to_stranger() {
        headers.append(header::LINK, value(link(&server))?);
    }
    Ok(headers)
}

/// The entity tag of an ICE session; strong, because the leg's next session has another.
pub(super) fn etag(ice_session: u32) -> String {
    format!("\"{ice_session}\"")
}
