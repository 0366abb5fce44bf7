//! Which size of its canvas each receiver is given: what their lines report is weighed, and they are
//! moved. Down at once; up with the better picture's next key frame, so that nothing stands still. It
//! refuses to know how lines are judged.

use std::sync::atomic::AtomicU64;
use std::time::Instant;

use crate::adaptation::{SOUND_BPS, VOICE_BPS, packeted};
use crate::catch_up::Pace;
use crate::chooser::{Move, Needs};
use crate::counters::{Tally, one};
use crate::leg::Leg;
use crate::legs::{Legs, tell};
use crate::outlet::Outlet;
use crate::route::UNSEEN_BPS;
use crate::tier::{Rung, Tier};
use crate::{LegKey, NetEvents, StreamKey};

/// A picture below the master leaves at so many times the bits a second it needs, in halves.
const PACE_HALVES: u64 = 5;

/// Why an encoder is asked for a key frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Somebody came.
    Join,
    /// This receiver lost something that repeats did not heal.
    Loss(LegKey),
    /// This receiver climbs to a better picture.
    Climb(LegKey),
    /// A receiver over TCP did not read fast enough.
    Slow,
    /// A picture was lost on the way to this thread.
    Gap,
}

impl Cause {
    pub fn counter(self, tally: &Tally) -> &AtomicU64 {
        match self {
            Self::Join => &tally.keyframes_for_joins,
            Self::Loss(_) => &tally.keyframes_for_losses,
            Self::Climb(_) => &tally.keyframes_for_climbs,
            Self::Slow => &tally.keyframes_for_slow,
            Self::Gap => &tally.keyframes_for_gaps,
        }
    }
}

impl Legs {
    /// A receiver's line has reported.
    pub fn line_reported(&mut self, now: Instant, key: LegKey, out: &mut dyn Outlet) {
        let Some(leg) = self.map.get(&key) else {
            return;
        };
        let needs = self.needs_of(key);
        // What may be on the way over TCP follows the canvas where there are no smaller pictures, too.
        let asked = leg.receiver.asked;
        let canvas_bps = asked.map_or(UNSEEN_BPS, |asked| self.needs(asked).master);
        let over_tcp = leg.path.filter(|path| path.tcp);
        let waiting = over_tcp.map(|path| (out.backlog(path), out.progress(path)));
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        let reads_red = leg.reads_red();
        let chosen = leg.adaptation.judge(needs.as_ref(), reads_red, waiting, now);
        let voice = leg.adaptation.other_voice(reads_red, now);
        leg.adaptation.log(key, now);
        let pays = leg.adaptation.pays_keyframe();
        let held = over_tcp.zip(leg.adaptation.on_the_way(canvas_bps, now));
        held.into_iter().for_each(|(path, bytes)| out.hold(path, bytes));
        match chosen {
            Some(Move::Down(rung)) => self.fall(now, key, rung, out),
            Some(Move::Up(rung)) => self.climb(now, key, rung, out),
            None => {}
        }
        if pays {
            self.plead(now, key, out);
        }
        if let Some(is_speech) = voice {
            self.tell(|events| events.voice_wanted(key, is_speech));
        }
        let stream = self.map.get(&key).and_then(|leg| leg.receiver.stream);
        stream.into_iter().for_each(|stream| self.follow(now, stream));
    }

    /// A receiver's line is jammed, whatever its next report will say.
    pub fn line_jammed(&mut self, now: Instant, key: LegKey, out: &mut dyn Outlet) {
        let Some(needs) = self.needs_of(key) else {
            return;
        };
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        // What a line of TCP takes was measured.
        let needs = leg.is_over_tcp().then_some(&needs);
        if let Some(Move::Down(rung)) = leg.adaptation.alarmed(needs, now) {
            self.fall(now, key, rung, out);
        }
    }

    /// A receiver's line is jammed, and the receiver has said how little it takes, perhaps less than what
    /// the alarm gave it.
    pub fn line_estimated(&mut self, now: Instant, key: LegKey, out: &mut dyn Outlet) {
        let Some((needs, leg)) = self.needs_of(key).zip(self.map.get_mut(&key)) else {
            return;
        };
        if let Some(Move::Down(rung)) = leg.adaptation.doubted(&needs, now) {
            self.fall(now, key, rung, out);
        }
    }

