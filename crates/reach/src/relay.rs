//! RTMP for an `ffmpeg` child: a door on loopback that leads to the one checked address, through
//! TLS where the scheme wants it, and to nothing else.

use crate::fetch::{FetchError, Fetcher};
use crate::source::SourceUrl;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The door; closed when it is dropped.
pub struct Relay {
    address: SocketAddr,
    source: SourceUrl,
    task: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Relay {
    /// Connects to the source and lets one child through.
    pub async fn start(fetcher: &Fetcher, source: SourceUrl) -> Result<Self, FetchError> {
        source.check(fetcher.rules())?;
        let mut far = fetcher.connect(&source).await?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(|_: io::Error| FetchError::Unreachable)?;
        let address = listener.local_addr().map_err(|_| FetchError::Unreachable)?;
        let task = tokio::spawn(async move {
            if let Ok((mut near, _)) = listener.accept().await {
                drop(listener);
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            }
        });
        Ok(Self { address, source, task })
    }

    /// Where the door is, `address:port`.
    pub fn door(&self) -> SocketAddr {
        self.address
    }

    /// Where the child finds the source.
    pub fn url(&self) -> String {
        let url = self.source.url();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("rtmp://{}{}{query}", self.address, url.path())
    }

    /// What the child is to say it wants, so that the server finds the right application.
    pub fn tc_url(&self) -> String {
        let url = self.source.url();
        let app = url.path().trim_start_matches('/').split('/').next().unwrap_or_default();
        format!("rtmp://{}:{}/{app}", self.source.name(), self.source.port())
    }
}
