//! Takes out of a peer connection what it has to say: datagrams to the outlet, events as notes.
//! It refuses to act on the notes.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use str0m::bwe::BweKind;
use str0m::format::Codec;
use str0m::media::{MediaData, SenderFeedback};
use str0m::net::{Protocol, Transmit};
use str0m::rtp::VideoOrientation;
use str0m::{Event, IceConnectionState, Output};

use crate::counters::{Tally, add, one};
use crate::layers::{Verdict, size_of};
use crate::leg::Leg;
use crate::liveness::Turn;
use crate::outlet::{Class, Outlet, Parcel, Path, Shape, shape_of};
use crate::{Closed, MediaKind, Rotation, SenderReport, SoundIn, VideoCodec, VideoIn};

/// The stack says more than this without drawing breath only if it runs in circles.
const MAX_OUTPUTS: usize = 20_000;
/// A malformed frame gives one error; a row of them never ends.
const MAX_ERRORS: u32 = 64;

/// What a leg has to tell.
#[derive(Debug)]
pub(crate) enum Note {
    Connected,
    Sends(MediaKind),
    Lost,
    Recovered,
    Liveness(Turn),
    Video(VideoIn),
    Sound(SoundIn),
    Report(SenderReport),
    KeyframeAsked,
    /// The receiver has reported how its line is.
    LineReported,
    /// Everything that the stack counts has been counted anew.
    Counted,
    /// What stood in its line's queue is through.
    LineEmptied,
    /// The receiver has said, soon after an alarm, what its line takes.
    LineEstimated,
    /// Its line is jammed, whatever its next report will say.
    LineJammed,
}

