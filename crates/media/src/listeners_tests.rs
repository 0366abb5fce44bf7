//! Groups as listeners come, change and go; the sums are made up.

use super::*;
use rotunda_codec::OpusDecoder;
use uuid::Uuid;

const ONES: MixFrame = [1.0; 960];

fn member(n: u64) -> MemberId {
    MemberId(Uuid::from_u128(u128::from(n)))
}

/// Listeners 1 to `n`, who hear at 0 dB.
fn listeners(n: u64) -> Listeners {
    let mut listeners = Listeners::default();
    for n in 1..=n {
        listeners.set(LegKey(n), Some(Listener { member: member(n), owner: member(n) }));
    }
    listeners.sort(|_| 0, |_| false);
    listeners
}

fn group(listeners: &Listeners, leg: u64) -> &Group {
    let mut groups = listeners.groups.values();
    groups.find(|group| group.legs.contains(&LegKey(leg))).expect("everybody hears a mix")
}

/// Listeners 1 to `movers` change to `db`; gives what leg 1 hears from the tick before on.
fn change(listeners: &mut Listeners, movers: u64, db: i32) -> Vec<f32> {
    let mut heard = Vec::new();
    let mut tick = |listeners: &mut Listeners| {
        listeners.say(|_| ONES);
        heard.extend(group(listeners, 1).last);
    };
    tick(listeners);
    for _ in 0..3 {
        listeners.stir();
        let moves = |listener: &Listener| (1..=movers).any(|n| listener.member == member(n));
        listeners.sort(|listener| if moves(listener) { db } else { 0 }, |_| false);
        tick(listeners);
    }
    heard
}

#[test]
fn a_volume_changes_over_20_ms_and_not_in_a_step() {
    for (db, gain) in [(-50, 0.0), (-20, 0.1), (20, 10.0)] {
        let heard = change(&mut listeners(2), 1, db);
        let step = heard.windows(2).map(|two| (two[1] - two[0]).abs()).fold(0.0, f32::max);
        assert!(step < 1.01 * (gain - 1.0f32).abs() / 960.0, "{db} dB: {step}");
        assert!((heard[1919] - gain).abs() < 1e-4 * gain.max(1.0), "{db} dB: {}", heard[1919]);
        assert!(heard[1920..].iter().all(|sample| (sample - gain).abs() < 1e-4 * gain.max(1.0)));
    }
}

#[test]
fn those_who_change_alike_share_an_encoder_also_while_they_do() {
    let mut listeners = listeners(5);
    listeners.stir();
    listeners.sort(|listener| if listener.member == member(5) { 0 } else { -10 }, |_| false);
    assert_eq!(listeners.groups.len(), 2);
    assert_eq!(group(&listeners, 1).legs.len(), 4);
    listeners.say(|_| ONES);
    listeners.stir();
    listeners.sort(|listener| if listener.member == member(5) { 0 } else { -10 }, |_| false);
    assert_eq!((listeners.groups.len(), listeners.is_stale), (2, false), "arrived");
}

#[test]
fn an_encoder_that_all_leave_goes_with_them_and_one_that_some_leave_stays() {
    let mut listeners = listeners(3);
    listeners.say(|_| ONES);
    listeners.stir();
    listeners.sort(|_| -10, |_| false);
    assert!(group(&listeners, 1).voice.is_some());
    listeners.sort(|_| -10, |_| false);
    assert!(group(&listeners, 1).voice.is_some(), "in both steps");
    listeners.say(|_| ONES);
    listeners.stir();
    listeners.sort(|_| -10, |owner| owner == member(1));
    assert!(group(&listeners, 1).voice.is_none() && group(&listeners, 2).voice.is_some());
}

#[test]
fn who_comes_over_to_a_new_encoder_hears_no_click() {
    let mut listeners = listeners(2);
    let mut decoder = OpusDecoder::new().unwrap();
    let (mut pcm, mut out) = (Vec::new(), [0f32; 5760]);
    for tick in 0..40 {
        if tick == 30 {
            listeners.stir();
            listeners.sort(|_| 0, |owner| owner == member(1));
        }
        let at = |i: usize| (tick * 960 + i) as f32 * 412.0 / 48_000.0;
        let tone = std::array::from_fn(|i| 0.1 * (at(i) * std::f32::consts::TAU).sin());
        let parts = listeners.say(|_| tone);
        let part = parts.iter().find(|part| part.legs.contains(&LegKey(1))).unwrap();
        let n = decoder.decode(Some(&part.payload), &mut out).unwrap();
        pcm.extend_from_slice(&out[..n]);
    }
    let steep = pcm[9600..].windows(2).map(|two| (two[1] - two[0]).abs()).fold(0.0, f32::max);
    // The tone's own steepness is 0.0054; from an encoder that began with nothing it was 0.08.
    assert!(steep < 0.0075, "{steep}");
}

#[test]
fn a_leg_that_is_gone_hears_no_more_and_its_mix_ends() {
    let mut listeners = listeners(1);
    assert_eq!(listeners.say(|_| ONES).len(), 1);
    listeners.set(LegKey(1), None);
    listeners.sort(|_| 0, |_| false);
    assert!(listeners.say(|_| ONES).is_empty());
}
