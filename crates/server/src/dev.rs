//! What only dev mode has: room tokens for whoever opens the page, and a kept API token.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use rotunda_domain::{
    Grant, JoinAs, MediaAllowed, Permissions, ProjectId, Window, limits, permission, room,
};
use rotunda_hub::Hub;
use serde::Deserialize;
use serde_json::{Value, json};

/// The demo room's name.
pub(crate) const ROOM: &str = "demo";

#[derive(Clone)]
struct Dev {
    hub: Hub,
    project: ProjectId,
}

#[derive(Deserialize)]
struct Ask {
    user_name: Option<String>,
    room_name: Option<String>,
    join_as: Option<String>,
}

/// `POST /dev/token`: a room token without any proof of who asks. Only for pages of this server:
/// a page elsewhere must not read a token through a visitor's browser.
pub(crate) fn router(hub: Hub, project: ProjectId) -> Router {
    Router::new().route("/dev/token", post(mint)).with_state(Dev { hub, project })
}

async fn mint(
    State(dev): State<Dev>,
    headers: HeaderMap,
    Json(ask): Json<Ask>,
) -> (StatusCode, Json<Value>) {
    let refuse = |status, text: &str| (status, Json(json!({ "error": text })));
    if !is_own_page(&headers) {
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
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
    }
}

fn is_own_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return true };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == text(header::HOST)
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
    ] {
        names.push(more.to_owned());
    }
    if join_as == JoinAs::Audience {
        names.clear();
    }
    Grant {
        project,
        token_id: uuid::Uuid::new_v4().to_string(),
        room_name: room.to_owned(),
        user_name,
        join_as,
        permissions: Permissions::from_list(names),
        media_allowed: MediaAllowed::All,
        window: Window::default(),
        join_audio_muted: false,
        join_video_muted: false,
        auto_create_room: true,
        enable_room_previews: false,
        room_display_name: None,
        end_room_session_on_leave: false,
        meta: Default::default(),
        room_meta: Default::default(),
        audio_video_sync: false,
        identity: None,
        expires_at: None,
    }
}
