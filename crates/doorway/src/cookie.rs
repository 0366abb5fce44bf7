//! The cookie by which a browser shows that its user operates the server: set at one door, read at several. What
//! its value is good for is not known here.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use std::time::Duration;

const NAME: &str = "rotunda_admin";

/// Longest value that is looked at, bytes; ours have 43.
const VALUE_BYTES: usize = 100;

/// The header that sets it for so long; an empty `key` and no time take it away. No script sees it, no other site
/// has it sent, and it goes over TLS only (or to localhost, which browsers take for as good).
pub fn operator_cookie(key: &str, life: Duration) -> Option<HeaderValue> {
    let seconds = life.as_secs();
    let rules = "Path=/; HttpOnly; Secure; SameSite=Strict";
    HeaderValue::from_str(&format!("{NAME}={key}; Max-Age={seconds}; {rules}")).ok()
}

/// The value that a request shows (RFC 6265 §4.2.1); of several the first.
pub fn operator_key(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim() == NAME)?;
    let value = value.trim();
    (1..=VALUE_BYTES).contains(&value.len()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(lines: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_static(line));
        }
        operator_key(&headers).map(str::to_owned)
    }

    #[test]
    fn the_cookie_is_found_among_others_and_under_its_own_name_only() {
        assert_eq!(key(&["rotunda_admin=k1"]).as_deref(), Some("k1"));
        assert_eq!(key(&["a=b", "c=d; rotunda_admin=k1 ;e=f"]).as_deref(), Some("k1"));
        let long = "rotunda_admin=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
                    xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
        for none in
            ["", "rotunda_admin", "rotunda_admin=", "x_rotunda_admin=k1", "a=rotunda_admin", long]
        {
            assert_eq!(key(&[none]), None, "{none}");
        }
    }

    #[test]
    fn no_script_sees_it_no_other_site_has_it_sent_and_it_goes_over_tls_only() {
        let set = operator_cookie("k1", Duration::from_secs(60)).unwrap();
        let rules = "rotunda_admin=k1; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Strict";
        assert_eq!(set, rules);
        assert!(operator_cookie("a\nb", Duration::ZERO).is_none());
    }
}
