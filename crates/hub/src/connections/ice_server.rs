//! STUN and TURN servers: as an operator writes them, and as somebody is told of them. It refuses to
//! know how they are told.
//!
//! A TURN server written without a password shares a secret with this one. Then everybody gets
//! credentials of their own that end by themselves (draft-uberti-behave-turn-rest-00 §2.2), which
//! coturn knows as `use-auth-secret` and `static-auth-secret`.

use crate::now;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::net::Ipv6Addr;
use std::str::FromStr;
use std::time::Duration;

/// A STUN or TURN server clients may use.
#[derive(Clone, PartialEq, Eq)]
pub struct IceServer {
    url: String,
    opened_by: OpenedBy,
}

#[derive(Clone, PartialEq, Eq)]
enum OpenedBy {
    /// STUN asks nobody who they are.
    Nothing,
    Password(String, String),
    SharedSecret,
}

/// Why a text names no server, as what follows "each": what is to be changed. What was written is not
/// repeated, for it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadIceServer {
    /// It would break out of a header, or cannot stand in one.
    #[error("must do without quotes, commas, semicolons, backslashes, < and >")]
    Signs,
    /// Another scheme, no host, a port that is none.
    #[error(
        "must be `stun:HOST`, `turn:HOST` or `turn:HOST USER PASSWORD`; stuns: and turns: by TLS, HOST:PORT for another port, no //"
    )]
    Place,
    /// A browser takes no part in a call for it.
    #[error(
        "must end its address with ?transport=udp, ?transport=tcp or neither, and a stun: one with neither"
    )]
    Transport,
    /// STUN with a password, or TURN with a part of one.
    #[error(
        "`turn:` is followed by USER and PASSWORD, or by neither where media.turn_secret makes them; `stun:` by neither"
    )]
    Credentials,
}

/// Why servers and secret do not belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTurnSecret {
    /// A TURN server without a password and no secret to make one of.
    #[error("a TURN server needs `turn:HOST USER PASSWORD`, or media.turn_secret")]
    Missing,
    /// Somebody meant it for a server that has a password all the same, or asks for none.
    #[error(
        "media.turn_secret is for a `turn:HOST` without USER PASSWORD, and there is none: leave out these two, or the secret"
    )]
    Idle,
}

/// The password of a server is told to clients and to nobody else.
impl std::fmt::Debug for IceServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.url)
    }
}

impl FromStr for IceServer {
    type Err = BadIceServer;

    fn from_str(text: &str) -> Result<Self, BadIceServer> {
        if !text.bytes().all(|b| matches!(b, 0x20..0x7f) && !b"\"<>,;\\".contains(&b)) {
            return Err(BadIceServer::Signs);
        }
        let mut words = text.split_whitespace();
        let url = words.next().ok_or(BadIceServer::Place)?;
        let is_turn = is_turn(url)?;
        let opened_by = match (words.next(), words.next(), words.next()) {
            (None, ..) if is_turn => OpenedBy::SharedSecret,
            (None, ..) => OpenedBy::Nothing,
            (Some(user), Some(password), None) if is_turn => {
                OpenedBy::Password(user.to_owned(), password.to_owned())
            }
            _ => return Err(BadIceServer::Credentials),
        };
        Ok(Self { url: url.to_owned(), opened_by })
    }
}

/// Whether an address is TURN's (RFC 7065), else STUN's (RFC 7064); an error if browsers would not take
/// it, for then they take no part at all.
fn is_turn(url: &str) -> Result<bool, BadIceServer> {
    let (scheme, rest) = url.split_once(':').ok_or(BadIceServer::Place)?;
    let is_turn = match scheme {
        "turn" | "turns" => true,
        "stun" | "stuns" => false,
        _ => return Err(BadIceServer::Place),
    };
    let (place, query) = rest.split_once('?').map_or((rest, None), |(p, q)| (p, Some(q)));
    let has_known_query = match query {
        None => true,
        Some("transport=udp" | "transport=tcp") => is_turn,
        Some(_) => false,
    };
    match (is_place(place), has_known_query) {
        (false, _) => Err(BadIceServer::Place),
        (true, false) => Err(BadIceServer::Transport),
        (true, true) => Ok(is_turn),
    }
}

/// A name, an IPv4 address or an IPv6 one in brackets, and a port or none.
fn is_place(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_v6 = literal.is_some_and(|host| host.parse::<Ipv6Addr>().is_ok());
    let is_of_name = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    let is_name = !host.is_empty() && host.bytes().all(is_of_name);
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    (is_v6 || is_name) && port.is_none_or(is_port)
}

/// A server as one client is told of it.
#[derive(Clone, PartialEq, Eq)]
pub struct OfferedIceServer {
    /// `stun:…` or `turn:…`.
    pub url: String,
    /// User and password, for TURN.
    pub credentials: Option<(String, String)>,
}

/// As of the server: never the password.
impl std::fmt::Debug for OfferedIceServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.url)
    }
}

/// All servers the operator names, and what their credentials are made of. None by default.
#[derive(Clone, Debug, Default)]
pub struct IceServers {
    servers: Vec<IceServer>,
    secret: Option<hmac::Key>,
    lasts: Duration,
}

