//! Streams to legs: who gets which picture and sound. It refuses to know where the bytes go.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use crate::catch_up::Due;
use crate::command::SoundPart;
use crate::counters::one;
use crate::deliver::{catch_up, sent};
use crate::fanout::Serve;
use crate::keyframe_budget::Help;
use crate::leg::Leg;
use crate::legs::Legs;
use crate::outlet::{Outlet, Progress};
use crate::redundancy::Repeats;
use crate::tier::{Rung, Tier};
use crate::tiers::Cause;
use crate::{LegKey, Picture, StreamKey};

/// Packets of a long picture to one leg before the others get theirs: a key frame for hundreds is no burst
/// for any of them, and the first has not all of it before the last has some.
const PORTION: usize = 12;

impl Legs {
    /// Gives `key` another stream, or none.
    pub fn subscribe(
        &mut self,
        now: Instant,
        key: LegKey,
        asked: Option<StreamKey>,
        out: &mut dyn Outlet,
    ) {
        self.forget_climb(key);
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        leg.receiver.asked = asked;
        let rung = leg.adaptation.chooser.rung();
        let chosen = asked.map(|asked| StreamKey { tier: rung.tier(), ..asked });
        if leg.receiver.stream == chosen {
            return;
        }
        self.give(now, key, chosen, out);
    }

    /// Sends the pictures a newcomer needs, or asks for a key frame.
    pub fn join(&mut self, now: Instant, key: LegKey, out: &mut dyn Outlet) {
        let ready = |leg: &&mut Leg| leg.is_up() && leg.lines.gives_video;
        let Some(leg) = self.map.get_mut(&key).filter(ready) else {
            return; // Joins when connected, or when a new offer asks for pictures.
        };
        let Some(stream_key) = leg.receiver.stream else {
            return;
        };
        // Whoever has a stream is one of its legs, so that it is there.
        let Some(stream) = self.streams.get_mut(&stream_key) else {
            return;
        };
        stream.refresh(now);
        if !leg.receiver.join(stream.group(), now) {
            if !stream.stills.contains(&key) {
                stream.waiting.insert(key);
            }
            self.want_keyframe(now, stream_key, Cause::Join);
            return;
        }
        stream.waiting.remove(&key);
        self.portion(now, key, out);
    }

    /// The next portion of what a leg catches up with.
    fn portion(&mut self, now: Instant, key: LegKey, out: &mut dyn Outlet) {
        let is_full = self.is_full(key, out);
        self.with_leg(key, now, out, |leg, tally| {
            catch_up(leg, tally, is_full, now);
            leg.tell_time(now);
        });
    }

    /// One picture for everyone on `stream`, with its number there.
    pub fn publish(
        &mut self,
        now: Instant,
        stream_key: StreamKey,
        (number, picture): (u64, &Arc<Picture>),
        out: &mut dyn Outlet,
    ) {
        let Some(stream) = self.streams.get_mut(&stream_key) else {
            return; // Its last receiver has gone, or it was dropped.
        };
        if !stream.push(number, picture, now) {
            return;
        }
        let coming =
            if picture.keyframe { std::mem::take(&mut stream.coming) } else { BTreeSet::new() };
        coming.into_iter().for_each(|key| self.arrive(now, key, stream_key));
        let Some(stream) = self.streams.get(&stream_key) else {
            return;
        };
        let receivers: Vec<LegKey> = stream.legs.iter().copied().collect();
        let mut rest: Vec<(LegKey, Due)> = receivers
            .into_iter()
            .filter_map(|key| Some((key, self.serve(now, key, stream_key, picture, out)?)))
            .collect();
        while !rest.is_empty() {
            rest.retain_mut(|(key, due)| self.go_on(now, *key, due, out));
        }
    }

