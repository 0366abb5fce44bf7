//! How much of the outbox is kept: by age and by weight, deleted in small pieces. What nobody had taken
//! is counted and told.

use super::{Webhooks, now_ms};
use rotunda_store::StoreError;
use std::sync::{PoisonError, Weak};
use std::time::Duration;

const DAY_MS: i64 = 86_400_000;
/// Between two looks.
const EVERY: Duration = Duration::from_secs(15);
/// After each small transaction.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks again and again until the hub is gone.
pub(super) async fn retain(webhooks: Weak<Webhooks>) {
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let Some(this) = webhooks.upgrade() else { return };
        if let Err(error) = this.retain_once(now_ms()).await {
            tracing::warn!(%error, "old webhooks are not forgotten just now");
        }
    }
}

impl Webhooks {
    /// Forgets what is too old or too much at `now_ms`, and counts the rest.
    pub(super) async fn retain_once(&self, now_ms: i64) -> Result<(), StoreError> {
        let before_ms = now_ms - i64::from(self.options.keep_days) * DAY_MS;
        let most = i64::try_from(self.options.keep_bytes).unwrap_or(i64::MAX);
        let mut lost = 0;
        let count = loop {
            let count = self.store.count_webhooks().await?;
            let gone = self.store.forget_webhooks(before_ms, count.bytes - most, now_ms).await?;
            lost += gone.lost;
            if gone.lines == 0 {
                break count;
            }
            tokio::time::sleep(PAUSE).await;
        };
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) = count;
        if lost > 0 {
            rotunda_telemetry::figures().webhooks.many("lost", lost);
            tracing::error!(
                lost,
                "webhooks are lost: they waited for longer than webhooks.keep_days, or weighed more \
                 than webhooks.keep_bytes"
            );
        }
        Ok(())
    }
}
