//! TCP ports of ours.

use crate::error::RunError;
use std::net::{SocketAddr, TcpListener};
use tokio::net::TcpSocket;

/// Connections that wait in the kernel to be accepted; the library's 1024 are full in a twentieth of a
/// second when somebody floods, and who comes then waits a second for the next try.
const BACKLOG: u32 = 4096;

/// A TCP listener there.
///
/// # Errors
/// [`RunError::Listen`].
pub(crate) fn bind(addr: SocketAddr) -> Result<TcpListener, RunError> {
    let bound = || -> std::io::Result<TcpListener> {
        let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(addr)?;
        socket.listen(BACKLOG)?.into_std()
    };
    bound().map_err(|e| RunError::Listen(addr, e))
}

/// Where it listens, `asked` for.
///
/// # Errors
/// [`RunError::Listen`].
pub(crate) fn local(listener: &TcpListener, asked: SocketAddr) -> Result<SocketAddr, RunError> {
    listener.local_addr().map_err(|e| RunError::Listen(asked, e))
}
