//! Turns an embedded file into an HTTP answer: type, caching, and the headers that keep the page
//! from loading or running anything that this binary did not bring along.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use crate::compress;
use crate::embedded::{File, Keep};
use crate::files;

/// Only our own files; sockets to wherever the token points (its `ch` header may name another
/// host); media from streams. No inline script or style, and no form that goes anywhere. `wasm-unsafe-eval`
/// lets programs be compiled that came from here (noise suppression, blur); JavaScript in texts stays shut out.
const POLICY: &str = "default-src 'none'; connect-src 'self' ws: wss:; manifest-src 'self'; \
    media-src 'self' blob: mediastream:; img-src 'self'; style-src 'self'; \
    script-src 'self' 'wasm-unsafe-eval'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// The operator's page opens no socket, and nobody may frame it.
const ADMIN_POLICY: &str = "default-src 'none'; connect-src 'self'; media-src 'self'; \
    img-src 'self'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// A site that is none.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no origin: write scheme and host, https://www.example.com, or * for any")]
pub struct BadAncestor(String);

/// The page and its files, with the sites that may frame them; cheap to clone.
#[derive(Clone, Debug)]
pub struct Page {
    policy: HeaderValue,
}

impl Default for Page {
    fn default() -> Self {
        Self { policy: HeaderValue::from_static(POLICY) }
    }
}

impl Page {
    /// The page, which `ancestors` may show in a frame beside this server itself: origins, or `*`
    /// (`frame-ancestors` of CSP 3).
    ///
    /// # Errors
    /// [`BadAncestor`] names what is no origin.
    pub fn framed_by(ancestors: &[String]) -> Result<Self, BadAncestor> {
        let bad = |ancestor: &str| BadAncestor(ancestor.to_owned());
        if let Some(wrong) = ancestors.iter().find(|one| !is_source(one)) {
            return Err(bad(wrong));
        }
        let more: String = ancestors.iter().map(|one| format!(" {one}")).collect();
        let policy = HeaderValue::try_from(format!("{POLICY}{more}")).map_err(|_| bad(&more))?;
        Ok(Self { policy })
    }

    /// The page itself, for a `/` that the caller shares with the WebSocket upgrade.
    pub fn index(&self, request: &HeaderMap) -> Response<Body> {
        self.file(&files::INDEX, request)
    }

    /// The operator's page. No other site may show it in a frame, whoever may frame the rooms: a press that
    /// was meant for something else would end a session.
    pub(crate) fn unframed(&self, request: &HeaderMap) -> Response<Body> {
        let mut response = self.file(&files::ADMIN, request);
        let policy = HeaderValue::from_static(ADMIN_POLICY);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        response
    }

