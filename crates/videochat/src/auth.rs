//! `/api/v1/auth`: sessions an application opens for its users with an API token, and those of users
//! kept here.
//!
//! A session's id is a secret. It comes in a query or a header, which this server logs neither of.

use crate::Videochat;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use rotunda_domain::ProjectId;
use rotunda_domain::text::plain_name;
use rotunda_domain::videochat::RoomRight;
use rotunda_doorway::{ClientAddress, Proof, Visit};
use rotunda_hub::{RoomRights, SignInRefused, StoreError, TokenCheckError, UserSession};
use serde_json::{Map, Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tower_http::cors::{Any, CorsLayer};

/// Largest body; rights in a thousand rooms fit.
const BODY: usize = 128 * 1024;
/// Longest user id and name, in characters.
const NAME_CHARS: usize = 200;
/// Rooms a session may name.
const ROOMS: usize = 1000;
/// Longest life of a session, seconds: 30 days.
const TTL_MAX_S: i64 = 30 * 24 * 3600;
/// Scope of the API token.
const SCOPE: &str = "video";

pub(crate) fn routes() -> Router<Videochat> {
    Router::new()
        .route("/api/v1/auth/sessions", post(open))
        .route("/api/v1/auth/signin", post(sign_in))
        .route("/api/v1/auth/signout", post(sign_out))
        .route("/api/v1/auth/check", get(check).post(check))
        .layer(DefaultBodyLimit::max(BODY))
        .layer(cors())
}

/// Any page may call: what opens is in the header or the body, which no browser adds by itself.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("x-session-id"),
        ])
        .max_age(Duration::from_secs(600))
}

/// The id in a query (`?sessionId=`) or a header, header first.
pub(crate) fn session_id(query: &str, header: Option<&str>) -> Option<String> {
    let in_query = || query.split('&').find_map(|pair| pair.strip_prefix("sessionId="));
    header.or_else(in_query).filter(|id| !id.is_empty()).map(str::to_owned)
}

/// When a client may try again that found the database away.
const RETRY_AFTER_S: u64 = 5;

enum AuthError {
    Unauthorized,
    Bad(&'static str),
    Wrong,
    TooOften(u64),
    Broken,
}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        let (status, text) = match &self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Bad(text) => (StatusCode::BAD_REQUEST, *text),
            Self::Wrong => (StatusCode::UNAUTHORIZED, "wrong login or password"),
            Self::TooOften(_) => (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"),
            Self::Broken => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        };
        let mut response = (status, Json(json!({ "error": text }))).into_response();
        let seconds = match self {
            Self::TooOften(seconds) => Some(seconds),
            Self::Broken => Some(RETRY_AFTER_S),
            _ => None,
        };
        if let Some(seconds) = seconds {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<StoreError> for AuthError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a session was not looked up");
        Self::Broken
    }
}

impl From<TokenCheckError> for AuthError {
    fn from(error: TokenCheckError) -> Self {
        match error {
            TokenCheckError::TooOften { retry_after_s } => Self::TooOften(retry_after_s),
            TokenCheckError::Store(error) => error.into(),
        }
    }
}

/// `POST /api/v1/auth/sessions {user_id, name, admin, rooms, ttl}` with an API token.
async fn open(
    State(door): State<Videochat>,
    visit: Option<Extension<Visit>>,
    client: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Result<Response, AuthError> {
    let (project, token) = basic(&headers).ok_or(AuthError::Unauthorized)?;
    let from = client.map(|Extension(client)| client.network().ip());
    let key = door.hub().api_key((&project, &token), from).await?;
    let key = key.filter(|key| key.has_scope(SCOPE)).ok_or(AuthError::Unauthorized)?;
    if let Some(Extension(visit)) = visit {
        visit.prove(Proof::of(&key.project, &token));
    }
    let body = object(&body)?;
    let session = read_session(&body, key.project, door.inner.options.session_ttl)?;
    let id = door.hub().open_user_session(&session).await?;
    Ok((StatusCode::CREATED, Json(opened(&id, &session))).into_response())
}

fn opened(id: &str, session: &UserSession) -> Value {
    let mut body = described(session);
    body["sessionId"] = id.into();
    body
}

fn described(session: &UserSession) -> Value {
    let rooms: Map<String, Value> =
        session.rooms.iter().map(|(room, right)| (room.clone(), right.as_str().into())).collect();
    json!({
        "user": {
            "id": session.user,
            "name": session.name,
            "permissions": { "admin": session.is_admin },
        },
        "networkId": session.project.to_string(),
        "rooms": rooms,
        "expiresAt": crate::envelope::date(session.expires_at_ms),
    })
}

fn read_session(
    body: &Map<String, Value>,
    project: ProjectId,
    ttl: Duration,
) -> Result<UserSession, AuthError> {
    let user = text(body, "user_id")?.ok_or(AuthError::Bad("user_id is missing"))?;
    let name = text(body, "name")?.map(|name| plain_name(&name)).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| user.clone());
    let is_admin = match body.get("admin") {
        None | Some(Value::Null) => false,
        Some(value) => value.as_bool().ok_or(AuthError::Bad("admin must be true or false"))?,
    };
    let default_s = i64::try_from(ttl.as_secs()).unwrap_or(TTL_MAX_S);
    let ttl_s = match body.get("ttl") {
        None | Some(Value::Null) => default_s,
        Some(value) => value
            .as_i64()
            .filter(|ttl| (1..=TTL_MAX_S).contains(ttl))
            .ok_or(AuthError::Bad("ttl must be 1 to 2592000 seconds"))?,
    };
    let expires_at_ms = now_ms().saturating_add(ttl_s * 1000);
    Ok(UserSession { project, user, name, is_admin, rooms: read_rooms(body)?, expires_at_ms })
}

