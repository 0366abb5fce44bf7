//! Who gets which picture of a stream, and with which timestamp. It refuses to know sockets, SRTP
//! and the peer connection; time is an argument.
//!
//! A stream caches every picture since its last key frame, as long as that is short. A newcomer is
//! sent that group at once and is live from then on, so that a join costs the encoder nothing; if
//! the group is too long or broken it waits for a key frame, which is asked for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rotunda_throttle::Bucket;

use crate::catch_up::{CatchUp, Due};
use crate::clock::OutClock;
use crate::keyframe_requests::KeyframeRequests;
use crate::tier::Tier;
use crate::tier_rate::TierRate;
use crate::{LegKey, Picture, StreamKey};

/// A group longer than this (one second of pictures) is not worth sending to a newcomer.
pub(crate) const MAX_GROUP_PICTURES: usize = 30;
/// Nor one bigger than this: it would take a newcomer's line for most of a second.
pub(crate) const MAX_GROUP_BYTES: usize = 250_000;
/// A receiver with more than this unsent (ICE-TCP only; UDP drops instead) gets no more pictures
/// until it has caught up, as long as it is not known how fast it reads.
pub(crate) const MAX_BACKLOG: usize = 64 * 1024;
/// Whoever has not caught up after this long is given less.
const STUCK: Duration = Duration::from_millis(300);
/// What may wait for a receiver of which that is known: so long, or a key frame of the half.
const MOST_WAITING: (Duration, usize) = (Duration::from_millis(250), 12 * 1024);
/// Key frames all receivers of a stream may cause together at once, and then one per this long. A room
/// that fills within seconds stays below it; whoever comes beyond waits one turn.
const BUDGET: (u32, Duration) = (8, Duration::from_secs(1));
/// Key frames that losses of all receivers together may cause, and better pictures somebody climbs to:
/// one per this long. What a receiver lost costs it a pause; a key frame costs everybody.
const LOSSES: Duration = Duration::from_secs(4);
/// The same of a smaller picture, which nobody sees but those on narrow lines.
const LOSSES_OF_SMALLER: Duration = Duration::from_secs(1);
/// While somebody waits for a key frame it is asked for again this often.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// Whoever has sound alone sees a still picture every five seconds, of which an encoder and a narrow line
/// take a part.
pub(crate) const STILL_EVERY: Duration = Duration::from_millis(4_800);
/// What is cached of a smaller picture is of no use once its encoder rests.
const STALE: Duration = Duration::from_secs(3);
/// How long the bits of a stream are counted.
const METERED: Duration = Duration::from_secs(2);
/// Bits a second of a stream that has not been seen yet.
pub(crate) const UNSEEN_BPS: u64 = 2_000_000;

/// One broadcast stream.
#[derive(Debug)]
pub(crate) struct Stream {
    group: Vec<Arc<Picture>>,
    group_bytes: usize,
    keyframe_requests: KeyframeRequests,
    budget: Bucket,
    losses: Bucket,
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
    /// Whether its encoder was told that somebody needs it.
    pub is_wanted: bool,
    last_key: Option<Instant>,
    last_picture: Option<Instant>,
    metered: (Option<Instant>, u64),
    is_metered: bool,
    bps: u64,
}

impl Stream {
    /// An empty one of this size.
    pub fn new(tier: Tier) -> Self {
        let losses = if tier == Tier::Master { LOSSES } else { LOSSES_OF_SMALLER };
        Self {
            group: Vec::new(),
            group_bytes: 0,
            keyframe_requests: KeyframeRequests::default(),
            budget: Bucket::every(BUDGET.0, BUDGET.1),
            losses: Bucket::every(1, losses),
            legs: BTreeSet::new(),
            waiting: BTreeSet::new(),
            stills: BTreeSet::new(),
            coming: BTreeSet::new(),
            rate: TierRate::new(tier),
            is_wanted: false,
            last_key: None,
            last_picture: None,
            metered: (None, 0),
            is_metered: false,
            bps: UNSEEN_BPS,
        }
    }

    /// Bits a second it has had at most lately, while anybody needed it.
    pub fn bps(&self) -> u64 {
        self.bps
    }

