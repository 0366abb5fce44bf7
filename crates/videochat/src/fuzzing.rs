//! What a socket.io client's packets reach, for the fuzzers in `fuzz/` and the tests that play their
//! corpus. The packets are taken apart by the libraries that the door uses.

use crate::envelope::Request;
use engineioxide_core::{Packet, ProtocolVersion};
use serde_json::Value as Json;
use socketioxide_core::packet::PacketData;
use socketioxide_core::parser::{Parse, ParseConfig, ParserState};
use socketioxide_core::{Str, Value};
use socketioxide_parser_common::CommonParser;

/// Between the packets of one polling body (Engine.IO 4).
const SEPARATOR: char = '\u{1e}';

/// The body of a polling request, in both versions of Engine.IO.
pub fn engine_io(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for version in [ProtocolVersion::V3, ProtocolVersion::V4] {
        for packet in text.split(SEPARATOR) {
            if let Ok(Packet::Message(message)) = Packet::parse(version, packet.to_owned()) {
                socket_io(message);
            }
        }
    }
}

fn socket_io(message: Str) {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let Ok(packet) = CommonParser.decode_str(&config, &state, message) else { return };
    if let PacketData::Event(Value::Str(text, _), _) = packet.inner
        && let Ok(Json::Array(event)) = serde_json::from_str(&text)
    {
        let _ = Request::read(event.into_iter().nth(1));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_packet_of_the_corpus_makes_the_readers_fail() {
        rotunda_corpus::play("engine_io", super::engine_io);
    }
}
