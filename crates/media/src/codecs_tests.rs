use super::*;
use crate::canvas_desk::CanvasDesk;
use crate::out::{MixPart, Out};
use crate::ticker::Beat;
use crate::uplink::Wanted;
use VideoCodec::{H264, Vp8};
use rotunda_codec::{EncodedFrame, Speed, VideoDecoder, Yuv};
use rotunda_domain::{MemberId, SessionId};
use std::sync::Mutex;
use uuid::Uuid;

const TICK: Duration = Duration::from_millis(50);

#[derive(Default)]
struct Sent(Mutex<Vec<(VideoCodec, u64, EncodedFrame)>>);

impl Out for Sent {
    fn picture(&self, _: SessionId, (codec, _): (VideoCodec, Tier), ts: u64, frame: EncodedFrame) {
        self.0.lock().unwrap().push((codec, ts, frame));
    }
    fn sound(&self, _: SessionId, _: Vec<MixPart>, _: u64) {}
    fn talking(&self, _: SessionId, _: MemberId, _: bool) {}
    fn keyframe_wanted(&self, _: SessionId, _: MemberId) {}
    fn uplink_wanted(&self, _: SessionId, _: MemberId, _: Wanted) {}
}

/// A canvas in two codecs whose second waits in `lent` for a thread.
struct Two {
    codecs: Codecs,
    sent: Arc<Sent>,
    lent: Arc<Mutex<Vec<Box<dyn Beat>>>>,
    canvas: Frame,
    start: Instant,
    tick: u32,
}

impl Two {
    fn new() -> Self {
        let (sent, lent) = (Arc::new(Sent::default()), Arc::new(Mutex::new(Vec::new())));
        let waits: Arc<Mutex<Vec<Box<dyn Beat>>>> = lent.clone();
        let delivery = Delivery {
            session: SessionId(Uuid::from_u128(9)),
            out: sent.clone(),
            desk: Arc::new(CanvasDesk::default()),
        };
        let speed = Speed::Normal;
        let settings =
            EncoderSettings { width: 64, height: 48, fps: 20, bitrate_bps: 300_000, speed };
        let elsewhere: Elsewhere = Arc::new(move |beat| waits.lock().unwrap().push(beat));
        let second = Duration::from_secs(1);
        let mut codecs = Codecs::new(settings, second, delivery, elsewhere);
        let start = Instant::now();
        for codec in VideoCodec::ALL {
            codecs.ask(codec, Ask::Want(Tier::Master, true), start);
        }
        Self { codecs, sent, lent, canvas: Frame::new(64, 48), start, tick: 0 }
    }

    fn moment(&self, tick: u32) -> Moment {
        Moment {
            ts_90khz: u64::from(tick) * 4500,
            now: self.start + TICK * tick,
            late: Duration::ZERO,
            began: Instant::now(),
            is_hurried: false,
        }
    }

    /// One tick on which the canvas is filled with `grey`; answers what went out.
    fn tick(&mut self, grey: u8) -> Vec<(VideoCodec, u32, bool)> {
        self.canvas.fill(Yuv { y: grey, u: 128, v: 128 });
        let moment = self.moment(self.tick);
        self.codecs.send(&self.canvas, true, moment, false);
        self.tick += 1;
        self.sent()
    }

    fn sent(&self) -> Vec<(VideoCodec, u32, bool)> {
        let sent = self.sent.0.lock().unwrap();
        sent.iter().map(|(codec, ts, f)| (*codec, (*ts / 4500) as u32, f.keyframe)).collect()
    }

    /// A thread is free for what was lent.
    fn work(&self) {
        let lent = std::mem::take(&mut *self.lent.lock().unwrap());
        lent.into_iter().for_each(|mut beat| assert!(beat.beat(Instant::now()).is_none()));
    }

    fn forget(&self) {
        self.sent.0.lock().unwrap().clear();
    }
}

