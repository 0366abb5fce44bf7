//! Safe wrappers around the C codecs and the scaler: pictures and sound in, bytes out, and back.
//!
//! The only crate of the workspace that may write `unsafe`. It knows nothing of rooms, RTP,
//! clocks or threads: every type here is `Send`, owned by one thread at a time, and does its work
//! inside the call. Bytes handed to a decoder come from the network and are hostile: sizes are
//! read from their headers and refused before a library may allocate for them.

mod decode;
mod decode_error;
mod encode;
mod encoded;
mod encoder_settings;
mod frame;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod h264;
mod header;
mod memory;
mod scale;
mod shrink;
mod sound;
mod sps;
mod vp8;

pub use decode::{MAX_PACKET_BYTES, VideoDecoder};
pub use decode_error::DecodeError;
pub use encode::VideoEncoder;
pub use encoded::{EncodeError, EncodedFrame};
pub use encoder_settings::{BITRATE_BPS_MAX, BITRATE_BPS_MIN, EncoderSettings, Speed};
pub use frame::{Frame, FrameView, MAX_SIDE, PlanesMut, Rect, VideoCodec, Yuv};
pub use header::{coded_size, is_keyframe, pictures_in};
pub use memory::give_back_what_is_freed;
pub use scale::{Filter, Rotation, ScaleError, rotate, scale_into};
pub use sound::{
    MAX_DECODED_SAMPLES, MAX_SOUND_PACKET_BYTES, OpusDecoder, OpusEncoder, SAMPLE_RATE_HZ,
    SAMPLES_PER_PACKET, SoundError,
};
