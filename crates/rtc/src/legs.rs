//! All legs and all streams of one network thread, without sockets or clocks: datagrams and
//! commands go in with the time, datagrams come out at the [`Outlet`], events at the [`NetEvents`].

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use crate::counters::{Tally, one};
use crate::deliver::catch_up;
use crate::demux::Demux;
use crate::directory::{Directory, Waiting};
use crate::drain::Note;
use crate::leg::{Hold, Leg};
use crate::liveness::Turn;
use crate::negotiate::{Answer, Host, Offer, renegotiate};
use crate::offer::OfferRefused;
use crate::outlet::{Outlet, Path};
use crate::route::Routes;
use crate::shared::Shared;
use crate::stream::Stream;
use crate::threads::Thread;
use crate::{Closed, LegKey, NetEvents, StreamKey, Uplink};

/// A stack that wants to be called again at once is called again after this.
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);
/// Timers of connected legs go off in step, at multiples of this: hundreds of legs whose reports
/// are due in the same five milliseconds wake the thread once.
const STEP: Duration = Duration::from_millis(5);

pub(crate) struct Legs {
    pub map: HashMap<LegKey, Leg>,
    pub demux: Demux,
    pub tally: Arc<Tally>,
    pub streams: HashMap<StreamKey, Stream>,
    /// What all threads share of the streams.
    pub routes: Arc<Routes>,
    /// Which thread each leg lives on.
    pub directory: Arc<Directory>,
    /// Addresses that other threads' legs had, and a leg here has now.
    pub passed_on: Vec<(Thread, Path)>,
    /// Which of the threads this is.
    pub thread: Thread,
    /// Whether canvases come in several sizes.
    pub has_tiers: bool,
    schedule: BTreeSet<(Instant, LegKey)>,
    /// Legs whose pictures wait for the socket, the first that has waited first.
    held: VecDeque<LegKey>,
    pub events: Arc<dyn NetEvents>,
    notes: Vec<Note>,
    /// From when the steps are counted.
    origin: Instant,
}

impl Legs {
    /// Those of one of the threads.
    pub fn on(thread: Thread, shared: &Shared, events: Arc<dyn NetEvents>) -> Self {
        let Shared { directory, routes, posts, .. } = shared;
        Self::of((thread, directory.clone(), routes.clone()), events, posts[thread].tally.clone())
    }

    /// The same by what it is made of.
    pub fn of(
        (thread, directory, routes): (Thread, Arc<Directory>, Arc<Routes>),
        events: Arc<dyn NetEvents>,
        tally: Arc<Tally>,
    ) -> Self {
        Self {
            map: HashMap::new(),
            demux: Demux::default(),
            tally,
            streams: HashMap::new(),
            routes,
            directory,
            passed_on: Vec::new(),
            thread,
            has_tiers: true,
            schedule: BTreeSet::new(),
            held: VecDeque::new(),
            events,
            notes: Vec::new(),
            origin: Instant::now(),
        }
    }

    /// A leg that has waited lives here from now on.
    pub fn adopt(&mut self, now: Instant, key: LegKey, waiting: Waiting, out: &mut dyn Outlet) {
        let Waiting { agreed, since, asked, uplink, .. } = waiting;
        let leg = Leg::new(key, agreed, since);
        self.demux.add_ufrag(&leg.ufrag, key);
        self.map.insert(key, leg);
        self.tally.legs.store(self.map.len() as u64, Relaxed);
        self.with_leg(key, now, out, |leg, _| leg.tell_time(now));
        self.set_uplink(now, key, uplink, out);
        self.subscribe(now, key, asked, out);
    }

    /// A new offer for an existing leg.
    pub fn renegotiate(
        &mut self,
        now: Instant,
        host: &Host,
        (key, offer): (LegKey, &Offer),
        out: &mut dyn Outlet,
    ) -> Result<Answer, OfferRefused> {
        let mut result = Err(OfferRefused::UnknownLeg);
        self.with_leg(key, now, out, |leg, _| {
            let Leg { rtc, lines, fingerprint, stream_id, liveness, .. } = leg;
            result = renegotiate(host, (rtc, lines), fingerprint, stream_id, offer);
            liveness.agreed_anew();
            leg.tell_time(now);
        });
        self.fit(now, key, out);
        if let Some(leg) = self.map.get_mut(&key) {
            let ufrag = leg.rtc.direct_api().local_ice_credentials().ufrag;
            let old = std::mem::replace(&mut leg.ufrag, ufrag);
            self.directory.rename(key, &old, &leg.ufrag);
            self.demux.drop_ufrag(&old);
            self.demux.add_ufrag(&leg.ufrag, key);
        }
        result
    }

