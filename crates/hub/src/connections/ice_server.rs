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

/// Why a text names no server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be `stun:HOST`, `turn:HOST` or `turn:HOST USER PASSWORD`, without quotes and commas")]
pub struct BadIceServer;

/// A TURN server without a password and no secret to make one of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a TURN server needs `turn:HOST USER PASSWORD`, or media.turn_secret")]
pub struct NoTurnSecret;

/// The password of a server is told to clients and to nobody else.
impl std::fmt::Debug for IceServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.url)
    }
}

impl FromStr for IceServer {
    type Err = BadIceServer;

    fn from_str(text: &str) -> Result<Self, BadIceServer> {
        let mut words = text.split_whitespace();
        let url = words.next().ok_or(BadIceServer)?;
        let (scheme, host) = url.split_once(':').ok_or(BadIceServer)?;
        let is_turn = matches!(scheme, "turn" | "turns");
        let opened_by = match (words.next(), words.next(), words.next()) {
            (None, ..) if is_turn => OpenedBy::SharedSecret,
            (None, ..) => OpenedBy::Nothing,
            (Some(user), Some(password), None) if is_turn => {
                OpenedBy::Password(user.to_owned(), password.to_owned())
            }
            _ => return Err(BadIceServer),
        };
        let is_known = is_turn || matches!(scheme, "stun" | "stuns");
        let is_plain = text.bytes().all(|b| matches!(b, 0x20..0x7f) && !b"\"<>,;\\".contains(&b));
        if !is_known || !is_plain || host.is_empty() {
            return Err(BadIceServer);
        }
        Ok(Self { url: url.to_owned(), opened_by })
    }
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
    /// A server needs the secret, and it is empty.
    pub fn new(
        servers: Vec<IceServer>,
        secret: &str,
        lasts: Duration,
    ) -> Result<Self, NoTurnSecret> {
        if secret.is_empty() && servers.iter().any(|s| s.opened_by == OpenedBy::SharedSecret) {
            return Err(NoTurnSecret);
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

    fn servers(texts: &[&str], secret: &str) -> Result<IceServers, NoTurnSecret> {
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
        assert_eq!(servers(&["turn:x"], "").unwrap_err(), NoTurnSecret);
        assert!(servers(&["turn:x user pass", "stun:y"], "").is_ok());
        assert!(IceServers::default().offer("ann", 0).is_empty(), "nothing is told by default");
    }

    #[test]
    fn what_names_no_server_is_refused_and_a_password_is_not_printed() {
        for bad in [
            "",
            "stun:",
            "http://x",
            "turn:x user",
            "stun:x user pass",
            "turn:x u p more",
            "turn:x u \"p\"",
            "stun:x>,<y",
            "stun:\u{7f}",
        ] {
            assert_eq!(bad.parse::<IceServer>(), Err(BadIceServer), "{bad}");
        }
        let turn = servers(&["turn:x user secret", "turn:y"], "north").unwrap();
        let printed = format!("{turn:?} {:?}", turn.offer("ann", 0));
        assert!(!printed.contains("secret ") && !printed.contains("north"), "{printed}");
        assert!(!printed.contains("\"secret\""), "{printed}");
    }
}
