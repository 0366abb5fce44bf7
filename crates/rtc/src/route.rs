//! A picture stream as all network threads share it: the pictures a newcomer needs, to which threads
//! pictures go, and the one budget of key frames of all its receivers. It refuses to know legs and
//! sockets; time is an argument.
//!
//! Pictures go to the threads that have receivers. A thread that gets its first takes over what came
//! since the last key frame, up to a number, and from then on every picture after that number: none is
//! missing and none comes twice, whatever waits in the thread's queue.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use rotunda_throttle::Bucket;

use crate::group::Group;
use crate::keyframe_requests::KeyframeRequests;
use crate::threads::{Set, Thread};
use crate::tier::Tier;
use crate::tier_rate::TierRate;
use crate::{Picture, StreamKey};

/// Key frames all receivers of a stream may cause together at once, and then one per this long. A room
/// that fills within seconds stays below it; whoever comes beyond waits one turn.
const BUDGET: (u32, Duration) = (8, Duration::from_secs(1));
/// Key frames that losses of all receivers together may cause, and better pictures somebody climbs to:
/// one per this long. What a receiver lost costs it a pause; a key frame costs everybody.
const LOSSES: Duration = Duration::from_secs(4);
/// The same of a smaller picture, which nobody sees but those on narrow lines.
const LOSSES_OF_SMALLER: Duration = Duration::from_secs(1);
/// How long the bits of a stream are counted.
const METERED: Duration = Duration::from_secs(2);
/// Bits a second of a stream that has not been seen yet.
pub(crate) const UNSEEN_BPS: u64 = 2_000_000;

/// All streams there are.
#[derive(Debug, Default)]
pub(crate) struct Routes(RwLock<HashMap<StreamKey, Arc<Route>>>);

impl Routes {
    /// The stream of this key, which is made if there is none.
    pub fn of(&self, key: StreamKey) -> Arc<Route> {
        if let Some(route) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return route.clone();
        }
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        routes.entry(key).or_insert_with(|| Arc::new(Route::new(key.tier))).clone()
    }

    /// Bits a second of a stream, if it is one.
    pub fn bps(&self, key: StreamKey) -> u64 {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        routes.get(&key).map_or(UNSEEN_BPS, |route| route.bps())
    }

    /// Forgets a stream in all its sizes.
    pub fn forget(&self, key: StreamKey) {
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Tier::ALL.iter().for_each(|tier| drop(routes.remove(&StreamKey { tier: *tier, ..key })));
    }
}

/// One stream.
#[derive(Debug)]
pub(crate) struct Route {
    bps: AtomicU64,
    state: Mutex<State>,
    /// Held while the listener is told what changed, so that it hears it in the order in which it
    /// changed; never by whoever publishes.
    telling: Mutex<()>,
}

#[derive(Debug)]
struct State {
    group: Group,
    /// Of the latest picture.
    number: u64,
    takers: Set,
    /// Threads that missed a picture because their queue was full.
    broken: Set,
    keyframe_requests: KeyframeRequests,
    /// The number of the latest picture when a key frame was last asked for.
    asked_after: u64,
    budget: Bucket,
    losses: Bucket,
    meter: Meter,
    /// Of a smaller picture: the bits a second each thread's receivers allow.
    rates: BTreeMap<Thread, u32>,
    rate: Option<u32>,
    last_key: Option<Instant>,
    last_picture: Option<Instant>,
}

/// What a thread that begins to take pictures has missed.
#[derive(Debug, Default)]
pub(crate) struct Missed {
    pub group: Group,
    /// Of the latest picture in it, and of the latest of all.
    pub number: u64,
    pub last_key: Option<Instant>,
    pub last_picture: Option<Instant>,
}

