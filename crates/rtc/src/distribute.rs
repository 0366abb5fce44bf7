//! Streams to legs: who gets which picture and sound. It refuses to know where the bytes go.

use std::sync::Arc;
use std::time::Instant;

use crate::command::SoundPart;
use crate::counters::one;
use crate::deliver::{catch_up, sent};
use crate::fanout::Serve;
use crate::keyframe_budget::Help;
use crate::leg::Leg;
use crate::legs::Legs;
use crate::outlet::Outlet;
use crate::{LegKey, Picture, StreamKey};

impl Legs {
    /// Gives `key` another stream, or none.
    pub fn subscribe(
        &mut self,
        now: Instant,
        key: LegKey,
        asked: Option<StreamKey>,
        out: &mut dyn Outlet,
    ) {
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        let chosen = leg.receiver.choose_stream(asked);
        if leg.receiver.stream == chosen {
            return;
        }
        leg.receiver.pause();
        let before = std::mem::replace(&mut leg.receiver.stream, chosen);
        self.unlist(key, before);
        if let Some(stream) = chosen {
            self.streams.entry(stream).or_default().legs.insert(key);
            self.join(now, key, out);
        }
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
        let stream = self.streams.entry(stream_key).or_default();
        if !leg.receiver.join(stream, now) {
            stream.waiting.insert(key);
            self.want_keyframe(now, stream_key);
            return;
        }
        stream.waiting.remove(&key);
        self.with_leg(key, now, out, |leg, tally| {
            catch_up(leg, tally, now);
            leg.tell_time(now);
        });
    }

    /// One picture for everyone on `stream`.
    pub fn publish(
        &mut self,
        now: Instant,
        stream_key: StreamKey,
        picture: &Arc<Picture>,
        out: &mut dyn Outlet,
    ) {
        let stream = self.streams.entry(stream_key).or_default();
        stream.push(picture);
        let receivers: Vec<LegKey> = stream.legs.iter().copied().collect();
        for key in receivers {
            self.serve(now, key, stream_key, picture, out);
        }
    }

    fn serve(
        &mut self,
        now: Instant,
        key: LegKey,
        stream_key: StreamKey,
        picture: &Arc<Picture>,
        out: &mut dyn Outlet,
    ) {
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        let backlog = leg.path.filter(|p| p.tcp).map_or(0, |path| out.backlog(path));
        let serve = leg.receiver.live(picture, backlog, now);
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
            Serve::Send(ts) => self.with_leg(key, now, out, |leg, tally| {
                sent(tally, leg.write_picture(picture, ts, now));
                leg.tell_time(now);
            }),
            Serve::Later => {}
            Serve::Skip => one(&self.tally.pictures_skipped),
            Serve::SkipAndAsk => {
                one(&self.tally.pictures_skipped);
                self.want_keyframe(now, stream_key);
            }
        }
    }

    /// A receiver lost something and asks for a key frame.
    pub fn plead(&mut self, now: Instant, key: LegKey, out: &mut dyn Outlet) {
        let Some(leg) = self.map.get_mut(&key) else {
            return;
        };
        let Some(stream) = leg.receiver.stream else {
            return;
        };
        if leg.receiver.catch_up.is_running() {
            return; // A key frame is on its way to it.
        }
        let is_kept = self.streams.get(&stream).is_some_and(|stream| !stream.group().is_empty());
        match leg.keyframe_budget.plead(now, is_kept) {
            Help::Ask => self.want_keyframe(now, stream),
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
        self.want_keyframe(now, stream_key);
    }

    /// Forgets a stream; its receivers get nothing until they are given another.
    pub fn drop_stream(&mut self, stream_key: StreamKey) {
        let Some(stream) = self.streams.remove(&stream_key) else {
            return;
        };
        for key in stream.legs {
            if let Some(leg) = self.map.get_mut(&key) {
                leg.receiver.pause();
                leg.receiver.stream = None;
            }
        }
    }

    /// One tick of sound.
    pub fn sound(&mut self, now: Instant, parts: &[SoundPart], ts: u64, out: &mut dyn Outlet) {
        for part in parts {
            for key in part.legs.iter() {
                if self.map.get(key).is_some_and(Leg::is_up) {
                    self.with_leg(*key, now, out, |leg, _| {
                        leg.write_sound(&part.payload, ts, now);
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

    pub fn want_keyframe(&mut self, now: Instant, key: StreamKey) {
        if self.streams.get_mut(&key).is_some_and(|stream| stream.ask(now)) {
            self.tell_keyframe_wanted(key);
        }
    }

    pub fn tell_keyframe_wanted(&self, key: StreamKey) {
        one(&self.tally.keyframes_wanted);
        self.tell(|events| events.keyframe_wanted(key));
    }

    pub fn unlist(&mut self, key: LegKey, stream: Option<StreamKey>) {
        if let Some(stream) = stream.and_then(|s| self.streams.get_mut(&s)) {
            stream.legs.remove(&key);
            stream.waiting.remove(&key);
        }
    }
}
