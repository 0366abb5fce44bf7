//! The text of an offer as sections: what each is for, and which attributes it has. It refuses to
//! judge them, and to know the WebRTC stack.

use crate::MediaKind;
use crate::offer::{MAX_ATTRIBUTES, MAX_LINE, MAX_MEDIA_LINES, MAX_OFFER, OfferRefused};

/// Attributes that are looked at; everything else is left out (candidates too).
const KEPT: &[&str] = &[
    "group",
    "ice-lite",
    "ice-ufrag",
    "ice-pwd",
    "fingerprint",
    "setup",
    "mid",
    "extmap",
    "rtpmap",
    "rtcp-fb",
    "fmtp",
    "ssrc",
    "ssrc-group",
    "bundle-only",
    "rid",
    "simulcast",
];
const DIRECTIONS: &[&str] = &["sendrecv", "sendonly", "recvonly", "inactive"];

/// One media section, or what stands before the first.
#[derive(Debug, Default)]
pub(crate) struct Section<'a> {
    /// `audio`, `video`, or anything else.
    pub media: &'a str,
    pub port: u16,
    pub profile: &'a str,
    /// Payload types, or whatever the profile has in their place.
    pub formats: Vec<&'a str>,
    pub direction: Option<&'a str>,
    /// Attributes without their `a=`.
    attributes: Vec<&'a str>,
}

/// A whole offer.
#[derive(Debug)]
pub(crate) struct Description<'a> {
    pub session: Section<'a>,
    pub sections: Vec<Section<'a>>,
}

impl<'a> Section<'a> {
    fn begun_by(m: &'a str) -> Result<Self, OfferRefused> {
        let wrong = || OfferRefused::NotSdp(format!("the line \"m={}\"", short(m)));
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic());
        let mut words = m.split(' ').filter(|word| !word.is_empty());
        let (Some(media), Some(port), Some(profile)) = (words.next(), words.next(), words.next())
        else {
            return Err(wrong());
        };
        let formats: Vec<&str> = words.collect();
        let port = port.split('/').next().and_then(|port| port.parse().ok()).ok_or_else(wrong)?;
        let all = [media, profile].into_iter().chain(formats.iter().copied());
        if !all.into_iter().all(is_word) {
            return Err(wrong());
        }
        Ok(Self { media, port, profile, formats, ..Self::default() })
    }

    fn take(&mut self, line: &'a str) -> Result<(), OfferRefused> {
        let Some((key, attribute)) = line.split_once('=') else {
            return Err(OfferRefused::NotSdp(format!("the line \"{}\"", short(line))));
        };
        let name = attribute.split(':').next().unwrap_or("");
        if key == "a" && DIRECTIONS.contains(&attribute) {
            self.direction = Some(attribute);
        } else if key == "a" && KEPT.contains(&name) {
            if self.attributes.len() == MAX_ATTRIBUTES {
                return Err(OfferRefused::TooLong);
            }
            self.attributes.push(attribute);
        }
        Ok(())
    }

    /// The values of all attributes of this name.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a str> + 's {
        self.attributes.iter().filter_map(move |attribute| {
            attribute.split_once(':').filter(|(own, _)| *own == name).map(|(_, value)| value)
        })
    }

    /// The value of the first attribute of this name.
    pub fn first(&self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// Whether it has an attribute without a value.
    pub fn has(&self, name: &str) -> bool {
        self.attributes.contains(&name)
    }

    pub fn mid(&self) -> Option<&'a str> {
        self.first("mid").filter(|mid| !mid.is_empty())
    }

    pub fn kind(&self) -> Option<MediaKind> {
        match self.media {
            "audio" => Some(MediaKind::Audio),
            "video" => Some(MediaKind::Video),
            _ => None,
        }
    }

    /// Port 0 rejects a section unless it is bundled with another (RFC 8843 §6).
    pub fn is_dead(&self) -> bool {
        self.port == 0 && !self.has("bundle-only")
    }

    /// The profiles that must be taken for DTLS-SRTP, whatever they say (RFC 8829 §5.1.2), and two
    /// that are seen beside them.
    pub fn is_secure_media(&self) -> bool {
        let (transport, profile) = match self.profile.rsplit_once("RTP/") {
            Some((transport, profile)) => (transport, profile),
            None => return false,
        };
        matches!(transport, "" | "UDP/TLS/" | "TCP/DTLS/" | "TCP/TLS/")
            && matches!(profile, "AVP" | "AVPF" | "SAVP" | "SAVPF")
    }
}

/// Reads an offer.
///
/// # Errors
/// It is too long, or not of the form of SDP.
pub(crate) fn read(sdp: &str) -> Result<Description<'_>, OfferRefused> {
    if sdp.len() > MAX_OFFER {
        return Err(OfferRefused::TooLong);
    }
    if !sdp.starts_with("v=0") {
        return Err(OfferRefused::NotSdp("it does not begin with v=0".into()));
    }
    let media_lines = sdp.split('\n').filter(|l| l.starts_with("m=")).count();
    if media_lines > MAX_MEDIA_LINES {
        return Err(OfferRefused::TooManyMediaLines(media_lines));
    }
    let (mut session, mut sections) = (Section::default(), Vec::new());
    for line in sdp.split('\n').map(|l| l.trim_end_matches('\r')).filter(|l| !l.is_empty()) {
        if line.len() > MAX_LINE {
            return Err(OfferRefused::LineTooLong);
        }
        if line.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(OfferRefused::NotSdp("a line with a control character".into()));
        }
        match line.strip_prefix("m=") {
            Some(m) => sections.push(Section::begun_by(m)?),
            None => sections.last_mut().unwrap_or(&mut session).take(line)?,
        }
    }
    Ok(Description { session, sections })
}

/// The client's own words, as far as they can be shown.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
