//! Signing in by a password, signing out, and who is signed in.

use crate::Door;
use crate::body::Body;
use crate::error::ApiError;
use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use rotunda_doorway::{ClientAddress, operator_cookie, operator_key};
use serde::Deserialize;
use serde_json::Value;
use std::net::IpAddr;
use std::time::Duration;

/// A name and its password.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    name: String,
    password: String,
}

/// Whom limits count a request by; none where the client's address is not known.
pub(crate) fn client(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ClientAddress>().map(|client| client.network().ip())
}

/// `GET /admin/api/me`
pub(crate) async fn me(
    State(door): State<Door>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<Json<Value>, ApiError> {
    let nobody = ApiError::Unauthorized("nobody is signed in");
    let Some(key) = operator_key(&headers) else { return Err(nobody) };
    let session = door.hub.admin_session(key, client(&extensions)).await?;
    Ok(Json(door.me(&session.ok_or(nobody)?).await?))
}

/// `POST /admin/api/login`
pub(crate) async fn by_password(
    State(door): State<Door>,
    extensions: Extensions,
    Body(Credentials { name, password }): Body<Credentials>,
) -> Result<Response, ApiError> {
    let signed_in = door.hub.admin_by_password((&name, &password), client(&extensions)).await?;
    door.let_in(signed_in).await
}

/// `POST /admin/api/logout`: also for who is signed in no more.
pub(crate) async fn out(
    State(door): State<Door>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(key) = operator_key(&headers) {
        door.hub.admin_signs_out(key).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let gone = operator_cookie("", Duration::ZERO).ok_or(ApiError::Broken)?;
    response.headers_mut().insert(SET_COOKIE, gone);
    Ok(response)
}
