//! Who the client is: `signalwire.connect`, a fresh token, and what is said about both.

use super::heartbeat::Heartbeat;
use super::pending::Reason;
use super::{AuthState, Known, Peer, ms};
use crate::authorization::Authorization;
use crate::call::{ConnectResult, HubCall};
use crate::error::{BAD_PARAMS, BAD_TOKEN, Response, WRONG_STATE};
use crate::events;
use crate::json::Detail;
use crate::peer::FrameText;
use crate::shape::value;
use rotunda_domain::{Grant, Now, ProjectId, SessionView};
use rotunda_hub::{ConnectRefused, ConnectRequest, Credential, Dispatch, OfferedIceServer, Who};
use serde_json::{Value, json};

impl Peer {
    pub(super) fn connect(&mut self, now: Now, id: &Value, params: &Value) -> Result<(), Response> {
        if matches!(self.auth_state, AuthState::Connected(_)) {
            let text = "Already connected: open another socket for another token";
            return Err(Response::error(WRONG_STATE, text));
        }
        let connection = ConnectRequest {
            credential: credential(params)?,
            protocol: optional(params, "protocol")?,
            authorization_state: optional(params, "authorization_state")?,
            origin: self.origin.clone(),
            was_refused: self.was_refused,
            is_renewal: false,
            address: self.address,
        };
        self.receipts.are_sent = params.get("event_acks") == Some(&Value::Bool(true));
        self.call(now, HubCall::Connect(connection), Reason::Connect { id: id.clone() });
        Ok(())
    }

    /// A fresh token is a connect under the connection's own protocol string, so that the hub
    /// checks it and nothing of the session is lost; the reply has the connect result's shape.
    pub(super) fn renew(&mut self, now: Now, id: &Value, params: &Value) -> Result<(), Response> {
        let AuthState::Connected(known) = &self.auth_state else {
            let text = "Not connected: send signalwire.connect with a room token first";
            return Err(Response::error(WRONG_STATE, text));
        };
        let connection = ConnectRequest {
            credential: Credential::RoomToken(token(params)?),
            protocol: Some(known.protocol.to_string()),
            authorization_state: None,
            origin: self.origin.clone(),
            was_refused: false,
            is_renewal: true,
            address: self.address,
        };
        self.call(now, HubCall::Renew(connection), Reason::Renew { id: id.clone() });
        Ok(())
    }

    /// The hub knows who it is: says so, and hands out the secret of the connection.
    pub(super) fn connected(&mut self, now: Now, id: &Value, accepted: &ConnectResult) {
        let (project, authorization) = match &accepted.who {
            Who::Person { grant, room_display_name, room_meta } => {
                tracing::debug!(
                    connection = self.name, project = %grant.project, room = grant.room_name,
                    join_as = grant.join_as.as_str(), "connected"
                );
                let room = (&**room_display_name, room_meta);
                let who = (signature(&accepted.protocol), &*self.name);
                (grant.project, value(&Authorization::of(who, grant, room)))
            }
            Who::Application { project, scopes } => {
                tracing::info!(connection = self.name, %project, "application connected");
                (*project, right_of_application(&accepted.protocol, *project, scopes))
            }
        };
        let is_application = matches!(accepted.who, Who::Application { .. });
        self.detail = Detail::of(&accepted.names);
        let every = ms(self.options.ping_every);
        self.heartbeat.get_or_insert_with(|| Heartbeat::new(now.mono_ms + every));
        self.auth_state = AuthState::Connected(Known {
            protocol: accepted.protocol.clone(),
            project,
            is_application,
        });
        let ice_servers = if is_application { Vec::new() } else { self.ice_servers(now) };
        let result = json!({
            "identity": format!("{}@{}", self.name, node_name(&self.options.node_id)),
            "protocol": &*accepted.protocol,
            "ice_servers": ice_servers,
            "authorization": authorization,
        });
        self.reply(now, id, Response::Result(result));
        if is_application {
            return;
        }
        self.tell_state(now, &accepted.authorization_state);
    }

    pub(super) fn tell_state(&mut self, now: Now, state: &str) {
        self.tell(now, "signalwire.authorization.state", json!({"authorization_state": state}));
    }

