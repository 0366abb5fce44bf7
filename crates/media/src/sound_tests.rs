//! Volumes, deafness, sensitivity and owners, measured in what listeners decode.

use super::*;
use rotunda_domain::output::{self, MemberMedia};

impl Room {
    fn apply_media(&self, n: u128, change: impl FnOnce(&mut MemberMedia)) {
        let mut media = MemberMedia::nothing(member(n));
        change(&mut media);
        self.desk.tell(|news| {
            news.media.insert(member(n), Some(media));
        });
    }
}

fn peak(pcm: &[f32]) -> f32 {
    pcm.iter().fold(0.0, |most, sample| most.max(sample.abs()))
}

/// The greatest change from one sample to the next.
fn steepest(pcm: &[f32]) -> f32 {
    pcm.windows(2).fold(0.0, |most, pair| most.max((pair[1] - pair[0]).abs()))
}

/// Volumes, each with a tone that neither gets lost nor meets the limiter at it.
const VOLUMES: [(i32, f32); 4] = [(-20, 0.5), (0, 0.1), (20, 0.01), (50, 0.001)];

fn check_volume(db: i32, amplitude: f32, apply_media: impl FnOnce(&Room)) {
    let mut room = Room::with(&[(400.0, amplitude), (0.0, 0.0)]);
    room.apply_media(1, |t| t.input_sensitivity = 100);
    apply_media(&room);
    room.run(100);
    let expected = 20.0 * amplitude.log10() + db as f32;
    let heard = level(&room.listener(2, 25), 400.0);
    assert!((heard - expected).abs() < 1.0, "{db} dB: {heard} for {expected} dBFS");
}

#[test]
fn an_input_volume_is_as_many_decibels() {
    for (db, amplitude) in VOLUMES {
        check_volume(db, amplitude, |room| {
            room.apply_media(1, |t| (t.input_sensitivity, t.input_volume) = (100, db));
        });
    }
}

#[test]
fn an_output_volume_is_as_many_decibels_and_its_listeners_own() {
    for (db, amplitude) in VOLUMES {
        check_volume(db, amplitude, |room| room.apply_media(2, |t| t.output_volume = db));
        check_volume(0, amplitude, |room| room.apply_media(1000, |t| t.output_volume = db));
    }
}

#[test]
fn a_volume_of_minus_50_is_silence_both_ways_and_the_silenced_still_talk() {
    let mut room = Room::with(&[(400.0, 0.5), (700.0, 0.5), (0.0, 0.0)]);
    room.apply_media(1, |t| t.input_volume = -50);
    room.apply_media(3, |t| t.output_volume = -50);
    room.run(100);
    assert!(level(&room.listener(2, 25), 400.0) < -80.0);
    assert!(peak(&room.listener(3, 25)) < 1e-4);
    let audience = room.listener(1000, 25);
    assert!(level(&audience, 400.0) < -70.0 && level(&audience, 700.0) > -8.0);
    assert!(room.heard.talk.lock().unwrap().contains(&(member(1), true)), "as the gate sees it");
}

#[test]
fn what_a_volume_makes_too_loud_is_bent_not_clipped() {
    let loud = |t: &mut MemberMedia| (t.input_volume, t.output_volume) = (50, 50);
    let mut room = Room::with(&[(400.0, 0.1), (0.0, 0.0)]);
    room.apply_media(1, loud);
    room.apply_media(2, loud);
    room.run(100);
    for leg in [2, 1000] {
        let pcm = room.listener(leg, 25);
        // A clipped sine of this loudness would be a square, whose fundamental is +2 dBFS.
        assert!(peak(&pcm) < 1.0, "{leg}: {}", peak(&pcm));
        assert!((-3.5..=0.0).contains(&level(&pcm, 400.0)), "{leg}: {}", level(&pcm, 400.0));
    }
}

#[test]
fn a_volume_falls_to_silence_over_20_ms_and_not_at_once() {
    let mut room = Room::with(&[(400.0, 0.1), (0.0, 0.0)]);
    room.run(60);
    room.apply_media(1, |t| t.input_volume = -50);
    room.run(1);
    let falling = &room.mixer.sources[0];
    assert!(falling.is_heard, "the fall is in the mix");
    assert!(peak(&falling.frame[..240]) > 0.05 && peak(&falling.frame[900..]) < 0.01);
    room.run(1);
    let silent = &room.mixer.sources[0];
    assert!(!silent.is_heard && silent.is_talking && silent.frame == SILENCE);
}

