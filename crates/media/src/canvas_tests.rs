use super::*;
use crate::canvas_desk::CanvasDesk;
use crate::decode_queue::EncodedVideo;
use crate::out::{MixPart, Out};
use crate::overload::Step;
use crate::pictures::Ask;
use crate::smaller::Tier;
use crate::tap::{AccessUnit, Tap, TapKey};
use crate::track::Track;
use crate::uplink::Wanted;
use rotunda_codec::{EncodedFrame, Rotation, VideoCodec};
use rotunda_domain::{Cell, PlannedCell, Quality, Reservation, SessionId, Shown};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use uuid::Uuid;

#[derive(Default)]
struct Sent {
    frames: Mutex<Vec<(VideoCodec, u64, bool)>>,
    smaller: Mutex<Vec<(Tier, VideoCodec, u64, EncodedFrame)>>,
    uplinks: Mutex<Vec<u64>>,
}

impl Out for Sent {
    fn picture(
        &self,
        _: SessionId,
        (codec, tier): (VideoCodec, Tier),
        ts: u64,
        frame: EncodedFrame,
    ) {
        if tier != Tier::Master {
            return self.smaller.lock().unwrap().push((tier, codec, ts, frame));
        }
        self.frames.lock().unwrap().push((codec, ts, frame.keyframe));
    }
    fn sound(&self, _: SessionId, _: Vec<MixPart>, _: u64) {}
    fn talking(&self, _: SessionId, _: MemberId, _: bool) {}
    fn keyframe_wanted(&self, _: SessionId, _: MemberId) {}
    fn uplink_wanted(&self, _: SessionId, _: MemberId, wanted: Wanted) {
        self.uplinks.lock().unwrap().push(wanted.bps);
    }
}

struct Room {
    canvas: Canvas,
    desk: Arc<CanvasDesk>,
    sent: Arc<Sent>,
    situation: Arc<Situation>,
    now: Instant,
}

fn plan(shown: Shown) -> Arc<CanvasPlan> {
    let size = Quality::P720.size();
    let cell = PlannedCell {
        reservation: Reservation::Standard(1),
        area: Cell::FULL.on(size),
        z: 0,
        shown,
        name: "Ann".into(),
    };
    Arc::new(CanvasPlan { layout: "1x1".into(), size, cells: vec![cell] })
}

fn ann() -> MemberId {
    MemberId(Uuid::from_u128(1))
}

impl Room {
    /// A second codec is encoded at once.
    fn new() -> Self {
        Self::with(Arc::new(|mut beat| {
            beat.beat(Instant::now());
        }))
    }

    fn with(elsewhere: Elsewhere) -> Self {
        let spec = CanvasSpec {
            quality: Quality::P720,
            fps: 20,
            audio_video_sync: false,
            name_banners: None,
        };
        let desk = Arc::new(CanvasDesk::default());
        let sent = Arc::new(Sent::default());
        let now = Instant::now();
        let session = SessionId(Uuid::from_u128(9));
        let options = GraphOptions::default();
        let situation = Arc::new(Situation::default());
        let delivery = Delivery { session, out: sent.clone(), desk: desk.clone() };
        let canvas = Canvas::new(spec, options, delivery, elsewhere, situation.clone(), now);
        desk.tell(|news| news.plan = Some(plan(Shown::Nothing)));
        Self { canvas, desk, sent, situation, now }
    }

    fn ask(&self, codec: VideoCodec, ask: Ask) {
        self.desk.tell(|news| news.asked.push((codec, ask)));
    }

    fn want(&self, codec: VideoCodec, wanted: bool) {
        self.ask(codec, Ask::Want(Tier::Master, wanted));
    }

    /// Runs `ticks` ticks, each exactly when it is due; answers what was sent meanwhile.
    fn run(&mut self, ticks: usize) -> Vec<(VideoCodec, u64, bool)> {
        for _ in 0..ticks {
            self.now = self.canvas.beat(self.now).unwrap();
        }
        std::mem::take(&mut self.sent.frames.lock().unwrap())
    }
}

#[test]
fn a_still_canvas_goes_out_once_a_second_and_wakes_within_a_tick() {
    let mut room = Room::new();
    room.want(VideoCodec::H264, true);
    assert_eq!(room.run(1).len(), 1, "the first frame at once");
    assert_eq!(room.run(60).len(), 3, "then one a second");
    room.desk.tell(|news| news.plan = Some(plan(Shown::MuteImage(ann()))));
    assert_eq!(room.run(1).len(), 1);
}

#[test]
fn nothing_is_encoded_for_nobody_and_each_codec_only_while_wanted() {
    let mut room = Room::new();
    assert!(room.run(40).is_empty());
    room.want(VideoCodec::Vp8, true);
    assert_eq!(room.run(1), [(VideoCodec::Vp8, 40 * 4500, true)]);
    room.want(VideoCodec::H264, true);
    assert!(room.run(1).contains(&(VideoCodec::H264, 41 * 4500, true)));
    room.want(VideoCodec::Vp8, false);
    assert!(room.run(60).iter().all(|(codec, ..)| *codec == VideoCodec::H264));
}

