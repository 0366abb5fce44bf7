use super::*;
use rotunda_codec::OpusEncoder;

struct Sender {
    encoder: OpusEncoder,
    n: u64,
}

impl Sender {
    fn new() -> Self {
        Self { encoder: OpusEncoder::new().unwrap(), n: 0 }
    }

    /// The next 20 ms of a 500 Hz tone.
    fn next(&mut self) -> SoundPacket {
        let mut pcm = [0f32; FRAME];
        for (i, sample) in pcm.iter_mut().enumerate() {
            let t = (self.n as usize * FRAME + i) as f32 / 48_000.0;
            *sample = 0.25 * (t * 500.0 * std::f32::consts::TAU).sin();
        }
        let mut out = [0u8; 1500];
        let len = self.encoder.encode(&pcm, &mut out).unwrap();
        let rtp_time_48khz = 1_000_000 + self.n * FRAME as u64;
        self.n += 1;
        SoundPacket { data: out[..len].into(), rtp_time_48khz, arrived: Instant::now() }
    }
}

fn rms(frame: &[f32]) -> f32 {
    (frame.iter().map(|s| s * s).sum::<f32>() / frame.len() as f32).sqrt()
}

#[test]
fn a_steady_sender_is_heard_without_a_gap_at_its_own_loudness() {
    let (mut sender, mut jitter) = (Sender::new(), Jitter::new().unwrap());
    let mut frame = [0f32; FRAME];
    let mut heard = 0;
    for tick in 0..200 {
        jitter.put(sender.next());
        if jitter.take(Instant::now(), &mut frame) {
            heard += 1;
            if tick > 10 {
                assert!((rms(&frame) / 0.1768 - 1.0).abs() < 0.06, "tick {tick}: {}", rms(&frame));
            }
        }
    }
    assert!(heard >= 198, "{heard}");
}

#[test]
fn bursts_of_two_are_smoothed() {
    let (mut sender, mut jitter) = (Sender::new(), Jitter::new().unwrap());
    let mut frame = [0f32; FRAME];
    for tick in 0..100 {
        if tick % 2 == 0 {
            jitter.put(sender.next());
            jitter.put(sender.next());
        }
        let had = jitter.take(Instant::now(), &mut frame);
        assert!(had, "tick {tick}");
    }
}

#[test]
fn a_lost_packet_is_concealed_and_the_clock_goes_on() {
    let (mut sender, mut jitter) = (Sender::new(), Jitter::new().unwrap());
    let mut frame = [0f32; FRAME];
    for tick in 0..100 {
        let packet = sender.next();
        if tick != 50 {
            jitter.put(packet);
        }
        jitter.take(Instant::now(), &mut frame);
        if tick > 10 {
            assert!(rms(&frame) > 0.05, "tick {tick}");
        }
    }
    let expected = 1_000_000 + (100 - 1) * FRAME as u64;
    let playing = jitter.playing().unwrap();
    assert!(playing.abs_diff(expected) <= 2 * FRAME as u64, "{playing} {expected}");
}

#[test]
fn silence_follows_a_sender_that_stops_and_sound_one_that_returns_after_a_jump() {
    let (mut sender, mut jitter) = (Sender::new(), Jitter::new().unwrap());
    let mut frame = [0f32; FRAME];
    for _ in 0..10 {
        jitter.put(sender.next());
        jitter.take(Instant::now(), &mut frame);
    }
    let gone = (0..20).filter(|_| jitter.take(Instant::now(), &mut frame)).count();
    assert!((1..=8).contains(&gone), "{gone}");
    assert_eq!(rms(&frame), 0.0);
    sender.n += 5000;
    for _ in 0..4 {
        jitter.put(sender.next());
        jitter.take(Instant::now(), &mut frame);
    }
    assert!(rms(&frame) > 0.1);
}

#[test]
fn a_sender_that_runs_ahead_does_not_add_delay_for_ever() {
    let (mut sender, mut jitter) = (Sender::new(), Jitter::new().unwrap());
    let mut frame = [0f32; FRAME];
    for tick in 0..3000 {
        jitter.put(sender.next());
        if tick % 100 == 0 {
            jitter.put(sender.next());
        }
        jitter.take(Instant::now(), &mut frame);
    }
    assert!(jitter.depth() <= PRIME + 4 * FRAME, "{}", jitter.depth());
}

#[test]
fn rubbish_is_silence_not_a_panic() {
    let mut jitter = Jitter::new().unwrap();
    let mut frame = [0f32; FRAME];
    for n in 0..300u64 {
        let data: Vec<u8> = (0..n % 97).map(|i| (i * 31 + n * 7) as u8).collect();
        let at = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        jitter.put(SoundPacket { data: data.into(), rtp_time_48khz: at, arrived: Instant::now() });
        jitter.take(Instant::now(), &mut frame);
        assert!(frame.iter().all(|s| s.is_finite()));
    }
}

/// Runs `ticks` ticks and says how old what is played is at the end, in ms behind the sender.
fn age_after(ticks: usize, sender: &mut Sender, jitter: &mut Jitter) -> i64 {
    let mut frame = [0f32; FRAME];
    for tick in 0..ticks {
        jitter.put(sender.next());
        assert!(jitter.take(Instant::now(), &mut frame), "tick {tick}");
    }
    let sent = 1_000_000 + sender.n * FRAME as u64;
    (sent as i64 - jitter.playing().unwrap() as i64) / 48
}

#[test]
fn sound_is_really_held_back_for_a_picture_and_let_go_again_without_a_hole() {
    let (mut sender, mut jitter) = (Sender::new(), Jitter::new().unwrap());
    jitter.put(sender.next());
    let before = age_after(50, &mut sender, &mut jitter);
    jitter.set_extra(200 * 48);
    let held = age_after(100, &mut sender, &mut jitter);
    assert_eq!((held - before, jitter.held()), (200, 200 * 48));
    assert_eq!(age_after(200, &mut sender, &mut jitter), held, "and stays so");
    jitter.set_extra(0);
    assert_eq!(age_after(100, &mut sender, &mut jitter), before);
    assert_eq!(jitter.held(), 0);
}

#[test]
fn a_tone_stays_a_tone_while_sound_is_stretched() {
    let (mut sender, mut jitter) = (Sender::new(), Jitter::new().unwrap());
    let mut frame = [0f32; FRAME];
    jitter.put(sender.next());
    for tick in 0..200 {
        if tick == 100 {
            jitter.set_extra(200 * 48);
        }
        jitter.put(sender.next());
        assert!(jitter.take(Instant::now(), &mut frame));
        assert!(tick < 10 || rms(&frame) > 0.08, "tick {tick}: {}", rms(&frame));
    }
    assert_eq!(jitter.held(), 200 * 48);
}

#[test]
fn quiet_is_stretched_at_once() {
    let mut jitter = Jitter::new().unwrap();
    let mut encoder = OpusEncoder::new().unwrap();
    let mut frame = [0f32; FRAME];
    let mut out = [0u8; 1500];
    for n in 0..40u64 {
        if n == 20 {
            jitter.set_extra(200 * 48);
        }
        let len = encoder.encode(&[0.0; FRAME], &mut out).unwrap();
        let data = out[..len].into();
        jitter.put(SoundPacket { data, rtp_time_48khz: n * 960, arrived: Instant::now() });
        jitter.take(Instant::now(), &mut frame);
    }
    assert_eq!(jitter.held(), 200 * 48);
}