    /// What each size of the picture it is given needs, if there are smaller ones.
    fn needs_of(&self, key: LegKey) -> Option<Needs> {
        let asked = self.map.get(&key)?.receiver.asked.filter(|_| self.has_tiers);
        asked.map(|asked| self.needs(asked))
    }

    /// What each size of `asked` needs of a line at least.
    fn needs(&self, asked: StreamKey) -> Needs {
        let master = StreamKey { tier: Tier::Master, ..asked };
        let bps = self.routes.bps(master);
        let least = |tier: Tier| packeted(u64::from(tier.rates().map_or(0, |(least, _)| least)));
        Needs {
            master: packeted(bps) + SOUND_BPS,
            half: least(Tier::Half) + SOUND_BPS,
            quarter: least(Tier::Quarter) + VOICE_BPS,
        }
    }

    /// Gives a receiver a worse picture at once.
    fn fall(&mut self, now: Instant, key: LegKey, rung: Rung, out: &mut dyn Outlet) {
        one(&self.tally.falls);
        self.forget_climb(key);
        let Some(asked) = self.map.get(&key).and_then(|leg| leg.receiver.asked) else {
            return;
        };
        self.give(now, key, Some(StreamKey { tier: rung.tier(), ..asked }), out);
        self.note_still(key, rung);
        self.tell(|events| events.rung(key, rung));
    }

    /// Moves a receiver to a better picture with its next key frame.
    fn climb(&mut self, now: Instant, key: LegKey, rung: Rung, out: &mut dyn Outlet) {
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        let Some(asked) = leg.receiver.asked else {
            return;
        };
        let upper = StreamKey { tier: rung.tier(), ..asked };
        if leg.receiver.stream == Some(upper) {
            // From stills to all of the same picture.
            self.arrive(now, key, upper);
            return self.join(now, key, out);
        }
        let stream = self.stream(upper);
        stream.coming.insert(key);
        let may_ask = stream.pay_for_loss(now);
        self.tell_wanted(upper);
        if may_ask {
            self.want_keyframe(now, upper, Cause::Climb(key));
        }
    }

    /// The key frame of the better picture is here.
    pub fn arrive(&mut self, now: Instant, key: LegKey, upper: StreamKey) {
        let rung = Rung::of(upper.tier);
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        // It may have come into a jam since it asked.
        if leg.adaptation.chooser.climbs_to() != Some(rung) {
            return self.tell_wanted(upper);
        }
        let before = leg.receiver.stream;
        leg.receiver.move_to(upper);
        leg.adaptation.begins_anew();
        leg.adaptation.chooser.arrived(rung, now);
        one(&self.tally.climbs);
        self.unlist(key, before);
        self.list(key, upper);
        self.set_pace(key);
        self.tell(|events| events.rung(key, rung));
    }

    /// Puts a receiver on a stream, or on none.
    pub fn give(
        &mut self,
        now: Instant,
        key: LegKey,
        chosen: Option<StreamKey>,
        out: &mut dyn Outlet,
    ) {
        self.forget_climb(key);
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        let before = std::mem::replace(&mut leg.receiver.stream, chosen);
        let rung = leg.adaptation.chooser.rung();
        if let Some(path) = leg.path.filter(|path| path.tcp) {
            // What waits is of the picture before.
            out.forget_pictures(path);
            leg.adaptation.backlog_is(out.backlog(path));
        }
        if before == chosen {
            return; // From all of a picture to stills of it.
        }
        leg.receiver.pause();
        leg.adaptation.begins_anew();
        // What is asked for again of the picture before would fill the line anew.
        leg.bound_history();
        self.unlist(key, before);
        if let Some(stream) = chosen {
            self.list(key, stream);
            self.note_still(key, rung);
            self.set_pace(key);
            self.follow(now, stream);
            let Some(leg) = self.map.get_mut(&key) else {
                return;
            };
            leg.joins_at = leg.adaptation.empties_at(leg.is_over_tcp(), now);
            if leg.joins_at.is_none() {
                self.join(now, key, out);
            } else {
                self.with_leg(key, now, out, |_, _| {});
            }
        }
    }

