//! Where the network threads listen and what it offers. It refuses to read files or environment.

use std::net::{IpAddr, SocketAddr};

use crate::threads::MAX_THREADS;

/// What [`Net::start`](crate::Net::start) needs to know.
#[derive(Clone, Debug)]
pub struct NetConfig {
    /// Network threads, 1 to 16; one where the system cannot spread a port over several (anything but
    /// Linux).
    pub threads: usize,
    /// The one UDP port of all legs. Port 0: any. `[::]` also takes IPv4.
    pub udp: SocketAddr,
    /// The ICE-TCP listener (RFC 6544), if wanted.
    pub tcp: Option<SocketAddr>,
    /// Further addresses that answers name for ICE-TCP: whoever listens there hands such connections
    /// over by [`Net::hand_over`](crate::Net::hand_over).
    pub tcp_elsewhere: Vec<SocketAddr>,
    /// Addresses under which the world reaches this host through a 1:1 NAT; named first in answers.
    pub public_ips: Vec<IpAddr>,
    /// The host's own addresses to name in answers; see [`local_candidate_ips`].
    pub candidate_ips: Vec<IpAddr>,
    /// Offer H.264 at all.
    pub h264: bool,
    /// Canvases come in smaller sizes, too, for lines that do not take the whole one.
    pub tiers: bool,
    /// ICE-TCP connections at a time; for a new one the oldest goes that belongs to no leg.
    pub tcp_connections: usize,
    /// Legs at a time; an offer beyond is refused.
    pub max_legs: usize,
}

impl NetConfig {
    /// One thread, UDP on `udp`, no TCP, H.264 on, the candidates `local_candidate_ips` finds.
    pub fn new(udp: SocketAddr) -> Self {
        Self {
            threads: 1,
            udp,
            tcp: None,
            tcp_elsewhere: Vec::new(),
            public_ips: Vec::new(),
            candidate_ips: local_candidate_ips(udp.ip(), udp.ip().is_loopback()),
            h264: true,
            tiers: true,
            tcp_connections: 4096,
            max_legs: 4096,
        }
    }
}

/// How many network threads suit this machine: one for every four cores, for the others decode, draw and
/// encode what these carry.
pub fn default_threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores / 4).clamp(1, MAX_THREADS)
}

/// Addresses of the interfaces that are up, as far as `listen` hears them; a specific listen
/// address gives only itself. Loopback and link-local ones are left out unless asked for (the
/// latter always).
pub fn local_candidate_ips(listen: IpAddr, include_loopback: bool) -> Vec<IpAddr> {
    if !listen.is_unspecified() {
        return vec![listen];
    }
    let mut ips: Vec<IpAddr> = interface_ips()
        .into_iter()
        .filter(|ip| listen.is_ipv6() || ip.is_ipv4())
        .filter(|ip| include_loopback || !ip.is_loopback())
        .collect();
    // IPv4 first: where both work, it is the one the operator's firewall was written for.
    ips.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6()));
    ips.dedup();
    ips
}

/// All addresses of interfaces that are up, link-local ones excepted. None if they cannot be read.
pub(crate) fn interface_ips() -> Vec<IpAddr> {
    let found = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the network interfaces cannot be listed");
        Vec::new()
    });
    found
        .into_iter()
        .filter(|i| (i.is_oper_up() || i.is_loopback()) && !i.is_link_local())
        .map(|i| i.ip())
        .collect()
}
