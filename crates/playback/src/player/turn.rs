//! One turn of a child: it decodes from one place on, and what it writes is handed on when it is due.

use super::sound::{FRAME, Sound};
use super::{Opened, Player};
use crate::control::Control;
use crate::filters;
use crate::matroska::{Block, Reader};
use crate::pace::{LEAD, Pace};
use rotunda_domain::PlaybackOutcome;
use rotunda_media::Frame;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::BufReader;
use tokio::process::Child;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;

/// Blocks that wait between child and clock, and KiB in them: a picture is up to 3 MB. When they are
/// full the child waits, and through it the source.
const AHEAD: usize = 128;
const AHEAD_KIB: u32 = 16 << 10;
/// A child that writes nothing for so long is replaced.
const SILENCE: Duration = Duration::from_secs(8);
/// A source that held something up for so long is said to wait.
const WAITS: Duration = Duration::from_millis(500);

/// Decoded pictures that a child may hold back for sound that lies far behind them, bytes.
const INTERLEAVE: u64 = 128 << 20;

/// Blocks that wait, each with the place it takes.
type Blocks = mpsc::Receiver<(Block, OwnedSemaphorePermit)>;

/// How a child's turn ended.
pub(super) enum Turn {
    /// Go on at another place.
    Sought,
    /// The child wrote all there is.
    Ended,
    /// The child died, or fell silent.
    Broken,
    /// A live source was paused; what comes next is what is on now.
    Live,
    /// Nobody wants it any more.
    Unwanted,
}

/// How far a child's turn has come.
pub(super) struct Played {
    pub at: Duration,
    first: Option<Duration>,
    /// The child's own time at its first block, if that is not 0.
    base: Option<Duration>,
    pace: Pace,
    sound: Sound,
}

impl Played {
    pub fn from(at: Duration, is_live: bool) -> Self {
        let (pace, sound) = (Pace::new(is_live), Sound::default());
        Self { at, first: None, base: None, pace, sound }
    }

    pub fn has_begun(&self) -> bool {
        self.first.is_some()
    }

    /// How much was played.
    pub fn ran(&self) -> Duration {
        self.first.map_or(Duration::ZERO, |first| self.at.saturating_sub(first))
    }
}

/// What comes next of a child.
enum Next {
    Block(Block),
    /// It is time to look at the wish again.
    Changed,
    /// Nothing, for too long.
    Silence,
    End,
    Unwanted,
}

/// What is shown of a turn that began while paused: one picture of the new place, which stays.
#[derive(PartialEq, Eq)]
enum Still {
    Wanted,
    Shown,
    No,
}

impl Opened {
    /// Two who come to a live source one after the other begin at different places; only its own
    /// time says how these lie to each other.
    fn has_own_times(&self) -> bool {
        self.is_apart && self.is_live
    }

    /// How far a child may let sound and picture lie apart before it writes one without the other,
    /// microseconds: as much as fits into [`INTERLEAVE`]. A live source must not wait so long.
    fn interleave(&self, fps: u32) -> u64 {
        let (width, height) = self.size.unwrap_or_default();
        let rate = u64::from(width * height * 3 / 2) * u64::from(fps);
        let most = (INTERLEAVE * 1_000_000).checked_div(rate).unwrap_or(0);
        let is_short = self.is_apart || self.is_live;
        if is_short { 500_000 } else { most.clamp(500_000, 10_000_000) }
    }
}

impl Player {
    /// A child that writes from `from` on.
    fn child(&self, opened: &Opened, from: Duration) -> std::io::Result<Child> {
        let door = opened.way.door();
        // A live source has one place only, and a server that is asked for another may say nothing.
        let from = if opened.is_live { Duration::ZERO } else { from };
        // Two who read the same, one for each track: what lies far apart in the source would
        // otherwise have to be kept, decoded, in between.
        let inputs = if opened.is_apart { 2 } else { 1 };
        let mut command = self.programs.ffmpeg(&door, from.as_millis() as u64, inputs);
        if opened.has_own_times() {
            command.args(["-copyts"]);
        }
        if let Some(size) = opened.size {
            let size = filters::picture(size, opened.is_hdr);
            let filter = format!("{},{size}", filters::no_more_than(self.film.fps));
            command.args(["-map", "0:V:0", "-vf", &filter, "-vsync", "vfr"]);
            command.args(["-c:v", "rawvideo", "-pix_fmt", "yuv420p"]);
        }
        if let Some(channels) = opened.facts.channels {
            command.args(["-map", if inputs == 2 { "1:a:0" } else { "0:a:0" }]);
            command.args(["-af", &filters::sound(channels)]);
            command.args(["-c:a", "pcm_f32le", "-ac", "1", "-ar", "48000"]);
        }
        command.args(["-map_metadata", "-1", "-map_chapters", "-1"]);
        command.args(["-max_interleave_delta", &opened.interleave(self.film.fps).to_string()]);
        command.args(["-flush_packets", "1", "-f", "matroska", "-allow_raw_vfw", "1"]);
        command.args(["-live", "1", "-cluster_size_limit", "1", "pipe:1"]).spawn()
    }

