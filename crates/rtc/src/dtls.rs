//! DTLS by OpenSSL, because the stack's own verifies no RSA certificate: everything made with
//! GStreamer, and many a camera, has one. SRTP, hashes and our own certificate stay with the stack's
//! other library. OpenSSL does no I/O here: datagrams go in and come out as values.
//!
//! Its timers run by the wall clock; a retransmission that is due happens when it is called.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::srtp::SrtpProfileId;
use openssl::ssl::{
    ErrorCode, ShutdownState, Ssl, SslContext, SslContextBuilder, SslMethod, SslMode, SslOptions,
    SslStream, SslVerifyMode, SslVersion,
};
use openssl::x509::X509;
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, KeyingMaterial,
    ProtocolVersion, SrtpProfile,
};
use str0m::crypto::{CryptoError, CryptoProvider};

use crate::records;

/// What every browser and OpenSSL itself have, with forward secrecy.
const CIPHERS: &str = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES256:ECDHE+AES128:@SECLEVEL=1";
/// In our order of preference (RFC 5764 §4.1.2, RFC 7714 §14.2).
const SRTP: &str = "SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
const EXPORTER: &str = "EXTRACTOR-dtls_srtp";
const MTU: usize = 1200;
/// OpenSSL waits a second before it sends a flight again; more often than this nothing is due.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// A handshake that has not ended is nobody's after this long.
const FAR: Duration = Duration::from_secs(3600);
/// Datagrams that wait to be read, and to be sent. A flight has five; when full the newest goes, and
/// comes again.
const MAX_WAITING: usize = 32;

/// The stack's library for everything, with this file for DTLS.
pub(crate) fn provider() -> CryptoProvider {
    static DTLS: OpenSsl = OpenSsl { context: Mutex::new(None) };
    CryptoProvider { dtls_provider: &DTLS, ..str0m::crypto::from_feature_flags() }
}

struct OpenSsl {
    /// Made once per certificate.
    context: Mutex<Option<(Vec<u8>, SslContext)>>,
}

impl std::fmt::Debug for OpenSsl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenSsl")
    }
}

impl OpenSsl {
    fn context(&self, cert: &DtlsCert) -> Result<SslContext, ErrorStack> {
        let mut kept = self.context.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((of, context)) = kept.as_ref()
            && *of == cert.certificate
        {
            return Ok(context.clone());
        }
        let context = context(cert)?;
        *kept = Some((cert.certificate.clone(), context.clone()));
        Ok(context)
    }
}

impl DtlsProvider for OpenSsl {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        str0m::crypto::from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        _now: Instant,
        _version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let made = || {
            let context = self.context(cert)?;
            let mut ssl = Ssl::new(&context)?;
            ssl.set_mtu(u32::try_from(mtu.unwrap_or(MTU)).unwrap_or(MTU as u32))?;
            SslStream::new(ssl, Datagrams::default())
        };
        let stream = made().map_err(|_| CryptoError::Other("OpenSSL".into()))?;
        Ok(Box::new(Instance::new(stream)))
    }
}

fn context(cert: &DtlsCert) -> Result<SslContext, ErrorStack> {
    let mut context = SslContextBuilder::new(SslMethod::dtls())?;
    context.set_cipher_list(CIPHERS)?;
    context.set_tlsext_use_srtp(SRTP)?;
    // Who it is says the fingerprint in the SDP, which the stack compares.
    let mode = SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT;
    context.set_verify_callback(mode, |_, _| true);
    context.set_certificate(X509::from_der(&cert.certificate)?.as_ref())?;
    context.set_private_key(PKey::private_key_from_der(&cert.private_key)?.as_ref())?;
    context.set_min_proto_version(Some(SslVersion::DTLS1_2))?;
    context.set_mode(SslMode::RELEASE_BUFFERS);
    context.set_options(SslOptions::NO_QUERY_MTU | SslOptions::NO_TICKET);
    Ok(context.build())
}

/// What OpenSSL takes for a socket: each read is one datagram, each write another.
#[derive(Default)]
struct Datagrams {
    incoming: VecDeque<Vec<u8>>,
    outgoing: VecDeque<Vec<u8>>,
}

impl Read for Datagrams {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let next = self.incoming.pop_front().ok_or(io::ErrorKind::WouldBlock)?;
        let length = next.len().min(buffer.len());
        buffer[..length].copy_from_slice(&next[..length]);
        Ok(length)
    }
}

