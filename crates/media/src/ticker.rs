//! A few threads that give many rooms their beat.
//!
//! A room costs no thread: its canvas and its mix are each a [`Beat`] with a next time, and a fixed
//! number of threads runs whichever is due. One beat is never run by two threads at once. A room
//! that is gone answers `None` and leaves nothing behind.

use crate::load::Load;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(test)]
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

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
    /// A thread waits until the first of them is due.
    is_watched: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    /// Wakes the thread that waits for the first: another became the first.
    sooner: Condvar,
    /// Wakes one of those that wait for nothing: it is to watch.
    unwatched: Condvar,
    load: Arc<Load>,
    /// How often a thread woke.
    #[cfg(test)]
    woken: AtomicU64,
}

impl Shared {
    fn new() -> Self {
        Self {
            queue: Mutex::default(),
            sooner: Condvar::new(),
            unwatched: Condvar::new(),
            load: Arc::default(),
            #[cfg(test)]
            woken: AtomicU64::new(0),
        }
    }

    /// A panic inside a beat is caught before it can poison the lock, so a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in a beat that is new, or one that the thread which calls brings back.
    fn put(&self, at: Instant, beat: Box<dyn Beat>, is_new: bool) {
        let mut queue = self.lock();
        let order = queue.next_order;
        queue.next_order += 1;
        let is_first = queue.due.peek().is_none_or(|Reverse(first)| at < first.at);
        queue.due.push(Reverse(Due { at, order, beat }));
        let is_watched = queue.is_watched;
        drop(queue);
        if is_watched && is_first {
            self.sooner.notify_one();
        } else if is_new && !is_watched {
            // Whoever brings one back looks what is next anyway.
            self.unwatched.notify_one();
        }
    }

    /// Waits for the earliest beat to be due; `None` when stopping. One thread waits for it, and the
    /// others for that one to take it: if all waited for the same moment, all would wake for one beat.
    fn take(&self) -> Option<Due> {
        let mut queue = self.lock();
        while !queue.is_stopping {
            let now = Instant::now();
            let wait =
                queue.due.peek().map(|Reverse(first)| first.at.saturating_duration_since(now));
            queue = match wait {
                Some(Duration::ZERO) => return self.hand_over(queue),
                Some(time) if !queue.is_watched => self.watch(queue, time),
                _ => self.unwatched.wait(queue).unwrap_or_else(PoisonError::into_inner),
            };
            #[cfg(test)]
            self.woken.fetch_add(1, Ordering::Relaxed);
        }
        None
    }

    fn watch<'a>(&self, mut queue: MutexGuard<'a, Queue>, time: Duration) -> MutexGuard<'a, Queue> {
        queue.is_watched = true;
        let waited = self.sooner.wait_timeout(queue, time);
        let mut queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        queue.is_watched = false;
        queue
    }

    /// Takes the first, and has another thread watch the next.
    fn hand_over(&self, mut queue: MutexGuard<'_, Queue>) -> Option<Due> {
        let first = queue.due.pop().map(|Reverse(due)| due);
        let is_unwatched = !queue.due.is_empty() && !queue.is_watched;
        drop(queue);
        if is_unwatched {
            self.unwatched.notify_one();
        }
        first
    }

    fn run(&self) {
        while let Some(Due { at, mut beat, .. }) = self.take() {
            let now = Instant::now();
            let done = catch_unwind(AssertUnwindSafe(|| beat.beat(now)));
            self.load.done(now.saturating_duration_since(at), now.elapsed());
            match done {
                Ok(Some(next)) => self.put(next, beat, false),
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
    /// Starts `threads` threads called `name`; each calls `prepare` first.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(name: &str, threads: usize, prepare: fn()) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::new());
        let spawn = |_| {
            let shared = shared.clone();
            let work = move || {
                prepare();
                shared.run();
            };
            std::thread::Builder::new().name(name.into()).spawn(work)
        };
        let threads = (0..threads.max(1)).map(spawn).collect::<Result<_, _>>()?;
        Ok(Self { shared, threads })
    }

    /// Runs `beat` from `first` on.
    pub fn add(&self, first: Instant, beat: Box<dyn Beat>) {
        self.shared.put(first, beat, true);
    }

    /// What its threads have to do.
    pub(crate) fn load(&self) -> Arc<Load> {
        self.shared.load.clone()
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
            shared.put(Instant::now(), beat, true);
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.lock().is_stopping = true;
        self.shared.sooner.notify_all();
        self.shared.unwatched.notify_all();
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

    /// So many beats are counted.
    const BEATS: u32 = 20;

    struct Counting(u32, Sender<u32>);

    impl Beat for Counting {
        fn beat(&mut self, now: Instant) -> Option<Instant> {
            self.0 += 1;
            self.1.send(self.0).ok()?;
            (self.0 < BEATS).then(|| now + Duration::from_millis(2))
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
        let ticker = Ticker::start("test", 2, || ()).expect("threads");
        let (reported, heard) = unbounded();
        ticker.add(Instant::now(), Box::new(Panicking));
        ticker.add(Instant::now(), Box::new(Counting(0, reported)));
        let beats: Vec<_> = heard.iter().collect();
        assert!(beats.into_iter().eq(1..=BEATS));
    }

    #[test]
    fn one_thread_wakes_for_one_beat_however_many_there_are() {
        let ticker = Ticker::start("test", 8, || ()).expect("threads");
        let (reported, heard) = unbounded();
        ticker.add(Instant::now(), Box::new(Counting(0, reported)));
        assert_eq!(heard.iter().count(), BEATS as usize);
        // One for each beat; a busy machine may add a few.
        let woken = ticker.shared.woken.load(Ordering::Relaxed);
        assert!(woken <= u64::from(2 * BEATS), "{woken}");
    }

    /// Takes a while, and says on which thread.
    struct Long(Sender<std::thread::ThreadId>, std::sync::Arc<std::sync::Barrier>);

    impl Beat for Long {
        fn beat(&mut self, _: Instant) -> Option<Instant> {
            self.1.wait();
            self.0.send(std::thread::current().id()).ok()?;
            None
        }
    }

    #[test]
    fn beats_that_are_due_together_run_side_by_side() {
        let ticker = Ticker::start("test", 3, || ()).expect("threads");
        let (reported, heard) = unbounded();
        let barrier = Arc::new(std::sync::Barrier::new(3));
        let due = Instant::now() + Duration::from_millis(2);
        for _ in 0..3 {
            ticker.add(due, Box::new(Long(reported.clone(), barrier.clone())));
        }
        drop(reported);
        let mut threads: Vec<_> = heard.iter().collect();
        threads.sort_by_key(|id| format!("{id:?}"));
        threads.dedup();
        assert_eq!(threads.len(), 3);
    }
}
