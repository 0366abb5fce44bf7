//! Receivers behind weak lines, and a healthy one beside them, on virtual time: many seeds a row.

use std::sync::Arc;
use std::time::Duration;

use rotunda_netlab::{Link, Settings};

use crate::command::SoundPart;
use crate::negotiate::Offer;
use crate::redundancy::Past;
use crate::tests::peer::Peer;
use crate::tests::rig::{Heard, STREAM, World, vp8_frame};
use crate::{LegKey, Picture, Rung, StreamKey, Tier, VideoCodec};

const SEEDS: u64 = 50;
const MS: Duration = Duration::from_millis(1);
const HALF: StreamKey = StreamKey { tier: Tier::Half, ..STREAM };
const QUARTER: StreamKey = StreamKey { tier: Tier::Quarter, ..STREAM };

/// A canvas of 20 pictures a second at 1.5 Mbit/s, its smaller sizes, and sound.
pub(super) struct Show {
    pub world: World,
    ticks: u32,
    past: Past,
    /// Key frames made of the master since it was last looked.
    keys: usize,
    seen: Vec<usize>,
}

fn settings(text: &str) -> Settings {
    Settings::default().changed(&format!("delay=20 queue=300 {text}")).unwrap()
}

impl Show {
    fn new() -> Self {
        Self { world: World::new(), ticks: 0, past: Past::default(), keys: 0, seen: vec![] }
    }

    /// A viewer behind a line that is perfect but for its length.
    fn viewer(&mut self, seed: u64) -> usize {
        let i = self.world.peers.len();
        let (down, up) = (Link::new(settings(""), seed), Link::new(settings(""), seed + 1000));
        self.world.lines.insert(i, (down, up));
        let reads_red = |config: str0m::RtcConfig| config.enable_opus(true, true);
        let peer = Peer::configured(self.world.next_addr(), false, self.world.now, reads_red);
        let offer = |peer: &mut Peer| Offer::audience(peer.full_offer());
        self.world.call_as(peer, offer, |_, answer| answer.to_owned());
        self.seen.push(0);
        self.run(1_000);
        assert!(self.world.is_up(i));
        self.world.subscribe(i);
        i
    }

    pub fn change(&mut self, i: usize, text: &str) {
        let now = self.world.now;
        self.world.lines.get_mut(&i).unwrap().0.set(settings(text), now);
    }

    pub fn run(&mut self, ms: u64) {
        for _ in 0..ms / 20 {
            if matches!(self.ticks % 5, 0 | 2) {
                self.pictures();
            }
            self.sound();
            self.world.run(20 * MS);
            self.ticks += 1;
            self.ask_for_what_is_lost();
        }
    }

    fn pictures(&mut self) {
        let rate = |of, usual| self.world.heard(|h| h.rates.get(&of).copied().unwrap_or(usual));
        let is_wanted = |of| self.world.heard(|h| h.streams_wanted.contains(&of));
        let mut wanted = vec![(STREAM, 1_500_000 / 8 / 20, 32_000)];
        if is_wanted(HALF) {
            wanted.push((HALF, rate(HALF, 300_000) / 8 / 20, 8_000));
        }
        if is_wanted(QUARTER) && self.ticks.is_multiple_of(5) {
            wanted.push((QUARTER, rate(QUARTER, 70_000) / 8 / 10, 3_500));
        }
        for (stream, bytes, key_bytes) in wanted {
            let is_due = |h: &mut Heard| h.keyframes_due.remove(&stream);
            let is_key = is_due(&mut self.world.events.0.lock().unwrap()) || self.ticks == 0;
            self.keys += usize::from(is_key && stream == STREAM);
            let bytes = if is_key { key_bytes } else { bytes as usize };
            let frame = vp8_frame(self.ticks, is_key, bytes);
            let ts = u64::from(self.ticks) * 1800;
            let picture = Arc::new(Picture::new(VideoCodec::Vp8, is_key, ts, &frame));
            self.world.publish_on(stream, &picture);
        }
    }

    fn sound(&mut self) {
        let legs = (0..self.world.peers.len() as u64).map(LegKey).collect();
        let payload: Arc<[u8]> = vec![0xfc; 110].into();
        let part = SoundPart { payload: payload.clone(), past: self.past.clone(), legs };
        self.past.rotate_right(1);
        self.past[0] = Some(payload);
        let (now, ts) = (self.world.now, u64::from(self.ticks) * 960);
        self.world.legs.sound(now, &[part], ts, &mut self.world.pipe);
    }

    fn ask_for_what_is_lost(&mut self) {
        for (i, seen) in self.seen.iter_mut().enumerate() {
            let pictures = &self.world.peers[i].pictures;
            let is_lost = pictures[*seen..].iter().any(|p| !p.contiguous && !p.keyframe);
            *seen = pictures.len();
            if is_lost {
                self.world.peers[i].send_pli();
            }
        }
    }

    fn rung(&self, i: usize) -> Rung {
        self.world.legs.map[&LegKey(i as u64)].adaptation.chooser.rung()
    }

