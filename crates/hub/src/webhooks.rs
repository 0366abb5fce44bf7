//! Events on their way to the endpoints of webhooks. What is to be sent is written down in the
//! transaction of the state it tells of (`store/src/offer.rs`); here it is sent, and what became of
//! it is written down again. An event is sent at least once: who dies between an answer and the note
//! of it sends it again.
//!
//! **What if an endpoint is away?** Its events are tried again after ever longer pauses, of each room
//! the first only, so that a room's events stay in their order; after a day an event is dead, and the
//! next of its room follows. **What if there are many?** They wait in the store: of an endpoint
//! [`OF_ENDPOINT`] are under way at a time, of all [`AT_ONCE`]. **What if they are too many?** What is
//! older than `keep_days`, or weighs more than `keep_bytes`, is forgotten, and told of when nobody
//! had taken it.

mod api;
mod retention;
mod send;

pub use api::WebhookRefused;

use crate::now;
use rotunda_outputs::WebhookSender;
use rotunda_store::{BodyShape, OutboxCount, Store, WebhookSecret, WebhookTerms};
use std::sync::{Arc, Mutex, PoisonError};

/// Deliveries of one endpoint at a time.
const OF_ENDPOINT: usize = 4;
/// Deliveries of all.
const AT_ONCE: usize = 64;

/// What the operator decides for webhooks.
#[derive(Clone, Debug)]
pub struct WebhookOptions {
    /// Sends them; nobody does when `None`.
    pub sender: Option<WebhookSender>,
    /// Writes what is sent; nothing is, when `None`.
    pub shape: Option<BodyShape>,
    /// Events are forgotten after so many days, taken or not.
    pub keep_days: u32,
    /// The oldest are forgotten while all together weigh more than this, in bytes.
    pub keep_bytes: u64,
    /// The operator's own endpoint, which takes the events of all projects.
    pub own: Option<(WebhookTerms, WebhookSecret)>,
}

impl Default for WebhookOptions {
    fn default() -> Self {
        let (keep_days, keep_bytes) = (7, 256 * 1024 * 1024);
        Self { sender: None, shape: None, keep_days, keep_bytes, own: None }
    }
}

/// What goes on behind.
pub(crate) struct Webhooks {
    store: Store,
    options: WebhookOptions,
    count: Mutex<OutboxCount>,
}

impl Webhooks {
    /// Starts what goes on behind, if events are sent at all; needs a Tokio runtime.
    pub fn start(options: WebhookOptions, store: Store) -> Arc<Self> {
        let shape = options.shape.clone().filter(|_| options.sender.is_some());
        let webhooks = Arc::new(Self { store, options, count: Mutex::default() });
        if let Some(shape) = shape {
            let wake = webhooks.store.fill_outbox(shape);
            let (sending, keeping) = (Arc::downgrade(&webhooks), Arc::downgrade(&webhooks));
            rotunda_telemetry::spawn("webhooks sent", send::send_all(sending, wake));
            rotunda_telemetry::spawn("webhooks kept", retention::retain(keeping));
        }
        webhooks
    }

    /// How much there was when it was last counted, a quarter of a minute ago at most.
    pub fn count(&self) -> OutboxCount {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now_ms() -> i64 {
    now().epoch_ms
}

#[cfg(test)]
mod tests;