    /// The master had to make a key frame for this receiver.
    pub fn rescued(&mut self, now: Instant, key: LegKey, out: &mut dyn Outlet) {
        let has_tiers = self.has_tiers;
        let Some(leg) = self.map.get_mut(&key).filter(|_| has_tiers) else {
            return;
        };
        if leg.adaptation.chooser.rung() == Rung::Master
            && let Some(Move::Down(rung)) = leg.adaptation.chooser.rescued(now)
        {
            self.fall(now, key, rung, out);
        }
    }

    fn note_still(&mut self, key: LegKey, rung: Rung) {
        let stream = self.map.get(&key).and_then(|leg| leg.receiver.stream);
        if let Some(stream) = stream.and_then(|stream| self.streams.get_mut(&stream)) {
            if rung == Rung::Sound {
                stream.stills.insert(key);
                stream.waiting.remove(&key);
            } else {
                stream.stills.remove(&key);
            }
        }
    }

    fn set_pace(&mut self, key: LegKey) {
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        let rate = leg.receiver.stream.and_then(|stream| self.streams.get(&stream)?.rate.as_ref());
        leg.receiver.catch_up.pace = rate.map_or(Pace::FAST, |rate| {
            Pace::of((packeted(u64::from(rate.bps())) + VOICE_BPS) * PACE_HALVES / 2)
        });
    }

    /// A receiver is moved to nothing better any more.
    pub fn forget_climb(&mut self, key: LegKey) {
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        leg.adaptation.chooser.give_up();
        let Some(asked) = leg.receiver.asked else {
            return;
        };
        for tier in Tier::ALL {
            let upper = StreamKey { tier, ..asked };
            if self.streams.get_mut(&upper).is_some_and(|stream| stream.coming.remove(&key)) {
                self.tell_wanted(upper);
            }
        }
    }

    fn list(&mut self, key: LegKey, stream: StreamKey) {
        self.stream(stream).legs.insert(key);
        self.tell_wanted(stream);
    }

    /// A receiver gets nothing of this stream any more.
    pub fn unlist(&mut self, key: LegKey, stream: Option<StreamKey>) {
        let Some(stream_key) = stream else {
            return;
        };
        if let Some(stream) = self.streams.get_mut(&stream_key) {
            stream.legs.remove(&key);
            stream.waiting.remove(&key);
            stream.stills.remove(&key);
            self.tell_wanted(stream_key);
        }
    }

    /// Has pictures of this stream come to this thread while somebody needs them here, and tells whoever
    /// encodes a smaller one that somebody needs it at all, or nobody any more.
    fn tell_wanted(&mut self, key: StreamKey) {
        let Self { streams, events, tally, .. } = self;
        let Some(stream) = streams.get_mut(&key) else {
            return;
        };
        stream.settle(|is_wanted, bps| {
            if key.tier != Tier::Master {
                let tell = |what: &dyn Fn(&dyn NetEvents)| tell(&**events, tally, what);
                is_wanted.into_iter().for_each(|is| tell(&|events| events.stream_wanted(key, is)));
                bps.into_iter().for_each(|bps| tell(&|events| events.rate_wanted(key, bps)));
            }
        });
    }

    /// Sets a smaller picture's bits by the weakest of its receivers.
    fn follow(&mut self, now: Instant, key: StreamKey) {
        let Some(stream) = self.streams.get_mut(&key) else {
            return;
        };
        // Who sees stills, or nothing now, sets nobody's bits.
        let watching = stream.legs.difference(&stream.stills).filter_map(|leg| self.map.get(leg));
        let watching = watching.filter(|leg: &&Leg| leg.is_up());
        let rooms = watching.map(|leg| leg.adaptation.room(now));
        if let Some(bps) = stream.rate.as_mut().and_then(|rate| rate.follow(rooms, now)) {
            let legs: Vec<LegKey> = stream.legs.iter().copied().collect();
            legs.into_iter().for_each(|leg| self.set_pace(leg));
            let Self { streams, events, tally, .. } = self;
            if let Some(stream) = streams.get(&key) {
                stream.allow(bps, |bps| tell(&**events, tally, |it| it.rate_wanted(key, bps)));
            }
        }
    }
}
