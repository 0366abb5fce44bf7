//! Server legs and clients in one box: virtual time, a network that loses what a seed says, a listener
//! that remembers. No sockets.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rotunda_netlab::{Link, Packet};

use crate::counters::{Counters, Tally};
use crate::legs::Legs;
use crate::negotiate::{Answer, Host, Offer, negotiate};
use crate::outlet::{Class, Outlet, Parcel, Path, Shape, shape_of};
use crate::receive::{Arrival, Owner};
use crate::tests::peer::Peer;
use crate::{
    Closed, LegKey, LineQuality, MediaKind, NetEvents, Picture, Rung, SenderReport, SoundIn,
    StreamKey, Tier, VideoCodec, VideoIn,
};

pub const SERVER: &str = "127.0.0.1:5000";
pub const STREAM: StreamKey = StreamKey { session: 7, codec: VideoCodec::Vp8, tier: Tier::Master };

/// What the listener was told.
#[derive(Default)]
pub struct Heard {
    pub connected: Vec<LegKey>,
    pub closed: Vec<(LegKey, Closed)>,
    pub lost: Vec<LegKey>,
    pub recovered: Vec<LegKey>,
    pub silent: Vec<LegKey>,
    pub heard: Vec<LegKey>,
    pub pictures: Vec<(LegKey, VideoIn)>,
    pub sounds: Vec<(LegKey, SoundIn)>,
    pub keyframes_wanted: usize,
    /// Streams asked for a key frame and not yet served.
    pub keyframes_due: BTreeSet<StreamKey>,
    pub streams_wanted: BTreeSet<StreamKey>,
    pub rates: HashMap<StreamKey, u32>,
    pub rungs: Vec<(LegKey, Rung)>,
    pub lines: Vec<(LegKey, LineQuality)>,
    pub sends: Vec<(LegKey, MediaKind)>,
    pub reports: Vec<SenderReport>,
}

#[derive(Default)]
pub struct Recorded(pub Mutex<Heard>);

impl NetEvents for Recorded {
    fn connected(&self, leg: LegKey) {
        self.0.lock().unwrap().connected.push(leg);
    }
    fn sends(&self, leg: LegKey, kind: MediaKind) {
        self.0.lock().unwrap().sends.push((leg, kind));
    }
    fn closed(&self, leg: LegKey, why: Closed) {
        self.0.lock().unwrap().closed.push((leg, why));
    }
    fn video(&self, leg: LegKey, picture: VideoIn) {
        self.0.lock().unwrap().pictures.push((leg, picture));
    }
    fn sound(&self, leg: LegKey, sound: SoundIn) {
        self.0.lock().unwrap().sounds.push((leg, sound));
    }
    fn keyframe_wanted(&self, stream: StreamKey) {
        let mut heard = self.0.lock().unwrap();
        heard.keyframes_wanted += 1;
        heard.keyframes_due.insert(stream);
    }
    fn stream_wanted(&self, stream: StreamKey, is_wanted: bool) {
        let mut heard = self.0.lock().unwrap();
        if is_wanted {
            heard.streams_wanted.insert(stream);
            heard.keyframes_due.insert(stream);
        } else {
            heard.streams_wanted.remove(&stream);
        }
    }
    fn rate_wanted(&self, stream: StreamKey, bps: u32) {
        self.0.lock().unwrap().rates.insert(stream, bps);
    }
    fn rung(&self, leg: LegKey, rung: Rung) {
        self.0.lock().unwrap().rungs.push((leg, rung));
    }
    fn line_quality(&self, leg: LegKey, line: LineQuality) {
        self.0.lock().unwrap().lines.push((leg, line));
    }
    fn sender_report(&self, _leg: LegKey, report: SenderReport) {
        self.0.lock().unwrap().reports.push(report);
    }
    fn lost(&self, leg: LegKey) {
        self.0.lock().unwrap().lost.push(leg);
    }
    fn silent(&self, leg: LegKey) {
        self.0.lock().unwrap().silent.push(leg);
    }
    fn heard(&self, leg: LegKey) {
        self.0.lock().unwrap().heard.push(leg);
    }
    fn recovered(&self, leg: LegKey) {
        self.0.lock().unwrap().recovered.push(leg);
    }
}

/// The network's server end.
#[derive(Default)]
pub struct Pipe {
    pub sent: VecDeque<(Path, SocketAddr, Class, Vec<u8>)>,
    /// What a slow TCP reader has not read.
    pub backlog: usize,
    /// Datagrams of pictures that the socket takes before it is full; any number if there is none.
    pub room: Option<usize>,
}

impl Outlet for Pipe {
    fn send(&mut self, p: Parcel<'_>) {
        if let Some(room) = self.room.as_mut().filter(|_| p.class == Class::Picture) {
            *room = room.saturating_sub(1);
        }
        self.sent.push_back((p.path, p.source, p.class, p.bytes.to_vec()));
    }
    fn is_full(&self, _path: Path) -> bool {
        self.room == Some(0)
    }
    fn backlog(&self, _path: Path) -> usize {
        self.backlog
    }
    fn forget_pictures(&mut self, _path: Path) {}
}

