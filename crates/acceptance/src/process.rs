//! The built server as a process: started, asked, ended, and looked after for panics.

use crate::http::{self, Answer};
use base64::Engine;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};

const READY_WITHIN: Duration = Duration::from_secs(60);
const END_WITHIN: Duration = Duration::from_secs(20);

/// The binary under test: `ROTUNDA_BIN`, else the one beside this test's own folder; built first
/// if it is missing.
///
/// # Panics
/// There is none and it cannot be built.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("ROTUNDA_BIN") {
        return path.into();
    }
    let own = std::env::current_exe().expect("a process has a file");
    let profile = own.ancestors().nth(2).expect("a test lies in target/PROFILE/deps");
    let path = profile.join("rotunda");
    static BUILD: Once = Once::new();
    BUILD.call_once(|| {
        if !path.exists() {
            let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
            let built = Command::new(cargo).args(["build", "--bin", "rotunda"]).status();
            assert!(built.is_ok_and(|s| s.success()), "cargo build --bin rotunda failed");
        }
    });
    assert!(path.exists(), "no server at {}", path.display());
    path
}

/// One server at a time in a test's process: these tests measure time, and two at once would
/// measure each other.
static TURN: Mutex<()> = Mutex::const_new(());

/// A running server.
pub struct Stack {
    _turn: MutexGuard<'static, ()>,
    child: Child,
    folder: PathBuf,
    facts: Value,
    authorization: String,
    start: Start,
}

/// How it is started, and started again.
struct Start {
    folder: PathBuf,
    project: String,
    token: String,
    settings: Vec<(String, String)>,
    /// The program that starts it, with its arguments; none starts it as it is.
    by: Vec<String>,
}

impl Start {
    fn spawn(&self) -> Child {
        let log = File::options().create(true).append(true).open(self.folder.join("log"));
        let log = log.expect("the log can be made");
        let mut words = self.by.iter().map(OsString::from).chain([binary().into_os_string()]);
        let mut command = Command::new(words.next().expect("at least the server's own"));
        command
            .args(words)
            .args(["dev", "--listen", "127.0.0.1:0", "--udp-port", "0", "--tcp-port", "0"])
            .arg("--data-dir")
            .arg(self.folder.join("data"))
            .env("ROTUNDA_READY_FILE", self.folder.join("ready.json"))
            .env("ROTUNDA_PROJECT_ID", &self.project)
            .env("ROTUNDA_API_TOKEN", &self.token)
            .env("ROTUNDA_METRICS__LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stderr(log.try_clone().expect("a file can be shared"))
            .stdout(log);
        for (key, value) in &self.settings {
            // What is no setting is a variable of the environment.
            let name = format!("ROTUNDA_{}", key.to_uppercase().replace('.', "__"));
            command.env(if key.contains('.') { &name } else { key }, value);
        }
        command.spawn().expect("the server starts")
    }
}

impl Stack {
    /// Starts `rotunda dev` with `settings` (`section.key`, value) over its defaults, and variables
    /// of the environment (`NAME`, value).
    ///
    /// # Panics
    /// It does not get ready.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_by(&[], settings).await
    }

    /// The same by another program, such as prlimit(1), which becomes the server.
    ///
    /// # Panics
    /// It does not get ready.
    pub async fn start_by(by: &[&str], settings: &[(&str, &str)]) -> Self {
        let turn = TURN.lock().await;
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("rotunda-acceptance-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("the temporary folder can be made");
        let (project, token) = (uuid::Uuid::new_v4().to_string(), "PTacceptance".to_owned());
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let settings = settings.iter().map(owned).collect();
        let by = by.iter().map(|word| (*word).to_owned()).collect();
        let start = Start { folder, project, token, settings, by };
        let child = start.spawn();
        let Start { project, token, .. } = &start;
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{project}:{token}"));
        let authorization = format!("Basic {basic}");
        let folder = start.folder.clone();
        let facts = Value::Null;
        let mut stack = Self { _turn: turn, child, folder, facts, authorization, start };
        stack.get_ready().await;
        stack
    }

    /// Kills the process at once, as a power cut would.
    ///
    /// # Panics
    /// It cannot be killed.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a killed child ends");
    }

    /// Starts it again where it was, on other ports.
    ///
    /// # Panics
    /// It does not get ready.
    pub async fn start_again(&mut self) {
        // Gone already when the process never became ready.
        let _ = fs::remove_file(self.folder.join("ready.json"));
        self.child = self.start.spawn();
        self.get_ready().await;
    }

    /// Its `ffmpeg` children.
    pub fn children(&self) -> Vec<u32> {
        let parent = |pid: &u32| {
            let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let after = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
            after.split(' ').nth(1).and_then(|ppid| ppid.parse().ok())
        };
        let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        pids.filter(|pid| parent(pid) == Some(self.pid())).collect()
    }

