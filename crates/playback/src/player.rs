//! One playback from its beginning to its end: opens the source, keeps a child that decodes it, and
//! hands on what the child writes when it is due.

use crate::fence::{Door, Programs};
use crate::matroska::{Block, Reader};
use crate::pace::{LEAD, Pace};
use crate::playbacks::Tell;
use crate::probe::{self, Facts};
use crate::proxy::Proxy;
use rotunda_domain::{PlaybackFault, PlaybackNews};
use rotunda_media::{Film, Frame, SAMPLES};
use rotunda_reach::Relay;
use rotunda_reach::{FetchError, Fetcher};
use rotunda_reach::{SourceUrl, UrlRefused};
use std::time::{Duration, Instant};
use tokio::io::BufReader;
use tokio::process::Child;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// Blocks that wait between child and clock: a picture is up to 3 MB. When they are full the child
/// waits, and through it the source.
const AHEAD: usize = 4;
/// A child that writes nothing for so long is replaced.
const SILENCE: Duration = Duration::from_secs(8);
/// A source that held something up for so long is said to wait.
const WAITS: Duration = Duration::from_millis(500);
/// How long a source that broke off is waited for.
const RETURN: Duration = Duration::from_secs(30);
/// Between two tries: at first and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(4));
/// So close to its end a film is taken to be over.
const END: Duration = Duration::from_secs(2);
/// Sound that is off by more than this from where it should go on begins anew there.
const GAP: Duration = Duration::from_millis(40);
const FRAME: Duration = Duration::from_millis(20);

/// What a playback is to do; the latest wish counts, so that a thousand cost no more than one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wish {
    pub paused: bool,
    /// How often it was sought, and where to last.
    pub sought: u64,
    pub to_ms: u64,
}

/// How a child's turn ended.
enum Turn {
    /// Go on at another place.
    Sought,
    /// The child wrote all there is.
    Ended,
    /// The child died, or fell silent.
    Broken,
    /// A live source was paused; what comes next is what is on now.
    Live,
    /// Nobody wants it any more.
    Unwanted,
}

pub(crate) struct Player {
    pub programs: Programs,
    pub fetcher: Fetcher,
    pub source: SourceUrl,
    pub film: Film,
    pub wish: watch::Receiver<Wish>,
    pub tell: Tell,
}

/// The way to the source, for as long as it is held.
enum Way {
    Web(Proxy),
    Rtmp(Relay),
}

impl Way {
    fn door(&self) -> Door {
        match self {
            Self::Web(proxy) => Door::Web { url: proxy.url(), proxy: proxy.as_proxy() },
            Self::Rtmp(relay) => Door::Rtmp { url: relay.url(), tc_url: relay.tc_url() },
        }
    }

    fn is_seekable(&self) -> bool {
        matches!(self, Self::Web(proxy) if proxy.seen().is_seekable())
    }

    fn fault(&self, otherwise: PlaybackFault) -> PlaybackFault {
        match self {
            Self::Web(proxy) if proxy.seen().was_unsafe() => PlaybackFault::Unsafe,
            Self::Web(proxy) => proxy.seen().fault().map_or(otherwise, fault_of),
            Self::Rtmp(_) => otherwise,
        }
    }
}

fn fault_of(error: FetchError) -> PlaybackFault {
    match error {
        FetchError::Address | FetchError::Url(UrlRefused::Unsafe) => PlaybackFault::Unsafe,
        _ => PlaybackFault::Unreachable,
    }
}

/// What is known of a source that was opened.
struct Opened {
    way: Way,
    facts: Facts,
    is_live: bool,
    /// Width and height at which pictures come.
    size: Option<(u32, u32)>,
}

impl Player {
    /// Plays from `from_ms` on, until the end of the film or of the player; answers why it ended.
    pub async fn play(mut self, from_ms: u64) -> Option<PlaybackFault> {
        let mut opened = match self.open().await {
            Ok(opened) => opened,
            Err(fault) => return Some(fault),
        };
        let duration_ms = opened.facts.duration.map(|d| d.as_millis() as u64);
        let seekable = duration_ms.is_some() && opened.way.is_seekable();
        (self.tell)(PlaybackNews::Opened { seekable, duration_ms });
        let mut sought = 0;
        let mut at = Duration::from_millis(if seekable { from_ms } else { 0 });
        let (mut lost_at, mut backoff) = (None, BACKOFF.0);
        loop {
            let wish = *self.wish.borrow_and_update();
            if wish.sought != sought {
                (sought, at) = (wish.sought, Duration::from_millis(wish.to_ms));
            }
            let mut played = Played::from(at, opened.is_live);
            let turn = self.turn(&opened, sought, &mut played).await;
            at = played.at;
            if played.ran() > Duration::from_secs(1) {
                (lost_at, backoff) = (None, BACKOFF.0);
            }
            match turn {
                Turn::Unwanted => return None,
                Turn::Sought => continue,
                Turn::Live => {}
                Turn::Ended if self.is_over(&opened, at) => return None,
                Turn::Ended | Turn::Broken => {
                    let since = *lost_at.get_or_insert_with(Instant::now);
                    tracing::debug!(at_ms = at.as_millis(), ran = ?played.ran(), "a source broke off");
                    if !(opened.is_live || seekable) || since.elapsed() > RETURN {
                        return Some(opened.way.fault(PlaybackFault::Lost));
                    }
                    (self.tell)(PlaybackNews::Waits(at.as_millis() as u64));
                    let sought_anew = self.wish.wait_for(|wish| wish.sought != sought);
                    if matches!(timeout(backoff, sought_anew).await, Ok(Err(_))) {
                        return None;
                    }
                    backoff = (backoff * 2).min(BACKOFF.1);
                }
            }
            if let Way::Rtmp(_) = opened.way
                && let Ok(way) = self.way().await
            {
                opened.way = way;
            }
        }
    }