#[test]
fn a_wanted_key_frame_comes_with_the_next_tick_even_when_nothing_moves() {
    let mut room = Room::new();
    room.want(VideoCodec::H264, true);
    room.run(5);
    room.ask(VideoCodec::H264, Ask::Keyframe(Tier::Master));
    assert_eq!(room.run(1), [(VideoCodec::H264, 5 * 4500, true)]);
}

#[test]
fn late_ticks_are_skipped_and_the_clock_goes_on() {
    let mut room = Room::new();
    room.want(VideoCodec::H264, true);
    room.run(2);
    room.now += Duration::from_millis(320);
    room.desk.tell(|news| news.plan = Some(plan(Shown::MuteImage(ann()))));
    let sent = room.run(1);
    assert_eq!(sent, [(VideoCodec::H264, 8 * 4500, false)], "six ticks left out, none made up");
    assert_eq!(room.desk.ticks_skipped.load(Ordering::Relaxed), 6);
}

#[test]
fn a_sender_is_asked_for_what_its_cell_shows_and_for_little_when_it_has_none() {
    let mut room = Room::new();
    let track = Arc::new(Track::default());
    room.desk.tell(|news| {
        news.tracks.push((ann(), Some(track)));
        news.plan = Some(plan(Shown::Camera(ann())));
    });
    room.run(1);
    room.desk.tell(|news| news.plan = Some(plan(Shown::Nothing)));
    room.run(60);
    let asked = room.sent.uplinks.lock().unwrap().clone();
    assert_eq!(asked.len(), 2);
    assert!(asked[0] >= 2_000_000 && asked[1] <= 200_000, "{asked:?}");
}

#[derive(Default)]
struct Taken {
    units: Mutex<Vec<Arc<AccessUnit>>>,
    lost_one: AtomicBool,
}

impl Tap for Taken {
    fn picture(&self, unit: &Arc<AccessUnit>) -> bool {
        self.units.lock().unwrap().push(unit.clone());
        self.lost_one.swap(false, Ordering::Relaxed)
    }
    fn sound(&self, _: &Arc<crate::tap::WholeMix>) {}
}

impl Room {
    fn tap(&self, every: Duration) -> Arc<Taken> {
        self.tap_as(1, every)
    }

    fn tap_as(&self, key: u64, every: Duration) -> Arc<Taken> {
        let taken = Arc::new(Taken::default());
        let tap: Arc<dyn Tap> = taken.clone();
        self.desk.tell(|news| news.taps.push((TapKey(key), Some((tap, every)))));
        taken
    }

    fn keys(taken: &Taken) -> Vec<u64> {
        let units = taken.units.lock().unwrap();
        units.iter().filter(|unit| unit.keyframe).map(|unit| unit.ts_90khz).collect()
    }
}

#[test]
fn a_tap_alone_has_the_canvas_encoded_and_nobody_else_is_sent_it() {
    let mut room = Room::new();
    let taken = room.tap(Duration::from_secs(2));
    assert!(room.run(81).is_empty(), "no member receives");
    assert_eq!(Room::keys(&taken), [0, 180_000, 360_000], "a key frame at once, then every 2 s");
    let first = taken.units.lock().unwrap()[0].clone();
    assert_eq!((first.width, first.height), (1280, 720));
    assert!(first.data.starts_with(&[0, 0, 0, 1, 0x67]), "parameter sets come first");
    room.desk.tell(|news| news.taps.push((TapKey(1), None)));
    room.run(60);
    assert_eq!(Room::keys(&taken).len(), 3, "nothing after the end");
}

#[test]
fn a_tap_gets_what_members_get_and_a_key_frame_when_it_lost_some() {
    let mut room = Room::new();
    room.want(VideoCodec::H264, true);
    room.run(10);
    let taken = room.tap(Duration::from_secs(10));
    room.run(3);
    taken.lost_one.store(true, Ordering::Relaxed);
    let sent = room.run(40);
    let taken: Vec<_> = taken.units.lock().unwrap()[1..].iter().map(|u| u.ts_90khz).collect();
    let sent: Vec<_> = sent.iter().map(|(_, ts, _)| *ts).collect();
    assert_eq!(taken, sent);
    assert_eq!(sent[..2], [20 * 4500, 21 * 4500], "the canvas stands still, but somebody taps it");
}

