//! Who was invited looks at the invitation and makes a password. Passkeys are made in `passkeys.rs`.

use crate::Door;
use crate::body::Body;
use crate::error::ApiError;
use crate::login::client;
use axum::Json;
use axum::extract::State;
use axum::http::Extensions;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

/// The key of an invitation.
#[derive(Deserialize)]
pub(crate) struct Key {
    key: String,
}

/// The same, with the password that is to be.
#[derive(Deserialize)]
pub(crate) struct NewPassword {
    key: String,
    password: String,
}

/// `POST /admin/api/invitation`: for whom it is; it stays as it is.
pub(crate) async fn show(
    State(door): State<Door>,
    extensions: Extensions,
    Body(Key { key }): Body<Key>,
) -> Result<Json<Value>, ApiError> {
    let invitation = door.hub.admin_invitation(&key, client(&extensions)).await;
    let invitation = invitation.map_err(|refused| door.not_let_in(refused))?;
    Ok(Json(door.invited(&invitation).await?))
}

/// `POST /admin/api/invitation/password`: uses it.
pub(crate) async fn password(
    State(door): State<Door>,
    extensions: Extensions,
    Body(NewPassword { key, password }): Body<NewPassword>,
) -> Result<Response, ApiError> {
    let from = client(&extensions);
    let signed_in = door.hub.accept_with_password(&key, password, from).await;
    door.let_in(signed_in.map_err(|refused| door.not_let_in(refused))?).await
}
