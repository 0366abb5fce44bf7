//! Several network threads, without threads: whose turn it is a seed says, and the kernel that brings each
//! address's datagrams to one of them is a hash. However many there are, and whatever comes in between,
//! every client is sent the same.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::command::SoundPart;
use crate::counters::Tally;
use crate::directory::Directory;
use crate::legs::Legs;
use crate::negotiate::{Host, Offer, negotiate};
use crate::outlet::Path;
use crate::receive::{Arrival, Owner};
use crate::route::Routes;
use crate::tests::peer::{Got, Peer};
use crate::tests::rig::{Pipe, Recorded, SERVER, STREAM, host, vp8};
use crate::threads::Thread;
use crate::{LegKey, Picture, StreamKey};

const MS: Duration = Duration::from_millis(1);
/// Strays that may wait here; few, so that it is full now and then.
const STRAYS: usize = 3;

enum Job {
    Subscribe(LegKey, StreamKey),
    Close(LegKey),
    PassOn(Path),
    Picture(u64, Arc<Picture>, bool),
    Sound(Arc<[SoundPart]>, u64),
}

struct Side {
    legs: Legs,
    pipe: Pipe,
    jobs: VecDeque<Job>,
    strays: VecDeque<(Path, Vec<u8>)>,
}

struct Crew {
    now: Instant,
    host: Host,
    directory: Arc<Directory>,
    routes: Arc<Routes>,
    sides: Vec<Side>,
    peers: Vec<Peer>,
    /// Where each client comes from, as a NAT shows it.
    outside: Vec<SocketAddr>,
    seed: u64,
    handed_over: usize,
    lost: usize,
}

impl Crew {
    fn new(threads: usize, seed: u64) -> Self {
        let (directory, routes) = (Arc::<Directory>::default(), Arc::<Routes>::default());
        let events = Arc::new(Recorded::default());
        let side = |thread| {
            let shared = (thread, directory.clone(), routes.clone());
            let legs = Legs::of(shared, events.clone(), Arc::new(Tally::default()));
            Side { legs, pipe: Pipe::default(), jobs: VecDeque::new(), strays: VecDeque::new() }
        };
        Self {
            now: Instant::now(),
            host: host(),
            sides: (0..threads).map(side).collect(),
            directory: directory.clone(),
            routes: routes.clone(),
            peers: vec![],
            outside: vec![],
            seed: seed * 2 + 1,
            handed_over: 0,
            lost: 0,
        }
    }

    fn random(&mut self, below: usize) -> usize {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        (self.seed >> 8) as usize % below
    }

    /// The thread to which the kernel brings what comes from there.
    fn kernel(&self, from: SocketAddr) -> Thread {
        usize::from(from.port()).wrapping_mul(2_654_435_761) / 7 % self.sides.len()
    }

    fn call(&mut self) -> LegKey {
        let i = self.peers.len();
        let addr = SocketAddr::from(([127, 0, 0, 1], 20_000 + i as u16));
        let mut peer = Peer::new(addr, false, self.now);
        let offer = Offer::new(peer.full_offer());
        let (agreed, answer) = negotiate(&self.host, &offer, "stream".into(), self.now).unwrap();
        peer.answer(&answer.sdp);
        self.peers.push(peer);
        self.outside.push(addr);
        self.directory.add(LegKey(i as u64), agreed, self.now, |_| {});
        LegKey(i as u64)
    }

    fn direct(&mut self, key: LegKey, job: Job) {
        let (mut at, asked) =
            (None, if let Job::Subscribe(_, to) = &job { Some(*to) } else { None });
        self.directory.clone().direct(key, |thread| at = Some(thread), |it| it.asked = asked);
        if let Some(thread) = at {
            self.sides[thread].jobs.push_back(job);
        }
    }

    /// One picture for all; `is_full`: of no thread's queue is there anything left.
    fn publish(&mut self, picture: &Arc<Picture>, is_full: bool) {
        let sides = &mut self.sides;
        self.routes.of(STREAM).publish(picture, self.now, |thread, number, after_gap| {
            let job = Job::Picture(number, picture.clone(), after_gap);
            (!is_full).then(|| sides[thread].jobs.push_back(job)).is_some()
        });
    }

    fn sound(&mut self, n: u64) {
        let legs: Arc<[LegKey]> = (0..self.peers.len() as u64).map(LegKey).collect();
        let payload = Arc::from([n as u8; 40]);
        let parts: Arc<[SoundPart]> =
            Arc::from([SoundPart { payload, past: Default::default(), legs: legs.clone() }]);
        for thread in self.directory.threads_of(legs.iter(), self.sides.len()).iter() {
            self.sides[thread].jobs.push_back(Job::Sound(parts.clone(), n * 960));
        }
    }

