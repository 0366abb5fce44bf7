//! Files written and read back, whole and cut at every byte.

use super::*;
use std::path::PathBuf;
use std::time::Duration;

const SPS: [u8; 8] = [0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x50];
const PPS: [u8; 4] = [0x68, 0xce, 0x3c, 0x80];

fn keyframe() -> Vec<u8> {
    [&[0, 0, 0, 1][..], &SPS, &[0, 0, 0, 1], &PPS, &[0, 0, 1, 0x65, 9, 9]].concat()
}

/// A file of `seconds`, in fragments of half a second.
fn film(seconds: u64) -> Vec<Vec<u8>> {
    let sets = ParameterSets::of(1280, 720, &keyframe()).unwrap();
    assert_eq!((&sets.sequence[..], &sets.picture[..]), (&SPS[..], &PPS[..]));
    let mut pieces = vec![head(&sets).unwrap()];
    let mut fragments = Fragments::default();
    let mut sound = 0;
    for n in 0..seconds * 20 {
        fragments.picture(n * 4500, n % 40 == 0, vec![n as u8; 50]);
        while sound * 90_000 < n * 4500 * 48_000 {
            fragments.sound(sound, &[7; 10]);
            sound += 1024;
        }
        if fragments.lasts() >= Duration::from_millis(500) {
            pieces.extend(fragments.take().unwrap());
        }
    }
    fragments.end_pictures(seconds * 90_000);
    pieces.extend(fragments.take().unwrap());
    assert_eq!(fragments.take().unwrap(), None);
    pieces
}

struct File(PathBuf);

impl File {
    fn of(bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("rotunda-mp4-{}", uuid::Uuid::new_v4()));
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_whole_file_is_found_whole_and_its_length_true() {
    let bytes = film(10).concat();
    let found = scan(&File::of(&bytes).0).unwrap();
    assert_eq!((found.bytes, found.is_seekable), (bytes.len() as u64, false));
    assert!(found.duration.abs_diff(Duration::from_secs(10)) < Duration::from_millis(22));
}

#[test]
fn a_head_whose_tables_are_damaged_or_not_there_is_not_whole() {
    let bytes = film(1).concat();
    let at = |name: &[u8]| bytes.windows(4).position(|four| four == name).unwrap();
    // The count of a table, and the names by which it and what it is in are found.
    for place in [at(b"stts") + 8, at(b"stco") + 8, at(b"stsz"), at(b"mdia")] {
        let mut damaged = bytes.clone();
        damaged[place..place + 4].fill(0xff);
        let found = scan(&File::of(&damaged).0).unwrap();
        assert_eq!(found, Scan::default(), "at {place}");
    }
}

#[test]
fn a_file_cut_anywhere_is_mended_to_its_last_whole_fragment() {
    let pieces = film(2);
    let bytes = pieces.concat();
    let mut ends: Vec<u64> = vec![];
    for piece in &pieces {
        ends.push(ends.last().copied().unwrap_or(0) + piece.len() as u64);
    }
    for cut in (0..bytes.len()).step_by(13) {
        let file = File::of(&bytes[..cut]);
        let found = repair(&file.0).unwrap();
        let whole = ends.iter().filter(|end| **end <= cut as u64).max().copied().unwrap_or(0);
        assert_eq!(found.bytes, whole, "cut at {cut}");
        assert_eq!(std::fs::metadata(&file.0).unwrap().len(), whole);
        let fragments = ends.iter().filter(|end| **end <= cut as u64).count().saturating_sub(1);
        let expected = Duration::from_millis(500 * fragments as u64);
        assert!(found.duration + Duration::from_millis(60) >= expected, "cut at {cut}");
    }
}

#[test]
fn what_is_no_film_has_nothing_whole_and_harms_nobody() {
    for rubbish in [&b""[..], b"12345678", &[0xff; 64], b"\0\0\0\x08moovrest", &[0; 100]] {
        assert_eq!(scan(&File::of(rubbish).0).unwrap().duration, Duration::ZERO);
    }
}

#[test]
fn missing_sound_is_a_gap_and_shifts_nothing() {
    let mut fragments = Fragments::default();
    fragments.sound(0, &[1]);
    fragments.sound(10_240, &[2]);
    assert_eq!(fragments.lasts(), Duration::from_micros(11_264 * 1_000_000 / 48_000));
}
