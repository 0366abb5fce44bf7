//! Worker threads that decode; a track's pictures keep their order because only one worker at a
//! time works on a track.

use crate::load::Load;
use crate::priority;
use crate::track::Track;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

/// The workers; they end when this is dropped.
pub struct DecodePool {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

/// What waits to be worked on. A lock and not a channel: a channel's receiver spins and yields
/// before it sleeps, which for pictures that come one by one costs more than the sleep.
#[derive(Default)]
struct Queue {
    // Unbounded, yet bounded by the tracks: each is in it at most once.
    waiting: Mutex<Waiting>,
    more: Condvar,
    load: Arc<Load>,
}

#[derive(Default)]
struct Waiting {
    /// With the moment since when each waits.
    tracks: VecDeque<(Instant, Arc<Track>)>,
    is_over: bool,
}

impl Queue {
    /// The next track, as soon as there is one; none when it is over.
    fn next(&self) -> Option<(Instant, Arc<Track>)> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |w: &mut Waiting| w.tracks.is_empty() && !w.is_over;
        let mut waiting =
            self.more.wait_while(waiting, idle).unwrap_or_else(PoisonError::into_inner);
        if waiting.is_over { None } else { waiting.tracks.pop_front() }
    }

    fn work(&self) {
        while let Some((since, track)) = self.next() {
            let begin = Instant::now();
            if catch_unwind(AssertUnwindSafe(|| track.decode_waiting())).is_err() {
                tracing::error!("a decoder panicked; it begins anew");
                track.reset();
            }
            self.load.done(begin.saturating_duration_since(since), begin.elapsed());
        }
    }
}

impl DecodePool {
    /// Starts `threads` workers.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(threads: usize) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let spawn = |_| {
            let queue = queue.clone();
            let work = move || {
                priority::stand_back();
                queue.work();
            };
            std::thread::Builder::new().name("decode".into()).spawn(work)
        };
        let threads = (0..threads.max(1)).map(spawn).collect::<Result<_, _>>()?;
        Ok(Self { queue, threads })
    }

    /// What the workers have to do.
    pub(crate) fn load(&self) -> Arc<Load> {
        self.queue.load.clone()
    }

    /// Has `track` worked on.
    pub fn wake(&self, track: Arc<Track>) {
        let mut waiting = self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.tracks.push_back((Instant::now(), track));
        drop(waiting);
        self.queue.more.notify_one();
    }
}

impl Drop for DecodePool {
    fn drop(&mut self) {
        self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_over = true;
        self.queue.more.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
