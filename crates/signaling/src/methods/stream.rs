//! Streams of the session.

use super::method::{Asks, Method};
use super::params::Params;
use rotunda_domain::{Command, Refusal, StreamId, StreamTarget, Verb};
use uuid::Uuid;

pub(super) const METHODS: [Method; 3] = [
    Method {
        name: "video.stream.list",
        doc: "Lists the streams that run.",
        permission: "room.stream",
        params: "none",
        sdk: "getStreams",
        event: "none",
        test: "stream",
        asks: Asks::Room(&[Verb::Stream]),
        read: list,
    },
    Method {
        name: "video.stream.start",
        doc: "Sends the session to an RTMP server, until it ends or the stream is stopped.",
        permission: "room.stream or room.stream.start",
        params: "url (rtmp, rtmps; at most 800 bytes)",
        sdk: "startStream",
        event: "stream.started; room.updated [streaming]",
        test: "stream",
        asks: Asks::Room(&[Verb::StreamStart]),
        read: start,
    },
    Method {
        name: "video.stream.stop",
        doc: "Ends a stream.",
        permission: "room.stream",
        params: "stream_id",
        sdk: "stop",
        event: "stream.ended; room.updated [streaming]",
        test: "stream",
        asks: Asks::Room(&[Verb::Stream]),
        read: stop,
    },
];

fn list(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ListStreams)
}

/// Ids are drawn at the door, because rules draw nothing; whether the address is one is told after
/// the permission.
fn start(params: &Params<'_>) -> Result<Command, Refusal> {
    let target = StreamTarget::parse(params.text("url")?);
    Ok(Command::StartStream { stream: StreamId(Uuid::new_v4()), target })
}

/// A text that is no id is no stream, and the rules say so after the permission.
fn stop(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::StopStream(params.text("stream_id")?.parse().ok()))
}