    /// The file as a 200, compressed for those who take that, or a 304 when the browser already holds
    /// this very content.
    pub(crate) fn file(&self, file: &'static File, request: &HeaderMap) -> Response<Body> {
        let is_small = compress::takes_gzip(request);
        let bytes = if is_small { file.gzipped } else { compress::plain(file) };
        let etag = etag(bytes);
        let (status, body) = match holds(request, &etag) {
            true => (StatusCode::NOT_MODIFIED, Body::empty()),
            false => (StatusCode::OK, Body::from(bytes)),
        };
        let mut response = with_headers(status, file, &etag, body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        if is_small {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

/// An origin as CSP has it (`scheme://host[:port]`), or any.
fn is_source(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_host_byte = |b: u8| b.is_ascii_alphanumeric() || b"-.:*[]".contains(&b);
    text == "*" || host.is_some_and(|host| !host.is_empty() && host.bytes().all(is_host_byte))
}

/// A 404 that says only that.
pub(crate) fn not_found() -> Response<Body> {
    let mut response = Response::new(Body::from("Not Found\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}

fn with_headers(status: StatusCode, file: &File, etag: &HeaderValue, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let mut set = |name, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_TYPE, file.content_type);
    set(header::CACHE_CONTROL, cache_control(file.keep));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // The same address, compressed or not (RFC 9110 §12.5.5).
    set(header::VARY, "Accept-Encoding");
    // A room token may stand in the page's address; it must not travel in a Referer.
    set(header::REFERRER_POLICY, "no-referrer");
    headers.insert(header::ETAG, etag.clone());
    response
}

fn cache_control(keep: Keep) -> &'static str {
    match keep {
        Keep::Ask => "no-cache",
        Keep::Forever => "public, max-age=31536000, immutable",
    }
}

/// Whether `If-None-Match` names this content (RFC 9110 §13.1.2: a list, weak marks ignored).
fn holds(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let etag = etag.as_bytes();
    request.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        let parts = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        parts.map(|part| part.strip_prefix(b"W/").unwrap_or(part)).any(|p| p == etag || p == b"*")
    })
}

/// A strong tag from the content: 64-bit FNV-1a and the length. It only has to change when the
/// content does, between two builds of ours; nobody gains anything by forging it.
fn etag(bytes: &[u8]) -> HeaderValue {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let tag = format!("\"{hash:016x}-{:x}\"", bytes.len());
    HeaderValue::from_str(&tag).expect("quotes, hexadecimal digits and a dash are header text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    fn file(file: &'static File, request: &HeaderMap) -> Response<Body> {
        Page::default().file(file, request)
    }

    fn stylesheet() -> &'static File {
        files::all().find(|file| file.content_type == crate::embedded::CSS).unwrap()
    }

    fn asked_with(tag: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_str(tag).unwrap());
        headers
    }

    #[test]
    fn a_file_is_served_with_its_type_its_tag_and_the_policy() {
        let style = stylesheet();
        let response = file(style, &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let (_, more) =
            policy.split_once("script-src 'self' 'wasm-unsafe-eval';").expect("so and no more");
        assert!(!more.contains("unsafe") && policy.matches("unsafe").count() == 1, "{policy}");
    }

    #[test]
    fn a_browser_that_holds_the_content_gets_304() {
        let style = stylesheet();
        let tag = etag(compress::plain(style));
        let tag = tag.to_str().unwrap();
        for sent in [tag.to_owned(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let response = file(style, &asked_with(&sent));
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{sent}");
        }
        assert_eq!(file(style, &asked_with("\"other\"")).status(), StatusCode::OK);
    }

    #[test]
    fn a_file_comes_compressed_to_who_takes_that_and_under_a_tag_of_its_own() {
        let style = stylesheet();
        let mut request = HeaderMap::new();
        let plain = file(style, &request);
        request.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br, gzip;q=0.8"));
        let small = file(style, &request);
        assert_eq!(small.headers()[header::CONTENT_ENCODING], "gzip");
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_ne!(plain.headers()[header::ETAG], small.headers()[header::ETAG]);
        assert_eq!(small.headers()[header::VARY], "Accept-Encoding");
    }

    #[test]
    fn the_sites_an_operator_names_may_frame_the_page_and_what_is_no_site_is_refused() {
        let sites = ["https://www.example.com".to_owned(), "https://*.example.org:8443".to_owned()];
        let response = Page::framed_by(&sites).unwrap().index(&HeaderMap::new());
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.ends_with("'self' https://www.example.com https://*.example.org:8443"));
        for wrong in
            ["", "example.com", "https://", "https://a b", "https://a; script-src *", "'none'"]
        {
            assert!(Page::framed_by(&[wrong.to_owned()]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_operators_page_is_framed_by_nobody_whoever_may_frame_the_rooms() {
        let page = Page::framed_by(&["*".to_owned()]).unwrap();
        let response = page.unframed(&HeaderMap::new());
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.ends_with("frame-ancestors 'none'") && !policy.contains('*'), "{policy}");
        assert_eq!(response.headers()[header::REFERRER_POLICY], "no-referrer");
    }

    #[test]
    fn two_contents_have_two_tags() {
        assert_ne!(etag(b"a"), etag(b"b"));
        assert_ne!(etag(b""), etag(b"\0"));
    }

    #[test]
    fn what_has_a_hash_in_its_name_is_kept_for_ever_and_the_page_is_asked_for() {
        let style = stylesheet();
        let response = file(style, &HeaderMap::new());
        assert_eq!(
            response.headers()[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(
            file(&files::INDEX, &HeaderMap::new()).headers()[header::CACHE_CONTROL],
            "no-cache"
        );
    }
}
