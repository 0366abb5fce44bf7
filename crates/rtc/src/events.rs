//! What the network thread tells the rest of the server. It refuses to know who listens.
//!
//! Every function is called on the network thread: it must hand on and return, never block, and
//! never call [`Net::renegotiate`](crate::Net::renegotiate) (which waits for this thread).

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::{LegKey, LineQuality, Rung, StreamKey, VideoCodec};

/// Sound or picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// Opus.
    Audio,
    /// VP8 or H.264.
    Video,
}

/// Why a leg ended without [`Net::close`](crate::Net::close) having been called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closed {
    /// ICE and DTLS were not up 10 s after the answer.
    NotConnected,
    /// The DTLS handshake failed: a version, cipher, key or message that is not taken.
    DtlsFailed,
    /// The peer's consent (RFC 7675) has been missing for 30 s.
    Lost,
    /// The peer closed DTLS.
    ByPeer,
    /// An ICE-TCP peer read nothing for 15 s.
    Stalled,
    /// The WebRTC stack failed on this leg (an error it cannot leave, or a panic).
    Failed,
}

/// How far a picture must be turned clockwise to stand upright.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Rotation {
    /// Upright.
    #[default]
    Deg0,
    /// A quarter turn clockwise (1 on the wire).
    Deg90,
    /// Upside down.
    Deg180,
    /// Three quarters (3 on the wire).
    Deg270,
}

/// One encoded picture from a client, complete.
#[derive(Clone, Debug)]
pub struct VideoIn {
    /// What it is encoded in; may change from one picture to the next.
    pub codec: VideoCodec,
    /// VP8 frame, or H.264 access unit in Annex B.
    pub data: Arc<[u8]>,
    /// Decodable without any earlier picture.
    pub keyframe: bool,
    /// False: something between the previous picture and this one is lost for good.
    pub contiguous: bool,
    /// RTP timestamp, extended so that it never wraps, in 1/90000 s.
    pub rtp_time_90khz: u64,
    /// As the client's camera was held (RTP header extension `urn:3gpp:video-orientation`).
    pub rotation: Rotation,
    /// When its first packet was received.
    pub arrived: Instant,
}

/// One Opus packet from a client.
#[derive(Clone, Debug)]
pub struct SoundIn {
    /// The Opus packet as it came; may be empty or malformed, as anything from outside.
    pub data: Arc<[u8]>,
    /// RTP timestamp, extended so that it never wraps, in 1/48000 s.
    pub rtp_time_48khz: u64,
    /// RTP sequence number, extended.
    pub seq: u64,
    /// Loudness the client claims (RFC 6464) in dBov, 0 the loudest, −127 silence.
    pub audio_level: Option<i8>,
    /// False: at least one packet before this one is lost for good.
    pub contiguous: bool,
    /// When it was received.
    pub arrived: Instant,
}

/// Ties a client's RTP clock to its wall clock (RTCP SR, RFC 3550 §6.4.1); lip sync needs one per
/// kind.
#[derive(Clone, Copy, Debug)]
pub struct SenderReport {
    /// Which of the leg's streams.
    pub kind: MediaKind,
    /// The client's wall clock.
    pub ntp: SystemTime,
    /// The RTP timestamp of that moment, extended like those of [`VideoIn`] and [`SoundIn`], in
    /// ticks of the kind's clock.
    pub rtp_time: u64,
    /// When the report was received.
    pub arrived: Instant,
}

/// Listens to the network thread.
pub trait NetEvents: Send + Sync {
    /// ICE and DTLS are up. Once per leg.
    fn connected(&self, leg: LegKey);
    /// The first packet of this kind has come from the client; after `connected`, once per kind.
    fn sends(&self, _leg: LegKey, _kind: MediaKind) {}
    /// The leg is gone and its key free. Never told of a leg closed by
    /// [`Net::close`](crate::Net::close).
    fn closed(&self, leg: LegKey, why: Closed);
    /// A picture arrived.
    fn video(&self, leg: LegKey, picture: VideoIn);
    /// A sound packet arrived.
    fn sound(&self, leg: LegKey, sound: SoundIn);
    /// A receiver of this stream needs a key frame. At most once per 500 ms and stream.
    fn keyframe_wanted(&self, stream: StreamKey);
    /// Somebody needs this smaller picture, or nobody any more. Never of the master.
    fn stream_wanted(&self, _stream: StreamKey, _is_wanted: bool) {}
    /// A smaller picture is to have so many bits a second from now on.
    fn rate_wanted(&self, _stream: StreamKey, _bps: u32) {}
    /// A leg is to be sent a voice made for narrow and lossy lines, or the usual one again.
    fn voice_wanted(&self, _leg: LegKey, _is_speech: bool) {}
    /// A leg is given another size of its canvas.
    fn rung(&self, _leg: LegKey, _rung: Rung) {}
    /// How good a leg's line is: when its level, its picture or its transport changes, half a second
    /// apart at the least, and every five seconds.
    fn line_quality(&self, _leg: LegKey, _line: LineQuality) {}
    /// A sender report arrived.
    fn sender_report(&self, _leg: LegKey, _report: SenderReport) {}
    /// Nothing that only the peer can have sent has come for a while: under two seconds if it was sending
    /// pictures, 4 s after sound alone, 15 s otherwise. Told between `connected` and `closed`, and once
    /// per silence.
    fn silent(&self, _leg: LegKey) {}
    /// Something comes from a silent peer again; told before what it was.
    fn heard(&self, _leg: LegKey) {}
    /// The peer has been silent for about 15 s; nothing is sent to it until it comes back.
    fn lost(&self, _leg: LegKey) {}
    /// A lost peer came back.
    fn recovered(&self, _leg: LegKey) {}
}
