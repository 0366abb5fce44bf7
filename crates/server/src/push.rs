//! `rotunda push`: recordings on their way to live-chat sites' servers, as the operator sees them. It
//! writes to the database only; a server that runs looks there every few seconds.

use crate::cli::PushVerb;
use crate::error::RunError;
use crate::say::answer;
use rotunda_domain::RecordingId;
use rotunda_hub::Pusher;
use rotunda_store::{DeliveryKind, DeliveryState, Store};
use std::time::{SystemTime, UNIX_EPOCH};

const KIND: DeliveryKind = DeliveryKind::Push;

/// Lists and retries pushes.
///
/// # Errors
/// As [`project`](crate::admin::project); `NotAnId` when the recording's id is no UUID.
pub async fn push(verb: PushVerb) -> Result<(), RunError> {
    match verb {
        PushVerb::List { data } => list(&data.database().await?).await,
        PushVerb::Retry { recording, data } => {
            let of = recording.map(|id| id.parse().map_err(|_| RunError::NotAnId("the recording")));
            retry(&data.database().await?, of.transpose()?).await
        }
    }
}

async fn list(store: &Store) -> Result<(), RunError> {
    for line in store.undelivered(KIND).await? {
        answer(format_args!("{}", shown(&line, now_ms())))?;
    }
    Ok(())
}

async fn retry(store: &Store, recording: Option<RecordingId>) -> Result<(), RunError> {
    let lines = store.retry_deliveries(KIND, recording, now_ms()).await?;
    answer(format_args!("{lines} to be pushed again"))?;
    Ok(())
}

/// One line, without what of the address may be a secret.
fn shown(line: &DeliveryState, now_ms: i64) -> String {
    let delivery = &line.delivery;
    let state = match (line.is_given_up, (delivery.next_at_ms - now_ms).max(0) / 1000) {
        (true, _) => "given up".to_owned(),
        (false, 0) => "due".to_owned(),
        (false, seconds) => format!("due in {seconds} s"),
    };
    let (recording, target) = (delivery.recording, Pusher::origin(&delivery.target));
    let text =
        format!("{recording}  {target}  {state}  tried {}  {}", delivery.attempts, line.error);
    text.trim_end().to_owned()
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_domain::ProjectId;
    use rotunda_store::Delivery;
    use uuid::Uuid;

    #[test]
    fn a_line_says_how_it_stands_and_hides_what_may_be_secret() {
        let delivery = Delivery {
            id: Uuid::from_u128(1),
            project: ProjectId(Uuid::from_u128(2)),
            recording: RecordingId(Uuid::from_u128(3)),
            target: "https://me:secret@a.test/key".into(),
            file: "film.mp4".into(),
            attempts: 4,
            next_at_ms: 65_500,
            since_ms: 0,
        };
        let mut line = DeliveryState {
            delivery,
            is_given_up: false,
            error: "the receiver answered 503".into(),
        };
        let id = "00000000-0000-0000-0000-000000000003";
        let rest = "tried 4  the receiver answered 503";
        assert_eq!(shown(&line, 500), format!("{id}  https://a.test:443  due in 65 s  {rest}"));
        line.is_given_up = true;
        assert_eq!(shown(&line, 500), format!("{id}  https://a.test:443  given up  {rest}"));
    }
}
