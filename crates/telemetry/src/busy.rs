//! Tasks with names, so that a worker of the runtime that is held up can be told of by the name of the
//! task that holds it. Everything else of that worker waits meanwhile: other people's sockets too.
//!
//! Each poll of a task costs two readings of the clock and two writes of its worker's own memory.

use crate::figures;
use pin_project_lite::pin_project;
use std::cell::OnceCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// What somebody who talks begins to hear.
const BUSY: Duration = Duration::from_millis(200);
/// A task that has not returned for so long may never: it is told of while it runs.
const STUCK: Duration = Duration::from_secs(2);
/// Between two lines about one task.
const QUIET: Duration = Duration::from_secs(10);

/// Runs `future` as a task with a name. The name says what it is for, never for whom.
pub fn spawn<F>(name: &'static str, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(named(name, future))
}

/// Gives `future` a name, for whoever spawns it in a way of their own, and for a part of a task that
/// is to be told apart.
pub fn named<F: Future>(name: &'static str, future: F) -> Named<F> {
    Named { task: task(name), future }
}

pin_project! {
    /// A future with a name.
    pub struct Named<F> {
        task: &'static Task,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Named<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let begin = Instant::now();
        let polling = Polling::begin(this.task, begin);
        let polled = this.future.poll(context);
        drop(polling);
        this.task.took(begin.elapsed(), begin);
        polled
    }
}

/// A name, and when it was last told of.
struct Task {
    name: &'static str,
    number: usize,
    reported_ms: AtomicU64,
    reported_stuck_ms: AtomicU64,
}

impl Task {
    fn took(&self, time: Duration, since: Instant) {
        if time < BUSY {
            return;
        }
        figures().worker_busy.one(self.name);
        if is_due(&self.reported_ms, since + time) {
            let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(task = self.name, ms, "a worker of the runtime was busy");
        }
    }

    fn is_stuck(&self, time: Duration, now: Instant) {
        if time >= STUCK && is_due(&self.reported_stuck_ms, now) {
            let seconds = time.as_secs();
            tracing::error!(
                task = self.name,
                seconds,
                "a worker of the runtime does not come back"
            );
        }
    }
}

/// Whether a line may be written again; if so the next may not for a while.
fn is_due(reported_ms: &AtomicU64, now: Instant) -> bool {
    // Never 0, which is "not yet".
    let now_ms = ms_since_start(now) + 1;
    let quiet_ms = u64::try_from(QUIET.as_millis()).unwrap_or(u64::MAX);
    let reported = |last: u64| (last == 0 || now_ms >= last + quiet_ms).then_some(now_ms);
    reported_ms.fetch_update(Relaxed, Relaxed, reported).is_ok()
}

/// One for each name in the code, so they are few and kept for ever.
static TASKS: Mutex<Vec<&'static Task>> = Mutex::new(Vec::new());

