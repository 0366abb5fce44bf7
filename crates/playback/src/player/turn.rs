//! One turn of a child: it decodes from one place on, and what it writes is handed on when it is due.

use super::sound::{FRAME, Sound};
use super::{Opened, Player, Wish};
use crate::matroska::{Block, Reader};
use crate::pace::{LEAD, Pace};
use rotunda_domain::PlaybackNews;
use rotunda_media::Frame;
use std::time::{Duration, Instant};
use tokio::io::BufReader;
use tokio::process::Child;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Blocks that wait between child and clock: a picture is up to 3 MB. When they are full the child
/// waits, and through it the source.
const AHEAD: usize = 4;
/// A child that writes nothing for so long is replaced.
const SILENCE: Duration = Duration::from_secs(8);
/// A source that held something up for so long is said to wait.
const WAITS: Duration = Duration::from_millis(500);

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
    pace: Pace,
    sound: Sound,
}

impl Played {
    pub fn from(at: Duration, is_live: bool) -> Self {
        Self { at, first: None, pace: Pace::new(is_live), sound: Sound::default() }
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

impl Player {
    /// A child that writes from `from` on.
    fn child(&self, opened: &Opened, from: Duration) -> std::io::Result<Child> {
        let door = opened.way.door();
        // A live source has one place only, and a server that is asked for another may say nothing.
        let from = if opened.is_live { Duration::ZERO } else { from };
        let mut command = self.programs.ffmpeg(&door, from.as_millis() as u64);
        command.arg("-i").arg(door.url());
        if let Some((width, height)) = opened.size {
            // Canvases are BT.601; not more pictures than the canvas shows; one size, whatever comes.
            let filter = format!(
                "select='isnan(prev_selected_t)+gte(t-prev_selected_t,0.9/{fps})',\
                 scale={width}:{height}:force_original_aspect_ratio=decrease:flags=bilinear\
                 :out_color_matrix=bt601:out_range=tv,pad={width}:{height}:-1:-1,setsar=1",
                fps = self.film.fps
            );
            command.args(["-map", "0:v:0", "-vf", &filter, "-vsync", "vfr"]);
            command.args(["-c:v", "rawvideo", "-pix_fmt", "yuv420p"]);
        }
        if opened.facts.has_sound {
            command.args(["-map", "0:a:0", "-c:a", "pcm_s16le", "-ac", "1", "-ar", "48000"]);
        }
        command.args(["-map_metadata", "-1", "-map_chapters", "-1"]);
        command.args(["-max_interleave_delta", "500000", "-flush_packets", "1"]);
        command.args(["-f", "matroska", "-allow_raw_vfw", "1", "-live", "1"]);
        command.args(["-cluster_size_limit", "1", "pipe:1"]).spawn()
    }

    /// One child, until it ends or another is needed.
    pub(super) async fn turn(&mut self, opened: &Opened, sought: u64, played: &mut Played) -> Turn {
        let Ok(mut child) = self.child(opened, played.at) else { return Turn::Broken };
        let Some(out) = child.stdout.take() else { return Turn::Broken };
        let (sender, mut blocks) = mpsc::channel(AHEAD);
        let reading = tokio::spawn(async move {
            let mut reader = Reader::new(BufReader::with_capacity(256 << 10, out));
            while let Ok(block) = reader.next().await
                && sender.send(block).await.is_ok()
            {}
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
        blocks: &mut mpsc::Receiver<Block>,
    ) -> Turn {
        let from = played.at;
        let is_still = self.wish.borrow().paused && opened.size.is_some();
        let mut still = if is_still { Still::Wanted } else { Still::No };
        let mut last_due = Instant::now();
        let mut waits = false;
        loop {
            let wish = *self.wish.borrow_and_update();
            if wish.sought != sought {
                self.film.forget();
                return Turn::Sought;
            }
            if !wish.paused {
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
                        (self.tell)(PlaybackNews::Waits(played.at.as_millis() as u64));
                    }
                }
                Next::Block(block) => {
                    waits = false;
                    let at = Duration::from_millis(block.at_ms);
                    let (due, is_new) = played.pace.due(Instant::now(), at);
                    if is_new && !wish.paused {
                        (self.tell)(PlaybackNews::Runs((from + at).as_millis() as u64));
                    }
                    if !self.until_nearly(due).await {
                        return Turn::Unwanted;
                    }
                    last_due = due;
                    played.first.get_or_insert(from + at);
                    played.at = from + at;
                    if self.hand_on(opened, wish, block, due, played) && still == Still::Wanted {
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
        if self.wish.changed().await.is_err() {
            return Some(Turn::Unwanted);
        }
        played.pace.reset();
        (!self.wish.borrow().paused && opened.is_live).then_some(Turn::Live)
    }

    async fn next(&mut self, blocks: &mut mpsc::Receiver<Block>, silence: Duration) -> Next {
        tokio::select! {
            changed = self.wish.changed() => match changed {
                Ok(()) => Next::Changed,
                Err(_) => Next::Unwanted,
            },
            block = timeout(silence, blocks.recv()) => match block {
                Ok(Some(block)) => Next::Block(block),
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
            changed = self.wish.changed() => changed.is_ok(),
        }
    }

    /// Answers whether it was a picture.
    fn hand_on(
        &self,
        opened: &Opened,
        wish: Wish,
        block: Block,
        due: Instant,
        played: &mut Played,
    ) -> bool {
        match opened.size {
            Some((width, height)) if block.track == 1 => {
                let frame = Frame::from_i420(width, height, &block.payload);
                let due = if wish.paused { Instant::now() } else { due };
                if frame.is_none_or(|f| self.film.picture.show(f.view(), due).is_err()) {
                    tracing::debug!("a child wrote a picture of another size");
                }
                return true;
            }
            _ if wish.paused => {}
            _ => {
                let at = Duration::from_millis(block.at_ms);
                played.sound.put(&self.film, due, at, &block.payload);
            }
        }
        false
    }
}
