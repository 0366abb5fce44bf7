//! How much of a file is whole: for those whose writer was killed. It reads boxes, not samples, and of
//! the boxes only the few it needs: a disk may give back anything, and the library's readers of some
//! other boxes take a count of entries at its word.

use mp4_atom::{Decode, FourCC, Header, Mvhd, Tfdt, Tfhd, Trun, TrunSamples};
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
                let Some(moov) = read(file, at, end)? else { break };
                let Some(movie) = movie(&moov) else { break };
                (found.duration, found.is_seekable) = movie;
                has_head = true;
            }
            b"moof" => {
                let Some(moof) = read(file, at, end)? else { break };
                let Some(ends) = ends(&moof, &timescales) else { break };
                moof_end = Some(ends);
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

/// The bytes of a box without its header.
fn read(file: &mut (impl Read + Seek), at: u64, end: u64) -> io::Result<Option<Vec<u8>>> {
    if end - at > BOX_BYTES {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; (end - at) as usize];
    file.read_exact(&mut bytes)?;
    let Some((header_len, _)) = header(&bytes) else { return Ok(None) };
    // In place: a head may have tens of megabytes.
    bytes.drain(..header_len);
    Ok(Some(bytes))
}

/// How long a header is and its box as a whole.
fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut rest = bytes;
    let size = Header::decode(&mut rest).ok()?.size?;
    let len = bytes.len() - rest.len();
    Some((len, len.checked_add(size)?))
}

/// The boxes in a box, each whole; `None` for the first that is not, and nothing after it.
fn children(mut bytes: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let child = header(bytes).and_then(|(_, len)| bytes.get(..len));
        bytes = child.map_or(&[], |child| &bytes[child.len()..]);
        Some(child)
    })
}

/// What a box is; only asked of whole ones.
fn kind(child: &[u8]) -> &[u8] {
    &child[4..8]
}

/// How long the whole of it plays, and whether every sample is listed.
fn movie(moov: &[u8]) -> Option<(Duration, bool)> {
    let (mut duration, mut is_seekable, mut tracks) = (None, true, 0);
    for child in children(moov) {
        let child = child?;
        match kind(child) {
            b"mvhd" => {
                let mvhd = Mvhd::decode(&mut &*child).ok()?;
                duration = Some(time(mvhd.duration, u64::from(mvhd.timescale.max(1))));
            }
            b"mvex" => is_seekable = false,
            b"trak" => {
                tracks += 1;
                let media = within(within(within(content(child)?, b"mdia")?, b"minf")?, b"stbl")?;
                are_whole(media)?;
            }
            _ => {}
        }
    }
    (tracks > 0).then_some((duration?, is_seekable))
}

/// What is in a box.
fn content(child: &[u8]) -> Option<&[u8]> {
    child.get(header(child)?.0..)
}

/// What is in the first box of a kind.
fn within<'a>(boxes: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    let mut all = children(boxes);
    let found = all.find(|child| child.is_none_or(|child| kind(child) == wanted))?;
    content(found?)
}

/// Whether a track's tables of samples (ISO/IEC 14496-12 §8.5 to 8.7) are there, each as long as it says.
fn are_whole(tables: &[u8]) -> Option<()> {
    let mut found = [false; 5];
    for child in children(tables) {
        let child = child?;
        let table = content(child)?;
        let (count_at, entry) = match kind(child) {
            b"stsd" | b"stts" | b"ctts" | b"co64" => (4, 8),
            b"stsc" => (4, 12),
            b"stss" | b"stco" => (4, 4),
            b"stsz" => (8, if number(table, 4)? == 0 { 4 } else { 0 }),
            _ => continue,
        };
        let count = usize::try_from(number(table, count_at)?).ok()?;
        let len = count.checked_mul(entry)?.checked_add(count_at + 4)?;
        (len <= table.len()).then_some(())?;
        let needed = [&b"stsd"[..], b"stts", b"stsc", b"stsz", b"stco"];
        let kind = if kind(child) == b"co64" { b"stco" } else { kind(child) };
        needed.iter().zip(&mut found).for_each(|(one, found)| *found |= kind == *one);
    }
    found.iter().all(|found| *found).then_some(())
}

/// Four bytes as a number.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

fn timescales(track: u32) -> u64 {
    let (_, timescale) = if track == super::SOUND.0 { super::SOUND } else { super::PICTURES };
    u64::from(timescale)
}

/// When the last of a fragment's samples ends; `None` when it cannot be read.
fn ends(moof: &[u8], timescale: &impl Fn(u32) -> u64) -> Option<Duration> {
    let mut last = Duration::ZERO;
    for child in children(moof) {
        let child = child?;
        if kind(child) == b"traf" {
            last = last.max(track_ends(&child[header(child)?.0..], timescale)?);
        }
    }
    Some(last)
}

fn track_ends(traf: &[u8], timescale: &impl Fn(u32) -> u64) -> Option<Duration> {
    let (mut track, mut ticks) = (None, 0_u64);
    for child in children(traf) {
        let mut child = child?;
        match kind(child) {
            b"tfhd" => track = Some(Tfhd::decode(&mut child).ok()?.track_id),
            b"tfdt" => {
                let from = Tfdt::decode(&mut child).ok()?.base_media_decode_time;
                ticks = ticks.saturating_add(from);
            }
            b"trun" => {
                // Samples that say nothing of themselves are a mere count, and none of ours.
                if let TrunSamples::Explicit(samples) = Trun::decode(&mut child).ok()?.samples {
                    let lasts = samples.iter().map(|one| u64::from(one.duration.unwrap_or(0)));
                    ticks = ticks.saturating_add(lasts.sum());
                }
            }
            _ => {}
        }
    }
    Some(time(ticks, timescale(track?)))
}

fn time(ticks: u64, timescale: u64) -> Duration {
    let whole = Duration::from_secs(ticks / timescale);
    whole + Duration::from_nanos(ticks % timescale * 1_000_000_000 / timescale)
}
