//! The certificate: the operator's, or one of our own making in dev mode.

use crate::config::Config;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::aws_lc_rs};

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("certificate file {path}: {what}")]
    File { path: String, what: String },
    #[error("the certificate cannot be used: {0}")]
    Unusable(#[from] tokio_rustls::rustls::Error),
    #[error("making a certificate: {0}")]
    Making(#[from] rcgen::Error),
    #[error("keeping the certificate: {0}")]
    Keeping(#[from] std::io::Error),
}

/// The acceptor, if there is a certificate; dev mode makes one for `names` and keeps it.
pub(crate) fn acceptor(
    config: &Config,
    dev: bool,
    names: &[IpAddr],
) -> Result<Option<TlsAcceptor>, TlsError> {
    let (cert, key) = match &config.tls_files {
        Some(files) => files.clone(),
        None if dev => own(&config.data_dir, names)?,
        None => return Ok(None),
    };
    let wrong =
        |path: &Path, what: String| TlsError::File { path: path.display().to_string(), what };
    let chain = CertificateDer::pem_file_iter(&cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| wrong(&cert, e.to_string()))?;
    let key = PrivateKeyDer::from_pem_file(&key).map_err(|e| wrong(&key, e.to_string()))?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(tls))))
}

/// A self-signed certificate, made on the first run; browsers ask once and then know it.
fn own(
    folder: &Path,
    names: &[IpAddr],
) -> Result<(std::path::PathBuf, std::path::PathBuf), TlsError> {
    let (cert, key) = (folder.join("dev-cert.pem"), folder.join("dev-key.pem"));
    if cert.exists() && key.exists() {
        return Ok((cert, key));
    }
    let mut subjects: Vec<String> = names.iter().map(IpAddr::to_string).collect();
    subjects.push("localhost".into());
    let made = rcgen::generate_simple_self_signed(subjects)?;
    write_private(&key, made.signing_key.serialize_pem().as_bytes())?;
    std::fs::write(&cert, made.cert.pem())?;
    Ok((cert, key))
}

/// Writes a file only its owner can read.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)
}