pub fn host() -> Host {
    let provider = crate::dtls::provider();
    let cert = provider.dtls_provider.generate_certificate().unwrap();
    provider.install_process_default();
    Host {
        udp: vec![SERVER.parse().unwrap()],
        tcp: vec!["127.0.0.1:5001".parse().unwrap()],
        h264: true,
        cert,
    }
}

/// A datagram on a line, and where it came from.
#[derive(Clone)]
pub struct Datagram(SocketAddr, Vec<u8>);

impl Packet for Datagram {
    /// With the headers of IPv4 and UDP.
    fn size(&self) -> usize {
        self.1.len() + 28
    }
}

pub struct World {
    pub now: Instant,
    pub host: Host,
    pub events: Arc<Recorded>,
    pub legs: Legs,
    pub pipe: Pipe,
    pub peers: Vec<Peer>,
    /// Media packets lost on the way to the clients, in per cent.
    pub loss: u64,
    /// Media packets lost on the way from the clients: every one for whose count this says so.
    pub loses_up: fn(u64) -> bool,
    sent_up: u64,
    /// Lines of some clients: down, with where a datagram came from, and up.
    pub lines: HashMap<usize, (Link<Datagram>, Link<Datagram>)>,
    /// Datagrams from the clients are swallowed.
    pub deaf: bool,
    /// Of the clients' datagrams nothing arrives but media, and no picture's last packet.
    pub tailless: bool,
    /// Where clients of these indices come from, as a NAT in front of them shows it.
    pub outside: HashMap<usize, SocketAddr>,
    pub seen: Vec<(Path, Class, usize)>,
    seed: u64,
    tally: Arc<Tally>,
}

impl World {
    pub fn new() -> Self {
        let (events, tally) = (Arc::new(Recorded::default()), Arc::new(Tally::default()));
        Self {
            now: Instant::now(),
            host: host(),
            legs: Legs::of((0, Arc::default(), Arc::default()), events.clone(), tally.clone()),
            events,
            pipe: Pipe::default(),
            peers: vec![],
            loss: 0,
            loses_up: |_| false,
            sent_up: 0,
            lines: HashMap::new(),
            deaf: false,
            tailless: false,
            outside: HashMap::new(),
            seen: vec![],
            seed: 0x2545_f491_4f6c_dd1d,
            tally,
        }
    }

    /// A client that offers `offer` (or everything), not yet connected; its leg is its index.
    pub fn call(&mut self, make: impl FnOnce(&mut Peer) -> Offer) -> (usize, Answer) {
        self.call_by(make, |_, answer| answer.to_owned())
    }

    /// The same, with what `read` makes of the answer's text for the client.
    pub fn call_by(
        &mut self,
        make: impl FnOnce(&mut Peer) -> Offer,
        read: impl FnOnce(&Peer, &str) -> String,
    ) -> (usize, Answer) {
        let peer = Peer::new(self.next_addr(), false, self.now);
        self.call_as(peer, make, read)
    }

