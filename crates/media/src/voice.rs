//! One encoded mix: limiter, encoder, and a shortcut for silence.

use rotunda_codec::{OpusEncoder, SoundError};
use rotunda_compose::{Limiter, MixFrame};
use std::sync::Arc;

/// Silent frames encoded before the last packet is repeated: by then the encoder makes the same
/// packet again and again, and its state is that of silence when sound returns.
const SETTLED: u32 = 25;

/// A longest Opus packet (RFC 6716 §3.4 allows 1275 bytes a frame).
const PACKET_BYTES: usize = 1275;

pub(crate) struct Voice {
    encoder: OpusEncoder,
    limiter: Limiter,
    silent: u32,
    last: Option<Arc<[u8]>>,
}

impl Voice {
    /// A voice; with `is_speech` one for narrow and lossy lines.
    pub fn new(is_speech: bool) -> Result<Self, SoundError> {
        let encoder = if is_speech { OpusEncoder::speech() } else { OpusEncoder::new() }?;
        Ok(Self { encoder, limiter: Limiter::new(), silent: 0, last: None })
    }

    /// The packet for 20 ms of sound.
    pub fn say(&mut self, mut frame: MixFrame) -> Option<Arc<[u8]>> {
        let is_silent = frame.iter().all(|sample| *sample == 0.0);
        self.silent = if is_silent { self.silent.saturating_add(1) } else { 0 };
        if self.silent > SETTLED && self.last.is_some() {
            return self.last.clone();
        }
        self.limiter.apply(&mut frame);
        let mut packet = [0u8; PACKET_BYTES];
        match self.encoder.encode(&frame, &mut packet) {
            Ok(len) => {
                self.last = Some(packet[..len].into());
                self.last.clone()
            }
            Err(error) => {
                tracing::error!(%error, "20 ms of sound were not encoded");
                None
            }
        }
    }
}
