//! Streams of the session.

use super::Params;
use rotunda_domain::{Command, Refusal, StreamId, StreamTarget};
use uuid::Uuid;

pub(super) fn list(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ListStreams)
}

/// Ids are drawn at the door, because rules draw nothing; whether the address is one is told after
/// the permission.
pub(super) fn start(params: &Params<'_>) -> Result<Command, Refusal> {
    let target = StreamTarget::parse(params.text("url")?);
    Ok(Command::StartStream { stream: StreamId(Uuid::new_v4()), target })
}

/// A text that is no id is no stream, and the rules say so after the permission.
pub(super) fn stop(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::StopStream(params.text("stream_id")?.parse().ok()))
}
