//! One HTTP/1.1 request on a connection of its own: all a test needs of HTTP.

use serde_json::Value;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The value of a header; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        let named = |line: &'_ str| line.split_once(':').map(|(n, _)| n.eq_ignore_ascii_case(name));
        let line = self.head.lines().find(|line| named(line) == Some(true));
        line.and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim())
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

/// Sends a request to `http://host:port/path` and reads the answer to its end.
///
/// # Errors
/// The connection fails or the answer is no HTTP.
pub async fn send(
    method: &str,
    url: &str,
    authorization: Option<&str>,
    body: Option<&Value>,
) -> io::Result<Answer> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut headers = Vec::new();
    headers.extend(authorization.map(|authorization| ("Authorization", authorization)));
    headers.extend((!body.is_empty()).then_some(("Content-Type", "application/json")));
    ask(method, url, &headers, &body).await
}

/// The same with headers and a body of any kind.
///
/// # Errors
/// As [`send`].
pub async fn ask(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let rest = url.strip_prefix("http://").ok_or_else(|| wrong("not http://"))?;
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let bytes = exchange(host, &request).await?;
    let whole = String::from_utf8_lossy(&bytes);
    let (head, text) = whole.split_once("\r\n\r\n").ok_or_else(|| wrong("no header"))?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    Ok(Answer {
        status: status.ok_or_else(|| wrong("no status"))?,
        head: head.to_owned(),
        text: if chunked { unchunked(text) } else { text.to_owned() },
    })
}

async fn exchange(host: &str, request: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// Downloads a file, or the part of it that `range` names (`bytes=0-99`): status and bytes.
///
/// # Errors
/// As [`send`]; an answer without a length is refused.
pub async fn download(url: &str, range: Option<&str>) -> io::Result<(u16, Vec<u8>)> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "no HTTP answer");
    let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let range = range.map_or_else(String::new, |range| format!("Range: {range}\r\n"));
    let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{range}\r\n");
    let bytes = exchange(host, &head).await?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(wrong)?;
    let status = String::from_utf8_lossy(&bytes[..end]);
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(wrong)?;
    Ok((status, bytes[end + 4..].to_vec()))
}

/// A plain GET.
///
/// # Errors
/// As [`send`].
pub async fn get(url: &str) -> io::Result<Answer> {
    send("GET", url, None, None).await
}

fn unchunked(mut rest: &str) -> String {
    let mut text = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let len = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let Some(chunk) = after.get(..len).filter(|_| len > 0) else { break };
        text += chunk;
        rest = after.get(len + 2..).unwrap_or_default();
    }
    text
}
