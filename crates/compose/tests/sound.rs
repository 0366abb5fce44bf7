//! Mixing, limiting, gains, gates: on samples made up here, in frames of 20 ms.

use rotunda_compose::*;

fn tone(hz: f32, dbfs_peak: f32, frame: usize) -> MixFrame {
    let amplitude = 10f32.powf(dbfs_peak / 20.0);
    std::array::from_fn(|i| {
        let t = (frame * FRAME_SAMPLES + i) as f32 / 48_000.0;
        amplitude * (std::f32::consts::TAU * hz * t).sin()
    })
}

fn peak_db(frame: &MixFrame) -> f32 {
    20.0 * frame.iter().fold(1e-9f32, |peak, s| peak.max(s.abs())).log10()
}

#[test]
fn a_lone_speaker_passes_at_unity_and_several_are_their_sum() {
    let (one, two) = (tone(440.0, -20.0, 0), tone(700.0, -20.0, 0));
    assert_eq!(sum([&one]), one);
    assert_eq!(sum([]), SILENCE);
    let both = sum([&one, &two]);
    assert!((0..FRAME_SAMPLES).all(|i| both[i] == one[i] + two[i]));
}

/// Amplitude of `hz` in `pcm`, in dBFS (Goertzel).
fn level_of(pcm: &[f32], hz: f32) -> f32 {
    let w = std::f32::consts::TAU * hz / 48_000.0;
    let (mut re, mut im) = (0.0f32, 0.0f32);
    for (i, sample) in pcm.iter().enumerate() {
        re += sample * (w * i as f32).cos();
        im += sample * (w * i as f32).sin();
    }
    20.0 * (2.0 * re.hypot(im) / pcm.len() as f32).max(1e-9).log10()
}

#[test]
fn a_chime_is_two_notes_rising_or_falling_below_the_limiter_and_without_a_click() {
    for rises in [true, false] {
        let mut chime = Chime::new(rises);
        let frames: Vec<MixFrame> = std::iter::from_fn(|| chime.next_frame()).collect();
        assert_eq!(frames.len(), CHIME_FRAMES, "it ends");
        assert!(chime.next_frame().is_none(), "and does not begin again");
        let pcm = frames.concat();
        let (first, second) = pcm.split_at(pcm.len() / 2);
        let (low, high) = if rises { (first, second) } else { (second, first) };
        for (note, own, other) in [(low, 523.25, 783.99), (high, 783.99, 523.25)] {
            assert!((-23.0..=-20.0).contains(&level_of(note, own)), "{}", level_of(note, own));
            assert!(level_of(note, other) < level_of(note, own) - 20.0);
        }
        assert!(frames.iter().all(|frame| peak_db(frame) <= -19.9));
        // The steepest of a sine of this loudness and 784 Hz is 0.0103 a sample.
        let steps = pcm.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        assert!(steps.fold(0.0, f32::max) < 0.011);
        assert!(pcm[0].abs() < 1e-4 && pcm[pcm.len() - 1].abs() < 1e-3);
    }
}

#[test]
fn the_limiter_is_transparent_below_minus_three() {
    let mut limiter = Limiter::new();
    for frame in 0..20 {
        let before = tone(997.0, -3.1, frame);
        let mut after = before;
        limiter.apply(&mut after);
        assert_eq!(before, after);
    }
}

#[test]
fn the_limiter_never_exceeds_minus_one_whatever_comes() {
    let mut limiter = Limiter::new();
    let mut seed = 1u32;
    for frame in 0..400 {
        let mut sound: MixFrame = match frame % 4 {
            0 => tone(100.0, 24.0, frame),
            1 => std::array::from_fn(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 8) as f32 / (1 << 20) as f32 - 8.0
            }),
            2 => [if frame % 8 == 2 { 1e30 } else { f32::INFINITY }; FRAME_SAMPLES],
            _ => [f32::NAN; FRAME_SAMPLES],
        };
        limiter.apply(&mut sound);
        assert!(sound.iter().all(|s| s.is_finite()));
        assert!(peak_db(&sound) <= -1.0 + 1e-4, "frame {frame}: {}", peak_db(&sound));
    }
}

#[test]
fn a_limited_tone_is_not_distorted_and_the_gain_comes_back() {
    let mut limiter = Limiter::new();
    let mut frames = Vec::new();
    for frame in 0..50 {
        let mut sound = tone(1000.0, 6.0, frame);
        limiter.apply(&mut sound);
        frames.push(sound);
    }
    // What is left after the fundamental is taken out, in the last frame.
    let last = frames[49];
    let (mut re, mut im) = (0.0f32, 0.0f32);
    for (i, sample) in last.iter().enumerate() {
        let phase = std::f32::consts::TAU * 1000.0 * i as f32 / 48_000.0;
        re += sample * phase.cos() / 480.0;
        im += sample * phase.sin() / 480.0;
    }
    let rest: MixFrame = std::array::from_fn(|i| {
        let phase = std::f32::consts::TAU * 1000.0 * i as f32 / 48_000.0;
        last[i] - re * phase.cos() - im * phase.sin()
    });
    let distortion = rms_dbfs(&rest) - rms_dbfs(&last);
    assert!(distortion < -40.0, "{distortion} dB");
    for frame in 50..70 {
        let before = tone(1000.0, -6.0, frame);
        let mut after = before;
        limiter.apply(&mut after);
        if frame > 60 {
            let change = rms_dbfs(&after) - rms_dbfs(&before);
            assert!(change.abs() < 0.5, "frame {frame}: {change}");
        }
    }
}

