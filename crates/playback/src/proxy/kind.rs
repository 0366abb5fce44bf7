//! What a document is that no child can read, by its first bytes: so that people hear what it was.

/// Beginnings of documents that are not played, and what they are called.
const KINDS: [(&[u8], &str); 17] = [
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMV and WMA (ASF)"),
    (b".RMF", "RealMedia"),
    (b"FWS", "Flash"),
    (b"CWS", "Flash"),
    (b"\0\0\x01\xba", "MPEG program streams (MPG, VOB)"),
    (b"\x06\x0e\x2b\x34", "MXF"),
    (b"\x89PNG", "A picture (PNG)"),
    (b"\xff\xd8\xff", "A picture (JPEG)"),
    (b"GIF8", "A picture (GIF)"),
    (b"%PDF", "A PDF document"),
    (b"PK\x03\x04", "An archive (ZIP)"),
    (b"MThd", "MIDI"),
    (b"[playlist]", "A list of links (PLS)"),
    (b"<asx", "A list of links (ASX)"),
    (b"<smil", "SMIL"),
    (b"<!doctype html", "A web page"),
    (b"<html", "A web page"),
];

/// What a document that begins so is, if it is none of what we play.
pub(super) fn kind_of(start: &[u8]) -> Option<&'static str> {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let begins = |with: &[u8], this: &[u8]| {
        with.get(..this.len()).is_some_and(|w| w.eq_ignore_ascii_case(this))
    };
    match start {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', ..] => return Some("AVI"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
            return Some("A picture (WebP)");
        }
        _ => {}
    }
    if begins(text, b"<?xml") || begins(text, b"<mpd") {
        let is_dash = text.windows(4).any(|part| part.eq_ignore_ascii_case(b"<mpd"));
        return Some(if is_dash { "DASH" } else { "XML" });
    }
    KINDS.iter().find(|(this, _)| begins(text, this) || begins(start, this)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_played_is_called_by_its_name() {
        for (start, kind) in [
            (&b"RIFF\x10\0\0\0AVI LIST"[..], Some("AVI")),
            (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6", Some("WMV and WMA (ASF)")),
            (b"\xef\xbb\xbf \n<!DOCTYPE HTML><html>", Some("A web page")),
            (b"<?xml version=\"1.0\"?>\n<MPD xmlns", Some("DASH")),
            (b"\x89PNG\r\n", Some("A picture (PNG)")),
            (b"RIFF\x10\0\0\0WAVEfmt ", None),
            (b"\0\0\0\x20ftypisom", None),
            (b"ID3\x04", None),
            (b"", None),
        ] {
            assert_eq!(kind_of(start), kind, "{start:?}");
        }
    }
}
