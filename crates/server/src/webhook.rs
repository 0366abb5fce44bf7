//! `rotunda webhook`: endpoints and what they did not take, as the operator sees them. It writes to the
//! database only; a server that runs looks there every few seconds.

use crate::cli::WebhookVerb;
use crate::error::RunError;
use crate::say::answer;
use rotunda_hub::Pusher;
use rotunda_store::{Page, Store, WebhookLine, WebhookRow, WebhookState};
use std::time::{SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// Lines of one endpoint that are listed.
const LISTED: Page = Page { size: 1000, token: None };

/// Lists endpoints and what was given up, and sends it again.
///
/// # Errors
/// As [`project`](crate::admin::project); `NotAnId` when an id is no UUID.
pub async fn webhook(verb: WebhookVerb) -> Result<(), RunError> {
    match verb {
        WebhookVerb::List { project, data } => {
            let project =
                project.map(|id| id.parse().map_err(|_| RunError::NotAnId("the project")));
            let rows = data.database().await?.webhooks(project.transpose()?).await?;
            rows.iter().try_for_each(|row| answer(format_args!("{}", shown(row))))?;
            Ok(())
        }
        WebhookVerb::Dead { webhook, data } => {
            let only = webhook.map(|id| id_of(&id, "the webhook")).transpose()?;
            dead(&data.database().await?, only).await
        }
        WebhookVerb::Replay { webhook, event, data } => {
            let endpoint = id_of(&webhook, "the webhook")?;
            let event = event.map(|id| id_of(&id, "the event")).transpose()?;
            let store = data.database().await?;
            let count = store.replay_webhooks(endpoint, event, now_ms()).await?;
            answer(format_args!("{count} to be sent again"))?;
            Ok(())
        }
    }
}

fn id_of(text: &str, what: &'static str) -> Result<Uuid, RunError> {
    text.parse().map_err(|_| RunError::NotAnId(what))
}

async fn dead(store: &Store, only: Option<Uuid>) -> Result<(), RunError> {
    let rows = store.webhooks(None).await?;
    for row in rows.iter().filter(|row| only.is_none_or(|id| id == row.id)) {
        let page = store.webhook_lines(row.id, Some(WebhookState::Dead), LISTED).await?;
        for line in page.rows {
            answer(format_args!("{}", given_up(&line)))?;
        }
    }
    Ok(())
}

/// One line, without what of the address may be a secret.
fn shown(row: &WebhookRow) -> String {
    let project = row.project.map_or_else(|| "all projects".to_owned(), |id| id.to_string());
    let state = match (&row.off_reason, row.terms.is_enabled) {
        (_, true) => "on".to_owned(),
        (Some(why), false) => format!("off: {why}"),
        (None, false) => "off".to_owned(),
    };
    let events = row.terms.events.to_string();
    let events = if events.is_empty() { "all events" } else { &events };
    format!("{}  {project}  {}  {state}  {events}", row.id, Pusher::origin(&row.terms.url))
}

fn given_up(line: &WebhookLine) -> String {
    let WebhookLine { event, endpoint, name, attempts, error, .. } = line;
    let at = OffsetDateTime::from_unix_timestamp(line.created_at_ms / 1000);
    let at = at.ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default();
    let error = error.as_deref().unwrap_or_default();
    format!("{event}  {endpoint}  {at}  {name}  tried {attempts}  {error}")
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_domain::webhook::EventFilter;
    use rotunda_store::{WebhookSecret, WebhookTerms};

    #[test]
    fn a_line_says_whose_it_is_and_how_it_stands_and_hides_what_may_be_secret() {
        let secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
        let mut row = WebhookRow {
            id: Uuid::from_u128(1),
            project: None,
            terms: WebhookTerms {
                url: "https://me:secret@a.test/key".into(),
                events: EventFilter::default(),
                description: String::new(),
                is_enabled: true,
            },
            off_reason: None,
            secret: WebhookSecret::parse(secret).unwrap(),
            old_secret: None,
            created_at_ms: 0,
            updated_at_ms: 0,
        };
        let id = "00000000-0000-0000-0000-000000000001";
        let origin = "https://a.test:443";
        assert_eq!(shown(&row), format!("{id}  all projects  {origin}  on  all events"));
        row.terms.is_enabled = false;
        row.off_reason = Some("the endpoint answered 410".into());
        row.terms.events = EventFilter::stored("member.* room.ended");
        let off = "off: the endpoint answered 410  member.* room.ended";
        assert_eq!(shown(&row), format!("{id}  all projects  {origin}  {off}"));
    }

    #[test]
    fn what_was_given_up_says_what_it_was_and_why() {
        let line = WebhookLine {
            event: Uuid::from_u128(2),
            endpoint: Uuid::from_u128(1),
            name: "room.ended".into(),
            room: None,
            state: WebhookState::Dead,
            attempts: 37,
            error: Some("the endpoint answered 500".into()),
            next_at_ms: 0,
            first_at_ms: Some(0),
            created_at_ms: 1_700_000_000_000,
            updated_at_ms: 0,
        };
        let ids = format!("{}  {}", Uuid::from_u128(2), Uuid::from_u128(1));
        let rest = "2023-11-14T22:13:20Z  room.ended  tried 37  the endpoint answered 500";
        assert_eq!(given_up(&line), format!("{ids}  {rest}"));
    }
}
