//! Who stands at the door: sockets that have not shown who they are, counted by network.
//!
//! When a network has as many as it may, the one that has waited longest goes for a newcomer, but
//! only when it had a moment to show something: of a crowd that comes at once, such as an office at
//! nine, each gets its turn.

use crate::ledger::Ledger;
use crate::{ClientAddress, Cut, Network};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};

/// Sockets of all networks together that may wait.
const ALL: usize = 4096;
/// How long one may stay at least, which is time to show a token over a bad link.
const STAY: Duration = Duration::from_secs(1);
/// How long a newcomer waits for a place.
const TURN_WITHIN: Duration = Duration::from_secs(5);

/// The doorstep; cheap to clone. It holds a network only while somebody of it is there or comes.
#[derive(Clone, Debug)]
pub struct PendingSockets(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    per_network: usize,
    ledger: Mutex<Ledger<Instant>>,
    /// Each with how many stand in it.
    queues: Mutex<HashMap<Network, (usize, Arc<Queue>)>>,
}

/// Those of a network who wait for a place: they get it in the order they came.
#[derive(Debug, Default)]
struct Queue {
    turn: tokio::sync::Mutex<()>,
    left: Notify,
}

impl PendingSockets {
    /// Nobody there yet; at most `per_network` of one network at a time.
    pub fn new(per_network: usize) -> Self {
        let (ledger, queues) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Shared { per_network, ledger, queues }))
    }

    /// A place for a socket that `cut` ends, within five seconds.
    pub async fn enter(&self, client: ClientAddress, cut: Cut) -> Option<Stranger> {
        let network = client.network();
        let queued = Queued::new(self, network);
        let queue = &queued.queue;
        let entering = async {
            let _turn = queue.turn.lock().await;
            loop {
                let left = queue.left.notified();
                let until = match self.try_enter(network, &cut) {
                    Ok(id) => {
                        return Stranger {
                            pending_sockets: self.clone(),
                            network,
                            id,
                            cut: cut.clone(),
                        };
                    }
                    Err(until) => until,
                };
                tokio::select! {
                    () = left => {}
                    () = sleep_until(until) => {}
                }
            }
        };
        timeout(TURN_WITHIN, entering).await.ok()
    }

    /// A place, or when to look for one again.
    fn try_enter(&self, network: Network, cut: &Cut) -> Result<u64, Instant> {
        let mut ledger = lock(&self.0.ledger);
        let now = Instant::now();
        let dismissed = match ledger.of(network) {
            (many, Some(oldest)) if many >= self.0.per_network => {
                if oldest + STAY > now {
                    return Err(oldest + STAY);
                }
                ledger.dismiss_oldest_of(network)
            }
            _ if ledger.unproven() >= ALL => ledger.dismiss_oldest_of_largest(),
            _ => None,
        };
        if let Some(dismissed) = dismissed {
            dismissed.cut();
        }
        Ok(ledger.enter(network, cut.clone(), now))
    }

    /// Those who wait.
    pub fn len(&self) -> usize {
        lock(&self.0.ledger).unproven()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Somebody in a queue; the last one out takes it away, also who gives up.
struct Queued<'a> {
    pending_sockets: &'a PendingSockets,
    network: Network,
    queue: Arc<Queue>,
}

impl<'a> Queued<'a> {
    fn new(pending_sockets: &'a PendingSockets, network: Network) -> Self {
        let mut queues = lock(&pending_sockets.0.queues);
        let (trust, queue) = queues.entry(network).or_default();
        *trust += 1;
        let queue = queue.clone();
        Self { pending_sockets, network, queue }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        let mut queues = lock(&self.pending_sockets.0.queues);
        // Counted under the lock: of two who leave at once, one is the last.
        if let Some((trust, _)) = queues.get_mut(&self.network) {
            *trust -= 1;
            if *trust == 0 {
                queues.remove(&self.network);
            }
        }
    }
}

/// A panic elsewhere cannot leave a count half changed, so a poisoned lock is as good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Somebody on the doorstep; gives the place up when dropped.
#[derive(Debug)]
pub struct Stranger {
    pending_sockets: PendingSockets,
    network: Network,
    id: u64,
    cut: Cut,
}

impl Stranger {
    /// What ends it when it has to make room.
    pub fn cut(&self) -> &Cut {
        &self.cut
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        lock(&self.pending_sockets.0.ledger).leave(self.id);
        if let Some((_, queue)) = lock(&self.pending_sockets.0.queues).get(&self.network) {
            queue.left.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> ClientAddress {
        ClientAddress::new(text.parse().unwrap())
    }

    #[tokio::test]
    async fn the_one_who_waited_longest_goes_for_a_newcomer() {
        let pending_sockets = PendingSockets::new(2);
        let first = pending_sockets.enter(client("192.0.2.1"), Cut::default()).await.unwrap();
        let second =
            pending_sockets.enter(client("::ffff:192.0.2.1"), Cut::default()).await.unwrap();
        let other = pending_sockets.enter(client("192.0.2.2"), Cut::default()).await.unwrap();
        let began = Instant::now();
        let third = pending_sockets.enter(client("192.0.2.1"), Cut::default()).await.unwrap();
        assert!(began.elapsed() >= STAY && began.elapsed() < 2 * STAY);
        let is_cut = [&first, &second, &third, &other].map(|one| one.cut.is_cut());
        assert_eq!((is_cut, pending_sockets.len()), ([true, false, false, false], 3));
    }

    #[tokio::test]
    async fn of_an_office_that_comes_at_once_everybody_gets_a_turn_and_nobody_is_sent_away() {
        let pending_sockets = PendingSockets::new(100);
        let people: Vec<_> = (0..500)
            .map(|_| {
                let pending_sockets = pending_sockets.clone();
                tokio::spawn(async move {
                    let here =
                        pending_sockets.enter(client("2001:db8::1"), Cut::default()).await.unwrap();
                    // Others come meanwhile; who is served at once is here for a moment only.
                    for _ in 0..10 {
                        tokio::task::yield_now().await;
                    }
                    !here.cut.is_cut()
                })
            })
            .collect();
        for person in people {
            assert!(person.await.unwrap());
        }
        assert!(pending_sockets.is_empty() && lock(&pending_sockets.0.queues).is_empty());
    }

    #[test]
    fn a_queue_that_two_leave_at_once_is_not_kept() {
        let pending_sockets = PendingSockets::new(1);
        let network = client("192.0.2.1").network();
        let both = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        let queued = Queued::new(&pending_sockets, network);
                        both.wait();
                        drop(queued);
                        both.wait();
                        assert!(lock(&pending_sockets.0.queues).is_empty());
                        both.wait();
                    }
                });
            }
        });
    }
}
