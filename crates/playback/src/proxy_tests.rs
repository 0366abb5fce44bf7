//! Nobody is led to an inner address: a listener there counts connections, and counts none.
//! 127.0.0.2 plays the public Internet here, 127.0.0.1 the inner network.

use super::*;
use crate::fence::Programs;
use crate::web::{Page, Web};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use rotunda_domain::PlaybackFault;
use rotunda_outbound::AddressRules;
use rotunda_outbound::Resolve;
use rotunda_outbound::UrlRefused;
use rotunda_outbound::tls_client;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Answers one after the other, the last again and again.
struct Names(Vec<Vec<&'static str>>, AtomicUsize);

impl Resolve for Names {
    fn resolve(&self, _: String) -> BoxFuture<'_, io::Result<Vec<IpAddr>>> {
        let turn = self.1.fetch_add(1, Ordering::Relaxed).min(self.0.len() - 1);
        let found = self.0[turn].iter().map(|ip| ip.parse().unwrap()).collect();
        Box::pin(async move { Ok(found) })
    }
}

fn fetcher(names: Vec<Vec<&'static str>>) -> Fetcher {
    let rules = AddressRules::new(vec!["127.0.0.2".parse().unwrap()]);
    Fetcher::new(rules, Arc::new(Names(names, AtomicUsize::new(0))), tls_client(None).unwrap())
}

fn url(text: &str) -> SourceUrl {
    SourceUrl::parse(text).unwrap()
}

async fn body(fetched: Fetched) -> Bytes {
    fetched.response.into_body().collect().await.unwrap().to_bytes()
}

#[tokio::test]
async fn a_redirect_inward_is_not_followed() {
    let trap = Web::trap().await;
    let pages = HashMap::from([
        ("/number", Page::To(trap.url("/x"))),
        ("/mapped", Page::To(format!("http://[::ffff:127.0.0.1]:{}/x", trap.address.port()))),
        ("/decimal", Page::To(format!("http://2130706433:{}/x", trap.address.port()))),
        ("/name", Page::To(format!("http://inner.test:{}/x", trap.address.port()))),
        ("/file", Page::To("file:///etc/passwd".into())),
        ("/round", Page::To("/round".into())),
    ]);
    let web = Web::serve("127.0.0.2", pages).await;
    for path in ["/number", "/mapped", "/decimal", "/name"] {
        let got = fetcher(vec![vec!["127.0.0.1"]]).get(&url(&web.url(path)), None).await;
        assert_eq!(got.err(), Some(FetchError::Address), "{path}");
    }
    let fetcher = fetcher(vec![]);
    let file = fetcher.get(&url(&web.url("/file")), None).await.err();
    assert_eq!(file, Some(FetchError::Url(UrlRefused::Scheme)));
    let round = fetcher.get(&url(&web.url("/round")), None).await.err();
    assert_eq!(round, Some(FetchError::Redirects));
    assert_eq!(trap.visits(), 0);
}

#[tokio::test]
async fn a_name_that_changes_after_the_check_is_not_asked_again() {
    let web = Web::serve("127.0.0.2", HashMap::from([("/", Page::Bytes(b"outer".into()))])).await;
    let port = web.address.port();
    let trap = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let fetcher = fetcher(vec![vec!["127.0.0.2"], vec!["127.0.0.1"]]);
    let named = url(&format!("http://changing.test:{port}/"));
    assert_eq!(body(fetcher.get(&named, None).await.unwrap()).await, "outer");
    let again = fetcher.get(&named, None).await;
    assert_eq!(again.err(), Some(FetchError::Address), "each time it is checked anew");
    let waiting = tokio::time::timeout(Duration::from_millis(50), trap.accept()).await;
    assert!(waiting.is_err(), "nobody came");
}

#[tokio::test]
async fn a_name_with_one_inner_address_is_refused_altogether() {
    let web = Web::serve("127.0.0.2", HashMap::new()).await;
    let named = url(&format!("http://both.test:{}/", web.address.port()));
    let both = fetcher(vec![vec!["127.0.0.2", "::ffff:127.0.0.1"]]).get(&named, None).await;
    assert_eq!(both.err(), Some(FetchError::Address));
    assert_eq!(web.visits(), 0);
}

