//! One source of a mix: its sound of each tick, whether it is heard, and its place among those that are
//! mixed.
//!
//! It refuses to know the others: who is mixed is said by whoever sees all of them.

use crate::claim::Claim;
use crate::jitter::{FRAME, Jitter};
use crate::lip_sync::{Kind, process_origin};
use crate::playback_sound::PlaybackSound;
use crate::sound_track::SoundTrack;
use rotunda_compose::{
    GAIN_DB_MIN, Gain, Gate, GateState, LEVEL_FLOOR_DBFS, LevelMeter, MixFrame, SILENCE, rms_dbfs,
    sensitivity_to_dbfs,
};
use rotunda_domain::MemberId;
use rotunda_domain::output::MemberMedia;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So much louder than the quietest in the mix is whoever takes their place: twice the amplitude.
const STAYS_DB: f32 = 6.0;

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

/// A source, as it is in this tick.
pub(crate) struct Source {
    pub member: MemberId,
    /// Who does not hear it, because it is theirs.
    pub owner: MemberId,
    kind: SourceKind,
    pub frame: MixFrame,
    gate: Gate,
    gain: Gain,
    /// Falls to silence over one tick when the microphone is switched off or the gate closes, and
    /// rises so when the microphone is switched on again.
    edge: Gain,
    /// Nothing was heard since the microphone was off.
    is_back: bool,
    meter: LevelMeter,
    claim: Claim,
    volume_db: f32,
    pub is_talking: bool,
    /// The gate is open or just closing, and the volume is not silence.
    pub is_heard: bool,
    /// It was so in the tick before.
    was_heard: bool,
    /// Rises and falls over one tick as it enters and leaves the mix.
    share: Gain,
    /// One of those that are to be mixed.
    is_chosen: bool,
    /// Something of it is in the mix: it is chosen, or on its way out.
    pub is_mixed: bool,
}

fn threshold(media: &MemberMedia) -> Option<f32> {
    sensitivity_to_dbfs(media.input_sensitivity.clamp(0, 100) as u8)
}

impl Source {
    /// A source of `member`'s that is treated as `media` says.
    ///
    /// # Errors
    /// There is no decoder to be had.
    pub fn new(
        member: MemberId,
        feed: Feed,
        media: &MemberMedia,
    ) -> Result<Self, rotunda_codec::SoundError> {
        Ok(Self {
            member,
            owner: feed.owner,
            kind: SourceKind::of(feed.spring)?,
            frame: SILENCE,
            gate: Gate::new(threshold(media)),
            gain: Gain::new(media.input_volume as f32),
            edge: Gain::new(GAIN_DB_MIN),
            is_back: false,
            meter: LevelMeter::new(),
            claim: Claim::default(),
            volume_db: media.input_volume as f32,
            is_talking: false,
            is_heard: false,
            was_heard: false,
            share: Gain::new(GAIN_DB_MIN),
            is_chosen: false,
            is_mixed: false,
        })
    }

    /// Treats it so from the next tick on.
    pub fn apply_media(&mut self, media: &MemberMedia) {
        self.volume_db = media.input_volume as f32;
        self.gain.set_db(self.volume_db);
        self.gate.set_threshold(threshold(media));
    }

    /// Whether it is played, and so in the mix whenever it is heard.
    pub fn is_played(&self) -> bool {
        matches!(self.kind, SourceKind::Played(_))
    }

    /// Takes what came since the last tick.
    pub fn receive(&mut self) {
        let SourceKind::Member { track, jitter } = &mut self.kind else { return };
        track.drain(|packet| {
            self.claim.say(packet.level_dbov, packet.data.len());
            jitter.put(packet);
        });
    }

    /// How loud others would hear it, in dBFS, by what its client says; none where that is not to be
    /// relied on, and of what is played.
    pub fn claimed(&self) -> Option<f32> {
        let believed = self.claim.believed().filter(|_| !self.is_played());
        believed.map(|dbfs| dbfs + self.volume_db + self.advantage_db())
    }

    /// Whoever is in the mix leaves it for a voice that is clearly louder only: two that are alike are
    /// not to take turns.
    fn advantage_db(&self) -> f32 {
        if self.is_chosen { STAYS_DB } else { 0.0 }
    }

    /// Decodes it from now on, or no more. Who is in the mix is decoded, and who says nothing of their
    /// loudness that can be believed.
    pub fn set_decoded(&mut self, is_decoded: bool) {
        let is_decoded = is_decoded || self.is_mixed || self.claimed().is_none();
        if let SourceKind::Member { jitter, .. } = &mut self.kind {
            jitter.set_asleep(!is_decoded);
        }
    }

    /// Whether its packets are decoded.
    pub fn is_decoded(&self) -> bool {
        match &self.kind {
            SourceKind::Member { jitter, .. } => !jitter.is_asleep(),
            SourceKind::Played(_) => true,
        }
    }

    /// How loud others hear it, in dBFS, for the choice of the loudest.
    pub fn loudness(&self) -> f32 {
        self.meter.dbfs() + self.advantage_db()
    }

    /// Takes its place in the mix, or leaves it; after [`Self::listen`], once a tick.
    pub fn place(&mut self, is_chosen: bool) {
        if !self.is_heard || !self.was_heard {
            // Who begins to speak is in it at once, with the gate's own edge.
            self.share = Gain::new(if is_chosen { 0.0 } else { GAIN_DB_MIN });
        }
        self.share.set_db(if is_chosen { 0.0 } else { GAIN_DB_MIN });
        self.is_chosen = is_chosen;
        self.is_mixed = self.is_heard && !self.share.is_silent();
        if self.is_mixed {
            self.share.apply(&mut self.frame);
        }
    }

    /// The next 20 ms. The gate judges what the microphone gives, or says it gives where that is not
    /// decoded, whatever the volume; the choice of the loudest, what others hear.
    pub fn listen(&mut self, now: Instant, due: Instant) {
        self.was_heard = self.is_heard;
        let (track, jitter) = match &mut self.kind {
            SourceKind::Member { track, jitter } => (track, jitter),
            SourceKind::Played(sound) => {
                let open = sound.take(due, &mut self.frame);
                self.is_back |= self.edge.is_silent();
                return self.pass(GateState { open, talking: false });
            }
        };
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
        let heard = (!jitter.is_asleep()).then(|| rms_dbfs(&self.frame));
        self.claim.tick(heard);
        let level = heard.unwrap_or(self.claim.last());
        let state = self.gate.update(if has_sound { level } else { LEVEL_FLOOR_DBFS });
        self.pass(state);
    }

    /// It is gone: what sounded falls to silence over this one tick, its last. Whether anything of that is to
    /// be mixed says [`Self::is_mixed`].
    pub fn leave(&mut self, due: Instant) {
        self.was_heard = self.is_heard;
        self.receive();
        if let SourceKind::Played(sound) = &self.kind {
            sound.take(due, &mut self.frame);
            self.pass(GateState::default());
        } else {
            self.fall_silent(due);
        }
        self.is_talking = false;
        self.place(self.is_chosen);
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
        self.claim.pause();
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
