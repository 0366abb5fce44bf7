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
use str0m::{Candidate, Rtc, RtcConfig, RtcError};

use crate::answer::{Line, Shaped, shape};
use crate::offer::{OfferRefused, Sifted, Takes, fingerprint, sift};

/// An offer and what the server wants of it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The client's SDP.
    pub sdp: String,
    /// False for the audience: the answer says `sendonly`, and media that comes all the same is
    /// dropped unread.
    pub receive_from_client: bool,
    /// False for somebody who only sends: the answer says `recvonly`.
    pub send_to_client: bool,
    /// Take sound, if media is taken at all.
    pub accept_audio: bool,
    /// Take pictures, if media is taken at all.
    pub accept_video: bool,
    /// Name H.264 in the answer, if the offer has it and the server's configuration allows it.
    pub allow_h264: bool,
}

impl Offer {
    /// An offer of somebody who may send and receive everything.
    pub fn new(sdp: impl Into<String>) -> Self {
        Self {
            sdp: sdp.into(),
            receive_from_client: true,
            send_to_client: true,
            accept_audio: true,
            accept_video: true,
            allow_h264: true,
        }
    }

    /// An offer of somebody who only watches and listens.
    pub fn audience(sdp: impl Into<String>) -> Self {
        Self { receive_from_client: false, ..Self::new(sdp) }
    }

    /// An offer of somebody who only sends.
    pub fn publisher(sdp: impl Into<String>) -> Self {
        Self { send_to_client: false, ..Self::new(sdp) }
    }