    /// One more portion of a picture to a leg. True: there is more of it.
    fn go_on(&mut self, now: Instant, key: LegKey, due: &mut Due, out: &mut dyn Outlet) -> bool {
        // What came of the portion before may have been another picture, or the end of this one.
        let goes_on =
            |leg: &Leg| !leg.receiver.is_idle() && leg.receiver.clock.last() == Some(due.ts);
        if !self.map.get(&key).is_some_and(goes_on) {
            return false;
        }
        if self.is_full(key, out) {
            if let Some(leg) = self.map.get_mut(&key) {
                leg.receiver.catch_up.append(due.clone(), now);
            }
            self.portion(now, key, out);
            return false;
        }
        let next = due.split(PORTION);
        let is_last = due.packets.is_empty();
        self.with_leg(key, now, out, |leg, tally| {
            let is_written = leg.write_picture(&next.picture, next.packets, next.ts, now);
            if is_last {
                sent(tally, is_written);
            }
            leg.tell_time(now);
        });
        !is_last
    }

    /// Gives a leg a picture, or its first portion, and what is left of it then.
    fn serve(
        &mut self,
        now: Instant,
        key: LegKey,
        stream_key: StreamKey,
        picture: &Arc<Picture>,
        out: &mut dyn Outlet,
    ) -> Option<Due> {
        let leg = self.map.get_mut(&key)?;
        if leg.adaptation.chooser.rung() == Rung::Sound {
            self.serve_still(now, key, picture, out);
            return None;
        }
        leg.receiver.is_held_up = leg.path.is_some_and(|path| out.is_full(path));
        let backlog = leg.path.filter(|p| p.tcp).map_or(0, |path| out.backlog(path));
        let serve = leg.receiver.live(picture, (backlog, leg.adaptation.reads_bps()), now);
        let progress = || leg.path.map_or_else(Progress::default, |path| out.progress(path));
        if leg.receiver.is_stuck(now) && leg.adaptation.choked(&progress(), now) {
            one(&self.tally.pictures_skipped);
            self.line_jammed(now, key, out);
            return None;
        }
        let needs_key = leg.receiver.needs_key();
        if let Some(stream) = self.streams.get_mut(&stream_key) {
            if needs_key {
                stream.waiting.insert(key);
            } else {
                stream.waiting.remove(&key);
            }
        }
        if picture.keyframe
            && let Some(leg) = self.map.get_mut(&key)
        {
            leg.keyframe_budget.satisfied();
        }
        match serve {
            Serve::Send(ts) => {
                let mut due = Due::new(picture.clone(), ts, now);
                let first = due.split(PORTION);
                let mut is_written = false;
                self.with_leg(key, now, out, |leg, tally| {
                    is_written = leg.write_picture(picture, first.packets, ts, now);
                    // A longer one is counted with its end.
                    if !is_written || due.packets.is_empty() {
                        sent(tally, is_written);
                    }
                    leg.tell_time(now);
                });
                return Some(due).filter(|due| is_written && !due.packets.is_empty());
            }
            Serve::InPieces => self.portion(now, key, out),
            Serve::Later => {}
            Serve::Skip => one(&self.tally.pictures_skipped),
            Serve::SkipAndAsk => {
                one(&self.tally.pictures_skipped);
                if self.streams.get_mut(&stream_key).is_some_and(|stream| stream.pay_for_loss(now))
                {
                    self.want_keyframe(now, stream_key, Cause::Slow);
                }
            }
        }
        None
    }

    /// Whoever has sound alone sees a key frame now and then.
    fn serve_still(
        &mut self,
        now: Instant,
        key: LegKey,
        picture: &Arc<Picture>,
        out: &mut dyn Outlet,
    ) {
        let is_full = self.is_full(key, out);
        self.with_leg(key, now, out, |leg, tally| {
            if !leg.receiver.takes_still(picture, now) {
                return one(&tally.pictures_skipped);
            }
            let ts = leg.receiver.clock.stamp(picture.ts_90khz, now);
            leg.receiver.catch_up.begin([Due::new(picture.clone(), ts, now)], now);
            catch_up(leg, tally, is_full, now);
            leg.tell_time(now);
        });
    }

