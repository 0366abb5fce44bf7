//! The places there are for connections, and who has to make room for whom.
//!
//! A network may hold only so many connections that have shown nothing; when it holds more, or when
//! the house is full, the oldest unproven one of the largest crowd gives way. Connections that have
//! shown a good token count by that token and by its project, and never fill the house: some places
//! are always left for those who come.

use crate::ledger::{Ledger, Trust};
use crate::{ClientAddress, Cut, Network};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// How long a connection waits for one that was cut off to be gone.
const ROOM_WITHIN: Duration = Duration::from_secs(1);

/// Which token of which project was shown, as numbers that give neither away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    pub(crate) project: u64,
    pub(crate) token: u64,
}

impl Proof {
    /// That `token` of `project` was shown and is good.
    pub fn of(project: &impl Hash, token: &impl Hash) -> Self {
        static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        Self { project: SEED.hash_one(project), token: SEED.hash_one((project, token)) }
    }
}

/// How many there may be.
#[derive(Clone, Copy, Debug)]
pub struct PlaceLimits {
    /// Connections in all.
    pub all: usize,
    /// Of those, places that are left for connections that have shown nothing yet.
    pub kept_back: usize,
    /// Unproven connections of one network.
    pub unproven_per_network: usize,
    /// Connections counted by one token; more of it count by their network.
    pub per_token: usize,
    /// The same of one project.
    pub per_project: usize,
}

/// The places; cheap to clone.
#[derive(Clone, Debug)]
pub struct Places(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: PlaceLimits,
    ledger: Mutex<Ledger<Instant>>,
    left: Notify,
}

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceCounts {
    /// Connections open.
    pub open: usize,
    /// Those of them that have shown no good token.
    pub unproven: usize,
}

impl Places {
    /// As many as `limits` says, all free.
    pub fn new(limits: PlaceLimits) -> Self {
        let shared = Shared { limits, ledger: Mutex::default(), left: Notify::new() };
        Self(Arc::new(shared))
    }

    /// A place for a connection that `cut` cuts off, when there is room for it within a second.
    pub async fn enter(&self, client: ClientAddress, cut: Cut) -> Option<Place> {
        let network = client.network();
        let mut has_dismissed = false;
        let entering = async {
            loop {
                let left = self.0.left.notified();
                if let Some(id) = self.try_enter(network, &cut, &mut has_dismissed) {
                    return Place(Visit { places: self.clone(), id, cut: cut.clone() });
                }
                left.await;
            }
        };
        timeout(ROOM_WITHIN, entering).await.ok()
    }

    fn try_enter(&self, network: Network, cut: &Cut, has_dismissed: &mut bool) -> Option<u64> {
        let mut ledger = self.lock();
        let PlaceLimits { all, unproven_per_network, .. } = self.0.limits;
        if !*has_dismissed {
            let is_crowded = ledger.of(network).0 >= unproven_per_network;
            let dismissed = match is_crowded {
                true => ledger.dismiss_oldest_of(network),
                false if ledger.len() >= all => ledger.dismiss_oldest_of_largest(),
                false => None,
            };
            *has_dismissed = dismissed.is_some();
            if let Some(dismissed) = dismissed {
                dismissed.cut();
            }
        }
        (ledger.len() < all).then(|| ledger.enter(network, cut.clone(), Instant::now()))
    }

    /// How many there are.
    pub fn counts(&self) -> PlaceCounts {
        let ledger = self.lock();
        PlaceCounts { open: ledger.len(), unproven: ledger.unproven() }
    }

    /// A panic elsewhere cannot leave a count half changed, so a poisoned lock is as good.
    fn lock(&self) -> MutexGuard<'_, Ledger<Instant>> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place, given up when dropped: it belongs where the connection's stream is.
#[derive(Debug)]
pub struct Place(Visit);

impl Place {
    /// What requests on the connection speak to.
    pub fn visit(&self) -> Visit {
        self.0.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.places.lock().leave(self.0.id);
        self.0.places.0.left.notify_one();
    }
}

/// The connection a request came on. A request extension; cheap to clone.
#[derive(Clone, Debug)]
pub struct Visit {
    places: Places,
    id: u64,
    cut: Cut,
}

impl Visit {
    /// The client has shown a good token: from now on it counts by that, if there are not as many of
    /// the token or of its project already.
    pub fn prove(&self, proof: Proof) {
        let mut ledger = self.places.lock();
        let PlaceLimits { per_token, per_project, .. } = self.places.0.limits;
        if ledger.trust(self.id) == Some(&Trust::Proven(proof)) {
            return;
        }
        let (of_token, of_project) = ledger.of_proof(proof);
        if of_token < per_token && of_project < per_project && self.has_room(&ledger) {
            ledger.count_as(self.id, Trust::Proven(proof), Instant::now());
        }
    }

