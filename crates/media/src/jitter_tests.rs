use super::*;
use crate::jitter_lines::largest_step;
use rotunda_codec::OpusEncoder;
use std::collections::VecDeque;
use std::time::Duration;

/// A sender, its sound's buffer, and the time, which moves a tick at a time.
struct Talk {
    encoder: OpusEncoder,
    jitter: Jitter,
    now: Instant,
    sent: u64,
    hz: f64,
    frame: [f32; FRAME],
}

impl Talk {
    fn new() -> Self {
        Self {
            encoder: OpusEncoder::new().unwrap(),
            jitter: Jitter::new().unwrap(),
            now: Instant::now(),
            sent: 0,
            hz: 500.0,
            frame: [0.0; FRAME],
        }
    }

    /// The next 20 ms of a tone, as they come now.
    fn say(&mut self) -> SoundPacket {
        let mut pcm = [0f32; FRAME];
        for (i, sample) in pcm.iter_mut().enumerate() {
            let turns = (self.sent as usize * FRAME + i) as f64 / 48_000.0 * self.hz;
            *sample = 0.25 * (turns.fract() * std::f64::consts::TAU).sin() as f32;
        }
        let mut out = [0u8; 1500];
        let len = self.encoder.encode(&pcm, &mut out).unwrap();
        let rtp_time_48khz = 1_000_000 + self.sent * FRAME as u64;
        self.sent += 1;
        SoundPacket { data: out[..len].into(), rtp_time_48khz, arrived: self.now, level_dbov: None }
    }

    /// So many packets come; 20 ms are heard, or nothing.
    fn tick(&mut self, packets: usize) -> bool {
        for _ in 0..packets {
            let packet = self.say();
            self.jitter.put(packet);
        }
        let has_sound = self.jitter.take(self.now, &mut self.frame);
        self.now += Duration::from_millis(20);
        has_sound
    }

    /// The same for so many ticks; says for how many of them something was heard.
    fn ticks(&mut self, ticks: usize) -> usize {
        (0..ticks).filter(|_| self.tick(1)).count()
    }

    /// How old what is heard next is, in ms behind what was sent last.
    fn age_ms(&self) -> i64 {
        let sent = 1_000_000 + self.sent * FRAME as u64;
        (sent as i64 - self.jitter.playing().unwrap() as i64) / 48
    }

    fn rms(&self) -> f32 {
        (self.frame.iter().map(|s| s * s).sum::<f32>() / FRAME as f32).sqrt()
    }
}

#[test]
fn a_steady_sender_is_heard_without_a_gap_at_its_own_loudness() {
    let mut talk = Talk::new();
    let mut heard = 0;
    for tick in 0..200 {
        heard += usize::from(talk.tick(1));
        assert!(tick < 10 || (talk.rms() / 0.1768 - 1.0).abs() < 0.06, "{tick}: {}", talk.rms());
    }
    assert!(heard >= 198, "{heard}");
    assert!(talk.age_ms() <= 40, "{}", talk.age_ms());
}

#[test]
fn bursts_of_two_are_smoothed() {
    let mut talk = Talk::new();
    for tick in 0..100 {
        assert!(talk.tick(if tick % 2 == 0 { 2 } else { 0 }), "tick {tick}");
    }
}

#[test]
fn a_lost_packet_is_concealed_and_the_clock_goes_on() {
    let mut talk = Talk::new();
    for tick in 0..100 {
        if tick == 50 {
            talk.say();
        }
        talk.tick(usize::from(tick != 50));
        assert!(tick < 10 || talk.rms() > 0.05, "tick {tick}");
    }
    assert!(talk.age_ms() <= 40, "{}", talk.age_ms());
}

#[test]
fn silence_follows_a_sender_that_stops_and_sound_one_that_returns_after_a_jump() {
    let mut talk = Talk::new();
    talk.ticks(10);
    let gone = (0..20).filter(|_| talk.tick(0)).count();
    assert!((1..=8).contains(&gone), "{gone}");
    assert_eq!(talk.rms(), 0.0);
    talk.sent += 5000;
    talk.ticks(4);
    assert!(talk.rms() > 0.1);
}

