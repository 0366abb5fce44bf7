//! One member's incoming sound, between the network thread and the mix.

use crate::lip_sync::LipSync;
use crate::sound_packet::SoundPacket;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Packets between two ticks of the mix: one is usual, a burst after a pause of the network more.
/// When full the oldest goes; it would have been too late anyway.
const INBOX: usize = 50;

/// The way of one member's sound.
#[derive(Default)]
pub struct SoundTrack {
    inbox: Mutex<VecDeque<SoundPacket>>,
    is_muted: AtomicBool,
    sync: Option<Arc<LipSync>>,
    /// Packets that found the inbox full.
    pub dropped: AtomicU64,
}

impl SoundTrack {
    /// A track; with `sync` its sound is aligned with the member's picture.
    pub fn new(sync: Option<Arc<LipSync>>) -> Self {
        Self { sync, ..Self::default() }
    }

    /// Takes a packet; those of a muted microphone are dropped unread.
    pub fn put(&self, packet: SoundPacket) {
        if self.is_muted() {
            return;
        }
        let mut inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        if inbox.len() >= INBOX {
            inbox.pop_front();
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        inbox.push_back(packet);
    }

    /// Gives up everything that came since the last time.
    pub(crate) fn drain(&self, mut each: impl FnMut(SoundPacket)) {
        let mut inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        inbox.drain(..).for_each(&mut each);
    }

    /// Switches the microphone.
    pub fn set_muted(&self, muted: bool) {
        self.is_muted.store(muted, Ordering::Release);
    }

    /// Whether the microphone is switched off.
    pub fn is_muted(&self) -> bool {
        self.is_muted.load(Ordering::Acquire)
    }

    /// What aligns this sound with a picture.
    pub fn sync(&self) -> Option<&LipSync> {
        self.sync.as_deref()
    }
}