#[test]
fn all_taps_of_a_room_that_receives_vp8_share_one_more_encode() {
    let mut room = Room::new();
    room.want(VideoCodec::Vp8, true);
    room.run(20);
    let alone = room.desk.frames_encoded.load(Ordering::Relaxed);
    let taken: Vec<_> = (1..=3).map(|key| room.tap_as(key, Duration::from_secs(60))).collect();
    let sent = room.run(200).len() as u64;
    let both = room.desk.frames_encoded.load(Ordering::Relaxed) - alone;
    let units: Vec<_> = taken.iter().map(|tap| tap.units.lock().unwrap().len() as u64).collect();
    assert_eq!(units, [units[0]; 3]);
    assert!(units[0] > 10 && sent > 5);
    assert_eq!(both, sent + units[0], "VP8 for members, H.264 once for all taps");
}

#[test]
fn a_closed_canvas_ends() {
    let mut room = Room::new();
    room.desk.close();
    assert!(room.canvas.beat(room.now).is_none());
}

#[test]
fn a_look_is_the_next_picture_scaled_down_and_has_nothing_encoded() {
    let mut room = Room::new();
    room.run(1);
    room.desk.tell(|news| news.plan = Some(plan(Shown::MuteImage(ann()))));
    let (give, given) = std::sync::mpsc::channel();
    let take = move |copy| give.send(copy).unwrap();
    room.desk.tell(|news| news.looks.push(Snapshot::new(320, Box::new(take))));
    assert!(room.run(1).is_empty(), "nobody receives");
    let copy: rotunda_codec::Frame = given.recv().unwrap();
    assert_eq!((copy.width(), copy.height()), (320, 180));
    let canvas = room.canvas.painter.canvas();
    for (x, y) in [(0, 0), (80, 45), (300, 170)] {
        let (small, large) = (copy.pixel(x, y), canvas.pixel(4 * x + 2, 4 * y + 2));
        assert!(small.y.abs_diff(large.y) < 12, "{small:?} of {large:?} at {x},{y}");
    }
    room.run(1);
    assert!(given.recv().is_err(), "one look is one copy");
}

impl Room {
    /// How many pictures go out in a second in which something changes at every tick.
    fn frames_a_second(&mut self) -> usize {
        let mut sent = 0;
        for tick in 0..20 {
            let shown = if tick % 2 == 0 { Shown::Nothing } else { Shown::MuteImage(ann()) };
            self.desk.tell(|news| news.plan = Some(plan(shown)));
            sent += self.run(1).len();
        }
        sent
    }
}

#[test]
fn an_overloaded_machine_sends_fifteen_frames_a_second_and_at_last_one() {
    let mut room = Room::new();
    room.want(VideoCodec::H264, true);
    assert_eq!(room.frames_a_second(), 20);
    room.situation.set(Step::FewerFrames);
    assert_eq!(room.frames_a_second(), 15);
    room.situation.set(Step::SoundOnly);
    assert_eq!(room.frames_a_second(), 1);
    room.situation.set(Step::Full);
    assert_eq!(room.frames_a_second(), 20);
}

#[test]
fn an_overloaded_machine_asks_for_half_the_height_and_at_last_decodes_no_camera() {
    let mut room = Room::new();
    let track = Arc::new(Track::default());
    let picture = rotunda_codec::Frame::new(64, 48);
    track.show(picture.view(), room.now).unwrap();
    assert!(track.latest(room.now, room.now).is_some());
    room.desk.tell(|news| {
        news.tracks.push((ann(), Some(track.clone())));
        news.plan = Some(plan(Shown::Camera(ann())));
    });
    room.run(60);
    room.sent.uplinks.lock().unwrap().clear();
    room.situation.set(Step::SmallerUplinks);
    room.run(60);
    assert_eq!(*room.sent.uplinks.lock().unwrap(), [800_000], "as of a cell of 360");
    room.situation.set(Step::FrozenCells);
    room.run(60);
    assert!(track.put(picture_of(&room)), "the largest go on");
    track.decode_waiting();
    room.situation.set(Step::SoundOnly);
    room.run(60);
    assert!(!track.put(picture_of(&room)), "dropped unread");
    assert!(track.latest(room.now, room.now).is_some(), "and the last one stays");
    room.situation.set(Step::Full);
    room.run(1);
    assert!(track.put(picture_of(&room)));
}

/// A key frame that comes now.
fn picture_of(room: &Room) -> EncodedVideo {
    EncodedVideo {
        codec: VideoCodec::Vp8,
        data: Arc::from([0u8; 10].as_slice()),
        keyframe: true,
        contiguous: true,
        rotation: Rotation::Deg0,
        rtp_time_90khz: 0,
        arrived: room.now,
    }
}

#[test]
fn a_track_that_comes_into_a_cell_that_is_there_is_reduced_to_it_from_its_first_picture_on() {
    let mut room = Room::new();
    room.desk.tell(|news| news.plan = Some(plan(Shown::Camera(ann()))));
    room.run(1);
    let track = Arc::new(Track::camera(None));
    room.desk.tell(|news| news.tracks.push((ann(), Some(track.clone()))));
    room.run(1);
    assert_eq!(track.target(), (1280, 720));
}
