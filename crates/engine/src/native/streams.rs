//! What is sent to servers that others named.

use super::{Shared, recordings};
use crate::EngineRefusal;
use rotunda_domain::{Cast, Outcome, SessionId, StreamHealth, StreamId, StreamTarget};
use rotunda_outbound::SourceUrl;
use std::sync::Arc;

pub(super) fn hindrance(shared: &Arc<Shared>, target: &StreamTarget) -> Option<EngineRefusal> {
    let checked =
        SourceUrl::parse(target.as_str()).and_then(|url| url.check(shared.fetcher.rules()));
    if let Err(refused) = checked {
        return Some(EngineRefusal::Offer(refused.to_string()));
    }
    recordings::outputs(shared).err()
}

pub(super) fn carry_out(shared: &Arc<Shared>, session: SessionId, stream: StreamId, cast: Cast) {
    let outputs = match recordings::outputs(shared) {
        Ok(outputs) => outputs,
        Err(refusal) => {
            // Without FFmpeg there is nothing that could try; a later session asks for it anew.
            let why = format!("{refusal}; it is tried again when the room's next session begins");
            let health = StreamHealth::Retrying(why);
            return shared.events.happened(session, Outcome::Stream(stream, health));
        }
    };
    match cast {
        Cast::Start(target) => outputs.stream(session, stream, target),
        Cast::Move(target) => outputs.move_stream(stream, target),
        Cast::Stop => outputs.end_stream(stream),
    }
}