    fn meter(&mut self, bytes: usize, now: Instant) {
        let (began, counted) = &mut self.metered;
        let began_at = *began.get_or_insert(now);
        let gone = now.saturating_duration_since(began_at);
        if gone >= METERED {
            // What is quiet now may move again at once: a peak is forgotten within minutes.
            let now_bps = *counted * 8_000 / gone.as_millis().max(1) as u64;
            self.bps =
                if self.is_metered { now_bps.max(self.bps - self.bps / 64) } else { now_bps };
            self.is_metered = true;
            (*began, *counted) = (Some(now), 0);
        }
        *counted += bytes as u64;
    }

    /// Caches one more picture.
    pub fn push(&mut self, picture: &Arc<Picture>, now: Instant) {
        self.meter(picture.bytes, now);
        self.last_picture = Some(now);
        if picture.keyframe {
            self.last_key = Some(now);
            self.break_group();
            self.keyframe_requests.satisfied();
        } else if self.group.is_empty() {
            return;
        }
        self.group.push(picture.clone());
        self.group_bytes += picture.bytes;
        if self.group.len() > MAX_GROUP_PICTURES || self.group_bytes > MAX_GROUP_BYTES {
            self.break_group();
        }
    }

    /// Something is missing, or the group is too long: newcomers wait for the next key frame.
    pub fn break_group(&mut self) {
        self.group.clear();
        self.group_bytes = 0;
    }

    /// Every picture since the last key frame, itself included; empty if unusable.
    pub fn group(&self) -> &[Arc<Picture>] {
        &self.group
    }

    /// A smaller picture's encoder rests while nobody needs it, and what was made before is old.
    pub fn refresh(&mut self, now: Instant) {
        let is_old = |at: Instant| now.saturating_duration_since(at) >= STALE;
        if self.rate.is_some() && self.last_picture.is_none_or(is_old) {
            self.break_group();
        }
    }

    /// Whether a receiver's loss, or its climb, may cost everybody a key frame now.
    pub fn pay_for_loss(&mut self, now: Instant) -> bool {
        self.losses.take(now)
    }

    /// True if the encoder is to be asked for a key frame now.
    pub fn due(&mut self, now: Instant) -> bool {
        if self.keyframe_requests.due(now) {
            return self.pay(now);
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
        self.losses.ready_at().filter(|_| !self.coming.is_empty())
    }

    /// Somebody needs a key frame; true if the encoder is to be asked now.
    pub fn ask(&mut self, now: Instant) -> bool {
        self.keyframe_requests.ask(now) && self.pay(now)
    }

    fn pay(&mut self, now: Instant) -> bool {
        let paid = self.budget.take(now);
        if !paid {
            self.keyframe_requests.put_off();
        }
        paid
    }

    /// When `due` wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        let own = self.keyframe_requests.deadline().or_else(|| self.again_at());
        [own, self.still_at(), self.climb_at()].into_iter().flatten().min()
    }

    fn again_at(&self) -> Option<Instant> {
        if self.waiting.is_empty() {
            return None;
        }
        self.keyframe_requests.last_served().map(|served| served + ASK_AGAIN)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// Not connected, or gone quiet: gets nothing.
    Idle,
    /// Gets nothing until a key frame.
    NeedKey,
    /// Gets every picture.
    Live,
    /// Does not read fast enough: gets nothing until its queue is empty, then `NeedKey`.
    Choked,
}

/// What a receiver does with a live picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serve {
    /// Send it with this timestamp (90 kHz, extended).
    Send(u64),
    /// It leaves bit by bit from now on.
    InPieces,
    /// It waits behind what the receiver still has to catch up with.
    Later,
    /// Leave it out.
    Skip,
    /// Leave it out and ask the encoder for a key frame.
    SkipAndAsk,
}

/// One leg's place in the fan-out.
#[derive(Debug)]
pub(crate) struct Receiver {
    /// The canvas it is to be given, in whichever size.
    pub asked: Option<StreamKey>,
    pub stream: Option<StreamKey>,
    still: Option<Instant>,
    /// Since when it does not read fast enough.
    choked: Option<Instant>,
    flow: Flow,
    pub clock: OutClock,
    pub catch_up: CatchUp,
}

impl Receiver {
    pub fn new() -> Self {
        Self {
            asked: None,
            stream: None,
            still: None,
            choked: None,
            flow: Flow::Idle,
            clock: OutClock::new(90_000),
            catch_up: CatchUp::default(),
        }
    }

    /// Is given this stream from its next key frame on.
    pub fn move_to(&mut self, stream: StreamKey) {
        self.stream = Some(stream);
        self.catch_up.stop();
        if self.flow != Flow::Idle {
            self.flow = Flow::NeedKey;
        }
    }

