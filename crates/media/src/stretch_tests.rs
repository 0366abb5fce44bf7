use super::*;
use crate::jitter_lines::{largest_step, voice};

fn tone(hz: f32) -> Vec<f32> {
    (0..9600).map(|i| 0.5 * (i as f32 * hz / 48_000.0 * std::f32::consts::TAU).sin()).collect()
}

/// Where a tone rises through zero, between samples.
fn rises(samples: &[f32]) -> Vec<f32> {
    let at = |i: usize| i as f32 - samples[i] / (samples[i + 1] - samples[i]);
    let rising = |i: &usize| samples[*i] <= 0.0 && samples[*i + 1] > 0.0;
    (0..samples.len() - 1).filter(rising).map(at).collect()
}

/// The sound after a move at its middle, and by how much it is another length.
fn moved(mut samples: Vec<f32>, way: Way) -> (Vec<f32>, usize) {
    let seam = samples.len() / 2;
    let (lag, alike) = period(&samples, seam, way, LONGEST);
    assert!(alike > 0.9, "{alike}");
    match way {
        Way::Shorter => shorten(&mut samples, seam, lag),
        Way::Longer => lengthen(&mut samples, seam, lag),
    }
    (samples, lag)
}

#[test]
fn a_tone_is_another_length_and_has_neither_a_click_nor_another_pitch() {
    for hz in [70.0, 110.0, 261.6, 440.0, 1000.0, 3333.0] {
        for way in [Way::Shorter, Way::Longer] {
            let before = tone(hz);
            let (after, lag) = moved(before.clone(), way);
            let longer = if way == Way::Longer { lag as i64 } else { -(lag as i64) };
            assert_eq!(after.len() as i64, 9600 + longer);
            assert!((SHORTEST..=LONGEST).contains(&lag), "{hz} {way:?}: {lag}");
            let (was, is) = (largest_step(&before), largest_step(&after));
            assert!(is <= was * 1.05, "{hz} {way:?}: a step of {is}, {was} before");
            for pair in rises(&after).windows(2) {
                let period = (pair[1] - pair[0]) * hz / 48_000.0;
                assert!((period - 1.0).abs() < 0.05, "{hz} {way:?}: a period of {period}");
            }
        }
    }
}

#[test]
fn a_voice_loses_or_gains_whole_periods_without_a_click() {
    for second in 0..6 {
        let before = voice(48_000 * 8)[second * 48_000 + 9600..][..19_200].to_vec();
        for way in [Way::Shorter, Way::Longer] {
            let (after, lag) = moved(before.clone(), way);
            assert!((280..=LONGEST).contains(&lag), "{second} {way:?}: {lag}");
            let (was, is) = (largest_step(&before), largest_step(&after));
            assert!(is <= was * 1.1, "{second} {way:?}: a step of {is}, {was} before");
        }
    }
}

#[test]
fn nothing_is_touched_but_the_fade() {
    let before = voice(9600);
    let (after, lag) = moved(before.clone(), Way::Shorter);
    assert_eq!(after[..4800], before[..4800]);
    assert_eq!(after[4800 + FADE..], before[4800 + FADE + lag..]);
    let (after, lag) = moved(before.clone(), Way::Longer);
    assert_eq!(after[..4800], before[..4800]);
    assert_eq!(after[4800 + FADE + lag..], before[4800 + FADE..]);
    assert_eq!(after[4800 + FADE..][..lag], before[4800 + FADE - lag..][..lag]);
}

#[test]
fn noise_is_not_like_itself_and_silence_is_quiet() {
    let mut dice = crate::jitter_lines::Dice(1);
    let noise: Vec<_> = (0..9600).map(|_| dice.roll() as f32 - 0.5).collect();
    assert!(period(&noise, 4800, Way::Shorter, LONGEST).1 < 0.3);
    assert!(!is_quiet(&noise) && is_quiet(&[0.001; 960]));
    let (lag, alike) = period(&[0.0; 9600], 4800, Way::Longer, LONGEST);
    assert!(alike.is_finite() && lag <= LONGEST);
}

#[test]
fn a_fade_is_all_that_must_be_there_to_make_sound_longer() {
    let mut samples = tone(440.0)[..BEFORE + FADE].to_vec();
    let (lag, alike) = period(&samples, BEFORE, Way::Longer, LONGEST);
    assert!(alike > 0.99, "{alike}");
    lengthen(&mut samples, BEFORE, lag);
    assert_eq!(samples.len(), BEFORE + FADE + lag);
}

#[test]
fn the_period_is_no_longer_than_asked_for() {
    for most in [SHORTEST, 121, 300, 555] {
        let (lag, _) = period(&tone(440.0), 4800, Way::Shorter, most);
        assert!((SHORTEST..=most).contains(&lag), "{most}: {lag}");
    }
}