impl Write for Datagrams {
    fn write(&mut self, datagram: &[u8]) -> io::Result<usize> {
        if self.outgoing.len() < MAX_WAITING {
            self.outgoing.push_back(datagram.to_vec());
        }
        Ok(datagram.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Handshaking,
    Up,
    /// OpenSSL gave up on something that came, which anybody can have sent. Its keys serve on; only
    /// the goodbye is not heard any more, and whoever is gone is missed by its consent checks.
    Deaf,
    /// A close was said or heard.
    Closed,
    Failed,
}

/// What is told of a handshake that succeeded, piece by piece: the certificate first, so that nothing
/// is believed before it was compared.
enum Happened {
    Certificate(Vec<u8>),
    Keys(Vec<u8>, SrtpProfile),
    Connected,
    CloseNotify,
}

struct Instance {
    stream: SslStream<Datagrams>,
    is_client: bool,
    stage: Stage,
    happened: VecDeque<Happened>,
    /// Something may be in the way out: to look costs more than the rest of what is done for a packet of
    /// media, which has nothing to do with this.
    may_send: bool,
    now: Option<Instant>,
    look_at: Option<Instant>,
    /// What the cipher adds to a record at least; nothing is enciphered before it is agreed on.
    overhead: usize,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Instance")
    }
}

impl Instance {
    fn new(stream: SslStream<Datagrams>) -> Self {
        let (happened, stage) = (VecDeque::new(), Stage::Handshaking);
        Self {
            stream,
            is_client: false,
            stage,
            happened,
            may_send: false,
            now: None,
            look_at: None,
            overhead: 0,
        }
    }

    /// Lets OpenSSL read what has come, and send again what is due.
    fn step(&mut self) -> Result<(), DtlsImplError> {
        self.may_send = true;
        if self.stage == Stage::Handshaking {
            let done = if self.is_client { self.stream.connect() } else { self.stream.accept() };
            match done {
                Ok(()) => self.succeed()?,
                Err(error) if is_patient(&error) => {}
                Err(error) => return Err(self.fail(class_of(error.ssl_error()))),
            }
        }
        if self.stage == Stage::Up {
            self.read();
        }
        self.stream.get_mut().incoming.clear();
        Ok(())
    }

    fn succeed(&mut self) -> Result<(), DtlsImplError> {
        let Some((certificate, keys, profile)) = self.agreed() else {
            return Err(self.fail("no SRTP profile in common"));
        };
        self.stage = Stage::Up;
        let cipher = self.stream.ssl().current_cipher();
        self.overhead = cipher.map_or(0, |cipher| records::overhead(cipher.name()));
        self.happened.push_back(Happened::Certificate(certificate));
        self.happened.push_back(Happened::Keys(keys, profile));
        self.happened.push_back(Happened::Connected);
        Ok(())
    }

    fn agreed(&self) -> Option<(Vec<u8>, Vec<u8>, SrtpProfile)> {
        let ssl = self.stream.ssl();
        let certificate = ssl.peer_certificate()?.to_der().ok()?;
        let profile = match ssl.selected_srtp_profile()?.id() {
            SrtpProfileId::SRTP_AES128_CM_SHA1_80 => SrtpProfile::AES128_CM_SHA1_80,
            SrtpProfileId::SRTP_AEAD_AES_128_GCM => SrtpProfile::AEAD_AES_128_GCM,
            SrtpProfileId::SRTP_AEAD_AES_256_GCM => SrtpProfile::AEAD_AES_256_GCM,
            _ => return None,
        };
        let mut keys = vec![0; profile.keying_material_len()];
        ssl.export_keying_material(&mut keys, EXPORTER, None).ok()?;
        Some((certificate, keys, profile))
    }

    /// Nothing is offered that would send data here; what comes is the goodbye, or a flight that was
    /// lost on the way back, which OpenSSL answers itself.
    fn read(&mut self) {
        let (mut unread, sent) = ([0; 256], self.stream.get_ref().outgoing.len());
        let ended = loop {
            match self.stream.ssl_read(&mut unread) {
                Ok(1..) => {}
                ended => break ended,
            }
        };
        if self.stream.get_shutdown().contains(ShutdownState::RECEIVED) {
            self.say_goodbye();
            self.happened.push_back(Happened::CloseNotify);
        } else if ended.is_err_and(|error| error.code() == ErrorCode::SSL) {
            tracing::debug!("a DTLS record was not understood; none is read any more");
            self.stage = Stage::Deaf;
            // The alert would make the peer end what nothing is wrong with.
            self.stream.get_mut().outgoing.truncate(sent);
        }
    }