    /// Lets time pass in steps of 5 ms.
    fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            self.now += 5 * MS;
            for Side { legs, pipe, .. } in &mut self.sides {
                legs.on_time(self.now, pipe);
            }
            for peer in &mut self.peers {
                if peer.deadline <= self.now {
                    peer.tick(self.now);
                }
            }
            self.settle();
        }
    }

    /// Until nobody has anything to do, one bit after another of whoever it is the turn of.
    fn settle(&mut self) {
        let mut idle = 0;
        while idle < 40 {
            let turn = self.random(self.sides.len() + self.peers.len());
            let is_busy = match turn.checked_sub(self.sides.len()) {
                None => self.work(turn),
                Some(peer) => self.send_up(peer),
            };
            idle = if is_busy { 0 } else { idle + 1 };
            if idle == 39 && self.is_anything_left() {
                idle = 0;
            }
        }
    }

    fn is_anything_left(&mut self) -> bool {
        let waits =
            |s: &Side| !(s.jobs.is_empty() && s.strays.is_empty() && s.pipe.sent.is_empty());
        self.sides.iter().any(waits) | (0..self.peers.len()).any(|i| self.send_up(i))
    }

    fn work(&mut self, thread: Thread) -> bool {
        let now = self.now;
        let side = &mut self.sides[thread];
        if let Some(job) = side.jobs.pop_front() {
            let Side { legs, pipe, .. } = side;
            match job {
                Job::Subscribe(key, stream) => legs.subscribe(now, key, Some(stream), pipe),
                Job::Close(key) => legs.close(now, key, pipe),
                Job::PassOn(path) => legs.pass_on(path),
                Job::Picture(number, picture, after_gap) => {
                    if after_gap && !picture.keyframe {
                        legs.stream_broken(now, STREAM);
                    }
                    legs.publish(now, STREAM, (number, &picture), pipe);
                }
                Job::Sound(parts, ts) => legs.sound(now, &parts, ts, pipe),
            }
            return true;
        }
        if let Some((path, bytes)) = side.strays.pop_front() {
            self.receive(thread, path, &bytes, true);
            return true;
        }
        let Some((path, source, _, bytes)) = side.pipe.sent.pop_front() else {
            return false;
        };
        if let Some(i) = self.outside.iter().position(|at| *at == path.peer) {
            self.peers[i].receive(now, source, &bytes);
        }
        true
    }

    fn send_up(&mut self, i: usize) -> bool {
        let sent = self.peers[i].drain();
        let path = Path { tcp: false, peer: self.outside[i] };
        let thread = self.kernel(path.peer);
        sent.iter().for_each(|(_, bytes)| self.receive(thread, path, bytes, false));
        !sent.is_empty()
    }

    fn receive(&mut self, thread: Thread, path: Path, bytes: &[u8], is_handed_over: bool) {
        let Side { legs, pipe, .. } = &mut self.sides[thread];
        let destination = SERVER.parse().unwrap();
        let arrival = Arrival { path, destination, bytes, is_handed_over };
        let owner = legs.receive(self.now, arrival, pipe);
        for (thread, path) in std::mem::take(&mut legs.passed_on) {
            self.sides[thread].jobs.push_back(Job::PassOn(path));
        }
        if let Owner::Of(other) = owner {
            self.handed_over += 1;
            if self.sides[other].strays.len() < STRAYS {
                self.sides[other].strays.push_back((path, bytes.to_vec()));
            } else {
                self.lost += 1;
            }
        }
    }
}

/// Time, first and last sequence number, and content of a picture or a sound.
type Sent = (u64, u64, u64, Arc<[u8]>);

/// What a client was sent, apart from where its own numbers began.
fn sent(got: &[Got]) -> Vec<Sent> {
    let first = got.first().map_or((0, 0), |it| (it.time, it.seqs.0));
    let relative =
        |it: &Got| (it.time - first.0, it.seqs.0 - first.1, it.seqs.1 - first.1, it.data.clone());
    got.iter().map(relative).collect()
}

/// What each of six clients is sent of pictures and sound, on so many threads. At the `step`th of a
/// hundred ticks one goes on from another address, one leaves, and no thread takes the picture.
fn shown(threads: usize, seed: u64, step: u32) -> Vec<Vec<Sent>> {
    let mut crew = Crew::new(threads, seed);
    let keys: Vec<LegKey> = (0..6).map(|_| crew.call()).collect();
    crew.direct(keys[5], Job::Subscribe(keys[5], STREAM));
    crew.run(100);
    assert!(crew.peers.iter().all(|peer| peer.connected), "{threads} threads, seed {seed}");
    for key in &keys[..3] {
        crew.direct(*key, Job::Subscribe(*key, STREAM));
    }
    crew.settle();
    for n in 0..100u32 {
        if n == step {
            crew.outside[1] = SocketAddr::from(([127, 0, 0, 1], 30_000 + (seed % 997) as u16));
            crew.direct(keys[2], Job::Close(keys[2]));
        }
        if n == step / 2 {
            crew.direct(keys[3], Job::Subscribe(keys[3], STREAM));
            crew.settle();
        }
        crew.publish(&vp8(n, n % 25 == 0, 2_000), n == step);
        crew.sound(n.into());
        crew.run(6);
    }
    crew.run(20);
    let mut all: Vec<_> = crew.peers.iter().map(|peer| sent(&peer.pictures)).collect();
    all.extend(crew.peers.iter().map(|peer| sent(&peer.sounds)));
    all
}

