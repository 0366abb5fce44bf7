//! The handle callers hold, and the start and end of the network thread. It refuses to hold any
//! leg itself: everything but the making of an answer happens on that thread.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{bounded, unbounded};
use mio::{Poll, Waker};
use thiserror::Error;

use crate::clock::random;
use crate::command::{Control, HANDED_OVER_QUEUE, HandedOver, Media, SoundPart};
use crate::config::NetConfig;
use crate::counters::{Counters, Tally};
use crate::driver::{Channels, Driver, WAKER};
use crate::legs::Legs;
use crate::negotiate::{Answer, Host, Offer, negotiate};
use crate::offer::OfferRefused;
use crate::shared::Shared;
use crate::sockets::Sockets;
use crate::tcp::TcpPeers;
use crate::udp::{Health, Udp};
use crate::{LegKey, NetEvents, Picture, StreamKey};

/// Media commands that may wait: a second of pictures and sound of a hundred rooms.
const MEDIA_QUEUE: usize = 4096;
/// How long a renegotiation waits for the network thread.
const REPLY_TIME: Duration = Duration::from_secs(2);

/// Why the network thread did not start.
#[derive(Debug, Error)]
pub enum NetError {
    /// The UDP socket.
    #[error("cannot listen on UDP {0}: {1}")]
    Udp(SocketAddr, #[source] io::Error),
    /// The TCP listener.
    #[error("cannot listen on TCP {0}: {1}")]
    Tcp(SocketAddr, #[source] io::Error),
    /// Nothing to put into an answer.
    #[error("no address to offer: name one in public_ips or candidate_ips")]
    NoCandidate,
    /// The DTLS certificate.
    #[error("cannot make a DTLS certificate")]
    Certificate,
    /// The thread or its event queue.
    #[error("cannot start the network thread: {0}")]
    Thread(#[source] io::Error),
}

/// A handle to the network thread; cheap to clone.
#[derive(Clone)]
pub struct Net {
    shared: Arc<Shared>,
}

/// Ends the network thread (all legs get their goodbye) when dropped.
pub struct NetJoin {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl NetJoin {
    /// Ends the thread and waits for it.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for NetJoin {
    fn drop(&mut self) {
        self.shared.control(Control::Stop);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the network thread had panicked");
        }
    }
}

impl Net {
    /// Binds the sockets and starts the thread, which tells `events` what happens.
    ///
    /// # Errors
    /// [`NetError::Udp`] and [`NetError::Tcp`] when a socket cannot be bound,
    /// [`NetError::NoCandidate`] when the configuration names no address and none was found,
    /// [`NetError::Certificate`] when no DTLS certificate can be made, [`NetError::Thread`] when
    /// the thread or its event queue cannot be started.
    pub fn start(
        config: NetConfig,
        events: Arc<dyn NetEvents>,
    ) -> Result<(Self, NetJoin), NetError> {
        let (health, tally) = (Arc::new(Health::new()), Arc::new(Tally::default()));
        let udp = Udp::bind(config.udp, health.clone(), tally.clone())
            .map_err(|e| NetError::Udp(config.udp, e))?;
        let tcp = config
            .tcp
            .map(|addr| {
                TcpPeers::bind(addr, config.tcp_connections, tally.clone())
                    .map_err(|e| NetError::Tcp(addr, e))
            })
            .transpose()?;
        let udp_addr = udp.local_addr().map_err(|e| NetError::Udp(config.udp, e))?;
        let tcp_addr = tcp.as_ref().and_then(|tcp| tcp.listener.local_addr().ok());
        let poll = Poll::new().map_err(NetError::Thread)?;
        let waker = Waker::new(poll.registry(), WAKER).map_err(NetError::Thread)?;
        let (control, control_in) = unbounded();
        let (media, media_in) = bounded(MEDIA_QUEUE);
        let (handed_over, handed_over_in) = bounded(HANDED_OVER_QUEUE);
        let shared = Arc::new(Shared {
            host: host(&config, udp_addr, tcp_addr)?,
            health,
            awake: AtomicBool::new(false),
            control,
            media,
            handed_over,
            waker,
            tally: tally.clone(),
            broken: Mutex::default(),
            udp_addr,
            tcp_addr,
            max_legs: config.max_legs,
        });
        let sockets = Sockets { udp, tcp, now: Instant::now() };
        let mut legs = Legs::new(events, tally);
        legs.has_tiers = config.tiers;
        let channels =
            Channels { control: control_in, media: media_in, handed_over: handed_over_in };
        let thread =
            spawn(poll, sockets, legs, channels, shared.clone()).map_err(NetError::Thread)?;
        let join = NetJoin { shared: shared.clone(), thread: Some(thread) };
        Ok((Self { shared }, join))
    }

    /// Where the UDP socket listens.
    pub fn local_udp_addr(&self) -> SocketAddr {
        self.shared.udp_addr
    }

    /// Where the ICE-TCP listener listens, if there is one.
    pub fn local_tcp_addr(&self) -> Option<SocketAddr> {
        self.shared.tcp_addr
    }

    /// False once the UDP socket can no longer be read or written, or the thread has ended.
    pub fn udp_is_usable(&self) -> bool {
        self.shared.health.is_usable()
    }

    /// Takes the UDP socket away, as a test of whatever watches `udp_is_usable`. There is no way
    /// back.
    pub fn break_udp(&self) {
        self.shared.control(Control::BreakUdp);
    }

    /// Answers an offer; the leg waits for its client from now on (10 s). A leg of the same key is
    /// ended without a word to whoever listens. The work is done on the caller's thread (about 1 ms).
    ///
    /// # Errors
    /// [`OfferRefused::Full`] with [`NetConfig::max_legs`] legs, [`OfferRefused::Busy`] when the
    /// network thread has ended; otherwise what is wrong with the offer: every other kind but
    /// `OtherFingerprint` and `UnknownLeg`.
    pub fn answer(&self, leg: LegKey, offer: &Offer) -> Result<Answer, OfferRefused> {
        if self.counters().legs >= self.shared.max_legs as u64 {
            return Err(OfferRefused::Full);
        }
        let id = format!("{:016x}", random());
        let (agreed, answer) = negotiate(&self.shared.host, offer, id, Instant::now())?;
        if !self.shared.control(Control::Add(leg, Box::new(agreed))) {
            return Err(OfferRefused::Busy);
        }
        Ok(answer)
    }

    /// Answers a further offer of the same peer connection: an ICE restart, other directions.
    /// Waits for the network thread, up to 2 s; never call it from a [`NetEvents`].
    ///
    /// # Errors
    /// [`OfferRefused::UnknownLeg`] when the leg is gone, [`OfferRefused::OtherFingerprint`] when
    /// the offer is of another peer connection, [`OfferRefused::Busy`] when the network thread has
    /// not answered after 2 s, though it may still take the offer over; otherwise what is wrong
    /// with the offer.
    pub fn renegotiate(&self, leg: LegKey, offer: Offer) -> Result<Answer, OfferRefused> {
        let (reply, answer) = bounded(1);
        self.shared.control(Control::Renegotiate(leg, offer, reply));
        answer.recv_timeout(REPLY_TIME).unwrap_or(Err(OfferRefused::Busy))
    }

    /// Gives a leg a picture stream, or none. It starts with a key frame, at once if the stream's
    /// last one is not long ago; before the leg is connected it only notes the wish.
    pub fn subscribe(&self, leg: LegKey, stream: Option<StreamKey>) {
        self.shared.control(Control::Subscribe(leg, stream));
    }

    /// One picture for everyone on `stream`. If the network thread is behind, it is dropped and
    /// the receivers wait for the next key frame, which is asked for.
    pub fn publish(&self, stream: StreamKey, picture: Arc<Picture>) {
        let mut broken = self.shared.broken();
        let after_gap = broken.remove(&stream);
        if !self.shared.media(Media::Picture { stream, picture, after_gap }) {
            broken.insert(stream);
        }
    }

    /// Forgets a stream. Its key must not be used again.
    pub fn drop_stream(&self, stream: StreamKey) {
        self.shared.broken().remove(&stream);
        self.shared.control(Control::DropStream(stream));
    }

    /// One tick of sound: who gets which packet, at `ts_48khz` of the room's media clock. Dropped
    /// if the network thread is behind.
    pub fn sound(&self, parts: Vec<SoundPart>, ts_48khz: u64) {
        self.shared.media(Media::Sound(parts, ts_48khz));
    }

    /// Asks a client for a key frame, at most once per 500 ms; may get lost, so ask again.
    pub fn request_keyframe(&self, leg: LegKey) {
        self.shared.media(Media::RequestKeyframe(leg));
    }

    /// Limits what a client's camera sends, in bits per second (REMB, repeated every second).
    pub fn set_uplink(&self, leg: LegKey, bps: Option<u64>) {
        self.shared.control(Control::Uplink(leg, bps));
    }

    /// Ends a leg with a goodbye; no event tells of it.
    pub fn close(&self, leg: LegKey) {
        self.shared.control(Control::Close(leg));
    }

    /// Takes an ICE-TCP connection over that came in at another listener, with `read`, the whole first
    /// frame that was read of it. It counts as those of our own listener do; if that frame is of no leg
    /// the connection is closed at once. False: it was closed already, because too many wait, or the
    /// network thread has ended.
    pub fn hand_over(&self, stream: TcpStream, read: Vec<u8>) -> bool {
        self.shared.hand_over(HandedOver { stream, read })
    }

    /// A reading of the counters.
    pub fn counters(&self) -> Counters {
        self.shared.tally.read()
    }
}

fn host(config: &NetConfig, udp: SocketAddr, tcp: Option<SocketAddr>) -> Result<Host, NetError> {
    let mut ips: Vec<IpAddr> = Vec::new();
    for ip in config.public_ips.iter().chain(&config.candidate_ips) {
        if !ips.contains(ip) {
            ips.push(*ip);
        }
    }
    if ips.is_empty() {
        return Err(NetError::NoCandidate);
    }
    let at = |port: u16| ips.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
    let provider = crate::dtls::provider();
    let cert = provider.dtls_provider.generate_certificate().ok_or(NetError::Certificate)?;
    provider.install_process_default();
    let mut tcp: Vec<SocketAddr> = tcp.map(|addr| at(addr.port())).unwrap_or_default();
    tcp.extend(&config.tcp_elsewhere);
    Ok(Host { udp: at(udp.port()), tcp, h264: config.h264, cert })
}

fn spawn(
    poll: Poll,
    sockets: Sockets,
    legs: Legs,
    channels: Channels,
    shared: Arc<Shared>,
) -> io::Result<JoinHandle<()>> {
    let driver = Driver::new(poll, sockets, legs, channels, shared)?;
    std::thread::Builder::new().name("net".into()).spawn(move || driver.run())
}
