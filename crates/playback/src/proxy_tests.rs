//! Nobody is led to an inner address: a listener there counts connections, and counts none.
//! 127.0.0.2 plays the public Internet here, 127.0.0.1 the inner network.

use super::*;
use crate::fence::{Door, Programs};
use crate::web::{Page, Web};
use futures_util::future::BoxFuture;
use rotunda_reach::AddressRules;
use rotunda_reach::Resolve;
use rotunda_reach::tls_client;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::AtomicUsize;
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

/// What a fenced `ffprobe` makes of this file; and whether it is told that it was unsafe.
async fn probed(file: String, name: &'static str) -> (bool, bool) {
    let pages = HashMap::from([(name, Page::Bytes(file.into_bytes()))]);
    let web = Web::serve("127.0.0.2", pages).await;
    let proxy = Proxy::start(fetcher(vec![vec!["127.0.0.1"]]), url(&web.url(name))).await.unwrap();
    let door = Door::Web { url: proxy.url(), proxy: proxy.as_proxy() };
    let facts = crate::probe::probe(&Programs::find("ffmpeg").unwrap(), &door).await;
    (facts.is_some(), proxy.seen().was_unsafe())
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
