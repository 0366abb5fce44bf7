//! What travels inside `video.message`: call signalling in the words of Verto (wire protocol §5).
//! Read here and checked for size and type; what it means for a leg is the hub's business.

use crate::error::{NO_METHOD, Response};
use rotunda_domain::{Brings, Event, LegId, Refusal};
use rotunda_hub::{Invite, LegRole};
use serde_json::{Map, Value, json};

/// Longest `callID`; the SDK sends a UUID.
const CALL_ID_CHARS: usize = 128;

/// One message.
#[derive(Debug)]
pub struct Verto {
    /// Its own id, to be given back inside the outer one; null when it has none.
    pub id: Value,
    /// What it says.
    pub what: What,
}

/// What a message says.
#[derive(Debug)]
pub enum What {
    /// Open a leg.
    Invite(Invite),
    /// End a leg.
    Bye {
        /// Which.
        call_id: LegId,
        /// Whether it is `hangupAll()`.
        all: bool,
    },
    /// Renegotiate a leg.
    Update {
        /// Which.
        call_id: LegId,
        /// The offer.
        sdp: String,
    },
    /// Stop a leg's media for a while, or end that.
    Hold {
        /// Which leg.
        call_id: LegId,
        /// On hold or off.
        held: bool,
    },
    /// Send digits.
    Digits {
        /// On which leg.
        call_id: LegId,
        /// Which; the rules check them.
        digits: String,
    },
    /// Something to which "OK" is the whole answer: ping, pong, a result of the client.
    Noted,
}

/// Reads the `params` of a `video.message`.
///
/// # Errors
/// What to answer instead.
pub fn read(params: &Value) -> Result<Verto, Response> {
    let message = params
        .as_object()
        .and_then(|params| params.get("message"))
        .and_then(Value::as_object)
        .ok_or_else(|| invalid("params.message must be an object: a JSON-RPC request or result"))?;
    let id = message.get("id").cloned().unwrap_or(Value::Null);
    let what = match message.get("method") {
        Some(Value::String(method)) => request(method, message, params)?,
        None if message.contains_key("result") || message.contains_key("error") => What::Noted,
        _ => return Err(invalid("message.method must be a string").into()),
    };
    Ok(Verto { id, what })
}

fn request(method: &str, message: &Map<String, Value>, outer: &Value) -> Result<What, Response> {
    let empty = Map::new();
    let params = match message.get("params") {
        None => &empty,
        Some(Value::Object(params)) => params,
        Some(_) => return Err(invalid("message.params must be an object").into()),
    };
    match method {
        "verto.invite" => Ok(What::Invite(invite(params, outer)?)),
        "verto.bye" => Ok(What::Bye { call_id: call_id(params)?, all: ends_all(params) }),
        "verto.modify" => Ok(modify(params)?),
        "verto.info" => Ok(info(params)?),
        "verto.ping" | "verto.pong" => Ok(What::Noted),
        _ => Err(Response::error(NO_METHOD, format!("{} is not available", quoted(method)))),
    }
}

fn invite(params: &Map<String, Value>, outer: &Value) -> Result<Invite, Refusal> {
    let dialog = dialog(params)?;
    let role = match (flag(dialog, "screenShare")?, flag(dialog, "additionalDevice")?) {
        (false, false) => LegRole::Main,
        (true, false) => LegRole::Screen,
        (false, true) => LegRole::Device,
        (true, true) => {
            return Err(invalid("a leg is a screenShare or an additionalDevice, not both"));
        }
    };
    let names = outer.get("subscribe").and_then(Value::as_array);
    let names_one = |wanted: &str| {
        let is_it =
            |name: &Value| name.as_str().and_then(|n| n.strip_prefix("video.")) == Some(wanted);
        names.is_some_and(|names| names.iter().any(is_it))
    };
    let wants_roster = names_one("memberList.updated");
    let by_name = Event::BY_NAME.into_iter().filter(|name| names_one(name)).collect();
    let (call_id, sdp, brings) = (call_id(params)?, sdp(params)?, brings(params));
    Ok(Invite { call_id, role, sdp, wants_roster, names: by_name, brings })
}

fn brings(params: &Map<String, Value>) -> Result<Brings, Refusal> {
    let layout = match params.get("layout") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.clone()),
        Some(_) => return Err(invalid("layout must be a string")),
    };
    let positions = match params.get("positions") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(requested)) => crate::methods::positions(requested)?,
        Some(_) => return Err(invalid("positions must be an object")),
    };
    Ok(Brings { layout, positions })
}

fn modify(params: &Map<String, Value>) -> Result<What, Refusal> {
    let call_id = call_id(params)?;
    match params.get("action").and_then(Value::as_str) {
        Some("updateMedia") => Ok(What::Update { call_id, sdp: sdp(params)? }),
        Some("hold") => Ok(What::Hold { call_id, held: true }),
        Some("unhold") => Ok(What::Hold { call_id, held: false }),
        _ => Err(invalid("action must be updateMedia, hold or unhold")),
    }
}

fn info(params: &Map<String, Value>) -> Result<What, Refusal> {
    let call_id = call_id(params)?;
    match params.get("dtmf") {
        Some(Value::String(digits)) => Ok(What::Digits { call_id, digits: digits.to_uppercase() }),
        _ => Err(invalid("dtmf must be a string of digits")),
    }
}

/// `hangupAll()` is a bye that says so in its cause; the number is a string in shipped clients.
fn ends_all(params: &Map<String, Value>) -> bool {
    params.get("cause").and_then(Value::as_str) == Some("REJECT_ALL")
}

fn dialog(params: &Map<String, Value>) -> Result<&Map<String, Value>, Refusal> {
    params
        .get("dialogParams")
        .and_then(Value::as_object)
        .ok_or_else(|| invalid("dialogParams must be an object"))
}

fn call_id(params: &Map<String, Value>) -> Result<LegId, Refusal> {
    match dialog(params)?.get("callID").and_then(Value::as_str) {
        Some(id) if !id.is_empty() && id.chars().count() <= CALL_ID_CHARS => Ok(LegId(id.into())),
        _ => Err(invalid("dialogParams.callID must be a string of 1 to 128 characters")),
    }
}

fn sdp(params: &Map<String, Value>) -> Result<String, Refusal> {
    let text = params.get("sdp").and_then(Value::as_str).unwrap_or_default();
    if text.is_empty() { Err(invalid("sdp must be a string: the offer")) } else { Ok(text.into()) }
}

fn flag(dialog: &Map<String, Value>, name: &str) -> Result<bool, Refusal> {
    match dialog.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(invalid(&format!("dialogParams.{name} must be true or false"))),
    }
}

fn invalid(text: &str) -> Refusal {
    Refusal::invalid(text)
}

/// A name from outside in a message of ours: short, and without control characters.
pub fn quoted(name: &str) -> String {
    format!("{:?}", name.chars().take(64).collect::<String>())
}

/// The result of a message, wrapped the way the SDK unwraps it (§5.1).
pub fn wrapped(node_id: &str, inner_id: &Value, result: Value) -> Response {
    Response::Result(json!({
        "node_id": node_id,
        "code": "200",
        "result": {"jsonrpc": "2.0", "id": inner_id, "result": result},
    }))
}
