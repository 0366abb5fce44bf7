//! Bounds of an SDP offer, and the words in which one is refused. The words are ours: nothing of
//! what another program says of an offer is shown to who made it.

use thiserror::Error;

use crate::MediaKind;

pub(crate) const MAX_OFFER: usize = 256 * 1024;
pub(crate) const MAX_LINE: usize = 8 * 1024;
/// A connection keeps the section of everything it ever had; each costs a line in the answer.
pub(crate) const MAX_MEDIA_LINES: usize = 64;
/// Browsers need about 150 for video with every codec; beyond 600 somebody is trying something.
pub(crate) const MAX_ATTRIBUTES: usize = 600;

/// Why an offer was refused, in words for the developer who made it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OfferRefused {
    /// Longer than 256 KiB, or a section with more than 600 attributes.
    #[error("the SDP is too long: keep it below 256 KiB and 600 attributes per media section")]
    TooLong,
    /// A line longer than 8 KiB.
    #[error("an SDP line is longer than 8 KiB: shorten it")]
    LineTooLong,
    /// More than 64 m-lines.
    #[error("the SDP has {0} media sections: 64 are taken, dead ones included")]
    TooManyMediaLines(usize),
    /// Not SDP.
    #[error("this is no SDP the server can read ({0}): send the text of an RTCSessionDescription")]
    NotSdp(String),
    /// No audio or video section that lives.
    #[error(
        "the SDP has no live audio or video section: offer audio (opus/48000/2) or video (VP8, \
         H.264) over UDP/TLS/RTP/SAVPF"
    )]
    NoMedia,
    /// Two live sections that would need a transport each.
    #[error(
        "the audio and the video section are not bundled: offer both in one a=group:BUNDLE \
         (bundlePolicy \"max-bundle\")"
    )]
    NotBundled,
    /// The same payload type means two things.
    #[error("audio and video use the payload type {0}: give each its own within a bundle")]
    PayloadTwice(u8),
    /// Both sides ICE-lite.
    #[error("the SDP has a=ice-lite, and so has this server: offer full ICE")]
    IceLite,
    /// No `a=fingerprint` of SHA-256 or SHA-1.
    #[error("the SDP has no a=fingerprint of sha-256 (or sha-1): offer DTLS-SRTP")]
    NoFingerprint,
    /// No `a=ice-ufrag` or `a=ice-pwd`.
    #[error("the SDP has no a=ice-ufrag and a=ice-pwd: offer ICE")]
    NoIce,
    /// No codec both sides have.
    #[error("no {0} codec in common: {1}")]
    NoCommonCodec(&'static str, &'static str),
    /// A renegotiation with another certificate.
    #[error("the offer comes from another peer connection (its fingerprint differs): call anew")]
    OtherFingerprint,
    /// A renegotiation of a leg that is gone.
    #[error("there is no such call: call anew")]
    UnknownLeg,
    /// As many legs as configured.
    #[error("the server is full: try again later or elsewhere")]
    Full,
    /// The network thread does not answer.
    #[error("the server is too busy to answer: try again")]
    Busy,
    /// The WebRTC stack failed on it.
    #[error("the WebRTC stack cannot use this SDP: send the text of an RTCSessionDescription")]
    Unusable,
}

/// What may come from the client, and what may go to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Takes {
    pub audio: bool,
    pub video: bool,
    /// Whether sound goes to it: if not, its section is answered with nothing to receive.
    pub gives_audio: bool,
    /// The same of pictures.
    pub gives_video: bool,
    /// H.264 beside VP8.
    pub h264: bool,
}

impl Takes {
    /// The direction a client that offers `offered` is treated as having offered.
    pub fn allowed(self, kind: MediaKind, offered: &str) -> &'static str {
        let (is_taken, is_given) = match kind {
            MediaKind::Audio => (self.audio, self.gives_audio),
            MediaKind::Video => (self.video, self.gives_video),
        };
        let sends = is_taken && ["sendrecv", "sendonly"].contains(&offered);
        let receives = is_given && ["sendrecv", "recvonly"].contains(&offered);
        match (sends, receives) {
            (true, true) => "sendrecv",
            (true, false) => "sendonly",
            (false, true) => "recvonly",
            (false, false) => "inactive",
        }
    }

    /// The refusal of a section without a codec of ours.
    pub fn nothing_in_common(self, kind: MediaKind) -> OfferRefused {
        match kind {
            MediaKind::Audio => OfferRefused::NoCommonCodec("audio", "offer opus/48000/2"),
            MediaKind::Video if self.h264 => OfferRefused::NoCommonCodec("video", ANY_PICTURES),
            MediaKind::Video => OfferRefused::NoCommonCodec("video", "offer VP8"),
        }
    }

    /// The refusal of a section that we could read, but not write.
    pub fn nothing_to_send(self) -> OfferRefused {
        let text = "to be sent pictures, offer VP8, or H.264 with packetization-mode=1";
        OfferRefused::NoCommonCodec("video", text)
    }
}

const ANY_PICTURES: &str = "offer VP8, or H.264 of the Baseline, Main or High profile with \
                            packetization-mode 0 or 1";
