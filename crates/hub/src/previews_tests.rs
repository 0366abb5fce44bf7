use super::*;
use rotunda_domain::output::{MemberMedia, Tone};
use rotunda_domain::{CanvasPlan, LegKey};
use rotunda_engine::{CanvasSpec, EngineRefusal, LegAnswer, LegRequest, Taker};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

const SESSION: SessionId = SessionId(Uuid::from_u128(1));

/// A canvas of one grey.
#[derive(Default)]
struct Grey {
    luma: AtomicU8,
    looks: AtomicUsize,
    /// Every look sees a canvas that was turned since.
    spins: bool,
}

impl Engine for Grey {
    fn look(&self, _: SessionId, width: u32, take: Taker) -> bool {
        let count = self.looks.fetch_add(1, Ordering::Relaxed);
        let height = if self.spins && count % 2 == 1 { 568 } else { 180 };
        let mut frame = Frame::new(width, height);
        frame.as_i420_mut().fill(self.luma.load(Ordering::Relaxed));
        take(frame);
        true
    }
    fn open(&self, _: SessionId, _: CanvasSpec) {}
    fn close(&self, _: SessionId) {}
    fn answer(&self, _: LegRequest) -> Result<LegAnswer, EngineRefusal> {
        unreachable!("nobody joins")
    }
    fn renegotiate(&self, _: LegKey, _: String) -> Result<LegAnswer, EngineRefusal> {
        unreachable!("nobody joins")
    }
    fn hold(&self, _: LegKey, _: bool) {}
    fn release(&self, _: LegKey) {}
    fn show(&self, _: SessionId, _: Arc<CanvasPlan>) {}
    fn apply_media(&self, _: SessionId, _: MemberMedia) {}
    fn play(&self, _: SessionId, _: Tone) {}
    fn is_ready(&self) -> bool {
        true
    }
}

type Seen = Vec<(Duration, Option<Arc<[u8]>>)>;

/// A session and its clock, which moves only when somebody waits, in steps of 100 ms; and its end,
/// when it has run its time.
struct Show {
    engine: Arc<Grey>,
    preview: Option<Arc<Preview>>,
    now: Duration,
    end: Duration,
    /// When the canvas becomes how grey.
    changes: Vec<(Duration, u8)>,
    /// What was to be seen when.
    seen: Arc<Mutex<Seen>>,
}

impl Clock for Show {
    fn now(&self) -> Duration {
        self.now
    }

    async fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while self.now < until {
            self.now += Duration::from_millis(100).min(until - self.now);
            for (_, luma) in self.changes.iter().filter(|(at, _)| *at <= self.now) {
                self.engine.luma.store(*luma, Ordering::Relaxed);
            }
            let latest = self.preview.as_ref().and_then(|preview| preview.latest());
            self.seen.lock().unwrap().push((self.now, latest));
        }
        if self.now >= self.end {
            self.preview = None;
        }
    }
}

/// Plays a session of so many seconds; answers what was to be seen when.
async fn play(engine: Arc<Grey>, seconds: u64, changes: &[(u64, u8)]) -> Seen {
    play_if(true, engine, seconds, changes).await
}

async fn play_if(shown: bool, engine: Arc<Grey>, seconds: u64, changes: &[(u64, u8)]) -> Seen {
    let (token, url) = ("t".into(), "u".into());
    let preview = Preview { token, url, latest: Mutex::default(), is_shown: shown.into() };
    let (preview, seen) = (Arc::new(preview), Arc::default());
    let of = Arc::downgrade(&preview);
    let show = Show {
        engine: engine.clone(),
        preview: Some(preview),
        now: Duration::ZERO,
        end: Duration::from_secs(seconds),
        changes: changes.iter().map(|(at, luma)| (Duration::from_secs(*at), *luma)).collect(),
        seen: Arc::clone(&seen),
    };
    keep_up(engine, SESSION, of, Arc::new(Semaphore::new(1)), show).await;
    std::mem::take(&mut *seen.lock().unwrap())
}

