//! The RTMP server that other tests go by: what is published can be pulled, in plain words and
//! through TLS, and it says who publishes.

use rotunda_acceptance::{Film, RtmpServer};
use std::process::Command;
use std::time::Duration;

const SOURCE: [&str; 12] = [
    "-f",
    "lavfi",
    "-i",
    "color=red:s=160x90:r=10",
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-g",
    "5",
    "-pix_fmt",
    "yuv420p",
];

#[tokio::test]
async fn what_is_published_is_pulled_as_it_was() {
    let mut server = RtmpServer::start("127.0.0.2").await;
    assert!(server.published().await.is_empty());
    let publisher = server.publish("one", &SOURCE);
    server.until_published("one", true).await;
    let path = std::env::temp_dir().join(format!("rotunda-pulled-{}.flv", std::process::id()));
    server.pull("one", Duration::from_secs(2), &path).await;
    let film = Film::at(&path);
    assert_eq!((film.codecs(), film.complaints()), (vec!["h264".into()], String::new()));
    assert!(film.end("v") > 1.0, "{} s", film.end("v"));
    let secure = |authority: &std::path::Path| {
        let mut command = Command::new("ffprobe");
        command
            .args(["-v", "error", "-analyzeduration", "500000", "-tls_verify", "1", "-ca_file"])
            .arg(authority);
        let done = command.arg(server.secure_url("one")).output().unwrap();
        (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    assert_eq!(secure(&server.authority()), (true, String::new()));
    assert!(!secure(std::path::Path::new("/dev/null")).0, "nobody vouches for it");
    drop(publisher);
    server.until_published("one", false).await;
    server.kill();
    server.start_again().await;
    std::fs::remove_file(path).unwrap();
}
