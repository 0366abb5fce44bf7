//! Records of DTLS as anybody can see them (RFC 6347 §4.1). It refuses to know what they hold.
//!
//! Whatever is not authentic is to be discarded and must end nothing (§4.1.2.7). OpenSSL keeps to that
//! for records that it can decipher to rubbish, but gives up on one that is too short to hold what
//! its cipher adds, and whoever can forge an address could end a connection so.

/// Type, version, epoch, sequence number and length.
const HEAD: usize = 13;

/// Whether all records of a datagram are as long as they say, and all that are enciphered hold at least
/// `overhead` bytes.
pub(crate) fn are_plausible(datagram: &[u8], overhead: usize) -> bool {
    let mut rest = datagram;
    while !rest.is_empty() {
        let [_, _, _, epoch_high, epoch_low, _, _, _, _, _, _, high, low, ..] = rest else {
            return false;
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let is_plain = (*epoch_high, *epoch_low) == (0, 0);
        let Some(next) = rest.get(HEAD + length..).filter(|_| is_plain || length >= overhead)
        else {
            return false;
        };
        rest = next;
    }
    true
}

/// What a cipher suite, named as OpenSSL does, adds to each record at least, bytes.
pub(crate) fn overhead(cipher: &str) -> usize {
    match () {
        // A nonce and a tag (RFC 5288 §3), a tag (RFC 7905 §2).
        () if cipher.contains("GCM") => 8 + 16,
        () if cipher.contains("CHACHA20") => 16,
        // A block to begin with, and one or more that hold at least the code (RFC 5246 §6.2.3.2).
        () if cipher.ends_with("SHA384") => 16 + 64,
        () => 16 + 32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_is_plausible_if_each_of_its_records_is() {
        let record = |epoch: u8, length: u8, holds: usize| {
            [&[23, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 9, 0, length][..], &vec![7; holds]].concat()
        };
        let (plain, sealed) = (record(0, 1, 1), record(1, 24, 24));
        assert!(are_plausible(&plain, 24) && are_plausible(&sealed, 24));
        assert!(are_plausible(&[plain.clone(), sealed.clone()].concat(), 24));
        for wrong in [record(1, 23, 23), record(2, 0, 0), record(0, 5, 4), vec![23; 12]] {
            assert!(!are_plausible(&wrong, 24), "{wrong:?}");
            assert!(!are_plausible(&[sealed.clone(), wrong].concat(), 24));
        }
    }
}
