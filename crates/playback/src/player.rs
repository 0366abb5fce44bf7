//! One playback from its beginning to its end: opens the source and keeps a child that decodes it, for
//! as long as there is something to play and somebody wants it.

mod sound;
mod turn;

use crate::fence::{Door, Programs};
use crate::playbacks::Tell;
use crate::probe::{self, Facts};
use crate::proxy::Proxy;
use rotunda_domain::{PlaybackFault, PlaybackNews};
use rotunda_media::Film;
use rotunda_reach::{FetchError, Fetcher, Relay, SourceUrl, UrlRefused};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::timeout;
use turn::{Played, Turn};

/// How long a source that broke off is waited for.
pub(crate) const RETURN: Duration = Duration::from_secs(30);
/// Between two tries: at first and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(4));
/// So close to its end a film is taken to be over.
const END: Duration = Duration::from_secs(2);

/// What a playback is to do; the latest wish counts, so that a thousand cost no more than one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wish {
    pub paused: bool,
    /// How often it was sought, and where to last.
    pub sought: u64,
    pub to_ms: u64,
}

pub(crate) struct Player {
    pub programs: Programs,
    pub fetcher: Fetcher,
    pub source: SourceUrl,
    pub film: Film,
    pub wish: watch::Receiver<Wish>,
    pub tell: Tell,
    /// How long a source that broke off is waited for; [`RETURN`], but in tests.
    pub waits_for_return: Duration,
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

    fn broke_off(&self) -> bool {
        matches!(self, Self::Web(proxy) if proxy.seen().broke_off())
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
                sought = wish.sought;
                // A seek from before it was known that there is no other place.
                at = if seekable { Duration::from_millis(wish.to_ms) } else { at };
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
                    if !(opened.is_live || seekable) || since.elapsed() > self.waits_for_return {
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
        let is_whole = || !opened.is_live && !opened.way.broke_off();
        opened.facts.duration.map_or_else(is_whole, |duration| at + END >= duration)
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
