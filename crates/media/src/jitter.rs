//! Sound of one member on its way from the network's rhythm to the mix's.
//!
//! Packets wait until there are enough to bridge the network's unevenness, then one is taken every
//! 20 ms. What is missing is concealed for a while; what is too much is let go; what a sender's clock
//! is wrong by is made good sample by sample ([`Skew`]).

use crate::skew::{Skew, take_stretched};
use rotunda_codec::{MAX_DECODED_SAMPLES, OpusDecoder, SAMPLES_PER_PACKET};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

/// Samples of 20 ms at 48 kHz.
pub const FRAME: usize = SAMPLES_PER_PACKET;

/// Packets that may wait: half a second at 20 ms. When full the oldest goes.
const QUEUE: usize = 25;

/// Wait for this much before beginning, in samples: two packets of 20 ms.
const PRIME: usize = 2 * FRAME;

/// More than this much above the target for a second is let go a packet at a time.
const SLACK: usize = 2 * FRAME;
const PATIENCE_TICKS: u32 = 50;

/// Missing packets concealed before falling silent: 100 ms.
const CONCEAL: u32 = 5;

/// While there is sound, one packet in this many is stretched or left out to follow a picture, so
/// that nobody hears a hole; while it is quiet, every one may be.
const FOLLOW_TICKS: u32 = 5;
/// Peak of what is quiet: -54 dBFS.
const QUIET: f32 = 0.002;

/// One Opus packet.
#[derive(Clone, Debug)]
pub struct SoundPacket {
    /// The packet as it came.
    pub data: Arc<[u8]>,
    /// RTP time, extended, in 1/48000 s.
    pub rtp_time_48khz: u64,
    /// When it came.
    pub arrived: Instant,
}

/// The buffer and its decoder.
pub struct Jitter {
    decoder: OpusDecoder,
    packets: VecDeque<SoundPacket>,
    pcm: VecDeque<f32>,
    scratch: Vec<f32>,
    is_primed: bool,
    concealed: u32,
    ticks_too_full: u32,
    skew: Skew,
    next_rtp: Option<u64>,
    /// Samples that are to be held back beyond the usual, to wait for a picture that is late.
    extra: usize,
    /// Samples that are held back now; follows `extra` bit by bit.
    held: usize,
    ticks_unchanged: u32,
    is_quiet: bool,
    /// RTP time of the sample that is mixed next, if sound flows.
    playing: Option<u64>,
}

impl Jitter {
    /// An empty one.
    ///
    /// # Errors
    /// The decoder cannot be had.
    pub fn new() -> Result<Self, rotunda_codec::SoundError> {
        Ok(Self {
            decoder: OpusDecoder::new()?,
            packets: VecDeque::with_capacity(QUEUE),
            pcm: VecDeque::with_capacity(MAX_DECODED_SAMPLES + FRAME),
            scratch: vec![0.0; MAX_DECODED_SAMPLES],
            is_primed: false,
            concealed: 0,
            ticks_too_full: 0,
            skew: Skew::default(),
            next_rtp: None,
            extra: 0,
            held: 0,
            ticks_unchanged: 0,
            is_quiet: true,
            playing: None,
        })
    }

    /// Takes a packet.
    pub fn put(&mut self, packet: SoundPacket) {
        let room = QUEUE + self.extra.max(self.held) / FRAME;
        if self.packets.len() >= room {
            self.packets.pop_front();
        }
        self.packets.push_back(packet);
    }

    /// Forgets everything that waits, as when the microphone was switched off.
    pub fn clear(&mut self) {
        self.packets.clear();
        self.pcm.clear();
        self.is_primed = false;
        self.next_rtp = None;
        self.playing = None;
    }

    /// Holds sound back by `extra` samples more than usual, to the nearest 20 ms. That takes its
    /// time; [`Self::held`] says how far it is.
    pub fn set_extra(&mut self, extra: usize) {
        self.extra = extra.min(48_000);
    }

    /// How many samples more than usual sound is held back now.
    pub fn held(&self) -> usize {
        self.held
    }

    /// RTP time of the sample that is mixed next.
    pub fn playing(&self) -> Option<u64> {
        self.playing
    }

    fn target(&self) -> usize {
        PRIME + self.held
    }

    /// Samples that wait, decoded or not; packets are taken for 20 ms each.
    fn depth(&self) -> usize {
        self.pcm.len() + self.packets.len() * FRAME
    }

