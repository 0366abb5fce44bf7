//! A bucket that speaks S3: moto's server from PyPI, in the virtual environment that
//! `scripts/setup.sh test` makes. Its contents are asked for through boto3, a client that is none of
//! ours.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

const READY_WITHIN: Duration = Duration::from_secs(30);
/// What clients call themselves; moto believes everybody.
pub const CREDENTIALS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "secret"),
    ("AWS_REGION", "us-east-1"),
];

/// An object as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it is called.
    pub key: String,
    /// How often it was written.
    pub versions: usize,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// A server with one bucket, which keeps every version of its objects; gone when it is dropped.
pub struct Bucket {
    child: Child,
    address: SocketAddr,
}

const MAKE: &str = "
s3.create_bucket(Bucket='films')
s3.put_bucket_versioning(Bucket='films', VersioningConfiguration={'Status': 'Enabled'})
";
const LIST: &str = "
import collections, hashlib
counts = collections.Counter()
for page in s3.get_paginator('list_object_versions').paginate(Bucket='films'):
    counts.update(v['Key'] for v in page.get('Versions', []))
present = [o['Key'] for o in s3.list_objects_v2(Bucket='films').get('Contents', [])]
for key in sorted(present):
    body = s3.get_object(Bucket='films', Key=key)['Body'].read()
    print(key, counts[key], hashlib.sha256(body).hexdigest())
";

/// The Python of `target/test-venv`, where the tests' packages are.
///
/// # Panics
/// It is missing; `scripts/setup.sh test` installs it.
pub fn python() -> PathBuf {
    let own = std::env::current_exe().expect("a process has a file");
    let target = own.ancestors().nth(3).expect("a test lies in target/PROFILE/deps");
    let python = target.join("test-venv/bin/python");
    assert!(python.exists(), "no {}: run scripts/setup.sh test", python.display());
    python
}

impl Bucket {
    /// Starts one.
    ///
    /// # Panics
    /// moto is missing (`scripts/setup.sh test` installs it), or it does not get ready.
    pub async fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|taken| taken.local_addr());
        let address = free.expect("a port is free");
        let child = Command::new(python())
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &address.port().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let bucket = Self { child: child.expect("moto starts"), address };
        let end = Instant::now() + READY_WITHIN;
        while TcpStream::connect(address).await.is_err() {
            assert!(Instant::now() < end, "moto does not get ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bucket.ask(MAKE);
        bucket
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All objects, in the order of their keys.
    ///
    /// # Panics
    /// The server does not answer.
    pub fn objects(&self) -> Vec<Object> {
        let object = |line: &str| {
            let mut words = line.split(' ').map(str::to_owned);
            let mut word = || words.next().expect("three words a line");
            let (key, versions, sha256) = (word(), word(), word());
            Object { key, versions: versions.parse().expect("a number"), sha256 }
        };
        self.ask(LIST).lines().map(object).collect()
    }

    fn ask(&self, code: &str) -> String {
        let client = format!(
            "import boto3\ns3 = boto3.client('s3', endpoint_url='http://{}')",
            self.address
        );
        let done = Command::new(python())
            .args(["-c", &format!("{client}\n{code}")])
            .envs(CREDENTIALS)
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .output()
            .expect("Python runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // Fails only when it ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// SHA-256 of a file, as `sha256sum` says it.
///
/// # Panics
/// There is no such file.
pub fn sha256(path: &std::path::Path) -> String {
    assert!(fs::metadata(path).is_ok(), "no {}", path.display());
    let done = Command::new("sha256sum").arg(path).output().expect("sha256sum runs");
    String::from_utf8_lossy(&done.stdout).split(' ').next().unwrap_or_default().to_owned()
}