/// What is to be seen of a canvas that was this grey all the time.
fn all(luma: u8) -> Option<Arc<[u8]>> {
    let mut frame = Frame::new(WIDTH, 180);
    frame.as_i420_mut().fill(luma);
    let made = rotunda_outputs::animated(&vec![frame; PICTURES], APART).unwrap();
    Some(made.into())
}

#[tokio::test]
async fn the_first_comes_soon_and_every_change_is_in_one_within_35_seconds() {
    let engine = Arc::new(Grey::default());
    let changes = [(40, 60), (91, 120), (150, 180), (199, 240)];
    let seen = play(engine, 300, &changes).await;
    let first = seen.iter().find(|(_, latest)| latest.is_some()).unwrap().0;
    assert!(first < Duration::from_secs(5), "the first after {first:?}");
    for (at, luma) in changes {
        let (at, whole) = (Duration::from_secs(at), all(luma));
        let when = seen.iter().find(|(_, latest)| *latest == whole).expect("it is seen").0;
        assert!((at..at + Duration::from_secs(35)).contains(&when), "{at:?} seen at {when:?}");
    }
}

#[tokio::test]
async fn five_looks_twice_a_minute_and_none_after_the_end() {
    let engine = Arc::new(Grey::default());
    play(engine.clone(), 300, &[]).await;
    assert_eq!(engine.looks.load(Ordering::Relaxed), 10 * PICTURES);
}

#[tokio::test]
async fn a_canvas_that_spins_has_no_preview() {
    let spins = Arc::new(Grey { spins: true, ..Grey::default() });
    let seen = play(spins, 90, &[]).await;
    assert!(seen.iter().all(|(_, latest)| latest.is_none()));
}

#[tokio::test]
async fn nobody_looks_at_a_canvas_that_is_not_to_be_shown() {
    let engine = Arc::new(Grey::default());
    let seen = play_if(false, engine.clone(), 300, &[]).await;
    assert_eq!(engine.looks.load(Ordering::Relaxed), 0);
    assert!(seen.iter().all(|(_, latest)| latest.is_none()));
}

#[tokio::test]
async fn what_was_seen_is_gone_when_it_is_hidden_and_does_not_come_back() {
    let previews = Previews::default();
    let url = previews.begin(Arc::new(Grey::default()), SESSION, "https://rooms.example", true);
    let preview = previews.lock().by_session[&SESSION].clone();
    preview.put(vec![1]);
    previews.show(SESSION, false);
    assert_eq!((preview.latest(), previews.url(SESSION)), (None, None));
    preview.put(vec![2]);
    previews.show(SESSION, true);
    assert_eq!((preview.latest(), previews.url(SESSION)), (None, Some(url.to_string())));
    preview.put(vec![3]);
    assert_eq!(preview.latest().as_deref(), Some(&[3][..]));
}

#[tokio::test]
async fn an_address_is_nobodys_guess_and_shows_nothing_after_the_end() {
    let (previews, two) = (Previews::default(), SessionId(Uuid::from_u128(2)));
    let base = "https://rooms.example";
    let begin = |session| previews.begin(Arc::new(Grey::default()), session, base, true);
    let (one, other) = (begin(SESSION), begin(two));
    let token = |url: &str| {
        let token = url.strip_prefix(&format!("{base}/api/video/previews/"));
        token.unwrap().to_owned()
    };
    assert_eq!(token(&one).len(), 64);
    assert_ne!(token(&one)[..32], token(&other)[..32]);
    assert_eq!(previews.url(SESSION), Some(one.to_string()));
    let preview = previews.lock().by_session[&SESSION].clone();
    preview.put(vec![1]);
    assert_eq!(previews.latest(&token(&one)).as_deref(), Some(&[1][..]));
    previews.end(SESSION);
    assert_eq!((previews.latest(&token(&one)), previews.url(SESSION)), (None, None));
    assert!(previews.url(two).is_some());
}
