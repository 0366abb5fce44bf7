//! A few threads that give many rooms their beat.
//!
//! A room costs no thread: its canvas and its mix are each a [`Beat`] with a next time, and a fixed
//! number of threads runs whichever is due. One beat is never run by two threads at once. A room
//! that is gone answers `None` and leaves nothing behind.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Instant;

/// Something that is due again and again.
pub trait Beat: Send {
    /// Does what is due at `now` and says when it is due next; `None` ends it.
    fn beat(&mut self, now: Instant) -> Option<Instant>;
}

struct Due {
    at: Instant,
    order: u64,
    beat: Box<dyn Beat>,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

#[derive(Default)]
struct Queue {
    due: BinaryHeap<Reverse<Due>>,
    next_order: u64,
    is_stopping: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

impl Shared {
    /// A panic inside a beat is caught before it can poison the lock, so a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, at: Instant, beat: Box<dyn Beat>) {
        let mut queue = self.lock();
        let order = queue.next_order;
        queue.next_order += 1;
        queue.due.push(Reverse(Due { at, order, beat }));
        drop(queue);
        self.changed.notify_one();
    }

    /// Waits for the earliest beat to be due; `None` when stopping.
    fn take(&self) -> Option<Box<dyn Beat>> {
        let mut queue = self.lock();
        loop {
            if queue.is_stopping {
                return None;
            }
            let now = Instant::now();
            let wait = match queue.due.peek() {
                Some(Reverse(first)) if first.at <= now => {
                    return queue.due.pop().map(|Reverse(due)| due.beat);
                }
                Some(Reverse(first)) => Some(first.at - now),
                None => None,
            };
            queue = match wait {
                Some(time) => {
                    let waited = self.changed.wait_timeout(queue, time);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn run(&self) {
        while let Some(mut beat) = self.take() {
            let done = catch_unwind(AssertUnwindSafe(|| beat.beat(Instant::now())));
            match done {
                Ok(Some(next)) => self.put(next, beat),
                Ok(None) => {}
                Err(_) => tracing::error!("a room's beat panicked and was ended"),
            }
        }
    }
}

/// The threads; they end when this is dropped.
pub struct Ticker {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Ticker {
    /// Starts `threads` threads called `name`.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(name: &str, threads: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { queue: Mutex::default(), changed: Condvar::new() });
        let spawn = |_| {
            let shared = shared.clone();
            std::thread::Builder::new().name(name.into()).spawn(move || shared.run())
        };
        let threads = (0..threads.max(1)).map(spawn).collect::<Result<_, _>>()?;
        Ok(Self { shared, threads })
    }

    /// Runs `beat` from `first` on.
    pub fn add(&self, first: Instant, beat: Box<dyn Beat>) {
        self.shared.put(first, beat);
    }

    /// The way to its threads.
    pub(crate) fn threads(&self) -> Threads {
        Threads(Arc::downgrade(&self.shared))
    }
}

/// The way to a ticker's threads for beats that run on them.
pub(crate) struct Threads(Weak<Shared>);

impl Threads {
    /// Has the next free thread run `beat`; nothing is run when the ticker is gone.
    pub fn run(&self, beat: Box<dyn Beat>) {
        if let Some(shared) = self.0.upgrade() {
            shared.put(Instant::now(), beat);
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.lock().is_stopping = true;
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked outside a beat has nothing left to tell.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::{Sender, unbounded};
    use std::time::Duration;

    struct Counting(u32, Sender<u32>);

    impl Beat for Counting {
        fn beat(&mut self, now: Instant) -> Option<Instant> {
            self.0 += 1;
            self.1.send(self.0).ok()?;
            (self.0 < 5).then(|| now + Duration::from_micros(200))
        }
    }

    struct Panicking;

    impl Beat for Panicking {
        fn beat(&mut self, _: Instant) -> Option<Instant> {
            panic!("as the test wants it")
        }
    }

    #[test]
    fn a_beat_recurs_until_it_ends_and_a_panicking_one_harms_no_other() {
        let ticker = Ticker::start("test", 2).expect("threads");
        let (reported, heard) = unbounded();
        ticker.add(Instant::now(), Box::new(Panicking));
        ticker.add(Instant::now(), Box::new(Counting(0, reported)));
        let beats: Vec<_> = heard.iter().collect();
        assert_eq!(beats, [1, 2, 3, 4, 5]);
    }
}
