//! Real children, fed faster than life.

use super::*;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

#[derive(Clone, Default)]
struct Heard {
    frames: Arc<Mutex<Vec<Arc<AacFrame>>>>,
    replaced: Arc<Mutex<Vec<String>>>,
    more: Arc<tokio::sync::Notify>,
}

impl Heard {
    fn until(&self) -> u64 {
        self.frames.lock().unwrap().last().map_or(0, |frame| frame.at_48khz + 1024)
    }
}

impl AacEvents for Heard {
    fn frame(&self, frame: Arc<AacFrame>) {
        self.frames.lock().unwrap().push(frame);
        self.more.notify_one();
    }
    fn replaced(&self, why: &str) {
        self.replaced.lock().unwrap().push(why.into());
    }
}

/// Places of all frames that come of `seconds` of sound from sample 9600 on, and why children were
/// replaced.
async fn frames_of(ffmpeg: Ffmpeg, seconds: u64) -> (Vec<u64>, Vec<String>) {
    let heard = Heard::default();
    let (sender, receiver) = mpsc::channel(64);
    let work = tokio::spawn(encode(ffmpeg, receiver, heard.clone()));
    // Sound is given in gulps, and an encoder gives a frame when it has seen the next.
    for n in 10..25 + seconds * 50 {
        let sample = |i| ((n * 960 + i) as f32 * 0.06).sin() * 9000.0;
        let samples = std::array::from_fn(|i| sample(i as u64) as i16);
        let sent = sender.send(Arc::new(WholeMix { ts_48khz: n * 960, samples })).await;
        assert!(sent.is_ok());
        tokio::task::yield_now().await;
    }
    let all = async {
        while heard.until() < 9600 + seconds * 48_000 {
            heard.more.notified().await;
        }
    };
    timeout(Duration::from_secs(60), all).await.expect("all that was said");
    drop(sender);
    timeout(Duration::from_secs(60), work).await.unwrap().unwrap();
    let places = heard.frames.lock().unwrap().iter().map(|frame| frame.at_48khz).collect();
    (places, heard.replaced.lock().unwrap().clone())
}

fn is_whole(places: &[u64], seconds: u64) {
    assert_eq!(places[0], 9600);
    assert!(places.windows(2).all(|pair| pair[1] == pair[0] + 1024), "{places:?}");
    assert!(places[places.len() - 1] + 1024 >= 9600 + seconds * 48_000);
}

#[tokio::test]
async fn sound_becomes_frames_in_their_places() {
    let (places, replaced) = frames_of(Ffmpeg::plain(), 4).await;
    is_whole(&places, 4);
    assert_eq!(replaced, Vec::<String>::new());
}

/// A program that behaves as `first` says once, and then like the real one.
fn odd_once(first: &str) -> (Ffmpeg, PathBuf) {
    let folder = std::env::temp_dir().join(format!("rotunda-aac-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let program = folder.join("ffmpeg");
    let script = format!(
        "#!/bin/sh\nif /bin/mkdir {0}/once 2>/dev/null; then\n{first}\nfi\nexec /usr/bin/ffmpeg \"$@\"\n",
        folder.display()
    );
    // Written by a process of its own: a file that we hold open cannot be executed, nor can one that
    // a child of another test, just forked, still holds.
    let write = ["-c", "printf %s \"$1\" >\"$0\" && chmod 755 \"$0\"", program.to_str().unwrap()];
    assert!(Command::new("/bin/sh").args(write).arg(script).status().unwrap().success());
    (Ffmpeg::find(program.to_str().unwrap(), None).unwrap(), folder)
}

#[tokio::test]
async fn a_child_that_dies_or_writes_nonsense_or_hangs_is_replaced_and_nothing_is_missing() {
    let dies = "/usr/bin/head -c 100000 | /usr/bin/ffmpeg \"$@\"; kill -9 $$";
    for first in [dies, "echo nonsense from the child; exec sleep 60", "exec sleep 60"] {
        let (ffmpeg, folder) = odd_once(first);
        let (places, replaced) = frames_of(ffmpeg, 4).await;
        is_whole(&places, 4);
        assert_eq!(replaced.len(), 1, "{first}: {replaced:?}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
