//! Opus at 48 kHz mono, the one sound codec every browser must speak (RFC 7874).
//!
//! Samples are `f32`, ±1.0 full scale. Knows nothing of jitter, mixing or who speaks.

use opus::{Application, Bitrate, Channels, Signal};

/// Samples per second, per channel.
pub const SAMPLE_RATE_HZ: u32 = 48_000;
/// Samples in the 20 ms that one encoded packet holds.
pub const SAMPLES_PER_PACKET: usize = 960;
/// The longest sound an Opus packet may hold: 120 ms (RFC 6716 section 3.2.5).
pub const MAX_DECODED_SAMPLES: usize = 5760;
/// The longest packet decoded: what fits a datagram; also the room an encoder can need.
pub const MAX_SOUND_PACKET_BYTES: usize = 1500;

const DEFAULT_BITRATE_BPS: i32 = 48_000;
/// Of a voice for narrow lines, what each packet repeats of the one before it included.
const SPEECH_BITRATE_BPS: i32 = 24_000;
/// The loss in per cent that such a voice is made for: from about here on libopus repeats.
const SPEECH_LOSS: i32 = 10;

/// Why a packet gave no sound, or sound no packet.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// A packet of no bytes or more than [`MAX_SOUND_PACKET_BYTES`].
    #[error("a sound packet of {0} bytes")]
    PacketLength(usize),
    /// libopus refused: a damaged packet, or too little room for the result.
    #[error("{doing}")]
    Opus {
        /// What was being done.
        doing: &'static str,
        /// libopus's answer.
        source: opus::Error,
    },
}

fn failed(doing: &'static str) -> impl Fn(opus::Error) -> SoundError {
    move |source| SoundError::Opus { doing, source }
}

/// Decodes one incoming audio track; stereo is mixed down.
pub struct OpusDecoder {
    decoder: opus::Decoder,
    last_samples: usize,
}

impl OpusDecoder {
    /// A fresh decoder.
    ///
    /// # Errors
    /// [`SoundError::Opus`] if libopus gives none (out of memory).
    pub fn new() -> Result<OpusDecoder, SoundError> {
        let decoder = opus::Decoder::new(SAMPLE_RATE_HZ, Channels::Mono)
            .map_err(failed("starting the Opus decoder"))?;
        Ok(OpusDecoder { decoder, last_samples: SAMPLES_PER_PACKET })
    }

    /// Samples that a packet holds, without decoding it; none if it is damaged.
    pub fn samples_in(&self, packet: &[u8]) -> Option<usize> {
        let is_sane = !packet.is_empty() && packet.len() <= MAX_SOUND_PACKET_BYTES;
        let samples = is_sane.then(|| self.decoder.get_nb_samples(packet).ok())?;
        samples.filter(|samples| (1..=MAX_DECODED_SAMPLES).contains(samples))
    }

    /// Forgets what came before: the next packet is heard as the first.
    pub fn reset(&mut self) {
        self.last_samples = SAMPLES_PER_PACKET;
        // libopus refuses it to no decoder that it made.
        let _ = self.decoder.reset_state();
    }

    /// Makes up for the one packet lost before `next`, from what `next` repeats of it (in-band FEC,
    /// RFC 6716 §2.1.7) or, where it repeats nothing, by concealment; as many samples as the packet
    /// before had. `next` itself is to be decoded afterwards.
    ///
    /// # Errors
    /// [`SoundError`] for a packet too long or damaged.
    pub fn recover(&mut self, next: &[u8], out: &mut [f32]) -> Result<usize, SoundError> {
        if next.is_empty() || next.len() > MAX_SOUND_PACKET_BYTES {
            return Err(SoundError::PacketLength(next.len()));
        }
        let room = self.last_samples.min(out.len()) / 120 * 120;
        let recovered = self.decoder.decode_float(next, &mut out[..room], true);
        recovered.map_err(failed("recovering a lost packet"))
    }

