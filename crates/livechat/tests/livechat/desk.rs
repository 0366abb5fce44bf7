//! A server's worth of door, with an engine that answers every offer and notes what is recorded.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rotunda_domain::output::{MemberMedia, Tone};
use rotunda_domain::{CanvasPlan, LegKey, ProjectId, RecordingId, RecordingOrder, SessionId};
use rotunda_doorway::ClientAddress;
use rotunda_engine::{CanvasSpec, Engine, EngineRefusal, LegAnswer, LegRequest};
use rotunda_hub::{
    AgentRow, ArchiveOptions, EngineListener, Hub, HubOptions, SiteId, Storage, hash_password,
};
use rotunda_livechat::{LivechatOptions, router};
use rotunda_store::Store;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::ServiceExt;
use uuid::Uuid;

pub const SITE: SiteId = SiteId(10_000);
pub const CONFIG: &str = "/v4/livechat/audioVideoChatConfig";

/// Answers, and remembers what it was asked.
#[derive(Default)]
pub struct Answering {
    pub asked: Mutex<Vec<LegRequest>>,
    pub recorded: Mutex<Vec<SessionId>>,
}

impl Engine for Answering {
    fn open(&self, _: SessionId, _: CanvasSpec) {}
    fn close(&self, _: SessionId) {}
    fn answer(&self, request: LegRequest) -> Result<LegAnswer, EngineRefusal> {
        self.asked.lock().unwrap().push(request);
        Ok(LegAnswer { sdp: "v=0".into(), fingerprint: "AB".into(), is_held: false })
    }
    /// As if every page had been loaded again.
    fn renegotiate(&self, _: LegKey, _: String) -> Result<LegAnswer, EngineRefusal> {
        Err(EngineRefusal::OtherFingerprint)
    }
    fn hold(&self, _: LegKey, _: bool) {}
    fn release(&self, _: LegKey) {}
    fn show(&self, _: SessionId, _: Arc<CanvasPlan>) {}
    fn apply_media(&self, _: SessionId, _: MemberMedia) {}
    fn play(&self, _: SessionId, _: Tone) {}
    fn recording_hindrance(&self) -> Option<EngineRefusal> {
        None
    }
    fn control_recording(
        &self,
        session: SessionId,
        _: RecordingId,
        order: RecordingOrder,
        _: PathBuf,
    ) {
        if order == RecordingOrder::Start {
            self.recorded.lock().unwrap().push(session);
        }
    }
    fn is_ready(&self) -> bool {
        true
    }
}

pub struct Desk {
    pub router: Router,
    pub hub: Hub,
    pub store: Store,
    pub project: ProjectId,
    pub engine: Arc<Answering>,
    pub listener: EngineListener,
    folder: PathBuf,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
}

pub fn basic(email: &str, key: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{email}:{key}")))
}

impl Desk {
    pub async fn open() -> Self {
        Self::with(LivechatOptions::default()).await
    }

    pub async fn with(options: LivechatOptions) -> Self {
        let folder = std::env::temp_dir().join(format!("rotunda-livechat-{}", Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let file = folder.join("test.db");
        let store = Store::open_patient(&file, Duration::from_secs(10)).await.unwrap();
        let project = store.create_project(None, "ours").await.unwrap().id;
        let storage = Arc::new(Storage::folder_only(folder.join("recordings")));
        let archive = ArchiveOptions { storage, ..ArchiveOptions::default() };
        let (engine, listener) = (Arc::new(Answering::default()), EngineListener::default());
        let options_of_hub = HubOptions { archive, ..HubOptions::default() };
        let hub = Hub::start(store.clone(), engine.clone(), &listener, options_of_hub);
        let router = router(hub.clone(), &options);
        Self { router, hub, store, project, engine, listener, folder }
    }

    /// Keeps an agent of [`SITE`]; gives their API key.
    pub async fn agent(&self, email: &str, password: &str, manages_settings: bool) -> String {
        let password = hash_password(password).unwrap();
        let (id, email) = (Uuid::new_v4(), email.into());
        let agent = AgentRow { id, site: SITE, email, password, manages_settings };
        self.store.create_agent(&agent).await.unwrap()
    }

    /// Sends a request from 192.0.2.1; headers as pairs.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let client = ClientAddress::new([192, 0, 2, 1].into());
        let mut request = Request::builder().method(method).uri(path).extension(client);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await;
        let (parts, body) = response.unwrap().into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, json }
    }

    /// Asks for tokens.
    pub async fn token(&self, form: &'static str) -> Answer {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", "/oauth/token", &kind, form).await
    }
}
