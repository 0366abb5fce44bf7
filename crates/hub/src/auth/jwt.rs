//! The signed envelope of a room token (RFC 7515, compact form), with one algorithm: HS512.
//!
//! Written out because the header carries a field of its own (`ch`), and because an algorithm that
//! cannot be chosen cannot be confused. It knows no claim but `sub`, which it needs to find the
//! key and which proves nothing until the signature is checked.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use rotunda_domain::ProjectId;
use serde::{Deserialize, Serialize};

/// Longest token that is looked at. The largest we make (two full metas of four-byte characters,
/// every permission) has about 27 000 characters.
const TOKEN_MAX: usize = 32 * 1024;
const ALGORITHM: &str = "HS512";
/// Tells the browser SDK that it may keep what it needs for a reattach.
const TYPE: &str = "VRT";

/// Fields given twice are refused by serde, so a header has one algorithm or none.
#[derive(Serialize, Deserialize)]
struct Header<'a> {
    typ: &'a str,
    alg: &'a str,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ch: Option<String>,
    /// Extensions that must be understood (RFC 7515 §4.1.11); we understand none.
    #[serde(default, skip_serializing)]
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct OnlySub {
    sub: String,
}

/// Signs `claims`; `ch` is the address the browser SDK is to use in place of its own option.
pub(super) fn sign(key: &hmac::Key, ch: Option<&str>, claims: &impl Serialize) -> String {
    let header = Header { typ: TYPE, alg: ALGORITHM, ch: ch.map(str::to_owned), crit: None };
    let part = |json: Result<Vec<u8>, serde_json::Error>| {
        BASE64.encode(json.expect("strings, numbers and maps with string keys are always JSON"))
    };
    let signed =
        format!("{}.{}", part(serde_json::to_vec(&header)), part(serde_json::to_vec(claims)));
    let signature = hmac::sign(key, signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(signature))
}

/// A token that has the right form; nothing it says is to be believed yet.
pub(super) struct Unverified<'a> {
    /// Whose key it has to fit.
    pub(super) project: ProjectId,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart; `None` when it is not three parts, of our type and algorithm, with a
    /// project in `sub`.
    pub(super) fn read(token: &'a str) -> Option<Self> {
        if token.len() > TOKEN_MAX {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header = BASE64.decode(header).ok()?;
        let header: Header<'_> = serde_json::from_slice(&header).ok()?;
        if header.alg != ALGORITHM || header.typ != TYPE || header.crit.is_some() {
            return None;
        }
        let payload = BASE64.decode(payload).ok()?;
        let OnlySub { sub } = serde_json::from_slice(&payload).ok()?;
        let project = sub.parse().ok()?;
        Some(Self { project, signed, payload, signature: BASE64.decode(signature).ok()? })
    }

    /// What it would say.
    #[cfg(any(test, fuzzing))]
    pub(super) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload, if `key` signed the token; the comparison takes constant time.
    pub(super) fn verify(&self, key: &hmac::Key) -> Option<Vec<u8>> {
        hmac::verify(key, self.signed.as_bytes(), &self.signature).ok()?;
        Some(self.payload.clone())
    }
}
