//! A room's sound: every 20 ms everybody hears everybody else.
//!
//! Encoders run only for those who are mixed, plus one that all others share (see [`Listeners`]); so
//! the cost follows the voices in the mix, eight at most, not the room. Packets always flow, because a
//! receiver that hears nothing takes the path for dead.

use crate::chimes::Chimes;
use crate::listeners::{Listener, Listeners, SILENT_DB};
use crate::out::{MixPart, Out};
use crate::source::{Feed, Source};
use crate::tap::{MixTaps, Tap, TapKey};
use crate::ticker::Beat;
use rotunda_compose::{add, loudest, sum};
use rotunda_domain::output::{MemberMedia, Tone};
use rotunda_domain::{LegKey, MemberId, SessionId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One tick.
const TICK: Duration = Duration::from_millis(20);

/// Ticks made up for when the machine was busy; beyond it time is skipped, because a burst of old
/// sound helps nobody.
const CATCH_UP: u64 = 5;

/// Above this many who speak at once only the loudest are mixed.
const VOICES: usize = 8;

/// So many more than are mixed are decoded, by what their clients say of their loudness: what is said now is
/// heard up to half a second later, and measured by another.
const SPARE_DECODED: usize = 4;

/// What the rest of the process tells a mix between two ticks.
#[derive(Default)]
pub(crate) struct MixerNews {
    pub sources: Vec<(MemberId, Option<Feed>)>,
    pub listeners: Vec<(LegKey, Option<Listener>)>,
    /// Legs that get a voice for narrow and lossy lines, or the usual one again.
    pub voices: Vec<(LegKey, bool)>,
    /// The last one of each member counts, so that a thousand a second cost no more than one.
    pub media: HashMap<MemberId, Option<MemberMedia>>,
    /// Somebody came or went.
    pub tone: Option<Tone>,
    pub taps: Vec<(TapKey, Option<Arc<dyn Tap>>)>,
}

/// The side of a mix that others hold.
#[derive(Default)]
pub(crate) struct MixerDesk {
    news: Mutex<MixerNews>,
    is_closed: AtomicBool,
}

impl MixerDesk {
    pub fn tell(&self, news: impl FnOnce(&mut MixerNews)) {
        news(&mut self.news.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }
}

pub(crate) struct Mixer {
    session: SessionId,
    desk: Arc<MixerDesk>,
    out: Arc<dyn Out>,
    sources: Vec<Source>,
    /// Those that were in the mix and are gone: each is heard falling to silence for one tick.
    leaving: Vec<Source>,
    listeners: Listeners,
    taps: MixTaps,
    /// Of everybody here, whether they are a source or not.
    media: HashMap<MemberId, MemberMedia>,
    chimes: Chimes,
    origin: Instant,
    tick: u64,
}

impl Mixer {
    pub fn new(
        session: SessionId,
        desk: Arc<MixerDesk>,
        out: Arc<dyn Out>,
        origin: Instant,
    ) -> Self {
        Self {
            session,
            desk,
            out,
            sources: Vec::new(),
            leaving: Vec::new(),
            listeners: Listeners::default(),
            taps: MixTaps::default(),
            media: HashMap::new(),
            chimes: Chimes::default(),
            origin,
            tick: 0,
        }
    }

    fn at(&self, tick: u64) -> Instant {
        self.origin + Duration::from_millis(tick * 20)
    }

    fn hear_news(&mut self) {
        let news =
            std::mem::take(&mut *self.desk.news.lock().unwrap_or_else(PoisonError::into_inner));
        for (member, media) in news.media {
            self.apply_media(member, media);
        }
        for (member, feed) in news.sources {
            let gone = self.sources.extract_if(.., |source| source.member == member);
            self.leaving.extend(gone.filter(|source| source.is_mixed));
            if let Some(feed) = feed {
                self.add_source(member, feed);
            }
            self.listeners.stir();
        }
        for (leg, listener) in news.listeners {
            self.listeners.set(leg, listener);
        }
        for (leg, is_speech) in news.voices {
            self.listeners.set_speech(leg, is_speech);
        }
        if let Some(tone) = news.tone {
            self.chimes.play(tone);
        }
        for (key, tap) in news.taps {
            self.taps.set(key, tap);
        }
    }

    fn apply_media(&mut self, member: MemberId, media: Option<MemberMedia>) {
        match media {
            Some(media) => drop(self.media.insert(member, media)),
            None => drop(self.media.remove(&member)),
        }
        let source = self.sources.iter_mut().find(|source| source.member == member);
        if let (Some(source), Some(media)) = (source, media) {
            source.apply_media(&media);
        }
        self.listeners.stir();
    }

    fn add_source(&mut self, member: MemberId, feed: Feed) {
        let usual = MemberMedia::nothing(member);
        let media = self.media.get(&member).unwrap_or(&usual);
        match Source::new(member, feed, media) {
            Ok(source) => self.sources.push(source),
            Err(error) => {
                tracing::error!(session = %self.session, %member, %error, "a member is not heard");
            }
        }
    }

    /// Takes each source's next 20 ms and sees whose gate is open.
    fn gather(&mut self, now: Instant) {
        let due = self.at(self.tick);
        self.leaving.iter_mut().for_each(|source| source.leave(due));
        self.sources.iter_mut().for_each(Source::receive);
        self.spare_decoders();
        for source in &mut self.sources {
            let was_talking = source.is_talking;
            source.listen(now, due);
            if was_talking != source.is_talking {
                self.out.talking(self.session, source.member, source.is_talking);
            }
        }
    }

    /// Where more speak than are mixed, has only those decoded who can be in the mix.
    fn spare_decoders(&mut self) {
        let speaking = self.sources.iter().filter(|source| source.is_heard && !source.is_played());
        let is_crowded = speaking.count() > VOICES;
        let claims = self.sources.iter().enumerate().filter(|_| is_crowded);
        let claims: Vec<_> =
            claims.filter_map(|(i, source)| Some((i, source.claimed()?))).collect();
        let near = loudest(&claims, VOICES + SPARE_DECODED);
        for (i, source) in self.sources.iter_mut().enumerate() {
            source.set_decoded(!is_crowded || near.contains(&i));
        }
    }

    /// Has the loudest members mixed, and all that is played.
    fn choose(&mut self) {
        let members =
            self.sources.iter().enumerate().filter(|(_, source)| {
                source.is_heard && source.is_decoded() && !source.is_played()
            });
        let levels: Vec<_> = members.map(|(i, source)| (i, source.loudness())).collect();
        let chosen = loudest(&levels, VOICES);
        for (i, source) in self.sources.iter_mut().enumerate() {
            let was_mixed = source.is_mixed;
            source.place(source.is_played() || chosen.contains(&i));
            if was_mixed != source.is_mixed {
                self.listeners.stir();
            }
        }
    }

    /// Those who are in the mix have one without their own sound; all others share one.
    fn sort_listeners(&mut self) {
        let (sources, leaving, media) = (&self.sources, &self.leaving, &self.media);
        let is_deaf = |who: &MemberId| media.get(who).is_some_and(|media| media.deaf);
        let volume = |listener: &Listener| {
            // The deaf hear nothing through a device of theirs either.
            if is_deaf(&listener.member) || is_deaf(&listener.owner) {
                return SILENT_DB;
            }
            media.get(&listener.member).map_or(0, |media| media.output_volume)
        };
        self.listeners.sort(volume, |owner| {
            let mut all = sources.iter().chain(leaving);
            all.any(|source| source.owner == owner && source.is_mixed)
        });
    }

    fn mix(&mut self, ts_48khz: u64) -> Vec<MixPart> {
        let all = self.sources.iter().chain(&self.leaving);
        let voices: Vec<_> = all.filter(|source| source.is_mixed).collect();
        let everybody = sum(voices.iter().map(|source| &source.frame));
        let chime = self.chimes.next_frame();
        let mut whole = everybody;
        chime.iter().for_each(|chime| add(&mut whole, chime));
        self.taps.sound(whole, ts_48khz);
        self.listeners.say(|without| {
            let mut heard = match without {
                None => everybody,
                // Summed anew, not taken out of the sum: at volumes of +50 dB the rounding of a
                // subtraction would leave a trace of one's own voice.
                Some(owner) => {
                    let others = voices.iter().filter(|source| source.owner != owner);
                    sum(others.map(|source| &source.frame))
                }
            };
            chime.iter().for_each(|chime| add(&mut heard, chime));
            heard
        })
    }
}

impl Beat for Mixer {
    fn beat(&mut self, now: Instant) -> Option<Instant> {
        if self.desk.is_closed.load(Ordering::Acquire) {
            return None;
        }
        let due = now.saturating_duration_since(self.at(self.tick)).as_millis() as u64 / 20;
        if due > CATCH_UP {
            self.tick += due;
        }
        self.hear_news();
        self.gather(now);
        self.choose();
        self.sort_listeners();
        let ts_48khz = self.tick * (TICK.as_millis() as u64) * 48;
        let parts = self.mix(ts_48khz);
        if !self.leaving.is_empty() {
            self.leaving.clear();
            self.listeners.stir();
        }
        if !parts.is_empty() {
            self.out.sound(self.session, parts, ts_48khz);
        }
        self.tick += 1;
        Some(self.at(self.tick))
    }
}

#[cfg(test)]
#[path = "mixer_tests.rs"]
mod tests;
