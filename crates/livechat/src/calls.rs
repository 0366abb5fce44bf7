//! How many calls an address may make, whatever they are: 300 at once, then one a second.

use crate::Door;
use crate::error::ApiError;
use axum::http::Extensions;
use rotunda_doorway::{ClientAddress, Network};

/// Where a request comes from.
pub(crate) fn origin(extensions: &Extensions) -> Option<Network> {
    extensions.get::<ClientAddress>().map(|client| client.network())
}

impl Door {
    /// Counts a call.
    ///
    /// # Errors
    /// `TooOften`.
    pub fn count(&self, from: Option<Network>) -> Result<(), ApiError> {
        let taken = self.calls.take(&from);
        taken.map_err(|wait| ApiError::TooOften(wait.as_secs() + 1))
    }
}
