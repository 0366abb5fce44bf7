//! What a client's frames reach, for the fuzzers in `fuzz/` and the tests that play their corpus.

use crate::frame;
use crate::methods::positions;
use crate::options::SignalOptions;
use crate::peer::Peer;
use rotunda_domain::Now;
use serde_json::{Map, Value};
use std::sync::Arc;

/// A text frame, read alone and by a peer that nobody has authorised yet.
pub fn json_rpc_frame(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let options = Arc::new(SignalOptions::default());
    let _ = frame::read(text, options.json_depth_max);
    let now = Now { mono_ms: 0, epoch_ms: 0 };
    let mut peer = Peer::new(now, "fuzz".into(), options);
    peer.handle_text(now, text);
    peer.handle_text(now, text);
    while peer.poll_call(now).is_some() {}
    while peer.poll_frame(now).is_some() {}
}

/// Who wishes to sit where, as `setPositions` says it.
pub fn canvas_positions(bytes: &[u8]) {
    if let Ok(requested) = serde_json::from_slice::<Map<String, Value>>(bytes) {
        let _ = positions(&requested);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_frame_of_the_corpus_makes_a_peer_fail() {
        rotunda_corpus::play("json_rpc_frame", super::json_rpc_frame);
    }

    #[test]
    fn no_positions_of_the_corpus_make_the_reader_fail() {
        rotunda_corpus::play("positions", super::canvas_positions);
    }
}
