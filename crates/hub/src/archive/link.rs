//! Links to recordings: whoever has one may read the file until it expires, and nobody can make one.

use crate::Hub;
use crate::archive::{RecordingError, RecordingFile};
use crate::now;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use rotunda_domain::{ProjectId, RecordingId};

/// What a link carries beside the recording's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Until when it is good, seconds since 1970 UTC.
    pub expires: i64,
    /// 256 bits that only the server can make, base64url.
    pub signature: String,
}

/// Longest life of a link: a year.
const LONGEST_S: i64 = 366 * 24 * 3600;

impl Hub {
    /// A link that is good for `ttl_s` seconds, at most a year.
    ///
    /// # Errors
    /// The store's.
    pub async fn recording_link(
        &self,
        project: ProjectId,
        recording: RecordingId,
        ttl_s: u64,
    ) -> Result<Link, RecordingError> {
        let ttl_s = i64::try_from(ttl_s).unwrap_or(LONGEST_S).min(LONGEST_S);
        let expires = now().epoch_s() + ttl_s;
        let key = self.link_key(project).await?;
        let tag = hmac::sign(&key, &text(recording, expires));
        Ok(Link { expires, signature: BASE64.encode(tag.as_ref()) })
    }

    /// The file a link leads to. A wrong link, an old one and one to nothing are answered alike.
    ///
    /// # Errors
    /// `BadLink`, `NotFound` for a recording that has no file yet.
    pub async fn follow_link(
        &self,
        recording: RecordingId,
        link: &Link,
    ) -> Result<RecordingFile, RecordingError> {
        let row = self.store().recording(recording).await?.ok_or(RecordingError::BadLink)?;
        let key = self.link_key(row.project).await?;
        let signature = BASE64.decode(&link.signature).map_err(|_| RecordingError::BadLink)?;
        hmac::verify(&key, &text(recording, link.expires), &signature)
            .map_err(|_| RecordingError::BadLink)?;
        if link.expires <= now().epoch_s() {
            return Err(RecordingError::BadLink);
        }
        self.inner.services.archive.file(&row).await
    }

    async fn link_key(&self, project: ProjectId) -> Result<hmac::Key, RecordingError> {
        let key = self.store().signing_key(project).await?.ok_or(RecordingError::NotFound)?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, &key.0))
    }
}

/// The first line keeps what signs links from signing anything else with the same key.
fn text(recording: RecordingId, expires: i64) -> Vec<u8> {
    format!("rotunda recording link\n{recording}\n{expires}").into_bytes()
}
