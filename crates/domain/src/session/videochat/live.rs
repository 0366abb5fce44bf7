//! The live stream of a videochat: one of the session's streams, begun and ended by who moderates.
//!
//! Whoever watches the room is told whether the session is streamed, whichever door began it.

use super::super::Session;
use crate::refusal::Refusal;
use crate::time::Now;
use crate::videochat::{Caller, LiveStreamRequest, VideochatReply};

impl Session {
    /// Who, whether the room may be streamed, what the world says, then the bounds.
    pub(super) fn start_live(
        &mut self,
        now: Now,
        caller: &Caller,
        request: LiveStreamRequest,
    ) -> Result<VideochatReply, Refusal> {
        self.videochat.only_moderators(&self.members, caller)?;
        self.only_native("live streaming")?;
        self.only_when_begun()?;
        self.may_stream().map_err(|_| Refusal::NotPermitted)?;
        let target = request.target?;
        if self.videochat.live_stream().is_some() {
            return Err(Refusal::Conflict("a live stream runs already".into()));
        }
        self.has_room_for_a_stream()?;
        self.videochat.begin_live(request.stream, request.playback);
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
        self.videochat.only_moderators(&self.members, caller)?;
        self.only_native("live streaming")?;
        let Some(live) = self.videochat.live_stream() else {
            let text = match self.streams.is_any_running() {
                true => "the stream that runs was not begun by startLiveStream",
                false => "no live stream runs",
            };
            return Err(Refusal::Conflict(text.into()));
        };
        self.end_stream(now, live);
        Ok(VideochatReply::Done)
    }

    /// Tells what is new of it since it was told last.
    pub(in crate::session) fn tell_live(&mut self) {
        let news = self.videochat.live_news(self.streams.is_any_running());
        self.notify_all(news);
    }
}
