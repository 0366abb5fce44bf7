use super::*;
use rotunda_codec::{EncoderSettings, Frame, Rotation, Speed, VideoCodec, VideoEncoder, Yuv};

struct Camera {
    encoder: VideoEncoder,
    codec: VideoCodec,
    n: u64,
    size: (u32, u32),
}

impl Camera {
    fn new(codec: VideoCodec, width: u32, height: u32) -> Self {
        let settings =
            EncoderSettings { width, height, fps: 20, bitrate_bps: 800_000, speed: Speed::Normal };
        let encoder = VideoEncoder::new(codec, settings).unwrap();
        Self { encoder, codec, n: 0, size: (width, height) }
    }

    fn shoot(&mut self, colour: Yuv, keyframe: bool) -> EncodedVideo {
        let mut frame = Frame::new(self.size.0, self.size.1);
        frame.fill(colour);
        let encoded = self.encoder.encode(&frame, keyframe, self.n * 4500).unwrap();
        self.n += 1;
        EncodedVideo {
            codec: self.codec,
            data: encoded.data.into(),
            keyframe: encoded.keyframe,
            contiguous: true,
            rotation: Rotation::Deg0,
            rtp_time_90khz: self.n * 4500,
            arrived: Instant::now(),
        }
    }
}

const BLUE: Yuv = Yuv::from_rgb(20, 40, 200);
const RED: Yuv = Yuv::from_rgb(200, 30, 40);

fn shown(track: &Track) -> Option<Arc<Shot>> {
    let now = Instant::now();
    track.latest(now, now)
}

fn feed(track: &Track, picture: EncodedVideo) {
    if track.put(picture) {
        track.decode_waiting();
    }
}

fn near(a: Yuv, b: Yuv) -> bool {
    let d = |x: u8, y: u8| x.abs_diff(y) <= 6;
    d(a.y, b.y) && d(a.u, b.u) && d(a.v, b.v)
}

#[test]
fn a_picture_comes_out_reduced_to_its_cell() {
    let (track, mut camera) = (Track::default(), Camera::new(VideoCodec::Vp8, 640, 360));
    track.set_target(320, 180);
    feed(&track, camera.shoot(BLUE, true));
    let shot = shown(&track).unwrap();
    assert_eq!((shot.frame.width(), shot.frame.height()), (320, 180));
    assert!(shot.was_reduced && near(shot.frame.pixel(160, 90), BLUE));
}

#[test]
fn codec_and_size_may_change_from_one_picture_to_the_next() {
    let track = Track::default();
    track.set_target(1280, 720);
    feed(&track, Camera::new(VideoCodec::Vp8, 640, 360).shoot(BLUE, true));
    feed(&track, Camera::new(VideoCodec::H264, 320, 240).shoot(RED, true));
    let shot = shown(&track).unwrap();
    assert_eq!((shot.frame.width(), shot.frame.height()), (320, 240));
    assert!(near(shot.frame.pixel(100, 100), RED));
}

#[test]
fn a_picture_held_sideways_stands_upright() {
    let track = Track::default();
    track.set_target(1280, 720);
    let mut picture = Camera::new(VideoCodec::Vp8, 320, 180).shoot(BLUE, true);
    picture.rotation = Rotation::Deg90;
    feed(&track, picture);
    let shot = shown(&track).unwrap();
    assert_eq!((shot.frame.width(), shot.frame.height()), (180, 320));
}

#[test]
fn after_a_loss_nothing_is_shown_until_a_key_frame_and_one_is_asked_for() {
    let (track, mut camera) = (Track::default(), Camera::new(VideoCodec::Vp8, 320, 180));
    feed(&track, camera.shoot(BLUE, true));
    let before = shown(&track).unwrap().version;
    let now = Instant::now();
    assert!(!track.take_keyframe_request(now), "nothing is wanted");
    let mut lost = camera.shoot(RED, false);
    lost.contiguous = false;
    feed(&track, lost);
    feed(&track, camera.shoot(RED, false));
    assert_eq!(shown(&track).unwrap().version, before);
    assert!(track.take_keyframe_request(now));
    assert!(!track.take_keyframe_request(now), "not twice in half a second");
    feed(&track, camera.shoot(RED, true));
    assert!(near(shown(&track).unwrap().frame.pixel(9, 9), RED));
}

#[test]
fn a_full_queue_is_dropped_whole_and_a_key_frame_asked_for() {
    let (track, mut camera) = (Track::default(), Camera::new(VideoCodec::Vp8, 320, 180));
    for n in 0..12 {
        track.put(camera.shoot(BLUE, n == 0));
    }
    assert!(track.dropped() >= 8);
    track.decode_waiting();
    assert!(shown(&track).is_none());
    assert!(track.take_keyframe_request(Instant::now()));
}

#[test]
fn a_muted_camera_shows_nothing_of_the_past_nor_of_the_present() {
    let (track, mut camera) = (Track::default(), Camera::new(VideoCodec::Vp8, 320, 180));
    feed(&track, camera.shoot(BLUE, true));
    track.set_muted(true);
    assert!(shown(&track).is_none());
    feed(&track, camera.shoot(RED, true));
    assert!(shown(&track).is_none());
    track.set_muted(false);
    assert!(track.take_keyframe_request(Instant::now()), "the way back begins with a key frame");
    feed(&track, camera.shoot(RED, true));
    assert!(shown(&track).is_some());
}

