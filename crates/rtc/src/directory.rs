//! On which network thread each leg lives. A leg waits here from its answer on, and lives on the thread
//! that gets the first of its checks that proves itself (RFC 8445 §7.3): there the kernel brings whatever
//! comes from the same address. Whatever comes from another address of the same client may come to another
//! thread, which finds here where to hand it over. It refuses to know sockets and what legs do; time is an
//! argument.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use rotunda_throttle::Bucket;

use crate::negotiate::Negotiated;
use crate::outlet::Path;
use crate::threads::{Set, Thread};
use crate::{LegKey, StreamKey, Uplink};

/// ICE and DTLS have this long.
pub(crate) const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Checks from addresses not yet known, at once, and then one per this long.
pub(crate) const CHECKS: (u32, Duration) = (50, Duration::from_millis(20));

/// All legs of all threads.
#[derive(Default)]
pub(crate) struct Directory(RwLock<Index>);

#[derive(Default)]
struct Index {
    legs: HashMap<LegKey, Entry>,
    ufrags: HashMap<String, LegKey>,
    /// Addresses that proved to be a leg's, with its thread.
    paths: HashMap<Path, (LegKey, Thread)>,
    /// When legs have waited too long, in the order of their answers, and what they were then.
    overdue: VecDeque<(Instant, LegKey, u64)>,
    answered: u64,
}

struct Entry {
    ufrag: String,
    place: Place,
}

enum Place {
    Waits(Box<Mutex<Waiting>>),
    On(Thread),
}

/// A leg of which nothing has come yet.
pub(crate) struct Waiting {
    pub agreed: Negotiated,
    /// When it was answered.
    pub since: Instant,
    /// The picture it is to be given.
    pub asked: Option<StreamKey>,
    /// Bits a second its client is to send at most.
    pub uplink: Option<Uplink>,
    checks: Bucket,
    id: u64,
}

/// Whose check it is.
pub(crate) enum Claim {
    /// Nobody's, or it proves nothing.
    Nobody,
    /// Of a leg on that thread.
    Of(Thread),
    /// Of a leg that waited for it, and lives on the asking thread from now on.
    Ours(LegKey, Box<Waiting>),
}

impl Directory {
    fn read(&self) -> RwLockReadGuard<'_, Index> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Index> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many legs there are.
    pub fn len(&self) -> usize {
        self.read().legs.len()
    }

    /// A leg waits for its first check. `end` is called with the thread on which one of the same key lives.
    pub fn add(&self, key: LegKey, mut agreed: Negotiated, now: Instant, end: impl FnOnce(Thread)) {
        let ufrag = agreed.rtc.direct_api().local_ice_credentials().ufrag;
        let mut index = self.write();
        if let Some(Place::On(thread)) = index.take(key).map(|entry| entry.place) {
            end(thread);
        }
        index.answered += 1;
        let id = index.answered;
        let checks = Bucket::every(CHECKS.0, CHECKS.1);
        let waiting = Waiting { agreed, since: now, asked: None, uplink: None, checks, id };
        index.ufrags.insert(ufrag.clone(), key);
        index.legs.insert(key, Entry { ufrag, place: Place::Waits(Box::new(Mutex::new(waiting))) });
        index.overdue.push_back((now + CONNECT_TIME, key, id));
    }

    /// Does something about a leg: `send` where it lives, in the order of these calls, or `note` while it
    /// waits.
    pub fn direct(&self, key: LegKey, send: impl FnOnce(Thread), note: impl FnOnce(&mut Waiting)) {
        match self.read().legs.get(&key).map(|entry| &entry.place) {
            Some(Place::On(thread)) => send(*thread),
            Some(Place::Waits(waiting)) => note(&mut lock(waiting)),
            None => {}
        }
    }

    /// Ends a leg: `send` where it lives; one that waits is forgotten.
    pub fn close(&self, key: LegKey, send: impl FnOnce(Thread)) {
        let mut index = self.write();
        match index.legs.get(&key).map(|entry| &entry.place) {
            Some(Place::On(thread)) => send(*thread),
            Some(Place::Waits(_)) => drop(index.take(key)),
            None => {}
        }
    }

    /// A leg that waits lives on `thread` from now on, whatever has come of it; `send` is called where a leg
    /// of this key lives then.
    pub fn settle(&self, key: LegKey, thread: Thread, send: impl FnOnce(Thread, Option<Waiting>)) {
        let mut index = self.write();
        let Some(entry) = index.legs.get_mut(&key) else {
            return;
        };
        match std::mem::replace(&mut entry.place, Place::On(thread)) {
            Place::Waits(waiting) => send(thread, Some(unlock(*waiting))),
            Place::On(at) => {
                entry.place = Place::On(at);
                send(at, None);
            }
        }
    }