    /// Decodes a packet into `out` and says how many samples it gave; for `None`, a lost packet,
    /// makes up as many samples as the packet before had (20 ms before the first).
    ///
    /// `out` should have room for [`MAX_DECODED_SAMPLES`]. Samples may exceed ±1.0 a little.
    ///
    /// # Errors
    /// [`SoundError`] for a packet too long, damaged, or longer than `out`.
    pub fn decode(&mut self, packet: Option<&[u8]>, out: &mut [f32]) -> Result<usize, SoundError> {
        let Some(packet) = packet else {
            // libopus conceals in steps of 2.5 ms.
            let room = self.last_samples.min(out.len()) / 120 * 120;
            let conceal = self.decoder.decode_float(&[], &mut out[..room], false);
            return conceal.map_err(failed("concealing a lost packet"));
        };
        if packet.is_empty() || packet.len() > MAX_SOUND_PACKET_BYTES {
            return Err(SoundError::PacketLength(packet.len()));
        }
        let samples = self
            .decoder
            .decode_float(packet, out, false)
            .map_err(failed("decoding an Opus packet"))?;
        self.last_samples = samples;
        Ok(samples)
    }
}

/// Encodes one mix, 20 ms at a time.
pub struct OpusEncoder {
    encoder: opus::Encoder,
}

impl OpusEncoder {
    /// An encoder of 48 kbit/s.
    ///
    /// The low-delay application, that is CELT at all times: half the price of the voice modes,
    /// 4 ms less delay, no high-pass that eats a hum, steady tones at unity gain. It gives up
    /// in-band error correction; the receivers conceal. No DTX: packets go out always.
    ///
    /// # Errors
    /// [`SoundError::Opus`] if libopus gives none (out of memory).
    pub fn new() -> Result<OpusEncoder, SoundError> {
        let mut encoder = opus::Encoder::new(SAMPLE_RATE_HZ, Channels::Mono, Application::LowDelay)
            .map_err(failed("starting the Opus encoder"))?;
        encoder
            .set_bitrate(Bitrate::Bits(DEFAULT_BITRATE_BPS))
            .and_then(|()| encoder.set_complexity(5))
            .and_then(|()| encoder.set_dtx(false))
            .map_err(failed("configuring the Opus encoder"))?;
        Ok(OpusEncoder { encoder })
    }

    /// An encoder of 24 kbit/s for speech on narrow or lossy lines.
    ///
    /// Of the voice modes, which at this rate are as clear as [`OpusEncoder::new`] at 48 and repeat
    /// in each packet what makes up for the loss of the one before ([`OpusDecoder::recover`]).
    ///
    /// # Errors
    /// [`SoundError::Opus`] if libopus gives none (out of memory).
    pub fn speech() -> Result<OpusEncoder, SoundError> {
        let mut encoder = opus::Encoder::new(SAMPLE_RATE_HZ, Channels::Mono, Application::Voip)
            .map_err(failed("starting the Opus encoder"))?;
        encoder
            .set_bitrate(Bitrate::Bits(SPEECH_BITRATE_BPS))
            .and_then(|()| encoder.set_complexity(5))
            .and_then(|()| encoder.set_signal(Signal::Voice))
            .and_then(|()| encoder.set_inband_fec(true))
            .and_then(|()| encoder.set_packet_loss_perc(SPEECH_LOSS))
            .and_then(|()| encoder.set_dtx(false))
            .map_err(failed("configuring the Opus encoder"))?;
        Ok(OpusEncoder { encoder })
    }

    /// Changes the target, held within 6 and 256 kbit/s.
    ///
    /// # Errors
    /// [`SoundError::Opus`] if libopus refuses.
    pub fn set_bitrate(&mut self, bps: u32) -> Result<(), SoundError> {
        let bps = bps.clamp(6_000, 256_000) as i32;
        self.encoder.set_bitrate(Bitrate::Bits(bps)).map_err(failed("changing the bitrate"))
    }

    /// Encodes 20 ms into `out` and says how many bytes it took; [`MAX_SOUND_PACKET_BYTES`] are
    /// always enough.
    ///
    /// # Errors
    /// [`SoundError::Opus`] if `out` is too small.
    pub fn encode(
        &mut self,
        samples: &[f32; SAMPLES_PER_PACKET],
        out: &mut [u8],
    ) -> Result<usize, SoundError> {
        self.encoder.encode_float(samples, out).map_err(failed("encoding a sound packet"))
    }
}
