//! One peer connection and what belongs to it. It refuses to know sockets, other legs and streams;
//! time is an argument.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rotunda_throttle::Bucket;
use str0m::media::{KeyframeRequestKind, MediaTime, Mid, Pt, Rid};
use str0m::rtp::RtpWrite;
use str0m::{Input, Rtc};

use crate::adaptation::Adaptation;
use crate::clock::OutClock;
use crate::command::SoundPart;
use crate::directory::{CHECKS, CONNECT_TIME};
use crate::fanout::Receiver;
use crate::gauge::Gauge;
use crate::keyframe_budget::KeyframeBudget;
use crate::keyframe_requests::KeyframeRequests;
use crate::layers::Layers;
use crate::line_watch::LineWatch;
use crate::liveness::Liveness;
use crate::met::{Met, Try};
use crate::negotiate::{Lines, Negotiated};
use crate::outlet::Path;
use crate::redundancy::Repeats;
use crate::sender_line::SenderLine;
use crate::{Closed, LegKey, MediaKind, Picture, VideoCodec};

/// The stack calls a silent peer disconnected after 15 s; with this the whole makes the 30 s of
/// RFC 7675 §5.1.
pub(crate) const LOST_TIME: Duration = Duration::from_secs(15);
/// A receiver estimated maximum bitrate holds at the sender only if repeated.
const REMB_EVERY: Duration = Duration::from_secs(1);
/// Packets kept for whoever lost one, and how long. The stack keeps three seconds; each packet costs
/// a third of a kilobyte of bookkeeping per receiver though its payload is shared, in a buffer whose
/// size is a power of two: 512 places were half of a viewer's memory. 240 are a second at 2 Mbit/s
/// and half of one at 4; whoever asks later than this is better served by a key frame.
const HISTORY: (usize, Duration) = (240, Duration::from_secs(1));
/// What of the sent bytes may be repeats: at a fifth of loss a quarter is asked for again, and some of
/// that twice. Repeats into a full queue are left out before they leave ([`Leg::drain`]).
const REPEATS: f32 = 0.5;
/// Addresses a peer may be known under at a time; the oldest is forgotten first.
pub(crate) const MAX_PATHS: usize = 20;
/// Media packets of one client at once, and then one per this long: 8000 a second are 75 Mbit/s in
/// packets of 1200 bytes, three cameras of 4K. What is more is dropped undeciphered.
const FLOOD: (u32, Duration) = (4000, Duration::from_micros(125));

/// Whether pictures wait for the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    No,
    /// They do, and the leg is to stand in the row of those for whom they do.
    Asked,
    /// It stands there.
    Listed,
}

pub(crate) struct Leg {
    pub key: LegKey,
    pub rtc: Rtc,
    pub lines: Lines,
    pub fingerprint: String,
    pub stream_id: String,
    /// Our own ICE user fragment, by which strangers' checks find this leg.
    pub ufrag: String,
    pub receiver: Receiver,
    pub hold: Hold,
    pub keyframe_budget: KeyframeBudget,
    /// What its line is given.
    pub adaptation: Adaptation,
    /// How good its line is.
    pub line: LineWatch,
    /// When its client was last sent a DTLS record, until the round trip of one is known.
    dtls_sent: Option<Instant>,
    dtls_rtt: Option<Duration>,
    /// When the queue of its line has emptied, and its next picture can begin.
    pub joins_at: Option<Instant>,
    sound_clock: OutClock,
    /// When the stack wants to be called.
    pub rtc_deadline: Instant,
    /// The deadline under which this leg stands in the schedule.
    pub scheduled: Option<Instant>,
    pub connected: bool,
    pub connect_by: Instant,
    /// Since when ICE has had no path.
    pub bad_since: Option<Instant>,
    /// Whether anything comes.
    pub liveness: Liveness,
    /// Lost: nothing is sent.
    pub paused: bool,
    /// Over; to be removed.
    pub gone: Option<Closed>,
    /// Ended by our side: its end is no news.
    pub closing: bool,
    /// RTP times of the last sound and picture received, to extend sender reports by.
    pub last_sound: u64,
    pub last_picture: u64,
    /// Which layer of its picture is taken.
    pub layers: Layers,
    pub pli: KeyframeRequests,
    pub uplink: Option<u64>,
    /// What its client's line leaves for the picture.
    pub sender_line: SenderLine,
    pub remb_at: Option<Instant>,
    /// Where media goes.
    pub path: Option<Path>,
    pub known_paths: Vec<Path>,
    /// Checks from addresses not yet known.
    pub checks: Bucket,
    /// New addresses.
    pub new_paths: Bucket,
    /// Media packets, before anything is deciphered.
    pub flood: Bucket,
    /// Errors of the stack in a row.
    pub errors: u32,
    /// Whether sound and pictures have come.
    pub begun: [bool; 2],
    /// Sources the stack was told of by us.
    met: Met,
}