impl Leg {
    /// Takes everything out; sets the deadline, and `gone` if it is over.
    pub fn drain(
        &mut self,
        now: Instant,
        out: &mut dyn Outlet,
        tally: &Tally,
        notes: &mut Vec<Note>,
    ) {
        notes.extend(self.liveness.take_turn().map(Note::Liveness));
        notes.extend(self.keyframe_budget.due(now).then_some(Note::KeyframeAsked));
        notes.extend(self.joins_at.take_if(|at| *at <= now).map(|_| Note::LineEmptied));
        for _ in 0..MAX_OUTPUTS {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.rtc_deadline = at;
                    self.errors = 0;
                    self.notice_end(Closed::ByPeer);
                    return;
                }
                Ok(Output::Transmit(transmit)) => {
                    let is_alarm = self.transmit(&transmit, now, out, tally);
                    notes.extend(is_alarm.then_some(Note::LineJammed));
                }
                Ok(Output::Event(event)) => self.event(event, now, tally, notes),
                Err(error) => {
                    self.refused(&error);
                    one(&tally.dropped_refused);
                    self.errors += 1;
                    self.notice_end(Closed::Failed);
                    if self.errors >= MAX_ERRORS {
                        break;
                    }
                }
            }
        }
        self.gone = self.gone.or(Some(Closed::Failed));
    }

    fn notice_end(&mut self, why: Closed) {
        if !self.rtc.is_alive() {
            self.gone = self.gone.or(Some(why));
        }
    }

    /// Hands a datagram on. True if so much is asked for again that the line must be jammed.
    fn transmit(
        &mut self,
        transmit: &Transmit,
        now: Instant,
        out: &mut dyn Outlet,
        tally: &Tally,
    ) -> bool {
        let path = Path { tcp: transmit.proto != Protocol::Udp, peer: transmit.destination };
        let (shape, bytes) = (shape_of(&transmit.contents), transmit.contents.len());
        let (mut is_alarm, mut is_repeat) = (false, false);
        let class = match shape {
            Shape::Rtp(pt) => match self.lines.kind(pt) {
                Some(MediaKind::Audio) => Class::Sound,
                kind => {
                    is_repeat = kind.is_none();
                    is_alarm = self.adaptation.picture_sent(is_repeat, bytes, now);
                    if is_repeat && self.adaptation.refuses_repeats(now) {
                        self.adaptation.refused_repeat(bytes);
                        one(&tally.repeats_refused);
                        return is_alarm;
                    }
                    if is_repeat {
                        one(&tally.retransmitted);
                    }
                    Class::Picture
                }
            },
            Shape::Dtls => {
                self.handshake(true, now);
                Class::Control
            }
            _ => Class::Control,
        };
        if shape != Shape::Stun {
            self.moved_to(path, now);
        }
        let parcel = || Parcel { path, source: transmit.source, class, bytes: &transmit.contents };
        out.send(parcel());
        if is_repeat && self.adaptation.doubts_repeats() {
            out.send(parcel());
        }
        is_alarm
    }

    fn moved_to(&mut self, path: Path, now: Instant) {
        let before = self.path.replace(path);
        if self.connected && before.is_some_and(|before| before != path) {
            self.adaptation.moved(now);
        }
    }

    fn event(&mut self, event: Event, now: Instant, tally: &Tally, notes: &mut Vec<Note>) {
        match event {
            Event::Connected if !self.connected => {
                self.connect(now);
                notes.push(Note::Connected);
            }
            Event::IceConnectionStateChange(state) => self.ice(state, now, notes),
            Event::MediaData(media) => self.media(media, now, tally, notes),
            Event::KeyframeRequest(_) => {
                self.deciphered(None, now, notes);
                one(&tally.plis_in);
                notes.push(Note::KeyframeAsked);
            }
            Event::SenderFeedback(report) => {
                self.deciphered(None, now, notes);
                notes.extend(self.report(&report));
            }
            Event::PeerStats(_) => notes.push(Note::Counted),
            Event::MediaIngressStats(stats) => {
                self.line.received(&stats, self.lines.kind_of(stats.mid), now);
            }
            Event::MediaEgressStats(stats) => {
                let kind = self.lines.kind_of(stats.mid);
                self.line.sent(&stats, (kind, self.adaptation.refused_bytes()), now);
                let is_reported = self.adaptation.counted(&stats, kind, now);
                let is_due = is_reported || kind == MediaKind::Video && self.is_over_tcp();
                notes.extend(is_due.then_some(Note::LineReported));
            }
            Event::EgressBitrateEstimate(BweKind::Remb { estimate, .. }) => {
                self.deciphered(None, now, notes);
                let is_telling = self.adaptation.receiver_said(estimate.as_u64(), now);
                notes.extend(is_telling.then_some(Note::LineEstimated));
            }
            Event::Closed => self.gone = self.gone.or(Some(Closed::ByPeer)),
            _ => {}
        }
    }

    /// Whether its media goes over TCP now.
    pub fn is_over_tcp(&self) -> bool {
        self.path.is_some_and(|path| path.tcp)
    }

    fn ice(&mut self, state: IceConnectionState, now: Instant, notes: &mut Vec<Note>) {
        if !self.connected {
            return;
        }
        if state.is_connected() {
            self.bad_since = None;
            if std::mem::take(&mut self.paused) {
                notes.push(Note::Recovered);
            }
            return;
        }
        self.bad_since.get_or_insert(now);
        // While merely checking (an ICE restart, a change of network) the old path still serves.
        if state.is_disconnected() && !self.paused {
            self.paused = true;
            self.receiver.pause();
            notes.push(Note::Lost);
        }
    }

    /// The stack has deciphered something, perhaps of one kind of media: none but the peer made it.
    fn deciphered(&mut self, kind: Option<MediaKind>, now: Instant, notes: &mut Vec<Note>) {
        self.liveness.packet(now, kind);
        // Before the media that broke it: who is silent is not taken to talk.
        notes.extend(self.liveness.take_turn().map(Note::Liveness));
        let is_up = self.connected;
        let begins = kind.filter(|kind| is_up && !self.begun[*kind as usize]);
        if let Some(kind) = begins {
            self.begun[kind as usize] = true;
            notes.push(Note::Sends(kind));
        }
    }

    fn media(&mut self, media: MediaData, now: Instant, tally: &Tally, notes: &mut Vec<Note>) {
        let is_sound = Some(media.mid) == self.lines.audio_mid;
        let kind = if is_sound { MediaKind::Audio } else { MediaKind::Video };
        self.deciphered(Some(kind), now, notes);
        if !(if is_sound { self.lines.takes_audio } else { self.lines.takes_video }) {
            one(&tally.dropped_unwanted);
            return;
        }
        match media.params.spec().codec {
            Codec::Opus => {
                self.last_sound = media.time.numer();
                notes.push(Note::Sound(sound(media)));
            }
            Codec::Vp8 => self.picture(media, VideoCodec::Vp8, (now, tally), notes),
            Codec::H264 => self.picture(media, VideoCodec::H264, (now, tally), notes),
            _ => one(&tally.dropped_unwanted),
        }
    }

    fn picture(
        &mut self,
        media: MediaData,
        codec: VideoCodec,
        (now, tally): (Instant, &Tally),
        notes: &mut Vec<Note>,
    ) {
        let rid = self.layer(media.rid);
        let mut picture = picture(media, codec, tally);
        if let Some(rid) = rid {
            let size = picture.keyframe.then(|| size_of(codec, &picture.data));
            match self.layers.judge(rid, size, now) {
                Verdict::Take => {}
                Verdict::Switch => {
                    picture.contiguous = false;
                    notes.extend(self.layers.report().map(Note::Report));
                }
                Verdict::Leave => return,
                Verdict::Ask => {
                    if self.pli.ask(now) && self.send_pli(now) {
                        one(&tally.plis_out);
                    }
                    return;
                }
            }
        }
        self.last_picture = picture.rtp_time_90khz;
        notes.push(Note::Video(picture));
    }

    fn report(&mut self, report: &SenderFeedback) -> Option<Note> {
        let (kind, last) = if Some(report.mid) == self.lines.audio_mid {
            (MediaKind::Audio, self.last_sound)
        } else if Some(report.mid) == self.lines.video_mid {
            (MediaKind::Video, self.last_picture)
        } else {
            return None;
        };
        let happened = SenderReport {
            kind,
            ntp: report.sender_info.ntp_time,
            rtp_time: extended(report.sender_info.rtp_time.numer(), last),
            arrived: report.received_at,
        };
        let is_of_it = self.layer(report.rid).is_none_or(|rid| self.layers.reported(rid, happened));
        is_of_it.then_some(Note::Report(happened))
    }
}

