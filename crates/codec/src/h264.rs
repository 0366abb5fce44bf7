//! H.264 through openh264 (built from source by its crate).
//!
//! Crate-private: `decode` and `encode` check sizes before anything arrives here.

use std::ffi::c_int;

use openh264::OpenH264API;
use openh264::decoder::Decoder;
use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, Profile,
    QpRange, RateControlMode, VuiConfig,
};
use openh264::formats::{YUVSlices, YUVSource};

use crate::decode_error::DecodeError;
use crate::encoded::{EncodeError, EncodedFrame};
use crate::encoder_settings::EncoderSettings;
use crate::frame::{Frame, FrameView, VideoCodec};

pub(crate) struct H264Decoder {
    decoder: Decoder,
}

impl H264Decoder {
    pub(crate) fn new() -> Result<H264Decoder, DecodeError> {
        let decoder = Decoder::new().map_err(|_| DecodeError::Start(VideoCodec::H264))?;
        Ok(H264Decoder { decoder })
    }

    /// Decodes a packet that has a start code and whose size has been judged.
    pub(crate) fn decode(&mut self, packet: &[u8]) -> Result<Option<FrameView<'_>>, DecodeError> {
        // Concealment is off in the crate: a picture with a missing reference is an error, so
        // that a keyframe is asked for instead of grey smears being shown.
        let Some(picture) = self.decoder.decode(packet).map_err(|_| DecodeError::Damaged)? else {
            return Ok(None);
        };
        let (w, h) = picture.dimensions_i32();
        let (stride_y, stride_uv, _) = picture.strides();
        let (Ok(w), Ok(h)) = (u32::try_from(w), u32::try_from(h)) else {
            return Err(DecodeError::Damaged);
        };
        let planes = (picture.y(), picture.u(), picture.v());
        // SAFETY: the slices point into the decoder's reference pictures, which stay until the
        // next decode; the returned view borrows `self` and so prevents that. (The crate ties
        // them to the short-lived `DecodedYUV` instead.) openh264 pads its pictures by 32 pixels.
        let planes = unsafe { (outlive(planes.0), outlive(planes.1), outlive(planes.2)) };
        FrameView::new(planes, (stride_y, stride_uv), (w, h)).map(Some).ok_or(DecodeError::Damaged)
    }
}

/// The same slice with a lifetime of the caller's choice.
///
/// # Safety
/// The memory must live and stay unwritten for `'b`.
unsafe fn outlive<'b>(slice: &[u8]) -> &'b [u8] {
    // SAFETY: pointer and length come from a slice; the caller vouches for the lifetime.
    unsafe { std::slice::from_raw_parts(slice.as_ptr(), slice.len()) }
}

pub(crate) struct H264Encoder {
    encoder: Encoder,
    /// openh264 is set up with its first picture and knows no options before.
    started: bool,
}

impl H264Encoder {
    pub(crate) fn new(settings: &EncoderSettings) -> Result<H264Encoder, EncodeError> {
        let mut encoder = Encoder::with_api_config(OpenH264API::from_source(), config(settings))
            .map_err(|_| EncodeError::Start(VideoCodec::H264))?;
        // Otherwise it warns on stderr, once per encoder, that it cannot hold a bitrate without
        // skipping pictures; measured, it does.
        set_option(&mut encoder, OPTION_TRACE_LEVEL, &mut 0);
        Ok(H264Encoder { encoder, started: false })
    }

    /// `frame` has the encoder's size. Its time is not told: in bitrate mode without skipping
    /// the rate control counts pictures, so a still canvas earns no burst.
    pub(crate) fn encode(
        &mut self,
        frame: &Frame,
        force_keyframe: bool,
    ) -> Result<EncodedFrame, EncodeError> {
        if force_keyframe && self.started {
            self.encoder.force_intra_frame();
        }
        let view = frame.view();
        let (stride_y, stride_uv) = view.strides();
        let size = (frame.width() as usize, frame.height() as usize);
        let source = YUVSlices::new(view.planes(), size, (stride_y, stride_uv, stride_uv));
        let stream = self.encoder.encode(&source).map_err(|_| EncodeError::Failed)?;
        self.started = true;
        let keyframe = stream.frame_type() == FrameType::IDR;
        let data = stream.to_vec();
        if data.is_empty() { Err(EncodeError::Failed) } else { Ok(EncodedFrame { data, keyframe }) }
    }

