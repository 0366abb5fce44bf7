//! What somebody is in the videochat: their user, their ranks and their voice.

use crate::grant::{Grant, JoinAs};
use crate::id::MemberId;
use crate::videochat::Ranks;
use std::sync::Arc;

/// Whether somebody may speak, and who decides that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    /// A moderator, or the application by a room token.
    Decided(bool),
    /// The settings, which let some speak.
    Auto(bool),
    /// The settings, which let everybody speak.
    Free,
}

/// What somebody is in the videochat.
#[derive(Clone, Debug)]
pub(super) struct ParticipantState {
    pub user: Arc<str>,
    /// The number of the seat, in the order they were given.
    pub uid: u32,
    pub ranks: Ranks,
    pub voice: Voice,
    /// The number of the voice, in the order they were given.
    pub voice_no: u64,
    /// Only watches: no seat.
    pub watches: bool,
}

impl ParticipantState {
    /// A room token is the application's word, which settings do not change. It names no user, so
    /// the seat stands for one.
    pub fn of_room_token(id: MemberId, grant: &Grant) -> Self {
        Self {
            user: id.to_string().into(),
            uid: 0,
            ranks: Ranks::default(),
            voice: Voice::Decided(grant.join_as == JoinAs::Member),
            voice_no: 0,
            watches: false,
        }
    }

    pub fn speaks(&self) -> bool {
        let voice = match self.voice {
            Voice::Decided(voice) | Voice::Auto(voice) => voice,
            Voice::Free => true,
        };
        !self.watches && (self.ranks.any() || voice)
    }
}
