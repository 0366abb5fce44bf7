//! What senders' pictures, the sound child and files of a killed server reach, for the fuzzers in
//! `fuzz/` and the tests that play their corpus.

use crate::adts::Adts;
use crate::flv::Flv;
use crate::mp4::scan_in;
use rotunda_media::AccessUnit;
use std::io::Cursor;

/// A picture written as an FLV tag, and a child's sound taken apart.
pub fn flv(bytes: &[u8]) {
    let (mut flv, mut out) = (Flv::default(), Vec::new());
    for keyframe in [true, false] {
        let data = bytes.to_vec();
        let unit = AccessUnit { ts_90khz: 0, keyframe, width: 640, height: 360, data };
        flv.picture(0, &unit, &mut out);
    }
    let _ = Adts::default().push(bytes, |frame| flv.sound(1, frame, &mut out));
}

/// A recording as a killed server left it.
pub fn mp4(bytes: &[u8]) {
    let _ = scan_in(&mut Cursor::new(bytes), bytes.len() as u64);
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_picture_or_sound_of_the_corpus_makes_the_writers_fail() {
        rotunda_corpus::play("flv", super::flv);
    }

    #[test]
    fn no_file_of_the_corpus_makes_the_scan_fail() {
        rotunda_corpus::play("mp4", super::mp4);
    }
}
