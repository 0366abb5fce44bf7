//! Worker threads that decode; a track's pictures keep their order because only one worker at a
//! time works on a track.

use crate::track::Track;
use crossbeam_channel::{Sender, unbounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

/// The workers; they end when this is dropped.
pub struct DecodePool {
    // Unbounded, yet bounded by the tracks: each is in it at most once.
    work: Option<Sender<Arc<Track>>>,
    threads: Vec<JoinHandle<()>>,
}

impl DecodePool {
    /// Starts `threads` workers.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(threads: usize) -> std::io::Result<Self> {
        let (work, waiting) = unbounded::<Arc<Track>>();
        let spawn = |_| {
            let waiting = waiting.clone();
            std::thread::Builder::new().name("decode".into()).spawn(move || {
                for track in waiting {
                    if catch_unwind(AssertUnwindSafe(|| track.decode_waiting())).is_err() {
                        tracing::error!("a decoder panicked; it begins anew");
                        track.reset();
                    }
                }
            })
        };
        let threads = (0..threads.max(1)).map(spawn).collect::<Result<_, _>>()?;
        Ok(Self { work: Some(work), threads })
    }

    /// Has `track` worked on.
    pub fn wake(&self, track: Arc<Track>) {
        if let Some(work) = &self.work {
            // Fails only while shutting down, when nobody looks at the picture any more.
            let _ = work.send(track);
        }
    }
}

impl Drop for DecodePool {
    fn drop(&mut self) {
        self.work = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
