//! What becomes of a stream whose server does not want it.

use super::*;
use rotunda_codec::{EncoderSettings, Frame, Speed, VideoCodec, VideoEncoder};
use rotunda_media::AccessUnit;
use rotunda_outbound::{AddressRules, SystemResolver, tls_client};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

const WITHIN: Duration = Duration::from_secs(60);

/// A server that ends every connection at once, and how many there were.
async fn deaf() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let (address, visits) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = visits.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            drop(stream);
        }
    });
    (format!("rtmp://{address}"), visits)
}

/// What a connection begins with.
fn key_frame() -> Arc<AccessUnit> {
    let (width, height) = (320, 180);
    let settings =
        EncoderSettings { width, height, bitrate_bps: 300_000, fps: 20, speed: Speed::Normal };
    let mut encoder = VideoEncoder::new(VideoCodec::H264, settings).unwrap();
    let data = encoder.encode(&Frame::new(width, height), true, 0).unwrap().data;
    Arc::new(AccessUnit { ts_90khz: 0, keyframe: true, width, height, data })
}

#[tokio::test]
async fn an_address_without_a_stream_that_a_server_refuses_is_not_tried_for_ever() {
    let (url, visits) = deaf().await;
    let target = |text: &str| Some(StreamTarget::parse(text).unwrap());
    let (targets, watched) = watch::channel(target(&url));
    let (reported, mut hears) = mpsc::unbounded_channel();
    let rules = AddressRules::new(vec!["127.0.0.2".parse().unwrap()]);
    let (queue, picture) = (Arc::<OutputQueue>::default(), key_frame());
    let shown = queue.clone();
    let stream = Stream {
        ffmpeg: Ffmpeg::plain(),
        fetcher: Fetcher::new(rules, Arc::new(SystemResolver), tls_client(None).unwrap()),
        queue,
        targets: watched,
        want_keyframe: move || {
            shown.picture(&picture);
        },
        tell: move |health| drop(reported.send(health)),
    };
    let running = tokio::spawn(stream.run());
    let mut next = async || timeout(WITHIN, hears.recv()).await.unwrap().unwrap();
    for _ in 1..REFUSALS {
        let health = next().await;
        let why = health.why().unwrap();
        assert_eq!((health.as_str(), why), ("retrying", Trouble::Refused.to_string().as_str()));
        assert!(!why.contains("127.0.0") && !why.contains('/'), "{why}");
    }
    let health = next().await;
    assert_eq!(health, StreamHealth::Failed(Trouble::Nameless.to_string()));
    assert_eq!(visits.load(Ordering::Relaxed), REFUSALS as usize);
    targets.send(target(&format!("{url}/live/key"))).unwrap();
    assert_eq!(next().await.as_str(), "retrying", "elsewhere it is tried again");
    targets.send(None).unwrap();
    timeout(WITHIN, running).await.unwrap().unwrap();
}
