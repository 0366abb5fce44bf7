//! What a request's body reaches, for the fuzzers in `fuzz/` and the tests that play their corpus.

use crate::{read_new_room, read_room_body, read_token_body, whip_whep};
use rotunda_domain::{ProjectId, RoomSettings};
use serde_json::{Map, Value};

/// A JSON body, read as a new room, as a change of it and as a token.
pub fn rest_body(bytes: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Map<String, Value>>(bytes) else { return };
    let made = read_new_room(&body);
    if let (Ok(mut room), Ok(patch)) = (made, read_room_body(&body)) {
        let _: Result<(), _> = patch.apply(&mut room);
        let _: RoomSettings = room;
    }
    let _ = read_token_body(&body, ProjectId(uuid::Uuid::nil()));
}

/// The body of a WHIP client's PATCH (RFC 8840).
pub fn ice_fragment(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        whip_whep::read_fragment(text);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_body_of_the_corpus_makes_a_reader_fail() {
        rotunda_corpus::play("rest_body", super::rest_body);
    }

    #[test]
    fn no_fragment_of_the_corpus_makes_the_reader_fail() {
        rotunda_corpus::play("ice_fragment", super::ice_fragment);
    }
}
