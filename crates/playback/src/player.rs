//! One playback from its beginning to its end: opens the source and keeps a child that decodes it, for
//! as long as there is something to play and somebody wants it.

mod sound;
mod turn;

use crate::control::{Control, Tell};
use crate::cover::Cover;
use crate::fence::{Door, Programs};
use crate::probe::{self, Facts};
use crate::proxy::{Proxy, fault_of};
use rotunda_domain::{PlaybackFault, PlaybackOutcome};
use rotunda_media::Film;
use rotunda_outbound::{Fetcher, Relay, SourceUrl};
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

pub(crate) struct Player {
    pub programs: Programs,
    pub fetcher: Fetcher,
    pub source: SourceUrl,
    pub film: Film,
    pub control: watch::Receiver<Control>,
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
            Self::Web(proxy) => proxy.door(),
            Self::Rtmp(relay) => {
                let (url, port) = (relay.url(), relay.door().port());
                Door::Rtmp { url, tc_url: relay.tc_url(), port }
            }
        }
    }

    fn is_seekable(&self) -> bool {
        matches!(self, Self::Web(proxy) if proxy.seen().is_seekable())
    }

    /// Another child begins to read.
    fn begin(&self) {
        if let Self::Web(proxy) = self {
            proxy.seen().begin();
        }
    }

    /// Whether it was read to an end of its own, when a child says that there is no more.
    fn was_whole(&self) -> bool {
        matches!(self, Self::Web(proxy) if !proxy.seen().broke_off())
    }

    /// Whether it is a playlist to which nothing will be added.
    fn has_ended(&self) -> bool {
        matches!(self, Self::Web(proxy) if proxy.seen().has_ended())
    }

    /// Whether two who read it read the same.
    fn is_the_same_twice(&self) -> bool {
        let twice = |proxy: &Proxy| proxy.seen().is_playlist() || proxy.seen().is_finite();
        matches!(self, Self::Web(proxy) if twice(proxy))
    }

    fn fault(&self, otherwise: PlaybackFault) -> PlaybackFault {
        match self {
            Self::Web(proxy) => proxy.seen().fault().unwrap_or(otherwise),
            Self::Rtmp(_) => otherwise,
        }
    }
}

/// What is known of a source that was opened.
struct Opened {
    way: Way,
    facts: Facts,
    is_live: bool,
    /// Width and height at which pictures come.
    size: Option<(u32, u32)>,
    /// Sound and picture are read each by itself, because they lie far apart.
    is_apart: bool,
    /// Pictures are toned down.
    is_hdr: bool,
}

impl Opened {
    /// What was out of the ordinary is tried without, once; answers whether anything was.
    fn make_plain(&mut self) -> bool {
        std::mem::take(&mut self.is_apart) | std::mem::take(&mut self.is_hdr)
    }
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
        (self.tell)(PlaybackOutcome::Opened { seekable, duration_ms });
        let _cover = self.cover(&opened);
        let mut sought = 0;
        let mut at = Duration::from_millis(if seekable { from_ms } else { 0 });
        let (mut lost_at, mut backoff) = (None, BACKOFF.0);
        loop {
            let control = *self.control.borrow_and_update();
            if control.sought != sought {
                sought = control.sought;
                // A seek from before it was known that there is no other place.
                at = if seekable { Duration::from_millis(control.to_ms) } else { at };
            }
            opened.way.begin();
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
                Turn::Ended if is_over(&opened, at) => return None,
                Turn::Broken if !played.has_begun() && opened.make_plain() => continue,
                Turn::Ended | Turn::Broken => {
                    let since = *lost_at.get_or_insert_with(Instant::now);
                    tracing::debug!(at_ms = at.as_millis(), ran = ?played.ran(), "a source broke off");
                    if !(opened.is_live || seekable) || since.elapsed() > self.waits_for_return {
                        return Some(opened.way.fault(PlaybackFault::Lost));
                    }
                    (self.tell)(PlaybackOutcome::Waits(at.as_millis() as u64));
                    let sought_anew = self.control.wait_for(|control| control.sought != sought);
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

    /// What is seen of a song.
    fn cover(&self, opened: &Opened) -> Option<Cover> {
        let (index, size) = opened.facts.cover?;
        let size = fit(size, self.film.canvas);
        let (programs, door) = (self.programs.clone(), opened.way.door());
        Some(Cover::show(programs, door, index, size, self.film.clone()))
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
        let is_playlist = || matches!(&way, Way::Web(proxy) if proxy.seen().is_playlist());
        let facts = probe::probe(&self.programs, &way.door(), is_playlist).await;
        let facts = facts.ok_or_else(|| way.fault(PlaybackFault::Unreadable))?;
        let is_live = facts.duration.is_none() && (self.source.is_rtmp() || is_playlist());
        let size = facts.picture.map(|picture| fit(picture.size, self.film.canvas));
        let is_apart = facts.is_apart && way.is_the_same_twice();
        let is_hdr = facts.picture.is_some_and(|picture| picture.is_hdr);
        // RTMP goes through a door of one use.
        let way = if self.source.is_rtmp() { self.way().await? } else { way };
        Ok(Opened { way, facts, is_live, size, is_apart, is_hdr })
    }
}

/// Whether a child that wrote all there is leaves nothing to wait for: the source was read to its
/// end, wherever it was said to be, or broke off so close to it that nobody misses the rest.
fn is_over(opened: &Opened, at: Duration) -> bool {
    let has_end = !opened.is_live || opened.way.has_ended();
    let is_near = |duration| at + END >= duration;
    (has_end && opened.way.was_whole()) || opened.facts.duration.is_some_and(is_near)
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
