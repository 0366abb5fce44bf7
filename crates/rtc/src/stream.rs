//! A picture stream as one network thread sees it: its receivers there, and how far its pictures have
//! come. What all threads share of it is its [`Route`]. It refuses to know sockets and peer connections;
//! time is an argument.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::fanout::{ASK_AGAIN, STILL_EVERY};
use crate::group::Group;
use crate::route::Route;
use crate::threads::Thread;
use crate::tier::Tier;
use crate::tier_rate::TierRate;
use crate::{LegKey, Picture};

/// What is cached of a smaller picture is of no use once its encoder rests.
const STALE: Duration = Duration::from_secs(3);

/// One broadcast stream on one thread.
#[derive(Debug)]
pub(crate) struct Stream {
    thread: Thread,
    route: Arc<Route>,
    group: Group,
    /// The number of the latest picture.
    seen: u64,
    /// Its receivers.
    pub legs: BTreeSet<LegKey>,
    /// Those of them who cannot go on without a key frame.
    pub waiting: BTreeSet<LegKey>,
    /// Those of them who are sent key frames alone, now and then.
    pub stills: BTreeSet<LegKey>,
    /// Receivers of a smaller picture who are moved here with the next key frame.
    pub coming: BTreeSet<LegKey>,
    /// Of a smaller picture: how many bits it may have.
    pub rate: Option<TierRate>,
    /// Whether pictures come to this thread.
    takes: bool,
    /// Somebody here has asked for a key frame since the last one.
    has_asked: bool,
    last_key: Option<Instant>,
    last_picture: Option<Instant>,
}

impl Stream {
    /// One without receivers on this thread.
    pub fn new(tier: Tier, thread: Thread, route: Arc<Route>) -> Self {
        Self {
            thread,
            route,
            group: Group::default(),
            seen: 0,
            legs: BTreeSet::new(),
            waiting: BTreeSet::new(),
            stills: BTreeSet::new(),
            coming: BTreeSet::new(),
            rate: TierRate::new(tier),
            takes: false,
            has_asked: false,
            last_key: None,
            last_picture: None,
        }
    }

    /// Takes pictures from now on, or none any more, as its receivers need them; `tell` hears whether any
    /// thread takes some, if that changed, and the bits a second that all receivers allow.
    pub fn settle(&mut self, tell: impl FnOnce(Option<bool>, Option<u32>)) {
        let takes = !(self.legs.is_empty() && self.coming.is_empty());
        if std::mem::replace(&mut self.takes, takes) == takes {
            return;
        }
        let rate = takes.then(|| self.rate.as_ref().map(TierRate::bps));
        let missed = self.route.take(self.thread, rate, tell);
        (self.group, self.seen) = (missed.group, missed.number);
        (self.last_key, self.last_picture) = (missed.last_key, missed.last_picture);
    }

    /// One more picture. False: it was part of what was missed.
    pub fn push(&mut self, number: u64, picture: &Arc<Picture>, now: Instant) -> bool {
        if number <= self.seen {
            return false;
        }
        self.seen = number;
        self.last_picture = Some(now);
        if picture.keyframe {
            self.last_key = Some(now);
            if std::mem::take(&mut self.has_asked) {
                self.route.satisfied(number);
            }
        }
        self.group.push(picture);
        true
    }

    /// Something is missing: newcomers wait for the next key frame.
    pub fn break_group(&mut self) {
        self.group.clear();
    }

    /// Every picture since the last key frame, itself included; empty if unusable.
    pub fn group(&self) -> &[Arc<Picture>] {
        self.group.pictures()
    }

    /// A smaller picture's encoder rests while nobody needs it, and what was made before is old.
    pub fn refresh(&mut self, now: Instant) {
        let is_old = |at: Instant| now.saturating_duration_since(at) >= STALE;
        if self.rate.is_some() && self.last_picture.is_none_or(is_old) {
            self.group.clear();
        }
    }

    /// Whether a receiver's loss, or its climb, may cost everybody a key frame now.
    pub fn pay_for_loss(&mut self, now: Instant) -> bool {
        self.route.pay_for_loss(now)
    }

    /// True if the encoder is to be asked for a key frame now.
    pub fn due(&mut self, now: Instant) -> bool {
        if self.has_asked && self.route.due(now) {
            return true;
        }
        self.again_at().is_some_and(|at| at <= now) && self.ask(now)
    }

    /// True if one who climbs here, or sees stills, may ask for a key frame now.
    pub fn due_for_others(&mut self, now: Instant) -> bool {
        let is_still = self.still_at().is_some_and(|at| at <= now);
        if is_still {
            self.last_key = Some(now);
        }
        let is_climb = self.climb_at().is_some_and(|at| at <= now) && self.pay_for_loss(now);
        (is_still || is_climb) && self.ask(now)
    }

    fn still_at(&self) -> Option<Instant> {
        self.last_key.filter(|_| !self.stills.is_empty()).map(|at| at + STILL_EVERY)
    }

    fn climb_at(&self) -> Option<Instant> {
        if self.coming.is_empty() { None } else { self.route.losses_ready_at() }
    }

    /// Somebody needs a key frame; true if the encoder is to be asked now.
    pub fn ask(&mut self, now: Instant) -> bool {
        self.has_asked = true;
        self.route.ask(now)
    }

    /// When `due` wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        let asked = if self.has_asked { self.route.requests().0 } else { None };
        let own = asked.or_else(|| self.again_at());
        [own, self.still_at(), self.climb_at()].into_iter().flatten().min()
    }

    fn again_at(&self) -> Option<Instant> {
        if self.waiting.is_empty() {
            return None;
        }
        self.route.requests().1.map(|served| served + ASK_AGAIN)
    }

    /// Bits a second that its receivers on all threads allow; `tell` hears of it if that changed.
    pub fn allow(&self, bps: u32, tell: impl FnOnce(u32)) {
        if self.takes {
            self.route.allow(self.thread, bps, tell);
        }
    }
}
