//! The loop that sends what is due, and what is done with the answers.

use super::{AT_ONCE, OF_ENDPOINT, Webhooks, now_ms};
use rotunda_domain::webhook::{Fate, Tried, fate};
use rotunda_outputs::{Pusher, SignedEvent, WebhookAnswer, WebhookError, WebhookSender};
use rotunda_store::{DueWebhook, StoreError};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinSet};
use uuid::Uuid;

/// How often is looked though nobody woke us: `rotunda webhook replay` is another process.
const LOOK: Duration = Duration::from_secs(15);
/// Between tries to write down how it went.
const NOTE_AGAIN: Duration = Duration::from_secs(5);

/// A line and its endpoint.
type Line = (Uuid, Uuid);

/// Deliveries that go on. One whose task panicked stays here, so that it is not tried at once for ever.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<Line>,
    lines: HashSet<Uuid>,
    of_endpoint: HashMap<Uuid, usize>,
}

impl UnderWay {
    /// Takes a place for a line, if there is one and it does not go on already.
    fn take(&mut self, due: &DueWebhook) -> bool {
        let of_endpoint = self.of_endpoint.entry(due.endpoint).or_default();
        if *of_endpoint >= OF_ENDPOINT || !self.lines.insert(due.id) {
            return false;
        }
        *of_endpoint += 1;
        true
    }

    fn ended(&mut self, ended: Result<Line, JoinError>) {
        let (line, endpoint) = match ended {
            Ok(line) => line,
            Err(error) => {
                tracing::error!(%error, "a webhook broke off; it waits for a restart");
                return;
            }
        };
        self.lines.remove(&line);
        if let Some(count) = self.of_endpoint.get_mut(&endpoint) {
            *count -= 1;
            if *count == 0 {
                self.of_endpoint.remove(&endpoint);
            }
        }
    }
}

/// Sends what is due until the hub is gone.
pub(super) async fn send_all(webhooks: Weak<Webhooks>, wake: Arc<Notify>) {
    let mut under_way = UnderWay::default();
    loop {
        let Some(this) = webhooks.upgrade() else { return };
        let Some(sender) = this.options.sender.clone() else { return };
        let wait = this.begin_due(&sender, &mut under_way).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the outbox of webhooks was not read");
            LOOK
        });
        drop(this);
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(wait) => {}
            Some(ended) = under_way.tasks.join_next() => under_way.ended(ended),
        }
        while let Some(ended) = under_way.tasks.try_join_next() {
            under_way.ended(ended);
        }
    }
}

impl Webhooks {
    /// Begins what is due and has room; answers after which time to look again.
    async fn begin_due(
        self: &Arc<Self>,
        sender: &WebhookSender,
        under_way: &mut UnderWay,
    ) -> Result<Duration, StoreError> {
        if under_way.tasks.len() >= AT_ONCE {
            return Ok(LOOK);
        }
        let now = now_ms();
        for due in self.store.due_webhooks(now).await? {
            if under_way.tasks.len() >= AT_ONCE {
                break;
            }
            if under_way.take(&due) {
                let (this, sender) = (self.clone(), sender.clone());
                under_way.tasks.spawn(rotunda_telemetry::named("webhook", async move {
                    this.deliver(&sender, &due).await;
                    (due.id, due.endpoint)
                }));
            }
        }
        let next = self.store.next_webhook_at(now).await?;
        let early = next.and_then(|next| u64::try_from(next - now).ok());
        Ok(early.map_or(LOOK, |early| Duration::from_millis(early).min(LOOK)))
    }

    async fn deliver(&self, sender: &WebhookSender, due: &DueWebhook) {
        let first_ms = due.first_at_ms.unwrap_or_else(now_ms);
        let answer = sender.send(&due.url, signed(due, now_ms())).await;
        let (tried, why) = heard(answer);
        let random = Uuid::new_v4().as_u64_pair().1 as u32;
        let fate = fate(tried, first_ms, due.attempts + 1, now_ms(), random);
        tell(due, fate, &why);
        // Whatever the store does meanwhile: what was taken is not sent again by this process.
        while let Err(error) = self.note(due, fate, &why, first_ms).await {
            tracing::error!(event = %due.event, %error, "a webhook is not written down yet");
            tokio::time::sleep(NOTE_AGAIN).await;
        }
    }

    async fn note(
        &self,
        due: &DueWebhook,
        fate: Fate,
        why: &str,
        first_ms: i64,
    ) -> Result<(), StoreError> {
        let now = now_ms();
        match fate {
            Fate::Taken => self.store.webhook_over(due, None, now).await,
            Fate::Dead => self.store.webhook_over(due, Some(why), now).await,
            Fate::Again(next_ms) => {
                self.store.webhook_not_taken(due, why, (first_ms, next_ms), now).await
            }
            Fate::SwitchOff => {
                self.store.switch_webhook_off(due.endpoint, why).await?;
                self.store.webhook_not_taken(due, why, (first_ms, now), now).await
            }
        }
    }
}

fn signed(due: &DueWebhook, now_ms: i64) -> SignedEvent<'_> {
    let old = due.old_secret.as_ref().filter(|old| old.until_ms > now_ms);
    let secrets = std::iter::once(&due.secret).chain(old.map(|old| &old.secret));
    SignedEvent {
        id: due.event.to_string(),
        body: due.body.clone(),
        secrets: secrets.map(|secret| secret.bytes()).collect(),
        at_s: now_ms / 1000,
    }
}

/// How a try went, and the same in words.
fn heard(answer: Result<WebhookAnswer, WebhookError>) -> (Tried, String) {
    match answer {
        Ok(WebhookAnswer { status, wait }) => {
            let wait_ms = wait.map(|wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
            (Tried::Answered { status, wait_ms }, format!("the endpoint answered {status}"))
        }
        Err(error) => (Tried::Unanswered, error.to_string()),
    }
}

/// Figures and log; of an endpoint that is away the first time, and then ever more rarely.
fn tell(due: &DueWebhook, fate: Fate, why: &str) {
    let (event, endpoint, target) = (due.event, due.endpoint, Pusher::origin(&due.url));
    let (name, tries) = (&due.name, due.attempts + 1);
    let outcome = match fate {
        Fate::Taken => "delivered",
        Fate::Again(_) => "failed",
        Fate::Dead => "dead",
        Fate::SwitchOff => "off",
    };
    rotunda_telemetry::figures().webhooks.one(outcome);
    match fate {
        Fate::Taken => tracing::debug!(%event, name, %endpoint, tries, "a webhook is delivered"),
        Fate::Again(_) if tries.count_ones() == 1 => {
            tracing::warn!(%event, name, %endpoint, target, why, tries, "a webhook is not taken yet");
        }
        Fate::Again(_) => {}
        Fate::Dead => {
            tracing::error!(%event, name, %endpoint, target, why, tries, "a webhook is given up");
        }
        Fate::SwitchOff => {
            tracing::error!(%endpoint, target, why, "an endpoint of webhooks is switched off");
        }
    }
}
