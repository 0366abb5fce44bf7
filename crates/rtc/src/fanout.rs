//! Who gets which picture of a stream, and with which timestamp. It refuses to know sockets, SRTP
//! and the peer connection; time is an argument.
//!
//! A newcomer is sent the pictures since the last key frame at once and is live from then on, so that a
//! join costs the encoder nothing; if those are too many or broken it waits for a key frame, which is
//! asked for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::catch_up::{CatchUp, Due};
use crate::clock::OutClock;
use crate::{Picture, StreamKey};

/// A receiver with more than this unsent (ICE-TCP only; UDP drops instead) gets no more pictures
/// until it has caught up, as long as it is not known how fast it reads.
pub(crate) const MAX_BACKLOG: usize = 64 * 1024;
/// Whoever has not caught up after this long is given less.
const STUCK: Duration = Duration::from_millis(300);
/// What may wait for a receiver of which that is known: so long, or a key frame of the half.
const MOST_WAITING: (Duration, usize) = (Duration::from_millis(250), 12 * 1024);
/// While somebody waits for a key frame it is asked for again this often.
pub(crate) const ASK_AGAIN: Duration = Duration::from_secs(1);
/// Whoever has sound alone sees a still picture every five seconds, of which an encoder and a narrow line
/// take a part.
pub(crate) const STILL_EVERY: Duration = Duration::from_millis(4_800);
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
    /// The socket takes nothing now: pictures line up.
    pub is_held_up: bool,
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
            is_held_up: false,
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

    /// Goes live on a stream, with what came before in [`Self::catch_up`]: its pictures since the last key
    /// frame. False if a key frame has to be waited for.
    pub fn join(&mut self, group: &[Arc<Picture>], now: Instant) -> bool {
        let Some(newest) = group.last() else {
            self.flow = Flow::NeedKey;
            return false;
        };
        self.flow = Flow::Live;
        let n = group.len();
        let stamps = self.clock.catch_up(newest.ts_90khz, n as u64, now);
        let due = |((i, picture), ts): ((usize, &Arc<Picture>), u64)| {
            let before = Duration::from_millis((n - 1 - i) as u64);
            Due::new(picture.clone(), ts, now.checked_sub(before).unwrap_or(now))
        };
        self.catch_up.begin(group.iter().enumerate().zip(stamps).map(due), now);
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
            _ if self.is_held_up || self.catch_up.pace.divides(picture.packets.len()) => {
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
