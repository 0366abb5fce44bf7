//! What an offer would carry, as far as a later connect must know it: whoever offered no camera is not
//! to be asked for one. What is agreed is the engine's business.

use rotunda_domain::Flow;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which way a kind of media goes, as the client sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ways {
    /// Neither way.
    #[default]
    #[serde(rename = "n")]
    Neither,
    /// To the client.
    #[serde(rename = "r")]
    Receives,
    /// From the client, or both ways.
    #[serde(rename = "s")]
    Sends,
}

impl Ways {
    /// As much of it as may flow.
    pub fn within(self, allowed: Flow) -> Flow {
        match (self, allowed) {
            (Self::Neither, _) | (_, Flow::None) => Flow::None,
            (Self::Receives, _) | (_, Flow::Receive) => Flow::Receive,
            (Self::Sends, Flow::Both) => Flow::Both,
        }
    }
}

/// What an offer has of sound and picture: the most that any section of the kind has.
pub(crate) fn ways(sdp: &str) -> [Ways; 2] {
    let of = |kind: &str| {
        let sections = sdp.split("\nm=").skip(1).filter(|section| section.starts_with(kind));
        let ways = sections.map(section_ways);
        ways.max_by_key(|ways| *ways as u8).unwrap_or_default()
    };
    [of("audio "), of("video ")]
}

/// Which peer connection an offer comes from: the fingerprint of its certificate (RFC 8122 section 5), in
/// upper case, the first there is. A browser makes a certificate for each.
pub(crate) fn fingerprint(sdp: &str) -> Option<Arc<str>> {
    let of = |line: &str| {
        line.strip_prefix("a=fingerprint:").map(|print| print.trim_end().to_ascii_uppercase())
    };
    sdp.lines().find_map(of).map(Arc::from)
}

fn section_ways(section: &str) -> Ways {
    let has = |line: &str| section.lines().any(|one| one.trim_end() == line);
    let port = section.split_ascii_whitespace().nth(1);
    match port {
        // Without `bundle-only` it is over (RFC 8843 §6).
        Some("0") if !has("a=bundle-only") => Ways::Neither,
        _ if has("a=inactive") => Ways::Neither,
        _ if has("a=recvonly") => Ways::Receives,
        _ => Ways::Sends,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_says_which_peer_connection_it_comes_from() {
        let sdp = "v=0\r\nm=audio 9 X 111\r\na=fingerprint:sha-256 ab:01\r\n";
        assert_eq!(fingerprint(sdp).as_deref(), Some("SHA-256 AB:01"));
        assert_eq!(fingerprint("v=0\r\n"), None);
    }

    #[test]
    fn an_offer_has_of_each_kind_the_most_that_a_section_has() {
        let sdp = |sections: &[&str]| format!("v=0\r\n{}", sections.concat());
        let rows = [
            (sdp(&["m=audio 9 X 111\r\na=sendrecv\r\n"]), [Ways::Sends, Ways::Neither]),
            (
                sdp(&["m=audio 9 X 111\r\n", "m=video 9 X 96\r\na=recvonly\r\n"]),
                [Ways::Sends, Ways::Receives],
            ),
            (sdp(&["m=video 0 X 96\r\na=sendonly\r\n"]), [Ways::Neither, Ways::Neither]),
            (
                sdp(&["m=video 9 X 96\r\na=inactive\r\n", "m=video 9 X 96\r\na=sendonly\r\n"]),
                [Ways::Neither, Ways::Sends],
            ),
            (sdp(&["m=video 0 X 96\r\na=bundle-only\r\n"]), [Ways::Neither, Ways::Sends]),
            (String::new(), [Ways::Neither, Ways::Neither]),
        ];
        for (sdp, expected) in rows {
            assert_eq!(ways(&sdp), expected, "{sdp}");
        }
    }

    #[test]
    fn what_is_asked_for_again_is_never_more_than_was_offered_or_is_allowed() {
        assert_eq!(Ways::Sends.within(Flow::Both), Flow::Both);
        assert_eq!(Ways::Sends.within(Flow::Receive), Flow::Receive);
        assert_eq!(Ways::Receives.within(Flow::Both), Flow::Receive);
        assert_eq!(Ways::Neither.within(Flow::Both), Flow::None);
        assert_eq!(Ways::Receives.within(Flow::None), Flow::None);
    }
}