    /// Whether it has children, and all of them have lost the rights they began with: they gain no new
    /// ones, and their system calls are filtered.
    pub fn has_fenced_children(&self) -> bool {
        let is_fenced = |pid: &u32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2")
        };
        let children = self.children();
        !children.is_empty() && children.iter().all(is_fenced)
    }

    /// The folder of its data.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    async fn get_ready(&mut self) {
        let file = self.folder.join("ready.json");
        let end = Instant::now() + READY_WITHIN;
        let mut look = tokio::time::interval(Duration::from_millis(10));
        loop {
            look.tick().await;
            if let Ok(text) = fs::read_to_string(&file) {
                self.facts = serde_json::from_str(&text).expect("the ready file is JSON");
                return;
            }
            let ended = self.child.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "the server ended: {ended:?}\n{}", self.log_tail());
            assert!(Instant::now() < end, "the server is not ready\n{}", self.log_tail());
        }
    }

    fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap_or_default()
    }

    /// Where clients connect.
    pub fn ws(&self) -> String {
        self.fact("ws").to_owned()
    }

    /// Where HTTP requests go.
    pub fn http(&self) -> &str {
        self.fact("http")
    }

    /// Where ICE-TCP connects.
    pub fn tcp(&self) -> SocketAddr {
        let port = self.facts["tcp_port"].as_u64().and_then(|p| u16::try_from(p).ok());
        SocketAddr::from(([127, 0, 0, 1], port.expect("the server listens on TCP")))
    }

    /// Where its media comes in.
    pub fn udp(&self) -> SocketAddr {
        let port = self.facts["udp_port"].as_u64().and_then(|p| u16::try_from(p).ok());
        SocketAddr::from(([127, 0, 0, 1], port.expect("the server listens on UDP")))
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The project it begins with.
    pub fn project(&self) -> &str {
        &self.start.project
    }

    /// The credentials of its project, as a header has them.
    pub fn authorization(&self) -> &str {
        &self.authorization
    }

    /// A request to `/api/video` with the project's credentials.
    ///
    /// # Panics
    /// The connection fails.
    pub async fn rest(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let url = format!("{}/api/video{path}", self.fact("http"));
        let sent = http::send(method, &url, Some(&self.authorization), body).await;
        sent.unwrap_or_else(|error| panic!("{method} {path}: {error}\n{}", self.log_tail()))
    }

    /// Creates a room.
    ///
    /// # Panics
    /// The server refuses.
    pub async fn room(&self, fields: Value) -> Value {
        let answer = self.rest("POST", "/rooms", Some(&fields)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// A room token; `fields` over a member's usual one.
    ///
    /// # Panics
    /// The server refuses.
    pub async fn token(&self, room: &str, user: &str, fields: Value) -> String {
        let mut body = json!({"room_name": room, "user_name": user});
        for (key, value) in fields.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        let answer = self.rest("POST", "/room_tokens", Some(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["token"].as_str().expect("a token").to_owned()
    }

    /// The value of one metric.
    ///
    /// # Panics
    /// There is none of that name.
    pub async fn metric(&self, name: &str) -> f64 {
        let url = format!("{}/metrics", self.fact("metrics"));
        let text = http::get(&url).await.expect("metrics answer").text;
        let line = text.lines().find(|line| line.split(' ').next() == Some(name));
        let value = line.and_then(|line| line.split(' ').nth(1)).and_then(|v| v.parse().ok());
        value.unwrap_or_else(|| panic!("no metric {name}"))
    }

    /// Waits until a metric `is` as wished.
    ///
    /// # Panics
    /// It is not within 10 s.
    pub async fn until_metric(&self, name: &str, is: impl Fn(f64) -> bool) -> f64 {
        let end = Instant::now() + Duration::from_secs(10);
        let mut look = tokio::time::interval(Duration::from_millis(50));
        loop {
            look.tick().await;
            let value = self.metric(name).await;
            if is(value) {
                return value;
            }
            assert!(Instant::now() < end, "{name} stays at {value}");
        }
    }

    /// All it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<_> = log.lines().rev().take(30).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Ends it by SIGTERM and looks through its log.
    ///
    /// # Panics
    /// It does not end, ends badly, or something in it panicked.
    pub async fn stop(mut self) {
        self.terminate().await;
    }

    /// The same, to be started again.
    ///
    /// # Panics
    /// As [`Stack::stop`].
    pub async fn terminate(&mut self) {
        let killed = Command::new("kill").arg(self.pid().to_string()).status();
        assert!(killed.is_ok_and(|s| s.success()), "kill(1) works");
        let end = Instant::now() + END_WITHIN;
        let mut look = tokio::time::interval(Duration::from_millis(20));
        let status = loop {
            look.tick().await;
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                break status;
            }
            assert!(Instant::now() < end, "the server does not end\n{}", self.log_tail());
        };
        assert!(status.success(), "the server ended with {status}\n{}", self.log_tail());
        let log = self.log();
        let panics: Vec<_> = log.lines().filter(|line| line.contains("panicked")).collect();
        assert!(panics.is_empty(), "the server panicked: {panics:#?}");
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // Both fail only if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the server's log, {}\n{}", self.folder.display(), self.log_tail());
        } else {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}
