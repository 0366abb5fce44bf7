//! Files from the tap to the disk, judged by FFmpeg; sessions run faster than life.

use super::*;
use crate::ffmpeg::Ffmpeg;
use crate::session_tap::SessionTap;
use rotunda_codec::{EncoderSettings, Frame, Speed, VideoCodec, VideoEncoder};
use rotunda_media::{AccessUnit, Tap, WholeMix};
use std::process::Command;

/// A session of 20 pictures a second whose clock the test moves.
struct Session {
    tap: Arc<SessionTap>,
    encoder: VideoEncoder,
    tick: u64,
}

impl Session {
    fn new() -> Self {
        let ffmpeg = Ffmpeg::plain();
        let settings = EncoderSettings {
            width: 320,
            height: 180,
            fps: 20,
            bitrate_bps: 300_000,
            speed: Speed::Normal,
        };
        let encoder = VideoEncoder::new(VideoCodec::H264, settings).unwrap();
        Self { tap: SessionTap::start(ffmpeg, Box::new(|_| ())), encoder, tick: 100 }
    }

    /// `ticks` pictures and their sound; waits after each for whoever works on them.
    async fn run(&mut self, ticks: u64) {
        for _ in 0..ticks {
            let mut frame = Frame::new(320, 180);
            frame.as_i420_mut().fill((self.tick * 7) as u8);
            let ts_90khz = self.tick * 4500;
            let is_key = self.tick.is_multiple_of(20);
            let frame = self.encoder.encode(&frame, is_key, ts_90khz).unwrap();
            let (keyframe, data) = (frame.keyframe, frame.data);
            let unit = AccessUnit { ts_90khz, keyframe, width: 320, height: 180, data };
            self.tap.picture(&Arc::new(unit));
            let sounds = self.tick * 5 / 2..(self.tick + 1) * 5 / 2;
            for n in sounds {
                let mix = WholeMix { ts_48khz: n * 960, samples: [(n % 50) as i16 * 100; 960] };
                self.tap.sound(&Arc::new(mix));
            }
            self.tick += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn path() -> PathBuf {
    std::env::temp_dir().join(format!("rotunda-record-{}.mp4", uuid::Uuid::new_v4()))
}

/// What a strict decoder complains of, and how long each track is.
fn judged(path: &std::path::Path) -> (String, Vec<f64>) {
    let strict = ["-v", "error", "-xerror", "-err_detect", "explode", "-i"];
    let done = Command::new("ffmpeg").args(strict).arg(path).args(["-f", "null", "-"]).output();
    let complaints = String::from_utf8(done.unwrap().stderr).unwrap();
    let ends = |stream: &str| {
        let args = ["-v", "error", "-select_streams", stream, "-show_entries"];
        let done = Command::new("ffprobe")
            .args(args)
            .args(["packet=pts_time,duration_time", "-of", "csv=p=0"])
            .arg(path)
            .output();
        let text = String::from_utf8(done.unwrap().stdout).unwrap();
        let last = text.lines().last().unwrap_or("0,0").to_owned();
        last.split(',').filter_map(|part| part.parse::<f64>().ok()).sum()
    };
    (complaints, vec![ends("v"), ends("a")])
}

#[tokio::test]
async fn a_recording_is_a_whole_film_without_its_pauses() {
    let (path, queue) = (path(), Arc::new(OutputQueue::default()));
    let mut session = Session::new();
    session.tap.add(1, queue.clone());
    let recorder = tokio::spawn(record(path.clone(), queue.clone()));
    session.run(60).await;
    queue.order(Order::Pause, session.tap.now_90khz());
    session.run(40).await;
    queue.order(Order::Resume, session.tap.now_90khz());
    session.run(60).await;
    queue.order(Order::Stop, session.tap.now_90khz());
    // A session goes on after a recording of it; the last sound is encoded with what follows.
    session.run(5).await;
    let closed = recorder.await.unwrap();
    assert_eq!((closed.error, closed.lost), (None, 0));
    assert_eq!(closed.bytes, std::fs::metadata(&path).unwrap().len());
    let (complaints, ends) = judged(&path);
    assert_eq!(complaints, "");
    let plays = closed.duration.as_secs_f64();
    assert!((5.9..6.1).contains(&plays), "{plays}");
    assert!(ends.iter().all(|end| (end - plays).abs() < 0.05), "{ends:?} of {plays}");
    assert_eq!(crate::scan(&path).unwrap().bytes, closed.bytes);
    let bytes = Ffmpeg::plain().make_seekable(&path).await.unwrap();
    let found = crate::scan(&path).unwrap();
    assert_eq!((found.bytes, found.is_seekable), (bytes, true));
    assert_eq!(judged(&path).0, "");
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn the_coded_pictures_are_copied_byte_for_byte() {
    let (path, queue, seen) =
        (path(), Arc::new(OutputQueue::default()), Arc::new(OutputQueue::default()));
    let mut session = Session::new();
    session.tap.add(1, queue.clone());
    session.tap.add(2, seen.clone());
    let recorder = tokio::spawn(record(path.clone(), queue.clone()));
    session.run(40).await;
    queue.order(Order::Stop, session.tap.now_90khz());
    recorder.await.unwrap();
    let out = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&path)
        .args(["-map", "0:v", "-c", "copy", "-f", "data", "-"])
        .output();
    let mut expected = Vec::new();
    for _ in 0..40 {
        loop {
            if let Part::Picture(unit) = seen.next().await {
                avcc::with_lengths(&unit.data, &mut expected);
                break;
            }
        }
    }
    assert!(out.unwrap().stdout == expected, "the bytes differ");
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_ends_the_recording_in_words() {
    let queue = Arc::new(OutputQueue::default());
    let closed = record("/dev/null/rotunda/file.mp4".into(), queue).await;
    assert_eq!((closed.bytes, closed.duration), (0, Duration::ZERO));
    assert!(closed.error.unwrap().contains("Not a directory"));
}
