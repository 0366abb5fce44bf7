//! Endpoints and what is sent there, as the doors ask for them.

use super::now_ms;
use crate::Hub;
use rotunda_domain::ProjectId;
use rotunda_domain::limits::WEBHOOKS;
use rotunda_outputs::UrlRefused;
use rotunda_store::{
    ListPage, OutboxCount, Page, StoreError, WebhookLine, WebhookRow, WebhookState, WebhookTerms,
};
use uuid::Uuid;

/// Why nothing was done about an endpoint.
#[derive(Debug, thiserror::Error)]
pub enum WebhookRefused {
    /// The project has no such endpoint, or nothing was sent there under this id.
    #[error("no such webhook")]
    NotFound,
    /// The project has all the endpoints it may have.
    #[error("a project has at most {WEBHOOKS} webhooks; delete one first")]
    Full,
    /// Nothing may be sent to this address.
    #[error(transparent)]
    Url(#[from] UrlRefused),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for WebhookRefused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound | StoreError::Declined(_) => Self::NotFound,
            other => Self::Store(other),
        }
    }
}

impl Hub {
    /// Events of webhooks that wait, that were given up, and what all weigh.
    pub fn webhooks_count(&self) -> OutboxCount {
        self.inner.services.webhooks.count()
    }

    /// Makes the operator's own endpoint what the configuration says.
    ///
    /// # Errors
    /// The store's.
    pub async fn configure_webhook(&self) -> Result<(), StoreError> {
        self.store().configure_webhook(self.options().webhooks.own.clone()).await
    }

    /// Makes an endpoint, with a secret of its own.
    ///
    /// # Errors
    /// [`WebhookRefused`].
    pub async fn create_webhook(
        &self,
        project: ProjectId,
        terms: WebhookTerms,
    ) -> Result<WebhookRow, WebhookRefused> {
        self.check_webhook(&terms.url)?;
        let made = self.store().create_webhook(project, terms, WEBHOOKS).await?;
        made.ok_or(WebhookRefused::Full)
    }

    /// The endpoints of a project, oldest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn webhooks(&self, project: ProjectId) -> Result<Vec<WebhookRow>, StoreError> {
        self.store().webhooks(Some(project)).await
    }

    /// One endpoint.
    ///
    /// # Errors
    /// [`WebhookRefused`].
    pub async fn webhook(
        &self,
        project: ProjectId,
        id: Uuid,
    ) -> Result<WebhookRow, WebhookRefused> {
        self.store().webhook(project, id).await?.ok_or(WebhookRefused::NotFound)
    }

    /// Changes an endpoint; `url` is the address it is to have, if another.
    ///
    /// # Errors
    /// [`WebhookRefused`].
    pub async fn change_webhook(
        &self,
        project: ProjectId,
        id: Uuid,
        url: Option<String>,
        change: impl FnOnce(&mut WebhookTerms),
    ) -> Result<WebhookRow, WebhookRefused> {
        if let Some(url) = &url {
            self.webhook(project, id).await?;
            self.check_webhook(url)?;
        }
        let change = |terms: &mut WebhookTerms| {
            if let Some(url) = url {
                terms.url = url;
            }
            change(terms);
        };
        Ok(self.store().change_webhook(project, id, change).await?)
    }

    /// Gives an endpoint a new secret; the present one signs beside it for `overlap_s` seconds.
    ///
    /// # Errors
    /// [`WebhookRefused`].
    pub async fn rotate_webhook(
        &self,
        project: ProjectId,
        id: Uuid,
        overlap_s: u32,
    ) -> Result<WebhookRow, WebhookRefused> {
        let until_ms = now_ms() + i64::from(overlap_s) * 1000;
        Ok(self.store().rotate_webhook(project, id, until_ms).await?)
    }

    /// Deletes an endpoint, with what was or is to be sent there.
    ///
    /// # Errors
    /// [`WebhookRefused`].
    pub async fn delete_webhook(&self, project: ProjectId, id: Uuid) -> Result<(), WebhookRefused> {
        Ok(self.store().delete_webhook(Some(project), id).await?)
    }

    /// A page of what was or is to be sent to an endpoint, newest first.
    ///
    /// # Errors
    /// [`WebhookRefused`].
    pub async fn webhook_lines(
        &self,
        project: ProjectId,
        id: Uuid,
        state: Option<WebhookState>,
        page: Page,
    ) -> Result<ListPage<WebhookLine>, WebhookRefused> {
        self.webhook(project, id).await?;
        Ok(self.store().webhook_lines(id, state, page).await?)
    }

    /// Sends an endpoint one event again, or all that were given up; answers how many.
    ///
    /// # Errors
    /// [`WebhookRefused`].
    pub async fn replay_webhooks(
        &self,
        project: ProjectId,
        id: Uuid,
        event: Option<Uuid>,
    ) -> Result<u64, WebhookRefused> {
        self.webhook(project, id).await?;
        let count = self.store().replay_webhooks(id, event, now_ms()).await?;
        if count == 0 && event.is_some() {
            return Err(WebhookRefused::NotFound);
        }
        Ok(count)
    }

    fn check_webhook(&self, url: &str) -> Result<(), UrlRefused> {
        let sender = self.options().webhooks.sender.as_ref();
        sender.map_or(Ok(()), |sender| sender.check(url))
    }
}
