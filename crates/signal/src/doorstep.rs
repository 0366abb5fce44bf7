//! Who stands at the door: sockets that have not said who they are, counted by address.

use rotunda_doorway::Network;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The count; cheap to clone. It holds an address only while a socket of it waits, so its size is
/// bounded by the sockets there are.
#[derive(Clone, Debug)]
pub struct Doorstep {
    waiting: Arc<Mutex<HashMap<Network, usize>>>,
    per_address_max: usize,
}

/// A place on the doorstep; given up when dropped.
#[derive(Debug)]
pub struct Place {
    doorstep: Doorstep,
    address: Network,
}

impl Doorstep {
    /// Nobody there yet; at most `per_address_max` of one address at a time.
    pub fn new(per_address_max: usize) -> Self {
        Self { waiting: Arc::default(), per_address_max }
    }

    /// A place for a socket from `address`, unless that address has as many as it may.
    pub fn enter(&self, address: Network) -> Option<Place> {
        let mut waiting = self.lock();
        let count = waiting.entry(address).or_default();
        if *count >= self.per_address_max {
            return None;
        }
        *count += 1;
        Some(Place { doorstep: self.clone(), address })
    }

    /// Places taken; sockets whose address is not known are not among them.
    pub fn len(&self) -> usize {
        self.lock().values().sum()
    }

    /// A panic elsewhere cannot leave a count half changed, so a poisoned lock is as good.
    fn lock(&self) -> MutexGuard<'_, HashMap<Network, usize>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.doorstep.lock();
        if let Some(count) = waiting.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_doorway::ClientAddress;

    fn at(text: &str) -> Network {
        ClientAddress::new(text.parse().unwrap()).network()
    }

    #[test]
    fn an_address_with_all_its_places_taken_waits_for_one_to_be_given_up() {
        let doorstep = Doorstep::new(2);
        let first = doorstep.enter(at("192.0.2.1")).unwrap();
        let _second = doorstep.enter(at("::ffff:192.0.2.1")).unwrap();
        assert!(doorstep.enter(at("192.0.2.1")).is_none());
        assert!(doorstep.enter(at("192.0.2.2")).is_some());
        drop(first);
        assert!(doorstep.enter(at("192.0.2.1")).is_some());
    }

    #[test]
    fn a_network_of_one_subscriber_is_one_address_and_is_forgotten_when_gone() {
        let doorstep = Doorstep::new(1);
        let place = doorstep.enter(at("2001:db8::1")).unwrap();
        assert!(doorstep.enter(at("2001:db8::2")).is_none());
        assert!(doorstep.enter(at("2001:db8:0:1::1")).is_some());
        drop(place);
        assert!(doorstep.lock().is_empty());
    }
}
