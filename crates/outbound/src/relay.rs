//! RTMP for an `ffmpeg` child: a door on loopback that leads to the one checked address, through
//! TLS where the scheme wants it, and to nothing else.

use crate::disguise::Disguise;
use crate::fetch::{FetchError, Fetcher};
use crate::source::SourceUrl;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Read at once of what a child says.
const PIECE: usize = 8 << 10;
/// A child that says the beginning of something says the rest within this.
const FOLLOWS: Duration = Duration::from_millis(50);
/// Nothing is waited for.
const FAR: Duration = Duration::from_secs(3600);

/// The door; closed when it is dropped.
pub struct Relay {
    address: SocketAddr,
    source: SourceUrl,
    /// Path and query, as the child is told them.
    reported: String,
    task: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Relay {
    /// Connects to the source and lets one child through.
    ///
    /// # Errors
    /// [`FetchError::Url`] when the source's host is an address that may not be reached; what
    /// [`Fetcher::connect`] says; [`FetchError::Unreachable`] when no port on loopback can be had.
    pub async fn start(fetcher: &Fetcher, source: SourceUrl) -> Result<Self, FetchError> {
        source.check(fetcher.rules())?;
        let far = fetcher.connect(&source).await?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(|_: io::Error| FetchError::Unreachable)?;
        let address = listener.local_addr().map_err(|_| FetchError::Unreachable)?;
        let url = source.url();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let (reported, disguise) = Disguise::of(&format!("{}{query}", url.path()), letter);
        let task = tokio::spawn(async move {
            if let Ok((near, _)) = listener.accept().await {
                drop(listener);
                let _ = pass(near, far, &disguise).await;
            }
        });
        Ok(Self { address, source, reported, task })
    }

    /// Where the door is, `address:port`.
    pub fn door(&self) -> SocketAddr {
        self.address
    }

    /// Where the child finds the source. The key in it is a disguise: command lines can be read by
    /// others.
    pub fn url(&self) -> String {
        format!("rtmp://{}{}", self.address, self.reported)
    }

    /// What the child is to say it wants, so that the server finds the right application.
    pub fn tc_url(&self) -> String {
        let url = self.source.url();
        let app = url.path().trim_start_matches('/').split('/').next().unwrap_or_default();
        format!("rtmp://{}:{}/{app}", self.source.name(), self.source.port())
    }
}

/// Lets both talk until both have ended, and puts right what the child says.
async fn pass(
    near: TcpStream,
    far: impl AsyncRead + AsyncWrite,
    disguise: &Disguise,
) -> io::Result<()> {
    let ((mut child, mut to_child), (mut server, mut to_server)) =
        (tokio::io::split(near), tokio::io::split(far));
    let down = async {
        tokio::io::copy(&mut server, &mut to_child).await?;
        to_child.shutdown().await
    };
    let up = async {
        let (mut said, mut is_open) = (Vec::new(), true);
        while is_open {
            said.reserve(PIECE);
            // What stays is whole, if nothing follows it.
            let patience = if said.is_empty() { FAR } else { FOLLOWS };
            let read = timeout(patience, child.read_buf(&mut said)).await;
            is_open = !matches!(read, Ok(Ok(0) | Err(_)));
            let meant = disguise.undo(&mut said, !matches!(read, Ok(Ok(1..))));
            to_server.write_all(&meant).await?;
            to_server.flush().await?;
        }
        to_server.shutdown().await
    };
    tokio::try_join!(down, up).map(drop)
}

/// A letter or digit nobody can guess.
fn letter() -> u8 {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut byte = [0];
    // Without random numbers there is no TLS either; then the key is merely not hidden well.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    LETTERS[usize::from(byte[0] % 32)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AddressRules, SystemResolver, tls_client};
    use std::sync::Arc;

    #[tokio::test]
    async fn a_child_does_not_learn_the_key_and_the_server_does() {
        let server = TcpListener::bind("127.0.0.2:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let rules = AddressRules::new(vec!["127.0.0.2".parse().unwrap()]);
        let fetcher = Fetcher::new(rules, Arc::new(SystemResolver), tls_client(None).unwrap());
        let source = SourceUrl::parse(&format!("rtmp://{address}/live/key-of-ours?sig=1234"));
        let relay = Relay::start(&fetcher, source.unwrap()).await.unwrap();
        let door = format!("rtmp://{}/live/", relay.door());
        let url = relay.url();
        let reported = url.strip_prefix(&door).unwrap();
        assert!(
            reported.len() == 20 && !reported.contains("ours") && !reported.contains("1234"),
            "{reported}"
        );

        let mut child = TcpStream::connect(relay.door()).await.unwrap();
        let (mut far, _) = server.accept().await.unwrap();
        // The last letter may begin the key, and waits for no more than a moment.
        child.write_all(format!("play {reported}.{}", &reported[..1]).as_bytes()).await.unwrap();
        let mut heard = [0; 27];
        far.read_exact(&mut heard).await.unwrap();
        let meant = format!("play key-of-ours?sig=1234.{}", &reported[..1]);
        assert_eq!(String::from_utf8_lossy(&heard), meant);
        far.write_all(b"pictures").await.unwrap();
        drop(far);
        let mut got = Vec::new();
        child.read_to_end(&mut got).await.unwrap();
        assert_eq!(got, b"pictures");
    }
}
