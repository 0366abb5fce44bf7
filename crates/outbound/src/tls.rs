//! Whom we trust when we fetch: the certificate authorities of this machine.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};

/// Where Debian's `ca-certificates` keeps them.
const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Why nobody can be trusted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TlsError {
    /// There are no certificates, or they cannot be used.
    #[error(
        "certificate authorities {path}: {what} (Debian: apt-get install ca-certificates, or set network.ca_file)"
    )]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
}

/// A client that verifies whom it speaks to; without `file` by the machine's own authorities.
/// None at all is no error yet: whatever needs TLS then fails by itself.
///
/// # Errors
/// [`TlsError::Authorities`] when `file` cannot be read or holds no certificate that can be used.
pub fn client(file: Option<&Path>) -> Result<Arc<ClientConfig>, TlsError> {
    let path = file.unwrap_or(Path::new(BUNDLE));
    let wrong = |what: String| TlsError::Authorities { path: path.into(), what };
    let mut roots = RootCertStore::empty();
    match CertificateDer::pem_file_iter(path) {
        Ok(certificates) => {
            roots.add_parsable_certificates(certificates.filter_map(Result::ok));
        }
        Err(error) if file.is_some() => return Err(wrong(error.to_string())),
        Err(error) => tracing::warn!(path = %path.display(), %error, "no certificate authorities"),
    }
    if file.is_some() && roots.is_empty() {
        return Err(wrong("holds no certificate".into()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}
