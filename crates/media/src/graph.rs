//! The graph of all sessions: canvases, mixes, tracks and the threads they share.

use crate::budget::DecodeBudget;
use crate::canvas::Canvas;
use crate::canvas_desk::CanvasDesk;
use crate::decode_pool::DecodePool;
use crate::decode_queue::EncodedVideo;
use crate::delivery::Delivery;
use crate::intake::{Film, Intake};
use crate::leader::Overheard;
use crate::lending::Elsewhere;
use crate::listeners::Listener;
use crate::mixer::{Mixer, MixerDesk};
use crate::options::{CanvasSpec, GraphOptions};
use crate::out::Out;
use crate::overload_watch::{GraphLoad, Group, OverloadWatch, Situation};
use crate::pictures::Ask;
use crate::priority;
use crate::smaller::Tier;
use crate::snapshot::{Snapshot, Taker, WAITING};
use crate::sound_track::SoundTrack;
use crate::source::{Feed, Spring};
use crate::tap::{Tap, TapKey};
use crate::ticker::Ticker;
use crate::track::Track;
use rotunda_codec::VideoCodec;
use rotunda_domain::output::{MemberMedia, Tone};
use rotunda_domain::{CanvasPlan, LegKey, MemberId, SessionId, Size};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Figures of one session.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoomFigures {
    /// Canvas ticks that came too late and were left out.
    pub ticks_skipped: u64,
    /// Canvas frames encoded, both codecs counted.
    pub frames_encoded: u64,
    /// Pictures of members that were not decoded because they were beyond their sender's budget.
    pub pictures_over_budget: u64,
}

struct Room {
    canvas: Arc<CanvasDesk>,
    mixer: Arc<MixerDesk>,
    intakes: HashMap<MemberId, Intake>,
    /// Of everybody with a leg, until they are removed.
    media: HashMap<MemberId, MemberMedia>,
    /// What each person's pictures may cost, by whose they are.
    budgets: HashMap<MemberId, Arc<DecodeBudget>>,
    spec: CanvasSpec,
}

impl Room {
    fn ask_canvas(&self, (codec, tier): (VideoCodec, Tier), ask: impl FnOnce(Tier) -> Ask) {
        self.canvas.tell(|news| news.asked.push((codec, ask(tier))));
    }

    /// That of `owner`, as long as a track of theirs is there.
    fn budget(&mut self, owner: MemberId, per_second: u64) -> Arc<DecodeBudget> {
        self.budgets.retain(|_, budget| Arc::strong_count(budget) > 1);
        let fresh = || Arc::new(DecodeBudget::new(per_second));
        self.budgets.entry(owner).or_insert_with(fresh).clone()
    }

    fn end_intake(&mut self, member: MemberId) {
        if self.intakes.remove(&member).is_some() {
            self.canvas.tell(|news| news.tracks.push((member, None)));
            self.mixer.tell(|news| news.sources.push((member, None)));
        }
    }
}

/// All sessions' media; threads end when it is dropped.
pub struct Graph {
    options: GraphOptions,
    out: Arc<dyn Out>,
    rooms: RwLock<HashMap<SessionId, Room>>,
    decoders: DecodePool,
    canvases: Ticker,
    mixes: Ticker,
    situation: Arc<Situation>,
}

