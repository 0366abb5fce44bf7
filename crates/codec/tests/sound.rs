//! Sound goes through Opus at unity gain, and damaged packets hurt nobody.

mod common;
use common::Seeded;
use rotunda_codec::*;

fn tone(hz: f32, amplitude: f32, packet: usize) -> [f32; SAMPLES_PER_PACKET] {
    std::array::from_fn(|i| {
        let t = (packet * SAMPLES_PER_PACKET + i) as f32 / SAMPLE_RATE_HZ as f32;
        amplitude * (std::f32::consts::TAU * hz * t).sin()
    })
}

fn rms_db(samples: &[f32]) -> f32 {
    let mean = samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32;
    10.0 * mean.max(1e-12).log10()
}

#[test]
fn steady_tones_pass_at_unity_gain_within_one_decibel() {
    for amplitude in [0.01, 0.25, 0.7] {
        for hz in [200.0, 300.0, 440.0, 1000.0, 2000.0, 3150.0, 4000.0] {
            let mut encoder = OpusEncoder::new().unwrap();
            let mut decoder = OpusDecoder::new().unwrap();
            let (mut heard, mut sent) = (Vec::new(), Vec::new());
            for packet in 0..50 {
                let samples = tone(hz, amplitude, packet);
                let mut bytes = [0; MAX_SOUND_PACKET_BYTES];
                let len = encoder.encode(&samples, &mut bytes).unwrap();
                let mut out = [0.0; MAX_DECODED_SAMPLES];
                assert_eq!(decoder.decode(Some(&bytes[..len]), &mut out).unwrap(), 960);
                sent.extend(samples);
                heard.extend(&out[..960]);
            }
            let change = rms_db(&heard[4800..]) - rms_db(&sent[4800..]);
            assert!(change.abs() < 1.0, "{hz} Hz at {amplitude}: {change:+.2} dB");
        }
    }
}

#[test]
fn a_short_beep_is_not_eaten_and_silence_is_still_sent() {
    let mut encoder = OpusEncoder::new().unwrap();
    let mut decoder = OpusDecoder::new().unwrap();
    let mut loudest = -120.0f32;
    for packet in 0..100 {
        let samples =
            if (50..54).contains(&packet) { tone(1000.0, 0.2, packet) } else { [0.0; 960] };
        let mut bytes = [0; MAX_SOUND_PACKET_BYTES];
        let len = encoder.encode(&samples, &mut bytes).unwrap();
        assert!(len > 2, "a packet of {len} bytes would be DTX");
        let mut out = [0.0; 960];
        decoder.decode(Some(&bytes[..len]), &mut out).unwrap();
        loudest = loudest.max(rms_db(&out));
    }
    assert!((-18.0..-16.0).contains(&loudest), "{loudest} dB");
}

#[test]
fn a_lost_packet_is_concealed_with_as_many_samples() {
    let mut encoder = OpusEncoder::new().unwrap();
    let mut decoder = OpusDecoder::new().unwrap();
    let mut out = [0.0; MAX_DECODED_SAMPLES];
    assert_eq!(decoder.decode(None, &mut out).unwrap(), 960);
    for packet in 0..10 {
        let mut bytes = [0; MAX_SOUND_PACKET_BYTES];
        let len = encoder.encode(&tone(440.0, 0.3, packet), &mut bytes).unwrap();
        decoder.decode(Some(&bytes[..len]), &mut out).unwrap();
    }
    assert_eq!(decoder.decode(None, &mut out).unwrap(), 960);
    assert!(rms_db(&out[..960]) > -25.0, "the tone goes on");
}

/// How far a decoder that lost packet 30 is from one that did not, in that packet's time.
fn distance(recover: impl Fn(&mut OpusDecoder, &[u8], &mut [f32]) -> usize) -> f32 {
    let mut encoder = OpusEncoder::speech().unwrap();
    let (mut whole, mut lossy) = (OpusDecoder::new().unwrap(), OpusDecoder::new().unwrap());
    let (mut expected, mut got) = ([0.0; MAX_DECODED_SAMPLES], [0.0; MAX_DECODED_SAMPLES]);
    for packet in 0..32 {
        // A voice that changes its pitch with every packet cannot be guessed from what came before.
        let samples = tone(120.0 + 17.0 * packet as f32, 0.3, packet);
        let mut bytes = [0; MAX_SOUND_PACKET_BYTES];
        let len = encoder.encode(&samples, &mut bytes).unwrap();
        match packet {
            0..30 => drop(lossy.decode(Some(&bytes[..len]), &mut got).unwrap()),
            30 => {}
            _ => {
                assert_eq!(recover(&mut lossy, &bytes[..len], &mut got), 960);
                break;
            }
        }
        whole.decode(Some(&bytes[..len]), &mut expected).unwrap();
    }
    let error: Vec<f32> = expected.iter().zip(&got).take(960).map(|(a, b)| a - b).collect();
    rms_db(&error)
}

