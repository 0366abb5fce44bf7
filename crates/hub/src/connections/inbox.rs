//! What waits for a client: in the queue of its socket while there is one, and in a backlog until
//! the next one comes. Both are bounded.

use crate::connections::delivery::Delivery;
use crate::connections::unconfirmed::Unconfirmed;
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// Deliveries that may wait for a socket to write them, and for a socket to come back. When the
/// first is full the socket is closed: it does not read. When the second is full all of it is
/// dropped but what no present state could replace (see [`Delivery::is_vital`]), and the client gets
/// the present state instead when it returns.
pub(crate) const QUEUE: usize = 256;

/// The deliveries of one connection, whatever socket carries them.
#[derive(Default)]
pub(crate) struct Inbox {
    socket: u64,
    sender: Option<mpsc::Sender<Delivery>>,
    backlog: VecDeque<Delivery>,
    unconfirmed: Unconfirmed,
    overflowed: bool,
    is_closed: bool,
}

/// What a new socket of a connection gets.
pub(crate) struct Taken {
    pub socket: u64,
    pub inbox: mpsc::Receiver<Delivery>,
    pub unconfirmed: Unconfirmed,
    /// Whether deliveries were lost while there was no socket.
    pub overflowed: bool,
}

impl Inbox {
    /// Gives the connection a socket; the one before, if any, is closed by losing its queue. What
    /// that one was given and its client did not confirm comes first, unless it is the same socket
    /// with a fresh token.
    pub fn take_socket(&mut self, is_renewal: bool) -> Taken {
        if !is_renewal {
            self.recover();
        }
        // Room for the whole backlog, so that nothing of it is lost here.
        let (sender, inbox) = mpsc::channel(2 * QUEUE);
        for delivery in std::mem::take(&mut self.backlog) {
            self.unconfirmed.given(delivery.clone());
            let _ = sender.try_send(delivery);
        }
        self.sender = Some(sender);
        self.socket += 1;
        let overflowed = std::mem::take(&mut self.overflowed);
        let unconfirmed = self.unconfirmed.clone();
        Taken { socket: self.socket, inbox, unconfirmed, overflowed }
    }

    /// The socket is gone; answers false for one that was replaced already.
    pub fn lose_socket(&mut self, socket: u64) -> bool {
        if self.socket != socket {
            return false;
        }
        self.sender = None;
        true
    }

    /// Closes the socket; what comes waits for the next one.
    pub fn drop_socket(&mut self) {
        self.sender = None;
    }

    pub fn has_socket(&self) -> bool {
        self.sender.is_some()
    }

    /// Hands something to the socket, or keeps it until there is one.
    pub fn deliver(&mut self, delivery: Delivery) {
        if self.is_closed || delivery.by_name().is_some() && !self.has_room() {
            return;
        }
        let delivery = match &self.sender {
            Some(sender) => match sender.try_send(delivery.clone()) {
                Ok(()) => return self.unconfirmed.given(delivery),
                Err(mpsc::error::TrySendError::Full(delivery)) => {
                    tracing::warn!("a client does not read; its socket is closed");
                    self.sender = None;
                    delivery
                }
                Err(mpsc::error::TrySendError::Closed(delivery)) => delivery,
            },
            None => delivery,
        };
        self.keep(delivery);
    }

    /// Puts what the last socket's client did not confirm before what came since; the next socket
    /// begins a list of its own.
    fn recover(&mut self) {
        let later = std::mem::take(&mut self.backlog);
        let list = std::mem::take(&mut self.unconfirmed);
        // After an overflow the events before it are stale, too.
        let again = list.take().into_iter().chain(later).filter(|one| one.by_name().is_none());
        again.for_each(|delivery| self.keep(delivery));
    }

    /// Whether there is a socket that reads. How something was a while ago is of no use: it waits for
    /// nobody, and closes no socket.
    fn has_room(&self) -> bool {
        self.sender.as_ref().is_some_and(|sender| sender.capacity() > QUEUE)
    }

    /// Closes the socket for good and drops what comes from now on.
    pub fn close(&mut self) {
        self.sender = None;
        self.is_closed = true;
    }

    /// Whether a farewell waits, or left and was not confirmed.
    pub fn owes_farewell(&self) -> bool {
        self.backlog.iter().any(Delivery::is_farewell)
            || self.unconfirmed.any(Delivery::is_farewell)
    }

    fn keep(&mut self, delivery: Delivery) {
        // The next socket begins with the present one.
        if matches!(delivery, Delivery::AuthorizationState(_)) {
            return;
        }
        if self.backlog.len() >= QUEUE {
            self.overflowed = true;
            self.backlog.retain(Delivery::is_vital);
        }
        if self.overflowed && !delivery.is_vital() {
            return;
        }
        // Vital ones alone: legs do not end by the hundred, so this is a room gone mad.
        if self.backlog.len() >= QUEUE {
            self.backlog.pop_front();
        }
        self.backlog.push_back(delivery);
    }
}
