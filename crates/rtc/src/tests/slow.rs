//! An ICE-TCP connection whose peer reads slowly or not at all.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use crate::fanout::MAX_BACKLOG;
use crate::outlet::{Class, Path};
use crate::tcp_conn::{Conn, STALL_TIME};
use crate::tests::rig::{World, vp8};
use crate::{Closed, LegKey};

/// A peer that takes `room` bytes and gives what is in `input`.
#[derive(Default)]
struct Fake {
    room: usize,
    taken: Vec<u8>,
    input: Vec<u8>,
    at: usize,
}

impl Write for Fake {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(self.room);
        if n == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.room -= n;
        self.taken.extend_from_slice(&bytes[..n]);
        Ok(n)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Fake {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = &self.input[self.at..];
        if left.is_empty() {
            return Err(ErrorKind::WouldBlock.into());
        }
        // A few bytes at a time: frames never come in one piece.
        let n = left.len().min(out.len()).min(7);
        out[..n].copy_from_slice(&left[..n]);
        self.at += n;
        Ok(n)
    }
}

fn conn(now: Instant) -> Conn<Fake> {
    let addr = "127.0.0.1:1".parse().unwrap();
    Conn::new(Fake::default(), addr, addr, now)
}

fn frames(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut out = vec![];
    while bytes.len() >= 2 {
        let len = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
        out.push(bytes[2..2 + len].to_vec());
        bytes = &bytes[2 + len..];
    }
    out
}

#[test]
fn frames_survive_any_cutting() {
    let mut conn = conn(Instant::now());
    let sent: Vec<Vec<u8>> = (0..20u8).map(|n| vec![n; usize::from(n) * 40]).collect();
    for frame in &sent {
        conn.stream.input.extend((frame.len() as u16).to_be_bytes());
        conn.stream.input.extend(frame);
    }
    let mut got = vec![];
    while conn.read().unwrap() {
        got.extend(conn.frames().unwrap());
    }
    assert_eq!(got, sent);
}

#[test]
fn a_frame_longer_than_any_packet_ends_the_connection() {
    let mut conn = conn(Instant::now());
    conn.stream.input = vec![0xff; 50];
    conn.read().unwrap();
    assert!(conn.frames().is_err());
}

#[test]
fn sound_overtakes_pictures() {
    let now = Instant::now();
    let mut conn = conn(now);
    for n in 0..100u8 {
        conn.queue(Class::Picture, &[n; 1000], now);
    }
    conn.queue(Class::Sound, &[200; 80], now);
    conn.stream.room = usize::MAX;
    conn.write(now).unwrap();
    let order = frames(&conn.stream.taken);
    assert_eq!(order.len(), 101);
    assert_eq!(order[0], vec![200; 80]);
    assert!(order[1..].iter().zip(0u8..).all(|(f, n)| f[0] == n));
}

#[test]
fn sound_that_waited_too_long_is_left_out_and_control_never() {
    let now = Instant::now();
    let mut conn = conn(now);
    let at = |n: u64| now + Duration::from_millis(20 * n);
    conn.queue(Class::Control, &[1; 40], now);
    assert!((0..50).all(|n| conn.queue(Class::Sound, &[n as u8 + 2; 80], at(n))));
    conn.stream.room = usize::MAX;
    conn.write(at(50)).unwrap();
    let order: Vec<u8> = frames(&conn.stream.taken).iter().map(|frame| frame[0]).collect();
    assert_eq!(order[0], 1);
    assert_eq!(order[1..], (40..52).collect::<Vec<u8>>(), "what came in the last 240 ms");
    assert_eq!((conn.late, conn.has_unsent()), (38, false));
}

#[test]
fn the_queues_are_bounded_and_a_stall_is_seen() {
    let now = Instant::now();
    let mut conn = conn(now);
    let taken = (0..10_000).filter(|_| conn.queue(Class::Picture, &[1; 1200], now)).count();
    assert!(taken < 1000, "{taken}");
    assert!(conn.queue(Class::Sound, &[2; 80], now), "sound has room of its own");
    let sounds = (0..100_000).filter(|_| conn.queue(Class::Sound, &[2; 80], now)).count();
    assert!(sounds < 10_000);
    conn.owned = true;
    conn.write(now).unwrap();
    assert!(!conn.is_stalled(now + STALL_TIME - Duration::from_millis(1)));
    assert_eq!(conn.deadline(), Some(now + STALL_TIME));
    assert!(conn.is_stalled(now + STALL_TIME));
    conn.stream.room = 100;
    conn.write(now + Duration::from_secs(14)).unwrap();
    assert!(!conn.is_stalled(now + STALL_TIME), "it read something");
}

#[test]
fn a_slow_reader_skips_to_a_key_frame_and_nobody_else_notices() {
    let mut world = World::new();
    world.legs.has_tiers = false;
    let (slow, fast) = (world.join(), world.join());
    world.subscribe(slow);
    world.subscribe(fast);
    world.publish(&vp8(0, true, 3000));
    world.run(Duration::from_millis(33));
    let wanted = world.heard(|h| h.keyframes_wanted);
    // The path is made a TCP one: only those have a backlog.
    let key = LegKey(slow as u64);
    world.legs.map.get_mut(&key).unwrap().path.as_mut().unwrap().tcp = true;
    world.pipe.backlog = MAX_BACKLOG + 1;
    for n in 1..10 {
        world.legs.map.get_mut(&key).unwrap().path.as_mut().unwrap().tcp = true;
        world.publish(&vp8(n, n == 5, 3000));
        world.run(Duration::from_millis(33));
    }
    assert_eq!(world.peers[slow].pictures.len(), 1);
    world.pipe.backlog = 0;
    world.publish(&vp8(10, false, 3000));
    world.run(Duration::from_millis(500));
    assert_eq!(world.peers[slow].pictures.len(), 1, "it has a gap: nothing but a key frame helps");
    assert_eq!(world.heard(|h| h.keyframes_wanted), wanted + 1);
    world.publish(&vp8(26, true, 3000));
    world.run(Duration::from_millis(33));
    assert_eq!(world.peers[slow].pictures.len(), 2);
    assert!(world.peers[slow].pictures[1].keyframe);
    let times: Vec<u64> = world.peers[slow].pictures.iter().map(|p| p.time).collect();
    assert_eq!(times[1] - times[0], 26 * 3000, "the gap keeps its true length");
    assert_eq!(world.peers[fast].pictures.len(), 12);
}

#[test]
fn a_leg_whose_tcp_peer_stalls_is_closed_and_one_that_merely_reconnects_is_not() {
    let mut world = World::new();
    let (stalls, reconnects) = (world.join(), world.join());
    for (i, stalled) in [(stalls, true), (reconnects, false)] {
        let key = LegKey(i as u64);
        let path = Path { tcp: true, peer: format!("127.0.0.1:{}", 30_000 + i).parse().unwrap() };
        let leg = world.legs.map.get_mut(&key).unwrap();
        leg.path = Some(path);
        leg.learn(path);
        world.legs.demux.add_path(path, key);
        world.legs.tcp_gone(path, stalled);
        assert_eq!(world.legs.demux.by_path(path), None);
    }
    assert_eq!(world.heard(|h| h.closed.clone()), [(LegKey(stalls as u64), Closed::Stalled)]);
    assert_eq!(world.counters().legs, 1);
}
