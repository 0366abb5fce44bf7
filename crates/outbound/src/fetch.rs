//! The one way out: resolves a name once, checks every address it has, and connects to one of those
//! and to nothing else. Every redirect comes back here.

use crate::address::AddressRules;
use crate::source::{SourceUrl, UrlRefused};
use crate::tls::{self, TlsError};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use rustls_pki_types::ServerName;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;

/// Redirects that are followed; as many as browsers do, because links to podcasts are counted by one
/// host after the other.
const REDIRECTS: usize = 20;
/// Longest address a redirect may lead to, bytes.
const ADDRESS: usize = 8 << 10;
/// How what is fetched may be packed; whoever gets it unpacks it.
const PACKINGS: [&str; 3] = ["gzip", "x-gzip", "deflate"];
/// Addresses of a name that are tried.
const TRIES: usize = 3;
/// Time for a name, for a connection, and for the head of an answer.
const PATIENCE: Duration = Duration::from_secs(8);

/// Why something was not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address cannot be used.
    #[error(transparent)]
    Url(#[from] UrlRefused),
    /// The host has an address that may not be reached.
    #[error("the host has an address that may not be reached from here")]
    Address,
    /// There is no such host, or nobody takes the connection.
    #[error("the host cannot be reached")]
    Unreachable,
    /// It was reached and does not answer.
    #[error("the host does not answer")]
    Silent,
    /// It does not prove who it is.
    #[error("the host's certificate is not trusted, or it speaks no TLS")]
    Untrusted,
    /// It answers something else than what was asked for.
    #[error("the host answered {0}")]
    Status(u16),
    /// It speaks no HTTP we know.
    #[error("the host's answer cannot be read")]
    Unreadable,
    /// It packs what it sends in a way nobody asked for.
    #[error("the host packs what it sends in an unknown way")]
    Packed,
    /// It leads on and on.
    #[error("the source redirects more than {REDIRECTS} times")]
    Redirects,
}

/// Finds the addresses of a name.
pub trait Resolve: Send + Sync {
    /// All of them.
    fn resolve(&self, name: String) -> BoxFuture<'_, io::Result<Vec<IpAddr>>>;
}

/// As the machine does.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: String) -> BoxFuture<'_, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A connection, with or without TLS.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Something that was fetched: where from in the end, and the answer.
pub struct Fetched {
    /// The address that answered, after all redirects: what relative addresses in the body refer to.
    pub url: SourceUrl,
    /// Head and body; the body is packed as `Content-Encoding` says, and as long as the host likes.
    pub response: Response<Incoming>,
}

/// Fetches from checked addresses; cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    rules: AddressRules,
    resolver: Arc<dyn Resolve>,
    tls: Arc<ClientConfig>,
}

/// What the operator decides of the world outside.
#[derive(Clone, Debug, Default)]
pub struct OutboundOptions {
    /// Which addresses may be reached.
    pub rules: AddressRules,
    /// Certificate authorities, PEM; the machine's own when `None`.
    pub ca_file: Option<PathBuf>,
}

impl Fetcher {
    /// One that finds names as the machine does.
    ///
    /// # Errors
    /// The certificate authorities that were named cannot be used.
    pub fn open(options: OutboundOptions) -> Result<Self, TlsError> {
        let tls = tls::client(options.ca_file.as_deref())?;
        Ok(Self::new(options.rules, Arc::new(SystemResolver), tls))
    }

    /// One that goes by `rules` and finds names with `resolver`.
    pub fn new(rules: AddressRules, resolver: Arc<dyn Resolve>, tls: Arc<ClientConfig>) -> Self {
        Self { rules, resolver, tls }
    }

    /// Which addresses may be reached.
    pub fn rules(&self) -> &AddressRules {
        &self.rules
    }

    /// Every address of the host, if all of them may be reached: one that may not makes the name
    /// suspect.
    async fn addresses(&self, url: &SourceUrl) -> Result<Vec<SocketAddr>, FetchError> {
        let found = match url.ip() {
            Some(ip) => vec![ip],
            None => timeout(PATIENCE, self.resolver.resolve(url.name().to_owned()))
                .await
                .map_err(|_| FetchError::Unreachable)?
                .map_err(|_| FetchError::Unreachable)?,
        };
        if !found.iter().all(|ip| self.rules.permit(*ip)) {
            return Err(FetchError::Address);
        }
        Ok(found.into_iter().take(TRIES).map(|ip| (ip, url.port()).into()).collect())
    }

