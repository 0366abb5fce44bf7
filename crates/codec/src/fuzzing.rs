//! What a sender's pictures reach before anything is decoded, for the fuzzers in `fuzz/` and the tests
//! that play their corpus.

use crate::frame::VideoCodec;
use crate::header;

/// A coded picture of either codec, judged by its headers.
pub fn video_headers(bytes: &[u8]) {
    for codec in [VideoCodec::Vp8, VideoCodec::H264] {
        let _ = header::is_keyframe(codec, bytes);
        let _ = header::check(codec, bytes);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_picture_of_the_corpus_makes_the_readers_fail() {
        rotunda_corpus::play("video_headers", super::video_headers);
    }
}
