//! Playbacks with the real programs, from a web server on 127.0.0.2.

use super::*;
use crate::web::{Page, Web};
use rotunda_outbound::AddressRules;
use rotunda_outbound::SystemResolver;
use rotunda_outbound::tls_client;
use std::collections::HashMap;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A film of three seconds, the first second red, the others green, with a tone.
fn film(args: &[&str]) -> Vec<u8> {
    static FILMS: AtomicUsize = AtomicUsize::new(0);
    let number = FILMS.fetch_add(1, Ordering::Relaxed);
    let name = format!("rotunda-film-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let picture = "color=red:s=320x180:r=20:d=1[a];color=lime:s=320x180:r=20:d=2[b];[a][b]concat";
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", picture])
        .args(["-f", "lavfi", "-i", "sine=440:d=3", "-g", "20", "-pix_fmt", "yuv420p"])
        .args(args)
        .arg(&path)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let film = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    film
}

/// What ffmpeg writes with these arguments alone.
fn raw(args: &[&str]) -> Vec<u8> {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("rotunda-raw-{}-{number}", std::process::id()));
    let done = Command::new("ffmpeg").args(["-v", "error"]).args(args).arg(&path).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    bytes
}

fn mp4() -> Vec<u8> {
    film(&["-c:v", "libx264", "-c:a", "aac", "-f", "mp4"])
}

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

/// When the picture turned from red to green or back, and when the tone began, after the playback
/// did; and how long it lasted.
async fn watched(running: Running) -> (Vec<f64>, Vec<f64>, f64) {
    let film = running.film.clone();
    let (mut seen, mut heard) = (Vec::new(), Vec::new());
    let (mut was_red, mut loud_at, mut began) = (None, None::<Instant>, None);
    let mut look = tokio::time::interval(Duration::from_millis(5));
    let mut frame = [0.0; rotunda_media::SAMPLES];
    while !running.end.is_finished() {
        look.tick().await;
        let now = Instant::now();
        film.sound.take(now, &mut frame);
        let is_red = film.picture.latest(now, now).map(|s| s.frame.pixel(20, 20).v > 128);
        let is_loud = frame.iter().any(|sample| sample.abs() > 0.02);
        if is_red.is_some() || is_loud {
            began.get_or_insert(now);
        }
        let at = began.map_or(0.0, |began| (now - began).as_secs_f64());
        if is_red.is_some() && std::mem::replace(&mut was_red, is_red) != is_red {
            seen.push(at);
        }
        let pause = loud_at.map_or(1.0, |last| (now - last).as_secs_f64());
        if is_loud {
            if pause > 0.3 {
                heard.push(at);
            }
            loud_at = Some(now);
        }
    }
    assert_eq!(running.ends().await, None);
    (seen, heard, began.expect("something was played").elapsed().as_secs_f64())
}

