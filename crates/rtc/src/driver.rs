//! A network thread: waits for sockets, commands and deadlines, and feeds the legs. It refuses to
//! sleep on a fixed timer: idle means idle.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use mio::{Events, Interest, Poll, Token};

use crate::LegKey;
use crate::command::{Control, HANDED_OVER_QUEUE, HandedOver, Media, STRAYS_QUEUE, Sound, Stray};
use crate::legs::Legs;
use crate::negotiate::{Answer, Offer};
use crate::offer::OfferRefused;
use crate::outlet::Path;
use crate::receive::{Arrival, Owner};
use crate::shared::{Post, Shared};
use crate::sockets::Sockets;
use crate::udp::{Inbox, Left};

pub(crate) const WAKER: Token = Token(0);
const UDP: Token = Token(1);
const LISTENER: Token = Token(2);
/// Batches read from the UDP socket before commands and timers get a turn, so that a flood of
/// datagrams cannot keep them waiting.
const BATCHES_PER_TURN: usize = 32;
/// Media commands before sockets and timers get a turn.
const COMMANDS_PER_TURN: usize = 256;

/// What callers ask for, as it arrives.
pub(crate) struct Channels {
    pub control: Receiver<Control>,
    pub sound: Receiver<Sound>,
    pub media: Receiver<Media>,
    pub handed_over: Receiver<HandedOver>,
    pub strays: Receiver<Stray>,
}

pub(crate) struct Driver {
    poll: Poll,
    legs: Legs,
    sockets: Sockets,
    inbox: Inbox,
    channels: Channels,
    shared: Arc<Shared>,
    is_stopping: bool,
    /// The UDP socket is watched for room in its buffer.
    is_watching: bool,
}

enum Turn {
    /// Something is left to do at once.
    Busy,
    Idle,
    Stop,
}

impl Driver {
    pub fn new(
        poll: Poll,
        mut sockets: Sockets,
        legs: Legs,
        channels: Channels,
        shared: Arc<Shared>,
    ) -> io::Result<Self> {
        if let Some(socket) = sockets.udp.socket() {
            poll.registry().register(socket, UDP, Interest::READABLE)?;
        }
        if let Some(listener) = sockets.tcp.as_mut().and_then(|tcp| tcp.listener.as_mut()) {
            poll.registry().register(listener, LISTENER, Interest::READABLE)?;
        }
        let inbox = Inbox::new();
        let (is_stopping, is_watching) = (false, false);
        Ok(Self { poll, legs, sockets, inbox, channels, shared, is_stopping, is_watching })
    }

