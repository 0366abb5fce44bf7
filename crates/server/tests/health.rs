//! Ready means that both work, the database and the UDP socket: each is broken in turn. The socket
//! can only be broken from inside the process, which is why this is not among the tests end to end.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use rotunda_engine::{GraphOptions, Native, NativeOptions, NetConfig, OutboundOptions};
use rotunda_hub::{EngineListener, MemoryGate};
use rotunda_server::health;
use rotunda_store::Store;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower::ServiceExt;

struct World {
    folder: PathBuf,
    store: Store,
    engine: Arc<Native>,
    memory: MemoryGate,
    router: Router,
}

impl World {
    async fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("rotunda-health-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let store = Store::open(folder.join("rotunda.db")).await.unwrap();
        let net = NetConfig::new(([127, 0, 0, 1], 0).into());
        let options = NativeOptions {
            fence: None,
            net,
            graph: GraphOptions::default(),
            ffmpeg: "ffmpeg".into(),
            max_playbacks: 3,
            reach: OutboundOptions::default(),
        };
        let memory = MemoryGate::default();
        let engine = Arc::new(Native::start(options, Arc::new(EngineListener::default())).unwrap());
        let router = health::router(store.clone(), engine.clone(), memory.clone());
        Self { folder, store, engine, memory, router }
    }

    async fn ask(&self, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.engine.stop();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn a_broken_udp_socket_is_alive_and_not_ready() {
    let world = World::new().await;
    assert_eq!(world.ask("/readyz").await, (StatusCode::OK, "ready\n".into()));
    world.engine.net().break_udp();
    let deadline = Instant::now() + Duration::from_secs(5);
    let (status, words) = loop {
        let answer = world.ask("/readyz").await;
        if answer.0 != StatusCode::OK || Instant::now() > deadline {
            break answer;
        }
    };
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(words.contains("UDP"), "{words}");
    assert_eq!(world.ask("/livez").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_process_short_of_memory_is_alive_and_not_ready_until_there_is_some() {
    let world = World::new().await;
    world.memory.set_short(true);
    let (status, words) = world.ask("/readyz").await;
    assert_eq!((status, words.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "memory is short\n"));
    assert_eq!(world.ask("/livez").await.0, StatusCode::OK);
    world.memory.set_short(false);
    assert_eq!(world.ask("/readyz").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_closed_database_is_alive_and_not_ready() {
    let world = World::new().await;
    world.store.close().await;
    let (status, words) = world.ask("/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(words.contains("database"), "{words}");
    assert_eq!(world.ask("/livez").await.0, StatusCode::OK);
}
