//! A receiver of webhooks on loopback: it notes what it took and what it only heard.

use serde_json::Value;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// What came.
#[derive(Clone, Debug)]
pub struct Hook {
    /// `webhook-id`.
    pub id: String,
    /// All of the head.
    pub head: String,
    /// The body.
    pub text: String,
    /// The same as JSON.
    pub body: Value,
    /// Whether it was taken.
    pub is_taken: bool,
}

impl Hook {
    /// The event's name.
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default()
    }
}

#[derive(Debug, Default)]
struct Shared {
    heard: Mutex<Vec<Hook>>,
    is_silent: Mutex<bool>,
}

impl Shared {
    fn heard(&self) -> MutexGuard<'_, Vec<Hook>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_silent(&self) -> MutexGuard<'_, bool> {
        self.is_silent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The receiver; gone when its runtime is.
#[derive(Clone, Debug)]
pub struct HookReceiver {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl HookReceiver {
    /// Starts one that takes everything.
    ///
    /// # Panics
    /// No port is free.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::<Shared>::default();
        let of_server = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Fails when the sender is killed, which is what is tested.
                tokio::spawn(take(of_server.clone(), stream));
            }
        });
        Self { address, shared }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Whether it hears what comes from now on and says nothing.
    pub fn be_silent(&self, is_silent: bool) {
        *self.shared.is_silent() = is_silent;
    }

    /// Everything that came, in its order.
    pub fn heard(&self) -> Vec<Hook> {
        self.shared.heard().clone()
    }

    /// The same, once it `is` as wanted.
    ///
    /// # Panics
    /// It is not within 20 s.
    pub async fn until(&self, is: impl Fn(&[Hook]) -> bool) -> Vec<Hook> {
        let end = Instant::now() + Duration::from_secs(20);
        let mut look = tokio::time::interval(Duration::from_millis(10));
        loop {
            look.tick().await;
            let heard = self.heard();
            if is(&heard) {
                return heard;
            }
            assert!(Instant::now() < end, "{heard:#?}");
        }
    }
}

async fn take(shared: Arc<Shared>, stream: TcpStream) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let value = |name: &str| {
        let line = head.lines().find_map(|line| line.split_once(": ").filter(|(n, _)| *n == name));
        line.map_or("", |(_, value)| value).to_owned()
    };
    let mut body = vec![0; value("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    let text = String::from_utf8_lossy(&body).into_owned();
    let is_taken = !*shared.is_silent();
    let body = serde_json::from_str(&text).unwrap_or_default();
    shared.heard().push(Hook { id: value("webhook-id"), head, text, body, is_taken });
    if !is_taken {
        // Until the sender ends the connection.
        stream.read_to_end(&mut Vec::new()).await?;
        return Ok(());
    }
    stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await
}
