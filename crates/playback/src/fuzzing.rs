//! What other people's playlists and the decoding child reach, for the fuzzers in `fuzz/` and the tests
//! that play their corpus.

use crate::matroska::Reader;
use crate::playlist;
use futures_util::FutureExt;
use rotunda_outbound::SourceUrl;

/// An HLS playlist, rewritten.
pub fn playlist(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let base = SourceUrl::parse("https://example.com/films/list.m3u8").expect("an address");
    let _ = playlist::is_playlist(bytes);
    let rewritten = playlist::rewrite(&text, &base, "http://127.0.0.1/refused", |url| {
        Some(format!("http://127.0.0.1/{}", url.url().as_str().len()))
    });
    if let Ok(rewritten) = rewritten {
        assert!(rewritten.text.len() <= 4 << 20, "a playlist grew to {}", rewritten.text.len());
    }
}

/// A Matroska stream, block by block.
pub fn matroska(bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    // A slice is always ready.
    while let Some(Ok(_)) = reader.next().now_or_never() {}
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_playlist_of_the_corpus_makes_the_reader_fail() {
        rotunda_corpus::play("playlist", super::playlist);
    }

    #[test]
    fn no_stream_of_the_corpus_makes_the_reader_fail() {
        rotunda_corpus::play("matroska", super::matroska);
    }
}
