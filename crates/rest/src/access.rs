//! Who calls: HTTP Basic with a project and one of its API tokens. A missing scope is told as a
//! missing right to be here, 401, as the original does for all video routes.

use crate::Door;
use crate::error::ApiError;
use axum::extract::{FromRequestParts, Path};
use axum::http::Extensions;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rotunda_domain::ProjectId;
use rotunda_doorway::{ClientAddress, Proof, Visit};
use std::net::IpAddr;

/// Scope of every route here.
const SCOPE: &str = "video";

/// Standard alphabet; some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An application that may use the Video API.
pub(crate) struct Caller {
    /// The only project it sees.
    pub(crate) project: ProjectId,
}

impl FromRequestParts<Door> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, ApiError> {
        application(parts, door, ApiError::Unauthorized).await
    }
}

/// The same where a token without the scope is told so, as the original does for logs alone.
pub(crate) struct LogReader(pub(crate) Caller);

impl FromRequestParts<Door> for LogReader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, ApiError> {
        application(parts, door, ApiError::Forbidden).await.map(Self)
    }
}

/// Who calls; `without_scope` is the answer to a good token that does not have the scope.
async fn application(
    parts: &Parts,
    door: &Door,
    without_scope: ApiError,
) -> Result<Caller, ApiError> {
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (project, token) = header.and_then(credentials).ok_or(ApiError::Unauthorized)?;
    let key = door.hub.api_key((&project, &token), client(&parts.extensions)).await?;
    let key = key.ok_or(ApiError::Unauthorized)?;
    if !key.has_scope(SCOPE) {
        return Err(without_scope);
    }
    if let Some(visit) = parts.extensions.get::<Visit>() {
        visit.prove(Proof::of(&key.project, &token));
    }
    Ok(Caller { project: key.project })
}

/// Whom limits count a request by; none where the client's address is not known.
pub(crate) fn client(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ClientAddress>().map(|client| client.network().ip())
}

/// User name and password of a Basic header (RFC 7617).
fn credentials(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// The `{id}` of a path; one that is not text names nothing.
pub(crate) struct Segment(pub(crate) String);

impl FromRequestParts<Door> for Segment {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, door).await;
        path.map(|Path(text)| Self(text)).map_err(|_| ApiError::NotFound)
    }
}

impl Segment {
    /// The id it spells; what is no id names nothing.
    pub(crate) fn id<T: std::str::FromStr>(&self) -> Result<T, ApiError> {
        self.0.parse().map_err(|_| ApiError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_read_leniently_in_form_only() {
        let some = Some(("p".to_owned(), "a:b".to_owned()));
        assert_eq!(credentials("Basic cDphOmI="), some);
        assert_eq!(credentials("basic cDphOmI"), some);
        for bad in ["Bearer cDphOmI=", "Basic", "Basic !!", "Basic cA==", "Basic /////w=="] {
            assert_eq!(credentials(bad), None, "{bad}");
        }
    }
}
