//! What a socket was given and its client has not confirmed: what left into a network that had died
//! unnoticed, and what was still waiting, is given to the next socket.
//!
//! The connection writes, the socket strikes out; it refuses to know frames.

use crate::connections::delivery::Delivery;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Deliveries remembered; beyond that the oldest counts as confirmed, for a client that confirms
/// nothing must not grow a list.
pub(crate) const REMEMBERED: usize = 512;

/// The deliveries of one socket that are not confirmed, in order. A clone is the same list.
#[derive(Clone, Debug, Default)]
pub struct Unconfirmed {
    list: Arc<Mutex<List>>,
}

#[derive(Debug, Default)]
struct List {
    /// How many deliveries came before the first that is kept.
    before: u64,
    kept: VecDeque<Delivery>,
}

impl Unconfirmed {
    fn lock(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn given(&self, delivery: Delivery) {
        let mut list = self.lock();
        if list.kept.len() >= REMEMBERED {
            list.kept.pop_front();
            list.before += 1;
        }
        list.kept.push_back(delivery);
    }

    pub(crate) fn take(&self) -> VecDeque<Delivery> {
        std::mem::take(&mut self.lock().kept)
    }

    pub(crate) fn any(&self, is: impl Fn(&Delivery) -> bool) -> bool {
        self.lock().kept.iter().any(is)
    }

    /// The client has the first `count` deliveries of this socket's inbox, in the order in which they
    /// came out of it.
    pub fn confirm(&self, count: u64) {
        let mut list = self.lock();
        while list.before < count && list.kept.pop_front().is_some() {
            list.before += 1;
        }
    }
}
