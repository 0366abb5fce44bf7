//! Gathers samples and gives them as movie fragments. A picture's length is known when the next one
//! comes, so one picture is always held back.

use super::{PICTURES, SOUND};
use mp4_atom::{Encode, Header, Mfhd, Moof, Tfdt, Tfhd, Traf, Trun, TrunEntry};
use std::time::Duration;

/// Samples of a frame of sound.
const FRAME: u32 = 1024;
/// Can be decoded by itself; cannot, and needs another (§8.8.3.1).
const IS_KEY: u32 = 0x0200_0000;
const IS_NO_KEY: u32 = 0x0101_0000;

#[derive(Debug)]
struct Held {
    at: u64,
    keyframe: bool,
    data: Vec<u8>,
}

/// Samples of one track that are to be written.
#[derive(Debug, Default)]
struct Run {
    from: u64,
    ticks: u64,
    entries: Vec<TrunEntry>,
    data: Vec<u8>,
}

/// The samples of a file on their way into fragments.
#[derive(Debug, Default)]
pub(crate) struct Fragments {
    written: u32,
    held: Option<Held>,
    pictures: Run,
    sound: Run,
}

impl Run {
    fn add(&mut self, at: u64, ticks: u32, flags: u32, data: &[u8]) {
        if self.entries.is_empty() {
            self.from = at;
        }
        // What is missing in between is silence, or the picture before.
        let gap = at.saturating_sub(self.from + self.ticks);
        if let Some(last) = self.entries.last_mut().and_then(|entry| entry.duration.as_mut()) {
            *last = last.saturating_add(gap as u32);
            self.ticks += gap;
        }
        self.entries.push(TrunEntry {
            duration: Some(ticks),
            size: Some(data.len() as u32),
            flags: Some(flags),
            cts: None,
        });
        self.ticks += u64::from(ticks);
        self.data.extend_from_slice(data);
    }

    fn lasts(&self, (_, timescale): (u32, u32)) -> Duration {
        Duration::from_micros(self.ticks * 1_000_000 / u64::from(timescale))
    }

    fn traf(&self, (track_id, _): (u32, u32), data_offset: usize) -> Traf {
        Traf {
            tfhd: Tfhd { track_id, default_base_is_moof: true, ..Tfhd::default() },
            tfdt: Some(Tfdt { base_media_decode_time: self.from }),
            trun: vec![Trun {
                data_offset: Some(data_offset as i32),
                samples: self.entries.clone().into(),
            }],
            ..Traf::default()
        }
    }
}

impl Fragments {
    /// Takes a picture, its units behind their lengths, that begins at `at` (1/90000 s).
    pub fn picture(&mut self, at: u64, keyframe: bool, data: Vec<u8>) {
        self.end_pictures(at);
        self.held = Some(Held { at, keyframe, data });
    }

    /// The last picture ends at `at` (1/90000 s).
    pub fn end_pictures(&mut self, at: u64) {
        let Some(held) = self.held.take() else { return };
        let ticks = u32::try_from(at.saturating_sub(held.at)).unwrap_or(u32::MAX);
        let flags = if held.keyframe { IS_KEY } else { IS_NO_KEY };
        self.pictures.add(held.at, ticks, flags, &held.data);
    }

    /// Takes 1024 samples of sound that begin at `at` (1/48000 s).
    pub fn sound(&mut self, at: u64, data: &[u8]) {
        self.sound.add(at, FRAME, IS_KEY, data);
    }

    /// How much would be lost if it were not written now.
    pub fn lasts(&self) -> Duration {
        self.pictures.lasts(PICTURES).max(self.sound.lasts(SOUND))
    }

    /// All that is known by now as a fragment; `None` when that is nothing.
    ///
    /// # Errors
    /// It is too large for its boxes.
    pub fn take(&mut self) -> Result<Option<Vec<u8>>, mp4_atom::Error> {
        let (pictures, sound) =
            (std::mem::take(&mut self.pictures), std::mem::take(&mut self.sound));
        if pictures.entries.is_empty() && sound.entries.is_empty() {
            return Ok(None);
        }
        self.written += 1;
        // Where the samples begin depends on how long the description of them is, which does not
        // depend on where they begin: written once to measure it, once for good.
        let mut bytes = Vec::new();
        self.moof(&pictures, &sound, 0).encode(&mut bytes)?;
        let start = bytes.len() + 8;
        bytes.clear();
        self.moof(&pictures, &sound, start).encode(&mut bytes)?;
        let size = pictures.data.len() + sound.data.len();
        Header { kind: b"mdat".into(), size: Some(size) }.encode(&mut bytes)?;
        bytes.extend_from_slice(&pictures.data);
        bytes.extend_from_slice(&sound.data);
        Ok(Some(bytes))
    }

    fn moof(&self, pictures: &Run, sound: &Run, start: usize) -> Moof {
        let mut traf = Vec::new();
        if !pictures.entries.is_empty() {
            traf.push(pictures.traf(PICTURES, start));
        }
        if !sound.entries.is_empty() {
            traf.push(sound.traf(SOUND, start + pictures.data.len()));
        }
        Moof { mfhd: Mfhd { sequence_number: self.written }, traf }
    }
}
