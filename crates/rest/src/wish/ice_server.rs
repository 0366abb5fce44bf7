//! STUN and TURN servers, as an operator writes them and as a `Link` header tells of them
//! (RFC 9725 §4.6).

use std::str::FromStr;

/// A STUN or TURN server clients may use.
#[derive(Clone, PartialEq, Eq)]
pub struct IceServer {
    url: String,
    credentials: Option<(String, String)>,
}

/// Why a text names no server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be `stun:HOST` or `turn:HOST USER PASSWORD`, without quotes and commas")]
pub struct BadIceServer;

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
        let credentials = match (words.next(), words.next(), words.next()) {
            (None, ..) => None,
            (Some(user), Some(password), None) => Some((user.to_owned(), password.to_owned())),
            _ => return Err(BadIceServer),
        };
        let (scheme, host) = url.split_once(':').ok_or(BadIceServer)?;
        let is_turn = matches!(scheme, "turn" | "turns");
        let is_known = is_turn || matches!(scheme, "stun" | "stuns");
        let is_plain = text.bytes().all(|b| matches!(b, 0x20..0x7f) && !b"\"<>,;\\".contains(&b));
        if !is_known || !is_plain || host.is_empty() || credentials.is_some() != is_turn {
            return Err(BadIceServer);
        }
        Ok(Self { url: url.to_owned(), credentials })
    }
}

impl IceServer {
    /// The value of its `Link` header.
    pub(super) fn link(&self) -> String {
        let url = &self.url;
        match &self.credentials {
            None => format!("<{url}>; rel=\"ice-server\""),
            Some((user, password)) => format!(
                "<{url}>; rel=\"ice-server\"; username=\"{user}\"; credential=\"{password}\"; \
                 credential-type=\"password\""
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_told_as_the_standard_shows_it() {
        let link = |text: &str| text.parse::<IceServer>().unwrap().link();
        assert_eq!(link("stun:stun.example.net"), "<stun:stun.example.net>; rel=\"ice-server\"");
        assert_eq!(
            link("turn:turn.example.net?transport=udp user myPassword"),
            "<turn:turn.example.net?transport=udp>; rel=\"ice-server\"; username=\"user\"; \
             credential=\"myPassword\"; credential-type=\"password\""
        );
    }

    #[test]
    fn what_names_no_server_is_refused_and_a_password_is_not_printed() {
        for bad in [
            "",
            "stun:",
            "http://x",
            "turn:x",
            "turn:x user",
            "stun:x user pass",
            "turn:x u p more",
            "turn:x u \"p\"",
            "stun:x>,<y",
            "stun:\u{7f}",
        ] {
            assert_eq!(bad.parse::<IceServer>(), Err(BadIceServer), "{bad}");
        }
        let turn: IceServer = "turn:x user secret".parse().unwrap();
        assert!(!format!("{turn:?}").contains("secret"));
    }
}
