//! A queue and one writer between sessions, which must never wait, and the database, which may be
//! away for a while.
//!
//! **What if it is full?** The queue takes 4096 lines. Beyond that the oldest lines that are only
//! events (a layout changed, a member muted) give way and are counted; lines that change a row
//! (started, joined, left, ended) never do, because history would then say that somebody is still
//! there. Rows alone may fill the queue up to 65 536, some twenty thousand joins during one
//! outage; after that new lines are not taken, which is counted and logged as an error: better a
//! gap in history than rooms that stop for want of memory.

use super::allowance::{Allowances, Verdict};
use super::lines;
use super::record::{Fps, HistoryRecord};
use rotunda_store::{HistoryWrite, Store, StoreError};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

const QUEUE: usize = 4096;
const ROWS: usize = 65_536;
/// Lines written in one transaction: one flush to the disk then serves many.
const BATCH: usize = 64;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(5);

/// The writer of history; dropping it lets the writer finish what is queued and stop.
#[derive(Debug)]
pub struct HistoryWriter {
    shared: Arc<Shared>,
    allowances: Mutex<Allowances>,
    fps: Fps,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    /// Lines not yet written; changes wake the writer and those who wait for it.
    pending: watch::Sender<Pending>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Pending {
    lines: usize,
    closed: bool,
}

#[derive(Debug, Default)]
struct Queue {
    lines: VecDeque<HistoryWrite>,
    /// How many of them are only events, so that a queue of rows alone is not searched for one.
    events: usize,
    dropped: u64,
}

impl HistoryWriter {
    /// Starts the writer; needs a Tokio runtime.
    pub fn start(store: Store, fps: Fps) -> Self {
        let shared =
            Arc::new(Shared { queue: Mutex::default(), pending: watch::Sender::default() });
        rotunda_telemetry::spawn("history", write_all(store, shared.clone()));
        Self { shared, allowances: Mutex::default(), fps }
    }

    /// Takes a line; never waits.
    pub fn record(&self, line: HistoryRecord) {
        let Some(mut write) = lines::write_of(line, self.fps) else { return };
        let left_out = match (self.allow(&write), &mut write) {
            (Verdict::Keep { left_out }, _) => left_out,
            (Verdict::LeaveOut, HistoryWrite::SessionChanged { is_reported, .. }) => {
                *is_reported = false;
                0
            }
            (Verdict::LeaveOut, _) => return,
        };
        if left_out > 0 {
            self.write(lines::left_out(write.event(), left_out));
        }
        self.write(write);
    }

    fn allow(&self, write: &HistoryWrite) -> Verdict {
        let mut allowances = self.allowances.lock().unwrap_or_else(PoisonError::into_inner);
        let event = write.event();
        match (write, event.session) {
            (HistoryWrite::SessionStarted(row, _), _) => allowances.begin(row.id),
            (HistoryWrite::SessionEnded { session, .. }, _) => {
                return Verdict::Keep { left_out: allowances.end(*session) };
            }
            (HistoryWrite::Event(_) | HistoryWrite::SessionChanged { .. }, Some(session)) => {
                let bytes = event.payload.to_string().len();
                return allowances.count(session, crate::now().mono_ms, bytes);
            }
            _ => {}
        }
        Verdict::Keep { left_out: 0 }
    }

    /// Takes a line that is no session's; never waits.
    pub fn write(&self, write: HistoryWrite) {
        let mut queue = self.shared.lock();
        let before = queue.lines.len();
        queue.put(write);
        // Counted before the lock goes, so that the writer cannot take a line not yet counted.
        if queue.lines.len() > before {
            self.shared.pending.send_modify(|p| p.lines += 1);
        }
    }

    /// Lines lost because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.shared.lock().dropped
    }

    /// Lines not yet written.
    pub fn waiting(&self) -> usize {
        self.shared.pending.borrow().lines
    }

    /// Waits until everything taken so far is written. That may be never while the database is
    /// away; the caller sets the time limit.
    pub async fn flush(&self) {
        let mut pending = self.shared.pending.subscribe();
        // The sender lives in `shared`, so waiting cannot fail.
        let _ = pending.wait_for(|p| p.lines == 0).await;
    }
}

impl Drop for HistoryWriter {
    fn drop(&mut self) {
        self.shared.pending.send_modify(|p| p.closed = true);
    }
}

impl Shared {
    /// The queue is whole between any two statements, so a poisoned lock is of no consequence.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn put(&mut self, write: HistoryWrite) {
        let is_event = write.is_event_only();
        if self.lines.len() >= QUEUE {
            if self.events > 0 {
                self.drop_oldest_event();
            } else if is_event || self.lines.len() >= ROWS {
                return self.count_dropped();
            }
        }
        self.events += usize::from(is_event);
        self.lines.push_back(write);
    }

    fn take(&mut self, many: usize) -> Vec<HistoryWrite> {
        let many = self.lines.len().min(many);
        let taken: Vec<_> = self.lines.drain(..many).collect();
        self.events -= taken.iter().filter(|line| line.is_event_only()).count();
        taken
    }

    fn drop_oldest_event(&mut self) {
        if let Some(at) = self.lines.iter().position(HistoryWrite::is_event_only) {
            self.lines.remove(at);
            self.events -= 1;
            self.count_dropped();
        }
    }

    fn count_dropped(&mut self) {
        self.dropped += 1;
        // The first, and then ever more rarely: one outage must not flood the log.
        if self.dropped.is_power_of_two() {
            tracing::error!(dropped = self.dropped, "history queue is full; lines are lost");
        }
    }
}

async fn write_all(store: Store, shared: Arc<Shared>) {
    let mut pending = shared.pending.subscribe();
    loop {
        // The sender lives in `shared`, which this task holds, so waiting cannot fail.
        let _ = pending.wait_for(|p| p.lines > 0 || p.closed).await;
        let batch = shared.lock().take(BATCH);
        if batch.is_empty() && pending.borrow().closed {
            return;
        }
        write_batch(&store, &batch).await;
        shared.pending.send_modify(|p| p.lines = p.lines.saturating_sub(batch.len()));
        tokio::task::yield_now().await;
    }
}

/// Writes a batch, however long it takes. A line the database declines is logged and left out,
/// because no later line may wait for it forever.
async fn write_batch(store: &Store, batch: &[HistoryWrite]) {
    match keep(store, batch).await {
        Ok(()) => {}
        Err(error) if batch.len() == 1 => {
            let event = batch[0].event();
            tracing::error!(%error, name = %event.name, session = ?event.session, "history line lost");
        }
        Err(_) => {
            for line in batch {
                Box::pin(write_batch(store, std::slice::from_ref(line))).await;
            }
        }
    }
}

/// Tries until the database answers for good.
async fn keep(store: &Store, lines: &[HistoryWrite]) -> Result<(), StoreError> {
    let mut pause = FIRST_PAUSE;
    loop {
        let begin = Instant::now();
        let kept = store.keep(lines).await;
        rotunda_telemetry::figures().database.took("history", begin.elapsed());
        match kept {
            Err(error) if error.is_passing() => {
                if pause == FIRST_PAUSE {
                    tracing::warn!(%error, "history waits for the database");
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LAST_PAUSE);
            }
            done => return done,
        }
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
