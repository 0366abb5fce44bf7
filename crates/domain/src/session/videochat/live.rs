//! The live stream of a videochat: one of the session's streams, begun and ended by who moderates.
//!
//! Whoever watches the room is told whether the session is streamed, whichever door began it.

use super::super::Session;
use crate::id::StreamId;
use crate::refusal::Refusal;
use crate::time::Now;
use crate::videochat::{Caller, LiveStreamRequest, NotificationKind, Recipients, VideochatReply};
use std::sync::Arc;

impl Session {
    /// Who, whether the room may be streamed, what the world says, then the bounds.
    pub(super) fn start_live(
        &mut self,
        now: Now,
        caller: &Caller,
        request: LiveStreamRequest,
    ) -> Result<VideochatReply, Refusal> {
        self.only_moderators(caller)?;
        self.only_native("live streaming")?;
        self.only_when_begun()?;
        self.may_stream().map_err(|_| Refusal::NotPermitted)?;
        let target = request.target?;
        if self.videochat.live.is_some() {
            return Err(Refusal::Conflict("a live stream runs already".into()));
        }
        self.has_room_for_a_stream()?;
        self.videochat.live = Some((request.stream, request.playback));
        self.begin_stream(now, request.stream, target);
        Ok(VideochatReply::Done)
    }

    /// Ends what was begun here. Streams that others began, or that stand with the room, go on, and
    /// those who watch the room are told so.
    pub(super) fn stop_live(
        &mut self,
        now: Now,
        caller: &Caller,
    ) -> Result<VideochatReply, Refusal> {
        self.only_moderators(caller)?;
        self.only_native("live streaming")?;
        let live = self.videochat.live.as_ref().map(|(stream, _)| *stream);
        let Some(live) = live else {
            let text = match self.streams.is_any_running() {
                true => "the stream that runs was not begun by startLiveStream",
                false => "no live stream runs",
            };
            return Err(Refusal::Conflict(text.into()));
        };
        self.end_stream(now, live);
        Ok(VideochatReply::Done)
    }

    /// Whether the session is streamed, and where people without a seat see it.
    pub(super) fn live(&self) -> Option<Option<Arc<str>>> {
        let playback = self.videochat.live.as_ref().and_then(|(_, playback)| playback.clone());
        self.streams.is_any_running().then_some(playback)
    }

    /// That stream is over.
    pub(in crate::session) fn forget_live(&mut self, id: StreamId) {
        self.videochat.live.take_if(|(stream, _)| *stream == id);
    }

    /// Tells what is new of it since it was told last.
    pub(in crate::session) fn tell_live(&mut self) {
        let is = self.live();
        let was = std::mem::replace(&mut self.videochat.reported_live, is.clone());
        match (was, is) {
            (was, is) if was == is => {}
            (_, None) => self.notify(NotificationKind::LiveStreamStopped, Recipients::Everybody),
            // What is left of several is seen nowhere that anybody knows of.
            (Some(_), Some(None)) => self.tell_status(),
            (_, Some(playback)) => {
                self.notify(NotificationKind::LiveStreamStarted(playback), Recipients::Everybody);
            }
        }
    }
}