/// Red and loud by turns with green and silent, a second each: a file of so many seconds, written
/// into a folder of its own with what belongs to it.
fn blinking(seconds: u32, args: &[&str], name: &str) -> HashMap<String, Vec<u8>> {
    static FOLDERS: AtomicUsize = AtomicUsize::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder =
        std::env::temp_dir().join(format!("rotunda-blink-{}-{number}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let picture = format!(
        "color=red:s=320x180:r=20:d={seconds},drawbox=c=lime:t=fill:enable='mod(floor(t),2)'"
    );
    let tone = format!("sine=440:r=48000:d={seconds},volume=0:enable='mod(floor(t),2)'");
    let done = Command::new("ffmpeg")
        .current_dir(&folder)
        .args(["-v", "error", "-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &tone])
        .args(["-c:v", "libx264", "-preset", "ultrafast", "-g", "120", "-pix_fmt", "yuv420p"])
        .args(["-c:a", "aac"])
        .args(args)
        .arg(name)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap());
    let read = files.map(|f| {
        (format!("/{}", f.file_name().to_str().unwrap()), std::fs::read(f.path()).unwrap())
    });
    let files = read.collect();
    std::fs::remove_dir_all(&folder).unwrap();
    files
}

fn pages(files: &HashMap<String, Vec<u8>>) -> HashMap<&str, Page> {
    files.iter().map(|(path, bytes)| (path.as_str(), Page::Bytes(bytes.clone()))).collect()
}

/// Plays it; the picture and the sound of each second come in its time and within 80 ms.
async fn is_in_time(what: &str, files: HashMap<String, Vec<u8>>, name: &str, seconds: u32) {
    let (seen, heard, lasted) = watched(play_of(pages(&files), name, 0).await).await;
    println!("{what}: {lasted:.3} s of {seconds}; seen {seen:.3?}; heard {heard:.3?}");
    assert!((lasted - f64::from(seconds)).abs() < 0.3, "{what} lasted {lasted} s");
    assert_eq!(seen.len(), seconds as usize, "{what}: {seen:?}");
    for (second, seen) in seen.iter().enumerate() {
        assert!((seen - second as f64).abs() < 0.15, "{what}: {seen:?}");
        if second % 2 == 0 {
            let heard = heard.get(second / 2).unwrap_or(&f64::NAN);
            assert!((seen - heard).abs() < 0.08, "{what}: seen {seen}, heard {heard}");
        }
    }
}

#[tokio::test]
async fn hls_in_fragmented_mp4_plays_in_its_own_time_with_sound_and_picture_together() {
    let hls = ["-f", "hls", "-hls_time", "6", "-hls_segment_type", "fmp4", "-hls_list_size", "0"];
    let fragmented = ["-hls_segment_options", "movflags=+frag_keyframe"];
    let muxed = blinking(8, &[&hls[..], &fragmented].concat(), "list.m3u8");
    assert!(muxed.keys().filter(|name| name.ends_with(".m4s")).count() > 1, "{:?}", muxed.keys());
    let apart = ["-map", "0:v", "-map", "1:a", "-master_pl_name", "list.m3u8"];
    let streams = ["-var_stream_map", "v:0,agroup:s a:0,agroup:s"];
    let apart = blinking(8, &[&hls[..], &apart, &streams].concat(), "part-%v.m3u8");
    tokio::join!(
        is_in_time("segments of 6 s", muxed, "/list.m3u8", 8),
        is_in_time("a rendition of its own", apart, "/list.m3u8", 8)
    );
}

#[tokio::test]
async fn files_whose_sound_lies_far_from_its_picture_play_in_their_own_time() {
    let fragment = ["-movflags", "frag_custom+empty_moov", "-min_frag_duration", "60000000"];
    let one_fragment = blinking(5, &[&fragment[..], &["-f", "mp4"]].concat(), "a.mp4");
    let one_chunk = blinking(5, &["-max_interleave_delta", "0", "-f", "mp4"], "b.mp4");
    tokio::join!(
        is_in_time("one fragment", one_fragment, "/a.mp4", 5),
        is_in_time("an index at the end", one_chunk, "/b.mp4", 5)
    );
}

/// A song of so many seconds with a red cover.
fn song(seconds: u32) -> Vec<u8> {
    let cover = ["-f", "lavfi", "-i", "color=red:s=600x600:r=1:d=1"];
    let tone = format!("sine=440:d={seconds}");
    let sound = ["-f", "lavfi", "-i", &tone, "-map", "1:a", "-map", "0:v"];
    let song = ["-frames:v", "1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "libmp3lame"];
    raw(&[&cover[..], &sound, &song, &["-disposition:v", "attached_pic", "-f", "mp3"]].concat())
}

#[tokio::test]
async fn music_with_a_cover_plays_in_its_own_time_and_the_cover_is_seen() {
    let (seen, heard, lasted) = watched(play(Page::Bytes(song(4)), "/song.mp3", 0).await).await;
    println!("a song of 4 s lasted {lasted:.3} s, its cover seen after {seen:.3?} s");
    assert_eq!((seen.len(), heard.len()), (1, 1), "one picture, and no hole in the sound");
    assert!((lasted - 4.0).abs() < 0.3, "{lasted}");
}

#[tokio::test]
#[ignore = "takes its time; make soak runs it"]
async fn a_song_of_thirty_seconds_lasts_thirty_seconds() {
    let (_, heard, lasted) = watched(play(Page::Bytes(song(30)), "/song.mp3", 0).await).await;
    println!("a song of 30 s lasted {lasted:.3} s");
    assert!(heard.len() == 1 && (lasted - 30.0).abs() < 0.3, "{lasted}");
}

#[tokio::test]
async fn a_source_that_was_read_to_its_end_has_ended_whatever_it_said_of_its_length() {
    let tone = ["-f", "lavfi", "-i", "sine=440:d=3,volume=0:enable='gt(t,1)'"];
    let headerless = ["-c:a", "libmp3lame", "-q:a", "0", "-write_xing", "0", "-f", "mp3"];
    let headerless = raw(&[&tone[..], &headerless].concat());
    let mut cut = film(&["-c:v", "libx264", "-c:a", "aac", "-movflags", "faststart", "-f", "mp4"]);
    cut.truncate(cut.len() / 2);
    let ends = async |bytes: &Vec<u8>, name: &str, from_ms| {
        let since = Instant::now();
        let end = play(Page::Bytes(bytes.clone()), name, from_ms).await.ends().await;
        assert_eq!(end, None, "{name} from {from_ms} ms");
        since.elapsed()
    };
    tokio::join!(
        ends(&headerless, "/bare.mp3", 0),
        ends(&headerless, "/bare.mp3", 20_000),
        ends(&cut, "/cut.mp4", 0),
        ends(&cut, "/cut.mp4", 2_900)
    );
}

#[tokio::test]
async fn hls_that_is_encrypted_with_aes_128_plays_and_in_byte_ranges() {
    let key = std::env::temp_dir().join(format!("rotunda-key-{}", std::process::id()));
    std::fs::write(&key, b"0123456789abcdef").unwrap();
    let info = key.with_extension("info");
    std::fs::write(&info, format!("the.key\n{}\n", key.display())).unwrap();
    let hls = ["-f", "hls", "-hls_time", "2", "-hls_list_size", "0"];
    let secret = ["-hls_key_info_file", info.to_str().unwrap()];
    let mut files = blinking(4, &[&hls[..], &secret].concat(), "list.m3u8");
    files.insert("/the.key".into(), std::fs::read(&key).unwrap());
    std::fs::remove_file(key).unwrap();
    std::fs::remove_file(info).unwrap();
    assert!(files["/list.m3u8"].windows(14).any(|part| part == b"METHOD=AES-128"));
    let single = ["-hls_flags", "single_file", "-hls_segment_type", "fmp4"];
    let ranges = blinking(4, &[&hls[..], &single].concat(), "list.m3u8");
    tokio::join!(
        is_in_time("AES-128", files, "/list.m3u8", 4),
        is_in_time("byte ranges", ranges, "/list.m3u8", 4)
    );
}

/// How loud a tone in one channel of a file of these channels is in the end, dB.
async fn level_of(layout: &str, channel: &str) -> f64 {
    // Full scale at the peak is -3 dB on average; half of it leaves room.
    let tone = format!("sine=440:r=48000:d=1,volume=4,pan={layout}|{channel}=c0");
    let bytes = raw(&["-f", "lavfi", "-i", &tone, "-c:a", "pcm_s16le", "-f", "wav"]);
    let running = play(Page::Bytes(bytes), "/a.wav", 0).await;
    let (film, mut loudest) = (running.film.clone(), 0f32);
    let mut look = tokio::time::interval(Duration::from_millis(5));
    let mut frame = [0.0; rotunda_media::SAMPLES];
    while !running.end.is_finished() {
        look.tick().await;
        film.sound.take(Instant::now(), &mut frame);
        loudest = frame.iter().fold(loudest, |most, sample| most.max(sample.abs()));
    }
    20.0 * (f64::from(loudest) / 0.5).log10()
}

#[tokio::test]
async fn the_voice_of_a_film_in_surround_is_three_decibels_down_and_no_more() {
    let (centre, wide, left, one) = tokio::join!(
        level_of("5.1", "FC"),
        level_of("7.1", "FC"),
        level_of("5.1", "FL"),
        level_of("mono", "FC")
    );
    println!("centre {centre:.2} dB, of 7.1 {wide:.2} dB, left {left:.2} dB, mono {one:.2} dB");
    for (is, wanted) in [(centre, -3.0), (wide, -3.0), (left, -6.0), (one, 0.0)] {
        assert!((is - wanted).abs() < 0.5, "{is} instead of {wanted}");
    }
}

#[tokio::test]
async fn a_film_brighter_than_a_screen_is_toned_down_to_it() {
    // As bright as paper in such a film; shown as it is it would be grey.
    let colours =
        ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"];
    let params = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=error";
    let picture = "color=0x949494:s=320x180:r=10:d=2,format=yuv420p10le";
    let x265 =
        ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", params, "-f", "matroska"];
    let bytes = raw(&[&["-f", "lavfi", "-i", picture][..], &colours, &x265].concat());
    let running = play(Page::Bytes(bytes), "/a.mkv", 0).await;
    let mut brightest = 0;
    let mut look = tokio::time::interval(Duration::from_millis(20));
    while !running.end.is_finished() {
        look.tick().await;
        let shot = running.film.picture.latest(Instant::now(), Instant::now());
        brightest = brightest.max(shot.map_or(0, |shot| shot.frame.pixel(160, 90).y));
    }
    println!("paper is shown at {brightest}");
    assert!(brightest > 170, "{brightest}");
}