#[test]
fn a_lost_packet_is_made_up_for_by_what_the_next_one_repeats() {
    let guessed = distance(|decoder, _, out| decoder.decode(None, out).unwrap());
    let repeated = distance(|decoder, next, out| decoder.recover(next, out).unwrap());
    assert!(repeated < guessed - 3.0, "{repeated} dB instead of {guessed} dB");
}

#[test]
fn where_the_next_packet_repeats_nothing_a_loss_is_concealed() {
    let mut encoder = OpusEncoder::new().unwrap();
    let mut decoder = OpusDecoder::new().unwrap();
    let (mut bytes, mut out) = ([0; MAX_SOUND_PACKET_BYTES], [0.0; MAX_DECODED_SAMPLES]);
    for packet in 0..10 {
        let len = encoder.encode(&tone(440.0, 0.3, packet), &mut bytes).unwrap();
        decoder.decode(Some(&bytes[..len]), &mut out).unwrap();
    }
    let len = encoder.encode(&tone(440.0, 0.3, 11), &mut bytes).unwrap();
    assert_eq!(decoder.recover(&bytes[..len], &mut out).unwrap(), 960);
    assert!(rms_db(&out[..960]) > -25.0, "the tone goes on");
}

#[test]
fn packets_of_no_or_too_many_bytes_are_refused() {
    let mut decoder = OpusDecoder::new().unwrap();
    let mut out = [0.0; MAX_DECODED_SAMPLES];
    for len in [0, MAX_SOUND_PACKET_BYTES + 1] {
        let refused = decoder.decode(Some(&vec![0x78; len]), &mut out);
        assert!(matches!(refused, Err(SoundError::PacketLength(n)) if n == len));
        let refused = decoder.recover(&vec![0x78; len], &mut out);
        assert!(matches!(refused, Err(SoundError::PacketLength(n)) if n == len));
    }
}

#[test]
fn random_packets_are_never_a_panic() {
    let mut decoder = OpusDecoder::new().unwrap();
    let mut errors = 0;
    for seed in 0..3000 {
        let mut seeded = Seeded(seed);
        let packet: Vec<u8> = (0..1 + seeded.below(200)).map(|_| seeded.next() as u8).collect();
        let mut out = [0.0; MAX_DECODED_SAMPLES];
        match decoder.decode(Some(&packet), &mut out) {
            Ok(samples) => assert!(samples <= MAX_DECODED_SAMPLES),
            Err(_) => errors += 1,
        }
        // Too little room is an error as well.
        let _ = decoder.decode(Some(&packet), &mut [0.0; 10]);
    }
    assert!(errors > 100, "{errors}");
}

#[test]
fn a_packet_says_how_long_it_is_and_one_after_a_reset_is_heard_as_the_first() {
    let (mut encoder, mut decoder) = (OpusEncoder::new().unwrap(), OpusDecoder::new().unwrap());
    let (mut packet, mut first, mut again) = ([0; 1500], [0.0; 5760], [0.0; 5760]);
    let len = encoder.encode(&tone(440.0, 0.5, 0), &mut packet).unwrap();
    assert_eq!(decoder.samples_in(&packet[..len]), Some(SAMPLES_PER_PACKET));
    assert_eq!(decoder.samples_in(&[]), None);
    assert_eq!(decoder.samples_in(&[0xff; MAX_SOUND_PACKET_BYTES + 1]), None);
    decoder.decode(Some(&packet[..len]), &mut first).unwrap();
    decoder.decode(Some(&packet[..len]), &mut again).unwrap();
    assert_ne!(first, again, "it goes on where the last one ended");
    decoder.reset();
    decoder.decode(Some(&packet[..len]), &mut again).unwrap();
    assert_eq!(first, again);
}