    /// Asks the client for a key frame, at most once per half second.
    pub fn request_keyframe(&mut self, now: Instant, key: LegKey, out: &mut dyn Outlet) {
        self.with_leg(key, now, out, |leg, tally| {
            if leg.pli.ask(now) && leg.send_pli(now) {
                one(&tally.plis_out);
                leg.tell_time(now);
            }
        });
    }

    pub fn set_uplink(
        &mut self,
        now: Instant,
        key: LegKey,
        uplink: Option<Uplink>,
        out: &mut dyn Outlet,
    ) {
        self.with_leg(key, now, out, |leg, _| leg.set_uplink(uplink, now));
    }

    /// Ends a leg politely; nobody is told.
    pub fn close(&mut self, now: Instant, key: LegKey, out: &mut dyn Outlet) {
        if !self.map.contains_key(&key) {
            return;
        }
        self.with_leg(key, now, out, |leg, _| {
            leg.closing = true;
            if let Err(error) = leg.rtc.close() {
                leg.refused(&error);
            }
        });
        self.remove(key);
    }

    /// An ICE-TCP connection ended. If its peer `stalled`, so does the leg that used it.
    pub fn tcp_gone(&mut self, path: Path, stalled: bool) {
        let Some(key) = self.demux.by_path(path) else {
            return;
        };
        self.demux.drop_path(path, key);
        self.directory.unlearn(path, key);
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        leg.forget(path.peer, path.tcp);
        if stalled && leg.path == Some(path) {
            self.remove(key);
            self.tell(|events| events.closed(key, Closed::Stalled));
        }
    }

    /// Does everything that is due.
    pub fn on_time(&mut self, now: Instant, out: &mut dyn Outlet) {
        while let Some((at, key)) = self.schedule.first().copied().filter(|(at, _)| *at <= now) {
            self.schedule.remove(&(at, key));
            let is_full = self.is_full(key, out);
            self.with_leg(key, now, out, |leg, tally| {
                leg.scheduled = None;
                if leg.own_timers(now) {
                    one(&tally.plis_out);
                }
                catch_up(leg, tally, is_full, now);
                leg.tell_time(now);
            });
        }
        let is_due = |stream: &mut Stream| stream.due(now) | stream.due_for_others(now);
        let due: Vec<StreamKey> = self
            .streams
            .iter_mut()
            .filter_map(|(key, stream)| is_due(stream).then_some(*key))
            .collect();
        due.into_iter().for_each(|key| self.tell_keyframe_wanted(key));
        if self.thread == 0 {
            let late = self.directory.expire(now);
            late.into_iter().for_each(|key| self.tell(|it| it.closed(key, Closed::NotConnected)));
        }
    }

    /// Whether the socket takes no pictures to a leg now.
    pub fn is_full(&self, key: LegKey, out: &dyn Outlet) -> bool {
        let path = self.map.get(&key).and_then(|leg| leg.path);
        path.is_some_and(|path| out.is_full(path))
    }

    /// The socket takes something again: whoever waits for it, one portion after another.
    pub fn resume(&mut self, now: Instant, out: &mut dyn Outlet) {
        for _ in 0..self.held.len() {
            let Some(key) = self.held.front().copied() else {
                return;
            };
            if self.is_full(key, out) {
                return;
            }
            self.held.pop_front();
            self.with_leg(key, now, out, |leg, tally| {
                leg.hold = Hold::No;
                catch_up(leg, tally, false, now);
                leg.tell_time(now);
            });
        }
    }

    /// When `on_time` wants to be called.
    pub fn next_deadline(&self) -> Option<Instant> {
        let streams = self.streams.values().filter_map(Stream::deadline);
        let first = self.schedule.first().map(|(at, _)| *at);
        let late = if self.thread == 0 { self.directory.next_deadline() } else { None };
        streams.chain(first).chain(late).min()
    }

    /// Runs `f` on a leg, takes out what comes of it, and survives a panic in the stack: that leg
    /// is ended, the others notice nothing.
    pub fn with_leg(
        &mut self,
        key: LegKey,
        now: Instant,
        out: &mut dyn Outlet,
        f: impl FnOnce(&mut Leg, &Tally),
    ) {
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        let (tally, notes) = (&self.tally, &mut self.notes);
        let done = catch_unwind(AssertUnwindSafe(|| {
            f(leg, tally);
            leg.drain(now, out, tally, notes);
        }));
        if done.is_err() {
            one(&self.tally.panics);
            tracing::error!(leg = key.0, "the WebRTC stack panicked; the leg is closed");
            leg.gone = Some(Closed::Failed);
        }
        self.reschedule(key, now);
        self.act_on_notes(now, key, out);
        let ended = self.map.get(&key).and_then(|leg| Some((leg.gone?, leg.closing)));
        if let Some((why, closing)) = ended {
            self.remove(key);
            if !closing {
                self.tell(|events| events.closed(key, why));
            }
        }
    }