#[test]
fn a_microphone_switched_off_falls_silent_over_20_ms_and_rises_so_when_it_is_on_again() {
    let mut room = Room::with(&[(412.0, 0.1), (0.0, 0.0)]);
    room.run(60);
    room.tones[0].track.set_muted(true);
    room.run(1);
    let falling = &room.mixer.sources[0];
    assert!(falling.is_heard && !falling.is_talking, "heard still, and talking no more");
    assert!(peak(&falling.frame[..240]) > 0.05 && peak(&falling.frame[900..]) < 0.01);
    room.run(1);
    assert!(!room.mixer.sources[0].is_heard && room.mixer.sources[0].frame == SILENCE);
    for muted in [false, true, false, true] {
        room.tones[0].track.set_muted(muted);
        room.run(20);
    }
    // The tone's own steepness is 0.0054.
    let steepest = steepest(&room.listener(2, 120));
    assert!(steepest < 0.011, "{steepest}");
}

#[test]
fn a_gate_that_is_shut_for_good_falls_over_20_ms_too() {
    let mut room = Room::with(&[(412.0, 0.1), (0.0, 0.0)]);
    room.run(60);
    room.apply_media(1, |t| t.input_sensitivity = 0);
    room.run(20);
    assert!(steepest(&room.listener(2, 60)) < 0.011);
    assert!(peak(&room.listener(2, 15)) < 1e-3);
}

#[test]
fn somebody_who_comes_is_a_chime_for_all_but_the_deaf_and_talks_for_nobody() {
    let mut room = Room::with(&[(400.0, 0.1), (0.0, 0.0), (0.0, 0.0)]);
    room.apply_media(3, |t| t.deaf = true);
    room.run(60);
    room.desk.tell(|news| news.tone = Some(output::Tone::Entry));
    room.run(15);
    for leg in [1, 2, 1000] {
        let pcm = room.listener(leg, 15);
        // Half of the chime is either note.
        assert!(level(&pcm, 523.25) > -33.0 && level(&pcm, 783.99) > -33.0, "{leg}");
    }
    assert!(peak(&room.listener(3, 15)) < 1e-3, "the deaf hear none");
    room.run(25);
    let after = room.listener(2, 20);
    assert!(level(&after, 523.25) < -60.0 && level(&after, 783.99) < -60.0, "it is short");
    assert!((level(&after, 400.0) + 20.0).abs() < 1.0, "and who speaks is heard as before");
    assert!(room.heard.talk.lock().unwrap().iter().all(|(who, _)| *who == member(1)));
}

#[test]
fn volumes_change_without_a_click() {
    // At the ticks' borders this tone is anywhere but at zero.
    let mut room = Room::with(&[(412.0, 0.1), (0.0, 0.0), (0.0, 0.0)]);
    room.run(60);
    for (input, output) in [(0, -10), (-50, -10), (0, 0), (0, -50), (0, 0)] {
        room.apply_media(1, |t| t.input_volume = input);
        room.apply_media(2, |t| t.output_volume = output);
        room.run(20);
    }
    let whole = room.listener(2, 110);
    let other = room.listener(3, 110);
    // The tone's own steepness is 0.0054.
    assert!(steepest(&whole) < 0.011, "{}", steepest(&whole));
    assert!(steepest(&other) < 0.007, "{}", steepest(&other));
}

#[test]
fn the_deaf_hear_nothing_after_200_ms_and_packets_flow() {
    let mut room = Room::with(&[(400.0, 0.5), (0.0, 0.0), (700.0, 0.5)]);
    room.run(60);
    room.apply_media(2, |t| t.deaf = true);
    room.apply_media(3, |t| t.deaf = true);
    room.run(50);
    for leg in [2, 3] {
        let deafened = room.listener(leg, 50);
        let after = 20.0 * rms(&deafened[9600..]).max(1e-9).log10();
        assert!(after < -60.0, "{leg} hears {after} dBFS");
        assert!(rms(&deafened[1920..4800]) < 0.01, "and in truth much sooner");
    }
    assert!(level(&room.listener(1, 25), 700.0) > -8.0, "who is deaf is heard");
    room.apply_media(2, |t| t.deaf = false);
    room.run(20);
    assert!(level(&room.listener(2, 10), 400.0) > -8.0);
}

