//! What SIGHUP does: certificate, key and log level are read again. What is wrong changes nothing and
//! is said in the log; no other setting is looked at.

use crate::certificate::{self, Certificate};
use crate::cli::ServeFlags;
use crate::config::Config;
use crate::tls;
use rotunda_telemetry::Log;
use std::sync::Arc;

/// What can be read again, and from where.
#[derive(Clone)]
pub(crate) struct Reload {
    pub flags: ServeFlags,
    pub dev_mode: bool,
    pub log: Log,
    /// The one that is shown; none when there was none at the start.
    pub certificate: Option<Arc<Certificate>>,
}

impl Reload {
    /// Reads everything again. Looks at files: call it where that may take time.
    pub fn now(&self) {
        match self.flags.clone().into_config(self.dev_mode) {
            Ok(config) => {
                self.read_level(&config);
                self.read_certificate(&config);
            }
            Err(error) => {
                tracing::error!(%error, "SIGHUP: the configuration is wrong, nothing is changed")
            }
        }
    }

    fn read_level(&self, config: &Config) {
        let level = config.log_level;
        if self.log.set_level(level) {
            tracing::info!(level = level.as_str(), "SIGHUP: the log level is read");
        } else {
            tracing::warn!("SIGHUP: RUST_LOG says how much is logged, log.level does not count");
        }
    }

    fn read_certificate(&self, config: &Config) {
        let (shown, files) = match (&self.certificate, tls::files(config, self.dev_mode)) {
            (Some(shown), Some(files)) => (shown, files),
            (None, None) => return,
            _ => {
                tracing::warn!("SIGHUP: TLS is switched on and off by a restart only");
                return;
            }
        };
        match shown.read_anew(&files.0, &files.1) {
            Ok(()) => {
                tracing::info!("SIGHUP: the certificate is read");
                certificate::tell(shown.validity());
            }
            Err(error) => tracing::error!(%error, "SIGHUP: the certificate stays the one it was"),
        }
    }
}
