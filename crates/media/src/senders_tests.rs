//! Senders on virtual time: real encoders, no clock.

use super::*;
use crate::budget::DecodeBudget;
use crate::decode_queue::EncodedVideo;
use crate::lip_sync::{Kind, LipSync};
use crate::uplink::wanted;
use rotunda_codec::{EncoderSettings, Frame, Rotation, Speed, VideoCodec, VideoEncoder, Yuv};
use std::time::Duration;
use uuid::Uuid;

pub(super) struct Room {
    pub senders: Senders,
    pub track: Arc<Track>,
    pub now: Instant,
    pub has_cell: bool,
    /// Of its cell.
    pub height: u32,
    /// What was asked, and in which of the ticks of 50 ms.
    pub asked: Vec<(u64, Ask)>,
    pub tick: u64,
    encoder: VideoEncoder,
    pictures: u64,
}

fn member() -> MemberId {
    MemberId(Uuid::from_u128(1))
}

impl Room {
    pub fn new() -> Self {
        let mut senders = Senders::new(true);
        let track = Arc::new(Track::camera(None));
        senders.set(member(), Some(track.clone()), None);
        let (width, height) = (160, 90);
        let settings =
            EncoderSettings { width, height, fps: 20, bitrate_bps: 400_000, speed: Speed::Normal };
        let encoder = VideoEncoder::new(VideoCodec::Vp8, settings).unwrap();
        let (now, asked) = (Instant::now(), Vec::new());
        Self {
            senders,
            track,
            now,
            has_cell: true,
            height: 90,
            asked,
            tick: 0,
            encoder,
            pictures: 0,
        }
    }

    /// The camera's next picture, all of it this grey; a key frame if one was asked for.
    pub fn shoot(&mut self, grey: u8) {
        let mut frame = Frame::new(160, 90);
        frame.fill(Yuv { y: grey, u: 128, v: 128 });
        let is_key = self.pictures == 0 || self.asked.contains(&(self.tick, Ask::Keyframe));
        let encoded = self.encoder.encode(&frame, is_key, self.pictures * 4500).unwrap();
        self.pictures += 1;
        let picture = EncodedVideo {
            codec: VideoCodec::Vp8,
            data: encoded.data.into(),
            keyframe: encoded.keyframe,
            contiguous: true,
            rotation: Rotation::Deg0,
            rtp_time_90khz: self.pictures * 4500,
            arrived: self.now,
        };
        if self.track.put(picture) {
            self.track.decode_waiting();
        }
    }

    pub fn ask(&mut self) {
        let cell = self.has_cell.then(|| Rect::new(0, 0, 160, self.height));
        let (asked, tick) = (&mut self.asked, self.tick);
        self.senders.ask(self.now, |_| cell, |_, ask| asked.push((tick, ask)));
    }

    /// So many ticks in which the picture stands still.
    fn rest(&mut self, ticks: u64) {
        for _ in 0..ticks {
            self.tick += 1;
            self.now += Duration::from_millis(50);
            self.ask();
            self.shoot(200);
        }
    }

    /// So many ticks, in each of which a picture comes that is another than the last.
    pub fn run(&mut self, ticks: u64) {
        for _ in 0..ticks {
            self.tick += 1;
            self.now += Duration::from_millis(50);
            self.ask();
            self.shoot(40 + (self.pictures % 4) as u8 * 40);
        }
    }

    pub fn shown(&self) -> Option<Arc<Shot>> {
        self.senders.latest(member(), self.now, self.now)
    }

    fn keyframes_asked(&self) -> usize {
        self.asked.iter().filter(|(_, ask)| *ask == Ask::Keyframe).count()
    }
}

#[test]
fn nothing_is_decoded_of_somebody_nobody_sees_and_with_their_cell_they_are_back_by_one_key_frame() {
    let mut room = Room::new();
    room.run(20);
    room.has_cell = false;
    room.run(41);
    let last = room.shown().unwrap().version;
    room.run(200);
    assert_eq!(room.shown().unwrap().version, last, "two seconds later nothing is decoded");
    assert_eq!(room.asked.last().unwrap().1, Ask::Most(wanted(None)));
    let before = room.keyframes_asked();
    room.has_cell = true;
    room.run(1);
    assert_eq!(room.keyframes_asked(), before + 1, "asked for in the tick in which they come");
    assert_eq!(room.shown().unwrap().version, last + 1, "and decoding begins with it");
    room.run(40);
    assert_eq!(room.keyframes_asked(), before + 1);
    assert_eq!(room.shown().unwrap().version, last + 41);
}

#[test]
fn a_layout_that_flickers_asks_for_no_key_frames_and_leaves_nothing_out() {
    let mut room = Room::new();
    room.run(20);
    let (asked, shown) = (room.keyframes_asked(), room.shown().unwrap().version);
    for n in 0..20 {
        room.has_cell = n % 2 == 0;
        room.run(20);
    }
    assert_eq!(room.keyframes_asked(), asked);
    assert_eq!(room.shown().unwrap().version, shown + 400);
}

#[test]
fn a_layout_that_turns_slowly_asks_for_a_key_frame_a_turn() {
    let mut room = Room::new();
    room.run(20);
    let asked = room.keyframes_asked();
    for _ in 0..10 {
        room.has_cell = false;
        room.run(50);
        room.has_cell = true;
        room.run(1);
    }
    assert_eq!(room.keyframes_asked(), asked + 10);
}

