//! What the handles share with the network thread: the way to it, and what both look at.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::Sender;
use mio::Waker;

use crate::StreamKey;
use crate::command::{Control, HandedOver, Media};
use crate::counters::{Tally, one};
use crate::negotiate::Host;
use crate::udp::Health;

/// What the handles and the thread share.
pub(crate) struct Shared {
    pub host: Host,
    pub health: Arc<Health>,
    /// The waker has been called and the thread has not yet looked.
    pub awake: AtomicBool,
    pub control: Sender<Control>,
    pub media: Sender<Media>,
    pub handed_over: Sender<HandedOver>,
    pub waker: Waker,
    pub tally: Arc<Tally>,
    /// Streams of which a picture did not fit into the media channel.
    pub broken: Mutex<BTreeSet<StreamKey>>,
    pub udp_addr: SocketAddr,
    pub tcp_addr: Option<SocketAddr>,
    pub max_legs: usize,
}

impl Shared {
    /// False: the thread is gone, and there is nobody to do it.
    pub fn control(&self, command: Control) -> bool {
        let taken = self.control.send(command).is_ok();
        self.wake();
        taken
    }

    pub fn media(&self, command: Media) -> bool {
        let taken = self.media.try_send(command).is_ok();
        if !taken {
            one(&self.tally.commands_dropped);
        }
        self.wake();
        taken
    }

    /// False: as many wait already, or the thread is gone; the connection is closed.
    pub fn hand_over(&self, connection: HandedOver) -> bool {
        let taken = self.handed_over.try_send(connection).is_ok();
        self.wake();
        taken
    }

    /// One system call per turn of the thread, however many commands.
    fn wake(&self) {
        if !self.awake.swap(true, Ordering::SeqCst)
            && let Err(error) = self.waker.wake()
        {
            tracing::error!(%error, "the network thread cannot be woken");
        }
    }

    /// Streams of which a picture was dropped and no later one taken.
    pub fn broken(&self) -> MutexGuard<'_, BTreeSet<StreamKey>> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
