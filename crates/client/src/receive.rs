//! What a client does with what comes: count it, or decode it and show it to a probe.

use crate::leg_shared::Shared;
use crate::probe::{Heard, Probe, Seen};
use crate::seen::Arrival;
use rotunda_codec::{
    Frame, MAX_DECODED_SAMPLES, OpusDecoder, SAMPLE_RATE_HZ, VideoCodec, VideoDecoder,
};
use std::time::{SystemTime, UNIX_EPOCH};
use str0m::format::Codec;
use str0m::media::MediaData;
use str0m::rtp::rtcp::SenderInfo;

/// Decoded sound kept: two seconds.
const KEPT_SAMPLES: usize = 2 * SAMPLE_RATE_HZ as usize;

/// How closely a kind is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Watch {
    /// Count it; the cheapest.
    #[default]
    Count,
    /// Decode it.
    Decode,
}

/// What to do with what comes.
#[derive(Default)]
pub struct Receive {
    /// Pictures.
    pub pictures: Watch,
    /// Sound.
    pub sound: Watch,
    /// Looks at what is decoded.
    pub probe: Option<Box<dyn Probe>>,
}

impl Receive {
    /// Counts both.
    pub fn count() -> Self {
        Self::default()
    }

    /// Decodes both.
    pub fn decode() -> Self {
        Self { pictures: Watch::Decode, sound: Watch::Decode, probe: None }
    }

    /// Decodes pictures, counts sound.
    pub fn look() -> Self {
        Self { pictures: Watch::Decode, ..Self::default() }
    }

    /// Decodes sound, counts pictures.
    pub fn listen() -> Self {
        Self { sound: Watch::Decode, ..Self::default() }
    }

    /// With a probe.
    pub fn probe(self, probe: impl Probe + 'static) -> Self {
        Self { probe: Some(Box::new(probe)), ..self }
    }
}

/// Ties an RTP clock to the server's wall clock.
#[derive(Clone, Copy, Debug)]
struct Report {
    wall_us: i64,
    rtp: u32,
}

impl Report {
    fn wall_us(&self, rtp: u64, hz: i64) -> i64 {
        let ahead = i64::from((rtp as u32).wrapping_sub(self.rtp) as i32);
        self.wall_us + ahead * 1_000_000 / hz
    }
}

pub(crate) struct Receiver {
    how: Receive,
    decoder: Option<VideoDecoder>,
    opus: Option<OpusDecoder>,
    scratch: Vec<f32>,
    picture_report: Option<Report>,
    sound_report: Option<Report>,
}

impl Receiver {
    pub fn new(how: Receive) -> Self {
        // Without a decoder sound counts as undecodable, which a test will see.
        let opus = (how.sound == Watch::Decode).then(OpusDecoder::new).and_then(Result::ok);
        Self {
            how,
            decoder: None,
            opus,
            scratch: vec![0.0; MAX_DECODED_SAMPLES],
            picture_report: None,
            sound_report: None,
        }
    }

    pub fn report(&mut self, is_sound: bool, info: &SenderInfo) {
        let since = |at: SystemTime| at.duration_since(UNIX_EPOCH).ok();
        let Some(wall) = since(info.ntp_time) else { return };
        let report = Report { wall_us: wall.as_micros() as i64, rtp: info.rtp_time.numer() as u32 };
        *(if is_sound { &mut self.sound_report } else { &mut self.picture_report }) = Some(report);
    }

    pub fn picture(&mut self, shared: &Shared, media: &MediaData) {
        let codec = match media.params.spec().codec {
            Codec::H264 => VideoCodec::H264,
            _ => VideoCodec::Vp8,
        };
        let arrival = arrival(media);
        {
            let mut facts = shared.facts();
            let pictures = &mut facts.pictures;
            pictures.arrivals.add(arrival, **media.seq_range.start(), **media.seq_range.end());
            pictures.first.get_or_insert(arrival);
            pictures.codec = Some(codec);
            pictures.gaps += u64::from(!arrival.contiguous);
            if arrival.keyframe {
                pictures.keyframes += 1;
                pictures.first_keyframe.get_or_insert(arrival.at);
            }
        }
        if let Some(probe) = &mut self.how.probe {
            probe.coded(codec, &media.data);
        }
        if self.how.pictures == Watch::Decode {
            self.decode(shared, codec, media);
        }
    }

    fn decode(&mut self, shared: &Shared, codec: VideoCodec, media: &MediaData) {
        if self.decoder.as_ref().is_none_or(|d| d.codec() != codec) {
            self.decoder = VideoDecoder::new(codec).ok();
        }
        let reported = self.picture_report.map(|r| r.wall_us(media.time.numer(), 90_000));
        let Some(decoder) = &mut self.decoder else { return };
        let decoded = decoder.decode(&media.data);
        let Ok(Some(frame)) = decoded else {
            shared.facts().pictures.undecodable += u64::from(decoded.is_err());
            return;
        };
        {
            let mut facts = shared.facts();
            facts.pictures.decoded += 1;
            facts.pictures.size = (frame.width(), frame.height());
        }
        shared.frame().get_or_insert_with(|| Frame::new(2, 2)).copy_from(frame);
        if let Some(probe) = &mut self.how.probe {
            probe.picture(&Seen {
                frame,
                rtp_90khz: media.time.numer(),
                arrived: media.network_time,
                reported_us: reported,
            });
        }
    }

    pub fn sound(&mut self, shared: &Shared, media: &MediaData) {
        let (first, last) = (**media.seq_range.start(), **media.seq_range.end());
        shared.facts().sound.arrivals.add(arrival(media), first, last);
        if self.how.sound != Watch::Decode {
            return;
        }
        let heard = self
            .opus
            .as_mut()
            .and_then(|opus| opus.decode(Some(&media.data), &mut self.scratch).ok());
        let Some(len) = heard else {
            shared.facts().sound.undecodable += 1;
            return;
        };
        let pcm = &self.scratch[..len];
        {
            let kept = &mut shared.facts().sound.pcm;
            kept.extend(pcm);
            let surplus = kept.len().saturating_sub(KEPT_SAMPLES);
            kept.drain(..surplus);
        }
        if let Some(probe) = &mut self.how.probe {
            probe.sound(&Heard {
                pcm,
                rtp_48khz: media.time.numer(),
                arrived: media.network_time,
                reported_us: self.sound_report.map(|r| r.wall_us(media.time.numer(), 48_000)),
            });
        }
    }
}

fn arrival(media: &MediaData) -> Arrival {
    Arrival {
        at: media.network_time,
        rtp: media.time.numer(),
        bytes: media.data.len(),
        keyframe: media.is_keyframe(),
        contiguous: media.contiguous,
    }
}
