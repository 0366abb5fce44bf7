//! The live stream of a videochat: which of the session's streams it is, and what was said of it.

use super::{Notice, Videochat};
use crate::id::StreamId;
use crate::videochat::{NotificationKind, Recipients};
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Live {
    /// The stream begun here that runs, and where people without a seat see it.
    stream: Option<(StreamId, Option<Arc<str>>)>,
    /// What others know: whether the session is streamed, and where that is seen.
    reported: Option<Option<Arc<str>>>,
}

impl Videochat {
    /// The stream that was begun here and runs.
    pub fn live_stream(&self) -> Option<StreamId> {
        self.live.stream.as_ref().map(|(stream, _)| *stream)
    }

    /// That stream is the live stream, to be seen there.
    pub fn begin_live(&mut self, stream: StreamId, playback: Option<Arc<str>>) {
        self.live.stream = Some((stream, playback));
    }

    /// That stream is over.
    pub fn forget_live(&mut self, id: StreamId) {
        self.live.stream.take_if(|(stream, _)| *stream == id);
    }

    /// Whether the session is streamed, and where people without a seat see it.
    pub(super) fn live(&self, is_streamed: bool) -> Option<Option<Arc<str>>> {
        let playback = self.live.stream.as_ref().and_then(|(_, playback)| playback.clone());
        is_streamed.then_some(playback)
    }

    /// What is new of it since this was asked last.
    pub fn live_news(&mut self, is_streamed: bool) -> Option<Notice> {
        let is = self.live(is_streamed);
        let was = std::mem::replace(&mut self.live.reported, is.clone());
        let kind = match (was, is) {
            (was, is) if was == is => return None,
            (_, None) => NotificationKind::LiveStreamStopped,
            // What is left of several is seen nowhere that anybody knows of.
            (Some(_), Some(None)) => self.status(is_streamed),
            (_, Some(playback)) => NotificationKind::LiveStreamStarted(playback),
        };
        Some((kind, Recipients::Everybody))
    }
}