impl IceServers {
    /// Servers, the secret shared with those that have no password of their own, and how long
    /// credentials made of it last.
    ///
    /// # Errors
    /// A server needs the secret, and it is empty; or there are servers, and none needs it.
    pub fn new(
        servers: Vec<IceServer>,
        secret: &str,
        lasts: Duration,
    ) -> Result<Self, BadTurnSecret> {
        let is_needed = servers.iter().any(|s| s.opened_by == OpenedBy::SharedSecret);
        match (is_needed, secret.trim().is_empty()) {
            (true, true) => return Err(BadTurnSecret::Missing),
            (false, false) if !servers.is_empty() => return Err(BadTurnSecret::Idle),
            _ => {}
        }
        let key = || hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
        Ok(Self { servers, secret: (!secret.is_empty()).then(key), lasts })
    }

    /// What `user` is told at `epoch_s` (seconds since 1970). The name stands in the TURN server's log;
    /// it should be one that says nothing elsewhere.
    pub fn offer(&self, user: &str, epoch_s: i64) -> Vec<OfferedIceServer> {
        let ends = epoch_s.saturating_add(self.lasts.as_secs().try_into().unwrap_or(i64::MAX));
        let offered = |server: &IceServer| OfferedIceServer {
            url: server.url.clone(),
            credentials: match &server.opened_by {
                OpenedBy::Nothing => None,
                OpenedBy::Password(user, password) => Some((user.clone(), password.clone())),
                OpenedBy::SharedSecret => self.made_for(format!("{ends}:{user}")),
            },
        };
        self.servers.iter().map(offered).collect()
    }

    /// What somebody without a name is told now.
    pub fn offer_to_stranger(&self) -> Vec<OfferedIceServer> {
        self.offer(&uuid::Uuid::new_v4().to_string(), now().epoch_s())
    }

    fn made_for(&self, name: String) -> Option<(String, String)> {
        let tag = hmac::sign(self.secret.as_ref()?, name.as_bytes());
        Some((name, STANDARD.encode(tag)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn servers(texts: &[&str], secret: &str) -> Result<IceServers, BadTurnSecret> {
        IceServers::new(texts.iter().map(|text| text.parse().unwrap()).collect(), secret, DAY)
    }

    /// The expected password was made by `openssl dgst -sha1 -hmac north -binary | base64`.
    #[test]
    fn credentials_of_a_shared_secret_end_and_are_what_a_turn_server_computes() {
        let all = ["turn:turn.example.net?transport=tcp", "stun:x", "turns:y user pass"];
        let offered = servers(&all, "north").unwrap().offer("ann", 1_700_000_000);
        let credentials: Vec<_> = offered.into_iter().map(|server| server.credentials).collect();
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        let made = pair("1700086400:ann", "7FWQB06tq8mR4TsnapfLHms2f5Y=");
        assert_eq!(credentials, [made, None, pair("user", "pass")]);
    }

    #[test]
    fn a_turn_server_without_password_and_secret_is_refused() {
        for secret in ["", " "] {
            assert_eq!(servers(&["turn:x"], secret).unwrap_err(), BadTurnSecret::Missing);
        }
        assert!(servers(&["turn:x user pass", "stun:y"], "").is_ok());
        assert!(IceServers::default().offer("ann", 0).is_empty(), "nothing is told by default");
    }

    #[test]
    fn a_secret_beside_servers_that_do_not_use_it_is_refused() {
        for all in [&["turn:x user pass"][..], &["stun:y"]] {
            assert_eq!(servers(all, "north").unwrap_err(), BadTurnSecret::Idle);
        }
        assert!(servers(&["turn:x user pass", "turn:y"], "north").is_ok());
        assert!(servers(&[], "north").is_ok(), "a list is emptied for a while");
    }

    #[test]
    fn every_address_that_browsers_take_is_taken() {
        for good in [
            "stun:stun.example.net",
            "stuns:192.0.2.7:5349",
            "turn:[2001:db8::7]:443?transport=udp",
            "turns:turn_1.example.net:443?transport=tcp",
            "turn:[2001:db8::7] user pass",
        ] {
            assert!(good.parse::<IceServer>().is_ok(), "{good}");
        }
    }

    #[test]
    fn what_names_no_server_is_refused_and_a_password_is_not_printed() {
        use BadIceServer::{Credentials, Place, Signs, Transport};
        for (bad, why) in [
            ("", Place),
            ("stun:", Place),
            ("http://x", Place),
            ("turn://x", Place),
            ("turn:user@x", Place),
            ("turn:x:0", Place),
            ("turn:x:70000", Place),
            ("turn:2001:db8::7", Place),
            ("turn:[x]", Place),
            ("turn:?transport=udp", Place),
            ("turn:x?transport=tls", Transport),
            ("turn:x?transport=udp&x", Transport),
            ("stun:x?transport=udp", Transport),
            ("turn:x user", Credentials),
            ("stun:x user pass", Credentials),
            ("turn:x u p more", Credentials),
            ("turn:x u \"p\"", Signs),
            ("stun:x>,<y", Signs),
            ("stun:\u{7f}", Signs),
        ] {
            assert_eq!(bad.parse::<IceServer>(), Err(why), "{bad}");
        }
        let turn = servers(&["turn:x user secret", "turn:y"], "north").unwrap();
        let printed = format!("{turn:?} {:?}", turn.offer("ann", 0));
        assert!(!printed.contains("secret ") && !printed.contains("north"), "{printed}");
        assert!(!printed.contains("\"secret\""), "{printed}");
    }
}