    /// Where the next client is.
    pub fn next_addr(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 20_000 + self.peers.len() as u16))
    }

    /// The same, by a client of its own kind.
    pub fn call_as(
        &mut self,
        mut peer: Peer,
        make: impl FnOnce(&mut Peer) -> Offer,
        read: impl FnOnce(&Peer, &str) -> String,
    ) -> (usize, Answer) {
        let i = self.peers.len();
        let offer = make(&mut peer);
        let (agreed, answer) = negotiate(&self.host, &offer, "stream".into(), self.now).unwrap();
        let text = read(&peer, &answer.sdp);
        peer.answer(&text);
        self.peers.push(peer);
        self.legs.directory.add(LegKey(i as u64), agreed, self.now, |_| {});
        (i, answer)
    }

    /// A client that offers everything and is connected.
    pub fn join(&mut self) -> usize {
        let (i, _) = self.call(|peer| Offer::new(peer.full_offer()));
        self.run_until(Duration::from_secs(3), |w| w.peers[i].connected && w.is_up(i));
        i
    }

    pub fn is_up(&self, i: usize) -> bool {
        self.heard(|h| h.connected.contains(&LegKey(i as u64)))
    }

    pub fn heard<T>(&self, f: impl FnOnce(&Heard) -> T) -> T {
        f(&self.events.0.lock().unwrap())
    }

    pub fn counters(&self) -> Counters {
        self.tally.read()
    }

    pub fn publish(&mut self, picture: &Arc<Picture>) {
        self.publish_on(STREAM, picture);
    }

    /// One picture of any stream.
    pub fn publish_on(&mut self, stream: StreamKey, picture: &Arc<Picture>) {
        let mut numbered = None;
        self.legs.routes.of(stream).publish(picture, self.now, |_, number, _| {
            numbered = Some(number);
            true
        });
        if let Some(number) = numbered {
            self.legs.publish(self.now, stream, (number, picture), &mut self.pipe);
        }
    }

    pub fn subscribe(&mut self, i: usize) {
        let Self { legs, now, pipe, .. } = self;
        let key = LegKey(i as u64);
        let directory = legs.directory.clone();
        let send = |_| legs.subscribe(*now, key, Some(STREAM), pipe);
        directory.direct(key, send, |waiting| waiting.asked = Some(STREAM));
    }

    /// One datagram into the server from anywhere.
    pub fn inject(&mut self, from: &str, bytes: &[u8]) -> bool {
        let path = Path { tcp: false, peer: from.parse().unwrap() };
        let destination = SERVER.parse().unwrap();
        let arrival = Arrival { path, destination, bytes, is_handed_over: false };
        self.legs.receive(self.now, arrival, &mut self.pipe) != Owner::Nobody
    }

    /// Lets time pass in steps of 5 ms.
    pub fn run(&mut self, time: Duration) {
        self.run_until(time, |_| false);
    }

    /// Lets time pass until `done`; true if it came to that.
    pub fn run_until(&mut self, time: Duration, done: impl Fn(&Self) -> bool) -> bool {
        let end = self.now + time;
        while self.now < end {
            self.now += Duration::from_millis(5);
            self.exchange();
            if done(self) {
                return true;
            }
        }
        false
    }

    fn exchange(&mut self) {
        self.legs.on_time(self.now, &mut self.pipe);
        for peer in &mut self.peers {
            if peer.deadline <= self.now {
                peer.tick(self.now);
            }
        }
        // Until nobody has anything to say: the network has no delay within a step.
        for _ in 0..50 {
            if !(self.deliver_down() | self.deliver_up()) {
                break;
            }
        }
    }

    fn outside(&self, i: usize) -> SocketAddr {
        self.outside.get(&i).copied().unwrap_or(self.peers[i].addr)
    }

    fn deliver_up(&mut self) -> bool {
        let mut moved = false;
        for i in 0..self.peers.len() {
            let mut sent: Vec<Vec<u8>> =
                self.peers[i].drain().into_iter().map(|(_, bytes)| bytes).collect();
            if let Some((_, up)) = self.lines.get_mut(&i) {
                let from = self.peers[i].addr;
                sent.drain(..).for_each(|bytes| up.send(Datagram(from, bytes), self.now));
                sent.extend(std::iter::from_fn(|| up.receive(self.now)).map(|it| it.1));
            }
            for bytes in sent {
                moved = true;
                let from = self.outside(i).to_string();
                let is_inner = bytes[0] >> 6 == 2 && bytes[1] & 0x80 == 0;
                if let Shape::Rtp(_) = shape_of(&bytes) {
                    self.sent_up += 1;
                    if (self.loses_up)(self.sent_up) {
                        continue;
                    }
                }
                if !self.deaf && (is_inner || !self.tailless) {
                    self.inject(&from, &bytes);
                }
            }
        }
        moved
    }

    fn deliver_down(&mut self) -> bool {
        let mut moved = false;
        while let Some((path, source, class, bytes)) = self.pipe.sent.pop_front() {
            moved = true;
            self.seen.push((path, class, bytes.len()));
            if class == Class::Picture && self.random() % 100 < self.loss {
                continue;
            }
            let reached = (0..self.peers.len()).find(|i| self.outside(*i) == path.peer);
            let Some(i) = reached else { continue };
            match self.lines.get_mut(&i) {
                Some((down, _)) => down.send(Datagram(source, bytes), self.now),
                None => self.peers[i].receive(self.now, source, &bytes),
            }
        }
        for (i, (down, _)) in &mut self.lines {
            while let Some(Datagram(source, bytes)) = down.receive(self.now) {
                moved = true;
                self.peers[*i].receive(self.now, source, &bytes);
            }
        }
        moved
    }

    pub fn random(&mut self) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed >> 8
    }
}

/// A frame that looks like VP8 as far as RTP is concerned: bit 0 of the first byte is 0 in key
/// frames, and a key frame has a start code (RFC 6386 §9.1).
pub fn vp8_frame(n: u32, keyframe: bool, len: usize) -> Vec<u8> {
    let mut frame: Vec<u8> = (0..len as u32).map(|i| (i.wrapping_mul(31) ^ n) as u8).collect();
    frame[0] = if keyframe { 0x10 } else { 0x11 };
    frame[3..6].copy_from_slice(&[0x9d, 0x01, 0x2a]);
    frame
}

/// The `n`th picture of a 30 Hz stream.
pub fn vp8(n: u32, keyframe: bool, len: usize) -> Arc<Picture> {
    let frame = vp8_frame(n, keyframe, len);
    Arc::new(Picture::new(VideoCodec::Vp8, keyframe, u64::from(n) * 3000, &frame))
}
