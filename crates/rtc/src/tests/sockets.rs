//! The whole crate with real sockets on loopback: a server thread, and clients on their own.
//! Nothing sleeps: everything waits for a packet or a message, with a limit.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, unbounded};
use str0m::format::Codec;

use crate::tests::client::{Client, LIMIT, SOON, is_closed};
use crate::tests::peer::Peer;
use crate::tests::rig::{STREAM, vp8, vp8_frame};
use crate::{
    Closed, LegKey, Net, NetConfig, NetEvents, NetJoin, Offer, SoundIn, SoundPart, StreamKey,
    VideoIn,
};

#[derive(Debug)]
#[allow(dead_code)]
enum Word {
    Connected(LegKey),
    Closed(LegKey, Closed),
    Video(LegKey, VideoIn),
    Sound(LegKey, SoundIn),
    Wanted,
}

struct Teller(Sender<Word>);

impl NetEvents for Teller {
    fn connected(&self, leg: LegKey) {
        let _ = self.0.send(Word::Connected(leg));
    }
    fn closed(&self, leg: LegKey, why: Closed) {
        let _ = self.0.send(Word::Closed(leg, why));
    }
    fn video(&self, leg: LegKey, picture: VideoIn) {
        let _ = self.0.send(Word::Video(leg, picture));
    }
    fn sound(&self, leg: LegKey, sound: SoundIn) {
        let _ = self.0.send(Word::Sound(leg, sound));
    }
    fn keyframe_wanted(&self, _stream: StreamKey) {
        let _ = self.0.send(Word::Wanted);
    }
}

fn server() -> (Net, NetJoin, Receiver<Word>) {
    server_of(|_| {})
}

fn server_of(configure: impl FnOnce(&mut NetConfig)) -> (Net, NetJoin, Receiver<Word>) {
    let (tell, words) = unbounded();
    let mut config = NetConfig::new("127.0.0.1:0".parse().unwrap());
    config.tcp = Some("127.0.0.1:0".parse().unwrap());
    configure(&mut config);
    let (net, join) = Net::start(config, Arc::new(Teller(tell))).unwrap();
    (net, join, words)
}

fn wait(words: &Receiver<Word>, wanted: impl Fn(&Word) -> bool) -> Word {
    let end = Instant::now() + LIMIT;
    loop {
        let word = words.recv_deadline(end).expect("the server says something in time");
        if wanted(&word) {
            return word;
        }
    }
}

fn pictures_and_sound_both_ways(tcp: bool) {
    let (net, join, words) = server();
    let leg = LegKey(1);
    let mut client = Client::new(&net, tcp);
    client.call(&net, leg);
    client.run("connect", |p| p.connected);
    wait(&words, |w| matches!(w, Word::Connected(l) if *l == leg));

    net.subscribe(leg, Some(STREAM));
    wait(&words, |w| matches!(w, Word::Wanted));
    for n in 0..30u32 {
        net.publish(STREAM, vp8(n, n == 0, if n == 0 { 30_000 } else { 8000 }));
        let parts = vec![SoundPart {
            payload: Arc::from([n as u8; 50]),
            past: Default::default(),
            legs: Arc::from([leg]),
        }];
        net.sound(parts, u64::from(n) * 960);
        client.run("a picture", |p| p.pictures.len() > n as usize);
    }
    client.run("sound", |p| p.sounds.len() >= 28);
    for (n, got) in (0..).zip(&client.peer.pictures) {
        assert_eq!(got.data[..], vp8_frame(n, n == 0, got.data.len())[..], "picture {n}");
    }

    client.peer.send_picture(Instant::now(), Codec::Vp8, 0, &vp8_frame(9, true, 5000));
    client.peer.tick(Instant::now());
    client.peer.send_sound(Instant::now(), 0, &[5; 40]);
    client.peer.tick(Instant::now());
    client.turn();
    let (mut picture, mut sound) = (None, None);
    while picture.is_none() || sound.is_none() {
        match wait(&words, |w| matches!(w, Word::Video(..) | Word::Sound(..))) {
            Word::Video(from, got) => picture = Some((from, got.data)),
            Word::Sound(from, got) => sound = Some((from, got.data)),
            _ => {}
        }
    }
    assert_eq!(picture, Some((leg, vp8_frame(9, true, 5000).into())));
    assert_eq!(sound, Some((leg, Arc::from([5; 40]))));

    let counters = net.counters();
    assert!(counters.packets_out > 200 && counters.packets_in > 5, "{counters:?}");
    assert_eq!(counters.tcp_connections, u64::from(tcp));
    assert!(tcp || counters.gso_batches > 0, "equal packets go out in one call: {counters:?}");
    assert_eq!(counters.dropped_udp_error + counters.panics + counters.commands_dropped, 0);
    net.close(leg);
    join.stop();
    assert!(!net.udp_is_usable(), "without its thread the socket serves nobody");
}

