//! Engine.IO, which carries socket.io, as far as it is read here: where it is, what a request of it asks
//! for, and the name of a socket it opened.

/// Where clients of the product connect; not `/socket.io`.
pub(crate) const PATH: &str = "/socket";

/// What a request at socket.io's path asks for.
pub(crate) struct Asked {
    pub is_websocket: bool,
    /// The socket it is about; a handshake has none.
    pub sid: Option<String>,
    /// Engine.IO 3 counts the characters of a packet.
    pub is_counted: bool,
}

impl Asked {
    pub fn read(query: &str) -> Self {
        let of = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        Self {
            is_websocket: of("transport") == Some("websocket"),
            sid: of("sid").map(str::to_owned),
            is_counted: of("EIO") == Some("3"),
        }
    }
}

/// The id in the packet that opens a socket, `0{"sid":"…",…}`, counted or not.
pub(crate) fn opened_sid(opened: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(opened).ok()?;
    let object = serde_json::from_str::<serde_json::Value>(text.get(text.find('{')?..)?).ok()?;
    object["sid"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_what_both_majors_open_a_socket_with() {
        for opened in [r#"0{"sid":"AbC","upgrades":[]}"#, r#"28:0{"sid":"AbC","upgrades":[]}"#] {
            assert_eq!(opened_sid(opened.as_bytes()).as_deref(), Some("AbC"));
        }
        assert_eq!(opened_sid(br#"{"code":"3","message":"Bad request"}"#), None);
        assert_eq!(opened_sid(b""), None);
    }
}
