//! Who is here, as a value: connections by the network they come from until they show a token, and by
//! token and project from then on. It refuses to know sockets and clocks.

use crate::{Cut, Network, Proof};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What somebody counts as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Nothing good was shown yet.
    Unproven(Network),
    /// A good token was shown.
    Proven(Proof),
    /// A proxy of the operator's between two requests.
    Ours,
    /// Told to go, not gone yet.
    Leaving,
}

#[derive(Debug)]
struct Entry {
    trust: Trust,
    cut: Cut,
}

/// Everybody, by a number that grows: who has the least is the oldest. `At` is when they came.
#[derive(Debug)]
pub(crate) struct Ledger<At> {
    next: u64,
    entries: HashMap<u64, Entry>,
    unproven: HashMap<Network, BTreeMap<u64, At>>,
    /// Networks by how many of theirs are unproven, those with the oldest last among equals.
    crowds: BTreeSet<(usize, Reverse<u64>, Network)>,
    tokens: HashMap<u64, usize>,
    projects: HashMap<u64, usize>,
    settled: usize,
}

impl<At> Default for Ledger<At> {
    fn default() -> Self {
        Self {
            next: 0,
            entries: HashMap::new(),
            unproven: HashMap::new(),
            crowds: BTreeSet::new(),
            tokens: HashMap::new(),
            projects: HashMap::new(),
            settled: 0,
        }
    }
}

impl<At: Copy> Ledger<At> {
    /// Takes somebody in.
    pub fn enter(&mut self, network: Network, cut: Cut, now: At) -> u64 {
        let id = self.next;
        self.next += 1;
        let trust = Trust::Unproven(network);
        self.entries.insert(id, Entry { trust, cut });
        self.crowd(network, |crowd| _ = crowd.insert(id, now));
        id
    }

    /// Everybody, those who were told to go included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Those who showed a token, and proxies.
    pub fn settled(&self) -> usize {
        self.settled
    }

    /// Those who did not.
    pub fn unproven(&self) -> usize {
        self.unproven.values().map(BTreeMap::len).sum()
    }

    /// Unproven ones of a network, and when the oldest of them came.
    pub fn of(&self, network: Network) -> (usize, Option<At>) {
        let crowd = self.unproven.get(&network);
        let oldest = crowd.and_then(|crowd| crowd.first_key_value()).map(|(_, at)| *at);
        (crowd.map_or(0, BTreeMap::len), oldest)
    }

    /// Connections that showed this token, and those of its project.
    pub fn of_proof(&self, proof: Proof) -> (usize, usize) {
        let of = |counts: &HashMap<u64, usize>, key| counts.get(&key).copied().unwrap_or(0);
        (of(&self.tokens, proof.token), of(&self.projects, proof.project))
    }

    /// Makes the oldest unproven one of a network go; gives what cuts it off.
    pub fn dismiss_oldest_of(&mut self, network: Network) -> Option<Cut> {
        let (id, _) = self.unproven.get(&network)?.first_key_value()?;
        self.dismiss(*id)
    }

    /// The same of the network that has the most, so that a crowd makes room, not a newcomer.
    pub fn dismiss_oldest_of_largest(&mut self) -> Option<Cut> {
        let (_, Reverse(id), _) = *self.crowds.last()?;
        self.dismiss(id)
    }

    fn dismiss(&mut self, id: u64) -> Option<Cut> {
        let cut = self.entries.get(&id)?.cut.clone();
        self.leave_trust(id);
        Some(cut)
    }

