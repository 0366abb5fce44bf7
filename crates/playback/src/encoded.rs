//! Foreign addresses as paths of our own, and back.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// Longest path; FFmpeg's playlist reader cuts addresses at 4096 bytes.
const LONGEST: usize = 3900;

/// Extensions that FFmpeg's playlist reader takes.
const KNOWN: [&str; 27] = [
    "3gp", "aac", "ac3", "avi", "cmfa", "cmfv", "eac3", "flac", "m3u8", "m4a", "m4s", "m4v", "mkv",
    "mov", "mp2", "mp3", "mp4", "mpeg", "mpegts", "mpg", "oga", "ogg", "ogv", "ts", "vob", "vtt",
    "wav",
];

/// `url` as the last part of a path. The extension stays if FFmpeg takes it; anything else, and
/// none, becomes `.ts`, as which it takes MPEG-TS, MP4 and AAC.
pub(crate) fn encode(url: &str, path: &str) -> Option<String> {
    let name = BASE64_URL_SAFE_NO_PAD.encode(url);
    let extension = extension(path).to_ascii_lowercase();
    let is_known = KNOWN.contains(&extension.trim_start_matches('.'));
    let encoded = format!("{name}{}", if is_known { &extension } else { ".ts" });
    (encoded.len() <= LONGEST).then_some(encoded)
}

pub(crate) fn decode(name: &str) -> Option<String> {
    let name = name.split('.').next()?;
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(name).ok()?).ok()
}

/// `.ts` of `/a/b.ts`; nothing of anything unusual.
pub(crate) fn extension(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    match last.rsplit_once('.') {
        Some((_, ext))
            if (1..=5).contains(&ext.len()) && ext.chars().all(|c| c.is_ascii_alphanumeric()) =>
        {
            format!(".{ext}")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_whole_under_an_extension_that_is_taken() {
        for (url, ending) in [
            ("https://a.test/x/film.MP4?a=1.b", ".mp4"),
            ("https://a.test/segment?n=1", ".ts"),
            ("https://a.test/picture.jpg", ".ts"),
            ("https://a.test/", ".ts"),
        ] {
            let path = url.split('?').next().unwrap_or_default();
            let name = encode(url, path).unwrap();
            assert!(name.ends_with(ending) && name.matches('.').count() == 1, "{name}");
            assert_eq!(decode(&name).as_deref(), Some(url));
        }
        assert_eq!(encode(&"x".repeat(LONGEST), "/"), None);
    }
}
