//! What a client's offer reaches, for the fuzzers in `fuzz/` and the tests that play their corpus.

use crate::dtls;
use crate::negotiate::{Host, Offer, negotiate};
use std::sync::OnceLock;
use std::time::Instant;

/// Where a server would be; one certificate for the whole run.
fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let provider = dtls::provider();
        let cert = provider.dtls_provider.generate_certificate().expect("a certificate");
        provider.install_process_default();
        let addr = |text: &str| text.parse().expect("an address");
        Host {
            udp: vec![addr("127.0.0.1:5000")],
            tcp: vec![addr("127.0.0.1:5001")],
            h264: true,
            cert,
        }
    })
}

/// An offer of a member, of the audience and of a publisher, up to the answer.
pub fn sdp_offer(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for offer in [Offer::new(text), Offer::audience(text), Offer::publisher(text)] {
        if let Err(refused) = negotiate(host(), &offer, "fuzz".into(), Instant::now()) {
            let happened = refused.to_string();
            assert!(!happened.contains("0x"), "a refusal shows an address: {happened}");
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_offer_of_the_corpus_makes_the_stack_fail() {
        rotunda_corpus::play("sdp_offer", super::sdp_offer);
    }
}
