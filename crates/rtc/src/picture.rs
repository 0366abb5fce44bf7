//! One encoded picture, cut into RTP payloads once for all its receivers.
//! It refuses to know who they are.

use std::sync::Arc;

use crate::packetize;

/// The codecs pictures are sent and received in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VideoCodec {
    /// VP8 (RFC 7741).
    Vp8,
    /// H.264 constrained baseline, packetization-mode 1 (RFC 6184).
    H264,
}

/// One encoded picture as RTP payloads.
#[derive(Clone, Debug)]
pub struct Picture {
    /// What it is encoded in.
    pub codec: VideoCodec,
    /// Decodable without any earlier picture.
    pub keyframe: bool,
    /// The stream's media clock in 1/90000 s; strictly increasing within a stream.
    pub ts_90khz: u64,
    /// RTP payloads in order; the last one carries the marker bit.
    pub packets: Vec<Arc<[u8]>>,
    /// Sum of the payloads' sizes.
    pub bytes: usize,
}

impl Picture {
    /// Cuts `frame` (a VP8 frame, or an H.264 access unit in Annex B) into payloads of at most
    /// 1160 bytes, as equal in size as the codec allows.
    pub fn new(codec: VideoCodec, keyframe: bool, ts_90khz: u64, frame: &[u8]) -> Self {
        let packets = match codec {
            VideoCodec::Vp8 => packetize::vp8(frame),
            VideoCodec::H264 => packetize::h264(frame),
        };
        let bytes = packets.iter().map(|p| p.len()).sum();
        Self { codec, keyframe, ts_90khz, packets, bytes }
    }
}
