//! Which addresses may be reached: those of the public Internet, and what the operator allows.
//!
//! Judges numbers only; how an address was spelt is of no importance any more when it comes here.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A block of addresses, `10.0.0.0/8` or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange(IpNet);

/// Not a block of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address range such as 10.0.0.0/8 or fd00::/8")]
pub struct WrongRange(String);

impl FromStr for AddressRange {
    type Err = WrongRange;

    /// The address is read by the standard library: `ipnet` takes `010.0.0.0` for `10.0.0.0`, where
    /// others read an octal number.
    fn from_str(text: &str) -> Result<Self, WrongRange> {
        let wrong = || WrongRange(text.into());
        let (first, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let first: IpAddr = first.parse().map_err(|_| wrong())?;
        let Some(bits) = bits else { return Ok(Self(first.into())) };
        let bits = bits.parse().map_err(|_| wrong())?;
        IpNet::new(first, bits).map(Self).map_err(|_| wrong())
    }
}

/// IPv4 blocks that are not on the public Internet (IANA special-purpose registry, RFC 6890).
const NOT_PUBLIC_V4: [Ipv4Net; 16] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 31, 196, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// All of IPv6 that is given out; what is outside is refused.
const PUBLIC_V6: Ipv6Net = v6([0x2000, 0], 3);

/// Blocks within [`PUBLIC_V6`] that lead elsewhere: tunnels that hold an IPv4 address, benchmarks and
/// documentation.
const NOT_PUBLIC_V6: [Ipv6Net; 4] =
    [v6([0x2001, 0], 23), v6([0x2001, 0x0db8], 32), v6([0x2002, 0], 16), v6([0x3fff, 0], 20)];

const fn v4([a, b, c, d]: [u8; 4], bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6([a, b]: [u16; 2], bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), bits)
}

/// Decides which addresses may be connected to.
#[derive(Clone, Debug, Default)]
pub struct AddressRules {
    allowed: Vec<AddressRange>,
}

impl AddressRules {
    /// The public Internet, and these.
    pub fn new(allowed: Vec<AddressRange>) -> Self {
        Self { allowed }
    }

    /// Whether `ip` may be connected to. An IPv4 address in IPv6 clothes is judged as what it is.
    pub fn permit(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.allowed.iter().any(|range| range.0.contains(&ip))
            || match ip {
                IpAddr::V4(ip) => is_public_v4(ip),
                IpAddr::V6(ip) => is_public_v6(ip),
            }
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    !NOT_PUBLIC_V4.iter().any(|block| block.contains(&ip))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    PUBLIC_V6.contains(&ip) && !NOT_PUBLIC_V6.iter().any(|block| block.contains(&ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(rules: &AddressRules, text: &str) -> bool {
        rules.permit(text.parse().unwrap())
    }

    #[test]
    fn the_public_internet_is_reached_and_nothing_else() {
        let rules = AddressRules::default();
        for public in ["1.1.1.1", "193.99.144.80", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(permits(&rules, public), "{public}");
        }
        let inner = [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.8",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
        ];
        for inner in inner {
            assert!(!permits(&rules, inner), "{inner}");
        }
    }

    #[test]
    fn what_the_operator_allows_is_reached_and_its_neighbour_is_not() {
        let rules = AddressRules::new(vec![
            "127.0.0.2".parse().unwrap(),
            "10.1.0.0/16".parse().unwrap(),
            "fd00::/8".parse().unwrap(),
        ]);
        for allowed in ["127.0.0.2", "::ffff:127.0.0.2", "10.1.255.1", "fd99::1"] {
            assert!(permits(&rules, allowed), "{allowed}");
        }
        for refused in ["127.0.0.1", "127.0.0.3", "10.2.0.1", "fc00::1"] {
            assert!(!permits(&rules, refused), "{refused}");
        }
    }

    #[test]
    fn a_range_is_read_strictly() {
        let all = AddressRules::new(vec!["0.0.0.0/0".parse().unwrap()]);
        assert!(permits(&all, "10.9.9.9") && !permits(&all, "::1"));
        let inexact = AddressRules::new(vec!["10.1.2.3/16".parse().unwrap()]);
        assert!(permits(&inexact, "10.1.0.0") && !permits(&inexact, "10.2.2.3"));
        for wrong in [
            "",
            "10.0.0.0/33",
            "fd00::/129",
            "host",
            "10.0.0.0/-1",
            "10.0.0.0/8/8",
            "10.0.0.0/",
            "010.0.0.0/8",
        ] {
            assert!(wrong.parse::<AddressRange>().is_err(), "{wrong}");
        }
    }
}