    /// As the SDK hands them to the browser (`RTCIceServer`). With any server listed the SDK sends no
    /// offer before it has heard of one, so there is none by default.
    fn ice_servers(&self, now: Now) -> Vec<Value> {
        let reported = |server: OfferedIceServer| match server.credentials {
            None => json!({"urls": server.url}),
            Some((username, credential)) => json!({
                "urls": server.url,
                "username": username,
                "credential": credential,
                "credentialType": "password",
            }),
        };
        let offered = self.options.ice_servers.offer(&self.name, now.epoch_s());
        offered.into_iter().map(reported).collect()
    }

    /// Promoted or demoted: the event carries the whole new authorization, with this connection's
    /// own signature, so its text is shared with nobody.
    pub(super) fn tell_role(
        &mut self,
        now: Now,
        dispatch: &Dispatch,
        grant: &Grant,
        view: &SessionView,
    ) {
        let AuthState::Connected(known) = &self.auth_state else { return };
        let protocol = known.protocol.clone();
        let id = self.next_id();
        let room = (&*view.settings.display_name, &view.meta);
        let who = (signature(&protocol), &*self.name);
        let authorization = Authorization::of(who, grant, room);
        let text = events::auth_state(dispatch, &id, &self.options.node_id, &authorization);
        self.outbox.push(now.mono_ms, FrameText::Own(text));
    }

    pub(super) fn not_connected(&mut self, now: Now, id: &Value, refused: ConnectRefused) {
        tracing::info!(connection = self.name, why = %refused, "connect refused");
        self.was_refused |= refused == ConnectRefused::UnknownProtocol;
        self.reply(now, id, refused.into());
    }

    /// The words "Requester validation failed" make the client forget its connection, so a renewal
    /// must not be answered with them.
    pub(super) fn not_renewed(&mut self, now: Now, id: &Value, refused: ConnectRefused) {
        tracing::info!(connection = self.name, why = %refused, "token not renewed");
        let response = match refused {
            ConnectRefused::UnknownProtocol => {
                Response::error(BAD_TOKEN, "The new token is for another project or room")
            }
            other => other.into(),
        };
        self.reply(now, id, response);
    }
}

/// What an API token grants: everything in its project.
fn right_of_application(protocol: &str, project: ProjectId, scopes: &[String]) -> Value {
    json!({
        "type": "video",
        "project": project.0,
        "project_id": project.0,
        "scopes": scopes,
        "signature": signature(protocol),
    })
}

/// The part of a protocol string by which the SDK knows it again.
pub(super) fn signature(protocol: &str) -> &str {
    protocol.split('_').nth(1).unwrap_or_default()
}

/// The node without its region, as identities have it.
fn node_name(node_id: &str) -> &str {
    node_id.split('@').next().unwrap_or(node_id)
}

/// A room token, or a project and its API token; `project` decides which.
///
/// # Errors
/// A bad token.
fn credential(params: &Value) -> Result<Credential, Response> {
    let part = |name: &str| params.pointer(&format!("/authentication/{name}"));
    if part("project").is_none() || part("jwt_token").is_some() {
        return token(params).map(Credential::RoomToken);
    }
    match (part("project"), part("token")) {
        (Some(Value::String(project)), Some(Value::String(token))) => {
            Ok(Credential::ApiToken { project: project.clone(), token: token.clone() })
        }
        _ => {
            let text = "authentication must be {jwt_token}, or {project, token} with an API token";
            Err(Response::error(BAD_TOKEN, text))
        }
    }
}

/// A connect without a usable token is a bad token: any other answer makes newer clients try again
/// for ever.
fn token(params: &Value) -> Result<String, Response> {
    match params.pointer("/authentication/jwt_token") {
        Some(Value::String(token)) => Ok(token.clone()),
        _ => Err(Response::error(BAD_TOKEN, "authentication.jwt_token must be a room token")),
    }
}

fn optional(params: &Value, name: &str) -> Result<Option<String>, Response> {
    match params.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Response::error(BAD_PARAMS, format!("{name} must be a string"))),
    }
}
