//! Foreign addresses as paths of our own, and back.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// Longest path; FFmpeg's playlist reader cuts addresses at 4096 bytes.
const LONGEST: usize = 3900;

/// `url` as the last part of a path; the extension stays, because FFmpeg looks at it.
pub(crate) fn encode(url: &str, path: &str) -> Option<String> {
    let name = BASE64_URL_SAFE_NO_PAD.encode(url);
    let encoded = format!("{name}{}", extension(path));
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
