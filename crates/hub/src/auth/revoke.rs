//! What is over reaches open connections: API tokens and links that were revoked, by whichever process;
//! sessions of users that ran out or were ended; room tokens whose bearers are to be gone.
//!
//! What happens in this process is done where it happens; the rest is looked for twice a second. Seats
//! and legs end with their session's own clock.

use crate::{Hub, Inner, now};
use rotunda_domain::command::Target;
use rotunda_domain::{Actor, Command};
use rotunda_store::StoreError;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

/// A look costs a row by its key for each API token in use and each user with a socket, and one pass
/// over the connections.
const BEAT: Duration = Duration::from_millis(500);

/// Looks until the hub is gone.
pub(crate) fn watch(home: Weak<Inner>) {
    rotunda_telemetry::spawn("revocations", async move {
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            let Some(inner) = home.upgrade() else { return };
            look(&inner).await;
        }
    });
}

async fn look(inner: &Arc<Inner>) {
    let now = now();
    inner.services.subscribers.end_expired(now.epoch_ms);
    inner.services.connections.end_removed(now.epoch_s());
    if let Err(error) = end_without_session(inner).await {
        tracing::debug!(%error, "sessions of users were not looked up");
        return;
    }
    if let Err(error) = end_without_link(inner).await {
        tracing::debug!(%error, "links in use were not looked up");
        return;
    }
    for token in inner.services.applications.tokens() {
        // A database that is away revokes nothing; each call says so by itself.
        if let Err(error) = end_if_revoked(inner, token).await {
            tracing::debug!(%error, "API tokens in use were not looked up");
            return;
        }
    }
}

/// Removes those who came by a link that is no more, and closes their sockets.
async fn end_without_link(inner: &Arc<Inner>) -> Result<(), StoreError> {
    let by_link = inner.services.connections.by_link();
    if by_link.is_empty() {
        return Ok(());
    }
    let alive = inner.store.links_among(by_link.iter().map(|(link, _)| *link)).await?;
    for (link, connection) in by_link.into_iter().filter(|(link, _)| !alive.contains(link)) {
        tracing::info!(%link, "a link was revoked: who came by it is removed");
        let seat = connection.lock().seat.clone();
        if let Some(seat) = seat {
            let target = Target::Member(seat.member);
            let remove = Command::Remove { target, keep_out: false };
            // Refused only where they went by themselves meanwhile.
            let _ =
                Hub { inner: inner.clone() }.command(&seat.session, Actor::Project, remove).await;
        }
        connection.end();
    }
    Ok(())
}

/// Closes the sockets of users' sessions that are no more, such as those of a user who was removed.
async fn end_without_session(inner: &Inner) -> Result<(), StoreError> {
    let with_sockets = inner.services.subscribers.credentials();
    if with_sockets.is_empty() {
        return Ok(());
    }
    let alive = inner.store.user_sessions_among(with_sockets.iter().map(|one| &**one)).await?;
    for over in with_sockets.iter().filter(|one| !alive.contains(&***one)) {
        inner.services.subscribers.close(over);
    }
    Ok(())
}

/// Whether an API token is valid; the applications of one that is not are ended.
pub(crate) async fn end_if_revoked(inner: &Inner, token: Uuid) -> Result<bool, StoreError> {
    let is_valid = inner.store.is_api_token_valid(token).await?;
    if !is_valid {
        inner.services.applications.revoke(token);
    }
    Ok(is_valid)
}