async fn ask(proxy: &Proxy, request: &str) -> String {
    let mut stream = TcpStream::connect(proxy.inner.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    said
}

#[tokio::test]
async fn without_the_token_nothing_is_fetched_and_nothing_at_another_host() {
    let trap = Web::trap().await;
    let web = Web::serve("127.0.0.2", HashMap::from([("/a", Page::Bytes(b"outer".into()))])).await;
    let proxy = Proxy::start(fetcher(vec![]), url(&web.url("/a"))).await.unwrap();
    let path = proxy.url().split_once(&proxy.inner.address.to_string()).unwrap().1.to_owned();
    let get =
        |target: String| format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(ask(&proxy, &get(path.clone())).await.ends_with("outer"));
    let token = &proxy.inner.token;
    let inner = encode(&trap.url("/x"), "/x").unwrap();
    let refused = [
        "/source".to_owned(),
        path.replacen(&**token, &"A".repeat(token.len()), 1),
        format!("http://{}/x", trap.address),
        format!("http://{}{path}", trap.address),
        format!("/{token}/at/{inner}"),
        format!("/{token}/at/!"),
        format!("/{token}/../x"),
    ];
    for target in refused {
        let said = ask(&proxy, &get(target.clone())).await;
        assert!(said.starts_with("HTTP/1.1 403"), "{target}: {said}");
    }
    assert_eq!(trap.visits(), 0);
}

/// Asks for all of the source, as a child does; the head, and the body after it.
async fn get_source(pages: HashMap<&str, Page>, more: &str) -> (String, String, Proxy) {
    let web = Web::serve("127.0.0.2", pages).await;
    let proxy = Proxy::start(fetcher(vec![]), url(&web.url("/a"))).await.unwrap();
    let path = proxy.url().split_once(&proxy.inner.address.to_string()).unwrap().1.to_owned();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n{more}connection: close\r\n\r\n");
    let said = ask(&proxy, &request).await;
    let (head, body) = said.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned(), proxy)
}

#[tokio::test]
async fn twelve_redirects_are_followed_and_twenty_one_are_not() {
    let hops = |count: usize| {
        let to = |n: usize| if n == count { "/end".to_owned() } else { format!("/{n}") };
        let mut pages: HashMap<_, _> = (1..count)
            .map(|n| (&*Box::leak(to(n).into_boxed_str()), Page::To(to(n + 1))))
            .collect();
        pages.insert("/a", Page::To(to(1)));
        pages.insert("/end", Page::Bytes(b"film".to_vec()));
        pages
    };
    assert!(get_source(hops(12), "").await.1.ends_with("film"));
    let (head, _, proxy) = get_source(hops(21), "").await;
    assert!(head.starts_with("http/1.1 502"), "{head}");
    assert_eq!(proxy.seen().fault(), Some(PlaybackFault::Redirects));
}

#[tokio::test]
async fn a_host_that_knows_no_parts_is_asked_for_all_and_the_part_is_cut_out() {
    let range = "range: bytes=0-\r\n";
    for status in [406, 416, 200] {
        let pages = || HashMap::from([("/a", Page::NoParts(status, b"0123456789".to_vec()))]);
        let (head, body, proxy) = get_source(pages(), range).await;
        assert!(head.starts_with("http/1.1 200") && body == "0123456789", "{status}: {head}");
        assert!(head.contains("accept-ranges: bytes") && proxy.seen().is_seekable(), "{head}");
        assert_eq!(proxy.seen().fault(), None, "{status}");
    }
    for status in [406, 200] {
        let pages = HashMap::from([("/a", Page::NoParts(status, b"0123456789".to_vec()))]);
        let (head, body, _) = get_source(pages, "range: bytes=3-5\r\n").await;
        assert!(head.starts_with("http/1.1 206") && body == "345", "{status}: {head} {body}");
        assert!(head.contains("content-range: bytes 3-5/10"), "{head}");
    }
    let pages = HashMap::from([("/a", Page::NoParts(416, b"0123456789".to_vec()))]);
    let (head, _, proxy) = get_source(pages, "range: bytes=30-\r\n").await;
    assert!(head.starts_with("http/1.1 416") && proxy.seen().fault().is_none(), "{head}");
}

fn gzipped(plain: &[u8]) -> Vec<u8> {
    use flate2::write::GzEncoder;
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, plain).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_playlist_that_comes_gzipped_is_read_and_one_that_would_fill_the_memory_is_not() {
    let list = b"#EXTM3U\n#EXTINF:4,\nseg.ts\n#EXT-X-ENDLIST\n";
    let page = |plain: &[u8]| Page::With("content-encoding: gzip", gzipped(plain));
    let (_, body, proxy) = get_source(HashMap::from([("/a", page(list))]), "").await;
    assert!(body.contains("/at/") && body.contains("#EXT-X-ENDLIST"), "{body}");
    assert!(proxy.seen().has_ended());
    let bomb = [b"#EXTM3U\n".to_vec(), vec![b'#'; 64 << 20]].concat();
    let (head, _, proxy) = get_source(HashMap::from([("/a", page(&bomb))]), "").await;
    assert!(head.starts_with("http/1.1 502"), "{head}");
    assert_eq!(proxy.seen().fault(), Some(PlaybackFault::PlaylistTooLarge));
}

