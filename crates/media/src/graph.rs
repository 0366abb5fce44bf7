//! The graph of all sessions: canvases, mixes, tracks and the threads they share.

use crate::canvas::{Canvas, CanvasDesk};
use crate::decode_pool::DecodePool;
use crate::mixer::{Mixer, MixerDesk};
use crate::options::{CanvasSpec, GraphOptions};
use crate::pulse::Pulse;
use crate::sound_track::SoundTrack;
use crate::track::Track;
use rotunda_codec::{EncodedFrame, VideoCodec};
use rotunda_domain::{CanvasPlan, LegKey, MemberId, SessionId};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

/// One encoded packet of sound and who is to have it.
#[derive(Clone, Debug)]
pub struct MixPart {
    /// The Opus packet.
    pub payload: Arc<[u8]>,
    /// Its receivers.
    pub legs: Arc<[LegKey]>,
}

/// What the graph produces and wants. Called on the graph's threads; must not block.
pub trait Out: Send + Sync {
    /// A canvas frame, encoded once.
    fn picture(&self, session: SessionId, codec: VideoCodec, ts_90khz: u64, frame: EncodedFrame);
    /// 20 ms of sound for everybody in a session.
    fn sound(&self, session: SessionId, parts: Vec<MixPart>, ts_48khz: u64);
    /// Somebody began or ceased to talk.
    fn talking(&self, session: SessionId, member: MemberId, talking: bool);
    /// A member's pictures need a key frame.
    fn keyframe_wanted(&self, session: SessionId, member: MemberId);
    /// A member is asked to send no more than this.
    fn uplink_wanted(&self, session: SessionId, member: MemberId, bps: u64);
}

/// Where one member's media goes in; held by whoever receives it.
#[derive(Clone)]
pub struct Intake {
    /// Pictures.
    pub picture: Arc<Track>,
    /// Sound.
    pub sound: Arc<SoundTrack>,
}

/// Figures of one session.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoomFigures {
    /// Canvas ticks that came too late and were left out.
    pub ticks_skipped: u64,
    /// Canvas frames encoded, both codecs counted.
    pub frames_encoded: u64,
}

struct Room {
    canvas: Arc<CanvasDesk>,
    mixer: Arc<MixerDesk>,
    intakes: HashMap<MemberId, Intake>,
    audio_video_sync: bool,
}

/// All sessions' media; threads end when it is dropped.
pub struct Graph {
    options: GraphOptions,
    out: Arc<dyn Out>,
    rooms: RwLock<HashMap<SessionId, Room>>,
    decoders: DecodePool,
    canvases: Pulse,
    mixes: Pulse,
}