    /// A receiver lost something and asks for a key frame.
    pub fn plead(&mut self, now: Instant, key: LegKey, out: &mut dyn Outlet) {
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        let Some(stream_key) = leg.receiver.stream else {
            return;
        };
        // A key frame is on its way to it, or a smaller picture is what helps.
        let is_helped = leg.receiver.catch_up.brings_keyframe() || leg.adaptation.is_to_fall();
        if is_helped || leg.adaptation.chooser.rung() == Rung::Sound {
            return;
        }
        let Some(stream) = self.streams.get_mut(&stream_key) else {
            return;
        };
        stream.refresh(now);
        let is_kept = !stream.group().is_empty();
        match leg.keyframe_budget.plead(now, is_kept, || stream.pay_for_loss(now)) {
            Help::Ask => {
                self.want_keyframe(now, stream_key, Cause::Loss(key));
                self.rescued(now, key, out);
            }
            Help::Again => self.join(now, key, out),
            Help::Wait => self.with_leg(key, now, out, |_, _| {}),
        }
    }

    /// A picture of this stream was lost on the way here: nobody can go on without a key frame.
    pub fn stream_broken(&mut self, now: Instant, stream_key: StreamKey) {
        let Some(stream) = self.streams.get_mut(&stream_key) else {
            return;
        };
        stream.break_group();
        for key in &stream.legs {
            if let Some(leg) = self.map.get_mut(key) {
                leg.receiver.broken();
            }
        }
        self.want_keyframe(now, stream_key, Cause::Gap);
    }

    /// Forgets a stream in all its sizes; its receivers get nothing until they are given another.
    pub fn drop_stream(&mut self, stream_key: StreamKey) {
        for tier in Tier::ALL {
            let Some(stream) = self.streams.remove(&StreamKey { tier, ..stream_key }) else {
                continue;
            };
            for key in stream.legs {
                if let Some(leg) = self.map.get_mut(&key) {
                    leg.receiver.pause();
                    (leg.receiver.asked, leg.receiver.stream) = (None, None);
                }
            }
        }
    }

    /// One tick of sound.
    pub fn sound(&mut self, now: Instant, parts: &[SoundPart], ts: u64, out: &mut dyn Outlet) {
        for part in parts {
            let mut repeats = Repeats::default();
            for key in part.legs.iter() {
                if self.map.get(key).is_some_and(Leg::is_up) {
                    self.with_leg(*key, now, out, |leg, _| {
                        leg.write_sound(part, &mut repeats, ts, now);
                        leg.tell_time(now);
                    });
                }
            }
        }
    }

    /// After a new offer: pictures start or stop as it says.
    pub fn fit(&mut self, now: Instant, key: LegKey, out: &mut dyn Outlet) {
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        if leg.lines.gives_video {
            if leg.receiver.is_idle() {
                self.join(now, key, out);
            }
            return;
        }
        leg.receiver.pause();
        if let Some(stream) = leg.receiver.stream.and_then(|s| self.streams.get_mut(&s)) {
            stream.waiting.remove(&key);
        }
    }

    /// Asks a stream's encoder for a key frame, if its budget allows.
    pub fn want_keyframe(&mut self, now: Instant, key: StreamKey, cause: Cause) {
        if self.streams.get_mut(&key).is_some_and(|stream| stream.ask(now)) {
            tracing::debug!(session = key.session, tier = ?key.tier, ?cause, "a key frame is asked for");
            one(cause.counter(&self.tally));
            self.tell_keyframe_wanted(key);
        }
    }

    pub fn tell_keyframe_wanted(&self, key: StreamKey) {
        one(&self.tally.keyframes_wanted);
        self.tell(|events| events.keyframe_wanted(key));
    }
}
