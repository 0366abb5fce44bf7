//! The certificate: the operator's, or one of our own making in dev mode.

use crate::certificate::{Certificate, Files};
use crate::config::Config;
use crate::error::TlsError;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::aws_lc_rs};

/// The acceptor and the certificate it shows.
pub(crate) struct Tls {
    pub acceptor: TlsAcceptor,
    pub certificate: Arc<Certificate>,
}

/// TLS, if there is a certificate; dev mode makes one for `names` and keeps it.
pub(crate) fn open(config: &Config, dev: bool, names: &[IpAddr]) -> Result<Option<Tls>, TlsError> {
    let Some((cert, key)) = files(config, dev) else { return Ok(None) };
    if config.tls_files.is_none() && !(cert.exists() && key.exists()) {
        make_own((&cert, &key), names)?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let certificate = Arc::new(Certificate::read(&cert, &key, provider.clone())?);
    let mut tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificate.clone());
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Tls { acceptor: TlsAcceptor::from(Arc::new(tls)), certificate }))
}

/// Certificate and key: the operator's, or in dev mode the ones of our own making.
pub(crate) fn files(config: &Config, dev: bool) -> Option<Files> {
    let own = || (config.data_dir.join("dev-cert.pem"), config.data_dir.join("dev-key.pem"));
    config.tls_files.clone().or_else(|| dev.then(own))
}

/// A self-signed certificate, made on the first run; browsers ask once and then know it.
fn make_own((cert, key): (&Path, &Path), names: &[IpAddr]) -> Result<(), TlsError> {
    let mut subjects: Vec<String> = names.iter().map(IpAddr::to_string).collect();
    subjects.push("localhost".into());
    let made = rcgen::generate_simple_self_signed(subjects)?;
    write_private(key, made.signing_key.serialize_pem().as_bytes())?;
    std::fs::write(cert, made.cert.pem())?;
    Ok(())
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