#[test]
fn a_sender_that_runs_ahead_does_not_add_delay_for_ever() {
    let mut talk = Talk::new();
    for tick in 0..3000 {
        talk.tick(if tick % 100 == 0 { 2 } else { 1 });
    }
    assert!(talk.age_ms() <= 120, "{}", talk.age_ms());
}

#[test]
fn rubbish_is_silence_not_a_panic() {
    let mut talk = Talk::new();
    for n in 0..300u64 {
        let data: Vec<u8> = (0..n % 97).map(|i| (i * 31 + n * 7) as u8).collect();
        let at = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let arrived = talk.now;
        talk.jitter.put(SoundPacket {
            data: data.into(),
            rtp_time_48khz: at,
            arrived,
            level_dbov: None,
        });
        talk.tick(0);
        assert!(talk.frame.iter().all(|s| s.is_finite()));
    }
}

#[test]
fn sound_is_really_held_back_for_a_picture_and_let_go_again_without_a_hole() {
    let mut talk = Talk::new();
    talk.ticks(50);
    let before = talk.age_ms();
    talk.jitter.set_extra(200 * 48);
    assert_eq!(talk.ticks(200), 200);
    let held = talk.age_ms();
    assert!((held - before - 200).abs() <= 20, "{before} {held}");
    assert_eq!(talk.jitter.held(), 200 * 48);
    talk.ticks(200);
    assert!((talk.age_ms() - held).abs() < 2, "and stays so");
    talk.jitter.set_extra(0);
    assert_eq!(talk.ticks(200), 200);
    assert!((talk.age_ms() - before).abs() <= 25, "{before} {}", talk.age_ms());
    assert_eq!(talk.jitter.held(), 0);
}

/// The largest step of Opus's own tone of 500 Hz, and what a seam may add.
const STEP: f32 = 0.25 * 500.0 / 48_000.0 * std::f32::consts::TAU * 1.2;

/// Listens for clicks.
#[derive(Default)]
struct Heard(Vec<f32>);

impl Heard {
    /// So many ticks, each with the packets that `packets` says.
    fn listen(&mut self, talk: &mut Talk, ticks: usize, packets: impl Fn(usize) -> usize) {
        for tick in 0..ticks {
            assert!(talk.tick(packets(tick)), "tick {tick}");
            self.0.extend(talk.frame);
        }
    }

    /// Neither a click was heard nor another pitch than 500 Hz, which 96 samples are a period of.
    fn is_clean(&self) {
        let step = largest_step(&self.0);
        assert!(step < STEP, "a step of {step}");
        let rising = |i: &usize| self.0[*i] <= 0.0 && self.0[*i + 1] > 0.0;
        let rises: Vec<_> = (0..self.0.len() - 1).filter(rising).collect();
        for pair in rises.windows(2) {
            assert!((91..=101).contains(&(pair[1] - pair[0])), "a period of {}", pair[1] - pair[0]);
        }
    }
}

#[test]
fn a_steady_line_waits_forty_milliseconds_at_most_and_nothing_moves() {
    for phase_ms in [0, 1, 7, 13, 19] {
        let mut talk = Talk::new();
        talk.tick(1);
        talk.now += Duration::from_millis(phase_ms);
        talk.ticks(3);
        let mut heard = Heard::default();
        for _ in 0..10 {
            heard.listen(&mut talk, 150, |_| 1);
            let waits = talk.jitter.delay / 48;
            assert!((20..=40).contains(&waits), "{phase_ms}: {waits}");
        }
        heard.is_clean();
    }
}

#[test]
fn sound_that_moves_for_a_picture_has_neither_a_click_nor_another_pitch() {
    let mut talk = Talk::new();
    talk.ticks(20);
    let mut heard = Heard::default();
    talk.jitter.set_extra(200 * 48);
    heard.listen(&mut talk, 200, |_| 1);
    talk.jitter.set_extra(0);
    heard.listen(&mut talk, 200, |_| 1);
    heard.is_clean();
    assert_eq!(talk.jitter.held(), 0);
}

