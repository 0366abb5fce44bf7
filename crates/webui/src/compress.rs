//! The embedded files lie compressed (RFC 1952) as they were built, and go out so; for the few clients that
//! do not take that each is unpacked when it is asked for first: some of them are large and seldom wanted.

use crate::embedded::File;
use crate::{app_kit, files};
use axum::http::{HeaderMap, header};
use flate2::read::GzDecoder;
use std::collections::HashMap;
use std::io::Read;
use std::sync::{LazyLock, OnceLock};

/// As many places as there are files.
static PLAIN: LazyLock<HashMap<&'static str, OnceLock<Vec<u8>>>> = LazyLock::new(|| {
    files::all().chain(app_kit::all()).map(|file| (file.name, OnceLock::new())).collect()
});

fn unpacked(file: &File) -> Vec<u8> {
    let mut out = Vec::new();
    // What we built ourselves unpacks; `every_file_unpacks` shows it of each.
    let _ = GzDecoder::new(file.gzipped).read_to_end(&mut out);
    out
}

/// The file as it was before it was compressed.
pub(crate) fn plain(file: &File) -> &'static [u8] {
    PLAIN.get(file.name).map_or(&[], |place| place.get_or_init(|| unpacked(file)).as_slice())
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
    fn every_file_unpacks() {
        for file in files::all() {
            assert!(plain(file).len() > 100, "{}", file.name);
        }
    }

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
