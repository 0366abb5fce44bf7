//! A leg that was opened: more candidates, an ICE restart, its end.
//!
//! The address of a leg is a secret of 244 bits and enough to touch it; a token that is shown all the
//! same must be one of the leg's room.

use super::access::{bearer, body, is_of_type};
use super::create::etag;
use super::problem::Problem;
use super::sdpfrag::{self, Fragment};
use super::{FRAGMENT, offer};
use crate::Door;
use crate::access::{Segment, client};
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rotunda_hub::{Direction, Restart};
use std::net::IpAddr;

/// Whether there is such a leg.
pub(super) async fn exists(
    State(door): State<Door>,
    Extension(direction): Extension<Direction>,
    Segment(id): Segment,
) -> Result<StatusCode, Problem> {
    if door.hub.has_whip(&id, direction) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::no_leg())
    }
}

/// Ends a leg; entity tags are of no account here (RFC 9725 §4.3.1).
pub(super) async fn end(
    State(door): State<Door>,
    Extension(direction): Extension<Direction>,
    Segment(id): Segment,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<StatusCode, Problem> {
    admit(&door, direction, &id, &headers, client(&extensions)).await?;
    door.hub.end_whip(&id, direction).await?;
    Ok(StatusCode::OK)
}

/// Takes note of candidates, or restarts ICE: which of the two the fragment's user name says.
pub(super) async fn patch(
    State(door): State<Door>,
    Extension(direction): Extension<Direction>,
    Segment(id): Segment,
    request: Request,
) -> Result<Response, Problem> {
    admit(&door, direction, &id, request.headers(), client(request.extensions())).await?;
    if !is_of_type(request.headers(), FRAGMENT) {
        return Err(Problem::wrong_type(FRAGMENT));
    }
    let wanted = Wanted::read(request.headers())?;
    let text = body(request, &door).await?;
    let sdpfrag = sdpfrag::read(&text)?;
    let before = door.hub.whip_ice(&id, direction).await?;
    if !sdpfrag.restarts(offer::ufrag(&before.offer)) {
        // An ICE-lite agent never contacts a candidate: it learns addresses from checks.
        wanted.meets(&before)?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    restart(&door, direction, &id, &wanted, sdpfrag).await
}

async fn restart(
    door: &Door,
    direction: Direction,
    id: &str,
    wanted: &Wanted,
    sdpfrag: Fragment<'_>,
) -> Result<Response, Problem> {
    let anew = |before: &Restart| {
        wanted.meets(before)?;
        let (ufrag, pwd) = sdpfrag.credentials().ok_or_else(Problem::half_a_restart)?;
        Ok(offer::with_credentials(&before.offer, ufrag, pwd))
    };
    let leg = door.hub.restart_whip::<Problem>(id, direction, anew).await?;
    let headers =
        [(header::CONTENT_TYPE, FRAGMENT.to_owned()), (header::ETAG, etag(leg.ice_session))];
    Ok((StatusCode::OK, headers, sdpfrag::of_answer(&leg.sdp)).into_response())
}

/// There is such a leg, and a token that is shown opens its room.
async fn admit(
    door: &Door,
    direction: Direction,
    id: &str,
    headers: &HeaderMap,
    client: Option<IpAddr>,
) -> Result<(), Problem> {
    match bearer(headers)? {
        Some(token) => Ok(door.hub.may_touch_whip(id, direction, &token, client).await?),
        None if door.hub.has_whip(id, direction) => Ok(()),
        None => Err(Problem::no_leg()),
    }
}

/// Which ICE session a client takes to be the present one.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Any,
    OneOf(Vec<String>),
}

impl Wanted {
    /// Reads `If-Match`. The standard's own example writes the asterisk in quotes; both are taken.
    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let header = headers.get(header::IF_MATCH).ok_or_else(Problem::no_if_match)?;
        let text = header.to_str().unwrap_or_default().trim();
        if matches!(text, "*" | "\"*\"") {
            return Ok(Self::Any);
        }
        Ok(Self::OneOf(text.split(',').map(|tag| tag.trim().to_owned()).collect()))
    }

    fn meets(&self, present: &Restart) -> Result<(), Problem> {
        let is_met = match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.contains(&etag(present.ice_session)),
        };
        if is_met { Ok(()) } else { Err(Problem::other_session()) }
    }
}