#[test]
fn the_second_codec_does_not_hold_up_the_first_and_is_not_drawn_over() {
    let mut two = Two::new();
    assert_eq!(two.tick(60), [(H264, 0, true)]);
    assert_eq!(two.tick(200), [(H264, 0, true), (H264, 1, false)]);
    assert_eq!(two.lent.lock().unwrap().len(), 1, "one at a time");
    two.forget();
    two.work();
    assert_eq!(two.sent(), [(Vp8, 0, true)]);
    let data = two.sent.0.lock().unwrap()[0].2.data.clone();
    let mut decoder = VideoDecoder::new(Vp8).unwrap();
    let seen = decoder.decode(&data).unwrap().unwrap().pixel(30, 20).y;
    assert!(seen.abs_diff(60) < 4, "the canvas as it was, {seen}");
}

#[test]
fn a_picture_left_out_while_the_one_before_was_encoded_goes_out_with_the_next_tick() {
    let mut two = Two::new();
    two.tick(60);
    two.tick(100);
    two.work();
    two.forget();
    let moment = two.moment(2);
    two.codecs.send(&two.canvas, false, moment, false);
    two.work();
    assert_eq!(two.sent(), [(Vp8, 2, false)], "nothing changed, and this one had not been sent");
    assert_eq!(two.codecs.delivery.desk.ticks_skipped.load(Ordering::Relaxed), 1);
    let moment = two.moment(3);
    two.codecs.send(&two.canvas, false, moment, false);
    two.work();
    assert_eq!(two.sent().len(), 1);
}

#[test]
fn what_is_asked_of_lent_pictures_counts_when_they_are_back() {
    let mut two = Two::new();
    two.tick(60);
    two.work();
    two.tick(80);
    two.codecs.ask(Vp8, Ask::Keyframe(Tier::Master), two.start);
    two.forget();
    two.work();
    assert_eq!(two.sent(), [(Vp8, 1, false)]);
    two.tick(90);
    two.work();
    assert!(two.sent().contains(&(Vp8, 2, true)));
    two.tick(100);
    two.codecs.ask(Vp8, Ask::Want(Tier::Master, false), two.start);
    two.work();
    two.forget();
    assert_eq!(two.tick(110), [(H264, 4, false)]);
    assert!(two.lent.lock().unwrap().is_empty());
}

#[test]
fn an_encoder_that_panicked_elsewhere_begins_anew_with_a_key_frame() {
    let mut two = Two::new();
    two.tick(60);
    two.work();
    two.tick(80);
    two.lent.lock().unwrap().clear();
    two.tick(100);
    two.forget();
    two.work();
    assert_eq!(two.sent(), [(Vp8, 2, true)]);
}

#[test]
fn the_only_codec_is_encoded_where_the_canvas_is_drawn() {
    let mut two = Two::new();
    two.codecs.ask(H264, Ask::Want(Tier::Master, false), two.start);
    assert_eq!(two.tick(60), [(Vp8, 0, true)]);
    assert!(two.lent.lock().unwrap().is_empty());
}

#[test]
fn on_an_overloaded_machine_the_second_codec_has_a_picture_a_second_and_the_first_all() {
    let mut two = Two::new();
    for n in 0..60 {
        let moment = two.moment(n);
        two.codecs.send(&two.canvas, true, moment, true);
        two.work();
    }
    let of = |codec| two.sent().into_iter().filter(|sent| sent.0 == codec).count();
    assert_eq!((of(H264), of(Vp8)), (60, 3));
}

#[test]
fn the_copy_for_the_second_codec_is_given_back_when_nobody_takes_it_any_more() {
    let mut two = Two::new();
    two.tick(60);
    two.work();
    two.codecs.ask(Vp8, Ask::Want(Tier::Master, false), two.start);
    assert!(two.codecs.sides[Vp8.index()].lender.pictures(two.start).is_some(), "it is back");
    assert!(two.codecs.sides[Vp8.index()].lender.holds_copy());
    two.tick(61);
    assert!(!two.codecs.sides[Vp8.index()].lender.holds_copy());
}