#[test]
fn pictures_and_sound_go_both_ways_over_udp() {
    pictures_and_sound_both_ways(false);
}

#[test]
fn pictures_and_sound_go_both_ways_over_tcp() {
    pictures_and_sound_both_ways(true);
}

#[test]
fn a_tcp_client_that_stops_reading_is_skipped_and_comes_back_with_a_key_frame() {
    let (net, _join, words) = server_of(|config| config.tiers = false);
    let (mut slow, mut fast) = (Client::new(&net, true), Client::new(&net, false));
    for (leg, client) in [(LegKey(1), &mut slow), (LegKey(2), &mut fast)] {
        client.call(&net, leg);
        client.run("connect", |p| p.connected);
        wait(&words, |w| matches!(w, Word::Connected(l) if *l == leg));
        net.subscribe(leg, Some(STREAM));
    }
    net.publish(STREAM, vp8(0, true, 30_000));
    slow.run("the first picture", |p| p.pictures.len() == 1);
    // From here on only the fast one reads.
    let mut n = 0;
    while net.counters().pictures_skipped < 5 {
        n += 1;
        assert!(n < 2000, "the queue is endless");
        net.publish(STREAM, vp8(n, n % 20 == 0, 20_000));
        fast.run("the others see everything", |p| p.pictures.len() > n as usize);
    }
    while words.try_recv().is_ok() {}
    // It reads again: what was queued, then a gap, then a key frame that was asked for.
    let mut keyframe = false;
    let end = Instant::now() + LIMIT;
    // Key frames after the gap have a length of their own.
    let len = |keyframe| if keyframe { 2222 } else { 2000 };
    let arrived = |p: &Peer| p.pictures.iter().position(|g| g.data.len() == len(true));
    while arrived(&slow.peer).is_none() {
        assert!(Instant::now() < end, "no picture after the gap");
        keyframe |= words.try_iter().any(|w| matches!(w, Word::Wanted));
        n += 1;
        net.publish(STREAM, vp8(n, keyframe, len(keyframe)));
        slow.turn();
        fast.turn();
    }
    let seen = &slow.peer.pictures;
    let at = arrived(&slow.peer).unwrap();
    assert!(seen[at].keyframe);
    assert!(at < n as usize - 4, "pictures were skipped");
    assert!(seen[..at].iter().all(|g| g.data.len() >= 20_000), "none without its key frame");
    assert_eq!(net.counters().legs, 2);
}

#[test]
fn a_renegotiation_is_answered_while_media_flows() {
    let (net, _join, words) = server();
    let mut client = Client::new(&net, false);
    client.call(&net, LegKey(1));
    client.run("connect", |p| p.connected);
    wait(&words, |w| matches!(w, Word::Connected(_)));
    let offer = Offer::new(client.peer.restart_offer());
    let answer = net.renegotiate(LegKey(1), offer).unwrap();
    client.peer.answer(&answer.sdp);
    net.publish(STREAM, vp8(0, true, 4000));
    net.subscribe(LegKey(1), Some(STREAM));
    client.run("a picture after the restart", |p| !p.pictures.is_empty());
}

#[test]
fn a_broken_socket_is_seen() {
    let (net, _join, _words) = server();
    assert!(net.udp_is_usable());
    net.break_udp();
    let end = Instant::now() + LIMIT;
    while net.udp_is_usable() {
        assert!(Instant::now() < end);
        std::thread::yield_now();
    }
}

#[test]
fn a_full_server_refuses_by_name() {
    let (tell, _words) = unbounded();
    let config = NetConfig { max_legs: 0, ..NetConfig::new("127.0.0.1:0".parse().unwrap()) };
    let (net, _join) = Net::start(config, Arc::new(Teller(tell))).unwrap();
    let mut peer = Peer::new("127.0.0.1:9".parse().unwrap(), false, Instant::now());
    let refused = net.answer(LegKey(1), &Offer::new(peer.full_offer())).unwrap_err();
    assert_eq!(refused, crate::OfferRefused::Full);
}

