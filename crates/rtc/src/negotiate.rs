//! From an offer to a configured peer connection and its answer. It refuses to know sockets and
//! threads: the caller's thread does this work, the network thread only takes the result over.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use str0m::change::SdpOffer;
use str0m::config::DtlsCert;
use str0m::media::{Mid, Pt};
use str0m::net::TcpType;
use str0m::rtp::{Extension, ExtensionMap};
use str0m::{Candidate, Rtc, RtcConfig};

use crate::MediaKind;
use crate::answer::{Form, Line, Shaped, sends_beside_layers, shape, with_source};
use crate::offer::{OfferRefused, Takes};
use crate::sift::{Sifted, Slot, Taken, sift};
use crate::tier::Rung;

/// How often what receivers report is looked at.
const REPORTS_READ_EVERY: Duration = Duration::from_millis(500);
const SOUND_REPORTED_EVERY: Duration = Duration::from_secs(2);
/// Our number of that header extension; answers use the client's.
const PLAYOUT_DELAY: u8 = 5;

/// An offer and what the server wants of it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The client's SDP.
    pub sdp: String,
    /// False for the audience: the answer says `sendonly`, and media that comes all the same is
    /// dropped unread.
    pub receive_from_client: bool,
    /// False for who may not get sound, or only sends: the answer to that section is `recvonly` or
    /// `inactive`.
    pub send_audio: bool,
    /// The same of pictures.
    pub send_video: bool,
    /// Take sound, if media is taken at all.
    pub accept_audio: bool,
    /// Take pictures, if media is taken at all.
    pub accept_video: bool,
    /// Name H.264 in the answer, if the offer has it and the server's configuration allows it.
    pub allow_h264: bool,
    /// What the client is given first, of a canvas that comes in several sizes.
    pub rung: Rung,
    /// Answer sound before pictures whatever the offer's order, as the published SDK wants it.
    pub audio_first: bool,
}

impl Offer {
    /// An offer of somebody who may send and receive everything.
    pub fn new(sdp: impl Into<String>) -> Self {
        Self {
            sdp: sdp.into(),
            receive_from_client: true,
            send_audio: true,
            send_video: true,
            accept_audio: true,
            accept_video: true,
            allow_h264: true,
            rung: Rung::Master,
            audio_first: false,
        }
    }

    /// An offer of somebody who only watches and listens.
    pub fn audience(sdp: impl Into<String>) -> Self {
        Self { receive_from_client: false, ..Self::new(sdp) }
    }

    /// An offer of somebody who only sends.
    pub fn publisher(sdp: impl Into<String>) -> Self {
        Self { send_audio: false, send_video: false, ..Self::new(sdp) }
    }

    fn takes(&self, host: &Host) -> Takes {
        Takes {
            h264: host.h264 && self.allow_h264,
            gives_audio: self.send_audio,
            gives_video: self.send_video,
            audio: self.receive_from_client && self.accept_audio,
            video: self.receive_from_client && self.accept_video,
        }
    }
}

/// The answer and what it means.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Complete SDP: no candidate follows.
    pub sdp: String,
    /// The client's certificate fingerprint as offered, upper case.
    pub fingerprint: String,
    /// The client decodes H.264 as we send it (constrained baseline, packetization-mode 1).
    pub takes_h264: bool,
    /// The client decodes VP8.
    pub takes_vp8: bool,
    /// The client may send sound.
    pub client_sends_audio: bool,
    /// The client may send pictures.
    pub client_sends_video: bool,
    /// The client gets sound.
    pub client_receives_audio: bool,
    /// The client gets pictures.
    pub client_receives_video: bool,
}

/// What every answer of this server has in common.
pub(crate) struct Host {
    pub udp: Vec<SocketAddr>,
    pub tcp: Vec<SocketAddr>,
    pub h264: bool,
    pub cert: DtlsCert,
}

/// Where a leg's media goes: section ids and payload types.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    pub audio_mid: Option<Mid>,
    pub video_mid: Option<Mid>,
    pub opus: Option<Pt>,
    /// Opus with what came before it (RFC 2198).
    pub red: Option<Pt>,
    pub vp8: Option<Pt>,
    pub h264: Option<Pt>,
    /// What the client wants to get.
    pub gives_audio: bool,
    pub gives_video: bool,
    /// What may come in.
    pub takes_audio: bool,
    pub takes_video: bool,
    /// Sources of sound and of pictures are told by their payload type alone.
    pub unnamed_audio: bool,
    pub unnamed_video: bool,
    /// Sources of smaller layers.
    pub unwanted: Vec<u32>,
    /// What the stack knows of sections.
    slots: Vec<Slot>,
}

