//! The way of a client's media.

use std::net::SocketAddr;

/// The way of a client's media.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// UDP to the candidates of the answer.
    #[default]
    Udp,
    /// ICE-TCP (RFC 6544) to this address of the server.
    Tcp(SocketAddr),
}
