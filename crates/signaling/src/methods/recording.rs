//! Recordings of the session.

use super::Params;
use rotunda_domain::{Command, RecordingChange, RecordingId, Refusal};
use uuid::Uuid;

pub(super) fn list(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ListRecordings)
}

/// Ids are drawn at the door, because rules draw nothing; what hinders, the hub knows.
pub(super) fn start(_: &Params<'_>) -> Result<Command, Refusal> {
    let recording = RecordingId(Uuid::new_v4());
    Ok(Command::StartRecording { recording, hindrance: None })
}

pub(super) fn pause(params: &Params<'_>) -> Result<Command, Refusal> {
    set_state(params, RecordingChange::Pause)
}

pub(super) fn resume(params: &Params<'_>) -> Result<Command, Refusal> {
    set_state(params, RecordingChange::Resume)
}

pub(super) fn stop(params: &Params<'_>) -> Result<Command, Refusal> {
    set_state(params, RecordingChange::Stop)
}

/// A text that is no id is no recording, and the domain says so after the permission.
fn set_state(params: &Params<'_>, change: RecordingChange) -> Result<Command, Refusal> {
    Ok(Command::SetRecordingState(change, params.text("recording_id")?.parse().ok()))
}
