//! One light peer connection on a socket of its own, in RTP mode: packets are decrypted and
//! counted, never assembled. Who talks to whom about it is the joiners' business.

use crate::error::LoadError;
use mio::net::UdpSocket;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Once};
use std::time::Instant;
use str0m::media::{Frequency, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpPacket;
use str0m::{Candidate, Event, Input, Output, Rtc};

/// Datagrams read before others get a turn.
const AT_ONCE: usize = 64;

/// What a viewer counted while the count ran.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    /// Packets.
    pub packets: u64,
    /// Bytes of payload.
    pub bytes: u64,
    /// First and last sequence number of pictures.
    pub seq: Option<(u64, u64)>,
    /// Packets of pictures.
    pub pictures: u64,
}

/// A viewer (or a member that sends sound).
pub struct Viewer {
    /// The peer connection, for whoever negotiates.
    pub rtc: Rtc,
    /// Where it sends sound.
    pub sound: Option<Mid>,
    /// When its join began.
    pub began: Instant,
    /// When ICE and DTLS were up.
    pub connected: Option<Instant>,
    /// What came while counting.
    pub counted: Counted,
    /// When the stack wants to be woken.
    pub deadline: Instant,
    /// The stack gave up.
    pub is_dead: bool,
    /// Its socket, for whoever polls.
    pub socket: UdpSocket,
    local: SocketAddr,
    sent: u64,
}

/// Installs the crypto once; every maker of a peer connection calls it first.
pub fn crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| str0m::crypto::from_feature_flags().install_process_default());
}

impl Viewer {
    /// Gives `rtc` a socket on `bind`.
    pub fn new(mut rtc: Rtc, bind: IpAddr, began: Instant) -> Result<Self, LoadError> {
        let socket = std::net::UdpSocket::bind((bind, 0))?;
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        rtc.add_local_candidate(Candidate::host(local, "udp").map_err(LoadError::rtc)?);
        Ok(Self {
            rtc,
            sound: None,
            began,
            connected: None,
            counted: Counted::default(),
            deadline: began,
            is_dead: false,
            socket: UdpSocket::from_std(socket),
            local,
            sent: 0,
        })
    }

    /// Reads what is there.
    pub fn read(&mut self, buffer: &mut [u8], counting: bool) {
        for _ in 0..AT_ONCE {
            let (len, source) = match self.socket.recv_from(buffer) {
                Ok(received) => received,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return,
            };
            let Ok(received) = Receive::new(Protocol::Udp, source, self.local, &buffer[..len])
            else {
                continue;
            };
            self.is_dead |=
                self.rtc.handle_input(Input::Receive(Instant::now(), received)).is_err();
            self.pump(counting);
        }
    }

    /// Tells the stack the time if it wants to know it.
    pub fn on_time(&mut self, now: Instant, counting: bool) {
        if self.deadline <= now && !self.is_dead {
            self.is_dead |= self.rtc.handle_input(Input::Timeout(now)).is_err();
            self.pump(counting);
        }
    }

    /// Sends 20 ms of sound.
    pub fn say(&mut self, now: Instant, packet: &Arc<[u8]>) {
        let Some(mid) = self.sound.filter(|_| self.connected.is_some() && !self.is_dead) else {
            return;
        };
        self.sent += 960;
        let time = MediaTime::new(self.sent, Frequency::FORTY_EIGHT_KHZ);
        let pt = self.rtc.writer(mid).and_then(|w| w.payload_params().next().map(|p| p.pt()));
        if let (Some(pt), Some(writer)) = (pt, self.rtc.writer(mid)) {
            // A refusal is a lost packet.
            let _ = writer.write(pt, now, time, packet.clone());
        }
        self.pump(true);
    }

    /// Lets the stack do what it wants.
    pub fn pump(&mut self, counting: bool) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.deadline = at;
                    break;
                }
                // A full buffer is a lost packet, as on any network.
                Ok(Output::Transmit(t)) => drop(self.socket.send_to(&t.contents, t.destination)),
                Ok(Output::Event(event)) => self.event(event, counting),
                Err(_) => {
                    self.is_dead = true;
                    break;
                }
            }
        }
        self.is_dead |= !self.rtc.is_alive();
    }

    fn event(&mut self, event: Event, counting: bool) {
        match event {
            Event::Connected => self.connected = Some(Instant::now()),
            Event::RtpPacket(packet) if counting => self.count(&packet),
            Event::MediaData(media) if counting => {
                self.counted.packets += 1;
                self.counted.bytes += media.data.len() as u64;
            }
            _ => {}
        }
    }

    fn count(&mut self, packet: &RtpPacket) {
        if packet.payload.is_empty() {
            return;
        }
        self.counted.packets += 1;
        self.counted.bytes += packet.payload.len() as u64;
        let is_picture = packet.time.frequency() == Frequency::NINETY_KHZ;
        if is_picture {
            let seq = *packet.seq_no;
            let (first, last) = self.counted.seq.unwrap_or((seq, seq));
            self.counted.seq = Some((first.min(seq), last.max(seq)));
            self.counted.pictures += 1;
        }
    }
}
