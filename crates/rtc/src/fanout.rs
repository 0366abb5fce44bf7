//! Who gets which picture of a stream, and with which timestamp. It refuses to know sockets, SRTP
//! and the peer connection; time is an argument.
//!
//! A stream caches every picture since its last key frame, as long as that is short. A newcomer is
//! sent that group at once and is live from then on, so that a join costs the encoder nothing; if
//! the group is too long or broken it waits for a key frame, which is asked for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::catch_up::{CatchUp, Due};
use crate::clock::OutClock;
use crate::demux::Bucket;
use crate::keyframe_requests::KeyframeRequests;
use crate::{LegKey, Picture, StreamKey};

/// A group longer than this (one second of pictures) is not worth sending to a newcomer.
pub(crate) const MAX_GROUP_PICTURES: usize = 30;
/// Nor one bigger than this: it would take a newcomer's line for most of a second.
pub(crate) const MAX_GROUP_BYTES: usize = 250_000;
/// A receiver with more than this unsent (ICE-TCP only; UDP drops instead) gets no more pictures
/// until it has caught up.
pub(crate) const MAX_BACKLOG: usize = 256 * 1024;
/// Key frames all receivers of a stream may cause together at once, and then one per this long. A room
/// that fills within seconds stays below it; whoever comes beyond waits one turn.
const BUDGET: (u32, Duration) = (8, Duration::from_secs(1));
/// While somebody waits for a key frame it is asked for again this often.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// One broadcast stream.
#[derive(Debug)]
pub(crate) struct Stream {
    group: Vec<Arc<Picture>>,
    group_bytes: usize,
    keyframe_requests: KeyframeRequests,
    budget: Bucket,
    /// Its receivers.
    pub legs: BTreeSet<LegKey>,
    /// Those of them who cannot go on without a key frame.
    pub waiting: BTreeSet<LegKey>,
}

impl Default for Stream {
    fn default() -> Self {
        Self {
            group: Vec::new(),
            group_bytes: 0,
            keyframe_requests: KeyframeRequests::default(),
            budget: Bucket::new(BUDGET.0, BUDGET.1),
            legs: BTreeSet::new(),
            waiting: BTreeSet::new(),
        }
    }
}

impl Stream {
    /// Caches one more picture.
    pub fn push(&mut self, picture: &Arc<Picture>) {
        if picture.keyframe {
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

    /// True if the encoder is to be asked for a key frame now.
    pub fn due(&mut self, now: Instant) -> bool {
        if self.keyframe_requests.due(now) {
            return self.pay(now);
        }
        self.again_at().is_some_and(|at| at <= now) && self.ask(now)
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
        self.keyframe_requests.deadline().or_else(|| self.again_at())
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
    pub stream: Option<StreamKey>,
    flow: Flow,
    pub clock: OutClock,
    pub catch_up: CatchUp,
}

impl Receiver {
    pub fn new() -> Self {
        let catch_up = CatchUp::default();
        Self { stream: None, flow: Flow::Idle, clock: OutClock::new(90_000), catch_up }
    }

    /// Which stream a leg that asks for `asked` is given. The one place where a smaller picture
    /// for a weak receiver would be chosen (by its loss reports); today everyone gets the asked
    /// one.
    pub fn choose_stream(&self, asked: Option<StreamKey>) -> Option<StreamKey> {
        asked
    }

    /// Stops until `join`.
    pub fn pause(&mut self) {
        self.flow = Flow::Idle;
        self.catch_up.stop();
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
            Due { picture: picture.clone(), ts, wallclock: now.checked_sub(before).unwrap_or(now) }
        };
        self.catch_up.begin(stream.group().iter().enumerate().zip(stamps).map(due), now);
        true
    }

    /// Where a live picture goes while there is something to catch up with.
    fn line_up(&mut self, picture: &Arc<Picture>, now: Instant) -> Serve {
        let ts = self.clock.stamp(picture.ts_90khz, now);
        if self.catch_up.append(Due { picture: picture.clone(), ts, wallclock: now }) {
            return Serve::Later;
        }
        self.broken();
        Serve::SkipAndAsk
    }

    /// Decides on a live picture; `backlog` is what still waits to be sent to this receiver.
    pub fn live(&mut self, picture: &Arc<Picture>, backlog: usize, now: Instant) -> Serve {
        match self.flow {
            Flow::Idle => Serve::Skip,
            Flow::Choked if backlog > 0 => Serve::Skip,
            Flow::Choked | Flow::NeedKey if !picture.keyframe => {
                let was_choked = self.flow == Flow::Choked;
                self.flow = Flow::NeedKey;
                if was_choked { Serve::SkipAndAsk } else { Serve::Skip }
            }
            Flow::Live if backlog > MAX_BACKLOG => {
                self.flow = Flow::Choked;
                self.catch_up.stop();
                Serve::Skip
            }
            Flow::Live if self.catch_up.is_running() => self.line_up(picture, now),
            _ => {
                self.flow = Flow::Live;
                Serve::Send(self.clock.stamp(picture.ts_90khz, now))
            }
        }
    }
}
