//! HLS playlists (RFC 8216): every address in them is made one of ours, so that nothing is fetched
//! past us. Text in, text out.

use rotunda_reach::SourceUrl;

/// What a playlist begins with.
const MARK: &[u8] = b"#EXTM3U";

/// Whether a document that begins so is a playlist. As lenient as FFmpeg, and more.
pub(crate) fn is_playlist(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.trim_ascii_start().starts_with(MARK)
}

/// Rewrites a playlist found at `base`; `ours` gives our address for a foreign one. An address that
/// cannot be one becomes `refused`.
pub(crate) fn rewrite(
    text: &str,
    base: &SourceUrl,
    refused: &str,
    ours: impl Fn(&SourceUrl) -> Option<String>,
) -> String {
    let replace = |foreign: &str| {
        let url = base.join(foreign.trim()).ok();
        url.and_then(|url| ours(&url)).unwrap_or_else(|| refused.to_owned())
    };
    let mut out = String::with_capacity(text.len() * 2);
    for line in text.split(['\n', '\r']) {
        let line = line.trim_start_matches('\u{feff}');
        if line.trim_start().starts_with('#') {
            attributes(line, &mut out, &replace);
        } else if !line.trim().is_empty() {
            out.push_str(&replace(line));
        }
        out.push('\n');
    }
    out
}

/// A tag with every `URI="…"` replaced, however it is written.
fn attributes(line: &str, out: &mut String, replace: &impl Fn(&str) -> String) {
    let mut rest = line;
    loop {
        let upper = rest.to_ascii_uppercase();
        let Some(at) = upper.find("URI=") else { break };
        let (before, value) = rest.split_at(at + "URI=".len());
        out.push_str(before);
        let (foreign, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => value.split_at(value.find(',').unwrap_or(value.len())),
        };
        out.push('"');
        out.push_str(&replace(foreign));
        out.push('"');
        rest = after;
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_foreign_address_is_left_in_a_playlist() {
        let base = SourceUrl::parse("https://films.test/a/list.m3u8").unwrap();
        let text = "\u{feff}#EXTM3U\r\n#EXT-X-KEY:METHOD=AES-128,URI=\"http://127.0.0.1/key\",IV=0x1\n\
            #EXT-X-MAP:uri=init.mp4,BYTERANGE=\"9@0\"\n#EXTINF:4,URI=\"x\"\n  seg-1.ts?a=1\n\
            http://127.0.0.1:6379/x\nfile:///etc/passwd\n\n#EXT-X-ENDLIST";
        let ours = |url: &SourceUrl| Some(format!("<{}>", url.url()));
        let done = rewrite(text, &base, "<no>", ours);
        assert_eq!(
            done,
            "#EXTM3U\n\n#EXT-X-KEY:METHOD=AES-128,URI=\"<http://127.0.0.1/key>\",IV=0x1\n\
             #EXT-X-MAP:uri=\"<https://films.test/a/init.mp4>\",BYTERANGE=\"9@0\"\n\
             #EXTINF:4,URI=\"<https://films.test/a/x>\"\n<https://films.test/a/seg-1.ts?a=1>\n\
             <http://127.0.0.1:6379/x>\n<no>\n\n#EXT-X-ENDLIST\n"
        );
    }

    #[test]
    fn a_playlist_is_known_by_its_first_line() {
        for yes in ["#EXTM3U\n", "\u{feff}#EXTM3U", "\n  #EXTM3U8"] {
            assert!(is_playlist(yes.as_bytes()), "{yes}");
        }
        for no in ["", "#EXTM3", "ftypisom", "x#EXTM3U"] {
            assert!(!is_playlist(no.as_bytes()), "{no}");
        }
    }
}