impl Route {
    pub fn new(tier: Tier) -> Self {
        let losses = if tier == Tier::Master { LOSSES } else { LOSSES_OF_SMALLER };
        let state = State {
            group: Group::default(),
            number: 0,
            takers: Set::default(),
            broken: Set::default(),
            keyframe_requests: KeyframeRequests::default(),
            asked_after: 0,
            budget: Bucket::every(BUDGET.0, BUDGET.1),
            losses: Bucket::every(1, losses),
            meter: Meter::default(),
            rates: BTreeMap::new(),
            rate: TierRate::new(tier).map(|rate| rate.bps()),
            last_key: None,
            last_picture: None,
        };
        Self {
            bps: AtomicU64::new(UNSEEN_BPS),
            state: Mutex::new(state),
            telling: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bits a second it has had at most lately.
    pub fn bps(&self) -> u64 {
        self.bps.load(Relaxed)
    }

    /// One more picture: `hand` gives it to a thread, with its number and whether that thread missed one
    /// before it; false if its queue is full. Gives the threads that are to be woken, which is for afterwards:
    /// whoever wakes at once would wait for what is locked here.
    pub fn publish(
        &self,
        picture: &Arc<Picture>,
        now: Instant,
        mut hand: impl FnMut(Thread, u64, bool) -> bool,
    ) -> Set {
        let mut state = self.state();
        state.number += 1;
        state.last_picture = Some(now);
        if picture.keyframe {
            state.last_key = Some(now);
        }
        state.group.push(picture);
        if let Some(bps) = state.meter.count(picture.bytes, now) {
            self.bps.store(bps, Relaxed);
        }
        let takers = state.takers;
        for thread in takers.iter() {
            let is_taken = hand(thread, state.number, state.broken.has(thread));
            state.broken.set(thread, !is_taken);
        }
        takers
    }

    /// A thread begins to take pictures, with the bits a second its receivers allow, or takes none any
    /// more; `tell` hears whether any thread takes some, if that changed, and the bits a second.
    pub fn take(
        &self,
        thread: Thread,
        takes: Option<Option<u32>>,
        tell: impl FnOnce(Option<bool>, Option<u32>),
    ) -> Missed {
        let _telling = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.state();
        let before = state.takers.is_empty();
        state.takers.set(thread, takes.is_some());
        state.broken.set(thread, false);
        match takes.flatten() {
            Some(bps) => state.rates.insert(thread, bps),
            None => state.rates.remove(&thread),
        };
        let is_empty = state.takers.is_empty();
        let rate = if is_empty { None } else { state.new_rate() };
        let missed = takes.map_or_else(Missed::default, |_| state.missed());
        drop(state);
        tell((is_empty != before).then_some(!is_empty), rate);
        missed
    }

    /// The receivers of a thread allow so many bits a second; `tell` hears what all of them allow, if
    /// that changed.
    pub fn allow(&self, thread: Thread, bps: u32, tell: impl FnOnce(u32)) {
        let _telling = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.state();
        state.rates.insert(thread, bps);
        let rate = state.new_rate();
        drop(state);
        if let Some(bps) = rate {
            tell(bps);
        }
    }

    /// Somebody needs a key frame; true if the encoder is to be asked now.
    pub fn ask(&self, now: Instant) -> bool {
        let mut state = self.state();
        state.asked_after = state.number;
        state.keyframe_requests.ask(now) && state.pay(now)
    }

    /// True if an earlier request is to be passed on now.
    pub fn due(&self, now: Instant) -> bool {
        let mut state = self.state();
        state.keyframe_requests.due(now) && state.pay(now)
    }

    /// Whether a receiver's loss, or its climb, may cost everybody a key frame now.
    pub fn pay_for_loss(&self, now: Instant) -> bool {
        self.state().losses.take(now)
    }

    /// Whoever waited for a key frame has it: the picture of this number. A request that is younger than the
    /// picture goes on.
    pub fn satisfied(&self, number: u64) {
        let mut state = self.state();
        if state.asked_after < number {
            state.keyframe_requests.satisfied();
        }
    }

    /// When `due` wants to be called, and when a request was last passed on.
    pub fn requests(&self) -> (Option<Instant>, Option<Instant>) {
        let state = self.state();
        (state.keyframe_requests.deadline(), state.keyframe_requests.last_served())
    }

    /// When the next loss or climb can be paid for.
    pub fn losses_ready_at(&self) -> Option<Instant> {
        self.state().losses.ready_at()
    }
}

impl State {
    fn pay(&mut self, now: Instant) -> bool {
        let paid = self.budget.take(now);
        if !paid {
            self.keyframe_requests.put_off();
        }
        paid
    }

    /// The bits a second all threads allow, if the encoder is to be told of them.
    fn new_rate(&mut self) -> Option<u32> {
        let least = self.rates.values().min().copied();
        let is_new = least != self.rate;
        self.rate = least.or(self.rate);
        least.filter(|_| is_new)
    }

    fn missed(&self) -> Missed {
        Missed {
            group: self.group.clone(),
            number: self.number,
            last_key: self.last_key,
            last_picture: self.last_picture,
        }
    }
}

/// Counts bits a second.
#[derive(Debug, Default)]
struct Meter {
    began: Option<Instant>,
    counted: u64,
    bps: Option<u64>,
}

impl Meter {
    /// The most it has been lately, if that is known anew.
    fn count(&mut self, bytes: usize, now: Instant) -> Option<u64> {
        let began = *self.began.get_or_insert(now);
        let gone = now.saturating_duration_since(began);
        let mut fresh = None;
        if gone >= METERED {
            // What is quiet now may move again at once: a peak is forgotten within minutes.
            let counted = self.counted * 8_000 / gone.as_millis().max(1) as u64;
            let bps = self.bps.map_or(counted, |before| counted.max(before - before / 64));
            self.bps = Some(bps);
            fresh = self.bps;
            (self.began, self.counted) = (Some(now), 0);
        }
        self.counted += bytes as u64;
        fresh
    }
}