impl Leg {
    pub fn new(key: LegKey, agreed: Negotiated, now: Instant) -> Self {
        let Negotiated { mut rtc, lines, fingerprint, stream_id, rung } = agreed;
        let ufrag = rtc.direct_api().local_ice_credentials().ufrag;
        Self {
            key,
            rtc,
            lines,
            fingerprint,
            stream_id,
            ufrag,
            receiver: Receiver::new(),
            hold: Hold::No,
            keyframe_budget: KeyframeBudget::new(),
            adaptation: Adaptation::new(rung),
            line: LineWatch::default(),
            joins_at: None,
            dtls_sent: None,
            dtls_rtt: None,
            sound_clock: OutClock::new(48_000),
            rtc_deadline: now,
            scheduled: None,
            connected: false,
            connect_by: now + CONNECT_TIME,
            bad_since: None,
            liveness: Liveness::default(),
            paused: false,
            gone: None,
            closing: false,
            last_sound: 0,
            last_picture: 0,
            layers: Layers::default(),
            pli: KeyframeRequests::default(),
            uplink: None,
            sender_line: SenderLine::default(),
            remb_at: None,
            path: None,
            known_paths: Vec::new(),
            checks: Bucket::every(CHECKS.0, CHECKS.1),
            new_paths: Bucket::every(MAX_PATHS as u32, Duration::from_secs(30)),
            flood: Bucket::every(FLOOD.0, FLOOD.1),
            errors: 0,
            begun: [false; 2],
            met: Met::new(),
        }
    }

    /// Whether media may be sent to it now.
    pub fn is_up(&self) -> bool {
        self.connected && !self.paused && self.gone.is_none()
    }

