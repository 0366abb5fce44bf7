//! The door before a real store, with an engine that does nothing.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rotunda_domain::output::{MemberMedia, Tone};
use rotunda_domain::{CanvasPlan, LegKey, ProjectId, SessionId};
use rotunda_engine::{CanvasSpec, Engine, EngineRefusal, LegAnswer, LegRequest};
use rotunda_hub::{EngineListener, Hub, HubOptions};
use rotunda_rest::{RestOptions, router};
use rotunda_store::Store;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;
use uuid::Uuid;

struct Silent;

impl Engine for Silent {
    fn open(&self, _: SessionId, _: CanvasSpec) {}
    fn close(&self, _: SessionId) {}
    fn answer(&self, _: LegRequest) -> Result<LegAnswer, EngineRefusal> {
        unreachable!("no test here joins")
    }
    fn renegotiate(&self, _: LegKey, _: String) -> Result<LegAnswer, EngineRefusal> {
        unreachable!("no test here joins")
    }
    fn hold(&self, _: LegKey, _: bool) {}
    fn release(&self, _: LegKey) {}
    fn show(&self, _: SessionId, _: Arc<CanvasPlan>) {}
    fn apply_media(&self, _: SessionId, _: MemberMedia) {}
    fn play(&self, _: SessionId, _: Tone) {}
    fn is_ready(&self) -> bool {
        true
    }
}

/// A server's worth of door.
pub struct Desk {
    pub router: Router,
    pub hub: Hub,
    pub store: Store,
    pub project: ProjectId,
    pub secret: String,
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

impl Answer {
    /// Attribute and code of each error of a 422.
    pub fn errors(&self) -> Vec<(String, String)> {
        assert_eq!(self.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", self.json);
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let errors = self.json["errors"].as_array().unwrap();
        errors.iter().map(|e| (text(&e["attribute"]), text(&e["code"]))).collect()
    }
}

pub fn basic(project: impl std::fmt::Display, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{project}:{secret}")))
}

impl Desk {
    pub async fn open() -> Self {
        Self::with(HubOptions::default(), RestOptions::default()).await
    }

    pub async fn with(options: HubOptions, rest: RestOptions) -> Self {
        Self::before(Arc::new(Silent), &EngineListener::default(), options, rest).await
    }

    /// The door before this engine, which speaks into `listener`.
    pub async fn before(
        engine: Arc<dyn Engine>,
        listener: &EngineListener,
        options: HubOptions,
        rest: RestOptions,
    ) -> Self {
        let folder = std::env::temp_dir().join(format!("rotunda-rest-{}", Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let file = folder.join("test.db");
        let store = Store::open_patient(&file, Duration::from_secs(10)).await.unwrap();
        let project = store.create_project(None, "ours").await.unwrap().id;
        let secret = store.create_api_token(project, &["video".into()]).await.unwrap().secret;
        let hub = Hub::start(store.clone(), engine, listener, options);
        let router = router(hub.clone(), rest);
        Self { router, hub, store, project, secret, folder }
    }

    /// Changes the database as a hand from outside would.
    pub async fn tamper(&self, statement: &'static str) {
        use sqlx::Connection;
        let file = format!("sqlite://{}", self.folder.join("test.db").display());
        let mut database = sqlx::SqliteConnection::connect(&file).await.unwrap();
        sqlx::query(statement).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }

    /// Sends a request under `/api/video` with our credentials.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let body = body.map_or_else(Vec::new, |json| json.to_string().into_bytes());
        self.send(method, path, &basic(self.project, &self.secret), body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None).await
    }

    /// Sends bytes with whichever credentials.
    pub async fn send(&self, method: &str, path: &str, credentials: &str, body: Vec<u8>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/video{path}"))
            .header(header::HOST, "rooms.test:7880")
            .header(header::AUTHORIZATION, credentials)
            .body(Body::from(body))
            .unwrap();
        self.raw(request).await
    }

    pub async fn raw(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 8 << 20).await.unwrap();
        let json = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes).expect("every body is JSON"),
        };
        Answer { status: parts.status, headers: parts.headers, json }
    }

    /// Another project and its secret.
    pub async fn stranger(&self, scopes: &[&str]) -> (ProjectId, String) {
        let project = self.store.create_project(None, "theirs").await.unwrap().id;
        let scopes: Vec<String> = scopes.iter().map(|s| (*s).to_owned()).collect();
        (project, self.store.create_api_token(project, &scopes).await.unwrap().secret)
    }
}
