//! How much of a file is whole: for those whose writer was killed. It reads boxes, not samples.

use mp4_atom::{Decode, FourCC, Header, Moof, Moov};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

/// A longer description of samples is none of ours: an hour of a whole file has some 4 MB.
const BOX_BYTES: u64 = 64 * 1024 * 1024;

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Up to here everything is whole.
    pub bytes: u64,
    /// How long that plays.
    pub duration: Duration,
    /// Whether it can be sought in without reading all of it: the head lists every sample.
    pub is_seekable: bool,
}

/// Looks through a file.
///
/// # Errors
/// It cannot be read. What is no MP4 is a file of which nothing is whole.
pub fn scan(path: &Path) -> io::Result<Scan> {
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    scan_in(&mut file, len)
}

/// Looks through `len` bytes, wherever they lie.
pub(crate) fn scan_in(file: &mut (impl Read + Seek), len: u64) -> io::Result<Scan> {
    let (mut found, mut at, mut has_head, mut moof_end) = (Scan::default(), 0, false, None);
    while let Some((kind, head, end)) = next_box(file, at, len)? {
        match &kind {
            b"moov" => {
                let Some(moov) = read::<Moov>(file, at, end)? else { break };
                let timescale = u64::from(moov.mvhd.timescale.max(1));
                found.is_seekable = moov.mvex.is_none();
                found.duration = time(moov.mvhd.duration, timescale);
                has_head = true;
            }
            b"moof" => {
                let Some(moof) = read::<Moof>(file, at, end)? else { break };
                moof_end = Some(ends(&moof, &timescales));
            }
            b"mdat" => {
                found.duration = found.duration.max(moof_end.take().unwrap_or_default());
            }
            _ => {}
        }
        // A description without its samples is not whole.
        if has_head && moof_end.is_none() {
            found.bytes = end;
        }
        debug_assert!(end > at + head - 8);
        at = end;
    }
    Ok(found)
}

/// Cuts off what is not whole and puts the rest safely on the disk.
///
/// # Errors
/// The file cannot be read or written.
pub fn repair(path: &Path) -> io::Result<Scan> {
    let found = scan(path)?;
    let file = OpenOptions::new().write(true).open(path)?;
    if file.metadata()?.len() > found.bytes {
        file.set_len(found.bytes)?;
    }
    file.sync_all()?;
    Ok(found)
}

/// Kind, length of the header and end of the box at `at`; `None` where there is no whole one.
fn next_box(
    file: &mut (impl Read + Seek),
    at: u64,
    len: u64,
) -> io::Result<Option<([u8; 4], u64, u64)>> {
    if at + 8 > len {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(at))?;
    let mut head = [0; 16];
    let most = (len - at).min(16) as usize;
    file.read_exact(&mut head[..most])?;
    let Ok(header) = Header::decode(&mut &head[..most]) else { return Ok(None) };
    let long = u64::from(head[..4] == [0, 0, 0, 1]);
    let head_len = 8 + 8 * long;
    let Some(size) = header.size.map(|size| size as u64) else { return Ok(None) };
    let end = at.checked_add(head_len).and_then(|body| body.checked_add(size));
    Ok(end.filter(|end| *end <= len).map(|end| (FourCC::into(header.kind), head_len, end)))
}

fn read<T: Decode>(file: &mut (impl Read + Seek), at: u64, end: u64) -> io::Result<Option<T>> {
    if end - at > BOX_BYTES {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; (end - at) as usize];
    file.read_exact(&mut bytes)?;
    Ok(T::decode(&mut bytes.as_slice()).ok())
}

fn timescales(track: u32) -> u64 {
    let (_, timescale) = if track == super::SOUND.0 { super::SOUND } else { super::PICTURES };
    u64::from(timescale)
}

/// When the last of a fragment's samples ends.
fn ends(moof: &Moof, timescale: &impl Fn(u32) -> u64) -> Duration {
    let end = |traf: &mp4_atom::Traf| {
        let from = traf.tfdt.as_ref().map_or(0, |tfdt| tfdt.base_media_decode_time);
        let entries = traf.trun.iter().flat_map(|trun| trun.samples.iter());
        let ticks: u64 = entries.map(|entry| u64::from(entry.duration.unwrap_or(0))).sum();
        time(from.saturating_add(ticks), timescale(traf.tfhd.track_id))
    };
    moof.traf.iter().map(end).max().unwrap_or_default()
}

fn time(ticks: u64, timescale: u64) -> Duration {
    let whole = Duration::from_secs(ticks / timescale);
    whole + Duration::from_nanos(ticks % timescale * 1_000_000_000 / timescale)
}