#[test]
fn a_camera_switched_to_and_fro_asks_for_two_key_frames_a_second_at_most() {
    let mut room = Room::new();
    room.run(20);
    let asked = room.keyframes_asked();
    for n in 0..200 {
        room.track.set_muted(n % 2 == 0);
        room.run(1);
    }
    let asked = room.keyframes_asked() - asked;
    assert!((10..=20).contains(&asked), "{asked} in ten seconds");
}

#[test]
fn whoever_comes_in_late_is_decoded_from_their_first_picture_on_before_they_have_a_cell() {
    let mut room = Room::new();
    room.has_cell = false;
    for _ in 0..200 {
        room.tick += 1;
        room.now += Duration::from_millis(50);
        room.ask();
    }
    room.run(8);
    room.has_cell = true;
    let asked = room.keyframes_asked();
    room.run(1);
    assert_eq!((room.keyframes_asked(), room.shown().unwrap().version), (asked, 9));
}

#[test]
fn who_has_no_cell_when_switched_on_is_decoded_for_two_seconds() {
    let mut room = Room::new();
    room.has_cell = false;
    room.run(60);
    room.track.set_muted(true);
    room.run(60);
    room.track.set_muted(false);
    room.run(20);
    assert!(room.shown().is_some(), "their cell may come with the switch");
    room.run(40);
    let last = room.shown().unwrap().version;
    room.run(40);
    assert_eq!(room.shown().unwrap().version, last);
}

#[test]
fn the_picture_of_a_song_is_not_asked_for_in_place_of_whoever_shows_it() {
    let mut room = Room::new();
    room.track = Arc::new(Track::played());
    room.senders.set(member(), Some(room.track.clone()), None);
    room.ask();
    assert_eq!(room.asked, []);
    assert!(room.track.take_keyframe_request(room.now), "its player finds it wanted");
}

fn bps(room: &Room) -> Vec<u64> {
    let bps = |(_, ask): &(u64, Ask)| match ask {
        Ask::Most(wanted) => Some(wanted.bps),
        Ask::Keyframe => None,
    };
    room.asked.iter().filter_map(bps).collect()
}

#[test]
fn a_camera_before_which_nothing_moves_is_asked_for_little_until_something_does() {
    let mut room = Room::new();
    room.run(20);
    room.rest(99);
    assert_eq!(bps(&room), [wanted(Some(90)).bps]);
    room.rest(5);
    assert_eq!(bps(&room), [wanted(Some(90)).bps, STILL_BPS]);
    room.run(2);
    assert_eq!(bps(&room)[2..], [wanted(Some(90)).bps], "in the tick after the picture");
}

#[test]
fn a_still_camera_whose_sound_is_late_is_one_too() {
    let sync = Arc::new(LipSync::default());
    let mut room = Room::new();
    room.track = Arc::new(Track::camera(Some(sync.clone())));
    room.senders.set(member(), Some(room.track.clone()), None);
    // Pictures are held back for 100 ms, longer than one takes to follow the other.
    sync.report(Kind::Sound, 0, 0);
    sync.report(Kind::Picture, 0, 0);
    sync.presented(Kind::Picture, 0, room.now, room.now);
    sync.presented(Kind::Sound, 0, room.now + Duration::from_millis(100), room.now);
    assert!(!sync.delay(Kind::Picture).is_zero());
    (0..10).for_each(|_| room.shoot(200));
    assert_eq!(room.track.seen().same, 9);
}

#[test]
fn a_screen_that_stands_still_is_asked_for_all_its_cell_shows() {
    let mut room = Room::new();
    room.track = Arc::new(Track::new(None));
    room.senders.set(member(), Some(room.track.clone()), None);
    room.rest(400);
    assert_eq!(bps(&room), [wanted(Some(90)).bps]);
}

#[test]
fn whoever_sends_more_than_may_be_decoded_is_seen_as_far_as_it_goes_and_asked_for_less() {
    let mut room = Room::new();
    let budget = Arc::new(DecodeBudget::new(10 * 320 * 180));
    room.track = Arc::new(Track::camera(None).within(budget));
    room.senders.set(member(), Some(room.track.clone()), None);
    room.height = 720;
    room.run(1200);
    let (shown, left_out) = (room.shown().unwrap().version, room.track.left_out());
    assert_eq!(shown + left_out, 1200, "none is lost uncounted");
    assert!((500..=610).contains(&shown), "{shown} of ten a second");
    assert_eq!(bps(&room)[1..], [EXCESS_BPS], "once");
    let asked = room.keyframes_asked();
    assert!((20..=120).contains(&asked), "{asked} key frames in a minute");
}

#[test]
fn whoever_sends_as_much_as_may_be_decoded_again_is_seen_whole_and_a_minute_later_asked_for_all() {
    let mut room = Room::new();
    let budget = Arc::new(DecodeBudget::new(10 * 320 * 180));
    room.track = Arc::new(Track::camera(None).within(budget));
    room.senders.set(member(), Some(room.track.clone()), None);
    room.height = 720;
    room.run(100);
    let (shown, left_out) = (room.shown().unwrap().version, room.senders.left_out());
    for _ in 0..700 {
        // Ten pictures a second.
        room.now += Duration::from_millis(50);
        room.run(1);
    }
    assert!(room.senders.left_out() - left_out <= 10);
    assert!(room.shown().unwrap().version - shown >= 690);
    assert_eq!(bps(&room).last(), Some(&wanted(Some(720)).bps));
}