#[test]
fn a_net_thread_that_is_stuck_makes_no_publisher_wait() {
    struct Stuck(Arc<AtomicBool>, Receiver<()>);
    impl NetEvents for Stuck {
        fn connected(&self, _leg: LegKey) {}
        fn closed(&self, _leg: LegKey, _why: Closed) {}
        fn video(&self, _leg: LegKey, _picture: VideoIn) {}
        fn sound(&self, _leg: LegKey, _sound: SoundIn) {}
        fn keyframe_wanted(&self, _stream: StreamKey) {
            self.0.store(true, Ordering::SeqCst);
            let _ = self.1.recv_timeout(LIMIT);
        }
    }
    let (stuck, (free, held)) = (Arc::new(AtomicBool::new(false)), unbounded());
    let events = Arc::new(Stuck(stuck.clone(), held));
    let (net, join) = Net::start(NetConfig::new("127.0.0.1:0".parse().unwrap()), events).unwrap();
    let mut client = Client::new(&net, false);
    client.call(&net, LegKey(1));
    client.run("connect", |p| p.connected);
    net.subscribe(LegKey(1), Some(STREAM));
    while !stuck.load(Ordering::SeqCst) {
        client.turn();
    }
    let picture = vp8(0, true, 100);
    for _ in 0..6000 {
        net.publish(STREAM, picture.clone());
    }
    let dropped = net.counters().commands_dropped;
    assert!(dropped >= 6000 - 4096, "{dropped}");
    drop(free);
    join.stop();
}

#[test]
fn of_an_address_with_too_many_idle_tcp_connections_the_oldest_goes_and_members_still_come() {
    let (net, join, words) = server();
    let at = net.local_tcp_addr().expect("there is a listener");
    let mut idle: Vec<_> = (0..65).map(|_| TcpStream::connect(at).unwrap()).collect();
    idle[0].set_read_timeout(Some(LIMIT)).unwrap();
    // The end of the stream, or a reset; not the end of the patience.
    match idle[0].read(&mut [0]) {
        Ok(read) => assert_eq!(read, 0),
        Err(error) => assert_ne!(error.kind(), ErrorKind::WouldBlock, "the oldest stays"),
    }
    let mut client = Client::new(&net, true);
    client.call(&net, LegKey(1));
    client.run("connect", |p| p.connected);
    wait(&words, |w| matches!(w, Word::Connected(LegKey(1))));
    net.close(LegKey(1));
    join.stop();
}

/// Hands every connection of a listener over after its first frame.
fn hand_over(listener: TcpListener, net: Net) {
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut head = [0; 2];
            if stream.read_exact(&mut head).is_ok() {
                let mut read = [&head[..], &vec![0; u16::from_be_bytes(head).into()]].concat();
                stream.read_exact(&mut read[2..]).unwrap();
                net.hand_over(stream, read);
            }
        }
    });
}

/// A server with another listener in front, which its answers name.
fn server_behind(most: usize) -> (Net, NetJoin, Receiver<Word>, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (net, join, words) = server_of(|config| {
        config.tcp_elsewhere = vec![at];
        config.tcp_connections = most;
    });
    hand_over(listener, net.clone());
    (net, join, words, at)
}

#[test]
fn a_connection_that_came_in_elsewhere_carries_media_and_counts_as_any_other() {
    let (net, _join, words, at) = server_behind(1);
    let mut client = Client::connected(at);
    client.call(&net, LegKey(1));
    client.run("connect", |p| p.connected);
    wait(&words, |w| matches!(w, Word::Connected(LegKey(1))));
    net.subscribe(LegKey(1), Some(STREAM));
    net.publish(STREAM, vp8(0, true, 30_000));
    client.run("a picture", |p| !p.pictures.is_empty());
    assert_eq!(net.counters().tcp_connections, 1);
    // As many as there may be, and each belongs to a leg.
    let mut late = Client::connected(at);
    late.call(&net, LegKey(2));
    assert!(late.ends());
    net.publish(STREAM, vp8(1, true, 30_000));
    client.run("another picture", |p| p.pictures.len() == 2);
}

#[test]
fn a_connection_from_elsewhere_that_names_no_leg_of_ours_is_closed_at_once() {
    let (net, _join, _words, at) = server_behind(64);
    let (other, _other_join, _) = server_of(|config| config.tcp_elsewhere = vec![at]);
    let mut stranger = Client::connected(at);
    stranger.call(&other, LegKey(1));
    assert!(stranger.ends());
    let mut garbage = TcpStream::connect(at).unwrap();
    garbage.write_all(&[0, 4, 1, 2, 3, 4]).unwrap();
    assert!(is_closed(&garbage, SOON));
    assert_eq!(net.counters().tcp_connections, 0);
}

