//! Bounds and sieve for an SDP offer before the WebRTC stack parses it: what comes out is short,
//! holds only lines that matter, and says what the client may send. It refuses to know the stack.
//!
//! Every remote candidate is left out. An ICE-lite agent never contacts one (it answers checks and
//! learns addresses from those that authenticate), so a list of 10 000 costs nothing, `.local`
//! names need no resolver, and nobody can use this server to knock at other doors.

use thiserror::Error;

use crate::ear::MediaKind;

pub(crate) const MAX_OFFER: usize = 256 * 1024;
pub(crate) const MAX_LINE: usize = 8 * 1024;
pub(crate) const MAX_MEDIA_LINES: usize = 8;
/// Browsers need about 150 for video with every codec; beyond 600 somebody is trying something.
const MAX_ATTRIBUTES: usize = 600;

/// Why an offer was refused, in words for the developer who made it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OfferRefused {
    /// Longer than 256 KiB, or a section with more than 600 attributes.
    #[error("the SDP is too long: keep it below 256 KiB and 600 attributes per media section")]
    TooLong,
    /// A line longer than 8 KiB.
    #[error("an SDP line is longer than 8 KiB: shorten it")]
    LineTooLong,
    /// More than 8 m-lines.
    #[error("the SDP has {0} media sections: send at most one audio and one video section")]
    TooManyMediaLines(usize),
    /// A second active section of a kind.
    #[error("the SDP has two active {0} sections: send at most one of each kind")]
    TwoOfAKind(&'static str),
    /// Not SDP.
    #[error("this is no SDP the server can read ({0}): send the text of an RTCSessionDescription")]
    NotSdp(String),
    /// Neither an audio nor a video section.
    #[error("the SDP has no audio and no video section: add at least one transceiver")]
    NoMedia,
    /// A data channel.
    #[error("data channels are not offered here: remove the application section")]
    DataChannel,
    /// No `a=fingerprint`.
    #[error("the SDP has no a=fingerprint: offer DTLS-SRTP")]
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
    #[error("the WebRTC stack cannot use this SDP ({0})")]
    Unusable(String),
}

/// What may come from the client, and whether anything goes to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Takes {
    pub audio: bool,
    pub video: bool,
    /// False for who only sends: no section is answered with anything to receive.
    pub gives: bool,
}

/// Attributes the stack needs; everything else is left out (candidates and simulcast too).
const KEPT: &[&str] = &[
    "group",
    "ice-lite",
    "ice-ufrag",
    "ice-pwd",
    "fingerprint",
    "setup",
    "mid",
    "extmap",
    "msid",
    "rtcp-mux",
    "rtpmap",
    "rtcp-fb",
    "fmtp",
    "ssrc",
    "ssrc-group",
    "bundle-only",
];
const DIRECTIONS: &[&str] = &["sendrecv", "sendonly", "recvonly", "inactive"];

struct Section<'a> {
    m: &'a str,
    kind: MediaKind,
    rejected: bool,
    direction: Option<&'a str>,
    lines: Vec<&'a str>,
}

/// What is left of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sifted {
    pub sdp: String,
    /// It has an active section of this kind.
    pub audio: bool,
    pub video: bool,
}

/// Reads `sdp` and writes what the stack is to see of it.
pub(crate) fn sift(sdp: &str, takes: Takes) -> Result<Sifted, OfferRefused> {
    if sdp.len() > MAX_OFFER {
        return Err(OfferRefused::TooLong);
    }
    let (header, header_direction, sections) = split(sdp)?;
    judge(&header, &sections)?;
    let active = |kind| sections.iter().any(|s| s.kind == kind && s.active());
    Ok(Sifted {
        sdp: written(&header, header_direction, &sections, takes),
        audio: active(MediaKind::Audio),
        video: active(MediaKind::Video),
    })
}

type Split<'a> = (Vec<&'a str>, Option<&'a str>, Vec<Section<'a>>);

fn split(sdp: &str) -> Result<Split<'_>, OfferRefused> {
    if !sdp.starts_with("v=0") {
        return Err(OfferRefused::NotSdp("it does not begin with v=0".into()));
    }
    let media_lines = sdp.split('\n').filter(|l| l.starts_with("m=")).count();
    if media_lines > MAX_MEDIA_LINES {
        return Err(OfferRefused::TooManyMediaLines(media_lines));
    }
    let (mut header, mut header_direction, mut sections) = (Vec::new(), None, Vec::new());
    for line in sdp.split('\n').map(|l| l.trim_end_matches('\r')).filter(|l| !l.is_empty()) {
        if line.len() > MAX_LINE {
            return Err(OfferRefused::LineTooLong);
        }
        if line.starts_with("m=") {
            sections.push(section(line)?);
            continue;
        }
        let (lines, direction) = match sections.last_mut() {
            Some(s) => (&mut s.lines, &mut s.direction),
            None => (&mut header, &mut header_direction),
        };
        attribute(line, lines, direction)?;
    }
    Ok((header, header_direction, sections))
}