    fn reschedule(&mut self, key: LegKey, now: Instant) {
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        if leg.hold == Hold::Asked {
            leg.hold = Hold::Listed;
            self.held.push_back(key);
        }
        let at = leg.deadline().max(now + SHORTEST_SLEEP);
        let at = if leg.connected { in_step(self.origin, at) } else { at };
        if leg.scheduled == Some(at) {
            return;
        }
        if let Some(before) = leg.scheduled.replace(at) {
            self.schedule.remove(&(before, key));
        }
        self.schedule.insert((at, key));
    }

    fn act_on_notes(&mut self, now: Instant, key: LegKey, out: &mut dyn Outlet) {
        if self.notes.is_empty() {
            return;
        }
        let mut is_counted = false;
        for note in std::mem::take(&mut self.notes) {
            match note {
                Note::Counted => is_counted = true,
                Note::Connected => {
                    self.tell(|events| events.connected(key));
                    self.join(now, key, out);
                }
                Note::Sends(kind) => self.tell(|events| events.sends(key, kind)),
                Note::Lost => self.tell(|events| events.lost(key)),
                Note::Recovered => {
                    self.tell(|events| events.recovered(key));
                    self.join(now, key, out);
                }
                Note::Liveness(Turn::FellSilent) => self.tell(|events| events.silent(key)),
                Note::Liveness(Turn::Heard) => self.tell(|events| events.heard(key)),
                Note::Video(picture) => self.tell(|events| events.video(key, picture)),
                Note::Sound(sound) => self.tell(|events| events.sound(key, sound)),
                Note::Report(report) => self.tell(|events| events.sender_report(key, report)),
                Note::KeyframeAsked => self.plead(now, key, out),
                Note::LineReported => self.line_reported(now, key, out),
                Note::LineEmptied => self.join(now, key, out),
                Note::LineEstimated => self.line_estimated(now, key, out),
                Note::LineJammed => self.line_jammed(now, key, out),
            }
        }
        // Last: what came of the same figures is a part of it.
        if is_counted {
            self.tell_line(now, key);
        }
    }

    /// Says how good a leg's line is, if there is anything to say.
    fn tell_line(&mut self, now: Instant, key: LegKey) {
        let quality = self.map.get_mut(&key).and_then(|leg| {
            let rung = leg.receiver.asked.map(|_| leg.adaptation.chooser.rung());
            let quality = leg.line.settle(rung, leg.is_over_tcp(), now);
            leg.sender_counted(now);
            quality.filter(|_| leg.is_up())
        });
        if let Some(quality) = quality {
            self.tell(|events| events.line_quality(key, quality));
        }
    }

    /// Tells whoever listens; a panic in there is its own affair and ends nothing here.
    pub fn tell(&self, what: impl FnOnce(&dyn NetEvents)) {
        tell(&*self.events, &self.tally, what);
    }

    /// This thread's part of a stream, which is made if there is none.
    pub fn stream(&mut self, key: StreamKey) -> &mut Stream {
        let (routes, thread) = (&self.routes, self.thread);
        let make = || Stream::new(key.tier, thread, routes.of(key));
        self.streams.entry(key).or_insert_with(make)
    }

    fn remove(&mut self, key: LegKey) {
        self.forget_climb(key);
        let Some(leg) = self.map.remove(&key) else {
            return;
        };
        if let Some(at) = leg.scheduled {
            self.schedule.remove(&(at, key));
        }
        if leg.hold == Hold::Listed {
            self.held.retain(|held| *held != key);
        }
        self.demux.drop_ufrag(&leg.ufrag);
        self.directory.forget(key, &leg.ufrag);
        for path in &leg.known_paths {
            self.demux.drop_path(*path, key);
            self.directory.unlearn(*path, key);
        }
        self.unlist(key, leg.receiver.stream);
        self.tally.legs.store(self.map.len() as u64, Relaxed);
        // A stack that has panicked may do so again when it is dropped.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(leg)));
    }
}

/// Tells whoever listens; a panic in there is its own affair and ends nothing here.
pub(crate) fn tell(events: &dyn NetEvents, tally: &Tally, what: impl FnOnce(&dyn NetEvents)) {
    if catch_unwind(AssertUnwindSafe(|| what(events))).is_err() {
        one(&tally.panics);
        tracing::error!("whoever listens to the network thread panicked");
    }
}

/// The first step not before `at`.
fn in_step(origin: Instant, at: Instant) -> Instant {
    let past = at.saturating_duration_since(origin).as_nanos() % STEP.as_nanos();
    if past == 0 { at } else { at + (STEP - Duration::from_nanos(past as u64)) }
}