    pub fn run(mut self) {
        let mut events = Events::with_capacity(1024);
        // Datagrams may have come before the socket was registered.
        let mut readable = true;
        let mut turn = Turn::Busy;
        loop {
            if let Err(error) = self.poll.poll(&mut events, self.sleep(&turn))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "the network thread cannot wait for its sockets");
                return;
            }
            self.post().awake.store(false, Ordering::SeqCst);
            self.sockets.now = Instant::now();
            let mut is_writable = false;
            for event in &events {
                match event.token() {
                    WAKER => {}
                    UDP => {
                        readable |= event.is_readable();
                        is_writable |= event.is_writable();
                    }
                    LISTENER => self.accept(),
                    token => self.tcp_event(token, event.is_readable(), event.is_writable()),
                }
            }
            if is_writable && self.sockets.udp.is_full() {
                self.resume();
            }
            readable = readable && self.read_udp();
            self.read_tcp();
            turn = self.commands();
            self.legs.on_time(self.sockets.now, &mut self.sockets);
            self.sockets.flush();
            self.watch();
            self.bury_tcp();
            if matches!(turn, Turn::Stop) {
                return self.farewell();
            }
            if readable || self.sockets.tcp.as_ref().is_some_and(|tcp| !tcp.unread.is_empty()) {
                turn = Turn::Busy;
            }
        }
    }

    /// The UDP socket takes something again.
    fn resume(&mut self) {
        self.sockets.udp.resume();
        self.legs.resume(self.sockets.now, &mut self.sockets);
    }

    /// Has the UDP socket watched for room in its buffer while something waits for it; otherwise every
    /// datagram that leaves the machine would wake us.
    fn watch(&mut self) {
        let is_full = self.sockets.udp.is_full();
        if is_full == self.is_watching {
            return;
        }
        let writable = is_full.then_some(Interest::WRITABLE);
        let interest = writable.map_or(Interest::READABLE, |it| it.add(Interest::READABLE));
        let Some(socket) = self.sockets.udp.socket() else { return };
        match self.poll.registry().reregister(socket, UDP, interest) {
            Ok(()) => self.is_watching = is_full,
            Err(error) => tracing::error!(%error, "the UDP socket cannot be watched"),
        }
    }

    fn sleep(&self, turn: &Turn) -> Option<Duration> {
        if matches!(turn, Turn::Busy) {
            return Some(Duration::ZERO);
        }
        let tcp = self.sockets.tcp.as_ref().and_then(|tcp| tcp.next_deadline());
        let next = self.legs.next_deadline().into_iter().chain(tcp).min()?;
        Some(next.saturating_duration_since(Instant::now()))
    }

    fn post(&self) -> &Post {
        self.shared.post(self.legs.thread)
    }

    /// Takes all waiting connections, each thread its part of them.
    fn accept(&mut self) {
        let Some(tcp) = &mut self.sockets.tcp else {
            return;
        };
        while let Some(stream) = tcp.accept() {
            let turn = self.shared.turn.fetch_add(1, Ordering::Relaxed);
            if turn % self.shared.posts.len() != self.legs.thread {
                let stream = OwnedFd::from(stream).into();
                let connection = HandedOver { stream, read: Vec::new() };
                // Too many wait for that thread: it stays here, until it is known whose it is.
                let Err(back) = self.shared.post(turn).hand_over(connection) else { continue };
                let taken = tcp.take_over(back, self.poll.registry(), self.sockets.now);
                note_untaken(taken.map(drop));
                continue;
            }
            let (registry, now) = (self.poll.registry(), self.sockets.now);
            note_untaken(tcp.admit(stream, Vec::new(), registry, now).map(drop));
        }
    }

    fn tcp_event(&mut self, token: Token, readable: bool, writable: bool) {
        let Some(tcp) = &mut self.sockets.tcp else {
            return;
        };
        if readable {
            tcp.unread.push(token);
        }
        if writable {
            tcp.writable(token);
        }
    }

    /// As many as can have waited when this turn began: whoever came later has woken us again.
    fn take_handed_over(&mut self) {
        for _ in 0..HANDED_OVER_QUEUE {
            let Ok(connection) = self.channels.handed_over.try_recv() else { return };
            self.take_over(connection);
        }
    }

    fn take_over(&mut self, connection: HandedOver) {
        let Some(tcp) = &mut self.sockets.tcp else { return };
        let (registry, now) = (self.poll.registry(), self.sockets.now);
        let is_unread = connection.read.is_empty();
        match tcp.take_over(connection, registry, now) {
            Ok(_) if is_unread => {}
            Ok(token) => {
                self.read_connection(token);
                self.sockets.tcp.iter_mut().for_each(|tcp| tcp.end_stranger(token));
            }
            Err(error) => tracing::debug!(%error, "an ICE-TCP connection was not taken over"),
        }
    }

    /// True: more may be waiting.
    fn read_udp(&mut self) -> bool {
        for _ in 0..BATCHES_PER_TURN {
            let left = self.sockets.udp.read(&mut self.inbox);
            if !self.inbox.is_empty() {
                self.take_datagrams();
            }
            if left == Left::Nothing {
                return false;
            }
        }
        true
    }

    fn take_datagrams(&mut self) {
        // A client sends as soon as it has its answer, and what it is given then must be here before its
        // first packet is looked at, which would otherwise be sent again a quarter second later.
        self.controls();
        let now = Instant::now();
        self.sockets.now = now;
        for (peer, own, bytes) in self.inbox.datagrams() {
            let destination = local(&self.shared.host.udp, own);
            let path = Path { tcp: false, peer };
            let arrival = Arrival { path, destination, bytes, is_handed_over: false };
            if let Owner::Of(thread) = self.legs.receive(now, arrival, &mut self.sockets) {
                self.shared.post(thread).stray(Stray { path, destination, bytes: bytes.into() });
            }
        }
        self.pass_paths_on();
    }

    /// Tells other threads which addresses are a leg's here now.
    fn pass_paths_on(&mut self) {
        for (thread, path) in self.legs.passed_on.drain(..) {
            self.shared.tell(thread, Control::PassOn(path));
        }
    }

    /// Datagrams of our legs that came to other threads; as many as can have waited when this began.
    fn take_strays(&mut self) {
        for _ in 0..STRAYS_QUEUE {
            let Ok(Stray { path, destination, bytes }) = self.channels.strays.try_recv() else {
                break;
            };
            let arrival = Arrival { path, destination, bytes: &bytes, is_handed_over: true };
            self.legs.receive(Instant::now(), arrival, &mut self.sockets);
        }
        self.pass_paths_on();
    }

    fn read_tcp(&mut self) {
        let Some(tcp) = &mut self.sockets.tcp else {
            return;
        };
        let mut unread = std::mem::take(&mut tcp.unread);
        unread.sort_unstable();
        unread.dedup();
        for token in unread {
            self.read_connection(token);
        }
    }

    fn read_connection(&mut self, token: Token) {
        let Some((Some((peer, own)), frames)) = self.sockets.tcp.as_mut().map(|t| t.read(token))
        else {
            return;
        };
        let destination = local(&self.shared.host.tcp, Some(own));
        let path = Path { tcp: true, peer };
        for (n, bytes) in frames.iter().enumerate() {
            let arrival = Arrival { path, destination, bytes, is_handed_over: false };
            let owner = self.legs.receive(self.sockets.now, arrival, &mut self.sockets);
            let Some(tcp) = &mut self.sockets.tcp else { return };
            match owner {
                Owner::Ours(_) => tcp.own(peer),
                Owner::Of(thread) if !tcp.is_owned(token) => {
                    let released = tcp.release(token, &frames[n..], self.poll.registry());
                    let lost = released.and_then(|it| self.shared.post(thread).hand_over(it).err());
                    if lost.is_some() {
                        // Its client connects again.
                        tracing::debug!("too many ICE-TCP connections wait for a thread");
                    }
                    break;
                }
                Owner::Of(_) | Owner::Nobody => {}
            }
        }
        self.pass_paths_on();
    }

    fn bury_tcp(&mut self) {
        let Some(tcp) = &mut self.sockets.tcp else {
            return;
        };
        tcp.sweep(self.sockets.now);
        for ended in tcp.ended.drain(..) {
            self.legs.tcp_gone(Path { tcp: true, peer: ended.peer }, ended.stalled);
        }
    }

    fn commands(&mut self) -> Turn {
        self.controls();
        if self.is_stopping {
            return Turn::Stop;
        }
        self.take_handed_over();
        self.take_strays();
        for _ in 0..COMMANDS_PER_TURN {
            // Sound goes first: a picture can wait, a voice cannot.
            if let Ok(Sound { parts, ts }) = self.channels.sound.try_recv() {
                self.sockets.now = Instant::now();
                self.legs.sound(self.sockets.now, &parts, ts, &mut self.sockets);
            } else if let Ok(command) = self.channels.media.try_recv() {
                self.media_command(command);
            } else {
                return Turn::Idle;
            }
        }
        Turn::Busy
    }

    fn controls(&mut self) {
        while !self.is_stopping
            && let Ok(command) = self.channels.control.try_recv()
        {
            self.is_stopping = self.control_command(command);
        }
    }

    /// True: stop.
    fn control_command(&mut self, command: Control) -> bool {
        let now = Instant::now();
        self.sockets.now = now;
        let (legs, sockets) = (&mut self.legs, &mut self.sockets);
        match command {
            Control::Adopt(leg, waiting) => legs.adopt(now, leg, *waiting, sockets),
            Control::PassOn(path) => legs.pass_on(path),
            Control::Renegotiate(leg, offer, reply) => self.renegotiate(now, leg, &offer, &reply),
            Control::Subscribe(leg, stream) => legs.subscribe(now, leg, stream, sockets),
            Control::DropStream(stream) => legs.drop_stream(stream),
            Control::Uplink(leg, uplink) => legs.set_uplink(now, leg, uplink, sockets),
            Control::Close(leg) => legs.close(now, leg, sockets),
            Control::BreakUdp => sockets.udp.break_it(),
            Control::Stop => return true,
        }
        false
    }

    fn renegotiate(
        &mut self,
        now: Instant,
        leg: LegKey,
        offer: &Offer,
        reply: &Sender<Result<Answer, OfferRefused>>,
    ) {
        let answer = self.legs.renegotiate(now, &self.shared.host, (leg, offer), &mut self.sockets);
        // Whoever asked may have given up waiting.
        let _ = reply.try_send(answer);
    }

    fn media_command(&mut self, command: Media) {
        let now = Instant::now();
        self.sockets.now = now;
        let (legs, sockets) = (&mut self.legs, &mut self.sockets);
        match command {
            Media::Picture { stream, number, picture, after_gap } => {
                if after_gap && !picture.keyframe {
                    legs.stream_broken(now, stream);
                }
                legs.publish(now, stream, (number, &picture), sockets);
            }
            Media::RequestKeyframe(leg) => legs.request_keyframe(now, leg, sockets),
        }
    }

    fn farewell(&mut self) {
        let now = Instant::now();
        let keys: Vec<LegKey> = self.legs.map.keys().copied().collect();
        keys.into_iter().for_each(|key| self.legs.close(now, key, &mut self.sockets));
        self.sockets.flush();
    }
}

impl Drop for Driver {
    /// However the thread ends: without it the socket serves nobody.
    fn drop(&mut self) {
        self.post().health.set(false);
        self.post().is_running.store(false, Ordering::Relaxed);
    }
}

fn note_untaken(taken: io::Result<()>) {
    if let Err(error) = taken {
        tracing::debug!(%error, "an ICE-TCP connection was not taken");
    }
}

/// Which of our candidates a packet to `own` came to. Behind a 1:1 NAT the packet carries an inner
/// address that may be none of them; then the first of its family stands for it.
fn local(candidates: &[SocketAddr], own: Option<IpAddr>) -> SocketAddr {
    let exact = own.and_then(|ip| candidates.iter().find(|c| c.ip() == ip));
    let family = || candidates.iter().find(|c| own.is_none_or(|ip| c.is_ipv4() == ip.is_ipv4()));
    exact
        .or_else(family)
        .or_else(|| candidates.first())
        .copied()
        .unwrap_or_else(|| SocketAddr::new(IpAddr::from([0, 0, 0, 0]), 0))
}
