//! More who speak than are mixed.

use super::*;

/// Voices of these loudnesses, at pitches of their own that are anywhere but at zero where ticks meet, and
/// so low that a click is much steeper than they are.
fn crowd(amplitudes: &[f32]) -> Room {
    let pitches = (0..).map(|n| 56.0 + 7.0 * n as f32);
    Room::with(&pitches.zip(amplitudes.iter().copied()).collect::<Vec<_>>())
}

fn tapped(room: &Room) -> Arc<Taken> {
    let taken = Arc::new(Taken::default());
    let tap: Arc<dyn Tap> = taken.clone();
    room.desk.tell(|news| news.taps.push((TapKey(1), Some(tap))));
    taken
}

impl Taken {
    /// The whole mix of the last `ticks` ticks.
    fn last(&self, ticks: usize) -> Vec<f32> {
        let mixes = self.0.lock().unwrap();
        let last = mixes[mixes.len() - ticks..].iter();
        last.flat_map(|mix| mix.samples.map(|sample| f32::from(sample) / 32767.0)).collect()
    }
}

fn steepest(pcm: &[f32]) -> f32 {
    pcm.windows(2).fold(0.0, |most, pair| most.max((pair[1] - pair[0]).abs()))
}

fn mixed(room: &Room) -> Vec<usize> {
    (0..room.mixer.sources.len()).filter(|i| room.mixer.sources[*i].is_mixed).collect()
}

#[test]
fn of_twelve_who_speak_the_eight_in_the_mix_have_encoders_of_their_own() {
    let mut room = crowd(&[0.05; 12]);
    room.run(100);
    assert_eq!(mixed(&room).len(), 8);
    assert_eq!(room.packets_in_last_tick(), 9, "one each of eight, and one for all others");
    let audience = room.listener(1000, 25);
    let unmixed = (0..12).find(|i| !mixed(&room).contains(i)).unwrap();
    let own = room.listener(unmixed as u64 + 1, 25);
    assert_eq!(own, audience, "who is not in it hears what the silent hear");
}

#[test]
fn a_voice_that_grows_loud_enters_the_mix_and_the_quietest_leaves_it_without_a_click() {
    let mut room = crowd(&[0.06, 0.06, 0.06, 0.04, 0.06, 0.06, 0.06, 0.06, 0.02]);
    let taken = tapped(&room);
    room.run(60);
    assert!(!mixed(&room).contains(&8));
    room.tones[8].amplitude = 0.15;
    room.run(30);
    assert_eq!(mixed(&room), [0, 1, 2, 4, 5, 6, 7, 8]);
    // The voices' own steepness is 0.007 together, the ramps' 0.0002; without ramps it was 0.064.
    let steep = steepest(&taken.last(40));
    assert!(steep < 0.01, "{steep}");
    for leg in [4, 9, 1000] {
        let steep = steepest(&room.listener(leg, 40));
        assert!(steep < 0.01, "{leg}: {steep}");
    }
}

#[test]
fn the_tick_in_which_a_voice_enters_is_a_ramp_from_silence_and_the_one_it_leaves_in_to_it() {
    let mut room = crowd(&[0.06, 0.06, 0.06, 0.04, 0.06, 0.06, 0.06, 0.06, 0.02]);
    room.run(60);
    room.tones[8].amplitude = 0.15;
    while !room.mixer.sources[8].is_mixed {
        room.run(1);
    }
    let frames = [8, 3].map(|i: usize| room.mixer.sources[i].frame);
    let loudest_of = |part: &[f32]| part.iter().fold(0.0f32, |most, s| most.max(s.abs()));
    let [enters, leaves] = frames.map(|f| [&f[..96], &f[432..528], &f[864..]].map(loudest_of));
    assert!(enters[0] < 0.1 * 0.17 && enters[2] > 0.06, "{enters:?}");
    assert!(leaves[0] > 0.02 && leaves[2] < 0.1 * 0.045, "{leaves:?}");
    room.run(1);
    assert!(!room.mixer.sources[3].is_mixed, "it is out after one tick");
}

#[test]
fn voices_that_are_about_as_loud_do_not_take_turns() {
    let mut room = crowd(&[0.05; 10]);
    room.run(60);
    let before = mixed(&room);
    for n in 0..40 {
        let quiet = n % 10;
        room.tones.iter_mut().for_each(|tone| tone.amplitude = 0.06);
        room.tones[quiet].amplitude = 0.045;
        room.run(2);
        assert_eq!(mixed(&room), before);
    }
}

#[test]
fn a_place_that_falls_free_is_taken() {
    let mut room = crowd(&[0.05; 9]);
    room.run(60);
    room.tones[0].track.set_muted(true);
    room.run(2);
    assert_eq!(mixed(&room), [1, 2, 3, 4, 5, 6, 7, 8]);
}

