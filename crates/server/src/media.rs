//! Where media listens and which addresses answers name. It does not follow HTTP onto loopback: who
//! puts a proxy before HTTP has none before media.

use crate::config::Config;
use rotunda_engine::local_candidate_ips;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// What media needs to know of the host.
pub(crate) struct MediaAddresses {
    /// Where UDP and ICE-TCP listen; `::` takes both families.
    pub listen: IpAddr,
    /// The host's own addresses, as answers name them; the operator's `media.public_ips` come first
    /// there and are not among these.
    pub candidates: Vec<IpAddr>,
}

impl MediaAddresses {
    /// As configured, else where HTTP listens; but every interface when that is loopback, unless in
    /// dev mode.
    pub fn of(config: &Config, dev_mode: bool) -> Self {
        let listen = listen_ip(config, dev_mode);
        let mut candidates = local_candidate_ips(listen, dev_mode || listen.is_loopback());
        if candidates.is_empty() {
            // A machine without a network still serves its own browsers.
            candidates = local_candidate_ips(listen, true);
        }
        Self { listen, candidates }
    }

    /// Where ICE-TCP comes in beside HTTP, which listens at `http`, as answers name it. Nowhere when a
    /// proxy ends TLS, for it lets nothing else through, or the operator says so.
    pub fn on_https(&self, config: &Config, http: SocketAddr, has_tls: bool) -> Vec<SocketAddr> {
        if !config.tcp_on_https || !has_tls || !config.trusted_proxies.is_empty() {
            return Vec::new();
        }
        let outside = config.public_url.as_deref().and_then(port_of).unwrap_or(http.port());
        // A 1:1 NAT leads to whichever of our addresses is not loopback.
        let is_reached = |ip: &&IpAddr| {
            !http.ip().is_loopback() && (hears_both(http.ip()) || http.is_ipv4() == ip.is_ipv4())
        };
        let public = config.public_ips.iter().filter(is_reached);
        let own = self.candidates.iter().filter(|ip| hears(http.ip(), **ip));
        let mut all: Vec<IpAddr> = Vec::new();
        for ip in public.chain(own) {
            if !all.contains(ip) {
                all.push(*ip);
            }
        }
        all.into_iter().map(|ip| SocketAddr::new(ip, outside)).collect()
    }

    /// Whether only browsers of this very machine can send and receive.
    pub fn are_loopback(&self, config: &Config) -> bool {
        config.public_ips.iter().chain(&self.candidates).all(IpAddr::is_loopback)
    }
}

/// The port of `wss://host:port/path`.
fn port_of(url: &str) -> Option<u16> {
    url::Url::parse(url).ok()?.port_or_known_default()
}

/// `::` takes both families.
fn hears_both(listen: IpAddr) -> bool {
    listen == IpAddr::from(Ipv6Addr::UNSPECIFIED)
}

/// Whether who listens at `listen` hears what comes to `ip`.
fn hears(listen: IpAddr, ip: IpAddr) -> bool {
    hears_both(listen) || listen == ip || (listen.is_unspecified() && ip.is_ipv4())
}

fn listen_ip(config: &Config, dev_mode: bool) -> IpAddr {
    match config.media_listen {
        Some(ip) => ip,
        None if !dev_mode && config.listen.ip().is_loopback() => every_interface(),
        None => config.listen.ip(),
    }
}

/// `::`, which takes IPv4 too, or `0.0.0.0` on a machine that has no IPv6.
fn every_interface() -> IpAddr {
    match UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)) {
        Ok(_) => Ipv6Addr::UNSPECIFIED.into(),
        Err(_) => Ipv4Addr::UNSPECIFIED.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Layers;

    fn config(pairs: &[(&str, &str)]) -> Config {
        let mut layers = Layers::new(false);
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        layers.environment(pairs).unwrap();
        layers.config().unwrap()
    }

    #[test]
    fn http_on_loopback_behind_a_proxy_does_not_put_media_on_loopback() {
        for http in ["127.0.0.1:7880", "[::1]:7880"] {
            let config = config(&[("ROTUNDA_SERVER__LISTEN", http)]);
            assert!(MediaAddresses::of(&config, false).listen.is_unspecified(), "{http}");
            assert_eq!(MediaAddresses::of(&config, true).listen, config.listen.ip(), "in dev mode");
        }
    }

    #[test]
    fn media_listens_where_the_operator_says_else_where_http_does() {
        for (http, media, listens) in [
            ("0.0.0.0:1", "", "0.0.0.0"),
            ("[::]:1", "", "::"),
            ("192.0.2.7:1", "", "192.0.2.7"),
            ("127.0.0.1:1", "192.0.2.7", "192.0.2.7"),
            ("127.0.0.1:1", "127.0.0.1", "127.0.0.1"),
            ("0.0.0.0:1", "::", "::"),
        ] {
            let set = [("ROTUNDA_SERVER__LISTEN", http), ("ROTUNDA_MEDIA__LISTEN", media)];
            let listen = MediaAddresses::of(&config(&set), false).listen;
            assert_eq!(listen.to_string(), listens, "{http} {media}");
        }
    }

    #[test]
    fn ice_tcp_is_named_on_https_where_this_server_ends_tls_itself() {
        let candidates = ["192.0.2.7", "2001:db8::7"].map(|ip| ip.parse().unwrap());
        let media = MediaAddresses { listen: candidates[0], candidates: candidates.to_vec() };
        let named = |pairs: &[(&str, &str)], http: &str, has_tls| {
            let named = media.on_https(&config(pairs), http.parse().unwrap(), has_tls);
            named.iter().map(SocketAddr::to_string).collect::<Vec<_>>()
        };
        assert_eq!(named(&[], "[::]:443", true), ["192.0.2.7:443", "[2001:db8::7]:443"]);
        assert_eq!(named(&[], "0.0.0.0:443", true), ["192.0.2.7:443"]);
        assert_eq!(named(&[], "192.0.2.7:443", true), ["192.0.2.7:443"]);
        assert!(named(&[], "127.0.0.1:443", true).is_empty(), "media has no such address");
        assert!(named(&[], "[::]:443", false).is_empty(), "a proxy ends TLS");
        let off = ("ROTUNDA_MEDIA__TCP_ON_HTTPS", "false");
        assert!(named(&[off], "[::]:443", true).is_empty());
        let proxy = ("ROTUNDA_SERVER__TRUSTED_PROXIES", "192.0.2.1");
        assert!(named(&[proxy], "[::]:443", true).is_empty(), "a proxy ends TLS anew");
        let outside = ("ROTUNDA_SERVER__PUBLIC_URL", "wss://rooms.example");
        let nat = ("ROTUNDA_MEDIA__PUBLIC_IPS", "203.0.113.7");
        assert_eq!(
            named(&[outside, nat], "0.0.0.0:7880", true),
            ["203.0.113.7:443", "192.0.2.7:443"],
            "the port is the one that is reached from outside"
        );
    }

    #[test]
    fn candidates_that_are_all_loopback_are_known_for_it_unless_the_world_has_an_address() {
        let loopback = [("ROTUNDA_MEDIA__LISTEN", "127.0.0.1")];
        let alone = config(&loopback);
        assert!(MediaAddresses::of(&alone, false).are_loopback(&alone));
        let behind_nat = config(&[loopback[0], ("ROTUNDA_MEDIA__PUBLIC_IPS", "192.0.2.7")]);
        assert!(!MediaAddresses::of(&behind_nat, false).are_loopback(&behind_nat));
    }
}
