//! Playing films and sounds.

use super::Params;
use super::layout::positions;
use rotunda_domain::{Command, Play, PlaybackControl, PlaybackId, Refusal};
use uuid::Uuid;

pub(super) fn start(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Play(Box::new(Play {
        playback: PlaybackId(Uuid::new_v4()),
        url: params.text("url")?.into(),
        volume: params.optional_number("volume")?.unwrap_or(0),
        position_ms: params.optional_number("seek_position")?.unwrap_or(0),
        positions: params.object("positions")?.map_or(Ok(Vec::new()), positions)?,
        layout: params.optional_text("layout")?.map(str::to_owned),
        hindrance: None,
    })))
}

pub(super) fn list(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ListPlaybacks)
}

pub(super) fn pause(params: &Params<'_>) -> Result<Command, Refusal> {
    control(params, PlaybackControl::Pause)
}

pub(super) fn resume(params: &Params<'_>) -> Result<Command, Refusal> {
    control(params, PlaybackControl::Resume)
}

pub(super) fn stop(params: &Params<'_>) -> Result<Command, Refusal> {
    control(params, PlaybackControl::Stop)
}

pub(super) fn set_volume(params: &Params<'_>) -> Result<Command, Refusal> {
    control(params, PlaybackControl::Volume(params.number("volume")?))
}

pub(super) fn seek_absolute(params: &Params<'_>) -> Result<Command, Refusal> {
    control(params, PlaybackControl::SeekTo(params.number("position")?))
}

pub(super) fn seek_relative(params: &Params<'_>) -> Result<Command, Refusal> {
    control(params, PlaybackControl::SeekBy(params.number("position")?))
}

/// A text that is no id is no playback's; the rules say so, after they asked for the permission.
fn control(params: &Params<'_>, control: PlaybackControl) -> Result<Command, Refusal> {
    Ok(Command::ControlPlayback(params.text("playback_id")?.parse().ok(), control))
}
