//! Sound of one member on its way from the network's rhythm to the mix's.
//!
//! Packets wait as long as this line's late ones need ([`Lateness`]), then 20 ms are taken every
//! 20 ms. The wait grows and shrinks by a period of the pitch at a time (`pcm.rs`, `stretch.rs`).
//! What is missing is concealed for a while ([`Decoded`]); what a sender's clock is wrong by is made
//! good sample by sample ([`Skew`]).

use crate::decoded::Decoded;
use crate::lateness::Lateness;
use crate::pcm::Seam;
use crate::skew::Skew;
use crate::sound_packet::{Packets, QUEUE, SoundPacket};
use crate::stretch::AFTER;
use rotunda_codec::SAMPLES_PER_PACKET;
use std::time::Instant;

/// Samples of 20 ms at 48 kHz.
pub const FRAME: usize = SAMPLES_PER_PACKET;
const TICK: i64 = FRAME as i64;

/// What sound may wait longer than its late packets need: a tick, since a packet is decoded when
/// fewer samples than a tick are left.
const SPARE: i64 = TICK;
/// Sound is not made shorter for less than this, or it would move to and fro: 5 ms.
const DEAD_BAND: i64 = 240;
/// Sound that is this much later than before all at once is left out: 160 ms.
const FAR: i64 = 8 * TICK;
/// Sound that is off by more than this moves at the next best seam: 60 ms.
const URGENT: i64 = 3 * TICK;

/// While there is sound, it moves in one tick of these, so that nobody hears it hurry; while it is
/// quiet, in each.
const MOVE_TICKS: u32 = 5;

/// The buffer and its decoder.
pub struct Jitter {
    packets: Packets,
    decoded: Decoded,
    lateness: Lateness,
    skew: Skew,
    is_primed: bool,
    /// The first arrival; times are counted from it.
    origin: Option<Instant>,
    /// Samples from when the earliest packets come to when they are heard.
    delay: i64,
    ticks_unmoved: u32,
    /// Samples that are to be held back beyond the usual, to wait for a picture that is late.
    extra: usize,
    /// Samples that are held back now; follows `extra` bit by bit.
    held: usize,
}

impl Jitter {
    /// An empty one.
    ///
    /// # Errors
    /// The decoder cannot be had.
    pub fn new() -> Result<Self, rotunda_codec::SoundError> {
        Ok(Self {
            packets: Packets::new(),
            decoded: Decoded::new()?,
            lateness: Lateness::default(),
            skew: Skew::default(),
            is_primed: false,
            origin: None,
            delay: 0,
            ticks_unmoved: 0,
            extra: 0,
            held: 0,
        })
    }

    /// Takes a packet. One that comes after it was made up for is heard still, if nothing after it
    /// was: from then on sound waits longer by what was made up.
    pub fn put(&mut self, packet: SoundPacket) {
        self.origin.get_or_insert(packet.arrived);
        self.lateness.arrived(self.at(packet.arrived), packet.rtp_time_48khz);
        if !self.decoded.is_past(&packet) {
            self.packets.put(packet, self.room());
        }
    }

    /// Forgets everything that waits, as when the microphone was switched off. What is known of the
    /// line is kept.
    pub fn clear(&mut self) {
        self.packets.clear();
        self.decoded.pcm.clear();
        self.stop();
    }

    /// Holds sound back by `extra` samples more than usual. That takes its time; [`Self::held`]
    /// says how far it is.
    pub fn set_extra(&mut self, extra: usize) {
        self.extra = extra.min(48_000);
    }

    /// Keeps time and decodes nothing, so that all is silence; or decodes again, out of it.
    pub fn set_asleep(&mut self, is_asleep: bool) {
        self.decoded.set_asleep(is_asleep);
    }

    /// Whether it keeps time only.
    pub fn is_asleep(&self) -> bool {
        self.decoded.is_asleep()
    }

    /// How many samples more than the line needs sound is held back now.
    pub fn held(&self) -> usize {
        self.held
    }

    /// RTP time of the sample that is mixed next.
    pub fn playing(&self) -> Option<u64> {
        self.decoded.playing
    }

    /// The next 20 ms, which are heard at `due`; false when there is nothing and `frame` is silent.
    pub fn take(&mut self, due: Instant, frame: &mut [f32; FRAME]) -> bool {
        frame.fill(0.0);
        let due = self.at(due);
        if !self.is_primed && !self.prime(due) {
            return false;
        }
        self.leave_out(due);
        let stride = self.skew.stride(FRAME);
        self.decode(stride, due);
        if self.is_primed {
            self.move_on(stride, due);
            self.follow();
        }
        self.decoded.take(stride, frame);
        self.delay -= stride as i64 - TICK;
        true
    }

    /// Packets that may wait: what is held back comes on top, of packets of 10 ms too.
    fn room(&self) -> usize {
        QUEUE + self.extra.max(self.held) / (FRAME / 2)
    }

    /// Samples from the first arrival to `time`.
    fn at(&self, time: Instant) -> i64 {
        let Some(origin) = self.origin else { return 0 };
        let micros = time.saturating_duration_since(origin).as_micros() as i64
            - origin.saturating_duration_since(time).as_micros() as i64;
        micros.saturating_mul(48) / 1000
    }

    /// What the delay is if the packet that is next is decoded now.
    fn delay_next(&self, due: i64) -> Option<i64> {
        let packet = self.packets.front()?;
        let arrived = self.at(packet.arrived);
        let late = self.lateness.of(arrived, packet.rtp_time_48khz);
        Some(due - arrived + late + self.decoded.pcm.len() as i64)
    }

