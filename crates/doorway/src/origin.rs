//! Whether a page of our own sent a request. Browsers add `Origin` (RFC 6454) to everything that may change something,
//! and no page can write another one.

use crate::{Scheme, Site};
use axum::http::header::ORIGIN;
use axum::http::{Extensions, HeaderMap};

/// Whether the request's `Origin` is the site it came to, or that of `page`, where people find us (an address,
/// path and all). A request without one was sent by no page that changes something.
pub fn is_own_page(headers: &HeaderMap, extensions: &Extensions, page: Option<&str>) -> bool {
    let Some(origin) = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()) else {
        return false;
    };
    let asked = || Site::of(Scheme::Http, headers);
    let site = extensions.get::<Site>().cloned().unwrap_or_else(asked);
    let is_here = site.host.is_some() && origin.eq_ignore_ascii_case(&site.to_string());
    is_here || page.and_then(origin_of).is_some_and(|own| origin.eq_ignore_ascii_case(own))
}

/// `https://site.example/video` → `https://site.example`.
fn origin_of(address: &str) -> Option<&str> {
    let host = address.find("://")? + "://".len();
    let end = address[host..].find('/').map_or(address.len(), |slash| host + slash);
    (end > host).then(|| &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use axum::http::header::HOST;

    fn is_own(host: &'static str, origin: Option<&'static str>, page: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        let mut extensions = Extensions::new();
        extensions.insert(Site::of(Scheme::Https, &headers));
        is_own_page(&headers, &extensions, page)
    }

    #[test]
    fn only_a_page_from_here_or_from_where_people_find_us_is_our_own() {
        let host = "rooms.example:8443";
        assert!(is_own(host, Some("https://rooms.example:8443"), None));
        assert!(is_own(host, Some("https://Rooms.example:8443"), None));
        let page = Some("https://site.example/video");
        assert!(is_own(host, Some("https://site.example"), page));
        for foreign in [
            None,
            Some("null"),
            Some(""),
            Some("http://rooms.example:8443"),
            Some("https://rooms.example"),
            Some("https://rooms.example:8443.evil.example"),
            Some("https://evil.example"),
            Some("https://site.example.evil.example"),
        ] {
            assert!(!is_own(host, foreign, page), "{foreign:?}");
        }
        assert!(!is_own("", Some("http://localhost"), None), "what names no host has no page");
    }
}