    /// One child, until it ends or another is needed.
    pub(super) async fn turn(&mut self, opened: &Opened, sought: u64, played: &mut Played) -> Turn {
        let Ok(mut child) = self.child(opened, played.at) else { return Turn::Broken };
        let Some(out) = child.stdout.take() else { return Turn::Broken };
        let (sender, mut blocks) = mpsc::channel(AHEAD);
        let room = Arc::new(Semaphore::new(AHEAD_KIB as usize));
        let reading = tokio::spawn(async move {
            let mut reader = Reader::new(BufReader::with_capacity(256 << 10, out));
            while let Ok(block) = reader.next().await {
                let size = (block.payload.len() as u32 / 1024).clamp(1, AHEAD_KIB);
                let Ok(place) = room.clone().acquire_many_owned(size).await else { return };
                if sender.send((block, place)).await.is_err() {
                    return;
                }
            }
        });
        let turn = self.follow(opened, sought, played, &mut blocks).await;
        reading.abort();
        let is_done = matches!(turn, Turn::Ended);
        if !is_done {
            let _ = child.start_kill();
        }
        let status = timeout(Duration::from_secs(2), child.wait()).await;
        let went_well = matches!(status, Ok(Ok(status)) if status.success());
        if is_done && !went_well { Turn::Broken } else { turn }
    }

    async fn follow(
        &mut self,
        opened: &Opened,
        sought: u64,
        played: &mut Played,
        blocks: &mut Blocks,
    ) -> Turn {
        let from = played.at;
        let is_still = self.control.borrow().paused && opened.size.is_some();
        let mut still = if is_still { Still::Wanted } else { Still::No };
        let mut last_due = Instant::now();
        let mut waits = false;
        loop {
            let control = *self.control.borrow_and_update();
            if control.sought != sought {
                self.film.forget();
                return Turn::Sought;
            }
            if !control.paused {
                still = Still::No;
            } else if still != Still::Wanted {
                match self.stand(opened, played, &mut still).await {
                    Some(turn) => return turn,
                    None => continue,
                }
            }
            let silence = if waits { SILENCE - WAITS } else { WAITS + LEAD };
            match self.next(blocks, silence).await {
                Next::Changed => {}
                Next::Unwanted => return Turn::Unwanted,
                Next::End => {
                    tokio::time::sleep_until((last_due + FRAME).into()).await;
                    return Turn::Ended;
                }
                Next::Silence if waits => return Turn::Broken,
                Next::Silence => {
                    waits = true;
                    if played.first.is_some() {
                        (self.tell)(PlaybackOutcome::Waits(played.at.as_millis() as u64));
                    }
                }
                Next::Block(block) => {
                    waits = false;
                    let mut at = Duration::from_millis(block.at_ms);
                    if opened.has_own_times() {
                        at = at.saturating_sub(*played.base.get_or_insert(at));
                    }
                    let (due, is_new) = played.pace.due(Instant::now(), block.track, at);
                    if is_new && !control.paused {
                        (self.tell)(PlaybackOutcome::Runs((from + at).as_millis() as u64));
                    }
                    if !self.until_nearly(due).await {
                        return Turn::Unwanted;
                    }
                    last_due = last_due.max(due);
                    played.first.get_or_insert(from + at);
                    played.at = played.at.max(from + at);
                    let is_picture = self.hand_on(opened, control, block, (at, due), played);
                    if is_picture && still == Still::Wanted {
                        still = Still::Shown;
                    }
                }
            }
        }
    }

    /// Paused: waits for another wish. What is not seen or heard yet is forgotten, but for the one
    /// picture that is to stay.
    async fn stand(
        &mut self,
        opened: &Opened,
        played: &mut Played,
        still: &mut Still,
    ) -> Option<Turn> {
        if std::mem::replace(still, Still::No) == Still::No {
            self.film.forget();
        }
        if self.control.changed().await.is_err() {
            return Some(Turn::Unwanted);
        }
        played.pace.reset();
        (!self.control.borrow().paused && opened.is_live).then_some(Turn::Live)
    }

    async fn next(&mut self, blocks: &mut Blocks, silence: Duration) -> Next {
        tokio::select! {
            changed = self.control.changed() => match changed {
                Ok(()) => Next::Changed,
                Err(_) => Next::Unwanted,
            },
            block = timeout(silence, blocks.recv()) => match block {
                Ok(Some((block, _))) => Next::Block(block),
                Ok(None) => Next::End,
                Err(_) => Next::Silence,
            },
        }
    }

    /// Waits until something that is due at `due` is to be handed on; answers false when nobody
    /// wants it any more. Another wish ends the waiting: it is seen after what is in hand.
    async fn until_nearly(&mut self, due: Instant) -> bool {
        let Some(then) = due.checked_sub(LEAD) else { return true };
        tokio::select! {
            () = tokio::time::sleep_until(then.into()) => true,
            changed = self.control.changed() => changed.is_ok(),
        }
    }

    /// Answers whether it was a picture.
    fn hand_on(
        &self,
        opened: &Opened,
        control: Control,
        block: Block,
        (at, due): (Duration, Instant),
        played: &mut Played,
    ) -> bool {
        match opened.size {
            Some((width, height)) if block.track == 1 => {
                let frame = Frame::from_i420(width, height, &block.payload);
                let due = if control.paused { Instant::now() } else { due };
                if frame.is_none_or(|f| self.film.picture.show(f.view(), due).is_err()) {
                    tracing::debug!("a child wrote a picture of another size");
                }
                return true;
            }
            _ if control.paused => {}
            _ => played.sound.put(&self.film, due, at, &block.payload),
        }
        false
    }
}
