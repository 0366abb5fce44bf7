//! Playbacks with the real programs, from a web server on 127.0.0.2.

#[path = "player_tests/films.rs"]
mod films;

use super::*;
use crate::web::{Page, Web};
use films::{blinking, film, mp4, raw, song};
use rotunda_outbound::AddressRules;
use rotunda_outbound::SystemResolver;
use rotunda_outbound::tls_client;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

struct Running {
    film: Film,
    control: watch::Sender<Control>,
    news: mpsc::UnboundedReceiver<PlaybackOutcome>,
    end: JoinHandle<Option<PlaybackFault>>,
}

async fn play(page: Page, name: &str, from_ms: u64) -> Running {
    play_of(HashMap::from([(name, page)]), name, from_ms).await
}

async fn play_of(pages: HashMap<&str, Page>, name: &str, from_ms: u64) -> Running {
    let web = Web::serve("127.0.0.2", pages).await;
    let rules = AddressRules::new(vec!["127.0.0.2".parse().unwrap()]);
    let film = Film {
        picture: Arc::new(rotunda_media::Track::new(None)),
        sound: Arc::default(),
        canvas: (1280, 720),
        fps: 20,
    };
    let (control, watched) = watch::channel(Control::default());
    let (reported, news) = mpsc::unbounded_channel();
    let player = Player {
        programs: Programs::find("ffmpeg", None).unwrap(),
        fetcher: Fetcher::new(rules, Arc::new(SystemResolver), tls_client(None).unwrap()),
        source: SourceUrl::parse(&web.url(name)).unwrap(),
        film: film.clone(),
        control: watched,
        tell: Arc::new(move |news| {
            let _ = reported.send(news);
        }),
        waits_for_return: Duration::from_secs(3),
    };
    Running { film, control, news, end: tokio::spawn(player.play(from_ms)) }
}

impl Running {
    async fn hears(&mut self, wanted: impl Fn(PlaybackOutcome) -> bool) -> PlaybackOutcome {
        let patience = Duration::from_secs(60);
        timeout(patience, async {
            loop {
                let news = self.news.recv().await.expect("it plays on");
                if wanted(news) {
                    return news;
                }
            }
        })
        .await
        .expect("news in time")
    }

