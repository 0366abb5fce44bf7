//! The mix on virtual time: real encoders, no clock.

use super::*;
use crate::smaller::Tier;
use crate::sound_packet::SoundPacket;
use crate::sound_track::SoundTrack;
use crate::source::Spring;
use crate::uplink::Wanted;
use rotunda_codec::{EncodedFrame, OpusDecoder, OpusEncoder, VideoCodec};
use rotunda_compose::SILENCE;
use uuid::Uuid;

#[derive(Default)]
struct Heard {
    parts: Mutex<Vec<Vec<MixPart>>>,
    talk: Mutex<Vec<(MemberId, bool)>>,
}

impl Out for Heard {
    fn picture(&self, _: SessionId, _: (VideoCodec, Tier), _: u64, _: EncodedFrame) {}
    fn sound(&self, _: SessionId, parts: Vec<MixPart>, _: u64) {
        self.parts.lock().unwrap().push(parts);
    }
    fn talking(&self, _: SessionId, member: MemberId, talking: bool) {
        self.talk.lock().unwrap().push((member, talking));
    }
    fn keyframe_wanted(&self, _: SessionId, _: MemberId) {}
    fn uplink_wanted(&self, _: SessionId, _: MemberId, _: Wanted) {}
}

struct Tone {
    hz: f32,
    amplitude: f32,
    /// What is said of it.
    level_dbov: Option<i8>,
    n: u64,
    encoder: OpusEncoder,
    track: Arc<SoundTrack>,
}

impl Tone {
    fn send(&mut self, now: Instant) {
        let mut pcm = SILENCE;
        for (i, sample) in pcm.iter_mut().enumerate() {
            let t = (self.n * 960 + i as u64) as f32 / 48_000.0;
            *sample = self.amplitude * (t * self.hz * std::f32::consts::TAU).sin();
        }
        let mut out = [0u8; 1275];
        let len = self.encoder.encode(&pcm, &mut out).unwrap();
        let rtp_time_48khz = self.n * 960;
        self.n += 1;
        let (data, level_dbov) = (out[..len].into(), self.level_dbov);
        self.track.put(SoundPacket { data, rtp_time_48khz, arrived: now, level_dbov });
    }
}

struct Room {
    mixer: Mixer,
    desk: Arc<MixerDesk>,
    heard: Arc<Heard>,
    tones: Vec<Tone>,
    now: Instant,
}

fn member(n: u128) -> MemberId {
    MemberId(Uuid::from_u128(n))
}

impl Room {
    /// Members 1, 2, …, each a tone; a listener for each, and one for somebody looking on.
    fn with(tones: &[(f32, f32)]) -> Self {
        let heard = Arc::new(Heard::default());
        let desk = Arc::new(MixerDesk::default());
        let now = Instant::now();
        let session = SessionId(Uuid::from_u128(99));
        let mixer = Mixer::new(session, desk.clone(), heard.clone(), now);
        let mut room = Self { mixer, desk, heard, tones: Vec::new(), now };
        for (n, tone) in (1..).zip(tones) {
            room.add(n, n, *tone);
            room.listen(n, n);
        }
        room.listen(1000, 1000);
        room
    }

    /// A source that is `owner`'s.
    fn add(&mut self, n: u128, owner: u128, (hz, amplitude): (f32, f32)) {
        let track = Arc::new(SoundTrack::new(None));
        let feed = Feed { owner: member(owner), spring: Spring::Member(track.clone()) };
        self.desk.tell(|news| news.sources.push((member(n), Some(feed))));
        let encoder = OpusEncoder::new().unwrap();
        self.tones.push(Tone { hz, amplitude, level_dbov: None, n: 0, encoder, track });
    }

    /// A listener on the leg of the same number.
    fn listen(&mut self, n: u128, owner: u128) {
        let listener = Listener { member: member(n), owner: member(owner) };
        self.desk.tell(|news| news.listeners.push((LegKey(n as u64), Some(listener))));
    }

    fn run(&mut self, ticks: usize) {
        for _ in 0..ticks {
            for tone in &mut self.tones {
                tone.send(self.now);
            }
            self.now = self.mixer.beat(self.now).unwrap();
        }
    }

    /// What `leg` heard in the last `ticks` ticks.
    fn listener(&self, leg: u64, ticks: usize) -> Vec<f32> {
        let parts = self.heard.parts.lock().unwrap();
        let mut decoder = OpusDecoder::new().unwrap();
        let mut pcm = Vec::new();
        let mut out = [0f32; 5760];
        for tick in parts.iter() {
            let part =
                tick.iter().find(|p| p.legs.contains(&LegKey(leg))).expect("always a packet");
            let n = decoder.decode(Some(&part.payload), &mut out).unwrap();
            pcm.extend_from_slice(&out[..n]);
        }
        pcm.split_off(pcm.len() - ticks * 960)
    }

    fn packets_in_last_tick(&self) -> usize {
        self.heard.parts.lock().unwrap().last().map_or(0, Vec::len)
    }
}

/// Amplitude of `hz` in `pcm`, in dBFS (Goertzel).
fn level(pcm: &[f32], hz: f32) -> f32 {
    let w = hz / 48_000.0 * std::f32::consts::TAU;
    let (mut a, mut b) = (0f64, 0f64);
    for sample in pcm {
        let c = f64::from(*sample) + 2.0 * f64::from(w.cos()) * a - b;
        (b, a) = (a, c);
    }
    let power = a * a + b * b - 2.0 * f64::from(w.cos()) * a * b;
    (20.0 * (power.max(1e-12).sqrt() / (pcm.len() as f64 / 2.0)).log10()) as f32
}

