//! The handle callers hold, and the start and end of the network threads. It refuses to hold any
//! leg itself: everything but the making of an answer happens on those threads.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{bounded, unbounded};
use mio::{Poll, Waker};
use thiserror::Error;

use crate::clock::random;
use crate::command::{
    Control, HANDED_OVER_QUEUE, HandedOver, Media, STRAYS_QUEUE, Sound, SoundPart,
};
use crate::config::NetConfig;
use crate::counters::{Counters, Tally};
use crate::directory::Waiting;
use crate::driver::{Channels, Driver, WAKER};
use crate::legs::Legs;
use crate::negotiate::{Answer, Host, Offer, negotiate};
use crate::offer::OfferRefused;
use crate::shared::{Post, Shared};
use crate::sockets::Sockets;
use crate::tcp::TcpPeers;
use crate::threads::{MAX_THREADS, Thread};
use crate::udp::{Health, Udp};
use crate::{LegKey, NetEvents, Picture, StreamKey, Uplink};

/// Media commands that may wait for a thread: a second of pictures of a hundred rooms in two codecs.
const MEDIA_QUEUE: usize = 4096;
/// Ticks of sound that may: a second of eighty rooms.
const SOUND_QUEUE: usize = 4096;
/// How long a renegotiation waits for its network thread.
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

/// A handle to the network threads; cheap to clone.
#[derive(Clone)]
pub struct Net {
    shared: Arc<Shared>,
}

/// Ends the network threads (all legs get their goodbye) when dropped.
pub struct NetJoin {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl NetJoin {
    /// Ends the threads and waits for them.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for NetJoin {
    fn drop(&mut self) {
        for post in &self.shared.posts {
            post.control(Control::Stop);
        }
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a network thread had panicked");
            }
        }
    }
}