#[tokio::test]
async fn each_reason_says_what_was_wrong() {
    let brotli = Page::With("content-encoding: br", b"x".to_vec());
    let drm = b"#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://k\"\n#EXTINF:4,\nx.ts\n";
    for (page, fault) in [
        (Page::To("/nowhere".into()), PlaybackFault::Refused(404)),
        (brotli, PlaybackFault::Packed),
        (Page::Bytes(drm.to_vec()), PlaybackFault::Encrypted),
        (Page::Bytes(b"RIFF\x10\0\0\0AVI LIST".to_vec()), PlaybackFault::Unsupported("AVI")),
        (Page::To("http://127.0.0.1/".into()), PlaybackFault::Unsafe),
        (Page::To("http://127.0.0.2:9/".into()), PlaybackFault::Unreachable),
    ] {
        let (_, _, proxy) = get_source(HashMap::from([("/a", page)]), "").await;
        assert_eq!(proxy.seen().fault(), Some(fault));
    }
}

#[test]
fn a_playback_that_asks_for_playlists_without_end_gets_four_a_second() {
    let now = Instant::now() + Duration::from_secs(3600);
    let mut next = now;
    let turns: Vec<_> = (0..PLAYLIST_BURST + 40).map(|_| turn(&mut next, now)).collect();
    assert!(turns[..PLAYLIST_BURST as usize].iter().all(|turn| *turn <= now));
    assert_eq!(turns.last(), Some(&(now + PLAYLIST_EVERY * 39)));
}

/// What a fenced `ffprobe` makes of this file; and whether it is told that it was unsafe.
async fn probed(file: String, name: &'static str) -> (bool, bool) {
    let pages = HashMap::from([(name, Page::Bytes(file.into_bytes()))]);
    let web = Web::serve("127.0.0.2", pages).await;
    let proxy = Proxy::start(fetcher(vec![vec!["127.0.0.1"]]), url(&web.url(name))).await.unwrap();
    let door = proxy.door();
    let facts = crate::probe::probe(&Programs::find("ffmpeg", None).unwrap(), &door, || true).await;
    (facts.is_some(), proxy.seen().fault() == Some(PlaybackFault::Unsafe))
}

#[tokio::test]
async fn nothing_in_a_file_leads_a_child_inward() {
    let trap = Web::trap().await;
    let at = trap.address;
    let port = at.port();
    let segments = [
        trap.url("/seg.ts"),
        format!("http://inner.test:{port}/seg.ts"),
        format!("http://[::ffff:7f00:1]:{port}/seg.ts"),
        format!("http://2130706433:{port}/seg.ts"),
        format!("http://0x7f.1:{port}/seg.ts"),
        format!("//127.0.0.1:{port}/seg.ts"),
    ];
    for segment in segments {
        let list =
            format!("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{segment}\n#EXT-X-ENDLIST\n");
        assert_eq!(probed(list, "/list.m3u8").await, (false, true), "{segment}");
    }
    let others = [
        (
            "/key.m3u8",
            format!("#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"http://{at}/k\"\n#EXTINF:4,\nx.ts\n"),
        ),
        ("/tcp.m3u8", format!("#EXTM3U\n#EXTINF:4,\ntcp://{at}\n#EXT-X-ENDLIST\n")),
        (
            "/not-first.m3u8",
            format!("\n#X\n#EXTM3U\n#EXTINF:4,\nhttp://{at}/x.ts\n#EXT-X-ENDLIST\n"),
        ),
        ("/list.ffconcat", format!("ffconcat version 1.0\nfile 'http://{at}/x.ts'\n")),
        (
            "/a.sdp",
            format!(
                "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\n"
            ),
        ),
        (
            "/a.mpd",
            format!(
                "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"><BaseURL>http://{at}/</BaseURL></MPD>"
            ),
        ),
        ("/a.asx", format!("<asx><entry><ref href=\"http://{at}/x\"/></entry></asx>")),
    ];
    for (name, text) in others {
        assert!(!probed(text, name).await.0, "{name}");
    }
    assert_eq!(trap.visits(), 0);
}
