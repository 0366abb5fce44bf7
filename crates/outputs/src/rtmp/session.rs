//! One stream: sends what its inlet holds to a server, and to it again whenever it is lost.
//!
//! A server that is slow makes the inlet lose pictures; one that takes nothing for ten seconds is
//! left and tried again, at most every thirty. Nobody in the session notices either, and no key
//! frame is asked of the canvas but the one a connection begins with.

use super::child::Publisher;
use crate::Ffmpeg;
use crate::flv::{Flv, Line};
use crate::queue::{OutputQueue, Part};
use rotunda_domain::{StreamHealth, StreamTarget};
use rotunda_outbound::{FetchError, Fetcher, Relay, SourceUrl, UrlRefused};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::ChildStdin;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// Between two connections that fail at once; doubled up to the last.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(30);
/// A server that takes nothing for so long, or does not accept the stream, is lost.
const PATIENCE: Duration = Duration::from_secs(10);
/// Parts are gathered for so long, or up to so many bytes, before the child is woken for them: it
/// and the relay behind it cost by the wake-up, and nobody watches RTMP to the tenth of a second.
const GATHER: Duration = Duration::from_millis(100);
const GULP: usize = 64 * 1024;

/// Where a stream goes; none is its end.
pub(crate) type Targets = watch::Receiver<Option<StreamTarget>>;

/// What a stream needs.
pub(crate) struct Stream<W, T> {
    pub ffmpeg: Ffmpeg,
    pub fetcher: Fetcher,
    pub queue: Arc<OutputQueue>,
    pub targets: Targets,
    /// Asks the canvas for a picture to begin with.
    pub want_keyframe: W,
    /// Hears how it goes.
    pub tell: T,
}

/// Connections that a server ends before it took anything, when the address names no stream: after so
/// many it is not tried again.
const REFUSALS: u32 = 3;

enum Ended {
    /// It goes elsewhere, or ends.
    Moved,
    Lost(Trouble),
}

/// Why a stream does not go, in words of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Address(#[from] UrlRefused),
    #[error(transparent)]
    Reach(#[from] FetchError),
    #[error("ffmpeg could not be started")]
    NoFfmpeg,
    #[error(
        "the server ended the connection before it took anything: are application and key of the \
         address right?"
    )]
    Refused,
    #[error("the server did not accept the stream")]
    NotAccepted,
    #[error("the server ended the connection")]
    Ended,
    #[error("the server takes nothing any more")]
    Stalled,
    #[error(
        "the address names no application and key, and the server takes no stream without them; \
         it must be like rtmp://host/application/key. It is not tried again"
    )]
    Nameless,
}

impl Trouble {
    /// Whether the server was reached and did not want it.
    fn is_refusal(self) -> bool {
        matches!(self, Self::Refused | Self::NotAccepted)
    }
}

impl<W: Fn() + Send + Sync, T: Fn(StreamHealth) + Send + Sync> Stream<W, T> {
    /// Streams until it is told to end.
    pub async fn run(mut self) {
        let mut line = Line::default();
        let mut pause = FIRST_PAUSE;
        let mut refusals = 0;
        loop {
            let Some(target) = self.targets.borrow_and_update().clone() else { return };
            if self.targets.has_changed().is_err() {
                return;
            }
            let began = Instant::now();
            let ended = self.connection(&target, &mut line).await;
            let Ended::Lost(trouble) = ended else {
                (pause, refusals) = (FIRST_PAUSE, 0);
                continue;
            };
            refusals = if trouble.is_refusal() { refusals + 1 } else { 0 };
            let is_hopeless = refusals >= REFUSALS && !Publisher::has_names(&target);
            let trouble = if is_hopeless { Trouble::Nameless } else { trouble };
            tracing::warn!(?target, why = %trouble, "a stream is interrupted");
            if is_hopeless {
                (self.tell)(StreamHealth::Failed(trouble.to_string()));
                refusals = 0;
                if self.targets.changed().await.is_err() {
                    return;
                }
                continue;
            }
            (self.tell)(StreamHealth::Retrying(trouble.to_string()));
            pause = if began.elapsed() > 2 * PATIENCE { FIRST_PAUSE } else { pause };
            tokio::select! {
                () = sleep(pause) => pause = (pause * 2).min(LAST_PAUSE),
                _ = self.targets.changed() => pause = FIRST_PAUSE,
            }
        }
    }

