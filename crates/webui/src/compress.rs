//! The embedded texts once more as gzip (RFC 1952), made when the first is asked for: the SDK is a
//! quarter of its size then, and a phone on a slow line joins sooner.

use crate::files::{self, File};
use axum::http::{HeaderMap, header};
use flate2::{Compression, write::GzEncoder};
use std::collections::HashMap;
use std::io::Write;
use std::sync::LazyLock;

/// Below this the header costs what is saved.
const WORTH_BYTES: usize = 1024;

static GZIPPED: LazyLock<HashMap<&'static str, Vec<u8>>> = LazyLock::new(|| {
    let worth = files::all().filter(|file| file.bytes.len() >= WORTH_BYTES);
    worth.filter_map(|file| Some((file.name, gzip(file.bytes)?))).collect()
});

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).ok()?;
    out.finish().ok()
}

/// The file compressed, if that is worth it.
pub(crate) fn gzipped(file: &File) -> Option<&'static [u8]> {
    GZIPPED.get(file.name).map(Vec::as_slice)
}

/// Whether `Accept-Encoding` takes gzip (RFC 9110 §12.5.3).
pub(crate) fn takes_gzip(request: &HeaderMap) -> bool {
    let given = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    given.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok());
        matches!(name.trim(), "gzip" | "x-gzip") && weight.is_none_or(|q| q > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn gzip_is_taken_where_it_is_named_with_a_weight_above_none() {
        for (value, takes) in [
            ("gzip", true),
            ("br;q=1.0, gzip;q=0.5", true),
            ("gzip;q=0", false),
            ("br", false),
            ("", false),
            ("deflate, gzip ; q=0.1", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            assert_eq!(takes_gzip(&headers), takes, "{value:?}");
        }
    }
}