#[test]
fn sockets_of_both_families_serve_clients_of_either() {
    let (four, six) = (IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST));
    let (net, _join, words) = server_of(|config| {
        config.udp = "[::]:0".parse().unwrap();
        config.tcp = Some("[::]:0".parse().unwrap());
        config.candidate_ips = vec![four, six];
    });
    let ways = [(four, false), (six, false), (four, true), (six, true)];
    for (n, (ip, tcp)) in (1..).zip(ways) {
        let mut client = Client::at(ip, &net, tcp);
        client.call(&net, LegKey(n));
        client.run("connect", |p| p.connected);
        wait(&words, |w| matches!(w, Word::Connected(LegKey(l)) if *l == n));
        net.subscribe(LegKey(n), Some(STREAM));
        net.publish(STREAM, vp8(0, true, 30_000));
        client.run("a picture", |p| !p.pictures.is_empty());
        net.close(LegKey(n));
    }
}

#[test]
fn a_specific_listen_address_offers_only_itself() {
    let one: IpAddr = "203.0.113.9".parse().unwrap();
    assert_eq!(crate::local_candidate_ips(one, false), [one]);
    let all = crate::local_candidate_ips("0.0.0.0".parse().unwrap(), true);
    assert!(all.contains(&IpAddr::from([127, 0, 0, 1])));
    assert!(all.iter().all(IpAddr::is_ipv4));
    let outer = crate::local_candidate_ips("0.0.0.0".parse().unwrap(), false);
    assert!(outer.iter().all(|ip| !ip.is_loopback()));
}

#[test]
fn several_threads_serve_one_port_by_udp_and_tcp_and_whoever_moves_is_still_heard() {
    let (net, join, words) = server_of(|config| config.threads = 4);
    let mut clients: Vec<Client> = (0..12).map(|n| Client::new(&net, n % 3 == 2)).collect();
    let legs: Arc<[LegKey]> = (0..12).map(LegKey).collect();
    for (leg, client) in legs.iter().zip(&mut clients) {
        client.call(&net, *leg);
        net.subscribe(*leg, Some(STREAM));
        client.run("connect", |p| p.connected);
        wait(&words, |w| matches!(w, Word::Connected(l) if l == leg));
    }
    assert_eq!(net.counters().tcp_connections, 4);
    assert!(net.used_threads() > 1, "twelve addresses, and all on one of four threads");
    let sound = |n: u64| {
        let payload = Arc::from([n as u8; 50]);
        let part = SoundPart { payload, past: Default::default(), legs: legs.clone() };
        net.sound(vec![part], n * 960);
    };
    for n in 0..10u32 {
        net.publish(STREAM, vp8(n, n == 0, 800));
        sound(n.into());
    }
    for client in &mut clients {
        client.run("pictures", |p| p.pictures.len() == 10);
        client.run("sound", |p| p.sounds.len() >= 8);
        assert!(client.peer.pictures.iter().all(|got| got.contiguous));
    }
    // What comes from their other ports comes to some other threads.
    clients.iter_mut().for_each(Client::rebind);
    let heard: Vec<usize> = clients.iter().map(|client| client.peer.sounds.len()).collect();
    let (end, mut n) = (Instant::now() + LIMIT, 10);
    while clients.iter().zip(&heard).any(|(client, before)| client.peer.sounds.len() <= *before) {
        assert!(Instant::now() < end, "somebody who moved hears nothing");
        n += 1;
        sound(n);
        clients.iter_mut().for_each(Client::turn);
    }
    assert!(net.counters().strays > 0, "eight new ports, and none of another of four threads");
    let counters = net.counters();
    assert_eq!((counters.legs, counters.commands_dropped, counters.panics), (12, 0, 0));
    legs.iter().for_each(|leg| net.close(*leg));
    let end = Instant::now() + LIMIT;
    while net.counters().legs > 0 {
        assert!(Instant::now() < end);
        std::thread::yield_now();
    }
    join.stop();
    assert!(!net.udp_is_usable());
}

#[test]
fn a_port_that_another_has_is_refused_with_several_threads_too() {
    let (net, _join, _words) = server_of(|config| config.threads = 4);
    let (tell, _) = unbounded();
    let mut config = NetConfig::new(net.local_udp_addr());
    config.threads = 4;
    let refused = Net::start(config, Arc::new(Teller(tell))).err();
    assert!(matches!(refused, Some(crate::NetError::Udp(..))));
}