fn section(m: &str) -> Result<Section<'_>, OfferRefused> {
    let mut words = m["m=".len()..].split(' ');
    let kind = match words.next() {
        Some("audio") => MediaKind::Audio,
        Some("video") => MediaKind::Video,
        Some("application") => return Err(OfferRefused::DataChannel),
        other => return Err(OfferRefused::NotSdp(format!("m={}", short(other.unwrap_or(""))))),
    };
    let rejected = words.next() == Some("0");
    Ok(Section { m, kind, rejected, direction: None, lines: Vec::new() })
}

fn attribute<'a>(
    line: &'a str,
    lines: &mut Vec<&'a str>,
    direction: &mut Option<&'a str>,
) -> Result<(), OfferRefused> {
    let Some((key, value)) = line.split_once('=') else {
        return Err(OfferRefused::NotSdp(format!("the line \"{}\"", short(line))));
    };
    let name = value.split(':').next().unwrap_or("");
    if key == "a" && DIRECTIONS.contains(&value) {
        *direction = Some(value);
    } else if key == "a" && KEPT.contains(&name) {
        if lines.len() == MAX_ATTRIBUTES {
            return Err(OfferRefused::TooLong);
        }
        lines.push(line);
    }
    Ok(())
}

fn judge(header: &[&str], sections: &[Section<'_>]) -> Result<(), OfferRefused> {
    let has = |wanted: &str| {
        header.iter().chain(sections.iter().flat_map(|s| &s.lines)).any(|l| l.starts_with(wanted))
    };
    for (kind, word) in [(MediaKind::Audio, "audio"), (MediaKind::Video, "video")] {
        if sections.iter().filter(|s| s.kind == kind && s.active()).count() > 1 {
            return Err(OfferRefused::TwoOfAKind(word));
        }
    }
    if !sections.iter().any(Section::active) {
        return Err(OfferRefused::NoMedia);
    }
    if !has("a=fingerprint:") {
        return Err(OfferRefused::NoFingerprint);
    }
    if !has("a=ice-ufrag:") || !has("a=ice-pwd:") {
        return Err(OfferRefused::NoIce);
    }
    Ok(())
}

impl Section<'_> {
    /// Port 0 rejects a section unless it is bundled with another (RFC 8843 §6).
    fn active(&self) -> bool {
        !self.rejected || self.lines.contains(&"a=bundle-only")
    }
}

fn written(
    header: &[&str],
    header_direction: Option<&str>,
    sections: &[Section<'_>],
    takes: Takes,
) -> String {
    // Whose session it is and what it is called is of no use to the stack, and may be malformed.
    let mut out = String::from("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
    let mut put = |line: &str| {
        out.push_str(line);
        out.push_str("\r\n");
    };
    header.iter().for_each(|l| put(l));
    for section in sections {
        let taken = match section.kind {
            MediaKind::Audio => takes.audio,
            MediaKind::Video => takes.video,
        };
        let offered = section.direction.or(header_direction).unwrap_or("sendrecv");
        put(section.m);
        section.lines.iter().for_each(|l| put(l));
        put(&format!("a={}", allowed(offered, taken, takes.gives)));
    }
    out
}

/// The direction the client is treated as having offered.
fn allowed(offered: &str, taken: bool, given: bool) -> &'static str {
    let sends = taken && ["sendrecv", "sendonly"].contains(&offered);
    let receives = given && ["sendrecv", "recvonly"].contains(&offered);
    match (sends, receives) {
        (true, true) => "sendrecv",
        (true, false) => "sendonly",
        (false, true) => "recvonly",
        (false, false) => "inactive",
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// The first `a=fingerprint` value, upper case, to compare two offers of one peer connection.
pub(crate) fn fingerprint(sdp: &str) -> Option<String> {
    sdp.lines()
        .find_map(|l| l.strip_prefix("a=fingerprint:"))
        .map(|value| value.trim().to_ascii_uppercase())
}