    pub(crate) fn takes(&self) -> Takes {
        Takes {
            gives: self.send_to_client,
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
    /// The client decodes H.264 (constrained baseline, packetization-mode 1).
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
    pub vp8: Option<Pt>,
    pub h264: Option<Pt>,
    /// What the client wants to get.
    pub gives_audio: bool,
    pub gives_video: bool,
    /// What may come in.
    pub takes_audio: bool,
    pub takes_video: bool,
}

/// A peer connection that has answered.
pub(crate) struct Agreed {
    pub rtc: Rtc,
    pub lines: Lines,
    pub fingerprint: String,
    pub stream_id: String,
}

/// Builds the peer connection for `offer`.
pub(crate) fn agree(
    host: &Host,
    offer: &Offer,
    stream_id: String,
    now: Instant,
) -> Result<(Agreed, Answer), OfferRefused> {
    let sifted = sift(&offer.sdp, offer.takes())?;
    let fingerprint = fingerprint(&sifted.sdp).ok_or(OfferRefused::NoFingerprint)?;
    let built = catch_unwind(AssertUnwindSafe(|| {
        let mut rtc = configured(host, offer).build(now);
        add_candidates(&mut rtc, host);
        let shaped = accept(&mut rtc, &sifted, &stream_id)?;
        Ok((rtc, shaped))
    }));
    let (rtc, shaped) =
        built.unwrap_or_else(|_| Err(OfferRefused::Unusable("it made the stack fail".into())))?;
    let answer = meaning(&shaped, &fingerprint);
    Ok((Agreed { rtc, lines: lines(&shaped), fingerprint, stream_id }, answer))
}

/// Gives an existing peer connection a new offer: ICE restart, other directions.
pub(crate) fn agree_again(
    leg: (&mut Rtc, &mut Lines),
    old_fingerprint: &str,
    stream_id: &str,
    offer: &Offer,
) -> Result<Answer, OfferRefused> {
    let (rtc, kept) = leg;
    let sifted = sift(&offer.sdp, offer.takes())?;
    if fingerprint(&sifted.sdp).as_deref() != Some(old_fingerprint) {
        return Err(OfferRefused::OtherFingerprint);
    }
    let shaped = accept(rtc, &sifted, stream_id)?;
    *kept = lines(&shaped);
    Ok(meaning(&shaped, old_fingerprint))
}

fn configured(host: &Host, offer: &Offer) -> RtcConfig {
    let mut config = Rtc::builder()
        .set_ice_lite(true)
        .set_dtls_cert(host.cert.clone())
        .clear_codecs()
        .enable_opus(true, false)
        .enable_vp8(true)
        // As many packets as the biggest key frame has, or a loss in it never heals.
        .set_reordering_size_video(200)
        // Sound is better late by three packets at most, and never by more than 60 ms.
        .set_reordering_size_audio(3)
        .set_reordering_timeout_audio(Some(Duration::from_millis(60)))
        .enable_bwe(None);
    if !offer.receive_from_client {
        // Transport-wide sequence numbers are for whoever adapts to what they tell; the canvas is
        // the same for all. They cost 90 KB of bookkeeping and ten reports a second a viewer, and
        // are of use only where the client sends, for its own estimate.
        let mut extensions = ExtensionMap::empty();
        let wanted = |ext: &Extension| *ext != Extension::TransportSequenceNumber;
        let standard = ExtensionMap::standard();
        standard.iter().filter(|(_, ext)| wanted(ext)).for_each(|(id, ext)| {
            extensions.set(id, ext.clone());
        });
        config = config.set_extension_map(extensions);
    }
    if host.h264 && offer.allow_h264 {
        // The one profile every browser has and our encoder speaks; mode 1 for FU-A and STAP-A.
        config.codec_config().add_h264(108.into(), Some(109.into()), true, 0x42e01f);
    }
    config
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

fn accept(rtc: &mut Rtc, sifted: &Sifted, stream_id: &str) -> Result<Shaped, OfferRefused> {
    let offer =
        SdpOffer::from_sdp_string(&sifted.sdp).map_err(|e| OfferRefused::NotSdp(brief(&e)))?;
    let answer = rtc.sdp_api().accept_offer(offer).map_err(|e| match e {
        RtcError::RemoteSdp(text) => OfferRefused::Unusable(text),
        other => OfferRefused::Unusable(brief(&other)),
    })?;
    let shaped = shape(&answer.to_sdp_string(), stream_id);
    // The stack rejects such a section silently, and the client would wonder about the silence.
    let has = |line: &Option<Line>, known: &[&str]| {
        line.as_ref().is_some_and(|l| known.iter().any(|c| l.pt(c).is_some()))
    };
    if sifted.audio && !has(&shaped.audio, &["opus"]) {
        return Err(OfferRefused::NoCommonCodec("audio", "offer opus/48000/2"));
    }
    if sifted.video && !has(&shaped.video, &["vp8", "h264"]) {
        return Err(OfferRefused::NoCommonCodec("video", "offer VP8"));
    }
    Ok(shaped)
}

fn brief(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or("").chars().take(120).collect()
}

fn lines(shaped: &Shaped) -> Lines {
    let pt = |line: &Option<Line>, codec| line.as_ref().and_then(|l| l.pt(codec)).map(Pt::from);
    let mid = |line: &Option<Line>| line.as_ref().map(|l| Mid::from(l.mid.as_str()));
    let gives = |line: &Option<Line>| line.as_ref().is_some_and(|l| l.sends);
    let takes = |line: &Option<Line>| line.as_ref().is_some_and(|l| l.receives);
    Lines {
        audio_mid: mid(&shaped.audio),
        video_mid: mid(&shaped.video),
        opus: pt(&shaped.audio, "opus"),
        vp8: pt(&shaped.video, "vp8"),
        h264: pt(&shaped.video, "h264"),
        gives_audio: gives(&shaped.audio),
        gives_video: gives(&shaped.video),
        takes_audio: takes(&shaped.audio),
        takes_video: takes(&shaped.video),
    }
}

fn meaning(shaped: &Shaped, fingerprint: &str) -> Answer {
    let has = |line: &Option<Line>, codec| line.as_ref().is_some_and(|l| l.pt(codec).is_some());
    let receives = |line: &Option<Line>| line.as_ref().is_some_and(|l| l.receives);
    let sends = |line: &Option<Line>| line.as_ref().is_some_and(|l| l.sends);
    Answer {
        sdp: shaped.sdp.clone(),
        fingerprint: fingerprint.to_owned(),
        takes_h264: has(&shaped.video, "h264"),
        takes_vp8: has(&shaped.video, "vp8"),
        client_sends_audio: receives(&shaped.audio),
        client_sends_video: receives(&shaped.video),
        client_receives_audio: sends(&shaped.audio),
        client_receives_video: sends(&shaped.video),
    }
}
