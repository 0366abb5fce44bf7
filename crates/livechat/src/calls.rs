//! How many calls an address may make, whatever they are: 300 in five minutes.

use crate::Door;
use crate::error::ApiError;
use axum::http::Extensions;
use rotunda_doorway::{ClientAddress, Network};
use std::time::Instant;

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
        let who = from.map(|network| network.to_string()).unwrap_or_default();
        match self.calls.count(&who, Instant::now()) {
            Some(wait) => Err(ApiError::TooOften(wait.as_secs() + 1)),
            None => Ok(()),
        }
    }
}
