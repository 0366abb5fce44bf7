//! Who calls: HTTP Basic with a project and one of its API tokens. A missing scope is told as a
//! missing right to be here, 401, as the original does for all video routes. Or somebody who operates the
//! server, by the cookie they got at sign-in and the project they name in `X-Rotunda-Project`.

use crate::Door;
use crate::error::ApiError;
use axum::extract::{FromRequestParts, Path};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName};
use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rotunda_domain::ProjectId;
use rotunda_doorway::{ClientAddress, Proof, Visit, is_own_page, operator_key};
use rotunda_hub::ListensBy;
use std::net::IpAddr;

/// Scope of every route here.
const SCOPE: &str = "video";

/// Which project an admin means.
const PROJECT: HeaderName = HeaderName::from_static("x-rotunda-project");

/// Standard alphabet; some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Who may use the Video API: an application, or an admin.
pub(crate) struct Caller {
    /// The only project it sees.
    pub(crate) project: ProjectId,
    /// By what they are known.
    pub(crate) by: ListensBy,
}

impl FromRequestParts<Door> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, ApiError> {
        door.caller(parts, ApiError::Unauthorized).await
    }
}

impl Door {
    /// Who calls; `without_scope` is the answer to a good token that does not have the scope.
    async fn caller(&self, parts: &Parts, without_scope: ApiError) -> Result<Caller, ApiError> {
        let is_page = parts.headers.contains_key(PROJECT) || operator_key(&parts.headers).is_some();
        if is_page && !parts.headers.contains_key(AUTHORIZATION) {
            return self.admin(parts).await;
        }
        self.application(parts, without_scope).await
    }

    /// An application, by its API token.
    async fn application(
        &self,
        parts: &Parts,
        without_scope: ApiError,
    ) -> Result<Caller, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (project, token) = header.and_then(credentials).ok_or(ApiError::Unauthorized)?;
        let key = self.hub.api_key((&project, &token), client(&parts.extensions)).await?;
        let key = key.ok_or(ApiError::Unauthorized)?;
        if !key.has_scope(SCOPE) {
            return Err(without_scope);
        }
        prove(parts, key.project, &token);
        Ok(Caller { project: key.project, by: ListensBy::ApiToken(key.token) })
    }

    /// Somebody who is signed in on our own page. Whoever changes something does so from there.
    async fn admin(&self, parts: &Parts) -> Result<Caller, ApiError> {
        let key = operator_key(&parts.headers).ok_or(ApiError::SignedOut)?;
        let session = self.hub.admin_session(key, client(&parts.extensions)).await?;
        let session = session.ok_or(ApiError::SignedOut)?;
        let page = self.options.page_base.as_deref();
        if !parts.method.is_safe() && !is_own_page(&parts.headers, &parts.extensions, page) {
            return Err(ApiError::Forbidden);
        }
        let project = project(&parts.headers).ok_or(ApiError::Forbidden)?;
        if !self.hub.is_within(&session.reach, project).await? {
            return Err(ApiError::Forbidden);
        }
        prove(parts, project, key);
        Ok(Caller { project, by: ListensBy::Admin(session.id) })
    }
}

/// Whoever has shown a good secret gives way to nobody at the door.
fn prove(parts: &Parts, project: ProjectId, secret: &str) {
    if let Some(visit) = parts.extensions.get::<Visit>() {
        visit.prove(Proof::of(&project, &secret));
    }
}

/// The project that an admin acts on.
fn project(headers: &HeaderMap) -> Option<ProjectId> {
    headers.get(PROJECT)?.to_str().ok()?.parse().ok()
}

/// The same where a token without the scope is told so, as the original does for logs alone.
pub(crate) struct LogReader(pub(crate) Caller);

impl FromRequestParts<Door> for LogReader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, ApiError> {
        door.caller(parts, ApiError::Forbidden).await.map(Self)
    }
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