    /// Bounds what is kept for receivers who lost packets, and forgets what is kept; before the first
    /// picture, and when another begins.
    pub fn bound_history(&mut self) {
        let Some(mid) = self.lines.video_mid else {
            return;
        };
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            let (packets, age) = HISTORY;
            stream.set_rtx_cache(packets, age, Some(REPEATS));
        }
    }

    /// Hands these of the picture's packets to the stack with our own sequence and `ts`. False if this
    /// client does not take the codec or gets no pictures.
    pub fn write_picture(
        &mut self,
        picture: &Picture,
        packets: Range<usize>,
        ts: u64,
        now: Instant,
    ) -> bool {
        let pt = match picture.codec {
            VideoCodec::Vp8 => self.lines.vp8,
            VideoCodec::H264 => self.lines.h264,
        };
        let (Some(pt), Some(mid)) = (pt, self.lines.video_mid) else {
            return false;
        };
        let Self { rtc, receiver, adaptation, .. } = self;
        let mut api = rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, None) else {
            return false;
        };
        for i in packets {
            let Some(payload) = picture.packets.get(i) else { break };
            let seq = receiver.clock.next_seq().into();
            let last = i + 1 == picture.packets.len();
            // The wire carries the low 32 bits of the timestamp.
            let packet = RtpWrite::new(pt, seq, ts as u32, now, payload.clone());
            let packet = packet.marker(last).nackable(true);
            let values = if i == 0 { adaptation.playout_delay() } else { None };
            stream.write_rtp(match values {
                Some(values) => packet.ext_vals(values),
                None => packet,
            });
        }
        true
    }

    /// Hands one Opus packet to the stack, with those before it that its line makes worth repeating.
    pub fn write_sound(
        &mut self,
        part: &SoundPart,
        repeats: &mut Repeats,
        ts_48khz: u64,
        now: Instant,
    ) {
        let (true, Some(opus), Some(mid)) =
            (self.lines.gives_audio, self.lines.opus, self.lines.audio_mid)
        else {
            return;
        };
        let distances = self.adaptation.redundancy.distances();
        match self.lines.red.filter(|_| !distances.is_empty()) {
            Some(red) => {
                let payload = repeats.payload(*opus, distances, (&part.payload, &part.past));
                self.write_sound_to(mid, red, &payload, ts_48khz, now);
            }
            None => self.write_sound_to(mid, opus, &part.payload, ts_48khz, now),
        }
    }

    fn write_sound_to(&mut self, mid: Mid, pt: Pt, payload: &Arc<[u8]>, ts: u64, now: Instant) {
        let Self { rtc, sound_clock, .. } = self;
        let mut api = rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, None) else {
            return;
        };
        let seq = sound_clock.next_seq().into();
        let ts = sound_clock.stamp(ts, now);
        stream.write_rtp(RtpWrite::new(pt, seq, ts as u32, now, payload.clone()));
    }

    /// A DTLS record leaves or comes: before it is up, the shortest time between the two is the only
    /// round trip of an empty line that is ever seen.
    pub fn handshake(&mut self, is_sent: bool, now: Instant) {
        if self.connected {
            return;
        }
        if is_sent {
            self.dtls_sent = Some(now);
        } else if let Some(sent) = self.dtls_sent.take() {
            let took = now.saturating_duration_since(sent);
            self.dtls_rtt = Some(self.dtls_rtt.map_or(took, |least| least.min(took)));
        }
    }

    /// It is up.
    pub fn connect(&mut self, now: Instant) {
        self.connected = true;
        self.bound_history();
        self.liveness.begin(now);
        self.adaptation.gauge = Gauge::new(self.dtls_rtt);
    }

    /// Whether redundant sound can be sent to it.
    pub fn reads_red(&self) -> bool {
        self.lines.red.is_some() && self.lines.gives_audio
    }

    /// What is written leaves only when the stack is told the time.
    pub fn tell_time(&mut self, now: Instant) {
        if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
            self.refused(&error);
        }
    }

    /// The stack returned an error. One in a packet of a stranger's making means nothing; an
    /// endless row of them means it cannot go on.
    pub fn refused(&mut self, error: &str0m::RtcError) {
        let class = class_of(error);
        tracing::debug!(leg = self.key.0, class, "the WebRTC stack refused something");
    }

    /// Sends a picture loss indication to the client. False if it has not sent a picture yet.
    pub fn send_pli(&mut self, now: Instant) -> bool {
        let Some(mid) = self.lines.video_mid else {
            return false;
        };
        let rid = self.wanted(now);
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_rx_by_mid(mid, rid) else {
            return false;
        };
        stream.request_keyframe(KeyframeRequestKind::Pli);
        true
    }

    /// Does what this leg's own timers (not the stack's) are due for. True if a PLI was sent.
    pub fn own_timers(&mut self, now: Instant) -> bool {
        if !self.connected && self.connect_by <= now {
            self.gone = Some(Closed::NotConnected);
        }
        if self.bad_since.is_some_and(|since| since + LOST_TIME <= now) {
            self.gone = Some(Closed::Lost);
        }
        self.liveness.look(now);
        if self.remb_at.is_some_and(|at| at <= now) {
            self.remb_at = self.bound().map(|_| now + REMB_EVERY);
            self.send_remb(now);
        }
        self.pli.due(now) && self.send_pli(now)
    }

    /// When `on_time` wants to be called.
    pub fn deadline(&self) -> Instant {
        let connect = (!self.connected).then_some(self.connect_by);
        let lost = self.bad_since.map(|since| since + LOST_TIME);
        let own = [
            self.pli.deadline(),
            self.remb_at,
            self.liveness.deadline(),
            self.keyframe_budget.deadline(),
            self.joins_at,
        ];
        let next = self.receiver.catch_up.deadline().filter(|_| self.hold == Hold::No);
        [connect, lost, next].into_iter().chain(own).flatten().fold(self.rtc_deadline, Instant::min)
    }

    /// Whether a packet from `peer` (of payload type `pt`) may carry media.
    pub fn takes(&self, pt: u8) -> bool {
        match self.lines.kind(pt) {
            Some(MediaKind::Audio) => self.lines.takes_audio,
            _ => self.lines.takes_video,
        }
    }

    /// Whether a source carries a layer that is not taken.
    pub fn leaves_out(&self, source: u32) -> bool {
        self.lines.unwanted.contains(&source)
    }

    /// The section of a packet that names none, if nobody else named its source.
    fn unnamed(&self, pt: u8) -> Option<(MediaKind, Mid)> {
        let lines = &self.lines;
        let kind = lines.kind(pt)?;
        let (is_unnamed, mid) = match kind {
            MediaKind::Audio => (lines.unnamed_audio, lines.audio_mid),
            MediaKind::Video => (lines.unnamed_video, lines.video_mid),
        };
        mid.filter(|_| is_unnamed).map(|mid| (kind, mid))
    }

    /// Tells the stack of a source that it could not place by itself; before it sees the packet.
    pub fn meet(&mut self, ssrc: u32, pt: u8, now: Instant) {
        let Some((kind, mid)) = self.unnamed(pt) else { return };
        let Some(Try { source, instead_of }) = self.met.meet(kind, ssrc, now) else { return };
        let mut api = self.rtc.direct_api();
        if let Some(before) = instead_of {
            api.remove_stream_rx(before.ssrc.into());
        }
        api.expect_stream_rx(source.ssrc.into(), None, mid, source.name);
    }

    /// How far a source has come, by what the stack has deciphered of it.
    pub fn reached(&mut self, ssrc: u32) -> Option<MediaTime> {
        self.rtc.direct_api().stream_rx(&ssrc.into()).and_then(|source| source.last_time())
    }

    /// Looks whether the stack could decipher that packet; then its source is the one to hear.
    pub fn prove(&mut self, ssrc: u32, pt: u8) {
        let tried = self.unnamed(pt).filter(|(kind, _)| self.met.is_tried(*kind, ssrc));
        let Some((kind, _)) = tried else { return };
        let mut api = self.rtc.direct_api();
        let is_proven = api.stream_rx(&ssrc.into()).is_some_and(|it| it.last_time().is_some());
        if let Some(before) = is_proven.then(|| self.met.prove(kind)).flatten() {
            api.remove_stream_rx(before.ssrc.into());
        }
    }

    /// Under which name the stack knows the picture that is to come.
    pub fn wanted(&self, now: Instant) -> Option<Rid> {
        self.met.name(MediaKind::Video).or_else(|| self.layers.wanted(now))
    }

    /// The layer of a picture; the names we gave to sources are none.
    pub fn layer(&self, rid: Option<Rid>) -> Option<Rid> {
        rid.filter(|_| !self.lines.unnamed_video)
    }

    /// Remembers that the peer is (also) at `path`. Gives the one forgotten for it.
    pub fn learn(&mut self, path: Path) -> Option<Path> {
        let forgotten = (self.known_paths.len() >= MAX_PATHS)
            .then(|| self.known_paths.iter().position(|p| Some(*p) != self.path))
            .flatten()
            .map(|at| self.known_paths.remove(at));
        self.known_paths.push(path);
        forgotten
    }

    pub fn forget(&mut self, peer: SocketAddr, tcp: bool) {
        self.known_paths.retain(|p| *p != Path { tcp, peer });
    }
}

/// What kind of thing the stack refused, in our words: its own may quote what a stranger sent.
fn class_of(error: &str0m::RtcError) -> &'static str {
    match error {
        str0m::RtcError::RemoteSdp(_) => "certificate or description",
        str0m::RtcError::Dtls(_) => "DTLS",
        str0m::RtcError::Rtp(_) | str0m::RtcError::Packet(..) => "RTP",
        str0m::RtcError::Ice(_) | str0m::RtcError::Net(_) => "ICE",
        _ => "other",
    }
}