    async fn connection(&mut self, target: &StreamTarget, line: &mut Line) -> Ended {
        let source = match SourceUrl::parse(target.as_str()) {
            Ok(source) => source,
            Err(error) => return Ended::Lost(error.into()),
        };
        let opened = tokio::select! {
            opened = Relay::start(&self.fetcher, source) => opened,
            _ = self.targets.changed() => return Ended::Moved,
        };
        let relay = match opened {
            Ok(relay) => relay,
            Err(error) => return Ended::Lost(error.into()),
        };
        let mut publisher = match Publisher::start(&self.ffmpeg, target, relay.door()) {
            Ok(publisher) => publisher,
            Err(_) => return Ended::Lost(Trouble::NoFfmpeg),
        };
        match self.publish(&mut publisher, line).await {
            Ended::Moved => {
                publisher.goodbye().await;
                Ended::Moved
            }
            Ended::Lost(why) => {
                publisher.end().await;
                Ended::Lost(why)
            }
        }
    }

    /// Writes and reads at once: a child that waits for us to read must not make us wait to write.
    async fn publish(&mut self, publisher: &mut Publisher, line: &mut Line) -> Ended {
        line.begin();
        self.queue.clear();
        (self.want_keyframe)();
        let (Some(stdin), stdout) = publisher.pipes() else {
            return Ended::Lost(Trouble::NoFfmpeg);
        };
        let (mut flv, mut is_live, mut said) = (Flv::default(), false, [0; 1024]);
        let mut out: Vec<u8> = Vec::new();
        let (mut written, mut due) = (0, None);
        let mut patience = Instant::now() + PATIENCE;
        loop {
            if written == out.len() {
                out.clear();
                (written, due) = (0, None);
            }
            tokio::select! {
                part = self.queue.next(), if written == 0 && out.len() < GULP => {
                    put(&part, line, &mut flv, &mut out);
                    due = due.or_else(|| Some(Instant::now() + GATHER));
                    if is_live {
                        patience = Instant::now() + PATIENCE;
                    }
                }
                wrote = write(stdin, &out[written..], due), if !out.is_empty() => match wrote {
                    Ok(bytes) => written += bytes,
                    Err(_) => return Ended::Lost(if is_live { Trouble::Ended } else { Trouble::Refused }),
                },
                read = stdout.read(&mut said) => match read {
                    Ok(0) | Err(_) => {
                        return Ended::Lost(if is_live { Trouble::Ended } else { Trouble::Refused });
                    }
                    // It reports once the server has accepted the stream, and not before.
                    Ok(_) if !is_live => {
                        is_live = true;
                        patience = Instant::now() + PATIENCE;
                        (self.tell)(StreamHealth::Live);
                    }
                    Ok(_) => {}
                },
                () = sleep_until(patience), if !is_live || !out.is_empty() => {
                    return Ended::Lost(if is_live { Trouble::Stalled } else { Trouble::NotAccepted });
                }
                _ = self.targets.changed() => return Ended::Moved,
            }
        }
    }
}

/// Writes when it is `due`.
async fn write(stdin: &mut ChildStdin, bytes: &[u8], due: Option<Instant>) -> io::Result<usize> {
    if let Some(due) = due {
        sleep_until(due).await;
    }
    stdin.write(bytes).await
}

fn put(part: &Part, line: &mut Line, flv: &mut Flv, out: &mut Vec<u8>) {
    match part {
        Part::Picture(unit) => {
            if let Some(ms) = line.picture(unit.ts_90khz, unit.keyframe) {
                flv.picture(ms, unit, out);
            }
        }
        Part::Sound(frame) => {
            if let Some(ms) = line.sound(frame.at_48khz) {
                flv.sound(ms, &frame.data, out);
            }
        }
        // A stream is never paused, and its end comes with its target.
        Part::Order(..) => {}
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
