//! How many calls an address may make, whatever they are: 300 in five minutes.

use crate::Door;
use crate::error::ApiError;
use axum::extract::ConnectInfo;
use axum::http::Extensions;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Instant;

/// Who is counted: an IPv4 address, or the /64 of an IPv6 one, all of which one host has.
fn counted(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

/// Where a request comes from.
pub(crate) fn origin(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip())
}

impl Door {
    /// Counts a call.
    ///
    /// # Errors
    /// `TooOften`.
    pub fn count(&self, from: Option<IpAddr>) -> Result<(), ApiError> {
        let who = from.map(|ip| counted(ip).to_string()).unwrap_or_default();
        match self.calls.count(&who, Instant::now()) {
            Some(wait) => Err(ApiError::TooOften(wait.as_secs() + 1)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_one_host_count_together() {
        let of = |text: &str| counted(text.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