    fn is_over(&self, opened: &Opened, at: Duration) -> bool {
        opened.facts.duration.map_or(!opened.is_live, |duration| at + END >= duration)
    }

    async fn way(&self) -> Result<Way, PlaybackFault> {
        self.source.check(self.fetcher.rules()).map_err(|_| PlaybackFault::Unsafe)?;
        if self.source.is_rtmp() {
            let relay = Relay::start(&self.fetcher, self.source.clone()).await;
            return relay.map(Way::Rtmp).map_err(fault_of);
        }
        let proxy = Proxy::start(self.fetcher.clone(), self.source.clone()).await;
        proxy.map(Way::Web).map_err(|_| PlaybackFault::Unreachable)
    }

    async fn open(&self) -> Result<Opened, PlaybackFault> {
        let way = self.way().await?;
        let facts = probe::probe(&self.programs, &way.door()).await;
        let facts = facts.ok_or_else(|| way.fault(PlaybackFault::Unreadable))?;
        let is_playlist = matches!(&way, Way::Web(proxy) if proxy.seen().is_playlist());
        let is_live = facts.duration.is_none() && (self.source.is_rtmp() || is_playlist);
        let size = facts.picture.map(|picture| fit(picture, self.film.canvas));
        // RTMP goes through a door of one use.
        let way = if self.source.is_rtmp() { self.way().await? } else { way };
        Ok(Opened { way, facts, is_live, size })
    }

    /// A child that writes from `from` on.
    fn child(&self, opened: &Opened, from: Duration) -> std::io::Result<Child> {
        let door = opened.way.door();
        // A live source has one place only, and a server that is asked for another may say nothing.
        let from = if opened.is_live { Duration::ZERO } else { from };
        let mut command = self.programs.ffmpeg(&door, from.as_millis() as u64);
        command.arg("-i").arg(door.url());
        if let Some((width, height)) = opened.size {
            // Canvases are BT.601; not more pictures than the canvas shows; one size, whatever comes.
            let filter = format!(
                "select='isnan(prev_selected_t)+gte(t-prev_selected_t,0.9/{fps})',\
                 scale={width}:{height}:force_original_aspect_ratio=decrease:flags=bilinear\
                 :out_color_matrix=bt601:out_range=tv,pad={width}:{height}:-1:-1,setsar=1",
                fps = self.film.fps
            );
            command.args(["-map", "0:v:0", "-vf", &filter, "-vsync", "vfr"]);
            command.args(["-c:v", "rawvideo", "-pix_fmt", "yuv420p"]);
        }
        if opened.facts.has_sound {
            command.args(["-map", "0:a:0", "-c:a", "pcm_s16le", "-ac", "1", "-ar", "48000"]);
        }
        command.args(["-map_metadata", "-1", "-map_chapters", "-1"]);
        command.args(["-max_interleave_delta", "500000", "-flush_packets", "1"]);
        command.args(["-f", "matroska", "-allow_raw_vfw", "1", "-live", "1"]);
        command.args(["-cluster_size_limit", "1", "pipe:1"]).spawn()
    }

    /// One child, until it ends or another is needed.
    async fn turn(&mut self, opened: &Opened, sought: u64, played: &mut Played) -> Turn {
        let Ok(mut child) = self.child(opened, played.at) else { return Turn::Broken };
        let Some(out) = child.stdout.take() else { return Turn::Broken };
        let (sender, mut blocks) = mpsc::channel(AHEAD);
        let reading = tokio::spawn(async move {
            let mut reader = Reader::new(BufReader::with_capacity(256 << 10, out));
            while let Ok(block) = reader.next().await
                && sender.send(block).await.is_ok()
            {}
        });
        let turn = self.follow(opened, sought, played, &mut blocks).await;
        reading.abort();
        let is_done = matches!(turn, Turn::Ended);
        if !is_done {
            let _ = child.start_kill();
        }
        let status = timeout(Duration::from_secs(2), child.wait()).await;
        let went_well = matches!(status, Ok(Ok(status)) if status.success());
        if is_done && !went_well { Turn::Broken } else { turn }
    }

