//! What only dev mode has: room tokens for whoever opens the page, and a kept API token.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use axum::{Extension, Json, Router};
use rotunda_domain::{Grant, JoinAs, Permissions, ProjectId, limits, permission, room};
use rotunda_doorway::Site;
use rotunda_hub::Hub;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;

/// The demo room's name.
pub(crate) const ROOM: &str = "demo";

#[derive(Clone)]
struct Dev {
    hub: Hub,
    project: ProjectId,
    /// Host of `server.public_url`.
    name: Option<Arc<str>>,
}

#[derive(Deserialize)]
struct Ask {
    user_name: Option<String>,
    room_name: Option<String>,
    join_as: Option<String>,
}

/// `POST /dev/token`: a room token without any proof of who asks. Only for pages of this server:
/// a page elsewhere must not read a token through a visitor's browser, nor may one whose own name was
/// pointed here after it was loaded (DNS rebinding), which is why the name counts that was asked for.
pub(crate) fn router(hub: Hub, project: ProjectId, public_url: Option<&str>) -> Router {
    let name =
        public_url.and_then(|url| Some(host_alone(url.split("://").nth(1)?.split('/').next()?)));
    let dev = Dev { hub, project, name: name.map(Arc::from) };
    // The page looks there before it shows a form, so that nobody fills it in for a server that gives no tokens.
    let is_here = || async { StatusCode::NO_CONTENT };
    Router::new().route("/dev/token", post(mint).get(is_here)).with_state(dev)
}

async fn mint(
    State(dev): State<Dev>,
    Extension(site): Extension<Site>,
    headers: HeaderMap,
    Json(ask): Json<Ask>,
) -> (StatusCode, Json<Value>) {
    let refuse = |status, text: &str| (status, Json(json!({ "error": text })));
    let host = site.host.as_deref().unwrap_or_default();
    if !is_own_name(host, dev.name.as_deref()) {
        let text = "dev mode gives tokens at localhost, an IP address or the host of \
                    server.public_url only";
        return refuse(StatusCode::FORBIDDEN, text);
    }
    if !is_own_page(&headers, host) {
        return refuse(StatusCode::FORBIDDEN, "dev mode gives tokens to its own page only");
    }
    let room_name = ask.room_name.unwrap_or_else(|| ROOM.into());
    if !room::is_room_name(&room_name) {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "room_name must match [A-Za-z0-9_-]+");
    }
    let Some(join_as) = JoinAs::parse(ask.join_as.as_deref().unwrap_or("member")) else {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "join_as is member or audience");
    };
    let user_name: String =
        ask.user_name.unwrap_or_default().chars().take(limits::USER_NAME_CHARS).collect();
    let grant = grant(dev.project, &room_name, user_name, join_as);
    match dev.hub.mint_room_token(&grant).await {
        Ok(token) => (StatusCode::OK, Json(json!({ "token": token, "room_name": room_name }))),
        Err(error) => {
            tracing::error!(%error, "a dev token was not made");
            if error.is_passing() {
                refuse(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            } else {
                refuse(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        }
    }
}

/// Whether a host cannot be a name that somebody else pointed here.
fn is_own_name(host: &str, configured: Option<&str>) -> bool {
    let name = host_alone(host);
    let is_literal = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let is = |own: &str| name.eq_ignore_ascii_case(own);
    is_literal || is("localhost") || configured.is_some_and(is)
}

/// A host without its port.
fn host_alone(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_own_page(headers: &HeaderMap, host: &str) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let from = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    from.is_some_and(|(_, from)| from == host)
}

fn grant(project: ProjectId, room: &str, user_name: String, join_as: JoinAs) -> Grant {
    let mut names: Vec<String> = permission::DEFAULTS.iter().map(|s| (*s).to_owned()).collect();
    for more in [
        "room.self.set_position",
        "room.self.set_meta",
        "room.self.raisehand",
        "room.self.lowerhand",
        "room.list_available_layouts",
        "room.set_layout",
        "room.member.audio_mute",
        "room.member.audio_unmute",
        "room.member.video_mute",
        "room.member.video_unmute",
        "room.member.lowerhand",
        "room.member.set_position",
        "room.member.promote",
        "room.member.demote",
        "room.member.remove",
        "room.set_position",
        "room.lock",
        "room.unlock",
        "room.recording",
    ] {
        names.push(more.to_owned());
    }
    if join_as == JoinAs::Audience {
        names.clear();
    }
    Grant {
        token_id: uuid::Uuid::new_v4().to_string(),
        user_name,
        join_as,
        permissions: Permissions::from_list(names),
        ..Grant::for_room(project, room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_somebody_pointed_here_gets_no_token() {
        let own = Some("rooms.example");
        for host in
            ["localhost:7880", "LOCALHOST", "127.0.0.1:7880", "[::1]:7880", "[::1]", "10.0.0.5"]
        {
            assert!(is_own_name(host, None), "{host}");
        }
        assert!(is_own_name("rooms.example", own) && is_own_name("Rooms.Example:443", own));
        for host in
            ["evil.example:7880", "", "localhost.evil.example", "127.0.0.1.evil.example", "::"]
        {
            assert!(!is_own_name(host, own), "{host}");
        }
        assert!(!is_own_name("rooms.example", None));
    }
}
