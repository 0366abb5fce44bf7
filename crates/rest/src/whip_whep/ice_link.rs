//! How a `Accepted` header tells of a STUN or TURN server (RFC 9725 §4.6).

use rotunda_hub::OfferedIceServer;

/// The header's value.
pub(super) fn link(server: &OfferedIceServer) -> String {
    let url = &server.url;
    match &server.credentials {
        None => format!("<{url}>; rel=\"ice-server\""),
        Some((user, password)) => format!(
            "<{url}>; rel=\"ice-server\"; username=\"{user}\"; credential=\"{password}\"; \
             credential-type=\"password\""
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_written_as_the_standard_shows_it() {
        let reported = |url: &str, credentials: Option<(&str, &str)>| {
            let credentials = credentials.map(|(user, word)| (user.to_owned(), word.to_owned()));
            link(&OfferedIceServer { url: url.to_owned(), credentials })
        };
        assert_eq!(
            reported("stun:stun.example.net", None),
            "<stun:stun.example.net>; rel=\"ice-server\""
        );
        assert_eq!(
            reported("turn:turn.example.net?transport=udp", Some(("user", "myPassword"))),
            "<turn:turn.example.net?transport=udp>; rel=\"ice-server\"; username=\"user\"; \
             credential=\"myPassword\"; credential-type=\"password\""
        );
    }
}