    /// Counts somebody as something else from now on; who was told to go stays so.
    pub fn count_as(&mut self, id: u64, trust: Trust, now: At) {
        if self.entries.get(&id).is_none_or(|entry| entry.trust == Trust::Leaving) {
            return;
        }
        self.leave_trust(id);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.trust = trust.clone();
        }
        match trust {
            Trust::Unproven(network) => self.crowd(network, |crowd| _ = crowd.insert(id, now)),
            Trust::Proven(proof) => {
                self.settled += 1;
                *self.tokens.entry(proof.token).or_default() += 1;
                *self.projects.entry(proof.project).or_default() += 1;
            }
            Trust::Ours => self.settled += 1,
            Trust::Leaving => {}
        }
    }

    /// What somebody counts as.
    pub fn trust(&self, id: u64) -> Option<&Trust> {
        self.entries.get(&id).map(|entry| &entry.trust)
    }

    /// Somebody is gone.
    pub fn leave(&mut self, id: u64) {
        self.leave_trust(id);
        self.entries.remove(&id);
    }

    /// Takes somebody out of the counts they were in.
    fn leave_trust(&mut self, id: u64) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        match std::mem::replace(&mut entry.trust, Trust::Leaving) {
            Trust::Unproven(network) => self.crowd(network, |crowd| _ = crowd.remove(&id)),
            Trust::Proven(proof) => {
                self.settled -= 1;
                one_less(&mut self.tokens, proof.token);
                one_less(&mut self.projects, proof.project);
            }
            Trust::Ours => self.settled -= 1,
            Trust::Leaving => {}
        }
    }

    /// Changes a network's crowd and puts it where it belongs.
    fn crowd(&mut self, network: Network, change: impl FnOnce(&mut BTreeMap<u64, At>)) {
        let crowd = self.unproven.entry(network).or_default();
        let place = |crowd: &BTreeMap<u64, At>| {
            crowd.first_key_value().map(|(oldest, _)| (crowd.len(), Reverse(*oldest), network))
        };
        if let Some(before) = place(crowd) {
            self.crowds.remove(&before);
        }
        change(crowd);
        match place(crowd) {
            Some(after) => _ = self.crowds.insert(after),
            None => _ = self.unproven.remove(&network),
        }
    }
}

fn one_less(counts: &mut HashMap<u64, usize>, key: u64) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClientAddress;

    fn network(last: u8) -> Network {
        ClientAddress::new([192, 0, 2, last].into()).network()
    }

    fn ledger(of: &[u8]) -> (Ledger<()>, Vec<u64>) {
        let mut ledger = Ledger::default();
        let ids = of.iter().map(|last| ledger.enter(network(*last), Cut::default(), ()));
        let ids = ids.collect();
        (ledger, ids)
    }

    fn is_leaving(ledger: &Ledger<()>, id: u64) -> bool {
        ledger.trust(id) == Some(&Trust::Leaving)
    }

    #[test]
    fn the_oldest_of_the_largest_crowd_gives_way_and_a_newcomer_stays() {
        let (mut ledger, ids) = ledger(&[9, 1, 1, 1, 2, 2]);
        ledger.dismiss_oldest_of_largest().unwrap();
        assert!(is_leaving(&ledger, ids[1]));
        // Two crowds of two: the older one's.
        ledger.dismiss_oldest_of_largest().unwrap();
        assert!(is_leaving(&ledger, ids[2]) && !is_leaving(&ledger, ids[0]));
        assert_eq!((ledger.len(), ledger.unproven()), (6, 4));
    }

    #[test]
    fn who_showed_a_token_gives_way_to_nobody_and_counts_by_it() {
        let (mut ledger, ids) = ledger(&[1, 1]);
        let proof = Proof::of(&"project", &"token");
        ledger.count_as(ids[0], Trust::Proven(proof), ());
        assert_eq!((ledger.of(network(1)).0, ledger.of_proof(proof)), (1, (1, 1)));
        ledger.dismiss_oldest_of(network(1)).unwrap();
        assert!(is_leaving(&ledger, ids[1]) && ledger.dismiss_oldest_of_largest().is_none());
        // Whoever was told to go cannot stay by a token shown too late.
        ledger.count_as(ids[1], Trust::Proven(proof), ());
        assert!(is_leaving(&ledger, ids[1]));
    }

    #[test]
    fn nothing_is_left_of_those_who_went() {
        let (mut ledger, ids) = ledger(&[1, 1, 2]);
        let proof = Proof::of(&"project", &"token");
        ledger.count_as(ids[0], Trust::Proven(proof), ());
        ledger.count_as(ids[1], Trust::Ours, ());
        for id in ids {
            ledger.leave(id);
        }
        assert_eq!((ledger.len(), ledger.settled(), ledger.unproven()), (0, 0, 0));
        assert!(ledger.tokens.is_empty() && ledger.projects.is_empty());
        assert!(ledger.unproven.is_empty() && ledger.crowds.is_empty());
    }
}
