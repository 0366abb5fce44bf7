//! Scheme and host that addresses handed to clients begin with.

use crate::config::Config;
use std::net::{IpAddr, SocketAddr};

/// As configured for REST, else as clients reach the socket, else as the listener has it; `ips` are
/// the host's own.
pub(crate) fn http_base(
    config: &Config,
    dev_mode: bool,
    http: SocketAddr,
    ips: &[IpAddr],
) -> String {
    let of_socket = config.public_url.as_deref().and_then(of_socket);
    let configured = config.rest_base.clone().or(of_socket);
    if let Some(base) = configured {
        return base.trim_end_matches('/').to_owned();
    }
    let scheme = if config.tls_files.is_some() { "https" } else { "http" };
    format!("{scheme}://{}", of_listener(http, dev_mode, ips))
}

/// `wss://host/path` → `https://host`: the doors stand beside the socket.
fn of_socket(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next()?;
    let scheme = if scheme == "wss" { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}

/// Where people find the page: as configured for REST, else where they reach the socket, behind whatever
/// path, for page and socket stand at the same one.
pub(crate) fn page_base(config: &Config) -> Option<String> {
    let of_socket = || config.public_url.as_deref().and_then(page_beside);
    config.rest_base.clone().or_else(of_socket)
}

/// `wss://site/video/` → `https://site/video`.
fn page_beside(url: &str) -> Option<String> {
    let (_, path) = url.split_once("://")?.1.split_once('/').unwrap_or_default();
    Some(format!("{}/{path}", of_socket(url)?).trim_end_matches('/').to_owned())
}

fn of_listener(http: SocketAddr, dev_mode: bool, ips: &[IpAddr]) -> String {
    match ips.first() {
        _ if !http.ip().is_unspecified() => http.to_string(),
        Some(own) if !dev_mode => SocketAddr::new(*own, http.port()).to_string(),
        _ => format!("localhost:{}", http.port()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_begins_where_the_socket_is_reached() {
        for (url, base) in [
            ("wss://rooms.example", "https://rooms.example"),
            ("ws://10.0.0.1:7880/", "http://10.0.0.1:7880"),
            ("wss://rooms.example/socket", "https://rooms.example"),
        ] {
            assert_eq!(of_socket(url).as_deref(), Some(base));
        }
        assert_eq!(of_socket("rooms.example"), None);
    }

    #[test]
    fn the_page_stands_where_the_socket_does_behind_the_same_path() {
        for (url, page) in [
            ("wss://rooms.example", "https://rooms.example"),
            ("ws://10.0.0.1:7880/", "http://10.0.0.1:7880"),
            ("wss://site.example/video/", "https://site.example/video"),
            ("wss://site.example/a/b", "https://site.example/a/b"),
        ] {
            assert_eq!(page_beside(url).as_deref(), Some(page));
        }
    }

    #[test]
    fn else_where_it_listens() {
        let own: [IpAddr; 1] = ["192.0.2.7".parse().unwrap()];
        for (listens, dev_mode, host) in [
            ("127.0.0.1:80", true, "127.0.0.1:80"),
            ("[::1]:80", false, "[::1]:80"),
            ("0.0.0.0:80", false, "192.0.2.7:80"),
            ("0.0.0.0:80", true, "localhost:80"),
        ] {
            assert_eq!(of_listener(listens.parse().unwrap(), dev_mode, &own), host);
        }
        assert_eq!(of_listener("[::]:80".parse().unwrap(), false, &[]), "localhost:80");
    }
}
