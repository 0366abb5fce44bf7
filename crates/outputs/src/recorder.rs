//! One recording: takes what its inlet holds, and keeps a file whole at every moment.
//!
//! Every half second what came is written as a movie fragment and flushed to the disk before the
//! next one is begun, so that a power cut costs no more. A disk that fails ends the recording where
//! the file is whole; a slow one makes the inlet lose pictures, and nobody else waits.

use crate::avcc;
use crate::durable_file::{DurableFile, DurableFileError};
use crate::mp4::{Fragments, ParameterSets, head};
use crate::queue::{Order, OutputQueue, Part};
use crate::timeline::Timeline;
use rotunda_media::AccessUnit;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Of a fragment. Half a second: with the picture held back and the sound on its way it keeps what
/// a kill costs under a second.
const FRAGMENT: Duration = Duration::from_millis(500);
/// Of the first one: a file that is cut off plays as soon as there is anything to see.
const FIRST: Duration = Duration::from_millis(100);
/// How long the last sound may be on its way through the AAC child.
const LAST_SOUND: Duration = Duration::from_millis(1200);

/// How a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// How long it plays.
    pub duration: Duration,
    /// How large it is.
    pub bytes: u64,
    /// Pictures and frames of sound that were lost because the disk was slow.
    pub lost: u64,
    /// Why it ended by itself, in words for people.
    pub error: Option<String>,
}

/// Why a recording ends by itself.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    DurableFile(#[from] DurableFileError),
    #[error("the recording cannot be put into MP4: {0}")]
    Format(#[from] mp4_atom::Error),
}

struct Recorder {
    queue: Arc<OutputQueue>,
    timeline: Timeline,
    fragments: Fragments,
    file: DurableFile,
    /// What the file begins with, until it is written.
    head: Option<Vec<u8>>,
    has_head: bool,
    /// File's time up to which pictures have come, and up to which they are written, 1/90000 s.
    plays: u64,
    plays_safely: u64,
}

/// Records until it is told to stop or cannot; answers what became of it.
pub(crate) async fn record(path: PathBuf, queue: Arc<OutputQueue>) -> Closed {
    let mut recorder = Recorder {
        queue,
        timeline: Timeline::new(),
        fragments: Fragments::default(),
        file: DurableFile::new(path),
        head: None,
        has_head: false,
        plays: 0,
        plays_safely: 0,
    };
    let ended = recorder.run().await;
    let error = ended.err().map(|broken| broken.to_string());
    Closed {
        duration: Duration::from_micros(recorder.plays_safely * 100 / 9),
        bytes: recorder.file.bytes(),
        lost: recorder.queue.lost(),
        error,
    }
}

impl Recorder {
    async fn run(&mut self) -> Result<(), Broken> {
        self.file.open().await?;
        loop {
            match self.queue.next().await {
                Part::Order(Order::Stop, at) => {
                    self.pause(at);
                    self.last_sound().await;
                    return self.flush().await;
                }
                part => self.take(part)?,
            }
            let is_first = self.file.bytes() == 0;
            if self.fragments.lasts() >= if is_first { FIRST } else { FRAGMENT } {
                self.flush().await?;
            }
        }
    }

    fn take(&mut self, part: Part) -> Result<(), Broken> {
        match part {
            Part::Picture(unit) => self.picture(&unit)?,
            Part::Sound(frame) => {
                if let Some(at) = self.timeline.sound(frame.at_48khz) {
                    self.fragments.sound(at, &frame.data);
                }
            }
            Part::Order(Order::Pause | Order::Stop, at) => self.pause(at),
            Part::Order(Order::Resume, _) => self.timeline.resume(),
        }
        Ok(())
    }

    fn picture(&mut self, unit: &AccessUnit) -> Result<(), Broken> {
        let Some(at) = self.timeline.picture(unit.ts_90khz, unit.keyframe) else { return Ok(()) };
        let mut data = Vec::with_capacity(unit.data.len() + 16);
        avcc::with_lengths(&unit.data, &mut data);
        self.fragments.picture(at, unit.keyframe, data);
        self.plays = at;
        if !self.has_head
            && let Some(sets) = ParameterSets::of(unit.width, unit.height, &unit.data)
        {
            self.head = Some(head(&sets)?);
            self.has_head = true;
        }
        Ok(())
    }

    fn pause(&mut self, at: u64) {
        if let Some(end) = self.timeline.pause(at) {
            self.fragments.end_pictures(end);
            self.plays = end;
        }
    }

    /// Takes the sound that belongs to what was shown, and does not wait for it for long.
    async fn last_sound(&mut self) {
        let Some(until) = self.timeline.sound_until() else { return };
        let rest = async {
            loop {
                let part = self.queue.next().await;
                let Part::Sound(frame) = part else { continue };
                if let Some(at) = self.timeline.sound(frame.at_48khz) {
                    self.fragments.sound(at, &frame.data);
                }
                if frame.at_48khz + 2048 > until {
                    return;
                }
            }
        };
        // Without a child there is none, and what there is, is whole.
        let _ = timeout(LAST_SOUND, rest).await;
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        let Some(fragment) = self.fragments.take()? else { return Ok(()) };
        let bytes = match self.head.take() {
            Some(head) => [head, fragment].concat(),
            None => fragment,
        };
        self.file.write(bytes).await?;
        self.plays_safely = self.plays;
        Ok(())
    }
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
