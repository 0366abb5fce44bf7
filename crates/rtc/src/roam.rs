//! A client that goes on from another address: its NAT forgot it, or it changed networks. Of the paths a
//! client has chosen the stack takes the one of the highest priority, and so the old one until nothing was
//! heard of that for fifteen seconds. It refuses to know legs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use str0m::{Candidate, Input, Rtc};

use crate::outlet::Path;

/// Above what any client gives a candidate of its own (RFC 8445 §5.1.2.1), by its highest type preference.
const ABOVE_ALL: u32 = 127 << 24;
/// A priority has 31 bits: a leg's first nineteen days in tenths of a second, then all moves are equal.
const MOST: u32 = (1 << 31) - 1;

/// Longer than a leg has to connect, so that what counts from then on began before it did.
pub(crate) const HEAD_START: Duration = Duration::from_secs(60);

/// Sends to `path` from now on. Its check was taken before, so that the stack knows the path as chosen; it
/// is named again with a priority above all that were named before, which grows by `since`, the time from
/// some moment of the leg's own on. By TCP the stack finds it by itself, later: there the priorities of our
/// own candidates outweigh the client's.
pub(crate) fn follow(rtc: &mut Rtc, path: Path, now: Instant, since: Duration) {
    if path.tcp {
        return;
    }
    let moment = u32::try_from(since.as_millis() / 100).unwrap_or(u32::MAX);
    if let Ok(candidate) = Candidate::from_sdp_string(&named(path, moment)) {
        rtc.add_remote_candidate(candidate);
        // The stack chooses when time passes. What fails here fails again with the next packet.
        let _ = rtc.handle_input(Input::Timeout(now));
    }
}

/// A candidate at `path`; with a base of its own, for the stack would know another of the same base again.
fn named(path: Path, moment: u32) -> String {
    let (ip, port) = (path.peer.ip(), path.peer.port());
    let priority = ABOVE_ALL.saturating_add(moment).min(MOST);
    let base = match ip {
        IpAddr::V4(_) => IpAddr::from(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::from(Ipv6Addr::UNSPECIFIED),
    };
    let base_port = moment % 65_535 + 1;
    format!("candidate:moved 1 udp {priority} {ip} {port} typ srflx raddr {base} rport {base_port}")
}
