//! A microphone: 20 ms of sound at a time, encoded, sent when they are over.

use crate::content::is_within;
use crate::leg_command::Command;
use crate::ogg::OpusFile;
use crate::pace::Pace;
use crate::raw::RawSound;
use rotunda_codec::{MAX_SOUND_PACKET_BYTES, OpusEncoder, SAMPLE_RATE_HZ, SAMPLES_PER_PACKET};
use std::f64::consts::TAU;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::sleep_until;

/// RTP time at the origin: in the upper half of 32 bits, where readers that forget to wrap fail.
const RTP_ORIGIN: u64 = 0x9000_0000;

/// What a microphone hears.
#[derive(Clone, Debug)]
pub enum Voice {
    /// Nothing at all, but its packets flow.
    Silence,
    /// A steady tone.
    Tone {
        /// Its frequency.
        hz: f64,
        /// Its level; 0 is a sine that just fills the range.
        dbfs: f64,
    },
    /// A short tone at every whole multiple of `every` after the origin.
    Beep {
        /// Its frequency.
        hz: f64,
        /// Its level.
        dbfs: f64,
        /// From one to the next.
        every: Duration,
        /// How long one lasts.
        length: Duration,
    },
    /// Packets of a file, sent as they are, over and over.
    File(Arc<OpusFile>),
}

/// A microphone.
#[derive(Clone, Debug)]
pub struct Microphone {
    /// What it hears.
    pub voice: Voice,
    /// How much too fast its clock is, parts per million.
    pub drift_ppm: i32,
}

impl Microphone {
    /// One that hears this.
    pub fn new(voice: Voice) -> Self {
        Self { voice, drift_ppm: 0 }
    }

    /// Whose clock is too fast by so many parts per million.
    pub fn drifting(self, drift_ppm: i32) -> Self {
        Self { drift_ppm, ..self }
    }

    /// One that hears a steady tone.
    pub fn tone(hz: f64, dbfs: f64) -> Self {
        Self::new(Voice::Tone { hz, dbfs })
    }

    /// One that hears nothing.
    pub fn silence() -> Self {
        Self::new(Voice::Silence)
    }
}

impl Voice {
    /// The sample at `n` after the origin.
    fn sample(&self, n: u64) -> f32 {
        let tone = |hz: f64, dbfs: f64| {
            let turn = TAU * hz * n as f64 / f64::from(SAMPLE_RATE_HZ);
            (10f64.powf(dbfs / 20.0) * turn.sin()) as f32
        };
        match self {
            Self::Silence | Self::File(_) => 0.0,
            Self::Tone { hz, dbfs } => tone(*hz, *dbfs),
            Self::Beep { hz, dbfs, every, length } => {
                let at = Duration::from_nanos(n * 1_000_000_000 / u64::from(SAMPLE_RATE_HZ));
                if is_within(at, *every, *length) { tone(*hz, *dbfs) } else { 0.0 }
            }
        }
    }
}

struct Source {
    voice: Voice,
    encoder: OpusEncoder,
}

impl Source {
    fn packet(&mut self, number: u64) -> Option<Arc<[u8]>> {
        if let Voice::File(file) = &self.voice {
            return file.packets.get(number as usize % file.packets.len().max(1)).cloned();
        }
        let mut pcm = [0f32; SAMPLES_PER_PACKET];
        for (i, sample) in pcm.iter_mut().enumerate() {
            *sample = self.voice.sample(number * SAMPLES_PER_PACKET as u64 + i as u64);
        }
        let mut bytes = [0u8; MAX_SOUND_PACKET_BYTES];
        let len = self.encoder.encode(&pcm, &mut bytes).ok()?;
        Some(bytes[..len].into())
    }
}

/// Runs until the leg ends.
pub(crate) async fn run(
    microphone: Microphone,
    leg: mpsc::Sender<Command>,
    origin: Instant,
    is_on: Arc<AtomicBool>,
) {
    let Ok(encoder) = OpusEncoder::new() else { return };
    let mut source = Source { voice: microphone.voice, encoder };
    let pace = Pace { ppm: microphone.drift_ppm };
    let begins = |number: u64| origin + pace.real(Duration::from_millis(number * 20));
    // Sound is not left out because the machine was busy: it comes in a burst, as real ones do.
    for number in 0u64.. {
        sleep_until(begins(number + 1).into()).await;
        if !is_on.load(Ordering::Acquire) {
            if leg.is_closed() {
                return;
            }
            continue;
        }
        let Some(data) = source.packet(number) else { continue };
        let sound = RawSound {
            data,
            rtp_48khz: RTP_ORIGIN + number * SAMPLES_PER_PACKET as u64,
            captured: begins(number),
        };
        if leg.send(Command::Sound(sound)).await.is_err() {
            return;
        }
    }
}
