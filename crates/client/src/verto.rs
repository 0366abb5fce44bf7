//! The words of a call: what a browser says inside `video.message`, and to open a connection.

use crate::child_kind::ChildKind;
use crate::options::Resume;
use serde_json::{Value, json};

/// `signalwire.connect`.
pub(crate) fn connect(token: &str, resume: Option<&Resume>) -> Value {
    let mut params = json!({
        "version": {"major": 3, "minor": 0, "revision": 0},
        "event_acks": true,
        "agent": "rotunda-client",
        "authentication": {"jwt_token": token},
    });
    if let Some(resume) = resume {
        params["protocol"] = json!(resume.protocol);
        if let Some(state) = &resume.authorization_state {
            params["authorization_state"] = json!(state);
        }
    }
    params
}

fn dialog(call_id: &str) -> Value {
    json!({
        "attach": false, "reattaching": false, "userVariables": {}, "screenShare": false,
        "additionalDevice": false, "pingSupported": true, "version": 1000, "callID": call_id,
        "remote_caller_id_name": "Outbound Call", "remote_caller_id_number": "",
        "caller_id_name": "", "caller_id_number": "",
    })
}

fn message(method: &str, call_id: &str, params: Value) -> Value {
    let id = uuid::Uuid::new_v4().to_string();
    json!({
        "message": {"jsonrpc": "2.0", "id": id, "method": method, "params": params},
        "callID": call_id,
    })
}

/// `verto.invite` with an offer, naming further events.
pub(crate) fn invite(call_id: &str, sdp: &str, names: &[&str]) -> Value {
    let mut invite =
        message("verto.invite", call_id, json!({"dialogParams": dialog(call_id), "sdp": sdp}));
    let always = [
        "video.room.subscribed",
        "video.member.joined",
        "video.member.updated",
        "video.member.left",
        "video.layout.changed",
    ];
    invite["subscribe"] = always.iter().chain(names).copied().collect();
    invite
}

/// `verto.invite` of a screen or a device beside the leg of member `parent`.
pub(crate) fn invite_child(call_id: &str, sdp: &str, kind: ChildKind, parent: &str) -> Value {
    let mut dialog = dialog(call_id);
    let flag = match kind {
        ChildKind::Screen => "screenShare",
        ChildKind::Device => "additionalDevice",
    };
    dialog[flag] = json!(true);
    dialog["userVariables"] = json!({"memberId": parent});
    message("verto.invite", call_id, json!({"dialogParams": dialog, "sdp": sdp}))
}

/// `verto.info` with digits.
pub(crate) fn digits(call_id: &str, digits: &str) -> Value {
    let params = json!({"dialogParams": dialog(call_id), "dtmf": digits});
    message("verto.info", call_id, params)
}

/// `verto.bye`.
pub(crate) fn bye(call_id: &str) -> Value {
    message("verto.bye", call_id, json!({"dialogParams": dialog(call_id)}))
}

/// The result of the server's `verto.answer`, which a browser sends back.
pub(crate) fn answered(id: &Value, node_id: &Value) -> Value {
    json!({
        "message": {"jsonrpc": "2.0", "id": id, "result": {"method": "verto.answer"}},
        "node_id": node_id,
    })
}