#[test]
fn sound_moves_ten_times_a_second_at_most_and_by_a_pitchs_period() {
    let mut talk = Talk::new();
    talk.ticks(20);
    talk.jitter.set_extra(200 * 48);
    let (mut before, mut last) = (talk.jitter.delay, 0);
    for tick in 10..200 {
        if tick == 100 {
            talk.jitter.set_extra(0);
        }
        talk.tick(1);
        let moved = talk.jitter.delay - before;
        before = talk.jitter.delay;
        if moved.abs() > 2 {
            assert!(tick - last >= 5 && moved.abs() <= 720, "{tick}: {moved}");
            last = tick;
        }
    }
    assert!(last > 120);
}

#[test]
fn a_line_in_bursts_is_waited_for_and_when_it_is_steady_again_no_longer() {
    for burst in [4, 8] {
        let mut talk = Talk::new();
        talk.ticks(50);
        let bursts = |tick: usize| if tick % burst == burst - 1 { burst } else { 0 };
        (0..burst * 50).for_each(|tick| _ = talk.tick(bursts(tick)));
        let mut heard = Heard::default();
        heard.listen(&mut talk, burst * 20, bursts);
        let (waits, late) = (talk.jitter.delay / 48, (burst as i64 - 1) * 20);
        assert!((late..late + 65).contains(&waits), "{burst}: {waits}");
        heard.listen(&mut talk, 600, |_| 1);
        assert!(talk.jitter.delay < 45 * 48, "{burst}: {}", talk.jitter.delay / 48);
        heard.is_clean();
    }
}

#[test]
fn quiet_moves_at_once() {
    let mut talk = Talk::new();
    talk.hz = 0.0;
    talk.ticks(20);
    talk.jitter.set_extra(200 * 48);
    talk.ticks(12);
    assert_eq!(talk.jitter.held(), 200 * 48);
    talk.jitter.set_extra(0);
    talk.ticks(15);
    assert_eq!(talk.jitter.held(), 0);
}

#[test]
fn a_packet_that_comes_after_it_was_made_up_for_is_heard_still() {
    let mut talk = Talk::new();
    talk.ticks(50);
    let before = talk.age_ms();
    let mut heard = Heard::default();
    heard.listen(&mut talk, 9, |tick| [0, 0, 3].get(tick).copied().unwrap_or(1));
    assert!(largest_step(&heard.0) < 2.0 * STEP, "{}", largest_step(&heard.0));
    let made_up = talk.jitter.decoded.made_up;
    assert!(made_up > 0 && made_up <= 2 * FRAME as u64, "{made_up}");
    assert_eq!(talk.age_ms() - before, made_up as i64 / 48, "nothing was thrown away");
}

#[test]
fn a_long_stall_leaves_a_delay_that_is_made_good_within_ten_seconds() {
    let mut talk = Talk::new();
    talk.ticks(100);
    (0..20).for_each(|_| _ = talk.tick(0));
    let mut heard = Heard::default();
    heard.listen(&mut talk, 1, |_| 20);
    assert!((60..=300).contains(&(talk.jitter.delay / 48)), "{}", talk.jitter.delay / 48);
    heard.listen(&mut talk, 500, |_| 1);
    assert!(talk.jitter.delay < 45 * 48, "{}", talk.jitter.delay / 48);
    heard.is_clean();
}

#[test]
fn far_too_much_at_once_is_left_out_without_a_click() {
    let mut talk = Talk::new();
    // Packets are no whole number of periods.
    talk.hz = 487.3;
    talk.ticks(100);
    // This machine stood still.
    talk.now += Duration::from_millis(700);
    let mut heard = Heard::default();
    heard.listen(&mut talk, 1, |_| 36);
    heard.listen(&mut talk, 100, |_| 1);
    assert!(largest_step(&heard.0) < 1.2 * STEP, "{}", largest_step(&heard.0));
    assert!(talk.jitter.delay < 300 * 48, "{}", talk.jitter.delay / 48);
}