    /// Pictures that client `i` is given within so long.
    fn pictures_in(&mut self, i: usize, ms: u64) -> usize {
        let before = self.world.peers[i].pictures.len();
        self.run(ms);
        self.world.peers[i].pictures.len() - before
    }
}

/// A viewer whose line becomes `line`, and a healthy one, so many seconds later.
pub(super) fn behind(line: &str, seed: u64, seconds: u64) -> (Show, usize, usize) {
    let mut show = Show::new();
    let (weak, healthy) = (show.viewer(seed), show.viewer(seed + 500));
    show.run(2_000);
    show.change(weak, line);
    show.keys = 0;
    show.run(seconds * 1_000);
    (show, weak, healthy)
}

/// Runs a test for many seeds, on two threads.
fn for_seeds(test: impl Fn(u64) + Sync) {
    std::thread::scope(|scope| {
        for part in 0..2 {
            let test = &test;
            scope.spawn(move || (0..SEEDS).filter(|seed| seed % 2 == part).for_each(test));
        }
    });
}

#[test]
fn a_narrow_line_has_the_picture_it_takes_and_the_healthy_one_does_not_notice() {
    for (line, least, most) in [
        ("rate=1000k", Rung::Quarter, Rung::Half),
        ("rate=500k", Rung::Quarter, Rung::Half),
        ("rate=200k", Rung::Sound, Rung::Quarter),
    ] {
        for_seeds(|seed| {
            let (mut show, weak, healthy) = behind(line, seed, 8);
            let rung = show.rung(weak);
            assert!((least..=most).contains(&rung), "{line}, seed {seed}: {rung:?}");
            assert!(show.keys <= 1, "{line}, {seed}: {} key frames forced on everybody", show.keys);
            assert!(show.pictures_in(healthy, 1_000) >= 19);
        });
    }
}

#[test]
fn random_loss_and_jitter_never_change_the_picture() {
    for line in ["loss=10", "loss=5 burst=3", "jitter=30"] {
        for_seeds(|seed| {
            let (show, weak, _) = behind(line, seed, 8);
            assert_eq!(show.rung(weak), Rung::Master, "{line}, seed {seed}");
            assert!(show.world.heard(|h| h.rungs.is_empty()), "{line}, seed {seed}");
        });
    }
    // Whoever needs three key frames within twenty seconds is given fewer packets to lose.
    for_seeds(|seed| {
        let (show, weak, _) = behind("loss=20 burst=3", seed, 8);
        assert!(show.rung(weak) > Rung::Sound, "seed {seed}");
    });
}

#[test]
fn sound_through_a_tenth_of_loss_is_nearly_whole() {
    for_seeds(|seed| {
        let (mut show, weak, _) = behind("loss=10", seed, 16);
        show.world.peers[weak].sounds.clear();
        // What stands behind a hole is given out later.
        show.run(4_600);
        let sounds = &show.world.peers[weak].sounds;
        let end = sounds[0].time + 200 * 960;
        let heard = sounds.iter().filter(|sound| sound.time < end).count();
        assert!(heard >= 192, "seed {seed}: {heard} of 200");
    });
}

#[test]
fn times_never_run_backwards_over_a_change() {
    for_seeds(|seed| {
        let (mut show, weak, _) = behind("rate=400k", seed, 6);
        show.change(weak, "rate=5000k");
        show.run(12_000);
        let times: Vec<u64> = show.world.peers[weak].pictures.iter().map(|p| p.time).collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "seed {seed}");
        let rungs = show.world.heard(|h| h.rungs.clone());
        assert!(rungs.len() >= 2, "seed {seed}: down and up: {rungs:?}");
    });
}

#[test]
fn whoever_flaps_costs_the_others_nothing() {
    let (mut show, weak, healthy) = behind("rate=5000k", 7, 1);
    for n in 0..60 {
        show.change(weak, if n % 2 == 0 { "rate=150k" } else { "rate=5000k" });
        assert!(show.pictures_in(healthy, 1_000) >= 19, "second {n}");
    }
    assert!(show.keys <= 6, "{} key frames in a minute", show.keys);
}

#[test]
fn many_weak_viewers_share_the_smaller_pictures() {
    let mut show = Show::new();
    let viewers: Vec<usize> = (0..12).map(|n| show.viewer(n)).collect();
    viewers.iter().for_each(|i| show.change(*i, "rate=350k"));
    show.run(6_000);
    let wanted = show.world.heard(|h| h.streams_wanted.len());
    assert!((1..=2).contains(&wanted), "{wanted} smaller pictures are encoded");
    assert_eq!(show.world.heard(|h| h.closed.len()), 0);
}

#[test]
fn a_narrow_line_never_stands_still_for_long_once_it_has_its_picture() {
    // How many it sees after a climb that failed depends on when its reports fall.
    for (line, seconds, least) in [("rate=500k", 20, 3), ("rate=300k", 20, 2)] {
        for_seeds(|seed| {
            let (mut show, weak, _) = behind(line, seed, 4);
            for second in 4..seconds {
                let seen = show.pictures_in(weak, 2_000);
                assert!(seen >= least, "{line}, seed {seed}, second {second}: {seen}");
            }
        });
    }
}
