//! Recordings of the session.

use super::method::{Asks, Method};
use super::params::Params;
use rotunda_domain::{Command, RecordingChange, RecordingId, Refusal, Verb};
use uuid::Uuid;

pub(super) const METHODS: [Method; 5] = [
    Method {
        name: "video.recording.list",
        doc: "Lists the session's recordings, those that are over too.",
        permission: "room.recording",
        params: "none",
        sdk: "getRecordings",
        event: "none",
        test: "recording",
        asks: Asks::Room(&[Verb::Recording]),
        read: list,
    },
    Method {
        name: "video.recording.start",
        doc: "Records the session, until it ends or the recording is stopped.",
        permission: "room.recording",
        params: "none",
        sdk: "startRecording",
        event: "recording.started; room.updated [recording]",
        test: "recording",
        asks: Asks::Room(&[Verb::Recording]),
        read: start,
    },
    Method {
        name: "video.recording.pause",
        doc: "Leaves out what follows.",
        permission: "room.recording",
        params: "recording_id",
        sdk: "pause",
        event: "recording.updated",
        test: "recording",
        asks: Asks::Room(&[Verb::Recording]),
        read: pause,
    },
    Method {
        name: "video.recording.resume",
        doc: "Goes on recording.",
        permission: "room.recording",
        params: "recording_id",
        sdk: "resume",
        event: "recording.updated",
        test: "recording",
        asks: Asks::Room(&[Verb::Recording]),
        read: resume,
    },
    Method {
        name: "video.recording.stop",
        doc: "Ends a recording; its file can be downloaded by REST.",
        permission: "room.recording",
        params: "recording_id",
        sdk: "stop",
        event: "recording.ended; room.updated [recording]",
        test: "recording",
        asks: Asks::Room(&[Verb::Recording]),
        read: stop,
    },
];

fn list(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ListRecordings)
}

/// Ids are drawn at the door, because rules draw nothing; what hinders, the hub knows.
fn start(_: &Params<'_>) -> Result<Command, Refusal> {
    let recording = RecordingId(Uuid::new_v4());
    Ok(Command::StartRecording { recording, hindrance: None })
}

fn pause(params: &Params<'_>) -> Result<Command, Refusal> {
    set_state(params, RecordingChange::Pause)
}

fn resume(params: &Params<'_>) -> Result<Command, Refusal> {
    set_state(params, RecordingChange::Resume)
}

fn stop(params: &Params<'_>) -> Result<Command, Refusal> {
    set_state(params, RecordingChange::Stop)
}

/// A text that is no id is no recording, and the domain says so after the permission.
fn set_state(params: &Params<'_>, change: RecordingChange) -> Result<Command, Refusal> {
    Ok(Command::SetRecordingState(change, params.text("recording_id")?.parse().ok()))
}
