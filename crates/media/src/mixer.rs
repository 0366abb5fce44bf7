//! A room's sound: every 20 ms everybody hears everybody else.
//!
//! Encoders run only for those who speak, plus one that all who are silent share; so the cost
//! follows the speakers, not the room. Packets always flow, because a receiver that hears nothing
//! takes the path for dead.

use crate::graph::{MixPart, Out};
use crate::jitter::Jitter;
use crate::lip_sync::{Kind, process_origin};
use crate::pulse::Beat;
use crate::sound_track::SoundTrack;
use crate::voice::Voice;
use rotunda_codec::SoundError;
use rotunda_compose::{
    Gate, GateState, LEVEL_FLOOR_DBFS, LevelMeter, Mix, MixFrame, SILENCE, loudest, rms_dbfs,
    sensitivity_to_dbfs,
};
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

/// Sensitivity of somebody who set none.
const SENSITIVITY: u8 = 30;

/// What the rest of the process tells a mix between two ticks.
#[derive(Default)]
pub(crate) struct MixerNews {
    pub sources: Vec<(MemberId, Option<Arc<SoundTrack>>)>,
    pub listeners: Vec<(LegKey, Option<Option<MemberId>>)>,
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

struct Source {
    member: MemberId,
    track: Arc<SoundTrack>,
    jitter: Jitter,
    frame: MixFrame,
    gate: Gate,
    meter: LevelMeter,
    was: GateState,
    voice: Option<Voice>,
}

struct Listener {
    leg: LegKey,
    own: Option<MemberId>,
}

pub(crate) struct Mixer {
    session: SessionId,
    desk: Arc<MixerDesk>,
    out: Arc<dyn Out>,
    sources: Vec<Source>,
    listeners: Vec<Listener>,
    shared: Voice,
    /// Who hears which mix, rebuilt when a listener comes or goes or a gate opens or closes.
    legs: HashMap<Option<MemberId>, Arc<[LegKey]>>,
    legs_are_stale: bool,
    origin: Instant,
    tick: u64,
}

impl Mixer {
    pub fn new(
        session: SessionId,
        desk: Arc<MixerDesk>,
        out: Arc<dyn Out>,
        origin: Instant,
    ) -> Result<Self, SoundError> {
        Ok(Self {
            session,
            desk,
            out,
            sources: Vec::new(),
            listeners: Vec::new(),
            shared: Voice::new()?,
            legs: HashMap::new(),
            legs_are_stale: true,
            origin,
            tick: 0,
        })
    }

    fn at(&self, tick: u64) -> Instant {
        self.origin + Duration::from_millis(tick * 20)
    }

    fn hear_news(&mut self) {
        let news =
            std::mem::take(&mut *self.desk.news.lock().unwrap_or_else(PoisonError::into_inner));
        for (member, track) in news.sources {
            self.sources.retain(|source| source.member != member);
            if let Some(track) = track {
                self.add_source(member, track);
            }
            self.legs_are_stale = true;
        }
        for (leg, listens) in news.listeners {
            self.listeners.retain(|listener| listener.leg != leg);
            if let Some(own) = listens {
                self.listeners.push(Listener { leg, own });
            }
            self.legs_are_stale = true;
        }
    }

    fn add_source(&mut self, member: MemberId, track: Arc<SoundTrack>) {
        match Jitter::new() {
            Ok(jitter) => self.sources.push(Source {
                member,
                track,
                jitter,
                frame: SILENCE,
                gate: Gate::new(sensitivity_to_dbfs(SENSITIVITY)),
                meter: LevelMeter::new(),
                was: GateState::default(),
                voice: None,
            }),
            Err(error) => {
                tracing::error!(session = %self.session, %member, %error, "a member is not heard");
            }
        }
    }

    /// Takes each source's next 20 ms and sees whose gate is open.
    fn gather(&mut self, now: Instant) {
        for source in &mut self.sources {
            let before = source.was;
            let after = source.listen(now);
            source.was = after;
            if before.talking != after.talking {
                self.out.talking(self.session, source.member, after.talking);
            }
            if before.open != after.open {
                self.legs_are_stale = true;
            }
        }
    }

    /// Indices of those who are mixed.
    fn voices(&self) -> Vec<usize> {
        let open = self.sources.iter().enumerate().filter(|(_, source)| source.was.open);
        let levels: Vec<_> = open.map(|(i, source)| (i, source.meter.dbfs())).collect();
        loudest(&levels, VOICES)
    }

    /// A member whose gate is open has a mix of their own, without themself; all others share one.
    fn sort_listeners(&mut self) {
        if !std::mem::take(&mut self.legs_are_stale) {
            return;
        }
        let mut groups: HashMap<Option<MemberId>, Vec<LegKey>> = HashMap::new();
        for listener in &self.listeners {
            let speaks = |own: &MemberId| {
                self.sources.iter().any(|source| source.member == *own && source.was.open)
            };
            groups.entry(listener.own.filter(speaks)).or_default().push(listener.leg);
        }
        for source in &mut self.sources {
            if !groups.contains_key(&Some(source.member)) {
                source.voice = None;
            }
        }
        self.legs = groups.into_iter().map(|(who, legs)| (who, legs.into())).collect();
    }

    fn mix(&mut self) -> Vec<MixPart> {
        let voices = self.voices();
        let mix = Mix::sum(voices.iter().map(|i| &self.sources[*i].frame));
        let mut parts = Vec::with_capacity(self.legs.len());
        for (who, legs) in &self.legs {
            let payload = match who {
                None => self.shared.say(*mix.total()),
                Some(member) => {
                    let Some(at) = self.sources.iter().position(|s| s.member == *member) else {
                        continue;
                    };
                    let source = &mut self.sources[at];
                    // Somebody quieter than the loudest is not in the mix to be taken out of it.
                    let heard =
                        if voices.contains(&at) { mix.minus(&source.frame) } else { *mix.total() };
                    source.speak(heard)
                }
            };
            parts.extend(payload.map(|payload| MixPart { payload, legs: legs.clone() }));
        }
        parts
    }
}

impl Source {
    fn listen(&mut self, now: Instant) -> GateState {
        let jitter = &mut self.jitter;
        self.track.drain(|packet| jitter.put(packet));
        if self.track.is_muted() {
            jitter.clear();
            self.frame = SILENCE;
            self.gate.close();
            self.meter = LevelMeter::new();
            return GateState::default();
        }
        let has_sound = jitter.take(&mut self.frame);
        if let (Some(sync), Some(playing)) = (self.track.sync(), jitter.playing()) {
            let held = sync.delay(Kind::Sound);
            let unheld = now.checked_sub(held).unwrap_or(now);
            sync.presented(Kind::Sound, playing, unheld, process_origin());
            jitter.set_extra((held.as_micros() as usize * 48) / 1000);
        }
        let level = if has_sound { rms_dbfs(&self.frame) } else { LEVEL_FLOOR_DBFS };
        self.meter.update_dbfs(level);
        self.gate.update(level)
    }

    fn speak(&mut self, heard: MixFrame) -> Option<Arc<[u8]>> {
        if self.voice.is_none() {
            self.voice = Voice::new().map_err(|error| tracing::error!(%error, "no encoder")).ok();
        }
        self.voice.as_mut().and_then(|voice| voice.say(heard))
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
        let parts = self.mix();
        if !parts.is_empty() {
            self.out.sound(self.session, parts, self.tick * (TICK.as_millis() as u64) * 48);
        }
        self.tick += 1;
        Some(self.at(self.tick))
    }
}

#[cfg(test)]
#[path = "mixer_tests.rs"]
mod tests;
