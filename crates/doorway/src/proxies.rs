//! Whom to believe about who sent a request: the proxies the operator named, and nobody else.

use crate::forwarded::{Hop, customary, is_forwarded, standard};
use crate::{ClientAddress, Scheme, Site};
use axum::http::HeaderMap;
use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

/// Neither an address nor a network.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is neither an address nor a network, such as 10.0.0.5 or 10.0.0.0/8")]
pub struct WrongNetwork(String);

/// A network as operators write it; an address is a network of one.
///
/// # Errors
/// [`WrongNetwork`].
pub fn trusted(text: &str) -> Result<IpNet, WrongNetwork> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| WrongNetwork(text.to_owned()))
}

/// The proxies in front of this server.
#[derive(Debug, Default)]
pub struct Proxies {
    trusted: Vec<IpNet>,
    is_reported: AtomicBool,
}

impl Proxies {
    /// Those in these networks.
    pub fn new(trusted: Vec<IpNet>) -> Self {
        Self { trusted, is_reported: AtomicBool::new(false) }
    }

    /// Whether one of them is at `ip`.
    pub fn trusts(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.trusted.iter().any(|network| network.contains(&ip))
    }

    /// Who sent a request that came from `peer` over a connection of `scheme`, and under which name
    /// they know us.
    ///
    /// The chain of hops is walked from the nearest on, for as long as each was written by somebody
    /// trusted; it ends at the first address that is nobody's proxy, or that is no address. When
    /// `Forwarded` and `X-Forwarded-For` tell of different clients neither is believed: a proxy that
    /// writes one passes on what a client put into the other.
    pub fn client(
        &self,
        peer: IpAddr,
        scheme: Scheme,
        headers: &HeaderMap,
    ) -> (ClientAddress, Site) {
        let own = (ClientAddress::new(peer), Site::of(scheme, headers));
        if !is_forwarded(headers) {
            return own;
        }
        if !self.trusts(peer) {
            self.tell(peer);
            return own;
        }
        let reported = [standard(headers), customary(headers)].map(|hops| self.walk(peer, &hops?));
        let (ip, hop) = match reported {
            [Some((ip, _)), Some((other, _))] if ip != other => return own,
            [Some(reported), _] | [None, Some(reported)] => reported,
            [None, None] => return own,
        };
        let Site { scheme, host } = own.1;
        let site = Site { scheme: hop.scheme.unwrap_or(scheme), host: hop.host.or(host) };
        (ClientAddress::new(ip), site)
    }

    /// The client, and what the outermost proxy that is trusted wrote; `None` when nobody trusted
    /// wrote anything.
    fn walk(&self, peer: IpAddr, hops: &[Hop]) -> Option<(IpAddr, Hop)> {
        let (mut client, mut reported) = (peer, None);
        for hop in hops {
            reported = Some(hop);
            let Some(address) = hop.address else { break };
            client = address;
            if !self.trusts(address) {
                break;
            }
        }
        Some((client, reported?.clone()))
    }

    /// Most likely a proxy on this machine that the operator forgot to name.
    fn tell(&self, peer: IpAddr) {
        if peer.to_canonical().is_loopback() && !self.is_reported.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a proxy on this machine forwards requests and is not trusted: all its clients count \
                 as one, and links lead to it; name it in server.trusted_proxies"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    const PROXY: &str = "10.0.0.5";

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let line = |(name, value): &(&str, &str)| {
            (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())
        };
        lines.iter().map(line).collect()
    }

    fn seen(peer: &str, lines: &[(&str, &str)]) -> (String, String) {
        let proxies =
            Proxies::new(vec![trusted("10.0.0.0/8").unwrap(), trusted("fd00::1").unwrap()]);
        let mut headers = headers(lines);
        headers.entry("host").or_insert("inside.example".parse().unwrap());
        let (client, site) = proxies.client(peer.parse().unwrap(), Scheme::Http, &headers);
        (client.ip().to_string(), site.to_string())
    }

    #[test]
    fn a_client_is_whom_the_trusted_proxies_name() {
        for (peer, name, value, client) in [
            (PROXY, "x-forwarded-for", "192.0.2.1", "192.0.2.1"),
            (PROXY, "x-forwarded-for", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
            (PROXY, "x-forwarded-for", "203.0.113.9, 192.0.2.1, 10.1.1.1", "192.0.2.1"),
            (PROXY, "x-forwarded-for", "10.2.2.2, 10.1.1.1", "10.2.2.2"),
            (PROXY, "x-forwarded-for", "192.0.2.1, nonsense", PROXY),
            (PROXY, "x-forwarded-for", "192.0.2.1, nonsense, 10.1.1.1", "10.1.1.1"),
            (PROXY, "x-forwarded-for", "", PROXY),
            (PROXY, "forwarded", "for=203.0.113.9, for=192.0.2.1;proto=http", "192.0.2.1"),
            (PROXY, "forwarded", "for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
            (PROXY, "forwarded", "for=unknown", PROXY),
            (PROXY, "forwarded", "=;;,\"", PROXY),
            ("::ffff:10.0.0.5", "x-forwarded-for", "192.0.2.1", "192.0.2.1"),
            ("fd00::1", "x-forwarded-for", "2001:db8::1", "2001:db8::1"),
            ("192.0.2.99", "x-forwarded-for", "192.0.2.1", "192.0.2.99"),
            ("192.0.2.99", "forwarded", "for=192.0.2.1", "192.0.2.99"),
            ("127.0.0.1", "x-forwarded-for", "192.0.2.1", "127.0.0.1"),
        ] {
            assert_eq!(seen(peer, &[(name, value)]).0, client, "{peer} {name}: {value}");
        }
    }

    #[test]
    fn lines_of_a_header_are_one_list() {
        let lines = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(seen(PROXY, &lines).0, "192.0.2.1");
    }

    #[test]
    fn a_client_that_adds_the_header_its_proxy_does_not_write_gains_nothing() {
        let lines = [("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(seen(PROXY, &lines).0, PROXY);
        let agree = [("forwarded", "for=192.0.2.1;proto=https"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(seen(PROXY, &agree), ("192.0.2.1".into(), "https://inside.example".into()));
    }

    #[test]
    fn links_are_as_the_client_sees_the_site_behind_its_proxy() {
        let https = ("x-forwarded-proto", "https");
        let client = ("x-forwarded-for", "192.0.2.1");
        for (peer, lines, site) in [
            (PROXY, &[client, https][..], "https://inside.example"),
            (PROXY, &[https], "https://inside.example"),
            (
                PROXY,
                &[client, https, ("x-forwarded-host", "rooms.example")],
                "https://rooms.example",
            ),
            (PROXY, &[client, ("x-forwarded-host", "a/b?<>")], "http://inside.example"),
            (PROXY, &[client, ("x-forwarded-proto", "gopher")], "http://inside.example"),
            (
                PROXY,
                &[("x-forwarded-for", "192.0.2.1, 10.1.1.1"), ("x-forwarded-proto", "https, http")],
                "https://inside.example",
            ),
            (PROXY, &[client, ("x-forwarded-proto", "https, http")], "http://inside.example"),
            (
                PROXY,
                &[("forwarded", "for=192.0.2.1;host=rooms.example;proto=https")],
                "https://rooms.example",
            ),
            ("192.0.2.99", &[client, https], "http://inside.example"),
        ] {
            assert_eq!(seen(peer, lines).1, site, "{peer} {lines:?}");
        }
    }
}