impl Graph {
    /// Starts the threads.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(options: GraphOptions, out: Arc<dyn Out>) -> std::io::Result<Self> {
        rotunda_codec::give_back_what_is_freed();
        let graph = Self {
            options,
            out,
            rooms: RwLock::default(),
            decoders: DecodePool::start(options.decode_threads)?,
            canvases: Ticker::start("canvas", options.canvas_threads, priority::stand_back)?,
            mixes: Ticker::start("mix", options.mix_threads, || ())?,
            situation: Arc::default(),
        };
        graph.watch_load();
        Ok(graph)
    }

    fn watch_load(&self) {
        let (options, now) = (&self.options, Instant::now());
        let groups = [
            Group::decoders(self.decoders.load(), options.decode_threads),
            Group::canvases(self.canvases.load(), options.canvas_threads),
            Group::mixes(self.mixes.load(), options.mix_threads),
        ];
        let watch = OverloadWatch::new(groups, self.situation.clone(), now);
        self.mixes.add(now, Box::new(watch));
    }

    /// Begins a session's canvas and mix.
    pub fn open(&self, session: SessionId, spec: CanvasSpec) {
        let now = Instant::now();
        let canvas = Arc::new(CanvasDesk::default());
        let mixer = Arc::new(MixerDesk::default());
        let name_banners = spec.name_banners.unwrap_or(self.options.name_banners);
        let options = GraphOptions { name_banners, ..self.options };
        let delivery = Delivery { session, out: self.out.clone(), desk: canvas.clone() };
        let situation = self.situation.clone();
        let beat = Canvas::new(spec, options, delivery, self.elsewhere(), situation, now);
        self.canvases.add(now, Box::new(beat));
        let out = Arc::new(Overheard { out: self.out.clone(), desk: canvas.clone() });
        let beat = Mixer::new(session, mixer.clone(), out, now);
        self.mixes.add(now, Box::new(beat));
        let (intakes, media, budgets) = (HashMap::new(), HashMap::new(), HashMap::new());
        let room = Room { canvas, mixer, intakes, media, budgets, spec };
        self.write().insert(session, room);
    }

    /// The threads of the canvases, for the second codec of one.
    fn elsewhere(&self) -> Elsewhere {
        let threads = self.canvases.threads();
        Arc::new(move |beat| threads.run(beat))
    }

    /// Ends a session's canvas and mix; nothing of them is kept.
    pub fn close(&self, session: SessionId) {
        if let Some(room) = self.write().remove(&session) {
            room.canvas.close();
            room.mixer.close();
        }
    }

    /// A place for a member's media; a second call gives a fresh one in place of the first, treated
    /// as the first was. `owner` does not hear it: the member, or whose screen or device it is.
    pub fn add_member(
        &self,
        session: SessionId,
        member: MemberId,
        owner: MemberId,
    ) -> Option<Intake> {
        let mut rooms = self.write();
        let room = rooms.get_mut(&session)?;
        let sync = room.spec.audio_video_sync.then(Arc::default);
        let track = if owner == member { Track::camera } else { Track::new };
        let budget = room.budget(owner, self.options.decode_pixels_per_second);
        let intake = Intake {
            picture: Arc::new(track(sync.clone()).within(budget)),
            sound: Arc::new(SoundTrack::new(sync)),
        };
        if let Some(media) = room.media.get(&member) {
            intake.apply_media(media);
        }
        room.intakes.insert(member, intake.clone());
        room.canvas.tell(|news| news.tracks.push((member, Some(intake.picture.clone()))));
        let feed = Feed { owner, spring: Spring::Member(intake.sound.clone()) };
        room.mixer.tell(|news| news.sources.push((member, Some(feed))));
        Some(intake)
    }

    /// A place for something that is played; it is seen where the plan says and heard by everybody,
    /// as loud as the treatment of `member` says.
    pub fn add_film(&self, session: SessionId, member: MemberId) -> Option<Film> {
        let rooms = self.read();
        let room = rooms.get(&session)?;
        let Size { width, height } = room.spec.size();
        let film = Film {
            picture: Arc::new(Track::played()),
            sound: Arc::default(),
            canvas: (width, height),
            fps: room.spec.fps,
        };
        room.canvas.tell(|news| news.tracks.push((member, Some(film.picture.clone()))));
        let feed = Feed { owner: member, spring: Spring::Played(film.sound.clone()) };
        room.mixer.tell(|news| news.sources.push((member, Some(feed))));
        Some(film)
    }

    /// Ends what [`Graph::add_film`] began.
    pub fn remove_film(&self, session: SessionId, member: MemberId) {
        self.remove_member(session, member);
        if let Some(room) = self.read().get(&session) {
            room.canvas.tell(|news| news.tracks.push((member, None)));
            room.mixer.tell(|news| news.sources.push((member, None)));
        }
    }

    /// Nothing more is taken of a member, who may go on listening; how they are treated is kept.
    pub fn end_intake(&self, session: SessionId, member: MemberId) {
        if let Some(room) = self.write().get_mut(&session) {
            room.end_intake(member);
        }
    }

    /// A member is no more, and how they were treated is forgotten.
    pub fn remove_member(&self, session: SessionId, member: MemberId) {
        if let Some(room) = self.write().get_mut(&session) {
            room.end_intake(member);
            room.media.remove(&member);
            room.mixer.tell(|news| {
                news.media.insert(member, None);
            });
        }
    }

    /// Treats a member so, whatever the client goes on sending, until they are removed; members
    /// whose media is not there yet, and who only listen, too.
    pub fn apply_media(&self, session: SessionId, media: &MemberMedia) {
        // To switch a camera waits for the picture that is being decoded; not under the lock.
        if let Some(intake) = self.note(session, media) {
            intake.apply_media(media);
        }
    }

    fn note(&self, session: SessionId, media: &MemberMedia) -> Option<Intake> {
        let mut rooms = self.write();
        let room = rooms.get_mut(&session)?;
        let member = media.member;
        room.media.insert(member, *media);
        room.mixer.tell(|news| {
            news.media.insert(member, Some(*media));
        });
        room.intakes.get(&member).cloned()
    }

    /// Lets everybody who hears the session hear that somebody came or went.
    pub fn play(&self, session: SessionId, tone: Tone) {
        if let Some(room) = self.read().get(&session) {
            room.mixer.tell(|news| news.tone = Some(tone));
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
            room.ask_canvas((codec, Tier::Master), |tier| Ask::Want(tier, is_wanted));
        }
    }

    /// Makes the next canvas frame of this codec and size a key frame.
    pub fn want_keyframe(&self, session: SessionId, stream: (VideoCodec, Tier)) {
        if let Some(room) = self.read().get(&session) {
            room.ask_canvas(stream, Ask::Keyframe);
        }
    }

    /// Whether anybody receives this smaller picture.
    pub fn want_smaller(&self, session: SessionId, stream: (VideoCodec, Tier), is_wanted: bool) {
        if let Some(room) = self.read().get(&session) {
            room.ask_canvas(stream, |tier| Ask::Want(tier, is_wanted));
        }
    }

    /// Gives a smaller picture so many bits a second from now on.
    pub fn set_bitrate(&self, session: SessionId, stream: (VideoCodec, Tier), bps: u32) {
        if let Some(room) = self.read().get(&session) {
            room.ask_canvas(stream, |tier| Ask::Bitrate(tier, bps));
        }
    }

    /// Lets `leg` hear a voice for narrow and lossy lines, or the usual one again.
    pub fn set_voice(&self, session: SessionId, leg: LegKey, is_speech: bool) {
        if let Some(room) = self.read().get(&session) {
            room.mixer.tell(|news| news.voices.push((leg, is_speech)));
        }
    }

    /// What the machine has given up for want of time, and what its threads did.
    pub fn load(&self) -> GraphLoad {
        GraphLoad {
            step: self.situation.step(),
            steps_down: self.situation.steps_down(),
            decode: self.decoders.load().read().worked,
            canvas: self.canvases.load().read().worked,
            mix: self.mixes.load().read().worked,
        }
    }

    /// Lets `leg` of `member` hear the session, except what is `owner`'s.
    pub fn add_listener(&self, session: SessionId, leg: LegKey, member: MemberId, owner: MemberId) {
        if let Some(room) = self.read().get(&session) {
            room.mixer.tell(|news| news.listeners.push((leg, Some(Listener { member, owner }))));
        }
    }

    /// Lets `leg` hear nothing more.
    pub fn remove_listener(&self, session: SessionId, leg: LegKey) {
        if let Some(room) = self.read().get(&session) {
            room.mixer.tell(|news| news.listeners.push((leg, None)));
        }
    }

    /// Gives `tap` the canvas in H.264, from a key frame on and with one at least every
    /// `keyframes_every`, and the whole mix, until [`Graph::untap`] or the session's end. Answers
    /// false for a session that is not there.
    pub fn tap(
        &self,
        session: SessionId,
        key: TapKey,
        tap: Arc<dyn Tap>,
        keyframes_every: Duration,
    ) -> bool {
        let rooms = self.read();
        let Some(room) = rooms.get(&session) else { return false };
        room.mixer.tell(|news| news.taps.push((key, Some(tap.clone()))));
        room.canvas.tell(|news| news.taps.push((key, Some((tap, keyframes_every)))));
        true
    }

    /// Gives a tap nothing more, but for what is on its way.
    pub fn untap(&self, session: SessionId, key: TapKey) {
        if let Some(room) = self.read().get(&session) {
            room.mixer.tell(|news| news.taps.push((key, None)));
            room.canvas.tell(|news| news.taps.push((key, None)));
        }
    }

    /// Has `take` given a copy of the canvas as the next tick draws it, `width` pixels wide. Answers
    /// false for a session that is not there, and where too many look already.
    pub fn look(&self, session: SessionId, width: u32, take: Taker) -> bool {
        let rooms = self.read();
        let Some(room) = rooms.get(&session) else { return false };
        let mut is_taken = false;
        room.canvas.tell(|news| {
            is_taken = news.looks.len() < WAITING;
            news.looks.extend(is_taken.then(|| Snapshot::new(width, take)));
        });
        is_taken
    }

    /// Takes a member's picture.
    pub fn picture_in(&self, intake: &Intake, picture: EncodedVideo) {
        if intake.picture.put(picture) {
            self.decoders.wake(intake.picture.clone());
        }
    }

    /// Figures of a session.
    pub fn figures(&self, session: SessionId) -> RoomFigures {
        self.read().get(&session).map_or_else(RoomFigures::default, |room| RoomFigures {
            ticks_skipped: room.canvas.ticks_skipped.load(Ordering::Relaxed),
            frames_encoded: room.canvas.frames_encoded.load(Ordering::Relaxed),
            pictures_over_budget: room.canvas.pictures_over_budget.load(Ordering::Relaxed),
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

#[cfg(test)]
#[path = "graph_tests.rs"]
mod tests;