/// A crowd whose clients say truly how loud they are.
fn honest_crowd(amplitudes: &[f32]) -> Room {
    let mut room = crowd(amplitudes);
    room.tones.iter_mut().for_each(Tone::say_truly);
    room
}

impl Tone {
    fn say_truly(&mut self) {
        let dbov = 20.0 * (self.amplitude / 2f32.sqrt()).max(1e-7).log10();
        self.level_dbov = Some(dbov.max(-127.0) as i8);
    }

    fn grow(&mut self, amplitude: f32) {
        self.amplitude = amplitude;
        self.say_truly();
    }
}

fn decoded(room: &Room) -> Vec<usize> {
    (0..room.mixer.sources.len()).filter(|i| room.mixer.sources[*i].is_decoded()).collect()
}

#[test]
fn of_twenty_who_speak_the_twelve_loudest_by_their_own_word_are_decoded() {
    let falling: Vec<_> = (0..20).map(|n| 0.09 - 0.004 * n as f32).collect();
    let mut room = honest_crowd(&falling);
    room.run(100);
    assert_eq!(decoded(&room), (0..12).collect::<Vec<_>>());
    assert_eq!(mixed(&room), (0..8).collect::<Vec<_>>());
    assert!((0..20).all(|i| room.mixer.sources[i].is_talking), "and all of them are said to talk");
    let talk = room.heard.talk.lock().unwrap().len();
    assert_eq!(talk, 20, "once each");
    room.tones.iter_mut().skip(6).for_each(|tone| tone.grow(0.0));
    room.run(120);
    assert_eq!(decoded(&room).len(), 20, "where few speak all are decoded");
    assert_eq!(room.heard.talk.lock().unwrap().len(), 34);
}

#[test]
fn whoever_says_nothing_of_their_loudness_is_decoded() {
    let mut room = honest_crowd(&[0.05; 20]);
    room.tones[19].level_dbov = None;
    room.tones[19].amplitude = 0.02;
    room.run(100);
    assert_eq!(decoded(&room).len(), 13);
    assert!(decoded(&room).contains(&19));
}

#[test]
fn who_says_to_be_louder_than_they_are_takes_the_place_of_nobody() {
    let mut amplitudes = vec![0.05; 14];
    amplitudes.extend([0.003; 14]);
    let mut room = honest_crowd(&amplitudes);
    room.tones.iter_mut().skip(14).for_each(|liar| liar.level_dbov = Some(127));
    room.run(250);
    let decoded = decoded(&room);
    assert!((14..28).all(|liar| decoded.contains(&liar)), "they are decoded");
    assert_eq!(decoded.len(), 14 + 12, "and as many others as without them");
    assert!(mixed(&room).iter().all(|i| *i < 14));
}

#[test]
fn a_voice_that_was_not_decoded_enters_the_mix_without_a_click_and_with_nothing_of_the_past() {
    let falling: Vec<_> = (0..16).map(|n| 0.06 - 0.002 * n as f32).collect();
    let mut room = honest_crowd(&falling);
    let taken = tapped(&room);
    room.run(60);
    let past = 700.0;
    room.tones[15].hz = past;
    room.run(40);
    assert!(!decoded(&room).contains(&15));
    room.tones[15].hz = 170.0;
    room.tones[15].grow(0.2);
    room.run(4);
    assert!(mixed(&room).contains(&15), "80 ms later, as long as its packets take");
    room.run(26);
    let heard = taken.last(30);
    assert!((level(&heard[14_400..], 170.0) + 14.0).abs() < 1.5);
    assert!(level(&heard, past) < -60.0, "{}", level(&heard, past));
    // The voices' own steepness is 0.011 together, that of the one that comes 0.0045.
    assert!(steepest(&heard) < 0.013, "{}", steepest(&heard));
}

#[test]
fn who_is_switched_off_while_not_decoded_is_silent_and_back_as_anybody() {
    let mut room = honest_crowd(&[0.05; 16]);
    room.run(100);
    let asleep = (0..16).find(|i| !decoded(&room).contains(i)).unwrap();
    room.tones[asleep].track.set_muted(true);
    room.run(20);
    assert!(!room.mixer.sources[asleep].is_talking && !room.mixer.sources[asleep].is_heard);
    room.tones[asleep].track.set_muted(false);
    room.tones[asleep].grow(0.2);
    room.run(10);
    assert!(mixed(&room).contains(&asleep));
}

#[test]
fn whoever_says_to_be_silent_and_is_not_is_heard_in_a_crowd_too() {
    let mut amplitudes = vec![0.05; 12];
    amplitudes.push(0.0);
    let mut room = honest_crowd(&amplitudes);
    room.tones[12].level_dbov = Some(-127);
    room.run(200);
    // By far the loudest; their client says -127 of everything.
    room.tones[12].amplitude = 0.2;
    room.run(500);
    assert!(mixed(&room).contains(&12), "mixed {:?} decoded {:?}", mixed(&room), decoded(&room));
}
