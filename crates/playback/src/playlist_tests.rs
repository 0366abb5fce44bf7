//! What becomes of playlists, well meant and not.

use super::*;
use std::cell::Cell;
use std::sync::mpsc;
use std::time::Duration;

fn base() -> SourceUrl {
    SourceUrl::parse("https://films.test/a/list.m3u8").unwrap()
}

fn rewritten(text: &str) -> Result<Rewritten, PlaylistRefused> {
    rewrite(text, &base(), "<no>", |url| Some(format!("<{}>", url.url())))
}

#[test]
fn no_foreign_address_is_left_in_a_playlist() {
    let text = "\u{feff}#EXTM3U\r\n#EXT-X-KEY:METHOD=AES-128,URI=\"http://127.0.0.1/key\",IV=0x1\n\
        #EXT-X-MAP:uri=init.mp4,BYTERANGE=\"9@0\"\n#EXTINF:4,URI=\"x\"\n  seg-1.ts?a=1\n\
        http://127.0.0.1:6379/x\nfile:///etc/passwd\n\n#EXT-X-ENDLIST";
    let done = rewritten(text).unwrap();
    assert_eq!(
        done.text,
        "#EXTM3U\n\n#EXT-X-KEY:METHOD=AES-128,URI=\"<http://127.0.0.1/key>\",IV=0x1\n\
         #EXT-X-MAP:uri=\"<https://films.test/a/init.mp4>\",BYTERANGE=\"9@0\"\n\
         #EXTINF:4,URI=\"<https://films.test/a/x>\"\n<https://films.test/a/seg-1.ts?a=1>\n\
         <http://127.0.0.1:6379/x>\n<no>\n\n#EXT-X-ENDLIST\n"
    );
    assert!(done.has_ended);
}

#[test]
fn a_playlist_is_known_by_its_first_line() {
    for yes in ["#EXTM3U\n", "\u{feff}#EXTM3U", "\n  #EXTM3U8"] {
        assert!(is_playlist(yes.as_bytes()), "{yes}");
    }
    for no in ["", "#EXTM3", "ftypisom", "x#EXTM3U"] {
        assert!(!is_playlist(no.as_bytes()), "{no}");
    }
}

#[test]
fn only_whole_segments_may_be_encrypted() {
    for (key, fine) in [
        ("METHOD=NONE", true),
        ("METHOD=AES-128,URI=\"k\"", true),
        ("URI=\"k\",METHOD=AES-128", true),
        ("METHOD=SAMPLE-AES,URI=\"skd://k\"", false),
        ("URI=\"data:,k\",method=SAMPLE-AES-CTR", false),
    ] {
        let done = rewritten(&format!("#EXTM3U\n #EXT-X-KEY:{key}\n#EXTINF:4,\nx.ts\n"));
        assert_eq!(done.err(), (!fine).then_some(PlaylistRefused::Encrypted), "{key}");
    }
}

/// What a playlist costs: how many addresses are made ours, and what comes out. In time, too: one
/// that were walked for every address anew would be far from done.
fn cost(text: String, base: SourceUrl) -> (usize, Result<usize, PlaylistRefused>) {
    let (tell, reported) = mpsc::channel();
    std::thread::spawn(move || {
        let made = Cell::new(0);
        let done = rewrite(&text, &base, "<no>", |url| {
            made.set(made.get() + 1);
            Some(url.url().to_string())
        });
        let _ = tell.send((made.get(), done.map(|done| done.text.len())));
    });
    reported.recv_timeout(Duration::from_secs(20)).expect("a playlist is done with in one pass")
}

#[test]
fn the_worst_playlist_costs_a_bounded_number_of_addresses_and_bytes() {
    const MOST: usize = 2 << 20;
    let long = SourceUrl::parse(&format!("https://films.test/{}/list", "x".repeat(7000))).unwrap();
    let padded = |text: String| format!("{text}{}", "#".repeat(MOST - text.len()));
    let worst = [
        ("one tag of nothing but addresses", "#URI=".repeat(MOST / 5), base()),
        ("as many as may be, and a long rest", padded("#URI=\"\"".repeat(19_999)), base()),
        ("lines of one letter", "x\n".repeat(MOST / 2), base()),
        ("short ones that become long", "x\n".repeat(MOST / 2), long),
        ("one quote that never ends", format!("#URI=\"{}", "URI=".repeat(MOST / 4)), base()),
        ("one line", "x".repeat(MOST), base()),
    ];
    for (what, text, base) in worst {
        let (made, done) = cost(text, base);
        assert!(made <= ADDRESSES, "{what}: {made}");
        assert!(done.unwrap_or(0) <= LONGEST, "{what}: {done:?}");
    }
    let (made, done) = cost("x\n".repeat(ADDRESSES + 1), base());
    assert_eq!((made, done), (ADDRESSES, Err(PlaylistRefused::TooLarge)));
    let endless = SourceUrl::parse(&format!("https://films.test/{}", "x".repeat(9000))).unwrap();
    assert_eq!(cost("x\n".into(), endless).1, Err(PlaylistRefused::TooLarge));
}