impl Net {
    /// Binds the sockets and starts the threads, which tell `events` what happens.
    ///
    /// # Errors
    /// [`NetError::Udp`] and [`NetError::Tcp`] when a socket cannot be bound,
    /// [`NetError::NoCandidate`] when the configuration names no address and none was found,
    /// [`NetError::Certificate`] when no DTLS certificate can be made, [`NetError::Thread`] when
    /// a thread or its event queue cannot be started.
    pub fn start(
        config: NetConfig,
        events: Arc<dyn NetEvents>,
    ) -> Result<(Self, NetJoin), NetError> {
        let most = if cfg!(target_os = "linux") { MAX_THREADS } else { 1 };
        let threads = config.threads.clamp(1, most);
        let udp = Udp::free(config.udp).map_err(|e| NetError::Udp(config.udp, e))?;
        let made = (0..threads).map(|thread| Made::new(&config, (udp, threads), thread));
        let made = made.collect::<Result<Vec<Made>, NetError>>()?;
        let udp_addr =
            made[0].sockets.udp.local_addr().map_err(|e| NetError::Udp(config.udp, e))?;
        let tcp_addr = made[0].sockets.tcp.as_ref().and_then(TcpPeers::local_addr);
        let (posts, parts): (Vec<Post>, Vec<Part>) = made.into_iter().map(Made::split).unzip();
        let shared = Arc::new(Shared {
            host: host(&config, udp_addr, tcp_addr)?,
            directory: Arc::default(),
            routes: Arc::default(),
            posts,
            turn: AtomicUsize::new(0),
            udp_addr,
            tcp_addr,
            max_legs: config.max_legs,
        });
        let mut join = NetJoin { shared: shared.clone(), threads: Vec::new() };
        for (thread, part) in parts.into_iter().enumerate() {
            let mut legs = Legs::on(thread, &shared, events.clone());
            legs.has_tiers = config.tiers;
            join.threads.push(spawn(part, legs, shared.clone()).map_err(NetError::Thread)?);
        }
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

    /// False once a UDP socket can no longer be read or written, or a thread has ended.
    pub fn udp_is_usable(&self) -> bool {
        self.shared.is_usable()
    }

    /// Takes the UDP sockets away, as a test of whatever watches `udp_is_usable`. There is no way
    /// back.
    pub fn break_udp(&self) {
        for post in &self.shared.posts {
            post.control(Control::BreakUdp);
        }
    }

    /// Answers an offer; the leg waits for its client from now on (10 s). A leg of the same key is
    /// ended without a word to whoever listens. The work is done on the caller's thread (about 1 ms).
    ///
    /// # Errors
    /// [`OfferRefused::Full`] with [`NetConfig::max_legs`] legs, [`OfferRefused::Busy`] when the
    /// network threads have ended; otherwise what is wrong with the offer: every other kind but
    /// `OtherFingerprint` and `UnknownLeg`.
    pub fn answer(&self, leg: LegKey, offer: &Offer) -> Result<Answer, OfferRefused> {
        if self.counters().legs >= self.shared.max_legs as u64 {
            return Err(OfferRefused::Full);
        }
        let id = format!("{:016x}", random());
        let now = Instant::now();
        let (agreed, answer) = negotiate(&self.shared.host, offer, id, now)?;
        if !self.shared.is_running() {
            return Err(OfferRefused::Busy);
        }
        let end = |thread| self.shared.tell(thread, Control::Close(leg));
        self.shared.directory.add(leg, agreed, now, end);
        // The first thread ends whoever does not come in time.
        self.shared.post(0).wake();
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
        let mut request = Some(Control::Renegotiate(leg, offer, reply));
        self.shared.directory.settle(
            leg,
            leg.0 as usize % self.shared.posts.len(),
            |at, waiting| {
                let adopt = waiting.map(|waiting| Control::Adopt(leg, Box::new(waiting)));
                adopt.into_iter().chain(request.take()).for_each(|it| self.shared.tell(at, it));
            },
        );
        if request.is_some() {
            return Err(OfferRefused::UnknownLeg);
        }
        answer.recv_timeout(REPLY_TIME).unwrap_or(Err(OfferRefused::Busy))
    }

    /// Gives a leg a picture stream, or none. It starts with a key frame, at once if the stream's
    /// last one is not long ago; before the leg is connected it only notes the wish.
    pub fn subscribe(&self, leg: LegKey, stream: Option<StreamKey>) {
        let asks = || Control::Subscribe(leg, stream);
        self.direct(leg, asks, |waiting| waiting.asked = stream);
    }

    /// One picture for everyone on `stream`. If a network thread is behind, it is dropped there and
    /// the receivers wait for the next key frame, which is asked for.
    pub fn publish(&self, stream: StreamKey, picture: Arc<Picture>) {
        let route = self.shared.routes.of(stream);
        let takers = route.publish(&picture, Instant::now(), |thread, number, after_gap| {
            let picture = picture.clone();
            self.shared.post(thread).media(Media::Picture { stream, number, picture, after_gap })
        });
        takers.iter().for_each(|thread| self.shared.post(thread).wake());
    }

    /// Forgets a stream. Its key must not be used again.
    pub fn drop_stream(&self, stream: StreamKey) {
        self.shared.routes.forget(stream);
        for post in &self.shared.posts {
            post.control(Control::DropStream(stream));
        }
    }

    /// One tick of sound: who gets which packet, at `ts_48khz` of the room's media clock. Dropped
    /// if the network thread is behind.
    pub fn sound(&self, parts: Vec<SoundPart>, ts_48khz: u64) {
        let (parts, most) = (Arc::<[SoundPart]>::from(parts), self.shared.posts.len());
        let legs = parts.iter().flat_map(|part| part.legs.iter());
        for thread in self.shared.directory.threads_of(legs, most).iter() {
            let post = self.shared.post(thread);
            post.sound(Sound { parts: parts.clone(), ts: ts_48khz });
            post.wake();
        }
    }

    /// Asks a client for a key frame, at most once per 500 ms; may get lost, so ask again.
    pub fn request_keyframe(&self, leg: LegKey) {
        let ask = |thread| {
            let post = self.shared.post(thread);
            post.media(Media::RequestKeyframe(leg));
            post.wake();
        };
        self.shared.directory.direct(leg, ask, |_| {});
    }

    /// Limits what a client's camera sends (REMB, repeated every second), and which of several sizes is taken.
    pub fn set_uplink(&self, leg: LegKey, uplink: Option<Uplink>) {
        self.direct(leg, || Control::Uplink(leg, uplink), |waiting| waiting.uplink = uplink);
    }

    /// Ends a leg with a goodbye; no event tells of it.
    pub fn close(&self, leg: LegKey) {
        self.shared.directory.close(leg, |thread| self.shared.tell(thread, Control::Close(leg)));
    }

    fn direct(
        &self,
        leg: LegKey,
        command: impl FnOnce() -> Control,
        note: impl FnOnce(&mut Waiting),
    ) {
        let send = |thread| self.shared.tell(thread, command());
        self.shared.directory.direct(leg, send, note);
    }

    /// Takes an ICE-TCP connection over that came in at another listener, with `read`, the whole first
    /// frame that was read of it. It counts as those of our own listener do; if that frame is of no leg
    /// the connection is closed at once. False: it was closed already, because too many wait, or the
    /// network thread has ended.
    pub fn hand_over(&self, stream: TcpStream, read: Vec<u8>) -> bool {
        let thread = self.shared.turn.fetch_add(1, Ordering::Relaxed);
        self.shared.post(thread).hand_over(HandedOver { stream, read }).is_ok()
    }

    /// How many threads have legs.
    #[cfg(test)]
    pub fn used_threads(&self) -> usize {
        self.shared.posts.iter().filter(|post| post.tally.read().legs > 0).count()
    }

    /// A reading of the counters.
    pub fn counters(&self) -> Counters {
        self.shared.counters()
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

/// A thread's sockets and both ends of its channels.
struct Made {
    post: Post,
    poll: Poll,
    sockets: Sockets,
    channels: Channels,
}

/// What a thread is started with.
type Part = (Poll, Sockets, Channels);

impl Made {
    fn new(
        config: &NetConfig,
        (udp, threads): (SocketAddr, usize),
        thread: Thread,
    ) -> Result<Self, NetError> {
        let (health, tally) = (Arc::new(Health::new()), Arc::new(Tally::default()));
        let is_shared = threads > 1;
        let udp = Udp::bind(udp, is_shared, health.clone(), tally.clone());
        let udp = udp.map_err(|e| NetError::Udp(config.udp, e))?;
        let most = config.tcp_connections.div_ceil(threads);
        // Connections are spread over the threads as they come; one listener takes them.
        let tcp = match config.tcp {
            Some(addr) if thread == 0 => {
                let bound = TcpPeers::bind(addr, most, tally.clone());
                Some(bound.map_err(|e| NetError::Tcp(addr, e))?)
            }
            Some(_) => Some(TcpPeers::new(None, most, tally.clone())),
            None => None,
        };
        let poll = Poll::new().map_err(NetError::Thread)?;
        let waker = Waker::new(poll.registry(), WAKER).map_err(NetError::Thread)?;
        let (control, control_in) = unbounded();
        let (sound, sound_in) = bounded(SOUND_QUEUE);
        let (media, media_in) = bounded(MEDIA_QUEUE);
        let (handed_over, handed_over_in) = bounded(HANDED_OVER_QUEUE);
        let (strays, strays_in) = bounded(STRAYS_QUEUE);
        let post = Post {
            awake: AtomicBool::new(false),
            is_running: AtomicBool::new(true),
            control,
            sound,
            media,
            handed_over,
            strays,
            waker,
            tally,
            health,
        };
        let channels = Channels {
            control: control_in,
            sound: sound_in,
            media: media_in,
            handed_over: handed_over_in,
            strays: strays_in,
        };
        Ok(Self { post, poll, sockets: Sockets { udp, tcp, now: Instant::now() }, channels })
    }

    fn split(self) -> (Post, Part) {
        (self.post, (self.poll, self.sockets, self.channels))
    }
}

fn spawn(
    (poll, sockets, channels): Part,
    legs: Legs,
    shared: Arc<Shared>,
) -> io::Result<JoinHandle<()>> {
    let driver = Driver::new(poll, sockets, legs, channels, shared)?;
    std::thread::Builder::new().name("net".into()).spawn(move || driver.run())
}
