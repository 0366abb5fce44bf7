//! What is made up and how long sound waits on lines of eight kinds, against another buffer.

use super::*;
use crate::jitter_lines::{Dice, Line, voice};
use rotunda_codec::OpusEncoder;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A minute.
const PACKETS: u64 = 3000;
const SEEDS: u64 = 10;

/// What somebody hears.
#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    /// Sound that was made up, or silence where there should have been some, in per cent.
    made_up: f64,
    /// From when a packet of an even line would come until it is heard.
    delay_ms: f64,
    /// How often sound was made longer or shorter in a minute.
    moves: f64,
}

fn packets() -> &'static [Arc<[u8]>] {
    static ENCODED: OnceLock<Vec<Arc<[u8]>>> = OnceLock::new();
    ENCODED.get_or_init(|| {
        let mut encoder = OpusEncoder::new().unwrap();
        let mut out = [0u8; 1500];
        let voice = voice(PACKETS as usize * FRAME);
        let encode = |pcm: &[f32; FRAME]| {
            let len = encoder.encode(pcm, &mut out).unwrap();
            Arc::from(&out[..len])
        };
        voice.as_chunks().0.iter().map(encode).collect()
    })
}

/// A voice over the line; ticks and packets lie anyhow to one another.
fn listen(line: Line, seed: u64) -> Heard {
    let (packets, began) = (packets(), Instant::now());
    let phase_us = (Dice(!seed).roll() * 20_000.0) as u64;
    let mut arrivals = line.arrivals(PACKETS, seed).into_iter().peekable();
    let mut jitter = Jitter::new().unwrap();
    let (mut silent, mut sounding, mut heard) = (0, 0, Heard::default());
    for tick in 0..PACKETS {
        let due_us = tick * 20_000 + phase_us;
        while let Some((at, n)) = arrivals.next_if(|(at, _)| *at <= due_us) {
            let (data, arrived) = (packets[n as usize].clone(), began + Duration::from_micros(at));
            jitter.put(SoundPacket { data, rtp_time_48khz: n * 960, arrived, level_dbov: None });
        }
        let has_sound = jitter.take(began + Duration::from_micros(due_us), &mut [0.0; FRAME]);
        if let Some(next) = jitter.playing().filter(|_| has_sound) {
            sounding += 1;
            heard.delay_ms += due_us as f64 / 1000.0 - (next as f64 - 960.0) / 48.0;
            heard.moves += f64::from(u8::from(jitter.ticks_unmoved == 0));
        } else if sounding > 0 {
            silent += 960;
        }
    }
    heard.delay_ms /= f64::from(sounding);
    heard.made_up = (jitter.decoded.made_up + silent) as f64 / (PACKETS * 960) as f64 * 100.0;
    heard
}

/// The mean over all seeds.
fn ours(line: Line) -> Heard {
    let mut mean = Heard::default();
    for seed in 0..SEEDS {
        let heard = listen(line, seed * 77 + 1);
        mean.made_up += heard.made_up / SEEDS as f64;
        mean.delay_ms += heard.delay_ms / SEEDS as f64;
        mean.moves += heard.moves / SEEDS as f64;
    }
    mean
}

/// What the crate neteq 0.9.1 made up (%) and its delay (ms), of the same voice over the same lines
/// with the same seeds, its clock replaced by the lines' own. It is not a dependency, because it
/// reads the machine's clock.
const THEIRS: [(Line, f64, f64); 7] = [
    (Line::Steady, 0.25, 30.0),
    (Line::Queue(30.0), 1.94, 186.0),
    (Line::Queue(60.0), 2.19, 354.0),
    (Line::Queue(100.0), 2.83, 584.0),
    (Line::Bursts, 3.48, 101.0),
    (Line::Dip, 0.92, 38.0),
    (Line::Repeats, 0.92, 63.0),
];

#[test]
fn little_is_made_up_and_sound_waits_no_longer_than_that_needs() {
    for (line, made_up, delay_ms) in THEIRS {
        let ours = ours(line);
        println!("{line:?}: {ours:.2?}, neteq {made_up} % {delay_ms} ms");
        // Half a second is the most that is waited for: 80 ms less than neteq does there.
        let margin = if matches!(line, Line::Queue(100.0)) { 2.5 } else { 0.5 };
        assert!(ours.made_up <= made_up + margin, "{line:?}: {ours:?}");
        assert!(ours.delay_ms <= delay_ms + 40.0, "{line:?}: {ours:?}");
        assert!(ours.moves < 100.0, "{line:?}: {ours:?}");
    }
}

#[test]
fn a_line_that_stalls_every_few_seconds_is_waited_for() {
    for (ms, seconds) in [(150, 3), (150, 4), (150, 5), (150, 6), (100, 5), (240, 5)] {
        let ours = ours(Line::Stalls(ms, seconds));
        println!("{ms} ms every {seconds} s: {ours:.2?}");
        assert!(ours.made_up < 0.7 && ours.delay_ms < 300.0, "{ms} {seconds}: {ours:?}");
    }
}

#[test]
fn thirty_milliseconds_of_jitter_cost_less_than_a_hundredth_of_the_sound() {
    for line in [Line::Jitter(30.0), Line::Queue(30.0)] {
        let ours = ours(line);
        println!("{line:?}: {ours:.2?}");
        assert!(ours.made_up < 1.0 && ours.delay_ms < 200.0, "{line:?}: {ours:?}");
    }
}