    /// Waits until the picture is red, or green.
    async fn shows(&self, is_red: bool) {
        let seen = async {
            loop {
                if let Some(shot) = self.film.picture.latest(Instant::now(), Instant::now()) {
                    let v = shot.frame.pixel(160, 90).v;
                    if (v > 200 && is_red) || (v < 60 && !is_red) {
                        return;
                    }
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(60), seen).await.expect("the colour is seen");
    }

    async fn ends(self) -> Option<PlaybackFault> {
        timeout(Duration::from_secs(60), self.end).await.expect("it ends").unwrap()
    }
}

fn runs(news: PlaybackOutcome) -> bool {
    matches!(news, PlaybackOutcome::Runs(_))
}

#[tokio::test]
async fn a_film_plays_in_its_own_time_and_ends_by_itself() {
    let mut running = play(Page::Bytes(mp4()), "/film.mp4", 0).await;
    let opened = running.hears(|news| matches!(news, PlaybackOutcome::Opened { .. })).await;
    let PlaybackOutcome::Opened { seekable, duration_ms } = opened else { panic!() };
    assert!(seekable && (2900..3200).contains(&duration_ms.unwrap()), "{opened:?}");
    assert_eq!(running.hears(runs).await, PlaybackOutcome::Runs(0));
    let began = Instant::now();
    running.shows(true).await;
    running.shows(false).await;
    assert_eq!(running.ends().await, None);
    assert!(began.elapsed() > Duration::from_millis(2500), "{:?}", began.elapsed());
}

#[tokio::test]
async fn it_begins_where_it_should_and_goes_where_it_is_sought_paused_or_not() {
    let mut running = play(Page::Bytes(mp4()), "/film.mp4", 1500).await;
    assert_eq!(running.hears(runs).await, PlaybackOutcome::Runs(1500));
    running.shows(false).await;
    running.control.send_modify(|control| control.paused = true);
    running.control.send_modify(|control| (control.sought, control.to_ms) = (1, 200));
    running.shows(true).await;
    running.control.send_modify(|control| control.paused = false);
    running.shows(false).await;
    running.control.send_modify(|control| (control.sought, control.to_ms) = (2, 0));
    running.shows(true).await;
    drop(std::mem::replace(&mut running.control, watch::channel(Control::default()).0));
    assert_eq!(running.ends().await, None, "nobody wants it any more");
}

#[tokio::test]
async fn a_film_that_breaks_off_is_tried_again_where_one_can_seek_and_is_lost_in_the_end() {
    let mut whole =
        film(&["-c:v", "libx264", "-c:a", "aac", "-movflags", "faststart", "-f", "mp4"]);
    let total = whole.len();
    whole.truncate(total / 4);
    let mut running = play(Page::Cut(total, whole), "/film.mp4", 0).await;
    running.hears(runs).await;
    running.shows(true).await;
    let waits = |news| matches!(news, PlaybackOutcome::Waits(_));
    let PlaybackOutcome::Waits(at) = running.hears(waits).await else { panic!() };
    assert!((100..1000).contains(&at), "it waits where it broke off: {at}");
    let since = Instant::now();
    assert_eq!(running.ends().await, Some(PlaybackFault::Lost));
    assert!(since.elapsed() > Duration::from_secs(2), "after its patience");

    let whole = film(&["-c:v", "libx264", "-c:a", "aac", "-f", "mpegts"]);
    // A piece of ten million bytes is promised, and no length of the whole.
    let half = [b"989680\r\n", &whole[..whole.len() / 2]].concat();
    let running = play(Page::With("transfer-encoding: chunked", half), "/film.ts", 0).await;
    running.shows(true).await;
    assert_eq!(running.ends().await, Some(PlaybackFault::Lost), "nobody can go on in it");
}

#[tokio::test]
async fn whatever_people_have_is_played() {
    let kinds: [(&str, &[&str]); 4] = [
        ("/a.webm", &["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-f", "webm"]),
        ("/a.flv", &["-c:v", "libx264", "-c:a", "aac", "-f", "flv"]),
        ("/a.ts", &["-c:v", "libx264", "-c:a", "aac", "-f", "mpegts"]),
        ("/a.mp3", &["-map", "1", "-f", "mp3"]),
    ];
    for (name, args) in kinds {
        let mut running = play(Page::Bytes(film(args)), name, 0).await;
        running.hears(runs).await;
        if name != "/a.mp3" {
            running.shows(true).await;
        }
        assert_eq!(running.ends().await, None, "{name}");
    }
}

#[tokio::test]
async fn a_hostile_file_ends_its_own_playback_with_a_reason() {
    let whole = film(&["-c:v", "libvpx", "-deadline", "realtime", "-an", "-f", "webm"]);
    let mut bomb = whole.clone();
    let mark = |at: &usize| bomb[*at..].starts_with(&[0x9d, 0x01, 0x2a]);
    for at in (0..bomb.len() - 7).filter(mark).collect::<Vec<_>>() {
        bomb[at + 3..at + 7].copy_from_slice(&[0xff, 0x3f, 0xff, 0x3f]);
    }
    let cut = film(&["-c:v", "libx264", "-f", "mpegts"])[..90].to_vec();
    for (what, page) in [
        ("cut", Page::Bytes(cut)),
        ("zeros", Page::Endless(vec![0; 65536])),
        ("words", Page::Bytes(b"no film".to_vec())),
    ] {
        let running = play(page, "/a.mp4", 0).await;
        assert_eq!(running.ends().await, Some(PlaybackFault::Unreadable), "{what}");
    }
    let running = play(Page::Bytes(bomb), "/bomb.webm", 0).await;
    let film = running.film.clone();
    running.ends().await;
    assert!(
        film.picture.latest(Instant::now(), Instant::now()).is_none(),
        "nothing of it is shown"
    );
}

#[path = "player_timing_tests.rs"]
mod timing;
