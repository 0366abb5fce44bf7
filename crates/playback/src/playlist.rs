//! HLS playlists (RFC 8216): every address in them is made one of ours, so that nothing is fetched
//! past us. Text in, text out, in one pass whose output and addresses are bounded.

use rotunda_outbound::SourceUrl;

/// What a playlist begins with.
const MARK: &[u8] = b"#EXTM3U";
/// Longest result, bytes: addresses of ours are a third longer than those they stand for.
const LONGEST: usize = 4 << 20;
/// Most addresses; a day and more in segments of five seconds.
const ADDRESSES: usize = 20_000;
/// Longest address that is looked at, the playlist's own included, bytes.
const ADDRESS: usize = 8 << 10;

/// A playlist in which all addresses are ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rewritten {
    pub text: String,
    /// It says that nothing will be added to it.
    pub has_ended: bool,
}

/// Why a playlist is not handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlaylistRefused {
    /// Too long, or too many addresses.
    TooLarge,
    /// Encrypted otherwise than as whole segments with AES-128.
    Encrypted,
}

/// Whether a document that begins so is a playlist. As lenient as FFmpeg, and more.
pub(crate) fn is_playlist(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.trim_ascii_start().starts_with(MARK)
}

/// Rewrites a playlist found at `base`; `ours` gives our address for a foreign one. An address that
/// cannot be one becomes `refused`.
///
/// # Errors
/// [`PlaylistRefused`].
pub(crate) fn rewrite(
    text: &str,
    base: &SourceUrl,
    refused: &str,
    ours: impl Fn(&SourceUrl) -> Option<String>,
) -> Result<Rewritten, PlaylistRefused> {
    if base.url().as_str().len() > ADDRESS {
        return Err(PlaylistRefused::TooLarge);
    }
    let replace = |foreign: &str| {
        let url = Some(foreign.trim()).filter(|foreign| foreign.len() <= ADDRESS);
        let url = url.and_then(|foreign| base.join(foreign).ok());
        url.and_then(|url| ours(&url)).unwrap_or_else(|| refused.to_owned())
    };
    let mut out = Out { text: String::new(), addresses: 0, replace };
    let mut has_ended = false;
    for line in text.split(['\n', '\r']) {
        let line = line.trim_start_matches('\u{feff}').trim_start();
        if line.starts_with('#') {
            if is_locked(line) {
                return Err(PlaylistRefused::Encrypted);
            }
            has_ended |= line.starts_with("#EXT-X-ENDLIST");
            out.attributes(line)?;
        } else if !line.trim().is_empty() {
            out.address(line)?;
        }
        out.put("\n")?;
    }
    Ok(Rewritten { text: out.text, has_ended })
}

/// Whether the tag is of a key we cannot use: samples are encrypted one by one, with keys that are
/// had from a player's vendor.
fn is_locked(line: &str) -> bool {
    let Some(attributes) = line.strip_prefix("#EXT-X-KEY:") else { return false };
    let method = find(attributes, b"METHOD=").map(|at| &attributes[at + "METHOD=".len()..]);
    let method = method.and_then(|rest| rest.split(',').next()).unwrap_or_default();
    !["", "NONE", "AES-128"].contains(&method.trim().trim_matches('"'))
}

/// Where `name`, in small or capital letters, stands first.
fn find(text: &str, name: &[u8]) -> Option<usize> {
    text.as_bytes().windows(name.len()).position(|part| part.eq_ignore_ascii_case(name))
}

struct Out<R> {
    text: String,
    addresses: usize,
    replace: R,
}

impl<R: Fn(&str) -> String> Out<R> {
    fn put(&mut self, text: &str) -> Result<(), PlaylistRefused> {
        if self.text.len() + text.len() > LONGEST {
            return Err(PlaylistRefused::TooLarge);
        }
        self.text.push_str(text);
        Ok(())
    }

    fn address(&mut self, foreign: &str) -> Result<(), PlaylistRefused> {
        self.addresses += 1;
        if self.addresses > ADDRESSES {
            return Err(PlaylistRefused::TooLarge);
        }
        let ours = (self.replace)(foreign);
        self.put(&ours)
    }

    /// A tag with every `URI="…"` replaced, however it is written; each byte is looked at once.
    fn attributes(&mut self, line: &str) -> Result<(), PlaylistRefused> {
        let mut rest = line;
        while let Some(at) = find(rest, b"URI=") {
            let (before, value) = rest.split_at(at + "URI=".len());
            self.put(before)?;
            let (foreign, after) = match value.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => value.split_at(value.find(',').unwrap_or(value.len())),
            };
            self.put("\"")?;
            self.address(foreign)?;
            self.put("\"")?;
            rest = after;
        }
        self.put(rest)
    }
}

#[cfg(test)]
#[path = "playlist_tests.rs"]
mod tests;