    async fn follow(
        &mut self,
        opened: &Opened,
        sought: u64,
        played: &mut Played,
        blocks: &mut mpsc::Receiver<Block>,
    ) -> Turn {
        let from = played.at;
        // Begun while paused: one picture of the new place, which stays.
        let mut show_one = self.wish.borrow().paused && opened.size.is_some();
        let mut shows_one = show_one;
        let mut last_due = Instant::now();
        let mut waits = false;
        loop {
            let wish = *self.wish.borrow_and_update();
            if wish.sought != sought {
                self.film.forget();
                return Turn::Sought;
            }
            if wish.paused && !show_one {
                if !std::mem::take(&mut shows_one) {
                    self.film.forget();
                }
                if self.wish.changed().await.is_err() {
                    return Turn::Unwanted;
                }
                played.pace.reset();
                if !self.wish.borrow().paused && opened.is_live {
                    return Turn::Live;
                }
                continue;
            }
            let silence = if waits { SILENCE - WAITS } else { WAITS + LEAD };
            let block = tokio::select! {
                changed = self.wish.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return Turn::Unwanted,
                },
                block = timeout(silence, blocks.recv()) => block,
            };
            let block = match block {
                Ok(Some(block)) => block,
                Ok(None) => {
                    tokio::time::sleep_until((last_due + FRAME).into()).await;
                    return Turn::Ended;
                }
                Err(_) if waits => return Turn::Broken,
                Err(_) => {
                    waits = true;
                    if played.first.is_some() {
                        (self.tell)(PlaybackNews::Waits(played.at.as_millis() as u64));
                    }
                    continue;
                }
            };
            waits = false;
            let at = Duration::from_millis(block.at_ms);
            let (due, is_new) = played.pace.due(Instant::now(), at);
            if is_new && !wish.paused {
                (self.tell)(PlaybackNews::Runs((from + at).as_millis() as u64));
            }
            if let Some(hold) = due.checked_sub(LEAD) {
                tokio::select! {
                    () = tokio::time::sleep_until(hold.into()) => {}
                    changed = self.wish.changed() => match changed {
                        // The block is due all the same; what the wish is, is seen after it.
                        Ok(()) => self.wish.mark_changed(),
                        Err(_) => return Turn::Unwanted,
                    },
                }
            }
            last_due = due;
            played.first.get_or_insert(from + at);
            played.at = from + at;
            let is_picture = opened.size.is_some() && block.track == 1;
            if is_picture {
                show_one = false;
            }
            self.hand_on(opened, is_picture, block, due, at, played, wish.paused);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn hand_on(
        &self,
        opened: &Opened,
        is_picture: bool,
        block: Block,
        due: Instant,
        at: Duration,
        played: &mut Played,
        is_paused: bool,
    ) {
        match opened.size {
            Some((width, height)) if is_picture => {
                let frame = Frame::from_i420(width, height, &block.payload);
                let due = if is_paused { Instant::now() } else { due };
                if frame.is_none_or(|f| self.film.picture.show(f.view(), due).is_err()) {
                    tracing::debug!("a child wrote a picture of another size");
                }
            }
            _ if is_paused => {}
            _ => played.sound.put(&self.film, due, at, &block.payload),
        }
    }
}

/// How far a child's turn has come.
struct Played {
    at: Duration,
    first: Option<Duration>,
    pace: Pace,
    sound: Sound,
}

impl Played {
    fn from(at: Duration, is_live: bool) -> Self {
        Self { at, first: None, pace: Pace::new(is_live), sound: Sound::default() }
    }

    fn ran(&self) -> Duration {
        self.first.map_or(Duration::ZERO, |first| self.at.saturating_sub(first))
    }
}

/// Cuts sound into frames of 20 ms.
#[derive(Default)]
struct Sound {
    samples: Vec<i16>,
    /// Where the first of them belongs, in the child's time.
    from: Duration,
}

impl Sound {
    fn put(&mut self, film: &Film, due: Instant, at: Duration, pcm: &[u8]) {
        let held = Duration::from_micros(self.samples.len() as u64 * 1_000_000 / 48_000);
        let next = self.from + held;
        if self.samples.is_empty() || next.abs_diff(at) > GAP {
            self.samples.clear();
            self.from = if next.abs_diff(at) > GAP { at } else { next };
        }
        // The block's own time and place say where the origin lies.
        let Some(origin) = due.checked_sub(at) else { return };
        self.samples.extend(pcm.chunks_exact(2).map(|s| i16::from_le_bytes([s[0], s[1]])));
        let mut used = 0;
        for frame in self.samples.as_chunks::<SAMPLES>().0 {
            film.sound.put(origin + self.from, frame);
            self.from += FRAME;
            used += SAMPLES;
        }
        self.samples.drain(..used);
    }
}

/// The size at which `picture` fits `canvas`: even sides, not larger than it comes.
fn fit(picture: (f64, f64), canvas: (u32, u32)) -> (u32, u32) {
    let (width, height) = picture;
    let scale = (f64::from(canvas.0) / width).min(f64::from(canvas.1) / height).min(1.0);
    let even = |side: f64, most: u32| ((side * scale / 2.0).round() as u32 * 2).clamp(16, most);
    (even(width, canvas.0), even(height, canvas.1))
}

#[cfg(test)]
#[path = "player_tests.rs"]
mod tests;
