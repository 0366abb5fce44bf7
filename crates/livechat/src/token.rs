//! `POST /oauth/token` (RFC 6749 §4.3, §6): a pair of tokens for an agent's password, or for the
//! refresh token of the pair before. Whoever tries passwords is slowed down by address and by agent.

use crate::error::ApiError;
use crate::{Door, calls};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rotunda_doorway::Network;
use rotunda_hub::{AGENT_TOKEN_LIFE, SignInRefused, StoreError, TokenCheckError, TokenPair};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::IpAddr;
use url::form_urlencoded;

/// Parameters that are looked at; the email has two names, the page's and RFC 6749's.
const KNOWN: [&str; 5] = ["grant_type", "email", "username", "password", "refresh_token"];

/// Why there is no token (RFC 6749 §5.2).
#[derive(Debug, PartialEq, Eq)]
enum TokenError {
    /// A parameter is missing, given twice, or cannot be read.
    Request(&'static str),
    /// The password or the refresh token is wrong.
    Grant(&'static str),
    /// The kind of grant is not offered.
    GrantType,
    /// What is not the grant's matter.
    Api(ApiError),
}

impl From<ApiError> for TokenError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> Self {
        Self::Api(error.into())
    }
}

impl From<TokenCheckError> for TokenError {
    fn from(error: TokenCheckError) -> Self {
        Self::Api(error.into())
    }
}

impl From<SignInRefused> for TokenError {
    fn from(refused: SignInRefused) -> Self {
        match refused {
            SignInRefused::Wrong => Self::Grant("wrong email or password"),
            SignInRefused::TooOften { retry_after_s } => ApiError::TooOften(retry_after_s).into(),
            SignInRefused::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let bad = StatusCode::BAD_REQUEST;
        let (status, error, text) = match &self {
            Self::Request(text) => (bad, "invalid_request", *text),
            Self::Grant(text) => (bad, "invalid_grant", *text),
            Self::GrantType => {
                (bad, "unsupported_grant_type", "grant_type is password or refresh_token")
            }
            Self::Api(error) => (error.status(), word(error), error.message()),
        };
        let body = json!({ "error": error, "error_description": text });
        let mut response = (status, Json(body)).into_response();
        if let Self::Api(error) = &self {
            error.mark(&mut response);
        }
        no_store(response)
    }
}

fn word(error: &ApiError) -> &'static str {
    match error {
        ApiError::TooOften(_) | ApiError::Unavailable => "temporarily_unavailable",
        _ => "invalid_request",
    }
}

/// Tokens are kept in no cache (RFC 6749 §5.1).
fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

pub(crate) async fn call(State(door): State<Door>, request: Request) -> Response {
    match grant(&door, request).await {
        Ok(pair) => no_store(Json(shape(&pair)).into_response()),
        Err(error) => error.into_response(),
    }
}

fn shape(pair: &TokenPair) -> Value {
    json!({
        "access_token": pair.access,
        "token_type": "bearer",
        // The whole seconds that are left when this is read.
        "expires_in": AGENT_TOKEN_LIFE.as_secs() - 1,
        "refresh_token": pair.refresh,
    })
}

async fn grant(door: &Door, request: Request) -> Result<TokenPair, TokenError> {
    let (parts, body) = request.into_parts();
    let from = calls::origin(&parts.extensions);
    door.count(from)?;
    if parts.method != Method::POST {
        return Err(ApiError::WrongMethod("POST").into());
    }
    if !is_form(&parts.headers) {
        return Err(TokenError::Request("the body must be application/x-www-form-urlencoded"));
    }
    let form = Form::read(&door.body(body).await?)?;
    match form.get("grant_type", "grant_type is missing")? {
        "password" => by_password(door, &form, from.map(Network::ip)).await,
        "refresh_token" => {
            let refresh = form.get("refresh_token", "refresh_token is missing")?;
            let pair = door.hub.renew_agent(refresh, from.map(Network::ip)).await?;
            pair.ok_or(TokenError::Grant("the refresh token is unknown, used or too old"))
        }
        _ => Err(TokenError::GrantType),
    }
}

async fn by_password(
    door: &Door,
    form: &Form,
    from: Option<IpAddr>,
) -> Result<TokenPair, TokenError> {
    let email = form.get("email", "").or_else(|_| form.get("username", "email is missing"))?;
    let password = form.get("password", "password is missing")?;
    Ok(door.hub.sign_in_agent((email, password), from).await?)
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Parameters, each at most once; an empty one is none (RFC 6749 §3.2).
struct Form(BTreeMap<String, String>);

impl Form {
    fn read(body: &[u8]) -> Result<Self, TokenError> {
        let mut form = BTreeMap::new();
        let known = |name: &str| KNOWN.contains(&name);
        for (name, value) in form_urlencoded::parse(body).filter(|(name, _)| known(name)) {
            if form.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(TokenError::Request("a parameter is given more than once"));
            }
        }
        Ok(Self(form))
    }

    fn get(&self, name: &str, missing: &'static str) -> Result<&str, TokenError> {
        let value = self.0.get(name).filter(|value| !value.is_empty());
        value.map(String::as_str).ok_or(TokenError::Request(missing))
    }
}
