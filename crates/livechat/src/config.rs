//! `/v4/livechat/audioVideoChatConfig`: looked at, replaced, switched on and off.
//!
//! A call is counted first, then its path, its method, its caller and last its body are looked at.

use crate::body::{self, ENABLED, RECORD, SERVER};
use crate::error::ApiError;
use crate::{Door, calls};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::Method;
use rotunda_doorway::Network;
use rotunda_hub::{LivechatChange, LivechatConfig};
use serde_json::{Value, json};

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Config,
    Enable,
    Disable,
}

/// What a path and its method ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Look,
    Replace,
    Switch(bool),
}

pub(crate) async fn call(
    State(door): State<Door>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let (parts, body) = request.into_parts();
    let from = calls::origin(&parts.extensions);
    door.count(from)?;
    let target = target(parts.uri.path()).ok_or(ApiError::NotFound)?;
    let action = action(target, &parts.method)?;
    let site = door.site(&parts.uri, &parts.headers, from.map(Network::ip)).await?;
    let change = match action {
        Action::Look => LivechatChange::default(),
        Action::Replace => body::read(&door.body(body).await?)?,
        Action::Switch(enabled) => LivechatChange { enabled: Some(enabled), ..Default::default() },
    };
    let config = match action {
        Action::Look => door.hub.livechat_config(site).await?.ok_or(ApiError::NotFound)?,
        _ => door.hub.change_livechat(site, change).await?,
    };
    Ok(Json(shape(&config)))
}

/// Real clients write `LiveChat` and `%3A`, so neither matters.
fn target(path: &str) -> Option<Target> {
    let path = path.to_ascii_lowercase().replace("%3a", ":");
    match path.strip_prefix("/v4/livechat/audiovideochatconfig")? {
        "" => Some(Target::Config),
        ":enable" => Some(Target::Enable),
        ":disable" => Some(Target::Disable),
        _ => None,
    }
}

fn action(target: Target, method: &Method) -> Result<Action, ApiError> {
    match (target, method) {
        (Target::Config, &Method::GET | &Method::HEAD) => Ok(Action::Look),
        (Target::Config, &Method::PUT) => Ok(Action::Replace),
        (Target::Config, _) => Err(ApiError::WrongMethod("GET, HEAD, PUT")),
        (Target::Enable, &Method::POST) => Ok(Action::Switch(true)),
        (Target::Disable, &Method::POST) => Ok(Action::Switch(false)),
        _ => Err(ApiError::WrongMethod("POST")),
    }
}

fn shape(config: &LivechatConfig) -> Value {
    json!({
        ENABLED: config.enabled,
        RECORD: config.record,
        SERVER: config.recording_server_url,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_without_regard_to_case_and_with_its_colon_written_either_way() {
        for (path, expected) in [
            ("/v4/livechat/audioVideoChatConfig", Some(Target::Config)),
            ("/v4/LiveChat/audioVideoChatConfig:enable", Some(Target::Enable)),
            ("/V4/LIVECHAT/AUDIOVIDEOCHATCONFIG:DISABLE", Some(Target::Disable)),
            ("/v4/livechat/audioVideoChatConfig%3Aenable", Some(Target::Enable)),
            ("/v4/livechat/audioVideoChatConfig%3adisable", Some(Target::Disable)),
            ("/v4/livechat/audioVideoChatConfig:foo", None),
            ("/v4/livechat/audioVideoChatConfig:", None),
            ("/v4/livechat/audioVideoChatConfig/", None),
            ("/v4/livechat/audioVideoChatConfigs", None),
            ("/v4/livechat", None),
        ] {
            assert_eq!(target(path), expected, "{path}");
        }
    }

    #[test]
    fn every_path_has_its_methods() {
        let action = |target, method: &str| action(target, &method.parse().unwrap());
        assert_eq!(action(Target::Config, "GET"), Ok(Action::Look));
        assert_eq!(action(Target::Config, "PUT"), Ok(Action::Replace));
        assert_eq!(action(Target::Enable, "POST"), Ok(Action::Switch(true)));
        assert_eq!(action(Target::Disable, "POST"), Ok(Action::Switch(false)));
        for (target, method) in [
            (Target::Config, "POST"),
            (Target::Config, "DELETE"),
            (Target::Config, "PATCH"),
            (Target::Enable, "GET"),
            (Target::Disable, "PUT"),
        ] {
            assert!(matches!(action(target, method), Err(ApiError::WrongMethod(_))), "{method}");
        }
    }
}
