//! The engine inside this process: where legs (`rtc`) and the graph (`media`) meet.
//!
//! `media` never calls `rtc` and the other way round; both speak to this file.

mod down;
mod line;
mod playbacks;
mod recordings;
mod streams;
mod up;

use crate::legs::{LegEntry, Legs};
use crate::{CanvasSpec, Engine, EngineEvents, EngineRefusal, LegAnswer, LegRequest};
use rotunda_domain::output::{MemberMedia, Tone};
use rotunda_domain::{
    CanvasPlan, Cast, LegKey, PlaybackId, PlaybackOrder, RecordingId, RecordingOrder, SessionId,
    StreamId, StreamTarget,
};
use rotunda_media::{Graph, GraphLoad, GraphOptions, RoomFigures, Step, Taker, VideoCodec};
use rotunda_outbound::{Fetcher, OutboundOptions};
use rotunda_outputs::Outputs;
use rotunda_playback::Playbacks;
use rotunda_rtc::{self as rtc, Net, NetConfig, NetError, NetJoin, Offer};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Instant;

/// What the native engine is to do.
#[derive(Clone, Debug)]
pub struct NativeOptions {
    /// Sockets and candidates.
    pub net: NetConfig,
    /// Pictures and sound.
    pub graph: GraphOptions,
    /// The `ffmpeg` program, a path or a name.
    pub ffmpeg: String,
    /// Most playbacks of all sessions together.
    pub max_playbacks: usize,
    /// This very program, if it can fence its children.
    pub fence: Option<PathBuf>,
    /// What may be reached outside, for films and streams.
    pub reach: OutboundOptions,
}

/// State that the threads of both sides share.
struct Shared {
    legs: RwLock<Legs>,
    net: OnceLock<Net>,
    graph: OnceLock<Graph>,
    events: Arc<dyn EngineEvents>,
    h264: bool,
    ffmpeg: String,
    fence: Option<PathBuf>,
    /// Made when the program is first found: it may be installed while we run.
    outputs: OnceLock<Outputs>,
    playbacks: Playbacks,
    fetcher: Fetcher,
    /// Figures of the canvases that are no more: a sum over sessions that run would fall when one ends.
    past: Mutex<RoomFigures>,
}

/// The engine inside this process.
pub struct Native {
    shared: Arc<Shared>,
    join: Mutex<Option<NetJoin>>,
}

impl Native {
    /// Binds the sockets and starts the threads.
    ///
    /// # Errors
    /// A socket cannot be bound, a thread cannot be had, or the certificate
    /// authorities that were named cannot be used.
    pub fn start(options: NativeOptions, events: Arc<dyn EngineEvents>) -> Result<Self, NetError> {
        let fetcher = Fetcher::open(options.reach)
            .map_err(|error| NetError::Thread(std::io::Error::other(error)))?;
        let (ffmpeg, most) = (options.ffmpeg.clone(), options.max_playbacks);
        let playbacks = Playbacks::new(fetcher.clone(), ffmpeg, most, options.fence.clone());
        let shared = Arc::new(Shared {
            legs: RwLock::default(),
            net: OnceLock::new(),
            graph: OnceLock::new(),
            events,
            h264: options.net.h264,
            ffmpeg: options.ffmpeg,
            fence: options.fence,
            outputs: OnceLock::new(),
            playbacks,
            fetcher,
            past: Mutex::default(),
        });
        let graph = Graph::start(options.graph, Arc::new(down::Down(Arc::downgrade(&shared))))
            .map_err(NetError::Thread)?;
        let _ = shared.graph.set(graph);
        let up = Arc::new(up::Up(Arc::downgrade(&shared)));
        let (net, join) = Net::start(options.net, up)?;
        let _ = shared.net.set(net);
        Ok(Self { shared, join: Mutex::new(Some(join)) })
    }

    /// The network side, for addresses and counters.
    pub fn net(&self) -> &Net {
        self.shared.net()
    }

