//! The sockets as one [`Outlet`]. It refuses to decide anything.

use std::time::Instant;

use crate::outlet::{Outlet, Parcel, Path, Progress};
use crate::tcp::TcpPeers;
use crate::udp::Udp;

pub(crate) struct Sockets {
    pub udp: Udp,
    pub tcp: Option<TcpPeers>,
    /// The driver's clock, read once per turn.
    pub now: Instant,
}

impl Sockets {
    pub fn flush(&mut self) {
        self.udp.flush();
        if let Some(tcp) = &mut self.tcp {
            tcp.flush(self.now);
        }
    }
}

impl Outlet for Sockets {
    fn send(&mut self, parcel: Parcel<'_>) {
        if !parcel.path.tcp {
            self.udp.queue(parcel.path.peer, parcel.source.ip(), parcel.class, parcel.bytes);
        } else if let Some(tcp) = &mut self.tcp {
            tcp.queue(parcel.path.peer, parcel.class, parcel.bytes, self.now);
        }
    }

    fn backlog(&self, path: Path) -> usize {
        match &self.tcp {
            Some(tcp) if path.tcp => tcp.backlog(path.peer),
            _ => 0,
        }
    }

    fn is_full(&self, path: Path) -> bool {
        !path.tcp && self.udp.is_full()
    }

    fn hold(&mut self, path: Path, bytes: usize) {
        if let Some(tcp) = self.tcp.as_mut().filter(|_| path.tcp) {
            tcp.hold(path.peer, bytes);
        }
    }

    fn progress(&self, path: Path) -> Progress {
        let tcp = self.tcp.as_ref().filter(|_| path.tcp);
        tcp.map_or_else(Progress::default, |tcp| tcp.progress(path.peer))
    }

    fn forget_pictures(&mut self, path: Path) {
        if let Some(tcp) = self.tcp.as_mut().filter(|_| path.tcp) {
            tcp.forget_pictures(path.peer);
        }
    }
}
