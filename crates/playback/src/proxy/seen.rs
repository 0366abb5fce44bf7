//! What the proxy saw of a source, and why something of it was not handed on.

use crate::playlist::PlaylistRefused;
use hyper::StatusCode;
use rotunda_domain::PlaybackFault;
use rotunda_outbound::{FetchError, UrlRefused};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was seen of the source.
#[derive(Default)]
pub(crate) struct Seen {
    /// The last thing that was not handed on.
    fault: Mutex<Option<PlaybackFault>>,
    /// What the source is, if it is something else than a film or sound.
    kind: Mutex<Option<&'static str>>,
    /// Something was led to an address that may not be reached.
    unsafe_address: AtomicBool,
    /// An answer ended before its end, or there was none.
    broke_off: AtomicBool,
    ranges: AtomicBool,
    finite: AtomicBool,
    playlist: AtomicBool,
    ended: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Seen {
    /// Whether one can begin anywhere in it.
    pub fn is_seekable(&self) -> bool {
        self.ranges.load(Ordering::Relaxed) || self.is_playlist()
    }

    /// Whether who asks for it twice gets the same twice: its length is known.
    pub fn is_finite(&self) -> bool {
        self.finite.load(Ordering::Relaxed)
    }

    pub fn is_playlist(&self) -> bool {
        self.playlist.load(Ordering::Relaxed)
    }

    /// Whether it is a playlist to which nothing will be added.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    pub fn broke_off(&self) -> bool {
        self.broke_off.load(Ordering::Relaxed)
    }

    /// Why something was not handed on; what was led astray weighs most.
    pub fn fault(&self) -> Option<PlaybackFault> {
        let is_unsafe = self.unsafe_address.load(Ordering::Relaxed);
        let kind = lock(&self.kind).map(PlaybackFault::Unsupported);
        is_unsafe.then_some(PlaybackFault::Unsafe).or(*lock(&self.fault)).or(kind)
    }

    /// Another child begins: what broke off for the last one says nothing of this one.
    pub fn begin(&self) {
        self.broke_off.store(false, Ordering::Relaxed);
    }

    pub fn note(&self, fault: PlaybackFault) {
        if fault == PlaybackFault::Unsafe {
            self.unsafe_address.store(true, Ordering::Relaxed);
        }
        *lock(&self.fault) = Some(fault);
        self.note_break();
    }

    pub(super) fn note_kind(&self, kind: &'static str) {
        *lock(&self.kind) = Some(kind);
    }

    pub(super) fn note_break(&self) {
        self.broke_off.store(true, Ordering::Relaxed);
    }

    pub(super) fn note_ranges(&self) {
        self.ranges.store(true, Ordering::Relaxed);
    }

    pub(super) fn note_length(&self) {
        self.finite.store(true, Ordering::Relaxed);
    }

    pub(super) fn note_playlist(&self, has_ended: bool) {
        self.playlist.store(true, Ordering::Relaxed);
        self.ended.store(has_ended, Ordering::Relaxed);
    }
}

/// Something was not handed on: what the child is answered, and what it means for the playback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub status: StatusCode,
    pub fault: Option<PlaybackFault>,
}

impl Failed {
    /// The child asked for what lies behind the end.
    pub const BEHIND_THE_END: Self =
        Self { status: StatusCode::RANGE_NOT_SATISFIABLE, fault: None };

    fn new(status: StatusCode, fault: PlaybackFault) -> Self {
        Self { status, fault: Some(fault) }
    }
}

impl From<FetchError> for Failed {
    fn from(error: FetchError) -> Self {
        let status = match error {
            FetchError::Status(code) => StatusCode::from_u16(code).ok(),
            FetchError::Url(_) | FetchError::Address => Some(StatusCode::FORBIDDEN),
            _ => None,
        };
        Self::new(status.unwrap_or(StatusCode::BAD_GATEWAY), fault_of(error))
    }
}

impl From<PlaylistRefused> for Failed {
    fn from(refused: PlaylistRefused) -> Self {
        let fault = match refused {
            PlaylistRefused::TooLarge => PlaybackFault::PlaylistTooLarge,
            PlaylistRefused::Encrypted => PlaybackFault::Encrypted,
        };
        Self::new(StatusCode::BAD_GATEWAY, fault)
    }
}

/// What it means for a playback that its source, or a part of it, was not fetched.
pub(crate) fn fault_of(error: FetchError) -> PlaybackFault {
    match error {
        FetchError::Address | FetchError::Url(UrlRefused::Unsafe) => PlaybackFault::Unsafe,
        FetchError::Url(_) | FetchError::Unreadable => PlaybackFault::Unreadable,
        FetchError::Unreachable => PlaybackFault::Unreachable,
        FetchError::Silent => PlaybackFault::Silent,
        FetchError::Untrusted => PlaybackFault::Untrusted,
        FetchError::Status(code) => PlaybackFault::Refused(code),
        FetchError::Packed => PlaybackFault::Packed,
        FetchError::Redirects => PlaybackFault::Redirects,
    }
}
