//! The live-chat switch: whether the site that governs a project lets people in, and whether it has
//! sessions recorded. A project without a site is neither refused nor recorded by it.
//!
//! Who is in stays in: only somebody who has no seat yet is asked about, and a session that runs is
//! left as it began.

use crate::Hub;
use crate::unavailable;
use rotunda_domain::{ProjectId, Refusal};
use rotunda_store::{LivechatChange, LivechatConfig, SiteId, StoreError};

const OFF: Refusal = Refusal::NotAdmitted("audio and video chat is switched off for this site");

/// Whether sessions that begin now are recorded, if anybody is let in at all.
fn admits(site: Option<&LivechatConfig>) -> Result<bool, Refusal> {
    match site {
        Some(site) if !site.enabled => Err(OFF),
        Some(site) => Ok(site.record),
        None => Ok(false),
    }
}

impl Hub {
    /// Whether somebody without a seat may come into the project's rooms; answers whether a session
    /// that begins with them is recorded. Every door's joins pass here, seats kept by tokens too.
    ///
    /// # Errors
    /// `NotAdmitted` when the project's site is switched off.
    pub(crate) async fn site_admits(&self, project: ProjectId) -> Result<bool, Refusal> {
        let site = self.store().livechat_of(project).await.map_err(|error| {
            tracing::error!(%error, "the site of a project was not looked up");
            unavailable(&error)
        })?;
        admits(site.as_ref())
    }

    /// What a site is set to; `None` when there is no such site.
    ///
    /// # Errors
    /// The store's.
    pub async fn livechat_config(
        &self,
        site: SiteId,
    ) -> Result<Option<LivechatConfig>, StoreError> {
        self.store().livechat_config(site).await
    }

    /// Changes what a site is set to; answers what it is set to then. The next join goes by it.
    ///
    /// # Errors
    /// `NotFound` when there is no such site, or the store's.
    pub async fn change_livechat(
        &self,
        site: SiteId,
        change: LivechatChange,
    ) -> Result<LivechatConfig, StoreError> {
        self.store().change_livechat(site, change).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_site_that_is_switched_off_refuses_and_only_one_that_records_records() {
        let site = |enabled, record| LivechatConfig {
            site: SiteId(1),
            enabled,
            record,
            recording_server_url: String::new(),
        };
        assert_eq!(admits(None), Ok(false));
        assert_eq!(admits(Some(&site(true, false))), Ok(false));
        assert_eq!(admits(Some(&site(true, true))), Ok(true));
        assert_eq!(admits(Some(&site(false, false))), Err(OFF));
        assert_eq!(admits(Some(&site(false, true))), Err(OFF));
    }
}
