//! Films and songs of many kinds last as long as they are, with sound and picture together.

use super::*;

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