#[test]
fn sound_sinks_to_silence_and_rises_out_of_it() {
    let mut talk = Talk::new();
    talk.hz = 487.3;
    talk.ticks(50);
    let mut heard = Vec::new();
    for tick in 0..40 {
        talk.tick(usize::from(tick > 20));
        heard.extend(talk.frame);
    }
    let silent = heard.chunks(FRAME).filter(|frame| frame.iter().all(|s| *s == 0.0)).count();
    assert!((10..20).contains(&silent), "{silent}");
    assert!(largest_step(&heard) < 1.2 * STEP, "{}", largest_step(&heard));
}

#[test]
fn a_packet_that_comes_after_what_follows_it_was_heard_is_dropped() {
    let mut talk = Talk::new();
    talk.ticks(50);
    let before = talk.age_ms();
    let late = talk.say();
    talk.tick(0);
    talk.ticks(5);
    talk.jitter.put(late);
    for _ in 0..5 {
        talk.tick(1);
        assert_eq!(talk.age_ms(), before);
    }
}

#[test]
fn a_hole_that_is_filled_in_time_is_not_heard() {
    let mut talk = Talk::new();
    talk.jitter.set_extra(80 * 48);
    talk.ticks(20);
    let mut late = VecDeque::new();
    for tick in 0..200 {
        let packet = talk.say();
        match tick % 5 {
            0 => late.push_back(packet),
            3 => [packet, late.pop_front().unwrap()].into_iter().for_each(|p| talk.jitter.put(p)),
            _ => talk.jitter.put(packet),
        }
        assert!(talk.tick(0));
    }
    assert_eq!(talk.jitter.decoded.made_up, 0);
}

#[test]
fn a_clock_that_is_wrong_is_followed_sample_by_sample() {
    for tick_us in [19_996, 20_004] {
        let (mut talk, mut moves) = (Talk::new(), 0);
        let began = talk.now;
        for tick in 0..15_000 {
            let due = talk.now;
            while began + Duration::from_micros(talk.sent * tick_us) <= due {
                talk.now = began + Duration::from_micros(talk.sent * tick_us);
                let packet = talk.say();
                talk.jitter.put(packet);
            }
            talk.now = due;
            assert!(talk.tick(0) || tick < 3, "{tick_us}: tick {tick}");
            moves += usize::from(talk.jitter.ticks_unmoved == 0);
        }
        assert_eq!(talk.jitter.decoded.made_up, 0, "{tick_us}");
        assert!(moves <= 9, "{tick_us}: {moves}");
        assert!((20 * 48..=46 * 48).contains(&talk.jitter.delay), "{}", talk.jitter.delay);
    }
}

#[path = "jitter_hostile_tests.rs"]
mod hostile;

#[test]
fn what_is_not_decoded_is_silence_that_keeps_time_and_ends_without_a_step_and_without_the_past() {
    let mut talk = Talk::new();
    talk.hz = 2015.0;
    talk.ticks(50);
    let age = talk.age_ms();
    talk.jitter.set_asleep(true);
    for tick in 0..60 {
        assert!(talk.tick(1) && talk.frame == [0.0; FRAME], "tick {tick}");
        talk.hz = if tick < 40 { 2015.0 } else { 137.0 };
    }
    assert_eq!(talk.age_ms(), age);
    talk.jitter.set_asleep(false);
    let mut heard = vec![0.0; 10];
    for _ in 0..10 {
        talk.tick(1);
        heard.extend(talk.frame);
    }
    // The tone's own step is 0.0045, that of the one before 0.066.
    let step = largest_step(&heard);
    assert!(step < 0.006, "{step}");
    assert!((talk.rms() / 0.1768 - 1.0).abs() < 0.06, "and it is as loud as ever: {}", talk.rms());
}
