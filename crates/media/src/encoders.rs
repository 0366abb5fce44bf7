//! The encoders of one canvas, one for each codec, each only while somebody receives it.

use rotunda_codec::{EncodedFrame, EncoderSettings, Frame, Speed, VideoCodec, VideoEncoder};

/// One codec's encoder, made when its first receiver comes and dropped with its last.
#[derive(Default)]
struct Slot {
    encoder: Option<VideoEncoder>,
    /// Somebody receives it.
    is_wanted: bool,
    /// Somebody records or streams it.
    is_tapped: bool,
    wants_keyframe: bool,
    /// Bits a second, where they are not the canvas's.
    bitrate_bps: Option<u32>,
}

impl Slot {
    fn is_in_use(&self) -> bool {
        self.is_wanted || self.is_tapped
    }
}

/// One place for each codec.
pub(crate) struct Encoders {
    settings: EncoderSettings,
    /// In the order of [`VideoCodec::ALL`].
    slots: [Slot; VideoCodec::ALL.len()],
}

impl Encoders {
    pub fn new(settings: EncoderSettings) -> Self {
        Self { settings, slots: Default::default() }
    }

    fn slot(&mut self, codec: VideoCodec) -> &mut Slot {
        &mut self.slots[codec.index()]
    }

    /// Says whether anybody receives `codec`.
    pub fn want(&mut self, codec: VideoCodec, is_wanted: bool) {
        let slot = self.slot(codec);
        slot.is_wanted = is_wanted;
        if !slot.is_in_use() {
            slot.encoder = None;
        }
    }

    /// Says whether anybody taps the canvas, which is always H.264.
    pub fn tap(&mut self, is_tapped: bool) {
        let slot = self.slot(VideoCodec::H264);
        slot.is_tapped = is_tapped;
        if !slot.is_in_use() {
            slot.encoder = None;
        }
    }

    /// Makes the next frame of `codec` a key frame.
    pub fn want_keyframe(&mut self, codec: VideoCodec) {
        self.slot(codec).wants_keyframe = true;
    }

    /// Gives `codec` so many bits a second from the next frame on.
    pub fn set_bitrate(&mut self, codec: VideoCodec, bps: u32) {
        let slot = self.slot(codec);
        slot.bitrate_bps = Some(bps);
        if let Some(Err(error)) = slot.encoder.as_mut().map(|encoder| encoder.set_bitrate(bps)) {
            tracing::warn!(%error, ?codec, "an encoder keeps its bitrate");
        }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.settings.width, self.settings.height)
    }

    /// Whether a frame is wanted even if nothing changed: a key frame was asked for, or an encoder
    /// is to make its first.
    pub fn are_waiting(&self) -> bool {
        let waits =
            |slot: &Slot| slot.is_in_use() && (slot.wants_keyframe || slot.encoder.is_none());
        self.slots.iter().any(waits)
    }

    /// Whether anybody takes anything.
    pub fn are_wanted(&self) -> bool {
        self.slots.iter().any(Slot::is_in_use)
    }

    /// Another canvas size or frame rate: encoders begin anew.
    pub fn reshape(&mut self, width: u32, height: u32, fps: u32) {
        let speed = self.settings.speed;
        self.settings = EncoderSettings { width, height, fps, speed, ..self.settings };
        self.slots.iter_mut().for_each(|slot| slot.encoder = None);
    }

    /// Puts so much work into each picture from the next one on.
    pub fn set_speed(&mut self, speed: Speed) {
        self.settings.speed = speed;
        for encoder in self.slots.iter_mut().filter_map(|slot| slot.encoder.as_mut()) {
            if let Err(error) = encoder.set_speed(speed) {
                tracing::warn!(%error, "an encoder keeps its speed");
            }
        }
    }

    /// Encodes `canvas` once per wanted codec and hands each result to `deliver`, with whether any
    /// member receives it.
    pub fn encode(
        &mut self,
        canvas: &Frame,
        ts_90khz: u64,
        mut deliver: impl FnMut(VideoCodec, EncodedFrame, bool),
    ) {
        for codec in VideoCodec::ALL {
            let settings = self.settings;
            let slot = self.slot(codec);
            if !slot.is_in_use() {
                continue;
            }
            let is_received = slot.is_wanted;
            let bitrate_bps = slot.bitrate_bps.unwrap_or(settings.bitrate_bps);
            let settings = EncoderSettings { bitrate_bps, ..settings };
            match encode_one(slot, codec, settings, canvas, ts_90khz) {
                Ok(frame) if frame.data.is_empty() => {}
                Ok(frame) => deliver(codec, frame, is_received),
                Err(error) => {
                    tracing::error!(%error, ?codec, "a canvas frame was not encoded");
                    slot.encoder = None;
                }
            }
        }
    }
}

fn encode_one(
    slot: &mut Slot,
    codec: VideoCodec,
    settings: EncoderSettings,
    canvas: &Frame,
    ts_90khz: u64,
) -> Result<EncodedFrame, rotunda_codec::EncodeError> {
    let mut keyframe = slot.wants_keyframe;
    let encoder = match &mut slot.encoder {
        Some(encoder) => encoder,
        empty => {
            keyframe = true;
            empty.insert(VideoEncoder::new(codec, settings)?)
        }
    };
    let frame = encoder.encode(canvas, keyframe, ts_90khz)?;
    if frame.keyframe {
        slot.wants_keyframe = false;
    }
    Ok(frame)
}