fn task(name: &'static str) -> &'static Task {
    let mut tasks = lock(&TASKS);
    if let Some(task) = tasks.iter().find(|task| task.name == name) {
        return task;
    }
    let (number, reported_ms, reported_stuck_ms) =
        (tasks.len(), AtomicU64::new(0), AtomicU64::new(0));
    let task: &'static Task =
        Box::leak(Box::new(Task { name, number, reported_ms, reported_stuck_ms }));
    tasks.push(task);
    task
}

/// What one thread polls now.
#[derive(Default)]
struct Worker {
    /// Number of the task, and one more; 0 is none.
    task: AtomicUsize,
    since_ms: AtomicU64,
}

static WORKERS: Mutex<Vec<Weak<Worker>>> = Mutex::new(Vec::new());

thread_local! {
    static WORKER: OnceCell<Arc<Worker>> = const { OnceCell::new() };
}

fn this_worker() -> Arc<Worker> {
    let register = || {
        let worker = Arc::new(Worker::default());
        let mut all = lock(&WORKERS);
        all.retain(|other| other.strong_count() > 0);
        all.push(Arc::downgrade(&worker));
        worker
    };
    // A thread that ends has no place any more; what it still polls is not watched.
    WORKER.try_with(|worker| worker.get_or_init(register).clone()).unwrap_or_default()
}

/// Stands in the worker's place while a task is polled, and gives it back to the task around it.
struct Polling {
    worker: Arc<Worker>,
    before: (usize, u64),
}

impl Polling {
    fn begin(task: &Task, now: Instant) -> Self {
        let worker = this_worker();
        let before = (worker.task.load(Relaxed), worker.since_ms.load(Relaxed));
        worker.since_ms.store(ms_since_start(now), Relaxed);
        worker.task.store(task.number + 1, Relaxed);
        Self { worker, before }
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        self.worker.task.store(self.before.0, Relaxed);
        self.worker.since_ms.store(self.before.1, Relaxed);
    }
}

/// Tells of workers that do not come back, from a thread of its own, until the process ends.
///
/// # Errors
/// There is no thread to be had.
pub fn watch_workers() -> std::io::Result<()> {
    let watch = || {
        loop {
            std::thread::sleep(STUCK / 2);
            look(Instant::now());
        }
    };
    std::thread::Builder::new().name("watch".into()).spawn(watch).map(drop)
}

fn look(now: Instant) {
    let workers: Vec<_> = lock(&WORKERS).iter().filter_map(Weak::upgrade).collect();
    for worker in workers {
        let since_ms = worker.since_ms.load(Relaxed);
        let number = worker.task.load(Relaxed);
        let Some(task) = number.checked_sub(1).and_then(|n| lock(&TASKS).get(n).copied()) else {
            continue;
        };
        let time = Duration::from_millis(ms_since_start(now).saturating_sub(since_ms));
        task.is_stuck(time, now);
    }
}

fn ms_since_start(now: Instant) -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(now.saturating_duration_since(*START).as_millis()).unwrap_or(u64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_holds_its_worker_is_counted_by_name_and_logged_once_in_ten_seconds() {
        let before = figures().worker_busy.get("held up");
        let begin = Instant::now();
        let held_up = task("held up");
        held_up.took(Duration::from_millis(199), begin);
        assert_eq!(figures().worker_busy.get("held up"), before, "short of what anybody hears");
        held_up.took(Duration::from_millis(200), begin);
        held_up.took(Duration::from_millis(900), begin + Duration::from_secs(5));
        assert_eq!(figures().worker_busy.get("held up"), before + 2);
        let reported = held_up.reported_ms.load(Relaxed);
        assert!(
            !is_due(&held_up.reported_ms, begin + Duration::from_secs(9)),
            "told at {reported}"
        );
        assert!(
            is_due(&held_up.reported_ms, begin + Duration::from_secs(11)),
            "told at {reported}"
        );
    }

    #[tokio::test]
    async fn a_worker_knows_what_it_polls_and_what_stands_around_that() {
        let name = || {
            let number = this_worker().task.load(Relaxed).checked_sub(1);
            number.map(|number| lock(&TASKS)[number].name)
        };
        let inner = named("inner", async move { name() });
        let seen = spawn("outer", async move { [name(), inner.await, name()] }).await.unwrap();
        assert_eq!(seen, [Some("outer"), Some("inner"), Some("outer")]);
    }

    #[tokio::test]
    async fn a_task_that_never_comes_back_is_logged_while_it_runs() {
        // Times are counted from the first look at the clock, which is not to be the task's.
        ms_since_start(Instant::now());
        let begin = Instant::now();
        let never = task("never back");
        let polling = Polling::begin(never, begin);
        look(begin + STUCK / 2);
        assert_eq!(never.reported_stuck_ms.load(Relaxed), 0);
        look(begin + STUCK);
        assert_ne!(never.reported_stuck_ms.load(Relaxed), 0);
        drop(polling);
        assert_eq!(this_worker().task.load(Relaxed), 0);
    }
}