#[test]
fn a_sensitivity_of_0_never_talks_nor_is_mixed() {
    let mut room = Room::with(&[(400.0, 0.8), (0.0, 0.0)]);
    room.apply_media(1, |t| t.input_sensitivity = 0);
    room.run(60);
    assert!(level(&room.listener(2, 25), 400.0) < -80.0);
    assert_eq!(room.heard.talk.lock().unwrap().len(), 0);
    room.apply_media(1, |t| t.input_sensitivity = 30);
    room.run(30);
    room.apply_media(1, |t| t.input_sensitivity = 0);
    room.run(30);
    let talk = room.heard.talk.lock().unwrap().clone();
    assert_eq!(talk, [(member(1), true), (member(1), false)], "and ends at once");
    assert!(level(&room.listener(2, 10), 400.0) < -70.0);
}

#[test]
fn whoever_is_heard_at_a_sensitivity_is_heard_at_a_greater_one() {
    let talks = |sensitivity: Option<i32>, amplitude: f32| {
        let mut room = Room::with(&[(400.0, amplitude)]);
        if let Some(value) = sensitivity {
            room.apply_media(1, |t| t.input_sensitivity = value);
        }
        room.run(12);
        let talk = room.heard.talk.lock().unwrap();
        !talk.is_empty()
    };
    let mut least = Vec::new();
    for amplitude in [0.1, 0.02, 0.004, 0.0008] {
        let pattern: Vec<_> =
            [0, 1, 10, 20, 30, 50, 80, 100].map(|s| talks(Some(s), amplitude)).into();
        assert!(pattern.is_sorted(), "{amplitude}: {pattern:?}");
        assert_eq!(pattern[4], talks(None, amplitude), "30 is what somebody has who set none");
        least.push(pattern.iter().filter(|talks| !**talks).count());
    }
    assert!(least.is_sorted() && least[0] < least[3], "{least:?}");
}

#[test]
fn those_who_hear_the_same_share_an_encoder() {
    let quiet = (0.0, 0.0);
    let mut room = Room::with(&[(400.0, 0.1), quiet, quiet, quiet, quiet]);
    let packets = |room: &mut Room, what: &dyn Fn(&Room)| {
        what(room);
        room.run(60);
        room.packets_in_last_tick()
    };
    assert_eq!(packets(&mut room, &|_| ()), 2, "the speaker, and all others");
    let softer =
        |room: &Room| [2, 3].iter().for_each(|n| room.apply_media(*n, |t| t.output_volume = -10));
    assert_eq!(packets(&mut room, &softer), 3);
    assert_eq!(packets(&mut room, &|room| room.apply_media(4, |t| t.deaf = true)), 4);
    let off = |room: &Room| room.apply_media(1000, |t| t.output_volume = -50);
    assert_eq!(packets(&mut room, &off), 4, "nothing sounds like nothing");
    let deaf = |room: &Room| room.apply_media(1, |t| t.deaf = true);
    assert_eq!(packets(&mut room, &deaf), 3, "a deaf speaker needs no mix of their own");
    let all = |room: &Room| [1, 2, 3, 4, 1000].iter().for_each(|n| room.apply_media(*n, |_| ()));
    assert_eq!(packets(&mut room, &all), 2);
}

#[test]
fn the_sound_of_a_screen_is_heard_by_all_but_the_sharer() {
    let mut room = Room::with(&[(400.0, 0.1), (0.0, 0.0)]);
    room.add(50, 1, (900.0, 0.1));
    room.listen(50, 1);
    room.run(80);
    for leg in [1, 50] {
        let pcm = room.listener(leg, 25);
        assert!(level(&pcm, 900.0) < -70.0 && level(&pcm, 400.0) < -70.0, "{leg}");
    }
    for leg in [2, 1000] {
        let pcm = room.listener(leg, 25);
        assert!(level(&pcm, 900.0) > -21.5 && level(&pcm, 400.0) > -21.5, "{leg}");
    }
    room.tones[0].track.set_muted(true);
    room.apply_media(1, |t| t.input_volume = -50);
    room.run(40);
    let pcm = room.listener(2, 25);
    assert!(level(&pcm, 900.0) > -21.5, "the sharer's mute is not the screen's");
    assert!(level(&pcm, 400.0) < -70.0);
    assert!(level(&room.listener(1, 25), 900.0) < -70.0, "nor does it give it back to them");
}

#[test]
fn a_fresh_source_of_a_member_is_treated_as_the_last_one() {
    let mut room = Room::with(&[(400.0, 0.1), (0.0, 0.0)]);
    room.apply_media(1, |t| t.input_volume = -20);
    room.run(20);
    room.tones.remove(0);
    room.add(1, 1, (400.0, 0.1));
    room.run(60);
    let heard = level(&room.listener(2, 25), 400.0);
    assert!((heard + 40.0).abs() < 1.0, "{heard}");
}
