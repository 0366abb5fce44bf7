//! A room's sound: every 20 ms everybody hears everybody else.
//!
//! Encoders run only for those who speak, plus one that all who are silent share (see
//! [`Listeners`]); so the cost follows the speakers, not the room. Packets always flow, because a
//! receiver that hears nothing takes the path for dead.

use crate::chimes::Chimes;
use crate::jitter::{FRAME, Jitter};
use crate::lip_sync::{Kind, process_origin};
use crate::listeners::{Listener, Listeners, SILENT_DB};
use crate::out::{MixPart, Out};
use crate::playback_sound::PlaybackSound;
use crate::sound_track::SoundTrack;
use crate::tap::{MixTaps, Tap, TapKey};
use crate::ticker::Beat;
use rotunda_compose::{
    GAIN_DB_MIN, Gain, Gate, GateState, LEVEL_FLOOR_DBFS, LevelMeter, MixFrame, SILENCE, add,
    loudest, rms_dbfs, sensitivity_to_dbfs, sum,
};
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

/// A source's sound, and who is not to hear it because it is theirs.
pub(crate) struct Feed {
    pub owner: MemberId,
    pub spring: Spring,
}

/// Where a source's sound comes from.
pub(crate) enum Spring {
    /// A member, over the network.
    Member(Arc<SoundTrack>),
    /// Something that is played.
    Played(Arc<PlaybackSound>),
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

/// What is heard of a source each tick.
enum SourceKind {
    /// A member's microphone: judged by a gate, one of the loudest or not heard.
    Member { track: Arc<SoundTrack>, jitter: Box<Jitter> },
    /// Something that is played: heard as it is, and always.
    Played(Arc<PlaybackSound>),
}

impl SourceKind {
    fn of(spring: Spring) -> Result<Self, rotunda_codec::SoundError> {
        Ok(match spring {
            Spring::Member(track) => Self::Member { track, jitter: Box::new(Jitter::new()?) },
            Spring::Played(sound) => Self::Played(sound),
        })
    }
}

struct Source {
    member: MemberId,
    owner: MemberId,
    kind: SourceKind,
    frame: MixFrame,
    gate: Gate,
    gain: Gain,
    /// Falls to silence over one tick when the microphone is switched off or the gate closes, and
    /// rises so when the microphone is switched on again.
    edge: Gain,
    /// Nothing was heard since the microphone was off.
    is_back: bool,
    meter: LevelMeter,
    is_talking: bool,
    /// The gate is open or just closing, and the volume is not silence.
    is_heard: bool,
}

pub(crate) struct Mixer {
    session: SessionId,
    desk: Arc<MixerDesk>,
    out: Arc<dyn Out>,
    sources: Vec<Source>,
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
            self.sources.retain(|source| source.member != member);
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
            source.gain.set_db(media.input_volume as f32);
            source.gate.set_threshold(threshold(&media));
        }
        self.listeners.stir();
    }

    fn add_source(&mut self, member: MemberId, feed: Feed) {
        let usual = MemberMedia::nothing(member);
        let media = self.media.get(&member).unwrap_or(&usual);
        match SourceKind::of(feed.spring) {
            Ok(kind) => self.sources.push(Source {
                member,
                owner: feed.owner,
                kind,
                frame: SILENCE,
                gate: Gate::new(threshold(media)),
                gain: Gain::new(media.input_volume as f32),
                edge: Gain::new(GAIN_DB_MIN),
                is_back: false,
                meter: LevelMeter::new(),
                is_talking: false,
                is_heard: false,
            }),
            Err(error) => {
                tracing::error!(session = %self.session, %member, %error, "a member is not heard");
            }
        }
    }

    /// Takes each source's next 20 ms and sees whose gate is open.
    fn gather(&mut self, now: Instant) {
        let due = self.at(self.tick);
        for source in &mut self.sources {
            let (was_talking, was_heard) = (source.is_talking, source.is_heard);
            source.listen(now, due);
            if was_talking != source.is_talking {
                self.out.talking(self.session, source.member, source.is_talking);
            }
            if was_heard != source.is_heard {
                self.listeners.stir();
            }
        }
    }

    /// Indices of those who are mixed: the loudest members, and all that is played.
    fn voices(&self) -> Vec<usize> {
        let heard = self.sources.iter().enumerate().filter(|(_, source)| source.is_heard);
        let (played, members): (Vec<_>, Vec<_>) =
            heard.partition(|(_, source)| matches!(source.kind, SourceKind::Played(_)));
        let levels: Vec<_> =
            members.into_iter().map(|(i, source)| (i, source.meter.dbfs())).collect();
        let mut voices = loudest(&levels, VOICES);
        voices.extend(played.into_iter().map(|(i, _)| i));
        voices
    }

    /// Those who are heard have a mix without their own sound; all others share one.
    fn sort_listeners(&mut self) {
        let (sources, media) = (&self.sources, &self.media);
        let is_deaf = |who: &MemberId| media.get(who).is_some_and(|media| media.deaf);
        let volume = |listener: &Listener| {
            // The deaf hear nothing through a device of theirs either.
            if is_deaf(&listener.member) || is_deaf(&listener.owner) {
                return SILENT_DB;
            }
            media.get(&listener.member).map_or(0, |media| media.output_volume)
        };
        self.listeners.sort(volume, |owner| {
            sources.iter().any(|source| source.owner == owner && source.is_heard)
        });
    }

    fn mix(&mut self, ts_48khz: u64) -> Vec<MixPart> {
        let voices: Vec<_> = self.voices().into_iter().map(|i| &self.sources[i]).collect();
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

fn threshold(media: &MemberMedia) -> Option<f32> {
    sensitivity_to_dbfs(media.input_sensitivity.clamp(0, 100) as u8)
}

impl Source {
    /// The next 20 ms. The gate judges what the microphone gives, whatever the volume; the choice
    /// of the loudest, what others hear.
    fn listen(&mut self, now: Instant, due: Instant) {
        let (track, jitter) = match &mut self.kind {
            SourceKind::Member { track, jitter } => (track, jitter),
            SourceKind::Played(sound) => {
                let open = sound.take(due, &mut self.frame);
                self.is_back |= self.edge.is_silent();
                return self.pass(GateState { open, talking: false });
            }
        };
        track.drain(|packet| jitter.put(packet));
        if track.is_muted() {
            return self.fall_silent(due);
        }
        let has_sound = jitter.take(due, &mut self.frame);
        if let (Some(sync), Some(next)) = (track.sync(), jitter.playing()) {
            let held = Duration::from_micros(jitter.held() as u64 * 1000 / 48);
            let unheld = now.checked_sub(held).unwrap_or(now);
            // What is mixed now is the frame before the one that comes next.
            let mixed = next.saturating_sub(FRAME as u64);
            sync.presented(Kind::Sound, mixed, unheld, process_origin());
            let wanted = sync.delay(Kind::Sound);
            jitter.set_extra((wanted.as_micros() as usize * 48) / 1000);
        }
        let level = if has_sound { rms_dbfs(&self.frame) } else { LEVEL_FLOOR_DBFS };
        let state = self.gate.update(level);
        self.pass(state);
    }

    /// The microphone is off: what sounded falls over this one tick, from what came before it was
    /// switched off, and then there is nothing.
    fn fall_silent(&mut self, due: Instant) {
        let SourceKind::Member { jitter, .. } = &mut self.kind else { return };
        if !(self.is_heard && jitter.take(due, &mut self.frame)) {
            self.frame = SILENCE;
            self.edge = Gain::new(GAIN_DB_MIN);
            self.meter = LevelMeter::new();
        }
        jitter.clear();
        self.gate.close();
        self.is_back = true;
        self.pass(GateState::default());
    }

    fn pass(&mut self, state: GateState) {
        self.is_talking = state.talking;
        if state.open && !std::mem::take(&mut self.is_back) {
            // At once: not even the beginning of a short beep is eaten.
            self.edge = Gain::new(0.0);
        }
        self.edge.set_db(if state.open { 0.0 } else { GAIN_DB_MIN });
        // Before the gains: the frame in which one of them falls to silence is heard still.
        self.is_heard = !self.edge.is_silent() && !self.gain.is_silent();
        self.gain.apply(&mut self.frame);
        self.edge.apply(&mut self.frame);
        if self.is_heard {
            self.meter.update(&self.frame);
        } else {
            self.meter.update_dbfs(LEVEL_FLOOR_DBFS);
        }
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
        self.sort_listeners();
        let ts_48khz = self.tick * (TICK.as_millis() as u64) * 48;
        let parts = self.mix(ts_48khz);
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