    /// Whether it is sent this picture as a still: a key frame, and not too soon after another.
    pub fn takes_still(&mut self, picture: &Picture, now: Instant) -> bool {
        let is_early = |at: Instant| now.saturating_duration_since(at) < STILL_EVERY - ASK_AGAIN;
        let takes =
            self.flow != Flow::Idle && picture.keyframe && !self.still.is_some_and(is_early);
        if takes {
            self.still = Some(now);
            self.flow = Flow::NeedKey;
            self.catch_up.stop();
        }
        takes
    }

    /// Stops until `join`.
    pub fn pause(&mut self) {
        self.flow = Flow::Idle;
        self.catch_up.stop();
    }

    /// Whether it has not read fast enough for a while; once for each while.
    pub fn is_stuck(&mut self, now: Instant) -> bool {
        if self.flow != Flow::Choked {
            self.choked = None;
            return false;
        }
        let since = *self.choked.get_or_insert(now);
        let is_long = now.saturating_duration_since(since) >= STUCK;
        if is_long {
            self.choked = Some(now);
        }
        is_long
    }

    pub fn is_idle(&self) -> bool {
        self.flow == Flow::Idle
    }

    pub fn needs_key(&self) -> bool {
        self.flow == Flow::NeedKey
    }

    /// A picture never reached this receiver: only a key frame helps.
    pub fn broken(&mut self) {
        if self.flow == Flow::Live {
            self.flow = Flow::NeedKey;
            self.catch_up.stop();
        }
    }

    /// Goes live on `stream`, with what came before in [`Self::catch_up`]. False if a key frame
    /// has to be waited for.
    pub fn join(&mut self, stream: &Stream, now: Instant) -> bool {
        let Some(newest) = stream.group().last() else {
            self.flow = Flow::NeedKey;
            return false;
        };
        self.flow = Flow::Live;
        let n = stream.group().len();
        let stamps = self.clock.catch_up(newest.ts_90khz, n as u64, now);
        let due = |((i, picture), ts): ((usize, &Arc<Picture>), u64)| {
            let before = Duration::from_millis((n - 1 - i) as u64);
            Due::new(picture.clone(), ts, now.checked_sub(before).unwrap_or(now))
        };
        self.catch_up.begin(stream.group().iter().enumerate().zip(stamps).map(due), now);
        true
    }

    /// Where a live picture goes while there is something to catch up with.
    fn line_up(&mut self, picture: &Arc<Picture>, now: Instant) -> Serve {
        let ts = self.clock.stamp(picture.ts_90khz, now);
        let is_first = !self.catch_up.is_running();
        if self.catch_up.append(Due::new(picture.clone(), ts, now), now) {
            return if is_first { Serve::InPieces } else { Serve::Later };
        }
        self.broken();
        Serve::SkipAndAsk
    }

    /// Decides on a live picture; `backlog` is what still waits to be sent to this receiver, and
    /// `drains_bps` how fast it reads, if that is known.
    pub fn live(
        &mut self,
        picture: &Arc<Picture>,
        (backlog, drains_bps): (usize, Option<u64>),
        now: Instant,
    ) -> Serve {
        match self.flow {
            Flow::Idle => Serve::Skip,
            Flow::Choked if backlog > 0 => Serve::Skip,
            Flow::Choked | Flow::NeedKey if !picture.keyframe => {
                let was_choked = self.flow == Flow::Choked;
                self.flow = Flow::NeedKey;
                if was_choked { Serve::SkipAndAsk } else { Serve::Skip }
            }
            Flow::Live if backlog > most_waiting(drains_bps) => {
                self.flow = Flow::Choked;
                self.catch_up.stop();
                Serve::Skip
            }
            Flow::Live if self.catch_up.is_running() => self.line_up(picture, now),
            _ if self.catch_up.pace.divides(picture.packets.len()) => {
                self.flow = Flow::Live;
                self.line_up(picture, now)
            }
            _ => {
                self.flow = Flow::Live;
                Serve::Send(self.clock.stamp(picture.ts_90khz, now))
            }
        }
    }
}

/// How many bytes may wait for a receiver that reads so fast.
fn most_waiting(drains_bps: Option<u64>) -> usize {
    let (time, least) = MOST_WAITING;
    let most = |bps: u64| (bps.saturating_mul(time.as_millis() as u64) / 8_000) as usize;
    drains_bps.map_or(MAX_BACKLOG, |bps| most(bps).clamp(least, MAX_BACKLOG))
}
