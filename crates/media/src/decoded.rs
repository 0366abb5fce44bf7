//! One member's packets decoded one after the other, and what is made up for those that are not
//! there.
//!
//! It refuses to know time: whether a packet is waited for is said by whoever calls.

use crate::pcm::Pcm;
use crate::sound_packet::{SoundPacket, is_before};
use crate::stretch::{self, FADE};
use rotunda_codec::{MAX_DECODED_SAMPLES, OpusDecoder, SAMPLES_PER_PACKET, SoundError};

/// Missing samples made up for before falling silent: 100 ms.
pub(crate) const CONCEAL: usize = 5 * SAMPLES_PER_PACKET;

/// The decoder and what it made.
pub(crate) struct Decoded {
    decoder: OpusDecoder,
    scratch: Vec<f32>,
    pub pcm: Pcm,
    /// Samples made up since the last packet.
    concealed: usize,
    /// All that were ever made up.
    pub made_up: u64,
    /// RTP time after the last packet.
    end: Option<u64>,
    /// Samples of that packet.
    length: usize,
    /// The next packet does not follow what was before it.
    is_torn: bool,
    /// Packets are counted, not decoded: what they hold is silence.
    is_asleep: bool,
    /// Nothing was decoded since: what was before is silence.
    is_fresh: bool,
    /// RTP time of the sample that is mixed next, if sound flows.
    pub playing: Option<u64>,
}

impl Decoded {
    pub fn new() -> Result<Self, SoundError> {
        Ok(Self {
            decoder: OpusDecoder::new()?,
            scratch: vec![0.0; MAX_DECODED_SAMPLES],
            pcm: Pcm::new(),
            concealed: 0,
            made_up: 0,
            end: None,
            length: SAMPLES_PER_PACKET,
            is_torn: true,
            is_asleep: false,
            is_fresh: true,
            playing: None,
        })
    }

    /// Sound ends; what comes next begins anew, out of silence.
    pub fn stop(&mut self) {
        self.playing = None;
        self.tear(None);
    }

    /// What comes next is of another place, of this RTP time if it is known.
    pub fn tear(&mut self, at: Option<u64>) {
        (self.end, self.concealed, self.is_torn) = (at, 0, true);
    }

    /// Decodes nothing any more, and has what waits be silence; or begins anew out of it.
    pub fn set_asleep(&mut self, is_asleep: bool) {
        if self.is_asleep == is_asleep {
            return;
        }
        self.is_asleep = is_asleep;
        match is_asleep {
            true => self.pcm.hush(),
            false => {
                self.decoder.reset();
                (self.is_torn, self.is_fresh) = (true, true);
            }
        }
    }

    /// Whether packets are counted and not decoded.
    pub fn is_asleep(&self) -> bool {
        self.is_asleep
    }

    /// Whether what the packet says was decoded before, or what comes after it.
    pub fn is_past(&self, packet: &SoundPacket) -> bool {
        self.end.is_some_and(|end| is_before(packet.rtp_time_48khz, end))
    }

    /// Samples that are missing before `packet` and are not made up yet.
    pub fn missing(&self, packet: &SoundPacket) -> usize {
        let expected = self.end.map(|end| end.saturating_add(self.concealed as u64));
        expected.map_or(0, |expected| packet.rtp_time_48khz.saturating_sub(expected) as usize)
    }

    /// Whether `missing` samples more are too many to be made up.
    pub fn is_too_much(&self, missing: usize) -> bool {
        missing.saturating_add(self.concealed) > CONCEAL
    }

    /// Takes `stride` samples as `frame`. There are as many.
    pub fn take(&mut self, stride: usize, frame: &mut [f32]) {
        self.pcm.take(stride, frame);
        self.playing = self.playing.map(|at| at.saturating_add(stride as u64));
    }

    /// What waits was made so much longer before its end.
    pub fn moved(&mut self, longer: i64) {
        self.playing = self.playing.map(|at| at.saturating_add_signed(-longer));
    }

    /// Decodes a packet; what is missing before it is left out. One that is damaged is made up for.
    pub fn decode(&mut self, packet: &SoundPacket) {
        if self.is_asleep {
            return self.pass_over(packet);
        }
        let waiting = self.pcm.len() as u64;
        self.is_torn |= self.missing(packet) > 0;
        let before = self.continuation();
        let decoded = self.decoder.decode(Some(&packet.data), &mut self.scratch);
        self.concealed = 0;
        let Ok(n) = decoded else {
            self.end = Some(packet.rtp_time_48khz);
            self.conceal();
            return;
        };
        if std::mem::take(&mut self.is_torn) {
            stretch::fade_over(&before, &mut self.scratch[..n]);
        }
        self.is_fresh = false;
        self.pcm.push(&self.scratch[..n]);
        (self.end, self.length) = (Some(packet.rtp_time_48khz.saturating_add(n as u64)), n);
        self.playing = Some(packet.rtp_time_48khz.saturating_sub(waiting));
    }

    /// As much silence as the packet is long.
    fn pass_over(&mut self, packet: &SoundPacket) {
        let n = self.decoder.samples_in(&packet.data).unwrap_or(SAMPLES_PER_PACKET);
        self.concealed = 0;
        self.pcm.fill(self.pcm.len() + n);
        (self.end, self.length) = (Some(packet.rtp_time_48khz.saturating_add(n as u64)), n);
    }

    /// What would have come next, where something else will: goes over into that.
    fn continuation(&mut self) -> [f32; FADE] {
        let mut next = [0.0; FADE];
        if self.is_torn && self.playing.is_some() && !self.is_fresh {
            let n = self.decoder.decode(None, &mut self.scratch).unwrap_or(0).min(FADE);
            next[..n].copy_from_slice(&self.scratch[..n]);
        }
        next
    }

    /// Makes up for the packet before `next` by what that repeats of it, if that is all that is
    /// missing.
    pub fn recover(&mut self, next: &SoundPacket) -> bool {
        let missing = self.missing(next);
        if missing > self.length || self.is_too_much(missing) {
            return false;
        }
        if self.is_asleep {
            return self.conceal();
        }
        match self.decoder.recover(&next.data, &mut self.scratch) {
            Ok(n) if n > 0 => {
                self.pcm.push(&self.scratch[..n]);
                self.count(n);
                true
            }
            _ => false,
        }
    }

    /// Makes up for a packet that is not there; false when that was done too often. The last one
    /// made up sinks to silence.
    pub fn conceal(&mut self) -> bool {
        if self.concealed >= CONCEAL {
            return false;
        }
        let made = match self.is_asleep {
            true => 0,
            false => self.decoder.decode(None, &mut self.scratch).unwrap_or(0),
        };
        match made {
            0 => self.pcm.fill(self.pcm.len() + SAMPLES_PER_PACKET),
            _ => self.pcm.push(&self.scratch[..made]),
        }
        let made = if made == 0 { SAMPLES_PER_PACKET } else { made };
        self.count(made);
        if self.concealed >= CONCEAL {
            self.pcm.sink(made);
        }
        true
    }

    fn count(&mut self, made_up: usize) {
        self.concealed += made_up;
        self.made_up += made_up as u64;
    }
}
