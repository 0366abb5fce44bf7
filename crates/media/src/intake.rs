//! Where media goes into the graph: a member's encoded, a film's decoded already.

use crate::playback_sound::PlaybackSound;
use crate::sound_track::SoundTrack;
use crate::track::Track;
use rotunda_domain::output::MemberMedia;
use std::sync::Arc;

/// Where one member's media goes in; held by whoever receives it.
#[derive(Clone)]
pub struct Intake {
    /// Pictures.
    pub picture: Arc<Track>,
    /// Sound.
    pub sound: Arc<SoundTrack>,
}

/// Where something that is played goes in, decoded already.
#[derive(Clone)]
pub struct Film {
    /// Pictures.
    pub picture: Arc<Track>,
    /// Sound.
    pub sound: Arc<PlaybackSound>,
    /// Width and height of the canvas; a larger picture is a waste.
    pub canvas: (u32, u32),
    /// Frames a second of the canvas.
    pub fps: u32,
}

impl Film {
    /// Forgets what is neither seen nor heard yet.
    pub fn forget(&self) {
        self.picture.forget_held();
        self.sound.forget();
    }
}

impl Intake {
    /// Takes what comes in as the rules say of this member.
    pub(crate) fn apply_media(&self, media: &MemberMedia) {
        self.sound.set_muted(media.audio_muted);
        self.picture.set_muted(media.video_muted);
    }
}
