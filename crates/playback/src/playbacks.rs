//! All playbacks of this process. Its methods need a Tokio runtime.

use crate::control::{Control, Tell};
use crate::fence::{MissingProgram, Programs};
use crate::player::{Player, RETURN};
use rotunda_domain::{PlaybackFault, PlaybackId, PlaybackOutcome};
use rotunda_media::Film;
use rotunda_outbound::{Fetcher, SourceUrl, UrlRefused};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

struct Inner {
    fetcher: Fetcher,
    ffmpeg: String,
    most: usize,
    fence: Option<PathBuf>,
    running: Mutex<HashMap<PlaybackId, watch::Sender<Control>>>,
}

/// All playbacks; cheap to clone.
#[derive(Clone)]
pub struct Playbacks {
    inner: Arc<Inner>,
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, HashMap<PlaybackId, watch::Sender<Control>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Playbacks {
    /// Nothing plays yet; films are fetched by `fetcher`. `ffmpeg` is the program, a path or a name;
    /// no more than `most` run at a time.
    /// Children are fenced by `fence`, this very program.
    pub fn new(fetcher: Fetcher, ffmpeg: String, most: usize, fence: Option<PathBuf>) -> Self {
        let running = Mutex::default();
        Self { inner: Arc::new(Inner { fetcher, ffmpeg, most, fence, running }) }
    }

    /// What stands against playing anything here. Asked each time, because programs may be
    /// installed while we run.
    ///
    /// # Errors
    /// The program that is missing.
    pub fn programs(&self) -> Result<Programs, MissingProgram> {
        Programs::find(&self.inner.ffmpeg, self.inner.fence.clone())
    }

    /// Whether as many run as may. Who begins at the same moment may still find it full.
    pub fn is_full(&self) -> bool {
        self.inner.lock().len() >= self.inner.most
    }

    /// What stands against playing `url`, as far as its words go.
    ///
    /// # Errors
    /// [`UrlRefused`].
    pub fn check(&self, url: &str) -> Result<(), UrlRefused> {
        SourceUrl::parse(url)?.check(self.inner.fetcher.rules())
    }

    /// Plays `url` from `from_ms` on into `film`. Whatever goes wrong is told; the last thing told
    /// is that it is over, unless it was stopped.
    pub fn start(&self, id: PlaybackId, url: &str, from_ms: u64, film: Film, tell: Tell) {
        let over = |fault| tell(PlaybackOutcome::Over(Some(fault)));
        let Ok(programs) = self.programs() else { return over(PlaybackFault::NoPlayer) };
        let Ok(source) = SourceUrl::parse(url) else { return over(PlaybackFault::Unreadable) };
        let (sender, control) = watch::channel(Control::default());
        if !self.takes(id, sender) {
            return over(PlaybackFault::Full);
        }
        let fetcher = self.inner.fetcher.clone();
        let mut watched = control.clone();
        let (reported, waits_for_return) = (tell.clone(), RETURN);
        let player =
            Player { programs, fetcher, source, film, control, tell: reported, waits_for_return };
        let inner = self.inner.clone();
        tokio::spawn(async move {
            // Stopped, it lets go of its child at once, whatever that is about.
            let unwanted = async { while watched.changed().await.is_ok() {} };
            let fault = tokio::select! {
                fault = player.play(from_ms) => fault,
                () = unwanted => None,
            };
            // Who stopped it took it out already, and wants to hear no more of it.
            if inner.lock().remove(&id).is_some() {
                tracing::info!(playback = %id, ?fault, "playback over");
                tell(PlaybackOutcome::Over(fault));
            }
        });
    }

    /// Looks for a place and takes it in one step.
    fn takes(&self, id: PlaybackId, control: watch::Sender<Control>) -> bool {
        let mut running = self.inner.lock();
        let is_free = running.len() < self.inner.most;
        if is_free {
            running.insert(id, control);
        }
        is_free
    }

    /// Stands still, or goes on.
    pub fn pause(&self, id: PlaybackId, paused: bool) {
        self.control(id, |control| control.paused = paused);
    }

    /// Goes on, or stands, at another place.
    pub fn seek(&self, id: PlaybackId, to_ms: u64) {
        self.control(id, |control| (control.sought, control.to_ms) = (control.sought + 1, to_ms));
    }

    /// Ends it; nothing more is told.
    pub fn stop(&self, id: PlaybackId) {
        self.inner.lock().remove(&id);
    }

    fn control(&self, id: PlaybackId, change: impl FnOnce(&mut Control)) {
        if let Some(sender) = self.inner.lock().get(&id) {
            sender.send_modify(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_outbound::{AddressRules, SystemResolver, tls_client};
    use std::sync::mpsc;

    #[tokio::test]
    async fn no_more_play_than_may_however_many_ask_at_the_same_moment() {
        let rules = AddressRules::default();
        let fetcher = Fetcher::new(rules, Arc::new(SystemResolver), tls_client(None).unwrap());
        let playbacks = Playbacks::new(fetcher, "ffmpeg".into(), 2, None);
        let (tell, reported) = mpsc::channel();
        assert!(!playbacks.is_full(), "all of them are told that there is a place");
        for _ in 0..5 {
            let film = Film {
                picture: Arc::new(rotunda_media::Track::new(None)),
                sound: Arc::default(),
                canvas: (1280, 720),
                fps: 20,
            };
            let tell = tell.clone();
            let tell: Tell = Arc::new(move |news| tell.send(news).unwrap_or_default());
            let id = PlaybackId(uuid::Uuid::new_v4());
            // A name that nobody answers for; until then they run.
            playbacks.start(id, "http://nowhere.invalid/a.mp4", 0, film, tell);
        }
        let full = PlaybackOutcome::Over(Some(PlaybackFault::Full));
        assert_eq!(reported.try_iter().filter(|news| *news == full).count(), 3);
        assert!(playbacks.is_full());
    }
}
