//! What is over reaches open connections: API tokens and links that were revoked, by whichever process;
//! sessions of admins and of users that ran out or were ended; room tokens whose bearers are to be gone.
//!
//! What happens in this process is done where it happens; the rest is looked for twice a second. Seats
//! and legs end with their session's own clock.

use crate::connections::connection::Connection;
use crate::{Hub, Inner, now};
use futures_util::StreamExt;
use rotunda_domain::command::Target;
use rotunda_domain::{Actor, Command, LinkId};
use rotunda_store::StoreError;
use std::collections::HashSet;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

/// A look costs a row by its key for each API token in use and each user with a socket, and one pass
/// over the connections.
const BEAT: Duration = Duration::from_millis(500);

/// Links asked of the store in one query.
const ASKED_AT_ONCE: usize = 512;
/// Visits ended at once. Each waits for its session's task, and a session's mailbox has room for many more.
const ENDED_AT_ONCE: usize = 32;

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
    match crate::history::live::over(&inner.services.live, &inner.store).await {
        Ok(over) if over.is_empty() => {}
        Ok(over) => inner.services.live.end(&over),
        Err(error) => {
            tracing::debug!(%error, "those who listen were not looked up");
            return;
        }
    }
    for token in inner.services.applications.tokens() {
        // A database that is away revokes nothing; each call says so by itself.
        if let Err(error) = end_if_revoked(inner, token).await {
            tracing::debug!(%error, "API tokens in use were not looked up");
            return;
        }
    }
}

/// Removes those who came by a link that is no more, and closes their sockets: so many at a time, so that
/// nobody waits for all who stand before them.
async fn end_without_link(inner: &Arc<Inner>) -> Result<(), StoreError> {
    let by_link = inner.services.connections.by_link();
    if by_link.is_empty() {
        return Ok(());
    }
    let mut over = HashSet::new();
    for batch in batches(by_link.iter().map(|(link, _)| *link)) {
        let alive = inner.store.links_among(batch.iter().copied()).await?;
        over.extend(batch.into_iter().filter(|link| !alive.contains(link)));
    }
    for link in &over {
        tracing::info!(%link, "a link was revoked: who came by it is removed");
    }
    let over = by_link.into_iter().filter(|(link, _)| over.contains(link));
    let ends: Vec<_> = over.map(|(_, connection)| end_visit(inner.clone(), connection)).collect();
    at_a_time(ENDED_AT_ONCE, ends).await;
    Ok(())
}

/// Each of `links` once, so many to a batch.
fn batches(links: impl Iterator<Item = LinkId>) -> Vec<Vec<LinkId>> {
    let each: Vec<_> = links.collect::<HashSet<_>>().into_iter().collect();
    each.chunks(ASKED_AT_ONCE).map(<[LinkId]>::to_vec).collect()
}

/// Gives up the seat of somebody whose link is no more, then their socket.
async fn end_visit(inner: Arc<Inner>, connection: Arc<Connection>) {
    let seat = connection.lock().seat.clone();
    if let Some(seat) = seat {
        let target = Target::Member(seat.member);
        let remove = Command::Remove { target, keep_out: false };
        // Refused only where they went by themselves meanwhile.
        let _ = Hub { inner }.command(&seat.session, Actor::Project, remove).await;
    }
    connection.end();
}

/// Does all of `work`, `most` of it at once.
async fn at_a_time(most: usize, work: Vec<impl Future<Output = ()>>) {
    futures_util::stream::iter(work).buffer_unordered(most).collect::<()>().await;
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_link_that_many_came_by_is_asked_for_once_and_no_query_is_endless() {
        let link = |n: usize| LinkId(Uuid::from_u128(n as u128));
        let batches = batches((0..5000).map(|n| link(n % 600)));
        let lengths: Vec<_> = batches.iter().map(Vec::len).collect();
        assert_eq!(lengths, [512, 88]);
        assert_eq!(batches.concat().into_iter().collect::<HashSet<_>>().len(), 600);
    }

    #[tokio::test]
    async fn visits_end_beside_one_another_and_not_all_at_once() {
        let counts = [const { AtomicUsize::new(0) }; 3];
        let [running, most, done] = &counts;
        let visit = |_| async move {
            most.fetch_max(running.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            running.fetch_sub(1, Ordering::Relaxed);
            done.fetch_add(1, Ordering::Relaxed);
        };
        at_a_time(4, (0..100).map(visit).collect()).await;
        assert_eq!((done.load(Ordering::Relaxed), most.load(Ordering::Relaxed)), (100, 4));
    }
}