impl Lines {
    /// What a payload type carries; none for repeats, and for what was not agreed.
    pub fn kind(&self, pt: u8) -> Option<MediaKind> {
        let is = |own: Option<Pt>| own.is_some_and(|own| *own == pt);
        if is(self.opus) || is(self.red) {
            return Some(MediaKind::Audio);
        }
        (is(self.vp8) || is(self.h264)).then_some(MediaKind::Video)
    }

    /// What a section carries.
    pub fn kind_of(&self, mid: Mid) -> MediaKind {
        if Some(mid) == self.audio_mid { MediaKind::Audio } else { MediaKind::Video }
    }
}

/// A peer connection that has answered.
pub(crate) struct Negotiated {
    pub rtc: Rtc,
    pub lines: Lines,
    pub fingerprint: String,
    pub stream_id: String,
    pub rung: Rung,
}

/// Builds the peer connection for `offer`.
pub(crate) fn negotiate(
    host: &Host,
    offer: &Offer,
    stream_id: String,
    now: Instant,
) -> Result<(Negotiated, Answer), OfferRefused> {
    let sifted = sift(&offer.sdp, offer.takes(host), &[])?;
    let built = catch_unwind(AssertUnwindSafe(|| {
        let mut rtc = configured(host, offer).build(now);
        add_candidates(&mut rtc, host);
        let form = Form { stream_id: &stream_id, audio_first: offer.audio_first };
        let shaped = accept(&mut rtc, &sifted, form)?;
        Ok((rtc, shaped))
    }));
    let (rtc, shaped) = built.unwrap_or(Err(OfferRefused::Unusable))?;
    let (answer, lines) = (meaning(&shaped, &sifted), lines(&shaped, &sifted));
    let fingerprint = sifted.fingerprint;
    Ok((Negotiated { rtc, lines, fingerprint, stream_id, rung: offer.rung }, answer))
}

/// Gives an existing peer connection a new offer: ICE restart, other directions.
pub(crate) fn renegotiate(
    host: &Host,
    leg: (&mut Rtc, &mut Lines),
    old_fingerprint: &str,
    stream_id: &str,
    offer: &Offer,
) -> Result<Answer, OfferRefused> {
    let (rtc, kept) = leg;
    let sifted = sift(&offer.sdp, offer.takes(host), &kept.slots)?;
    if sifted.fingerprint != old_fingerprint {
        return Err(OfferRefused::OtherFingerprint);
    }
    let form = Form { stream_id, audio_first: offer.audio_first };
    let shaped = accept(rtc, &sifted, form)?;
    *kept = lines(&shaped, &sifted);
    Ok(meaning(&shaped, &sifted))
}

fn configured(host: &Host, offer: &Offer) -> RtcConfig {
    let mut config = Rtc::builder()
        .set_ice_lite(true)
        .set_dtls_cert(host.cert.clone())
        .clear_codecs()
        .enable_opus(true, true)
        .enable_vp8(true)
        // As many packets as the biggest key frame has, or a loss in it never heals.
        .set_reordering_size_video(200)
        // Sound waits for one packet to be overtaken, not longer: what is behind a hole is needed at
        // once, since it carries what fills it (RED, in-band FEC).
        .set_reordering_size_audio(1)
        .set_reordering_timeout_audio(Some(Duration::from_millis(25)))
        // A round trip is told from our last report on.
        .set_rtcp_report_interval_video(REPORTS_READ_EVERY)
        // Two of each kind tell a receiver how sound and picture belong together.
        .set_rtcp_report_interval_audio(SOUND_REPORTED_EVERY)
        // A receiver's reports come about once a second; half of that after one it is read.
        .set_stats_interval(Some(REPORTS_READ_EVERY))
        .enable_bwe(None);
    config = config.set_extension_map(extensions(offer));
    if host.h264 && offer.allow_h264 {
        // As `formats` writes whichever the client's is.
        config.codec_config().add_h264(108.into(), Some(109.into()), true, 0x42e01f);
    }
    config
}

/// The header extensions that are answered where they are offered.
fn extensions(offer: &Offer) -> ExtensionMap {
    let mut extensions = ExtensionMap::empty();
    // Transport-wide sequence numbers are for whoever adapts to what they tell; the canvas is
    // the same for all. They cost 90 KB of bookkeeping and ten reports a second a viewer, and
    // are of use only where the client sends, for its own estimate.
    let is_of_use =
        |ext: &Extension| offer.receive_from_client || *ext != Extension::TransportSequenceNumber;
    let standard = ExtensionMap::standard();
    standard.iter().filter(|(_, ext)| is_of_use(ext)).for_each(|(id, ext)| {
        extensions.set(id, ext.clone());
    });
    extensions.set(PLAYOUT_DELAY, Extension::PlayoutDelay);
    extensions
}

