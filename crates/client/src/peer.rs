//! One peer connection, without sockets or clocks of its own: a full ICE agent that offers.

use crate::error::ClientError;
use crate::raw::{RawPicture, RawSound};
use rotunda_codec::VideoCodec;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Once;
use std::time::{Duration, Instant};
use str0m::bwe::BweKind;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{
    Direction, Frequency, KeyframeRequestKind, MediaData, MediaKind, MediaTime, Mid, Pt,
    SenderFeedback,
};
use str0m::net::{Protocol, Receive, TcpType};
use str0m::rtp::ExtensionMap;
use str0m::{Candidate, Event, Input, Output, Rtc};

/// What the peer connection has to say.
pub(crate) enum News {
    Connected,
    Closed,
    Media(Box<MediaData>),
    Report(SenderFeedback),
    KeyframeAsked,
    Remb(u64),
}

/// What a peer offers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerOptions {
    pub addr: SocketAddr,
    pub is_tcp: bool,
    pub h264: bool,
    pub sends_picture: bool,
    pub sends_sound: bool,
    pub is_soundless: bool,
    pub sends_anyway: bool,
    pub is_one_way: bool,
    pub is_h264_only: bool,
}

pub(crate) struct Peer {
    rtc: Rtc,
    peer_options: PeerOptions,
    audio: Option<Mid>,
    video: Option<Mid>,
    pending: Option<SdpPendingOffer>,
    pub deadline: Instant,
    /// Datagrams to be sent.
    pub out: VecDeque<(SocketAddr, Vec<u8>)>,
    /// Not yet looked at.
    pub news: VecDeque<News>,
}

fn rtc_error(error: impl std::fmt::Display) -> ClientError {
    ClientError::Rtc(error.to_string())
}

impl Peer {
    pub fn new(peer_options: PeerOptions, now: Instant) -> Result<Self, ClientError> {
        static CRYPTO: Once = Once::new();
        CRYPTO.call_once(|| str0m::crypto::from_feature_flags().install_process_default());
        let mut config = Rtc::builder()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(!peer_options.is_h264_only)
            .enable_h264(peer_options.h264 && !peer_options.is_h264_only)
            .set_rtcp_report_interval_audio(Duration::from_secs(1))
            .set_reordering_size_video(400);
        if peer_options.is_h264_only {
            config = config.set_extension_map(ExtensionMap::empty());
            config.codec_config().add_h264(96.into(), None, true, 0x42e01f);
        }
        let mut rtc = config.build(now);
        let candidate = if peer_options.is_tcp {
            Candidate::builder().tcp().host(peer_options.addr).tcptype(TcpType::Active).build()
        } else {
            Candidate::host(peer_options.addr, "udp")
        };
        rtc.add_local_candidate(candidate.map_err(rtc_error)?);
        Ok(Self {
            rtc,
            peer_options,
            audio: None,
            video: None,
            pending: None,
            deadline: now,
            out: VecDeque::new(),
            news: VecDeque::new(),
        })
    }

    /// The first offer: sound, then picture.
    pub fn offer(&mut self) -> Result<String, ClientError> {
        let direction = |sends: bool| match sends || self.peer_options.sends_anyway {
            true if self.peer_options.is_one_way => Direction::SendOnly,
            true => Direction::SendRecv,
            false => Direction::RecvOnly,
        };
        let (sound, picture) =
            (direction(self.peer_options.sends_sound), direction(self.peer_options.sends_picture));
        let mut api = self.rtc.sdp_api();
        if sound != Direction::RecvOnly || !self.peer_options.is_soundless {
            self.audio = Some(api.add_media(MediaKind::Audio, sound, None, None, None));
        }
        self.video = Some(api.add_media(MediaKind::Video, picture, None, None, None));
        let (offer, pending) = api.apply().ok_or(ClientError::LegEnded)?;
        self.pending = Some(pending);
        Ok(offer.to_sdp_string())
    }

    /// An offer that restarts ICE.
    pub fn restart_offer(&mut self) -> Result<String, ClientError> {
        let mut api = self.rtc.sdp_api();
        api.ice_restart(true);
        let (offer, pending) = api.apply().ok_or(ClientError::LegEnded)?;
        self.pending = Some(pending);
        Ok(offer.to_sdp_string())
    }