    /// A proxy of the operator's passes on a request of `client`, whose connection this is until
    /// [`Visit::give_back`].
    pub fn lend_to(&self, client: ClientAddress) {
        let mut ledger = self.places.lock();
        let network = client.network();
        if ledger.of(network).0 >= self.places.0.limits.unproven_per_network
            && let Some(dismissed) = ledger.dismiss_oldest_of(network)
        {
            dismissed.cut();
        }
        ledger.count_as(self.id, Trust::Unproven(network), Instant::now());
    }

    /// The connection is its proxy's own again, which counts as nobody's.
    pub fn give_back(&self) {
        let mut ledger = self.places.lock();
        if self.has_room(&ledger) {
            ledger.count_as(self.id, Trust::Ours, Instant::now());
        }
    }

    /// What cuts it off.
    pub fn cut(&self) -> &Cut {
        &self.cut
    }

    fn has_room(&self, ledger: &Ledger<Instant>) -> bool {
        let PlaceLimits { all, kept_back, .. } = self.places.0.limits;
        let is_settled = !matches!(ledger.trust(self.id), Some(Trust::Unproven(_)));
        is_settled || ledger.settled() < all.saturating_sub(kept_back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PlaceLimits =
        PlaceLimits { all: 8, kept_back: 2, unproven_per_network: 3, per_token: 4, per_project: 5 };

    fn client(last: u8) -> ClientAddress {
        ClientAddress::new([192, 0, 2, last].into())
    }

    /// Connections that go when they are told to, as real ones do.
    async fn come(places: &Places, from: u8, to: &mut Vec<Place>) {
        let entering = places.enter(client(from), Cut::default());
        tokio::pin!(entering);
        let place = loop {
            tokio::select! {
                biased;
                place = &mut entering => break place,
                () = std::future::ready(()) => to.retain(|place| !place.0.cut.is_cut()),
            }
            tokio::task::yield_now().await;
        };
        to.retain(|place| !place.0.cut.is_cut());
        to.extend(place);
    }

    #[tokio::test]
    async fn a_crowd_of_strangers_never_keeps_a_newcomer_out() {
        let (places, mut here) = (Places::new(LIMITS), Vec::new());
        for from in 1..=3 {
            for _ in 0..10 {
                come(&places, from, &mut here).await;
            }
        }
        assert_eq!(places.counts(), PlaceCounts { open: 8, unproven: 8 });
        come(&places, 9, &mut here).await;
        assert!(
            !here.last().unwrap().0.cut.is_cut() && places.lock().of(client(9).network()).0 == 1
        );
        assert_eq!(places.counts().open, 8);
    }

    #[tokio::test]
    async fn people_of_one_office_count_by_their_tokens() {
        let (places, mut here) =
            (Places::new(PlaceLimits { per_project: 8, ..LIMITS }), Vec::new());
        for person in 0..6 {
            come(&places, 1, &mut here).await;
            here.last().unwrap().visit().prove(Proof::of(&"p", &person));
        }
        assert_eq!(places.counts(), PlaceCounts { open: 6, unproven: 0 });
        // The last two places are kept back: nobody settles there.
        come(&places, 1, &mut here).await;
        here.last().unwrap().visit().prove(Proof::of(&"p", &6));
        assert_eq!(places.counts(), PlaceCounts { open: 7, unproven: 1 });
    }

    #[tokio::test]
    async fn more_connections_of_a_token_than_it_may_have_count_by_their_network() {
        let (places, mut here) = (Places::new(LIMITS), Vec::new());
        for _ in 0..6 {
            come(&places, 1, &mut here).await;
            here.last().unwrap().visit().prove(Proof::of(&"p", &"t"));
        }
        assert_eq!(places.counts(), PlaceCounts { open: 6, unproven: 2 });
    }

    #[tokio::test]
    async fn a_proxy_s_connection_counts_as_its_client_s_while_it_carries_a_request() {
        let (places, mut here) = (Places::new(LIMITS), Vec::new());
        for number in 0..4 {
            come(&places, 1, &mut here).await;
            let visit = here.last().unwrap().visit();
            visit.give_back();
            assert_eq!(places.lock().of(client(1).network()).0, 0);
            visit.lend_to(client(number % 2 + 2));
        }
        assert_eq!(places.counts(), PlaceCounts { open: 4, unproven: 4 });
        here.iter().for_each(|place| place.visit().give_back());
        assert_eq!(places.counts().unproven, 0);
    }
}
