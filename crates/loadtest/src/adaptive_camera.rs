//! A camera that obeys the server's wish for fewer bits: it sends the same picture smaller, from
//! whichever of its clips the wish allows, as a browser does by scaling down.

use rotunda_client::{Client, Clip, RawPicture, VideoCodec};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval_at};

/// Pictures a second of all clips.
const FPS: u64 = 25;

/// A clip that sends nothing: it makes the client offer a camera and leaves the sending to us.
pub fn nothing() -> Arc<Clip> {
    Arc::new(Clip { codec: VideoCodec::Vp8, size: (640, 360), pictures: Vec::new() })
}

/// The same pictures in several sizes, largest first.
pub struct AdaptiveCamera {
    sizes: Vec<Arc<Clip>>,
    steps: Vec<u64>,
}

impl AdaptiveCamera {
    /// `steps[i]` is what the server must at least allow for `sizes[i]`; the last size is always
    /// allowed.
    pub fn new(sizes: Vec<Arc<Clip>>, steps: Vec<u64>) -> Self {
        Self { sizes, steps }
    }

    fn allowed(&self, asked: Option<u64>) -> usize {
        let last = self.sizes.len().saturating_sub(1);
        let Some(asked) = asked else { return 0 };
        self.steps.iter().position(|least| asked >= *least).unwrap_or(last).min(last)
    }
}

/// Sends until the leg ends. A change of size, like a wish for a key frame, begins a clip anew.
pub async fn run(client: Arc<Client>, ladder: AdaptiveCamera) {
    let origin = Instant::now();
    let mut clock = interval_at(origin.into(), Duration::from_millis(1000 / FPS));
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let (mut size, mut next, mut asks_seen) = (0, 0, 0);
    loop {
        let at = clock.tick().await.into_std();
        let (asked, asks) = client.leg().look(|f| (f.asked_now(), f.keyframe_asks));
        let wanted = ladder.allowed(asked);
        if wanted != size || asks != asks_seen {
            (size, next, asks_seen) = (wanted, 0, asks);
        }
        let Some(clip) = ladder.sizes.get(size) else { return };
        let Some(data) = clip.pictures.get(next).cloned() else { return };
        next = (next + 1) % clip.pictures.len();
        let since = at.saturating_duration_since(origin).as_micros() as u64;
        let picture = RawPicture {
            codec: clip.codec,
            data,
            rtp_90khz: since * 90 / 1000,
            captured: at,
            due: at,
        };
        if client.leg().send_picture(picture).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_allowed_size_is_sent() {
        let ladder =
            AdaptiveCamera::new(vec![nothing(), nothing(), nothing()], vec![1_400_000, 600_000]);
        let sent = [None, Some(2_000_000), Some(1_400_000), Some(800_000), Some(300_000)];
        assert_eq!(sent.map(|asked| ladder.allowed(asked)), [0, 0, 0, 1, 2]);
    }
}