    fn say_goodbye(&mut self) {
        self.may_send = true;
        if self.stage == Stage::Up {
            // It has gone all the same if this fails.
            let _ = self.stream.shutdown();
        }
        self.stage = Stage::Closed;
    }

    fn fail(&mut self, class: &'static str) -> DtlsImplError {
        if self.stage != Stage::Failed {
            tracing::info!(class, "a DTLS handshake failed");
        }
        self.stage = Stage::Failed;
        DtlsImplError::ConnectionClosed
    }
}

fn is_patient(error: &openssl::ssl::Error) -> bool {
    matches!(error.code(), ErrorCode::WANT_READ | ErrorCode::WANT_WRITE)
}

/// What went wrong, in our words.
fn class_of(errors: Option<&ErrorStack>) -> &'static str {
    let reasons = errors.into_iter().flat_map(|stack| stack.errors());
    let reasons: Vec<&str> = reasons.filter_map(|error| error.reason()).collect();
    let has = |word: &str| reasons.iter().any(|reason| reason.contains(word));
    match () {
        () if has("alert") => "the peer refused ours",
        () if has("cipher") => "no cipher in common",
        () if has("version") || has("protocol") => "the peer speaks no DTLS 1.2",
        () if has("certificate") => "no certificate of the peer's that can be read",
        () if has("signature") || has("key") => "a key or signature of a kind not taken",
        () => "malformed messages",
    }
}

impl DtlsInstance for Instance {
    fn set_active(&mut self, active: bool) {
        self.is_client = active;
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        let is_read = self.stage == Stage::Handshaking
            || self.stage == Stage::Up && records::are_plausible(packet, self.overhead);
        let incoming = &mut self.stream.get_mut().incoming;
        if is_read && !packet.is_empty() && incoming.len() < MAX_WAITING {
            incoming.push_back(packet.to_vec());
        }
        self.step()
    }

    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        if self.may_send {
            if let Some(datagram) = self.stream.get_mut().outgoing.pop_front() {
                let length = datagram.len().min(buffer.len());
                buffer[..length].copy_from_slice(&datagram[..length]);
                return DtlsOutput::Packet(&buffer[..length]);
            }
            self.may_send = false;
        }
        match self.happened.pop_front() {
            Some(Happened::Certificate(der)) if der.len() <= buffer.len() => {
                buffer[..der.len()].copy_from_slice(&der);
                DtlsOutput::PeerCert(&buffer[..der.len()])
            }
            // One too long to be compared is as good as none: nothing after it is told.
            Some(Happened::Certificate(_)) => {
                self.happened.clear();
                self.stage = Stage::Failed;
                DtlsOutput::CloseNotify
            }
            Some(Happened::Keys(keys, profile)) => {
                DtlsOutput::KeyingMaterial(KeyingMaterial::new(&keys), profile)
            }
            Some(Happened::Connected) => DtlsOutput::Connected,
            Some(Happened::CloseNotify) => DtlsOutput::CloseNotify,
            None => {
                let far = || self.now.unwrap_or_else(Instant::now) + FAR;
                DtlsOutput::Timeout(self.look_at.unwrap_or_else(far))
            }
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        let is_begun = self.now.replace(now).is_some();
        let is_open = self.stage == Stage::Handshaking;
        self.look_at = is_open.then(|| now + LOOK_AGAIN);
        if is_open && is_begun { self.step() } else { Ok(()) }
    }

    fn send_application_data(&mut self, _data: &[u8]) -> Result<usize, DtlsImplError> {
        Ok(0)
    }

    fn is_active(&self) -> bool {
        self.is_client
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        matches!(self.stage, Stage::Up | Stage::Deaf).then_some(ProtocolVersion::DTLS1_2)
    }

    fn is_closing(&self) -> bool {
        self.stage == Stage::Closed
    }

    fn is_closed(&self) -> bool {
        let is_over = matches!(self.stage, Stage::Closed | Stage::Failed);
        is_over && self.stream.get_ref().outgoing.is_empty()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.say_goodbye();
        Ok(())
    }
}
