//! The one place where refusals become what the client reads (wire protocol §10).

use rotunda_domain::Refusal;
use rotunda_hub::ConnectRefused;
use serde_json::{Value, json};

/// The frame is no JSON.
pub const NO_JSON: i32 = -32700;
/// The frame is no single JSON-RPC request.
pub const NO_REQUEST: i32 = -32600;
/// No such method, or not yet.
pub const NO_METHOD: i32 = -32601;
/// The parameters are wrong.
pub const BAD_PARAMS: i32 = -32602;
/// Something of ours broke.
pub const BROKEN: i32 = -32603;
/// The request does not fit the state of the connection.
pub const WRONG_STATE: i32 = -32000;
/// The token is bad; the SDK gives up on this number alone.
pub const BAD_TOKEN: i32 = -32002;
/// Too many requests.
pub const TOO_MANY: i32 = -32029;

/// What a request is answered with.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// The `result` member.
    Result(Value),
    /// The `error` member.
    Error {
        /// One of the numbers above.
        code: i32,
        /// Plain words for the developer of the client.
        message: String,
    },
}

impl Response {
    /// An `error`.
    pub fn error(code: i32, message: impl Into<String>) -> Self {
        Self::Error { code, message: message.into() }
    }

    /// The plain yes.
    pub fn ok() -> Self {
        Self::Result(json!({"code": "200", "message": "OK"}))
    }

    /// The frame that carries it.
    pub fn frame(self, id: &Value) -> String {
        match self {
            Self::Result(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Self::Error { code, message } => {
                json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
            }
        }
        .to_string()
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        Self::Result(json!({"code": code(&refusal), "message": refusal.to_string()}))
    }
}

impl From<ConnectRefused> for Response {
    /// Always an `error`: the SDK takes any `result` of a connect for success (§3.4).
    fn from(refused: ConnectRefused) -> Self {
        let code = match refused {
            ConnectRefused::BadToken(_) => BAD_TOKEN,
            ConnectRefused::UnknownProtocol => WRONG_STATE,
            ConnectRefused::Full | ConnectRefused::TooOften(_) => TOO_MANY,
            ConnectRefused::Broken | ConnectRefused::Unavailable => BROKEN,
        };
        Self::error(code, refused.to_string())
    }
}

/// The number of a refusal, a string on the wire.
fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotPermitted | Refusal::NotAdmitted(_) => "403",
        Refusal::NotFound(_) => "404",
        Refusal::Conflict(_) => "409",
        Refusal::Invalid(_) | Refusal::LimitReached(_) => "422",
        Refusal::Unsupported(_) => "501",
        // A cleared call is no reply but a hang-up; see `Peer::invited`. Any other request that
        // meets one is out of place.
        Refusal::Cleared { .. } => "409",
        Refusal::Broken => "500",
        Refusal::Unavailable => "503",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_number_and_plain_words() {
        let rows = [
            (Refusal::NotPermitted, "403", "Unauthorized"),
            (Refusal::NotAdmitted("Room is full"), "403", "Room is full"),
            (Refusal::UNKNOWN_MEMBER, "404", "Not Found"),
            (Refusal::Conflict("busy".into()), "409", "busy"),
            (Refusal::invalid("name must be a string"), "422", "name must be a string"),
            (Refusal::LimitReached("at most five".into()), "422", "at most five"),
            (Refusal::Unsupported("no engine".into()), "501", "no engine"),
            (Refusal::Broken, "500", "Internal Server Error"),
            (
                Refusal::Unavailable,
                "503",
                "Service Unavailable: the database is away, try again in a few seconds",
            ),
        ];
        for (refusal, code, message) in rows {
            let expected = Response::Result(json!({"code": code, "message": message}));
            assert_eq!(Response::from(refusal), expected);
        }
    }

    #[test]
    fn a_refused_connect_is_an_error_and_never_a_result() {
        let rows = [
            (
                ConnectRefused::BadToken("the token has expired".into()),
                -32002,
                "the token has expired",
            ),
            (ConnectRefused::UnknownProtocol, -32000, "Requester validation failed"),
            (ConnectRefused::Broken, -32603, "Internal Server Error"),
            (
                ConnectRefused::Unavailable,
                -32603,
                "Service Unavailable: the database is away, connect again in a few seconds",
            ),
        ];
        for (refused, code, message) in rows {
            assert_eq!(Response::from(refused), Response::error(code, message));
        }
    }
}
