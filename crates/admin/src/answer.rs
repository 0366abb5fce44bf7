//! What this door says of who is signed in or invited, and the cookie that goes with it.

use crate::Door;
use crate::error::ApiError;
use axum::Json;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use rotunda_domain::admin::{Reach, SIGNED_IN};
use rotunda_doorway::operator_cookie;
use rotunda_hub::{AdminSession, InvitationRow, SignedIn};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

impl Door {
    /// Who is signed in.
    pub(crate) async fn me(&self, session: &AdminSession) -> Result<Value, ApiError> {
        Ok(json!({
            "name": session.name,
            "projects": self.projects(&session.reach).await?,
            "expires_at": moment(session.expires_at_ms),
            "has_password": session.has_password,
            "passkeys": session.passkeys,
        }))
    }

    /// Who is invited.
    pub(crate) async fn invited(&self, invitation: &InvitationRow) -> Result<Value, ApiError> {
        Ok(json!({
            "name": invitation.name,
            "projects": self.projects(&invitation.reach).await?,
            "expires_at": moment(invitation.expires_at_ms),
        }))
    }

    async fn projects(&self, reach: &Reach) -> Result<Vec<Value>, ApiError> {
        let projects = self.hub.projects_within(reach).await?.into_iter();
        Ok(projects.map(|one| json!({ "id": one.id.0, "name": one.name })).collect())
    }

    /// Who has just signed in, with the cookie that says so from now on.
    pub(crate) async fn let_in(&self, signed_in: SignedIn) -> Result<Response, ApiError> {
        let mut response = Json(self.me(&signed_in.session).await?).into_response();
        let cookie = operator_cookie(&signed_in.key, SIGNED_IN).ok_or(ApiError::Broken)?;
        response.headers_mut().insert(SET_COOKIE, cookie);
        Ok(response)
    }
}

/// As REST writes it: whole seconds, RFC 3339.
fn moment(epoch_ms: i64) -> Option<String> {
    let at = OffsetDateTime::from_unix_timestamp(epoch_ms.div_euclid(1000)).ok()?;
    at.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_rest_writes_it() {
        assert_eq!(moment(1_800_000_000_999).as_deref(), Some("2027-01-15T08:00:00Z"));
    }
}
