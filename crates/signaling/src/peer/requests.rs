//! One request of the client: answered at once, or turned into a call.

use super::pending::Reason;
use super::{AuthState, Peer};
use crate::call::HubCall;
use crate::error::{NO_METHOD, Response, WRONG_STATE};
use crate::frame::Request;
use crate::json::Detail;
use crate::methods::{self, Method, Params};
use crate::subscribe;
use crate::verto::{self, Verto, What, quoted, wrapped};
use rotunda_domain::{LegId, Now, Refusal};
use rotunda_hub::{LegAction, LegRole};
use serde_json::{Value, json};

/// Whether the request ends a leg; such a one is carried out even when its client is gone.
pub fn is_bye(request: &Request) -> bool {
    let bye = || request.params.pointer("/message/method").is_some_and(|m| m == "verto.bye");
    request.method == "video.message" && bye()
}

impl Peer {
    /// Carries one request out: afterwards it is answered, or a call is under way.
    pub(super) fn carry_out(&mut self, now: Now, request: Request) {
        let is_connected = matches!(self.auth_state, AuthState::Connected(_));
        let Request { id, method, params, .. } = request;
        let outcome = match &*method {
            "signalwire.connect" => self.connect(now, &id, &params),
            "signalwire.reauthenticate" => self.renew(now, &id, &params),
            _ if !is_connected => {
                let text = "Not connected: send signalwire.connect with a token first";
                Err(Response::error(WRONG_STATE, text))
            }
            "signalwire.ping" => {
                Err(Response::Result(json!({"timestamp": params.get("timestamp")})))
            }
            "signalwire.subscribe" => self.subscribe(now, &id, &params).map_err(Response::from),
            "video.rooms.get" => {
                self.call(now, HubCall::Sessions, Reason::Rooms { id: id.clone() });
                Ok(())
            }
            "video.lobby.enter" | "video.lobby.leave" if self.is_application() => {
                Err(Refusal::NotPermitted.into())
            }
            "video.lobby.enter" => self.enter_lobby(now, &id, &params).map_err(Response::from),
            "video.lobby.leave" => {
                let reason = Reason::Room { id: id.clone(), resolves_true: false };
                self.call(now, HubCall::LeaveLobby, reason);
                Ok(())
            }
            "video.message" if self.is_application() => Err(Refusal::NotPermitted.into()),
            "video.message" => {
                verto::read(&params).and_then(|message| self.signal(now, &id, message))
            }
            name => match methods::find(name) {
                Some(row) => self.execute(now, &id, row, &params).map_err(Response::from),
                None => Err(no_method(name)),
            },
        };
        if let Err(response) = outcome {
            self.reply(now, &id, response);
        }
    }

    fn execute(
        &mut self,
        now: Now,
        id: &Value,
        method: &Method,
        params: &Value,
    ) -> Result<(), Refusal> {
        let params = Params::of(params)?;
        let session = params.room_session_id()?.to_owned();
        let command = method.command(&params);
        let resolves_true = method.name == "video.prioritize_handraise";
        let reason = Reason::Room { id: id.clone(), resolves_true };
        self.call(now, HubCall::Execute(session, command), reason);
        Ok(())
    }

    fn enter_lobby(&mut self, now: Now, id: &Value, params: &Value) -> Result<(), Refusal> {
        let name = Params::of(params)?.optional_text("name")?.map(str::to_owned);
        let reason = Reason::Room { id: id.clone(), resolves_true: false };
        self.call(now, HubCall::EnterLobby(name), reason);
        Ok(())
    }

    fn subscribe(&mut self, now: Now, id: &Value, params: &Value) -> Result<(), Refusal> {
        let action = subscribe::read(&Params::of(params)?)?;
        if subscribe::names_hands(params) {
            self.detail = Detail::Hands;
        }
        let reason = Reason::Room { id: id.clone(), resolves_true: false };
        self.call(now, HubCall::Subscribe(action), reason);
        Ok(())
    }

    /// An application takes part in no call.
    fn is_application(&self) -> bool {
        matches!(&self.auth_state, AuthState::Connected(known) if known.is_application)
    }

    /// Acts on a message of Verto; an `Err` is what to answer at once.
    fn signal(&mut self, now: Now, id: &Value, message: Verto) -> Result<(), Response> {
        let inner = message.id;
        match message.what {
            What::Noted => Err(Response::ok()),
            What::Hold { call_id, held } => {
                let hub_call = HubCall::Hold(call_id.clone(), held);
                self.call(now, hub_call, Reason::Hold { id: id.clone(), inner, call_id, held });
                Ok(())
            }
            What::Invite(invite) => {
                if invite.role == LegRole::Main {
                    self.detail = Detail::of(&invite.names);
                }
                let reason =
                    Reason::Invite { id: id.clone(), inner, call_id: invite.call_id.clone() };
                self.call(now, HubCall::Invite(invite), reason);
                Ok(())
            }
            What::Update { call_id, sdp } => {
                let reason = Reason::Update { id: id.clone(), inner, call_id: call_id.clone() };
                self.call(now, HubCall::Modify(call_id, sdp), reason);
                Ok(())
            }
            What::Digits { call_id, digits } => {
                let reason = Reason::Digits { id: id.clone() };
                self.call(now, HubCall::Digits(call_id, digits), reason);
                Ok(())
            }
            What::Bye { call_id, all } => {
                self.hang_up(now, id, &inner, call_id, all);
                Ok(())
            }
        }
    }

    /// Who hangs up is answered before anything is done about it: the client leaves whatever comes,
    /// and mostly closes the socket at once.
    fn hang_up(&mut self, now: Now, id: &Value, inner: &Value, call_id: LegId, all: bool) {
        let (code, cause) = if all { (825, "REJECT_ALL") } else { (16, "NORMAL_CLEARING") };
        let result = json!({
            "callID": call_id.0, "message": "CALL ENDED", "causeCode": code, "cause": cause,
        });
        self.reply(now, id, wrapped(&self.options.node_id.clone(), inner, result));
        let action = if all { LegAction::HangUpAll } else { LegAction::HangUp };
        self.call(now, HubCall::Bye(call_id.clone(), action), Reason::Bye { call_id });
    }
}

fn no_method(name: &str) -> Response {
    Response::error(NO_METHOD, format!("There is no method {}", quoted(name)))
}
