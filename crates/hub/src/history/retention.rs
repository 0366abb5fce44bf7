//! How long history is kept: by age and by size, deleted in small pieces with pauses between them, so
//! that whoever writes meanwhile does not feel it.

use rotunda_store::{Store, StoreError};
use std::time::Duration;

const DAY_MS: i64 = 86_400_000;
/// What ended this short a time ago stays, however large history is: its last lines may still be
/// on their way.
const FRESH_MS: i64 = 3_600_000;
/// Between two looks.
const EVERY: Duration = Duration::from_secs(600);
/// After each small transaction.
const PAUSE: Duration = Duration::from_millis(100);

/// How much history is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryOptions {
    /// Days sessions are remembered after their end; 0 is for ever.
    pub keep_days: u32,
    /// The sessions that ended first are forgotten while the database holds more bytes than this;
    /// 0 keeps them.
    pub keep_bytes: u64,
}

/// Looks again and again until the runtime ends; returns at once when everything is kept.
pub(crate) async fn retain(store: Store, options: HistoryOptions) {
    if options == HistoryOptions::default() {
        return;
    }
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Err(error) = retain_once(&store, options, crate::now().epoch_ms, PAUSE).await {
            tracing::warn!(%error, "old history is not deleted just now");
        }
    }
}

async fn retain_once(
    store: &Store,
    options: HistoryOptions,
    now_ms: i64,
    pause: Duration,
) -> Result<(), StoreError> {
    while let Some(before_ms) = due(store, options, now_ms).await? {
        if !store.forget_some(before_ms).await? {
            break;
        }
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

/// What ended before this is to be forgotten now, if anything is.
async fn due(
    store: &Store,
    options: HistoryOptions,
    now_ms: i64,
) -> Result<Option<i64>, StoreError> {
    let fresh = now_ms - FRESH_MS;
    if options.keep_bytes > 0 && store.bytes().await? > options.keep_bytes {
        let oldest = store.oldest_history().await?;
        return Ok(Some(oldest.map_or(fresh, |end_ms| fresh.min(end_ms + 1))));
    }
    let aged = now_ms - i64::from(options.keep_days) * DAY_MS;
    Ok((options.keep_days > 0).then_some(aged))
}

#[cfg(test)]
#[path = "retention_tests.rs"]
mod tests;