#[test]
fn everybody_hears_the_others_at_unity_and_never_oneself() {
    let mut room = Room::with(&[(400.0, 0.1), (700.0, 0.1), (1100.0, 0.1)]);
    room.run(100);
    for (me, hz) in [(1, 400.0), (2, 700.0), (3, 1100.0)] {
        let pcm = room.listener(me, 25);
        for other in [400.0, 700.0, 1100.0].into_iter().filter(|h| *h != hz) {
            assert!(
                (level(&pcm, other) + 20.0).abs() < 1.5,
                "{me} hears {other} at {}",
                level(&pcm, other)
            );
        }
        assert!(level(&pcm, hz) < -62.0, "{me} hears itself at {}", level(&pcm, hz));
    }
    let audience = room.listener(1000, 25);
    assert!([400.0, 700.0, 1100.0].iter().all(|hz| (level(&audience, *hz) + 20.0).abs() < 1.5));
}

#[test]
fn encoders_follow_those_who_speak_not_those_who_are_there() {
    let mut room = Room::with(&[(400.0, 0.1), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)]);
    room.run(100);
    assert_eq!(room.packets_in_last_tick(), 2, "one speaker's own mix and one for all others");
}

#[test]
fn packets_flow_when_there_is_nothing_to_hear() {
    let mut room = Room::with(&[(0.0, 0.0), (0.0, 0.0)]);
    room.run(60);
    assert_eq!(room.heard.parts.lock().unwrap().len(), 60);
    assert!(level(&room.listener(1, 20), 400.0) < -80.0);
}

#[test]
fn a_muted_member_is_neither_heard_nor_talking_though_the_client_goes_on_sending() {
    let mut room = Room::with(&[(400.0, 0.1), (0.0, 0.0)]);
    room.run(60);
    room.tones[0].track.set_muted(true);
    room.run(40);
    assert!(level(&room.listener(2, 25), 400.0) < -70.0);
    room.tones[0].track.set_muted(false);
    room.run(40);
    assert!((level(&room.listener(2, 10), 400.0) + 20.0).abs() < 1.5);
    let talk = room.heard.talk.lock().unwrap().clone();
    assert_eq!(talk, [(member(1), true), (member(1), false), (member(1), true)]);
}

#[test]
fn a_short_beep_is_heard_from_its_beginning() {
    let mut room = Room::with(&[(0.0, 0.0), (0.0, 0.0)]);
    room.run(50);
    room.tones[0].hz = 800.0;
    room.tones[0].amplitude = 0.2;
    room.run(4);
    room.tones[0].amplitude = 0.0;
    room.run(30);
    let pcm = room.listener(2, 34);
    let loud = pcm.chunks(240).filter(|c| rms(c) > 0.07).count() * 5;
    assert!((60..=110).contains(&loud), "{loud} ms of an 80 ms beep");
}

fn rms(pcm: &[f32]) -> f32 {
    (pcm.iter().map(|s| s * s).sum::<f32>() / pcm.len() as f32).sqrt()
}

#[test]
fn a_late_beat_makes_up_a_little_and_skips_a_lot() {
    let mut room = Room::with(&[(400.0, 0.1)]);
    room.run(10);
    let late = room.now + Duration::from_millis(60);
    let next = room.mixer.beat(late).unwrap();
    assert!(next < late, "60 ms are made up");
    let very_late = late + Duration::from_secs(3);
    let next = room.mixer.beat(very_late).unwrap();
    assert!(next > very_late, "3 s are skipped");
}

#[path = "crowd_tests.rs"]
mod crowd;
#[path = "sound_tests.rs"]
mod sound;

#[derive(Default)]
struct Taken(Mutex<Vec<Arc<crate::tap::WholeMix>>>);

impl Tap for Taken {
    fn picture(&self, _: &Arc<crate::tap::AccessUnit>) -> bool {
        false
    }
    fn sound(&self, mix: &Arc<crate::tap::WholeMix>) {
        self.0.lock().unwrap().push(mix.clone());
    }
}

#[test]
fn a_tap_hears_everybody_without_a_gap() {
    let mut room = Room::with(&[(440.0, 0.3)]);
    let taken = Arc::new(Taken::default());
    let tap: Arc<dyn Tap> = taken.clone();
    room.desk.tell(|news| news.taps.push((TapKey(1), Some(tap))));
    room.run(60);
    let mixes = taken.0.lock().unwrap();
    assert!(mixes.windows(2).all(|pair| pair[1].ts_48khz == pair[0].ts_48khz + 960));
    let loudest = mixes[50].samples.iter().max().copied();
    assert!(loudest > Some(2000), "{loudest:?}");
}

#[test]
fn whoever_goes_falls_silent_over_one_tick_and_is_not_cut_off() {
    let mut room = Room::with(&[(400.0, 0.3), (0.0, 0.0)]);
    let taken = Arc::new(Taken::default());
    let tap: Arc<dyn Tap> = taken.clone();
    room.desk.tell(|news| news.taps.push((TapKey(1), Some(tap))));
    room.run(60);
    room.desk.tell(|news| news.sources.push((member(1), None)));
    room.run(2);
    let mixes = taken.0.lock().unwrap();
    let [before, last, after] = mixes.last_chunk().expect("they are taken");
    // Whole waves of the tone, 2.5 ms each.
    let loudest = |mix: &crate::tap::WholeMix, from: usize| {
        mix.samples[from..from + 120].iter().map(|s| s.unsigned_abs()).max().unwrap_or(0)
    };
    assert!(loudest(before, 840) > 8000);
    let (begins, ends) = (loudest(last, 0), loudest(last, 840));
    assert!(begins > 6000 && ends < 1500, "from {begins} to {ends}");
    assert_eq!(loudest(after, 0), 0);
    assert!(room.mixer.leaving.is_empty());
}