    pub fn answer(&mut self, sdp: &str) -> Result<(), ClientError> {
        // Whoever sends anyway reads the answer as it would like it to be.
        let sdp = if self.peer_options.sends_anyway {
            sdp.replace("a=sendonly", "a=sendrecv")
        } else {
            sdp.to_owned()
        };
        let answer = SdpAnswer::from_sdp_string(&sdp).map_err(rtc_error)?;
        let pending = self.pending.take().ok_or(ClientError::LegEnded)?;
        self.rtc.sdp_api().accept_answer(pending, answer).map_err(rtc_error)?;
        self.poll();
        Ok(())
    }

    pub fn receive(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        let proto = if self.peer_options.is_tcp { Protocol::Tcp } else { Protocol::Udp };
        let Ok(received) = Receive::new(proto, from, self.peer_options.addr, bytes) else { return };
        let input = Input::Receive(now, received);
        if self.rtc.accepts(&input) {
            // A packet that cannot be read is a lost packet.
            let _ = self.rtc.handle_input(input);
            self.poll();
        }
    }

    pub fn tick(&mut self, now: Instant) {
        let _ = self.rtc.handle_input(Input::Timeout(now));
        self.poll();
    }

    fn poll(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.deadline = at;
                    return;
                }
                Ok(Output::Transmit(t)) => {
                    self.out.push_back((t.destination, t.contents.to_vec()));
                }
                Ok(Output::Event(event)) => self.event(event),
                Err(_) => {
                    self.deadline = Instant::now() + Duration::from_millis(100);
                    return;
                }
            }
        }
    }

    fn event(&mut self, event: Event) {
        self.news.extend(match event {
            Event::Connected => Some(News::Connected),
            Event::Closed => Some(News::Closed),
            Event::MediaData(media) => Some(News::Media(Box::new(media))),
            Event::SenderFeedback(report) => Some(News::Report(report)),
            Event::KeyframeRequest(_) => Some(News::KeyframeAsked),
            Event::EgressBitrateEstimate(BweKind::Remb { estimate, .. }) => {
                Some(News::Remb(estimate.as_u64()))
            }
            _ => None,
        });
    }

    pub fn is_sound(&self, mid: Mid) -> bool {
        Some(mid) == self.audio
    }

    fn pt(&mut self, mid: Mid, codec: Codec) -> Option<Pt> {
        let writer = self.rtc.writer(mid)?;
        writer.payload_params().find(|p| p.spec().codec == codec).map(|p| p.pt())
    }

    /// Sends a picture stamped with its time of capture. False if the answer does not allow it.
    pub fn send_picture(&mut self, picture: &RawPicture) -> bool {
        let codec = match picture.codec {
            VideoCodec::Vp8 => Codec::Vp8,
            VideoCodec::H264 => Codec::H264,
        };
        let Some(mid) = self.video else { return false };
        let Some(pt) = self.pt(mid, codec) else { return false };
        let Some(writer) = self.rtc.writer(mid) else { return false };
        let time = MediaTime::from_90khz(picture.rtp_90khz);
        let sent = writer.write(pt, picture.captured, time, picture.data.clone());
        self.poll();
        sent.is_ok()
    }

    /// Sends a packet of sound. False if the answer does not allow it.
    pub fn send_sound(&mut self, sound: &RawSound) -> bool {
        let Some(mid) = self.audio else { return false };
        let Some(pt) = self.pt(mid, Codec::Opus) else { return false };
        let Some(writer) = self.rtc.writer(mid) else { return false };
        let time = MediaTime::new(sound.rtp_48khz, Frequency::FORTY_EIGHT_KHZ);
        let sent =
            writer.audio_level(-30, true).write(pt, sound.captured, time, sound.data.clone());
        self.poll();
        sent.is_ok()
    }

    /// Asks for a key frame. False before the first picture came.
    pub fn ask_keyframe(&mut self) -> bool {
        let Some(writer) = self.video.and_then(|mid| self.rtc.writer(mid)) else { return false };
        let mut writer = writer;
        let asked = writer.request_keyframe(None, KeyframeRequestKind::Pli);
        self.poll();
        asked.is_ok()
    }

    /// Says goodbye by DTLS.
    pub fn disconnect(&mut self) {
        // Fails only if there is nobody to say it to yet.
        let _ = self.rtc.close();
        self.poll();
    }
}