    /// Changes the target from `settings.bitrate_bps` to `bps`.
    pub(crate) fn set_bitrate(
        &mut self,
        settings: &EncoderSettings,
        bps: u32,
    ) -> Result<(), EncodeError> {
        if !self.started {
            *self = H264Encoder::new(&EncoderSettings { bitrate_bps: bps, ..*settings })?;
            return Ok(());
        }
        // The ceiling of the layer must never be below its target: raise it first, lower it last.
        let raise = bps > settings.bitrate_bps;
        let mut target = BitrateOption { layer: LAYER_ALL, bitrate_bps: bps as c_int };
        let mut ceiling = BitrateOption { layer: LAYER_0, bitrate_bps: bps as c_int };
        let steps = [(OPTION_MAX_BITRATE, &mut ceiling), (OPTION_BITRATE, &mut target)];
        let mut ordered: Vec<_> = steps.into();
        if !raise {
            ordered.reverse();
        }
        let done = ordered.into_iter().all(|(id, value)| set_option(&mut self.encoder, id, value));
        if done { Ok(()) } else { Err(EncodeError::Failed) }
    }
}

// ENCODER_OPTION and LAYER_NUM in openh264's codec_app_def.h, stable since 1.2.
const OPTION_BITRATE: c_int = 5;
const OPTION_MAX_BITRATE: c_int = 6;
const OPTION_TRACE_LEVEL: c_int = 25;
const LAYER_0: c_int = 0;
const LAYER_ALL: c_int = 4;

/// `SBitrateInfo` of codec_app_def.h.
#[repr(C)]
struct BitrateOption {
    layer: c_int,
    bitrate_bps: c_int,
}

/// What an option of the encoder may point to.
trait OptionValue {}
impl OptionValue for c_int {}
impl OptionValue for BitrateOption {}

fn set_option<T: OptionValue>(encoder: &mut Encoder, id: c_int, value: &mut T) -> bool {
    // SAFETY: `id` is one of the constants above with the type codec_app_def.h gives it (an int
    // for the trace level, SBitrateInfo for the bitrates); openh264 reads it during the call.
    // None of these is a parameter the crate relies on.
    unsafe { encoder.raw_api().set_option(id, std::ptr::from_mut(value).cast()) == 0 }
}

/// Constrained baseline (what browsers take as 42e01f), colours marked BT.601 (Chromium takes an
/// unmarked stream for BT.709 and shows it too dark), keyframes on demand only.
fn config(settings: &EncoderSettings) -> EncoderConfig {
    EncoderConfig::new()
        .bitrate(BitRate::from_bps(settings.bitrate_bps))
        .max_frame_rate(FrameRate::from_hz(settings.fps as f32))
        .rate_control_mode(RateControlMode::Bitrate)
        .skip_frames(false)
        // Said outright: left open, openh264 stops at 42 and overshoots instead.
        .qp(QpRange::new(12, 48))
        .complexity(Complexity::Low)
        // Measured on nine moving and nine quiet cameras: without background detection 0.2 dB
        // better at the same rate, and 9 % less time on moving ones; adaptive quantisation changes
        // no bit of the output and costs 3 %.
        .background_detection(false)
        .adaptive_quantization(false)
        .num_threads(1)
        .profile(Profile::Baseline)
        .scene_change_detect(false)
        .intra_frame_period(IntraFramePeriod::from_num_frames(0))
        .vui(VuiConfig::bt601())
}