impl Graph {
    /// Starts the threads.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(options: GraphOptions, out: Arc<dyn Out>) -> std::io::Result<Self> {
        Ok(Self {
            options,
            out,
            rooms: RwLock::default(),
            decoders: DecodePool::start(options.decode_threads)?,
            canvases: Pulse::start("canvas", options.canvas_threads)?,
            mixes: Pulse::start("mix", options.mix_threads)?,
        })
    }

    /// Begins a session's canvas and mix.
    pub fn open(&self, session: SessionId, spec: CanvasSpec) {
        let now = Instant::now();
        let canvas = Arc::new(CanvasDesk::default());
        let mixer = Arc::new(MixerDesk::default());
        let beat = Canvas::new(session, spec, self.options, canvas.clone(), self.out.clone(), now);
        self.canvases.add(now, Box::new(beat));
        match Mixer::new(session, mixer.clone(), self.out.clone(), now) {
            Ok(beat) => self.mixes.add(now, Box::new(beat)),
            Err(error) => tracing::error!(%session, %error, "the session has no sound"),
        }
        let room = Room {
            canvas,
            mixer,
            intakes: HashMap::new(),
            audio_video_sync: spec.audio_video_sync,
        };
        self.write().insert(session, room);
    }

    /// Ends a session's canvas and mix; nothing of them is kept.
    pub fn close(&self, session: SessionId) {
        if let Some(room) = self.write().remove(&session) {
            room.canvas.close();
            room.mixer.close();
        }
    }

    /// A place for a member's media; a second call gives a fresh one in place of the first.
    pub fn add_member(&self, session: SessionId, member: MemberId) -> Option<Intake> {
        let mut rooms = self.write();
        let room = rooms.get_mut(&session)?;
        let sync = room.audio_video_sync.then(Arc::default);
        let intake = Intake {
            picture: Arc::new(Track::new(sync.clone())),
            sound: Arc::new(SoundTrack::new(sync)),
        };
        if let Some(old) = room.intakes.insert(member, intake.clone()) {
            intake.picture.set_muted(old.picture.is_muted());
            intake.sound.set_muted(old.sound.is_muted());
        }
        room.canvas.tell(|news| news.tracks.push((member, Some(intake.picture.clone()))));
        room.mixer.tell(|news| news.sources.push((member, Some(intake.sound.clone()))));
        Some(intake)
    }

    /// A member's media is no more.
    pub fn remove_member(&self, session: SessionId, member: MemberId) {
        if let Some(room) = self.write().get_mut(&session) {
            room.intakes.remove(&member);
            room.canvas.tell(|news| news.tracks.push((member, None)));
            room.mixer.tell(|news| news.sources.push((member, None)));
        }
    }

    /// Switches a member's sound and picture on or off, whatever the client goes on sending.
    pub fn treat(&self, session: SessionId, member: MemberId, audio_off: bool, video_off: bool) {
        if let Some(intake) = self.read().get(&session).and_then(|r| r.intakes.get(&member)) {
            intake.sound.set_muted(audio_off);
            intake.picture.set_muted(video_off);
        }
    }

    /// Shows `plan` from the next tick on.
    pub fn show(&self, session: SessionId, plan: Arc<CanvasPlan>) {
        if let Some(room) = self.read().get(&session) {
            room.canvas.tell(|news| news.plan = Some(plan));
        }
    }

    /// Whether anybody receives the canvas in `codec`.
    pub fn want(&self, session: SessionId, codec: VideoCodec, is_wanted: bool) {
        if let Some(room) = self.read().get(&session) {
            room.canvas.tell(|news| news.wanted.push((codec, is_wanted)));
        }
    }

    /// Makes the next canvas frame of `codec` a key frame.
    pub fn want_keyframe(&self, session: SessionId, codec: VideoCodec) {
        if let Some(room) = self.read().get(&session) {
            room.canvas.tell(|news| news.keyframes.push(codec));
        }
    }

    /// Whether newcomers may have only the master codec now.
    pub fn takes_one_codec(&self, session: SessionId) -> bool {
        self.read().get(&session).is_some_and(|room| room.canvas.takes_one_codec())
    }

    /// Lets `leg` hear the session; everybody but `own`, if that is given.
    pub fn add_listener(&self, session: SessionId, leg: LegKey, own: Option<MemberId>) {
        if let Some(room) = self.read().get(&session) {
            room.mixer.tell(|news| news.listeners.push((leg, Some(own))));
        }
    }

    /// Lets `leg` hear nothing more.
    pub fn remove_listener(&self, session: SessionId, leg: LegKey) {
        if let Some(room) = self.read().get(&session) {
            room.mixer.tell(|news| news.listeners.push((leg, None)));
        }
    }

    /// Takes a member's picture.
    pub fn picture_in(&self, intake: &Intake, picture: crate::track::EncodedVideo) {
        if intake.picture.put(picture) {
            self.decoders.wake(intake.picture.clone());
        }
    }

    /// Figures of a session.
    pub fn figures(&self, session: SessionId) -> RoomFigures {
        self.read().get(&session).map_or_else(RoomFigures::default, |room| RoomFigures {
            ticks_skipped: room.canvas.ticks_skipped.load(Ordering::Relaxed),
            frames_encoded: room.canvas.frames_encoded.load(Ordering::Relaxed),
        })
    }

    /// Sessions with a canvas.
    pub fn sessions(&self) -> Vec<SessionId> {
        self.read().keys().copied().collect()
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<SessionId, Room>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<SessionId, Room>> {
        self.rooms.write().unwrap_or_else(PoisonError::into_inner)
    }
}
