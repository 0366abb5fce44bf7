//! Asks whether clients reach this server by `server.public_url`: name, TLS, WebSocket, all of it. A
//! wrong address locks people out, because it replaces the SDK's host option.

use crate::config::Config;
use rustls_pki_types::ServerName;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::client_async;
use url::Url;

/// More than a slow handshake takes.
const WITHIN: Duration = Duration::from_secs(10);

/// What stands between a client and this server.
#[derive(Debug, thiserror::Error)]
enum Unreached {
    #[error("it is no address with a host")]
    NoAddress,
    #[error("nothing answers within {} s", WITHIN.as_secs())]
    Silent,
    #[error("no connection: {0}")]
    Connect(std::io::Error),
    #[error("no TLS there, or a certificate that is not trusted: {0}")]
    Tls(std::io::Error),
    #[error("no certificate authorities on this machine to check with: {0}")]
    Authorities(#[from] rotunda_outbound::TlsError),
    #[error("no WebSocket there: {0}")]
    WebSocket(Box<tokio_tungstenite::tungstenite::Error>),
}

/// Asks in the background, once, and says in the log what came of it.
pub(crate) fn start(config: &Config) {
    let (url, ca_file) = (config.public_url.clone(), config.ca_file.clone());
    rotunda_telemetry::spawn(
        "probe",
        async move { warn_of_public_url(url, ca_file.as_deref()).await },
    );
}

/// Says in the log whether `public_url` is set and reached.
async fn warn_of_public_url(public_url: Option<String>, ca_file: Option<&Path>) {
    let Some(url) = public_url else {
        tracing::warn!(
            "server.public_url is not set: apps must give the SDK its `host` option themselves"
        );
        return;
    };
    let reached = tokio::time::timeout(WITHIN, reach(&url, ca_file)).await;
    match reached.unwrap_or(Err(Unreached::Silent)) {
        Ok(()) => tracing::info!(%url, "server.public_url is reached by its own name"),
        Err(why) => {
            let hint = "server.public_url cannot be reached from here by its own name";
            tracing::warn!(%url, %why, "{hint}");
        }
    }
}

async fn reach(url: &str, ca_file: Option<&Path>) -> Result<(), Unreached> {
    let parsed = Url::parse(url).map_err(|_| Unreached::NoAddress)?;
    let host = parsed.host_str().ok_or(Unreached::NoAddress)?;
    let port = parsed.port_or_known_default().ok_or(Unreached::NoAddress)?;
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await;
    let stream = stream.map_err(Unreached::Connect)?;
    if parsed.scheme() != "wss" {
        return upgrade(url, stream).await;
    }
    let name = host.trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(name).map_err(|_| Unreached::NoAddress)?;
    let connector = TlsConnector::from(rotunda_outbound::tls_client(ca_file)?);
    let stream = connector.connect(name, stream).await.map_err(Unreached::Tls)?;
    upgrade(url, stream).await
}

async fn upgrade<S>(url: &str, stream: S) -> Result<(), Unreached>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    client_async(url, stream).await.map_err(|e| Unreached::WebSocket(Box::new(e)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// Answers one connection with `answer`, whatever it says.
    async fn port_that_says(answer: &'static [u8]) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(answer).await;
        });
        port
    }

    #[tokio::test]
    async fn a_wss_address_on_a_plain_port_is_not_reached() {
        let port = port_that_says(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let reached = reach(&format!("wss://127.0.0.1:{port}"), None).await;
        // A machine without authorities cannot tell either, and says so.
        assert!(
            matches!(reached, Err(Unreached::Tls(_) | Unreached::Authorities(_))),
            "{reached:?}"
        );
    }

    #[tokio::test]
    async fn a_port_that_speaks_no_websocket_is_not_reached() {
        let port = port_that_says(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let reached = reach(&format!("ws://127.0.0.1:{port}/"), None).await;
        assert!(matches!(reached, Err(Unreached::WebSocket(_))), "{reached:?}");
    }
}