#[test]
fn a_gain_moves_without_a_click_and_minus_fifty_is_silence() {
    let mut gain = Gain::new(0.0);
    gain.set_db(-50.0);
    let mut frame = [1.0; FRAME_SAMPLES];
    gain.apply(&mut frame);
    let steps = frame.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    assert!(steps.fold(0.0, f32::max) < 0.01, "no step is a click");
    assert!(frame[0] > 0.99 && frame[959].abs() < 1e-3);
    let mut next = [1.0; FRAME_SAMPLES];
    gain.apply(&mut next);
    assert_eq!(next, SILENCE);
    assert!(gain.is_silent());
    for (db, factor) in [(20.0, 10.0), (-20.0, 0.1), (0.0, 1.0), (900.0, 316.227_77)] {
        let mut frame = [0.001; FRAME_SAMPLES];
        Gain::new(db).apply(&mut frame);
        assert!((frame[500] / 0.001 / factor - 1.0).abs() < 1e-4, "{db} dB: {}", frame[500]);
    }
    gain.set_db(f32::NAN);
    gain.apply(&mut next);
    let mut unity = [0.5; FRAME_SAMPLES];
    gain.apply(&mut unity);
    assert_eq!(unity, [0.5; FRAME_SAMPLES]);
}

#[test]
fn levels_are_rms_against_full_scale() {
    assert_eq!(rms_dbfs(&SILENCE), LEVEL_FLOOR_DBFS);
    assert!((rms_dbfs(&[1.0; FRAME_SAMPLES])).abs() < 0.01);
    assert!((rms_dbfs(&tone(1000.0, 0.0, 0)) + 3.01).abs() < 0.01);
    assert_eq!(rms_dbfs(&[f32::NAN; FRAME_SAMPLES]), LEVEL_FLOOR_DBFS);
    let mut meter = LevelMeter::new();
    assert!((meter.update(&tone(1000.0, -20.0, 0)) + 23.01).abs() < 0.05);
    for _ in 0..15 {
        meter.update(&SILENCE);
    }
    assert!((-30.0..-26.0).contains(&meter.dbfs()), "{} after 300 ms", meter.dbfs());
}

#[test]
fn the_gate_opens_with_the_first_loud_frame_and_holds_a_second() {
    let mut gate = Gate::new(Some(-55.0));
    assert!(!gate.update(-60.0).open);
    assert!(gate.update(-54.0).open);
    for frame in 1..50 {
        assert!(gate.update(-127.0).open, "frame {frame}");
    }
    assert!(!gate.update(-127.0).open);
    // Hysteresis: what does not open it keeps it open.
    assert!(!gate.update(-57.0).open);
    gate.update(-50.0);
    for _ in 0..200 {
        assert!(gate.update(-57.0).open);
    }
}

#[test]
fn talking_begins_after_sixty_milliseconds_and_ends_after_eight_hundred_of_quiet() {
    let mut gate = Gate::new(Some(-55.0));
    assert!(!gate.update(-40.0).talking);
    assert!(!gate.update(-40.0).talking);
    assert!(gate.update(-40.0).talking);
    for frame in 1..40 {
        assert!(gate.update(-127.0).talking, "frame {frame}");
    }
    assert!(!gate.update(-127.0).talking);
    assert!(gate.state().open, "still heard");
    // Words with pauses of half a second are one talk.
    for _ in 0..10 {
        for _ in 0..3 {
            gate.update(-40.0);
        }
        assert!((0..25).all(|_| gate.update(-127.0).talking));
    }
    // Single clicks are none.
    gate.close();
    assert_eq!(gate.state(), GateState::default());
    for _ in 0..50 {
        assert!(!gate.update(-20.0).talking);
        assert!(!gate.update(-127.0).talking);
    }
}

#[test]
fn a_gate_without_threshold_never_opens_and_closes_when_it_loses_its_own() {
    let mut gate = Gate::new(None);
    assert!((0..100).all(|_| gate.update(0.0) == GateState::default()));
    gate.set_threshold(Some(-55.0));
    assert!(gate.update(-20.0).open);
    gate.set_threshold(None);
    assert!(!gate.state().open);
}

#[test]
fn sensitivity_falls_steadily_and_its_default_lets_a_quiet_speaker_through() {
    assert_eq!(sensitivity_to_dbfs(0), None);
    let default = sensitivity_to_dbfs(30).unwrap();
    assert!((default + 55.0).abs() < 0.01);
    assert!((sensitivity_to_dbfs(100).unwrap() + 75.0).abs() < 0.01);
    assert_eq!(sensitivity_to_dbfs(255), sensitivity_to_dbfs(100));
    for s in 2..=100 {
        assert!(sensitivity_to_dbfs(s) < sensitivity_to_dbfs(s - 1), "at {s}");
    }
    let mut gate = Gate::new(sensitivity_to_dbfs(30));
    assert!(gate.update(rms_dbfs(&tone(440.0, -40.0, 0))).open);
}

#[test]
fn the_loudest_come_first_and_of_equals_the_first() {
    let levels = [(7, -40.0), (3, -20.0), (9, -40.0), (1, f32::NAN), (2, -60.0)];
    assert_eq!(loudest(&levels, 3), [3, 7, 9]);
    assert_eq!(loudest(&levels, 0), Vec::<usize>::new());
    assert_eq!(loudest(&levels, 100), [3, 7, 9, 2]);
}
