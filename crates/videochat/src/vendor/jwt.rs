//! A signed token (RFC 7515, compact form) with the one algorithm the vendors ask for: HS256.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde_json::Value;

pub(super) fn sign(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let signed =
        format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let signature = hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(signature))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The example of jwt.io, whose secret is `your-256-bit-secret`.
    #[test]
    fn the_well_known_example_comes_out() {
        let claims = json!({"sub": "1234567890", "name": "John Doe", "iat": 1_516_239_022});
        let token = sign(&json!({"alg": "HS256", "typ": "JWT"}), &claims, b"your-256-bit-secret");
        assert!(token.ends_with(".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"), "{token}");
    }
}