fn picture(media: MediaData, codec: VideoCodec, tally: &Tally) -> VideoIn {
    if !media.contiguous {
        tally.gaps_in.fetch_add(1, Relaxed);
    }
    VideoIn {
        codec,
        keyframe: media.is_keyframe(),
        contiguous: media.contiguous,
        rtp_time_90khz: media.time.numer(),
        // The stack names how the picture lies; we, by how much to turn it (3GPP TS 26.114 §7.4.5).
        rotation: match media.ext_vals.video_orientation {
            Some(VideoOrientation::Deg270) => Rotation::Deg90,
            Some(VideoOrientation::Deg180) => Rotation::Deg180,
            Some(VideoOrientation::Deg90) => Rotation::Deg270,
            Some(VideoOrientation::Deg0) | None => Rotation::Deg0,
        },
        arrived: media.network_time,
        data: media.data,
    }
}

fn sound(media: MediaData) -> SoundIn {
    SoundIn {
        rtp_time_48khz: media.time.numer(),
        seq: **media.seq_range.start(),
        audio_level: media.ext_vals.audio_level,
        contiguous: media.contiguous,
        arrived: media.network_time,
        data: media.data,
    }
}

/// `raw`'s low 32 bits, extended to be as near to `last` as they can.
fn extended(raw: u64, last: u64) -> u64 {
    let ahead = (raw as u32).wrapping_sub(last as u32) as i32;
    // Wrapping: before the first packet `last` is 0, and the low 32 bits must stay what was sent.
    last.wrapping_add_signed(i64::from(ahead))
}

/// Counts one datagram in.
pub(crate) fn count_in(tally: &Tally, bytes: usize) {
    one(&tally.packets_in);
    add(&tally.bytes_in, bytes);
}
