//! The address of whoever made a request, and what limits count as one client.

use ipnet::Ipv6Net;
use std::fmt;
use std::net::IpAddr;

/// The address of the client that made a request: not of the proxy that passed it on, if the
/// operator trusts that proxy. A request extension; absent only where a test leaves it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The client at `ip`; an IPv4-mapped address is the IPv4 address it stands for.
    pub fn new(ip: IpAddr) -> Self {
        Self(ip.to_canonical())
    }

    /// The address, never an IPv4-mapped one.
    pub fn ip(self) -> IpAddr {
        self.0
    }

    /// What a limit counts by.
    pub fn network(self) -> Network {
        match self.0 {
            IpAddr::V6(v6) => Network(Ipv6Net::new_assert(v6, 64).network().into()),
            v4 => Network(v4),
        }
    }
}

/// What counts as one client: an IPv4 address, or the /64 of an IPv6 one, because that is what one
/// subscriber is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// Its first address, which stands for all of it.
    pub fn ip(self) -> IpAddr {
        self.0
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(v4) => write!(f, "{v4}"),
            IpAddr::V6(v6) => write!(f, "{v6}/64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_one_subscriber_count_together() {
        let of = |text: &str| ClientAddress::new(text.parse().unwrap()).network();
        assert_eq!(of("192.0.2.7").to_string(), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::1"));
        assert_eq!(of("2001:db8:1:2::1").to_string(), "2001:db8:1:2::/64");
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
    }
}
