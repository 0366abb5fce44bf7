//! The certificate that is shown: read from files, exchanged while connections go on, and watched,
//! because nobody looks at it before browsers refuse it.

use crate::error::TlsError;
use arc_swap::ArcSwap;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use x509_cert::der::Decode;
use x509_cert::time::Time;

/// How long before its end the log begins to warn: time enough for a renewal that failed to be
/// noticed and mended, and less than the third of ninety days at which programs renew.
const WARN_BEFORE_S: i64 = 14 * DAY_S;
const DAY_S: i64 = 86_400;

/// A certificate chain with its key, to be exchanged at any time.
#[derive(Debug)]
pub(crate) struct Certificate {
    provider: Arc<CryptoProvider>,
    shown: ArcSwap<Shown>,
}

#[derive(Debug)]
struct Shown {
    key: Arc<CertifiedKey>,
    validity: Validity,
}

impl Certificate {
    /// Reads both files (PEM).
    ///
    /// # Errors
    /// One cannot be read, or they do not belong together.
    pub fn read(cert: &Path, key: &Path, provider: Arc<CryptoProvider>) -> Result<Self, TlsError> {
        let shown = ArcSwap::from_pointee(read(cert, key, &provider)?);
        Ok(Self { provider, shown })
    }

    /// Shows what is in the files now to whoever connects from now on.
    ///
    /// # Errors
    /// As [`Self::read`]; the one shown before stays.
    pub fn read_anew(&self, cert: &Path, key: &Path) -> Result<(), TlsError> {
        self.shown.store(Arc::new(read(cert, key, &self.provider)?));
        Ok(())
    }

    /// From when to when it is valid.
    pub fn validity(&self) -> Validity {
        self.shown.load().validity
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown.load().key.clone())
    }
}

fn read(cert: &Path, key: &Path, provider: &CryptoProvider) -> Result<Shown, TlsError> {
    let wrong =
        |path: &Path, what: String| TlsError::File { path: path.display().to_string(), what };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| wrong(cert, e.to_string()))?;
    let first = chain.first().ok_or_else(|| wrong(cert, "there is no certificate in it".into()))?;
    let validity = Validity::of(first).ok_or_else(|| wrong(cert, "it is no X.509".into()))?;
    let pem = PrivateKeyDer::from_pem_file(key).map_err(|e| wrong(key, e.to_string()))?;
    let key = Arc::new(CertifiedKey::from_der(chain, pem, provider)?);
    Ok(Shown { key, validity })
}

/// From when to when a certificate is valid, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    pub from_s: i64,
    pub until_s: i64,
}

/// What there is to say of a certificate at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    Good,
    NotYet,
    EndsIn { days: i64 },
    Ended,
}

impl Validity {
    fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let parsed = x509_cert::Certificate::from_der(certificate).ok()?;
        let validity = parsed.tbs_certificate().validity();
        let seconds = |time: Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
        let (from_s, until_s) = (seconds(validity.not_before)?, seconds(validity.not_after)?);
        Some(Self { from_s, until_s })
    }

    fn at(self, now_s: i64) -> Age {
        match self.until_s - now_s {
            left if left < 0 => Age::Ended,
            _ if now_s < self.from_s => Age::NotYet,
            left if left < WARN_BEFORE_S => Age::EndsIn { days: left / DAY_S },
            _ => Age::Good,
        }
    }
}

/// Says in the log what is wrong with the certificate, or soon will be.
pub(crate) fn tell(validity: Validity) {
    match validity.at(now_s()) {
        Age::Good => {}
        Age::NotYet => tracing::error!("the certificate is not valid yet: browsers refuse it"),
        Age::EndsIn { days } => tracing::warn!(
            days,
            "the certificate ends soon: put the new one into tls.cert_file and send SIGHUP"
        ),
        Age::Ended => tracing::error!(
            "the certificate has ended, browsers refuse it: put a new one into tls.cert_file and \
             send SIGHUP"
        ),
    }
}

/// Says it at once and then every day.
pub(crate) async fn watch(certificate: Arc<Certificate>) {
    let mut day = tokio::time::interval(Duration::from_secs(DAY_S.unsigned_abs()));
    loop {
        day.tick().await;
        tell(certificate.validity());
    }
}

fn now_s() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(now.unwrap_or_default().as_secs()).unwrap_or(i64::MAX)
}

/// The two files of a certificate.
pub(crate) type Files = (PathBuf, PathBuf);

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_rustls::rustls::crypto::aws_lc_rs;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("rotunda-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn files(&self) -> Files {
            (self.0.join("cert.pem"), self.0.join("key.pem"))
        }

        /// Writes a certificate that is valid in 2030 only.
        fn renew(&self) -> CertificateDer<'static> {
            let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
            params.not_before = rcgen::date_time_ymd(2030, 1, 1);
            params.not_after = rcgen::date_time_ymd(2031, 1, 1);
            let key = rcgen::KeyPair::generate().unwrap();
            let made = params.self_signed(&key).unwrap();
            std::fs::write(self.files().0, made.pem()).unwrap();
            std::fs::write(self.files().1, key.serialize_pem()).unwrap();
            made.der().clone()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_renewed_certificate_is_shown_and_a_broken_one_never_replaces_a_good_one() {
        let folder = Folder::new("certificate");
        let (cert, key) = folder.files();
        let first = folder.renew();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let shown = Certificate::read(&cert, &key, provider).unwrap();
        let is_shown = |der: &CertificateDer<'_>| shown.shown.load().key.cert[0] == *der;
        assert!(is_shown(&first));
        let second = folder.renew();
        shown.read_anew(&cert, &key).unwrap();
        assert!(is_shown(&second) && !is_shown(&first));
        let old_key = std::fs::read(&key).unwrap();
        folder.renew();
        std::fs::write(&key, old_key).unwrap();
        let of_two = shown.read_anew(&cert, &key).unwrap_err().to_string();
        std::fs::write(&cert, "half a certi").unwrap();
        let no_pem = shown.read_anew(&cert, &key).unwrap_err().to_string();
        assert!(is_shown(&second), "{of_two} {no_pem}");
    }

    #[test]
    fn a_certificate_is_warned_of_fourteen_days_before_its_end() {
        let validity = Validity { from_s: 1_000, until_s: 100 * DAY_S };
        for (now_s, age) in [
            (0, Age::NotYet),
            (1_000, Age::Good),
            (86 * DAY_S, Age::Good),
            (86 * DAY_S + 1, Age::EndsIn { days: 13 }),
            (100 * DAY_S, Age::EndsIn { days: 0 }),
            (100 * DAY_S + 1, Age::Ended),
        ] {
            assert_eq!(validity.at(now_s), age, "{now_s}");
        }
    }

    #[test]
    fn the_end_is_the_one_written_in_the_certificate() {
        let folder = Folder::new("validity");
        let validity = Validity::of(&folder.renew()).unwrap();
        assert_eq!(validity, Validity { from_s: 1_893_456_000, until_s: 1_924_992_000 });
    }
}
