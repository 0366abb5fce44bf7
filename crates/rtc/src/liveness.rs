//! Whether a peer has fallen silent: a cable that was cut and a tab that was killed say no goodbye,
//! and their last picture is not to stand for longer than two seconds.
//!
//! Every consent check, and whatever the stack has deciphered (sound, pictures whole or not,
//! reports of senders, requests for key frames), is a sign of life, so that whoever is muted, or never
//! sends media, is not taken for gone. A packet that merely comes from the peer's address is none: that
//! can be forged. How long is too long depends on what came before: next to a picture a browser reports
//! at least every second and a half (RFC 3550 §6.2 at libwebrtc's one second for video, halved to one
//! and a half by chance), and so does one that is sent the canvas; sound comes fifty times a second, or
//! at least every 400 ms (Opus DTX), and stops with nothing else to be heard only where no picture flows
//! either way; whereas a leg that only listens may send nothing but the consent checks of RFC 7675, up to
//! six seconds apart. It refuses to know what the packets hold.

use crate::MediaKind;
use std::time::{Duration, Instant};

/// Silence after a picture. With the decoder's, the canvas's and the encoder's share others see the
/// picture stand still for at most two seconds.
pub(crate) const AFTER_PICTURE: Duration = Duration::from_millis(1_700);
/// Silence after sound without a picture. Longer than Chromium's two and a half seconds between two
/// consent checks, for one who stops their microphone and receives nothing.
pub(crate) const AFTER_SOUND: Duration = Duration::from_secs(4);
/// Silence of a leg that sends no media: two consent checks in a row that did not come. Nobody
/// sees the difference; it is what the stack takes for a lost path, too.
pub(crate) const AT_REST: Duration = Duration::from_secs(15);
/// Media this long before the last packet still counts as being sent.
const RECENT: Duration = Duration::from_secs(2);

/// A whole picture or a packet of sound comes sooner on any line that is fit for use.
const QUIET: Duration = Duration::from_millis(500);

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing has come for too long.
    FellSilent,
    /// Something comes again.
    Heard,
}

/// When a peer was last heard. Nothing is judged before [`Liveness::begin`].
#[derive(Debug, Default)]
pub(crate) struct Liveness {
    heard: Option<Instant>,
    picture: Option<Instant>,
    sound: Option<Instant>,
    is_silent: bool,
    /// When to look again. It is not moved with every packet: looking too early costs one wake-up
    /// in two seconds, moving it a place in the schedule with each packet.
    look_at: Option<Instant>,
    turn: Option<Turn>,
}

impl Liveness {
    /// The leg is up.
    pub fn begin(&mut self, now: Instant) {
        self.heard = Some(now);
        self.look_at = Some(now + AFTER_PICTURE);
    }

    /// The peer has said something that nobody else can have, with media of this kind, if any.
    pub fn packet(&mut self, now: Instant, carried: Option<MediaKind>) {
        if self.heard.is_none() {
            return;
        }
        self.heard = Some(now);
        match carried {
            Some(MediaKind::Video) => self.picture = Some(now),
            Some(MediaKind::Audio) => self.sound = Some(now),
            None => {}
        }
        if std::mem::take(&mut self.is_silent) {
            self.turn = Some(Turn::Heard);
            self.look_at = Some(now + AFTER_PICTURE);
        }
    }

    /// Whether what the stack tells of is missing, so that single packets matter. Where it is not they
    /// are not looked at, which saves a search for each.
    pub fn is_quiet(&self, now: Instant, kind: Option<MediaKind>) -> bool {
        let is_old = |last: Option<Instant>| {
            last.is_some_and(|at| now.saturating_duration_since(at) >= QUIET)
        };
        // Sound that comes says nothing of pictures of which none comes whole.
        is_old(self.heard) || kind == Some(MediaKind::Video) && is_old(self.picture)
    }

    /// What it sends was agreed anew; that some of it does not come any more is no sign of anything.
    pub fn agreed_anew(&mut self) {
        (self.picture, self.sound) = (None, None);
    }

    /// Looks whether it is time to call it silent.
    pub fn look(&mut self, now: Instant) {
        let Some(heard) = self.heard.filter(|_| self.look_at.is_some_and(|at| at <= now)) else {
            return;
        };
        let comes = |last: Option<Instant>| {
            last.is_some_and(|at| heard.saturating_duration_since(at) <= RECENT)
        };
        let until = heard
            + match (comes(self.picture), comes(self.sound)) {
                (true, _) => AFTER_PICTURE,
                (false, true) => AFTER_SOUND,
                (false, false) => AT_REST,
            };
        self.is_silent = until <= now;
        // Whoever starts a picture after rest must be judged by it, so rest is looked at as often.
        self.look_at = (!self.is_silent).then(|| until.min(now + AFTER_PICTURE));
        if self.is_silent {
            self.turn = Some(Turn::FellSilent);
        }
    }

    /// When [`Liveness::look`] wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        self.look_at
    }

    /// What changed since the last call.
    pub fn take_turn(&mut self) -> Option<Turn> {
        self.turn.take()
    }
}

#[cfg(test)]
#[path = "liveness_tests.rs"]
mod tests;