    /// Figures of a session's canvas.
    pub fn figures(&self, session: SessionId) -> RoomFigures {
        self.shared.graph().figures(session)
    }

    /// Legs that are given each size of their canvas, under the size's name.
    pub fn legs_by_picture(&self) -> [(&'static str, usize); 4] {
        let rungs = [rtc::Rung::Master, rtc::Rung::Half, rtc::Rung::Quarter, rtc::Rung::Sound];
        let counts = self.shared.read(|legs| legs.by_rung(rungs));
        std::array::from_fn(|n| (line::size(rungs[n]).as_str().unwrap_or("none"), counts[n]))
    }

    /// The same, of all sessions since the start together.
    pub fn canvas_figures(&self) -> RoomFigures {
        let graph = self.shared.graph();
        // Held throughout: nobody's figures are counted twice, or not at all.
        let past = self.shared.past();
        let running = graph.sessions().into_iter().map(|session| graph.figures(session));
        running.fold(*past, sum)
    }

    /// What the threads of pictures and sound have to do, and what is given up for want of time.
    pub fn load(&self) -> GraphLoad {
        self.shared.graph().load()
    }

    /// Ends the network thread; every leg gets its goodbye.
    pub fn stop(&self) {
        let join = self.join.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(join);
    }
}

fn sum(one: RoomFigures, other: RoomFigures) -> RoomFigures {
    RoomFigures {
        ticks_skipped: one.ticks_skipped + other.ticks_skipped,
        frames_encoded: one.frames_encoded + other.frames_encoded,
        pictures_over_budget: one.pictures_over_budget + other.pictures_over_budget,
    }
}

impl Shared {
    fn past(&self) -> MutexGuard<'_, RoomFigures> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn net(&self) -> &Net {
        self.net.get().expect("set in start, before anybody holds the engine")
    }

    fn graph(&self) -> &Graph {
        self.graph.get().expect("set in start, before anybody holds the engine")
    }