    /// Connects to the host, through TLS where the scheme wants it.
    ///
    /// # Errors
    /// [`FetchError::Address`] when any address of the host may not be reached,
    /// [`FetchError::Unreachable`] when there is no such host or none of its first three addresses
    /// takes the connection within 8 s each, [`FetchError::Silent`] when it does not answer TLS
    /// within 8 s, [`FetchError::Untrusted`] when its certificate is not trusted or it speaks no
    /// TLS.
    pub async fn connect(&self, url: &SourceUrl) -> Result<Box<dyn Wire>, FetchError> {
        let mut stream = None;
        for address in self.addresses(url).await? {
            if let Ok(Ok(connected)) = timeout(PATIENCE, TcpStream::connect(address)).await {
                stream = Some(connected);
                break;
            }
        }
        let stream = stream.ok_or(FetchError::Unreachable)?;
        let _ = stream.set_nodelay(true);
        if !url.is_secret() {
            return Ok(Box::new(stream));
        }
        let name = url.name().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(name).map_err(|_| FetchError::Untrusted)?;
        let secure = TlsConnector::from(self.tls.clone()).connect(name, stream);
        let secure = timeout(PATIENCE, secure).await.map_err(|_| FetchError::Silent)?;
        Ok(Box::new(secure.map_err(|_| FetchError::Untrusted)?))
    }

    /// Gets `url`, or that part of it; follows redirects. The answer may be packed with gzip or
    /// deflate, as its `Content-Encoding` says, though it was asked for plain.
    ///
    /// # Errors
    /// [`FetchError`]; of any other answer than a success, its status.
    pub async fn get(
        &self,
        url: &SourceUrl,
        range: Option<&HeaderValue>,
    ) -> Result<Fetched, FetchError> {
        let mut url = url.clone();
        for _ in 0..=REDIRECTS {
            let response = self.ask(&url, range).await?;
            let status = response.status();
            if let Some(to) = led_to(&url, &response)? {
                url = to;
                continue;
            }
            if !status.is_success() {
                return Err(FetchError::Status(status.as_u16()));
            }
            let packing = response.headers().get(header::CONTENT_ENCODING);
            let is_known = |packing: &HeaderValue| {
                PACKINGS.iter().chain(&["identity"]).any(|known| packing == known)
            };
            if !packing.is_none_or(is_known) {
                return Err(FetchError::Packed);
            }
            return Ok(Fetched { url, response });
        }
        Err(FetchError::Redirects)
    }

    async fn ask(
        &self,
        url: &SourceUrl,
        range: Option<&HeaderValue>,
    ) -> Result<Response<Incoming>, FetchError> {
        let wire = self.connect(url).await?;
        let request = request(url, range).ok_or(FetchError::Url(UrlRefused::Unreadable))?;
        let shake = http1::Builder::new().max_headers(64).handshake(TokioIo::new(wire));
        let (mut sender, connection) = shake.await.map_err(|_| FetchError::Unreadable)?;
        // Ends with its answer's body.
        tokio::spawn(connection);
        let answer = timeout(PATIENCE, sender.send_request(request)).await;
        answer.map_err(|_| FetchError::Silent)?.map_err(|_| FetchError::Unreadable)
    }
}

/// Where a redirect leads. Addresses are read as people write them, letters of any language included.
fn led_to(url: &SourceUrl, response: &Response<Incoming>) -> Result<Option<SourceUrl>, FetchError> {
    let Some(to) = response.headers().get(header::LOCATION) else { return Ok(None) };
    if !matches!(response.status().as_u16(), 300..=303 | 307 | 308) {
        return Ok(None);
    }
    if to.len() > ADDRESS {
        return Err(FetchError::Unreadable);
    }
    Ok(Some(url.join(String::from_utf8_lossy(to.as_bytes()).trim())?))
}

fn request(url: &SourceUrl, range: Option<&HeaderValue>) -> Option<Request<Empty<Bytes>>> {
    let (target, mut headers) = head(url)?;
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let Some(range) = range {
        headers.insert(header::RANGE, range.clone());
    }
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = target;
    *request.headers_mut() = headers;
    Some(request)
}

/// Target and headers of every request to `url`; a name and password in it become `Authorization`.
/// `None` when HTTP has no word for it.
pub(crate) fn head(url: &SourceUrl) -> Option<(Uri, HeaderMap)> {
    let web = url.url();
    let host = match web.port() {
        Some(port) => format!("{}:{port}", url.name()),
        None => url.name().to_owned(),
    };
    let target = &web[url::Position::BeforePath..url::Position::AfterQuery];
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_str(&host).ok()?);
    headers.insert(header::USER_AGENT, HeaderValue::from_static("rotunda"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    if !web.username().is_empty() {
        let plain = |text| percent_decode_str(text).collect::<Vec<u8>>();
        let mut secret = plain(web.username());
        secret.push(b':');
        secret.extend(plain(web.password().unwrap_or_default()));
        let secret = format!("Basic {}", BASE64_STANDARD.encode(secret));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&secret).ok()?);
    }
    Some((target.parse().ok()?, headers))
}