fn read_rooms(body: &Map<String, Value>) -> Result<RoomRights, AuthError> {
    let rooms = match body.get("rooms") {
        None | Some(Value::Null) => return Ok(RoomRights::new()),
        Some(Value::Object(rooms)) if rooms.len() <= ROOMS => rooms,
        Some(Value::Object(_)) => return Err(AuthError::Bad("rooms may be at most 1000")),
        Some(_) => return Err(AuthError::Bad("rooms must be an object of rooms and rights")),
    };
    let wrong = AuthError::Bad("a right must be manage, contribute, comment or view");
    let read = |(room, right): (&String, &Value)| {
        Some((room.clone(), right.as_str().and_then(RoomRight::parse)?))
    };
    rooms.iter().map(read).collect::<Option<RoomRights>>().ok_or(wrong)
}

fn text(body: &Map<String, Value>, field: &'static str) -> Result<Option<String>, AuthError> {
    match body.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if (1..=NAME_CHARS).contains(&text.chars().count()) => {
            Ok(Some(text.clone()))
        }
        Some(_) => Err(AuthError::Bad("user_id and name must be 1 to 200 characters")),
    }
}

/// `POST /api/v1/auth/signin {login, password, networkId}`.
async fn sign_in(
    State(door): State<Videochat>,
    client: Option<Extension<ClientAddress>>,
    body: axum::body::Bytes,
) -> Result<Json<Value>, AuthError> {
    let body = object(&body)?;
    let of = |names: [&str; 2]| names.iter().find_map(|name| body.get(*name)?.as_str());
    let login = of(["login", "email"]).ok_or(AuthError::Bad("login is missing"))?;
    let password = of(["password", "pass"]).ok_or(AuthError::Bad("password is missing"))?;
    if login.chars().count() > NAME_CHARS {
        return Err(AuthError::Wrong);
    }
    let network = of(["networkId", "network"]).map(str::parse::<ProjectId>).transpose();
    let network = network.map_err(|_| AuthError::Wrong)?;
    let from = client.map(|Extension(client)| client.network().ip());
    let ttl = door.inner.options.session_ttl;
    let (id, session) =
        door.hub().sign_in(network, (login, password), from, ttl).await.map_err(|refused| {
            match refused {
                SignInRefused::Wrong => AuthError::Wrong,
                SignInRefused::TooOften { retry_after_s } => AuthError::TooOften(retry_after_s),
                SignInRefused::Store(error) => error.into(),
            }
        })?;
    Ok(Json(opened(&id, &session)))
}

async fn sign_out(
    State(door): State<Videochat>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<StatusCode, AuthError> {
    let id = asked_id(query.as_deref(), &headers).ok_or(AuthError::Unauthorized)?;
    door.hub().sign_out(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn check(
    State(door): State<Videochat>,
    RawQuery(query): RawQuery,
    visit: Option<Extension<Visit>>,
    headers: HeaderMap,
) -> Result<Json<Value>, AuthError> {
    let id = asked_id(query.as_deref(), &headers).ok_or(AuthError::Unauthorized)?;
    let session = door.hub().user_session(&id).await?.ok_or(AuthError::Unauthorized)?;
    if let Some(Extension(visit)) = visit {
        visit.prove(Proof::of(&session.project, &id));
    }
    Ok(Json(described(&session)))
}

fn asked_id(query: Option<&str>, headers: &HeaderMap) -> Option<String> {
    let header = headers.get("x-session-id").and_then(|value| value.to_str().ok());
    session_id(query.unwrap_or_default(), header)
}

fn object(body: &[u8]) -> Result<Map<String, Value>, AuthError> {
    serde_json::from_slice(body).map_err(|_| AuthError::Bad("the body must be a JSON object"))
}

/// User name and password of a Basic header (RFC 7617), with or without padding.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let encoded = encoded.trim();
    let bytes = BASE64_STANDARD.decode(encoded).or_else(|_| BASE64_STANDARD_NO_PAD.decode(encoded));
    let text = String::from_utf8(bytes.ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_wins_over_the_query_and_an_empty_id_is_none() {
        let of = |query, header| session_id(query, header);
        assert_eq!(of("EIO=3&sessionId=us_a&transport=websocket", None), Some("us_a".into()));
        assert_eq!(of("sessionId=us_a", Some("us_b")), Some("us_b".into()));
        assert_eq!(of("sessionId=", None), None);
        assert_eq!(of("mysessionId=us_a", None), None);
    }

    #[test]
    fn rights_are_words_and_times_have_bounds() {
        let project = ProjectId(uuid::Uuid::nil());
        let read = |body: Value| {
            let body = body.as_object().cloned().unwrap_or_default();
            read_session(&body, project, Duration::from_secs(60)).is_ok()
        };
        assert!(read(json!({"user_id": "u"})));
        let named = |name: &str| {
            let body = json!({"user_id": "u", "name": name}).as_object().cloned().unwrap();
            read_session(&body, project, Duration::from_secs(60)).ok().unwrap().name
        };
        assert_eq!((&*named("\u{202e}nnA"), &*named("\u{200b}")), ("nnA", "u"));
        assert!(read(
            json!({"user_id": "u", "name": "U", "admin": true, "ttl": 1, "rooms": {"r": "manage"}})
        ));
        for bad in [
            json!({}),
            json!({"user_id": ""}),
            json!({"user_id": 7}),
            json!({"user_id": "u", "admin": "yes"}),
            json!({"user_id": "u", "ttl": 0}),
            json!({"user_id": "u", "ttl": 2_592_001}),
            json!({"user_id": "u", "rooms": {"r": "own"}}),
            json!({"user_id": "u", "rooms": ["r"]}),
        ] {
            assert!(!read(bad.clone()), "{bad}");
        }
    }
}