    fn read<T>(&self, look: impl FnOnce(&Legs) -> T) -> T {
        look(&self.legs.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, change: impl FnOnce(&mut Legs) -> T) -> T {
        change(&mut self.legs.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// The codec a leg is to receive: the master where it takes it, the other one otherwise.
    fn codec_for(
        &self,
        session: SessionId,
        answer: &rtc::Answer,
    ) -> Result<Option<VideoCodec>, EngineRefusal> {
        if !answer.client_receives_video {
            return Ok(None);
        }
        if self.h264 && answer.takes_h264 {
            return Ok(Some(VideoCodec::H264));
        }
        let masters = self.read(|legs| legs.receivers(session, VideoCodec::H264));
        let seconds = self.read(|legs| legs.receivers(session, VideoCodec::Vp8));
        if masters > 0 && seconds == 0 && self.graph().load().step >= Step::OneCodec {
            let text = "the server is too busy for a second video codec: offer H.264";
            return Err(EngineRefusal::Busy(text.into()));
        }
        Ok(Some(VideoCodec::Vp8))
    }

    fn release(&self, leg: LegKey) {
        self.net().close(to_rtc(leg));
        let Some(removed) = self.write(|legs| legs.remove(leg, Instant::now())) else { return };
        let (graph, entry) = (self.graph(), removed.entry);
        graph.remove_listener(entry.session, leg);
        // A newer leg of the same member has the intake already, and this one none.
        if removed.was_last_leg {
            graph.remove_member(entry.session, entry.member);
        } else if entry.intake.is_some() {
            graph.end_intake(entry.session, entry.member);
        }
        if let Some(codec) = entry.receives.filter(|_| removed.was_last_receiver) {
            graph.want(entry.session, codec, false);
        }
    }

    /// What a member may not receive on their latest leg goes to their older ones no more: who was
    /// demoted need not hang those up.
    fn narrow_beside(&self, latest: LegKey, (audio, video): (bool, bool)) {
        for leg in self.read(|legs| legs.beside(latest)) {
            self.turn(leg, |entry| {
                entry.may_receive_audio &= audio;
                entry.may_receive_video &= video;
            });
        }
    }

    /// A leg receives what its latest offer asks for and may be sent, unless it is on hold.
    fn turn(&self, leg: LegKey, change: impl FnOnce(&mut LegEntry)) {
        let turned = self.write(|legs| {
            let turned = legs.turn(leg, change)?;
            Some((turned, legs.get(leg)?.clone()))
        });
        let Some((turned, entry)) = turned else { return };
        let (graph, session) = (self.graph(), entry.session);
        for (codec, is_wanted) in [(turned.ended, false), (turned.first, true)] {
            codec.into_iter().for_each(|codec| graph.want(session, codec, is_wanted));
        }
        if turned.picture_changed {
            let stream = entry.receives;
            let stream = stream.and_then(|codec| self.read(|legs| legs.stream(session, codec)));
            self.net().subscribe(to_rtc(leg), stream);
        }
        match turned.listening {
            Some(true) => {
                graph.add_listener(session, leg, entry.member, entry.owner);
                graph.set_voice(session, leg, entry.is_speech);
            }
            Some(false) => graph.remove_listener(session, leg),
            None => {}
        }
    }
}

impl Engine for Native {
    fn open(&self, session: SessionId, spec: CanvasSpec) {
        self.shared.write(|legs| legs.open(session));
        self.shared.graph().open(session, spec);
    }

    fn close(&self, session: SessionId) {
        if let Some(outputs) = self.shared.outputs.get() {
            outputs.close(session);
        }
        {
            let mut past = self.shared.past();
            *past = sum(*past, self.shared.graph().figures(session));
            self.shared.graph().close(session);
        }
        let (legs, streams) = self.shared.write(|legs| legs.close(session, Instant::now()));
        for leg in legs {
            self.shared.net().close(to_rtc(leg));
        }
        for stream in streams {
            self.shared.net().drop_stream(stream);
        }
    }

    fn answer(&self, request: LegRequest) -> Result<LegAnswer, EngineRefusal> {
        let shared = &self.shared;
        let now = Instant::now();
        let rung = shared.read(|legs| legs.begins_with(request.member, &request.person, now));
        let offer = Offer {
            sdp: request.sdp,
            receive_from_client: request.may_send,
            send_audio: request.may_receive_audio,
            send_video: request.may_receive_video,
            accept_audio: request.takes_audio,
            accept_video: request.takes_video,
            allow_h264: shared.h264,
            rung,
            audio_first: request.audio_first,
        };
        let key = to_rtc(request.leg);
        let answer = shared.net().answer(key, &offer)?;
        let receives = match shared.codec_for(request.session, &answer) {
            Ok(codec) => codec,
            Err(refusal) => {
                shared.net().close(key);
                return Err(refusal);
            }
        };
        let (session, member, owner) = (request.session, request.member, request.owner);
        let intake = if request.may_send {
            shared.graph().add_member(session, member, owner)
        } else {
            // Demoted: what the old leg goes on sending is taken no more.
            shared.graph().end_intake(session, member);
            None
        };
        let entry = LegEntry {
            session,
            member,
            person: request.person,
            owner,
            intake,
            may_receive_audio: request.may_receive_audio,
            may_receive_video: request.may_receive_video,
            audio_first: request.audio_first,
            takes_audio: request.takes_audio,
            takes_video: request.takes_video,
            takes: (receives, answer.client_receives_audio),
            is_held: false,
            receives,
            listens: answer.client_receives_audio,
            is_speech: false,
            rung: None,
            is_up: false,
            awaits: (answer.client_sends_audio, answer.client_sends_video),
        };
        let is_first = shared.write(|legs| legs.add(request.leg, entry));
        if let Some(codec) = receives {
            if is_first {
                shared.graph().want(request.session, codec, true);
            }
            shared.net().subscribe(key, shared.read(|legs| legs.stream(request.session, codec)));
        }
        shared.narrow_beside(request.leg, (request.may_receive_audio, request.may_receive_video));
        Ok(LegAnswer { sdp: answer.sdp, fingerprint: answer.fingerprint, is_held: false })
    }

    fn renegotiate(&self, leg: LegKey, sdp: String) -> Result<LegAnswer, EngineRefusal> {
        let entry = self.shared.read(|legs| legs.get(leg).cloned());
        let entry = entry.ok_or(EngineRefusal::UnknownLeg)?;
        let offer = Offer {
            receive_from_client: entry.intake.is_some(),
            send_audio: entry.may_receive_audio,
            send_video: entry.may_receive_video,
            accept_audio: entry.takes_audio,
            accept_video: entry.takes_video,
            allow_h264: self.shared.h264,
            rung: rtc::Rung::Master,
            audio_first: entry.audio_first,
            sdp,
        };
        let answer = self.shared.net().renegotiate(to_rtc(leg), offer)?;
        // Who is in already is not turned away for want of time; only newcomers are.
        let codec = self.shared.codec_for(entry.session, &answer);
        let takes = (codec.unwrap_or(Some(VideoCodec::Vp8)), answer.client_receives_audio);
        self.shared.turn(leg, |entry| entry.takes = takes);
        let is_held = self.shared.read(|legs| legs.get(leg).is_some_and(|entry| entry.is_held));
        Ok(LegAnswer { sdp: answer.sdp, fingerprint: answer.fingerprint, is_held })
    }

    fn hold(&self, leg: LegKey, held: bool) {
        self.shared.turn(leg, |entry| entry.is_held = held);
    }

    fn release(&self, leg: LegKey) {
        self.shared.release(leg);
    }

    fn show(&self, session: SessionId, plan: Arc<CanvasPlan>) {
        self.shared.graph().show(session, plan);
    }

    fn apply_media(&self, session: SessionId, media: MemberMedia) {
        // Of somebody whose offer was refused nothing is kept.
        if self.shared.read(|legs| legs.has(session, media.member)) {
            self.shared.graph().apply_media(session, &media);
        }
    }

    fn playback_hindrance(&self, url: &str) -> Option<EngineRefusal> {
        playbacks::hindrance(&self.shared, url)
    }

    fn playback(&self, session: SessionId, playback: PlaybackId, order: PlaybackOrder) {
        playbacks::carry_out(&self.shared, session, playback, order);
    }

    fn play(&self, session: SessionId, tone: Tone) {
        self.shared.graph().play(session, tone);
    }

    fn stream_hindrance(&self, target: &StreamTarget) -> Option<EngineRefusal> {
        streams::hindrance(&self.shared, target)
    }

    fn stream(&self, session: SessionId, stream: StreamId, cast: Cast) {
        streams::carry_out(&self.shared, session, stream, cast);
    }

    fn recording_hindrance(&self) -> Option<EngineRefusal> {
        recordings::outputs(&self.shared).err()
    }

    fn control_recording(
        &self,
        session: SessionId,
        recording: RecordingId,
        order: RecordingOrder,
        path: PathBuf,
    ) {
        recordings::control_recording(&self.shared, session, recording, order, path);
    }

    fn open_recordings(&self) -> usize {
        self.shared.outputs.get().map_or(0, Outputs::open_recordings)
    }

    fn look(&self, session: SessionId, width: u32, take: Taker) -> bool {
        self.shared.graph().look(session, width, take)
    }

    fn is_ready(&self) -> bool {
        self.shared.net().udp_is_usable()
    }
}

fn to_rtc(leg: LegKey) -> rtc::LegKey {
    rtc::LegKey(leg.0)
}

fn from_rtc(leg: rtc::LegKey) -> LegKey {
    LegKey(leg.0)
}

#[cfg(test)]
#[path = "native_tests.rs"]
mod tests;