    /// The next 20 ms, which are heard at `due`; false when there is nothing and `frame` is silent.
    pub fn take(&mut self, due: Instant, frame: &mut [f32; FRAME]) -> bool {
        frame.fill(0.0);
        if !self.is_primed {
            self.held = self.extra;
            if self.depth() < self.target() {
                return false;
            }
            self.is_primed = true;
            self.concealed = 0;
            self.skew = Skew::default();
        }
        self.shed();
        self.follow();
        let stride = self.skew.stride(FRAME);
        while self.pcm.len() < stride {
            let Some(packet) = self.packets.pop_front() else {
                if !self.conceal() {
                    return false;
                }
                continue;
            };
            let ahead = due.saturating_duration_since(packet.arrived).as_secs_f32()
                - packet.arrived.saturating_duration_since(due).as_secs_f32();
            let wait = ahead * 48_000.0 + self.pcm.len() as f32;
            self.skew.waited(wait - self.held as f32);
            self.decode(packet);
        }
        take_stretched(&mut self.pcm, stride, frame);
        if let Some(at) = &mut self.playing {
            *at += stride as u64;
        }
        self.is_quiet = frame.iter().all(|sample| sample.abs() < QUIET);
        true
    }

    /// Brings `held` nearer to `extra`: makes up 20 ms, or leaves 20 ms out.
    fn follow(&mut self) {
        self.ticks_unchanged = self.ticks_unchanged.saturating_add(1);
        if !self.is_quiet && self.ticks_unchanged < FOLLOW_TICKS {
            return;
        }
        if self.extra > self.held + FRAME / 2 {
            self.ticks_unchanged = 0;
            let made = self.decoder.decode(None, &mut self.scratch).unwrap_or(0);
            let made = if made == 0 { &[0.0; FRAME] } else { &self.scratch[..made] };
            self.pcm.extend(made);
            self.held += made.len();
            self.skew = Skew::default();
        } else if self.extra + FRAME / 2 < self.held && self.packets.pop_front().is_some() {
            self.ticks_unchanged = 0;
            self.next_rtp = None;
            self.held = self.held.saturating_sub(FRAME);
            self.skew = Skew::default();
        }
    }

    /// Lets a packet go when the sender's clock has run ahead for a while.
    fn shed(&mut self) {
        if self.depth() <= self.target() + SLACK {
            self.ticks_too_full = 0;
            return;
        }
        self.ticks_too_full += 1;
        let far_too_full = self.depth() > self.target() + 8 * FRAME;
        if self.ticks_too_full >= PATIENCE_TICKS || far_too_full {
            self.ticks_too_full = 0;
            if self.packets.pop_front().is_some() {
                self.next_rtp = None;
                self.skew = Skew::default();
            }
        }
    }

    fn conceal(&mut self) -> bool {
        if self.concealed >= CONCEAL {
            self.is_primed = false;
            self.pcm.clear();
            self.playing = None;
            return false;
        }
        self.concealed += 1;
        self.skew = Skew::default();
        match self.decoder.decode(None, &mut self.scratch) {
            Ok(n) if n > 0 => {
                self.pcm.extend(&self.scratch[..n]);
                if let Some(next) = &mut self.next_rtp {
                    *next += n as u64;
                }
            }
            _ => self.pcm.extend([0.0; FRAME]),
        }
        true
    }

    /// Decodes a packet, bridging a short gap before it. A long gap is no loss but a pause: the
    /// microphone was off, and timestamps jump.
    fn decode(&mut self, packet: SoundPacket) {
        let gap = self.next_rtp.map_or(0, |next| packet.rtp_time_48khz.saturating_sub(next));
        let lost = (gap as usize / FRAME).min(CONCEAL as usize + 1);
        if lost <= CONCEAL as usize {
            for left in (0..lost).rev() {
                // The packet that came may repeat the last one of those that did not.
                let made = match left {
                    0 => self.decoder.recover(&packet.data, &mut self.scratch),
                    _ => self.decoder.decode(None, &mut self.scratch),
                };
                self.pcm.extend(made.ok().and_then(|n| self.scratch.get(..n)).unwrap_or_default());
            }
        }
        let waiting = self.pcm.len() as u64;
        match self.decoder.decode(Some(&packet.data), &mut self.scratch) {
            Ok(n) => {
                self.pcm.extend(&self.scratch[..n]);
                self.next_rtp = Some(packet.rtp_time_48khz + n as u64);
                self.concealed = 0;
                self.playing = Some(packet.rtp_time_48khz.saturating_sub(waiting));
            }
            Err(_) => self.pcm.extend([0.0; FRAME]),
        }
    }
}

#[cfg(test)]
#[path = "jitter_tests.rs"]
mod tests;
