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
        if jitter.take(&mut frame) {
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
        let had = jitter.take(&mut frame);
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
        jitter.take(&mut frame);
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
        jitter.take(&mut frame);
    }
    let gone = (0..20).filter(|_| jitter.take(&mut frame)).count();
    assert!((1..=8).contains(&gone), "{gone}");
    assert_eq!(rms(&frame), 0.0);
    sender.n += 5000;
    for _ in 0..4 {
        jitter.put(sender.next());
        jitter.take(&mut frame);
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
        jitter.take(&mut frame);
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
        jitter.take(&mut frame);
        assert!(frame.iter().all(|s| s.is_finite()));
    }
}