fn add_candidates(rtc: &mut Rtc, host: &Host) {
    for addr in &host.udp {
        if let Ok(candidate) = Candidate::host(*addr, "udp") {
            rtc.add_local_candidate(candidate);
        }
    }
    for addr in &host.tcp {
        let built = Candidate::builder().tcp().host(*addr).tcptype(TcpType::Passive).build();
        if let Ok(candidate) = built {
            rtc.add_local_candidate(candidate);
        }
    }
}

fn accept(rtc: &mut Rtc, sifted: &Sifted, form: Form<'_>) -> Result<Shaped, OfferRefused> {
    // What it says of an offer is for its own developers, and may show a memory address.
    let offer = SdpOffer::from_sdp_string(&sifted.sdp).map_err(|_| OfferRefused::Unusable)?;
    let answer = rtc.sdp_api().accept_offer(offer).map_err(|_| OfferRefused::Unusable)?;
    let shaped = shape(&name_source(rtc, answer.to_sdp_string(), sifted), sifted, form);
    let is_spoken = |taken: &Option<Taken>, line: &Option<Line>, codecs: &[&str]| {
        let has = |line: &Line| codecs.iter().any(|codec| line.pt(codec).is_some());
        taken.is_none() || line.as_ref().is_some_and(has)
    };
    let is_whole = is_spoken(&sifted.audio, &shaped.audio, &["opus"])
        && is_spoken(&sifted.video, &shaped.video, &["vp8", "h264"]);
    if is_whole { Ok(shaped) } else { Err(OfferRefused::Unusable) }
}

/// Beside layers that come the stack declares nothing that goes, though a picture does: it is declared here, and
/// named in the answer. To an offer of the same leg anew the stack names by itself what it has.
fn name_source(rtc: &mut Rtc, text: String, sifted: &Sifted) -> String {
    let alias = sifted.video.as_ref().map(|video| &*video.alias);
    let Some(alias) = alias.filter(|alias| sends_beside_layers(&text, alias)) else { return text };
    let mid = Mid::from(alias);
    let mut api = rtc.direct_api();
    if api.stream_tx_by_mid(mid, None).is_some() {
        return text;
    }
    let source = api.new_ssrc();
    let other = std::iter::repeat_with(|| api.new_ssrc()).find(|ssrc| *ssrc != source);
    let repairs = other.filter(|_| text.contains(" rtx/90000"));
    api.declare_stream_tx(source, repairs, mid, None);
    with_source(&text, *source, repairs.map(|ssrc| *ssrc))
}

fn lines(shaped: &Shaped, sifted: &Sifted) -> Lines {
    let pt = |line: &Option<Line>, codec| line.as_ref().and_then(|l| l.pt(codec)).map(Pt::from);
    let mid = |line: &Option<Line>| line.as_ref().map(|l| Mid::from(l.alias.as_str()));
    let gives = |line: &Option<Line>| line.as_ref().is_some_and(|l| l.sends);
    let takes = |line: &Option<Line>| line.as_ref().is_some_and(|l| l.receives);
    let is_unnamed = |taken: &Option<Taken>| taken.as_ref().is_some_and(|t| t.is_unnamed);
    let unwanted = sifted.video.as_ref().map(|video| video.sources.unwanted.clone());
    Lines {
        audio_mid: mid(&shaped.audio),
        video_mid: mid(&shaped.video),
        opus: pt(&shaped.audio, "opus"),
        red: pt(&shaped.audio, "red"),
        vp8: pt(&shaped.video, "vp8"),
        h264: pt(&shaped.video, "h264"),
        gives_audio: gives(&shaped.audio),
        gives_video: gives(&shaped.video),
        takes_audio: takes(&shaped.audio),
        takes_video: takes(&shaped.video),
        unnamed_audio: is_unnamed(&sifted.audio),
        unnamed_video: is_unnamed(&sifted.video),
        unwanted: unwanted.unwrap_or_default(),
        slots: sifted.slots.clone(),
    }
}

fn meaning(shaped: &Shaped, sifted: &Sifted) -> Answer {
    let has = |line: &Option<Line>, codec| line.as_ref().is_some_and(|l| l.pt(codec).is_some());
    let receives = |line: &Option<Line>| line.as_ref().is_some_and(|l| l.receives);
    let sends = |line: &Option<Line>| line.as_ref().is_some_and(|l| l.sends);
    let h264 = sifted.video.as_ref().and_then(|video| video.formats.h264.as_ref());
    Answer {
        sdp: shaped.sdp.clone(),
        fingerprint: sifted.fingerprint.clone(),
        takes_h264: has(&shaped.video, "h264") && h264.is_some_and(|h264| h264.takes_ours),
        takes_vp8: has(&shaped.video, "vp8"),
        client_sends_audio: receives(&shaped.audio),
        client_sends_video: receives(&shaped.video),
        client_receives_audio: sends(&shaped.audio),
        client_receives_video: sends(&shaped.video),
    }
}