#[test]
fn on_however_many_threads_everybody_is_sent_the_same() {
    let seeds = if std::env::var_os("ROTUNDA_SOAK").is_some() { 1_000 } else { 50 };
    std::thread::scope(|scope| {
        for part in 0..2 {
            scope.spawn(move || {
                for seed in (0..seeds).filter(|seed| seed % 2 == part) {
                    let step = (seed * 7 % 100) as u32;
                    let one = shown(1, seed, step);
                    assert!(one[0].len() >= 75 && one[3].len() > 20 && one[6].len() > 97);
                    for threads in [2, 4, 8] {
                        let many = shown(threads, seed, step);
                        for (i, (one, many)) in one.iter().zip(&many).enumerate() {
                            assert!(one == many, "list {i}, {threads} threads, seed {seed}");
                        }
                    }
                }
            });
        }
    });
}

#[test]
fn whoever_goes_on_from_another_address_keeps_its_thread_and_is_heard_through_the_other() {
    let mut crew = Crew::new(8, 3);
    let key = crew.call();
    crew.run(100);
    let home = crew.kernel(crew.outside[0]);
    assert!(crew.sides[home].legs.map.contains_key(&key), "where its first check came");
    let other = (30_000..).map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    crew.outside[0] = other.into_iter().find(|at| crew.kernel(*at) != home).unwrap();
    crew.run(1_200);
    assert!(crew.handed_over > 0, "what comes is handed over");
    crew.direct(key, Job::Subscribe(key, STREAM));
    crew.publish(&vp8(0, true, 2_000), false);
    crew.settle();
    assert_eq!(crew.peers[0].pictures.len(), 1, "and it is sent to where it is now");
    assert!(crew.sides[home].legs.map.contains_key(&key));
}

/// As a TCP connection is given away with the frames that were read of it.
#[test]
fn a_frame_that_another_thread_is_given_is_counted_there_and_nowhere_else() {
    let mut crew = Crew::new(2, 3);
    crew.call();
    let home = crew.kernel(crew.outside[0]);
    crew.run(100);
    let check = loop {
        crew.now += 5 * MS;
        crew.peers[0].tick(crew.now);
        if let Some((_, check)) = crew.peers[0].drain().into_iter().find(|(_, bytes)| bytes[0] < 4)
        {
            break check;
        }
    };
    let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
    let destination = SERVER.parse().unwrap();
    let path = Path { tcp: true, peer };
    let arrival = Arrival { path, destination, bytes: &check, is_handed_over: false };
    let counted = |crew: &Crew| -> u64 {
        crew.sides.iter().map(|side| side.legs.tally.read().packets_in).sum()
    };
    let before = counted(&crew);
    for (thread, owner) in [(1 - home, Owner::Of(home)), (home, Owner::Ours(LegKey(0)))] {
        let Side { legs, pipe, .. } = &mut crew.sides[thread];
        assert_eq!(legs.receive(crew.now, arrival, pipe), owner);
    }
    assert_eq!(counted(&crew) - before, 1);
}

#[test]
fn an_address_that_another_client_has_now_is_that_ones() {
    let mut crew = Crew::new(4, 9);
    let first = crew.call();
    crew.run(100);
    // The page is loaded anew, and its browser has the same port again.
    let second = crew.call();
    let at = crew.outside[0];
    crew.outside[0] = SocketAddr::from(([127, 0, 0, 1], 9));
    crew.outside[1] = at;
    crew.run(100);
    assert!(crew.peers[1].connected);
    for key in [first, second] {
        crew.direct(key, Job::Subscribe(key, STREAM));
    }
    crew.publish(&vp8(0, true, 2_000), false);
    crew.run(2);
    assert_eq!(crew.peers[1].pictures.len(), 1);
}

#[test]
fn a_leg_of_which_nothing_comes_is_over_after_ten_seconds_on_any_number_of_threads() {
    let mut crew = Crew::new(4, 1);
    let key = crew.call();
    crew.peers.clear();
    crew.run(1_990);
    assert_eq!(crew.directory.len(), 1);
    crew.run(20);
    assert_eq!(crew.directory.len(), 0);
    crew.directory.direct(key, |_| panic!("it lives"), |_| panic!("it waits"));
}
