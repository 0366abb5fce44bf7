//! Agora's AccessToken2 ("007"): not a JWT but packed numbers, little endian, signed, deflated.
//!
//! Source: Agora, AccessToken2, service RTC (type 1), and its published test vector.

use super::{AgoraKeys, Pass};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write;

const SERVICE_RTC: u16 = 1;
/// Join, publish audio, publish video, publish data.
const PUBLISHER: &[u16] = &[1, 2, 3, 4];
const SUBSCRIBER: &[u16] = &[1];

/// A token issued at `issued_s` that is good for `life_s` seconds.
pub(super) fn token(
    keys: &AgoraKeys,
    pass: &Pass,
    issued_s: u32,
    salt: u32,
    life_s: u32,
) -> String {
    let privileges = if pass.publishes { PUBLISHER } else { SUBSCRIBER };
    let content = content(keys, (&pass.room, pass.uid), privileges, (issued_s, salt, life_s));
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing into memory does not fail.
    let packed = packed.write_all(&content).and_then(|()| packed.finish()).unwrap_or_default();
    format!("007{}", BASE64_STANDARD.encode(packed))
}

fn content(
    keys: &AgoraKeys,
    (channel, uid): (&str, u32),
    privileges: &[u16],
    (issued_s, salt, life_s): (u32, u32, u32),
) -> Vec<u8> {
    let mut info = Packed::default();
    info.text(keys.app_id.as_bytes());
    [issued_s, life_s, salt].into_iter().for_each(|number| info.long(number));
    info.short(1);
    info.short(SERVICE_RTC);
    info.short(u16::try_from(privileges.len()).unwrap_or(0));
    for privilege in privileges {
        info.short(*privilege);
        info.long(life_s);
    }
    info.text(channel.as_bytes());
    // Nobody in particular is the empty name.
    let name = if uid == 0 { String::new() } else { uid.to_string() };
    info.text(name.as_bytes());
    let signature = sign(&signing_key(keys, issued_s, salt), &info.0);
    let mut content = Packed::default();
    content.text(&signature);
    content.0.extend(info.0);
    content.0
}

fn signing_key(keys: &AgoraKeys, issued_s: u32, salt: u32) -> Vec<u8> {
    let by_time = sign(&issued_s.to_le_bytes(), keys.certificate.as_bytes());
    sign(&salt.to_le_bytes(), &by_time)
}

fn sign(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}

#[derive(Default)]
struct Packed(Vec<u8>);

impl Packed {
    fn short(&mut self, number: u16) {
        self.0.extend(number.to_le_bytes());
    }

    fn long(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    /// Ids and signatures, all of them short.
    fn text(&mut self, text: &[u8]) {
        self.short(u16::try_from(text.len()).unwrap_or(u16::MAX));
        self.0.extend(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector Agora publishes with its token builders.
    #[test]
    fn the_published_vector_comes_out() {
        let keys = AgoraKeys {
            app_id: "970CA35de60c44645bbae8a215061b33".into(),
            certificate: "5CFd2fd1755d40ecb72977518be15d3b".into(),
        };
        let channel = "7d72365eb983485397e3e3f9d460bdda";
        let signature = |uid, privileges: &[u16]| {
            let content = content(&keys, (channel, uid), privileges, (1_111_111, 1, 600));
            content[2..34].iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        assert_eq!(
            signature(2_882_341_273, PUBLISHER),
            "c731521be14613488eac3ef393d403a87ea96102529dc5d633e12faabcce540f"
        );
        assert_eq!(
            signature(0, SUBSCRIBER),
            "dcc4af9e4a04268e083f1fecd1daf9be33c860de592d6a2ca2b0306b9603633c"
        );
    }
}
