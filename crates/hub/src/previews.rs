//! Previews of sessions whose room wants them: a few pictures of the canvas now and then, made into
//! one small moving picture that whoever knows its address may see.
//!
//! They lie in memory, one a session, and are replaced whole; they are gone with the session. It
//! refuses to know what is on a canvas and how HTTP hands it out.

use crate::Hub;
use rotunda_domain::SessionId;
use rotunda_engine::{Engine, Frame};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

/// Width in pixels.
const WIDTH: u32 = 320;
/// Pictures of one preview, and how far they are apart: the first and the last are two seconds apart.
const PICTURES: usize = 5;
const APART: Duration = Duration::from_millis(500);
/// From the beginning of one preview to the beginning of the next. A change on the canvas is seen at
/// the latest this much later, with the pictures' two seconds and the encoder's fraction of one.
const EVERY: Duration = Duration::from_secs(30);
/// A canvas that does not tick for so long has other sorrows.
const LOOK_WITHIN: Duration = Duration::from_secs(1);
/// Previews that are encoded at the same time, in the whole process.
const AT_ONCE: usize = 1;

/// All previews.
pub(crate) struct Previews {
    known: Arc<Mutex<Known>>,
    turns: Arc<Semaphore>,
}

#[derive(Default)]
struct Known {
    by_token: HashMap<String, Arc<Preview>>,
    by_session: HashMap<SessionId, Arc<Preview>>,
}

struct Preview {
    token: String,
    url: Arc<str>,
    latest: Mutex<Option<Arc<[u8]>>>,
    /// Whether people without a seat may watch.
    is_shown: AtomicBool,
}

impl Default for Previews {
    fn default() -> Self {
        Self { known: Arc::default(), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Previews {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to make previews of a session whose canvas is there; answers where they are to be
    /// seen. `base` is scheme and host. None is made until it is to be `shown`.
    pub fn begin(
        &self,
        engine: Arc<dyn Engine>,
        session: SessionId,
        base: &str,
        shown: bool,
    ) -> Arc<str> {
        // 244 random bits: the address is all it takes.
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let url: Arc<str> = format!("{base}/api/video/previews/{token}").into();
        let preview = Preview {
            token: token.clone(),
            url: url.clone(),
            latest: Mutex::default(),
            is_shown: AtomicBool::new(shown),
        };
        let preview = Arc::new(preview);
        let (of, turns) = (Arc::downgrade(&preview), self.turns.clone());
        rotunda_telemetry::spawn("previews", keep_up(engine, session, of, turns, Wall::default()));
        let mut known = self.lock();
        known.by_token.insert(token, preview.clone());
        known.by_session.insert(session, preview);
        url
    }

    /// The session is over: nobody sees anything any more.
    pub fn end(&self, session: SessionId) {
        let mut known = self.lock();
        if let Some(preview) = known.by_session.remove(&session) {
            known.by_token.remove(&preview.token);
        }
    }

    /// Whether people without a seat may watch the session from now on.
    pub fn show(&self, session: SessionId, shown: bool) {
        if let Some(preview) = self.lock().by_session.get(&session) {
            preview.show(shown);
        }
    }

    fn url(&self, session: SessionId) -> Option<String> {
        let known = self.lock();
        let preview = known.by_session.get(&session).filter(|preview| preview.is_shown())?;
        Some(preview.url.to_string())
    }

    fn latest(&self, token: &str) -> Option<Arc<[u8]>> {
        let preview = self.lock().by_token.get(token).cloned()?;
        preview.latest()
    }
}

impl Preview {
    fn latest(&self) -> Option<Arc<[u8]>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_shown(&self) -> bool {
        self.is_shown.load(Ordering::SeqCst)
    }

    /// What was seen before is not seen any more, and not when it is shown again either.
    fn show(&self, shown: bool) {
        self.is_shown.store(shown, Ordering::SeqCst);
        if !shown {
            *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Puts a whole one in the place of the one before, unless it was hidden meanwhile.
    fn put(&self, data: Vec<u8>) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_shown() {
            *latest = Some(data.into());
        }
    }
}

/// Time as previews need it: tests bring their own.
trait Clock: Send {
    /// Since some moment.
    fn now(&self) -> Duration;
    fn wait(&mut self, time: Duration) -> impl Future<Output = ()> + Send;
}

struct Wall(Instant);

impl Default for Wall {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Wall {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    async fn wait(&mut self, time: Duration) {
        sleep(time).await;
    }
}

impl Hub {
    /// Where previews of a session are to be seen, while it runs and if its room wants them.
    pub fn preview_url(&self, session: SessionId) -> Option<String> {
        self.inner.services.previews.url(session)
    }

    /// The latest preview under this token, an animated WebP; none before the first is made and
    /// after the end of the session.
    pub fn preview(&self, token: &str) -> Option<Arc<[u8]>> {
        self.inner.services.previews.latest(token)
    }
}

/// Makes one preview after the other until the session is over.
async fn keep_up(
    engine: Arc<dyn Engine>,
    session: SessionId,
    preview: Weak<Preview>,
    turns: Arc<Semaphore>,
    mut clock: impl Clock,
) {
    while let Some(shown) = preview.upgrade().map(|preview| preview.is_shown()) {
        let begun = clock.now();
        if !shown {
            clock.wait(EVERY).await;
            continue;
        }
        let made = make(&engine, session, &turns, &mut clock).await;
        let Some(preview) = preview.upgrade() else { return };
        match made {
            Some(data) => preview.put(data),
            None => tracing::warn!(%session, "a preview was not made; the one before stays"),
        }
        drop(preview);
        let took = clock.now().saturating_sub(begun);
        clock.wait(EVERY.saturating_sub(took)).await;
    }
}

async fn make(
    engine: &Arc<dyn Engine>,
    session: SessionId,
    turns: &Semaphore,
    clock: &mut impl Clock,
) -> Option<Vec<u8>> {
    let pictures = film(engine, session, clock).await?;
    let _turn = turns.acquire().await.ok()?;
    let encode = move || rotunda_outputs::animated(&pictures, APART);
    let done = tokio::task::spawn_blocking(encode).await.ok()?;
    done.inspect_err(|error| tracing::warn!(%session, %error, "a preview was not encoded")).ok()
}

/// Pictures of one size. A canvas that is turned meanwhile begins them anew; one that is turned all
/// the time has none.
async fn film(
    engine: &Arc<dyn Engine>,
    session: SessionId,
    clock: &mut impl Clock,
) -> Option<Vec<Frame>> {
    let mut pictures: Vec<Frame> = Vec::with_capacity(PICTURES);
    for _ in 0..2 * PICTURES {
        let picture = look(engine, session).await?;
        let size = |frame: &Frame| (frame.width(), frame.height());
        if pictures.first().is_some_and(|first| size(first) != size(&picture)) {
            pictures.clear();
        }
        pictures.push(picture);
        if pictures.len() == PICTURES {
            return Some(pictures);
        }
        clock.wait(APART).await;
    }
    None
}

async fn look(engine: &Arc<dyn Engine>, session: SessionId) -> Option<Frame> {
    let (give, given) = oneshot::channel();
    // Whoever waits may have given up.
    let take = Box::new(move |picture| drop(give.send(picture)));
    if !engine.look(session, WIDTH, take) {
        return None;
    }
    timeout(LOOK_WITHIN, given).await.ok()?.ok()
}

#[cfg(test)]
#[path = "previews_tests.rs"]
mod tests;
