//! One encoder of a canvas, of one codec and one size, which is there only while somebody receives what
//! it makes.

use rotunda_codec::{EncodeError, EncodedFrame, EncoderSettings, Frame, Speed};
use rotunda_codec::{VideoCodec, VideoEncoder};

/// Made when its first receiver comes and dropped with its last.
pub(crate) struct EncoderSlot {
    codec: VideoCodec,
    settings: EncoderSettings,
    encoder: Option<VideoEncoder>,
    /// Somebody receives it.
    is_wanted: bool,
    /// Somebody records or streams it.
    is_tapped: bool,
    wants_keyframe: bool,
}

impl EncoderSlot {
    pub fn new(codec: VideoCodec, settings: EncoderSettings) -> Self {
        Self {
            codec,
            settings,
            encoder: None,
            is_wanted: false,
            is_tapped: false,
            wants_keyframe: false,
        }
    }

    /// Says whether any member receives it.
    pub fn want(&mut self, is_wanted: bool) {
        self.is_wanted = is_wanted;
        self.let_go();
    }

    /// Says whether anybody taps it.
    pub fn tap(&mut self, is_tapped: bool) {
        self.is_tapped = is_tapped;
        self.let_go();
    }

    fn let_go(&mut self) {
        if !self.is_in_use() {
            self.encoder = None;
        }
    }

    /// Whether any member receives it.
    pub fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    /// Whether anybody takes it.
    pub fn is_in_use(&self) -> bool {
        self.is_wanted || self.is_tapped
    }

    /// Whether a frame is wanted even if nothing changed: a key frame was asked for, or the encoder is
    /// to make its first.
    pub fn is_waiting(&self) -> bool {
        self.is_in_use() && (self.wants_keyframe || self.encoder.is_none())
    }

    /// Makes the next frame a key frame.
    pub fn want_keyframe(&mut self) {
        self.wants_keyframe = true;
    }

    /// So many bits a second from the next frame on.
    pub fn set_bitrate(&mut self, bps: u32) {
        self.settings.bitrate_bps = bps;
        if let Some(Err(error)) = self.encoder.as_mut().map(|encoder| encoder.set_bitrate(bps)) {
            tracing::warn!(%error, codec = ?self.codec, "an encoder keeps its bitrate");
        }
    }

    /// So much work for each picture from the next one on.
    pub fn set_speed(&mut self, speed: Speed) {
        self.settings.speed = speed;
        if let Some(Err(error)) = self.encoder.as_mut().map(|encoder| encoder.set_speed(speed)) {
            tracing::warn!(%error, codec = ?self.codec, "an encoder keeps its speed");
        }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.settings.width, self.settings.height)
    }

    /// Another size: the encoder begins anew.
    pub fn reshape(&mut self, width: u32, height: u32) {
        self.settings = EncoderSettings { width, height, ..self.settings };
        self.encoder = None;
    }

    /// The encoder begins anew, with a key frame.
    pub fn reset(&mut self) {
        self.encoder = None;
    }

    /// Encodes `picture`; nothing where nobody takes it, and where it fails.
    pub fn encode(&mut self, picture: &Frame, ts_90khz: u64) -> Option<EncodedFrame> {
        if !self.is_in_use() {
            return None;
        }
        match self.try_encode(picture, ts_90khz) {
            Ok(frame) => Some(frame).filter(|frame| !frame.data.is_empty()),
            Err(error) => {
                tracing::error!(%error, codec = ?self.codec, "a canvas frame was not encoded");
                self.encoder = None;
                None
            }
        }
    }

    fn try_encode(&mut self, picture: &Frame, ts: u64) -> Result<EncodedFrame, EncodeError> {
        let mut keyframe = self.wants_keyframe;
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            empty => {
                keyframe = true;
                empty.insert(VideoEncoder::new(self.codec, self.settings)?)
            }
        };
        let frame = encoder.encode(picture, keyframe, ts)?;
        if frame.keyframe {
            self.wants_keyframe = false;
        }
        Ok(frame)
    }
}
