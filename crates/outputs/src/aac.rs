//! A session's sound as AAC: one `ffmpeg` child, whoever and however many take what it makes.
//!
//! A child that dies, or takes and gives nothing, is replaced by one that begins where it ended;
//! what is missing then is at most what [`Pcm`] could not keep. Pictures go on meanwhile.

use crate::adts::Adts;
use crate::ffmpeg::{Ffmpeg, MEMORY};
use crate::pcm::{Owed, Pcm};
use rotunda_fence::Fence;
use rotunda_media::WholeMix;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

/// Bits a second; for one channel of 48 kHz that is more than the mix holds.
const BITRATE: &str = "96k";
/// A child that gives nothing for this long though it is given sound has hung.
const HUNG: Duration = Duration::from_secs(2);
/// Between two children that die at once; doubled up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LAST_PAUSE: Duration = Duration::from_secs(2);
/// A child that lived this long has done nothing wrong; the pauses begin anew.
const LIVED: Duration = Duration::from_secs(10);
/// Samples that are waited for before they are written, a tenth of a second: a child that is woken for
/// each mix of 20 ms spends two thirds of its time on waking up.
const GULP: usize = 4800;
/// Samples written at once at most, where a child is behind: a quarter of what a pipe holds.
const MOST: usize = 8192;

/// One AAC-LC frame: 1024 samples, mono, 48 kHz.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AacFrame {
    /// Where it begins, in samples since the session began.
    pub at_48khz: u64,
    /// The raw frame.
    pub data: Vec<u8>,
}

/// What the encoder tells.
pub(crate) trait AacEvents: Send + Sync + 'static {
    /// A frame; in order, but not always without a gap.
    fn frame(&self, frame: Arc<AacFrame>);
    /// A child had to be replaced, and why.
    fn replaced(&self, why: &str);
}

/// Encodes what comes until nobody sends any more.
pub(crate) async fn encode(
    ffmpeg: Ffmpeg,
    mut mixes: mpsc::Receiver<Arc<WholeMix>>,
    events: impl AacEvents,
) {
    let mut pcm = Pcm::default();
    // Nothing to encode before the first sound; its place is where everything begins.
    let Some(first) = mixes.recv().await else { return };
    pcm.put(first.ts_48khz, &first.samples);
    let mut pause = FIRST_PAUSE;
    // It lives by its pipes: no files, no sockets.
    let fence = Fence { memory: MEMORY, ..Fence::default() };
    loop {
        let began = Instant::now();
        let why = match ffmpeg.start(&fence, &ARGS) {
            Ok(child) => match run(child, &mut pcm, &mut mixes, &events).await {
                Ended::Jumped => continue,
                Ended::Done => return,
                Ended::Died(why) => why,
            },
            Err(error) => format!("it could not be started: {}", error.kind()),
        };
        events.replaced(&why);
        pause = if began.elapsed() > LIVED { FIRST_PAUSE } else { pause };
        if !keep_meanwhile(pause, &mut pcm, &mut mixes).await {
            return;
        }
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

const ARGS: [&str; 23] = [
    // Without these it gathers half a second before it begins.
    "-probesize",
    "32",
    "-analyzeduration",
    "0",
    "-threads",
    "1",
    "-f",
    "s16le",
    "-ar",
    "48000",
    "-ac",
    "1",
    "-i",
    "pipe:0",
    // The quick search is half the work and at this bitrate nobody hears it.
    "-c:a",
    "aac",
    "-aac_coder",
    "fast",
    "-b:a",
    BITRATE,
    "-f",
    "adts",
    "pipe:1",
];

/// Keeps what is said while there is no child; answers false when nobody listens any more.
async fn keep_meanwhile(
    pause: Duration,
    pcm: &mut Pcm,
    mixes: &mut mpsc::Receiver<Arc<WholeMix>>,
) -> bool {
    let until = sleep(pause);
    tokio::pin!(until);
    loop {
        tokio::select! {
            () = &mut until => return true,
            mix = mixes.recv() => match mix {
                Some(mix) => drop(pcm.put(mix.ts_48khz, &mix.samples)),
                None => return false,
            },
        }
    }
}

enum Ended {
    /// Nobody listens any more, and everything is out.
    Done,
    /// The mix' clock jumped; another child begins there.
    Jumped,
    Died(String),
}

struct Pipes {
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
}

async fn run(
    mut child: Child,
    pcm: &mut Pcm,
    mixes: &mut mpsc::Receiver<Arc<WholeMix>>,
    events: &impl AacEvents,
) -> Ended {
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Ended::Died("it has no pipes".into());
    };
    let mut pipes = Pipes { stdin: Some(stdin), stdout };
    pcm.begin();
    let ended = converse(&mut pipes, pcm, mixes, events).await;
    if let Ended::Died(why) = ended {
        let _ = child.start_kill();
        let status = timeout(HUNG, child.wait()).await;
        let status = status.ok().and_then(Result::ok).map_or("unknown".into(), |s| s.to_string());
        return Ended::Died(format!("{why} ({status})"));
    }
    ended
}

/// Writes and reads at once: a child that waits for us to read must not make us wait to write.
async fn converse(
    pipes: &mut Pipes,
    pcm: &mut Pcm,
    mixes: &mut mpsc::Receiver<Arc<WholeMix>>,
    events: &impl AacEvents,
) -> Ended {
    let mut adts = Adts::default();
    let mut heard = vec![0; 8192];
    let mut gave_last = Instant::now();
    let mut is_ending = false;
    loop {
        let is_time = is_ending || pcm.waiting() >= GULP;
        let gulp = if is_time { pcm.to_give(MOST) } else { Vec::new() };
        if is_ending && gulp.is_empty() {
            // The end of its input makes the child give the rest and end.
            pipes.stdin = None;
        }
        let is_fed = pipes.stdin.is_some();
        let stdin = pipes.stdin.as_mut();
        tokio::select! {
            mix = mixes.recv(), if !is_ending => match mix {
                Some(mix) if pcm.put(mix.ts_48khz, &mix.samples) => return Ended::Jumped,
                Some(_) => {}
                None => is_ending = true,
            },
            written = write(stdin, &gulp), if is_fed && !gulp.is_empty() => match written {
                Ok(bytes) => pcm.gave(bytes as u64 / 2),
                Err(error) => return Ended::Died(format!("it takes nothing more: {error}")),
            },
            read = pipes.stdout.read(&mut heard) => match read {
                Ok(0) if pipes.stdin.is_none() => return Ended::Done,
                Ok(0) => return Ended::Died("it ended".into()),
                Ok(len) => {
                    gave_last = Instant::now();
                    let deliver = |frame: &[u8]| {
                        if let Owed::At(at_48khz) = pcm.frame() {
                            events.frame(Arc::new(AacFrame { at_48khz, data: frame.to_vec() }));
                        }
                    };
                    if let Err(error) = adts.push(&heard[..len], deliver) {
                        return Ended::Died(error.to_string());
                    }
                }
                Err(error) => return Ended::Died(format!("it cannot be read: {error}")),
            },
            () = tokio::time::sleep_until(gave_last + HUNG) => {
                return if is_ending { Ended::Done } else { Ended::Died("it hung".into()) };
            }
        }
    }
}

async fn write(stdin: Option<&mut ChildStdin>, bytes: &[u8]) -> std::io::Result<usize> {
    match stdin {
        Some(stdin) => stdin.write(bytes).await,
        None => Ok(0),
    }
}

#[cfg(test)]
#[path = "aac_tests.rs"]
mod tests;
