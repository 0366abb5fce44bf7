//! Settings of webhooks: how much is kept, and the operator's own endpoint.

use super::setting::{Kind, Setting, setting};
use super::{ConfigError, Layers};
use rotunda_domain::webhook::EventFilter;
use rotunda_hub::{WebhookSecret, WebhookTerms};

pub(super) const WEBHOOKS: &[Setting] = &[
    setting(
        "webhooks.url",
        Kind::Text,
        "\"\"",
        "Where the events of all projects are sent, http:// or https://; empty sends none but to the webhooks of projects.",
    ),
    setting(
        "webhooks.secret",
        Kind::Secret,
        "\"\"",
        "What signs them: whsec_ and 24 to 64 bytes in Base64.",
    ),
    setting(
        "webhooks.events",
        Kind::Texts,
        "[]",
        "Which of them: names and families such as member.*; empty is every one.",
    ),
    setting(
        "webhooks.keep_days",
        Kind::Whole(2, 365),
        "7",
        "Events for webhooks are forgotten after so many days, whether they were taken or not.",
    ),
    setting(
        "webhooks.keep_bytes",
        Kind::Whole(1_048_576, i64::MAX),
        "268435456",
        "The oldest events for webhooks are forgotten while all weigh more bytes than this, those that were taken first.",
    ),
];

impl Layers {
    /// Where the events of all projects are sent, and what signs them.
    pub(super) fn webhook(&self) -> Result<Option<(WebhookTerms, WebhookSecret)>, ConfigError> {
        let Some(url) = self.optional("webhooks.url") else { return Ok(None) };
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return self.wrong("webhooks.url", "must begin with http:// or https://");
        }
        let Some(secret) = WebhookSecret::parse(&self.text("webhooks.secret")) else {
            return self.wrong("webhooks.secret", "must be whsec_ and 24 to 64 bytes in Base64");
        };
        let events = match EventFilter::new(self.texts("webhooks.events")) {
            Ok(events) => events,
            Err(word) => {
                let what = format!("`{word}` is no event and no family such as member.*");
                return self.wrong("webhooks.events", &what);
            }
        };
        let description = "webhooks.url of the configuration".to_owned();
        let terms = WebhookTerms { url, events, description, is_enabled: true };
        Ok(Some((terms, secret)))
    }
}
