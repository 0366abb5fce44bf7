//! A client built on the same WebRTC stack, for tests. It refuses to know the server's insides.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{
    Direction, Frequency, KeyframeRequestKind, MediaKind, MediaTime, Mid, Simulcast, SimulcastLayer,
};
use str0m::net::{Protocol, Receive, TcpType};
use str0m::rtp::VideoOrientation;
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

/// A picture or sound packet as the client's stack gave it out.
#[derive(Clone, Debug)]
pub struct Got {
    /// Sequence numbers of its packets, extended.
    pub seqs: (u64, u64),
    pub data: Arc<[u8]>,
    pub time: u64,
    pub contiguous: bool,
    pub keyframe: bool,
}

pub struct Peer {
    pub rtc: Rtc,
    pub addr: SocketAddr,
    pub tcp: bool,
    pub connected: bool,
    pub pictures: Vec<Got>,
    pub sounds: Vec<Got>,
    pub keyframe_asks: usize,
    pub remb: Option<u64>,
    pub deadline: Instant,
    pub audio: Option<Mid>,
    pub video: Option<Mid>,
    pending: Option<SdpPendingOffer>,
    out: Vec<(SocketAddr, Vec<u8>)>,
}

impl Peer {
    pub fn new(addr: SocketAddr, tcp: bool, now: Instant) -> Self {
        Self::configured(addr, tcp, now, |config| config)
    }

    /// With another certificate, or another DTLS.
    pub fn configured(
        addr: SocketAddr,
        tcp: bool,
        now: Instant,
        shape: impl FnOnce(RtcConfig) -> RtcConfig,
    ) -> Self {
        crate::dtls::provider().install_process_default();
        let mut rtc = shape(Rtc::builder().clear_codecs().enable_opus(true, false))
            .enable_vp8(true)
            .enable_h264(true)
            .set_reordering_size_video(200)
            .build(now);
        let candidate = if tcp {
            Candidate::builder().tcp().host(addr).tcptype(TcpType::Active).build()
        } else {
            Candidate::host(addr, "udp")
        };
        rtc.add_local_candidate(candidate.unwrap());
        Self {
            rtc,
            addr,
            tcp,
            connected: false,
            pictures: vec![],
            sounds: vec![],
            keyframe_asks: 0,
            remb: None,
            deadline: now,
            audio: None,
            video: None,
            pending: None,
            out: vec![],
        }
    }

