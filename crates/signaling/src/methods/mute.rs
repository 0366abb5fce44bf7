//! Microphones and cameras, off and on.

use super::Params;
use rotunda_domain::{Command, MediaKind, Refusal};

pub(super) fn audio_mute(params: &Params<'_>) -> Result<Command, Refusal> {
    mute(params, MediaKind::Audio, true)
}

pub(super) fn audio_unmute(params: &Params<'_>) -> Result<Command, Refusal> {
    mute(params, MediaKind::Audio, false)
}

pub(super) fn video_mute(params: &Params<'_>) -> Result<Command, Refusal> {
    mute(params, MediaKind::Video, true)
}

pub(super) fn video_unmute(params: &Params<'_>) -> Result<Command, Refusal> {
    mute(params, MediaKind::Video, false)
}

fn mute(params: &Params<'_>, kind: MediaKind, muted: bool) -> Result<Command, Refusal> {
    Ok(Command::Mute { target: params.target()?, kind, muted })
}