    /// Which thread's legs a check for `ufrag` is of; `proves` looks whether it is of one that waits.
    pub fn claim(
        &self,
        (ufrag, thread): (&str, Thread),
        now: Instant,
        proves: impl FnOnce(&mut Negotiated) -> bool,
    ) -> Claim {
        {
            let index = self.read();
            let found = index.ufrags.get(ufrag).and_then(|key| index.legs.get(key));
            match found.map(|entry| &entry.place) {
                Some(Place::On(at)) => return Claim::Of(*at),
                Some(Place::Waits(waiting)) => {
                    let mut waiting = lock(waiting);
                    if !waiting.checks.take(now) || !proves(&mut waiting.agreed) {
                        return Claim::Nobody;
                    }
                }
                None => return Claim::Nobody,
            }
        }
        // In between another thread may have been faster.
        let mut index = self.write();
        let Some(key) = index.ufrags.get(ufrag).copied() else {
            return Claim::Nobody;
        };
        let Some(entry) = index.legs.get_mut(&key) else {
            return Claim::Nobody;
        };
        match std::mem::replace(&mut entry.place, Place::On(thread)) {
            Place::Waits(waiting) => Claim::Ours(key, Box::new(unlock(*waiting))),
            Place::On(at) => {
                entry.place = Place::On(at);
                Claim::Of(at)
            }
        }
    }

    /// A leg has another user fragment since an ICE restart.
    pub fn rename(&self, key: LegKey, before: &str, ufrag: &str) {
        let mut index = self.write();
        if let Some(entry) = index.legs.get_mut(&key).filter(|entry| entry.ufrag == before) {
            ufrag.clone_into(&mut entry.ufrag);
            index.ufrags.remove(before);
            index.ufrags.insert(ufrag.to_owned(), key);
        }
    }

    /// A leg that lived on a thread is gone; one of the same key that was answered since stays.
    pub fn forget(&self, key: LegKey, ufrag: &str) {
        let mut index = self.write();
        if index.legs.get(&key).is_some_and(|entry| entry.ufrag == ufrag) {
            index.take(key);
        }
    }

    /// The address of a leg; gives the other thread that took it for one of its own legs' until now.
    pub fn learn(&self, path: Path, key: LegKey, thread: Thread) -> Option<Thread> {
        let before = self.write().paths.insert(path, (key, thread));
        before.map(|(_, at)| at).filter(|at| *at != thread)
    }

    /// It is that leg's no more.
    pub fn unlearn(&self, path: Path, key: LegKey) {
        let mut index = self.write();
        if index.paths.get(&path).is_some_and(|(of, _)| *of == key) {
            index.paths.remove(&path);
        }
    }

    /// The thread of the leg that proved to have this address.
    pub fn thread_of(&self, path: Path) -> Option<Thread> {
        self.read().paths.get(&path).map(|(_, thread)| *thread)
    }

    /// The threads of any of these legs.
    pub fn threads_of<'a>(&self, legs: impl IntoIterator<Item = &'a LegKey>, most: usize) -> Set {
        let (index, mut threads) = (self.read(), Set::default());
        for key in legs {
            if let Some(Entry { place: Place::On(thread), .. }) = index.legs.get(key) {
                threads.set(*thread, true);
                if threads.len() == most {
                    break;
                }
            }
        }
        threads
    }

    /// Forgets the legs of which nothing has come in time, and says which.
    pub fn expire(&self, now: Instant) -> Vec<LegKey> {
        if self.next_deadline().is_none_or(|at| at > now) {
            return Vec::new();
        }
        let (mut index, mut gone) = (self.write(), Vec::new());
        while let Some((_, key, id)) = index.overdue.pop_front_if(|(at, ..)| *at <= now) {
            if index.waits(key, id) {
                index.take(key);
                gone.push(key);
            }
        }
        gone
    }

    /// When `expire` wants to be called.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.read().overdue.front().map(|(at, ..)| *at)
    }
}

impl Index {
    fn take(&mut self, key: LegKey) -> Option<Entry> {
        let entry = self.legs.remove(&key)?;
        self.ufrags.remove(&entry.ufrag);
        // Whoever answers often and never comes must not leave a row of what is over.
        while let Some((_, key, id)) = self.overdue.front().copied()
            && !self.waits(key, id)
        {
            self.overdue.pop_front();
        }
        Some(entry)
    }

    fn waits(&self, key: LegKey, id: u64) -> bool {
        let entry = self.legs.get(&key);
        matches!(entry.map(|entry| &entry.place), Some(Place::Waits(it)) if lock(it).id == id)
    }
}

fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unlock(waiting: Mutex<Waiting>) -> Waiting {
    waiting.into_inner().unwrap_or_else(PoisonError::into_inner)
}
