//! The picture that belongs to a song: decoded once, and shown for as long as the song plays.

use crate::fence::{Door, Programs};
use rotunda_media::{Film, Frame};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};

/// Time to get it.
const PATIENCE: Duration = Duration::from_secs(15);
/// So often it is seen whether its cell has grown and wants it anew.
const LOOK: Duration = Duration::from_millis(250);

/// A cover; gone when it is dropped, but for what is shown.
pub(crate) struct Cover(JoinHandle<()>);

impl Drop for Cover {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Cover {
    /// Shows stream `index` of what is behind `door` at this size. Without it the song is heard all
    /// the same.
    pub fn show(
        programs: Programs,
        door: Door,
        index: u64,
        (width, height): (u32, u32),
        film: Film,
    ) -> Self {
        Self(tokio::spawn(async move {
            let read = timeout(PATIENCE, pixels(&programs, &door, index, (width, height))).await;
            let frame = read.ok().flatten().and_then(|p| Frame::from_i420(width, height, &p));
            let Some(frame) = frame else { return tracing::debug!("a cover was not read") };
            let mut look = interval(LOOK);
            loop {
                look.tick().await;
                let now = Instant::now();
                if film.picture.take_keyframe_request(now) {
                    let _ = film.picture.show(frame.view(), now);
                }
            }
        }))
    }
}

async fn pixels(
    programs: &Programs,
    door: &Door,
    index: u64,
    (width, height): (u32, u32),
) -> Option<Vec<u8>> {
    let mut command = programs.ffmpeg(door, 0, 1);
    command.args(["-map", &format!("0:{index}"), "-frames:v", "1"]);
    command.args(["-vf", &crate::filters::picture((width, height), false)]);
    command.args(["-c:v", "rawvideo", "-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1"]);
    let mut child = command.spawn().ok()?;
    let mut pixels = vec![0; (width * height * 3 / 2) as usize];
    let read = child.stdout.take()?.read_exact(&mut pixels).await;
    let _ = child.start_kill();
    let _ = child.wait().await;
    read.ok().map(|_| pixels)
}