    /// An offer with the given directions; video first if asked.
    pub fn offer(
        &mut self,
        audio: Option<Direction>,
        video: Option<Direction>,
        video_first: bool,
    ) -> String {
        let mut api = self.rtc.sdp_api();
        for is_video in [video_first, !video_first] {
            let (kind, direction) =
                if is_video { (MediaKind::Video, video) } else { (MediaKind::Audio, audio) };
            let Some(direction) = direction else { continue };
            let mid = api.add_media(kind, direction, None, None, None);
            *(if is_video { &mut self.video } else { &mut self.audio }) = Some(mid);
        }
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    /// Pictures alone, in layers of these names.
    pub fn layered_offer(&mut self, rids: &[&str]) -> String {
        self.layers(rids, Direction::SendOnly)
    }

    /// Pictures both ways: what goes out in layers, and what comes as one.
    pub fn layered_full_offer(&mut self, rids: &[&str]) -> String {
        self.layers(rids, Direction::SendRecv)
    }

    fn layers(&mut self, rids: &[&str], direction: Direction) -> String {
        let mut layers = Simulcast::new();
        rids.iter().for_each(|rid| layers.add_send_layer(SimulcastLayer::new(rid)));
        let mut api = self.rtc.sdp_api();
        let mid = api.add_media(MediaKind::Video, direction, None, None, Some(layers));
        self.video = Some(mid);
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    /// Sends a picture of one layer.
    pub fn send_layer(&mut self, now: Instant, rid: &str, ts: u64, frame: &[u8]) {
        let writer = self.rtc.writer(self.video.unwrap()).unwrap().rid(rid.into());
        let pt = writer.payload_params().find(|p| p.spec().codec == Codec::Vp8).unwrap().pt();
        writer.write(pt, now, MediaTime::from_90khz(ts), frame.to_vec()).unwrap();
    }

    /// Both ways, audio first.
    pub fn full_offer(&mut self) -> String {
        self.offer(Some(Direction::SendRecv), Some(Direction::SendRecv), false)
    }

    /// An ICE restart of the same session.
    pub fn restart_offer(&mut self) -> String {
        let mut api = self.rtc.sdp_api();
        api.ice_restart(true);
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    pub fn answer(&mut self, sdp: &str) {
        let answer = SdpAnswer::from_sdp_string(sdp).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    /// Takes one datagram in.
    pub fn receive(&mut self, now: Instant, source: SocketAddr, bytes: &[u8]) {
        let proto = if self.tcp { Protocol::Tcp } else { Protocol::Udp };
        let Ok(received) = Receive::new(proto, source, self.addr, bytes) else {
            return;
        };
        let input = Input::Receive(now, received);
        if self.rtc.accepts(&input) {
            self.rtc.handle_input(input).unwrap();
            self.poll();
        }
    }

    pub fn tick(&mut self, now: Instant) {
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
    }

    /// What it wants sent: destination and bytes.
    pub fn drain(&mut self) -> Vec<(SocketAddr, Vec<u8>)> {
        self.poll();
        std::mem::take(&mut self.out)
    }

    fn poll(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => {
                    self.deadline = at;
                    return;
                }
                Output::Transmit(t) => self.out.push((t.destination, t.contents.to_vec())),
                Output::Event(event) => self.event(event),
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::MediaData(m) => {
                let got = Got {
                    seqs: (**m.seq_range.start(), **m.seq_range.end()),
                    time: m.time.numer(),
                    contiguous: m.contiguous,
                    keyframe: m.is_keyframe(),
                    data: m.data,
                };
                let is_sound = m.params.spec().codec == Codec::Opus;
                if is_sound { self.sounds.push(got) } else { self.pictures.push(got) }
            }
            Event::KeyframeRequest(_) => self.keyframe_asks += 1,
            Event::EgressBitrateEstimate(str0m::bwe::BweKind::Remb { estimate, .. }) => {
                self.remb = Some(estimate.as_u64());
            }
            _ => {}
        }
    }

    /// Sends a camera picture.
    pub fn send_picture(&mut self, now: Instant, codec: Codec, ts: u64, frame: &[u8]) {
        let writer = self.rtc.writer(self.video.unwrap()).unwrap();
        let pt = writer.payload_params().find(|p| p.spec().codec == codec).unwrap().pt();
        writer.write(pt, now, MediaTime::from_90khz(ts), frame.to_vec()).unwrap();
    }

    /// Sends a camera picture with an orientation.
    pub fn send_turned(&mut self, now: Instant, ts: u64, frame: &[u8], how: VideoOrientation) {
        let writer = self.rtc.writer(self.video.unwrap()).unwrap().video_orientation(how);
        let pt = writer.payload_params().find(|p| p.spec().codec == Codec::Vp8).unwrap().pt();
        writer.write(pt, now, MediaTime::from_90khz(ts), frame.to_vec()).unwrap();
    }

    /// An offer that changes the video section's direction.
    pub fn redirect(&mut self, direction: Direction) -> String {
        let mut api = self.rtc.sdp_api();
        api.set_direction(self.video.unwrap(), direction);
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    /// Sends a microphone packet.
    pub fn send_sound(&mut self, now: Instant, ts: u64, packet: &[u8]) {
        let writer = self.rtc.writer(self.audio.unwrap()).unwrap();
        let pt = writer.payload_params().next().unwrap().pt();
        let time = MediaTime::new(ts, Frequency::FORTY_EIGHT_KHZ);
        writer.audio_level(-30, true).write(pt, now, time, packet.to_vec()).unwrap();
    }

    /// Sends a picture loss indication.
    pub fn send_pli(&mut self) {
        let mid = self.video.unwrap();
        let mut writer = self.rtc.writer(mid).unwrap();
        writer.request_keyframe(None, KeyframeRequestKind::Pli).unwrap();
    }
}

/// Whether the stack can read it as an offer at all.
pub fn is_sdp(sdp: &str) -> bool {
    SdpOffer::from_sdp_string(sdp).is_ok()
}