    /// The delay below which sound is made longer.
    fn low(&self) -> i64 {
        self.lateness.low() + self.extra as i64
    }

    /// The delay to which sound is made shorter that is later.
    fn high(&self) -> i64 {
        self.lateness.high() + self.extra as i64 + SPARE
    }

    /// Begins when what waits has waited long enough; what has waited too long is let go.
    fn prime(&mut self, due: i64) -> bool {
        self.let_go(due);
        let is_full = self.packets.len() >= self.room();
        let Some(delay) = self.delay_next(due).filter(|delay| *delay >= self.low() || is_full)
        else {
            return false;
        };
        (self.is_primed, self.held) = (true, self.extra);
        self.renew(delay);
        true
    }

    /// Ends until there is enough again.
    fn stop(&mut self) {
        self.is_primed = false;
        self.decoded.stop();
    }

    /// The delay is another one on purpose.
    fn renew(&mut self, delay: i64) {
        self.delay = delay;
        self.ticks_unmoved = 0;
        self.skew = Skew::default();
    }

    /// Leaves packets out when far too much waits at once, as when this machine was stopped. What
    /// has waited so long for a reason is made shorter instead.
    fn leave_out(&mut self, due: i64) {
        let is_far = self.delay_next(due) > Some(self.high().max(self.delay) + FAR);
        if (is_far || self.packets.len() >= self.room()) && self.let_go(due) {
            let next = self.packets.front().map(|packet| packet.rtp_time_48khz);
            self.decoded.tear(next);
        }
    }

    /// Lets packets go that have waited too long, but the last.
    fn let_go(&mut self, due: i64) -> bool {
        let before = self.packets.len();
        while self.packets.len() > 1 && self.delay_next(due) > Some(self.high() + DEAD_BAND) {
            self.packets.pop();
        }
        self.packets.len() < before
    }

    /// Sees that `len` samples wait, of packets or made up. When too many would have to be made up,
    /// these are the last.
    fn decode(&mut self, len: usize, due: i64) {
        while self.decoded.pcm.len() < len {
            if !self.decode_next(due) && !self.decoded.conceal() {
                self.decoded.pcm.fill(len);
                self.stop();
                return;
            }
        }
    }

    /// Decodes what is next if it is there: a packet, or what one repeats of the packet before it.
    fn decode_next(&mut self, due: i64) -> bool {
        let (Some(next), Some(delay)) = (self.packets.front(), self.delay_next(due)) else {
            return false;
        };
        let missing = self.decoded.missing(next);
        // What was never sent is not made up for, nor a long hole once what follows it is due.
        let is_pause = self.decoded.is_too_much(missing) && delay >= self.low();
        if missing > 0 && !is_pause {
            return self.decoded.recover(next);
        }
        self.decoded.decode(next);
        self.packets.pop();
        // A step is no clock.
        if (delay - self.delay).abs() > DEAD_BAND {
            self.skew = Skew::default();
        }
        self.delay = delay;
        self.skew.waited(delay as f32);
        true
    }

    /// Makes what waits a little longer or shorter if it waits too short or too long.
    fn move_on(&mut self, stride: usize, due: i64) {
        self.ticks_unmoved = self.ticks_unmoved.saturating_add(1);
        // Samples beyond whole ticks do not help: a packet is needed when fewer than a tick are left.
        let ahead = self.decoded.pcm.len() as i64 % TICK;
        let lack = self.low() - (self.delay - ahead);
        let excess = self.delay - self.high();
        if lack > 0 {
            let most = ((lack + TICK - 1) / TICK * TICK - ahead).max(0);
            let longer = self.decoded.pcm.lengthen(most as usize, self.seam(lack));
            self.moved(longer as i64);
        } else if excess > DEAD_BAND {
            self.decode_ahead(stride + AFTER, due);
            let seam = self.seam(excess);
            let shorter = self.decoded.pcm.shorten(excess as usize, stride, seam);
            self.moved(-(shorter as i64));
        }
    }

    /// What seam will do for sound that is `off` by so much.
    fn seam(&self, off: i64) -> Seam {
        match self.ticks_unmoved {
            ..MOVE_TICKS => Seam::Quiet,
            _ if off > URGENT => Seam::Any,
            _ => Seam::Alike,
        }
    }

    /// Decodes what follows without a hole, up to `len` samples.
    fn decode_ahead(&mut self, len: usize, due: i64) {
        let follows = |jitter: &Self| {
            jitter.packets.front().is_some_and(|next| jitter.decoded.missing(next) == 0)
        };
        while self.decoded.pcm.len() < len && follows(self) {
            self.decode_next(due);
        }
    }

    /// Sound is so much longer now.
    fn moved(&mut self, longer: i64) {
        if longer != 0 {
            self.renew(self.delay + longer);
            self.decoded.moved(longer);
        }
    }

    /// Counts as held back for a picture what sound waits beyond what the line needs.
    fn follow(&mut self) {
        let beyond = self.delay - self.lateness.low();
        let (held, extra) = (self.held as i64, self.extra as i64);
        self.held = match held < extra {
            true => beyond.clamp(held, extra) as usize,
            false => (beyond - SPARE - DEAD_BAND).clamp(extra, held) as usize,
        };
    }
}

#[cfg(test)]
#[path = "jitter_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "jitter_judge.rs"]
mod judge;