#[test]
fn rubbish_leaves_the_last_picture_and_asks_for_a_key_frame() {
    let (track, mut camera) = (Track::default(), Camera::new(VideoCodec::Vp8, 320, 180));
    feed(&track, camera.shoot(BLUE, true));
    for n in 0..200u32 {
        let mut picture = camera.shoot(RED, true);
        let mut bytes = picture.data.to_vec();
        let at = (n as usize * 7919) % bytes.len();
        bytes[at] ^= (n % 255 + 1) as u8;
        bytes.truncate(bytes.len() - (n as usize % (bytes.len() / 2)));
        picture.data = bytes.into();
        feed(&track, picture);
    }
    feed(&track, camera.shoot(BLUE, true));
    assert!(near(shown(&track).unwrap().frame.pixel(9, 9), BLUE));
}

#[test]
fn of_pictures_that_wait_together_only_the_newest_is_made_ready() {
    let (track, mut camera) = (Track::default(), Camera::new(VideoCodec::Vp8, 320, 180));
    track.put(camera.shoot(BLUE, true));
    track.put(camera.shoot(RED, false));
    track.put(camera.shoot(RED, false));
    track.decode_waiting();
    let shot = shown(&track).unwrap();
    assert_eq!((track.overtaken(), shot.version), (2, 1));
    assert!(near(shot.frame.pixel(9, 9), RED), "what builds on the others is whole");
    feed(&track, camera.shoot(BLUE, false));
    assert_eq!(track.overtaken(), 2, "one that comes alone is overtaken by none");
    assert!(near(shown(&track).unwrap().frame.pixel(9, 9), BLUE));
}

#[test]
fn a_camera_the_decoders_never_catch_up_with_is_seen_still() {
    let (track, mut camera) = (Track::default(), Camera::new(VideoCodec::Vp8, 320, 180));
    for n in 0..8 {
        track.put(camera.shoot(if n < 4 { RED } else { BLUE }, n == 0));
    }
    track.decode_waiting();
    // The fourth and the last; had nothing but the last been shown, a queue that is never empty
    // would show nothing at all.
    assert_eq!((track.overtaken(), shown(&track).unwrap().version), (6, 2));
}

#[test]
fn of_thirty_pictures_a_second_twenty_ticks_show_the_newest_and_none_twice() {
    let (track, mut camera) = (Track::default(), Camera::new(VideoCodec::Vp8, 320, 180));
    let (mut arrived, mut before) = (0, 0);
    for tick in 1..=40u64 {
        // A picture a thirtieth of a second, a tick a twentieth: one or two a tick, and where there are
        // two they wait together.
        let mut is_first = false;
        while arrived * 20 < tick * 30 {
            let grey = Yuv { y: 40 + (arrived % 6) as u8 * 30, u: 128, v: 128 };
            is_first |= track.put(camera.shoot(grey, arrived == 0));
            arrived += 1;
        }
        if is_first {
            track.decode_waiting();
        }
        let shot = shown(&track).unwrap();
        assert_eq!(shot.rtp_time_90khz, arrived * 4500, "tick {tick}: the newest");
        assert!(shot.version > before, "tick {tick}: another than before");
        before = shot.version;
    }
    assert_eq!((before, track.overtaken()), (40, 20), "one made ready for each tick");
}

#[test]
fn the_picture_of_whoever_was_out_of_sight_says_nothing_of_their_sound() {
    use crate::lip_sync::Kind;
    let sync = Arc::new(LipSync::default());
    let (track, mut camera) =
        (Track::new(Some(sync.clone())), Camera::new(VideoCodec::Vp8, 320, 180));
    let (origin, now) = (process_origin(), Instant::now());
    let ms = Duration::from_millis;
    sync.report(Kind::Sound, 0, 0);
    sync.report(Kind::Picture, 0, 0);
    sync.presented(Kind::Sound, 0, now, origin);
    feed(&track, camera.shoot(BLUE, true)); // of 50 ms
    track.latest(now + ms(50), origin);
    assert_eq!(sync.delay(Kind::Sound), Duration::ZERO);
    // No cell any more, decoded on for two seconds, of which nothing is drawn.
    feed(&track, camera.shoot(RED, false));
    track.set_unseen(true);
    sync.presented(Kind::Sound, 5 * 48_000, now + ms(5_000), origin);
    track.set_unseen(false);
    track.latest(now + ms(5_000), origin);
    assert_eq!(sync.delay(Kind::Sound), Duration::ZERO);
}

#[test]
fn many_pictures_that_come_as_one_are_paid_for_as_many() {
    let track = Track::default().within(Arc::new(DecodeBudget::new(4 * 1280 * 720)));
    track.set_target(640, 360);
    let mut camera = Camera::new(VideoCodec::H264, 1280, 720);
    let first = camera.shoot(BLUE, true);
    let shots: Vec<EncodedVideo> = (0..9).map(|_| camera.shoot(RED, false)).collect();
    let data: Vec<u8> = shots.iter().flat_map(|shot| shot.data.to_vec()).collect();
    let many = EncodedVideo { data: data.into(), arrived: first.arrived, ..first.clone() };
    feed(&track, first);
    feed(&track, EncodedVideo { keyframe: false, ..many });
    assert_eq!(track.left_out(), 1);
}
