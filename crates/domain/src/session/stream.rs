//! Streams of the session: those somebody started and those that stand with the room, together
//! bounded; told to those who may stream.
//!
//! Nothing here connects to anybody: what is to be done is an output, and how it goes comes back.

use super::Session;
use crate::command::{Actor, Reply};
use crate::event::{Event, To};
use crate::id::{RoomStreamId, StreamId};
use crate::limits::{STREAMS, STREAMS_REMEMBERED};
use crate::output::{Output, Record};
use crate::permission::{Right, STREAM_START as RIGHT_TO_START};
use crate::refusal::Refusal;
use crate::stream::{Cast, RoomStream, StreamEvent, StreamHealth, StreamTarget, StreamView};
use crate::time::Now;

const RIGHT: Right = Right::OnRoom("stream");

/// A stream as the session remembers it.
#[derive(Debug)]
pub(super) struct Stream {
    id: StreamId,
    target: StreamTarget,
    room_stream: Option<RoomStreamId>,
    health: StreamHealth,
    started_at_ms: i64,
    ended_at_ms: Option<i64>,
}

impl Stream {
    fn is_over(&self) -> bool {
        self.ended_at_ms.is_some()
    }
}

impl Session {
    /// Permission, then what the world says, then the bound.
    pub(super) fn start_stream(
        &mut self,
        now: Now,
        actor: Actor,
        id: StreamId,
        target: Result<StreamTarget, Refusal>,
    ) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT_TO_START)?;
        self.only_when_begun()?;
        self.may_stream()?;
        let target = target?;
        self.has_room_for_a_stream()?;
        self.begin_stream(now, id, target, None).map(Reply::Stream)
    }

    /// # Errors
    /// `LimitReached`.
    pub(super) fn has_room_for_a_stream(&self) -> Result<(), Refusal> {
        if self.running_streams().count() < STREAMS { Ok(()) } else { Err(too_many()) }
    }

    pub(super) fn begin_stream(
        &mut self,
        now: Now,
        id: StreamId,
        target: StreamTarget,
        room_stream: Option<RoomStreamId>,
    ) -> Result<StreamView, Refusal> {
        let is_first = !self.is_streaming();
        self.forget_oldest_stream();
        self.streams.push(Stream {
            id,
            target: target.clone(),
            room_stream,
            health: StreamHealth::Connecting,
            started_at_ms: now.epoch_ms,
            ended_at_ms: None,
        });
        let view = self.tell_stream(StreamEvent::Started, id).ok_or(Refusal::Broken)?;
        self.put(Output::Stream(id, Cast::Start(target)));
        if is_first {
            self.announce_room(vec!["streaming"]);
        }
        self.tell_live();
        Ok(view)
    }

    /// What is over stays over.
    pub(super) fn stop_stream(
        &mut self,
        now: Now,
        actor: Actor,
        id: Option<StreamId>,
    ) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        let known = |id: &StreamId| self.streams.iter().any(|s| s.id == *id);
        let id = id.filter(known).ok_or(Refusal::NotFound("Not Found"))?;
        self.end_stream(now, id);
        Ok(Reply::Done)
    }

    pub(super) fn list_streams(&self, actor: Actor) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        Ok(Reply::Streams(self.see_running_streams()))
    }

    /// Makes the streams that stand with the room be those: what is no longer there ends, what goes
    /// elsewhere is moved, what is new begins. One that somebody stopped stays stopped while this
    /// session lasts, unless it is renewed. Before the session has begun they are noted, to begin with
    /// it.
    pub(super) fn set_room_streams(
        &mut self,
        now: Now,
        actor: Actor,
        room_streams: Vec<RoomStream>,
    ) -> Result<Reply, Refusal> {
        if actor != Actor::Project {
            return Err(Refusal::NotPermitted);
        }
        // Switched off, none of them goes.
        let room_streams = if self.may_stream().is_ok() { room_streams } else { Vec::new() };
        let stays =
            |s: &Stream| s.room_stream.is_none_or(|id| room_streams.iter().any(|n| n.id == id));
        let (kept, gone): (Vec<_>, Vec<_>) = self.running_streams().partition(|s| stays(s));
        let (kept, gone) = (kept.len(), gone.iter().map(|s| s.id).collect::<Vec<_>>());
        let stays_as = |s: &Stream, n: &RoomStream| {
            s.room_stream == Some(n.id) && !(n.is_renewed && s.is_over())
        };
        let is_new = |n: &&RoomStream| !self.streams.iter().any(|s| stays_as(s, n));
        if kept + room_streams.iter().filter(is_new).count() > STREAMS {
            return Err(too_many());
        }
        if !self.has_begun {
            self.promised.room_streams = room_streams;
            return Ok(Reply::Done);
        }
        gone.into_iter().for_each(|id| self.end_stream(now, id));
        for RoomStream { id, target, stream, is_renewed } in room_streams {
            let stopped = |s: &&mut Stream| s.room_stream == Some(id) && s.is_over() && is_renewed;
            self.streams.iter_mut().filter(stopped).for_each(|s| s.room_stream = None);
            match self.streams.iter_mut().find(|s| s.room_stream == Some(id)) {
                None => drop(self.begin_stream(now, stream, target, Some(id))?),
                Some(known) if known.is_over() || known.target == target => {}
                Some(known) => {
                    known.target = target.clone();
                    known.health = StreamHealth::Connecting;
                    let id = known.id;
                    self.put(Output::Stream(id, Cast::Move(target)));
                    self.tell_stream(StreamEvent::Moved, id);
                }
            }
        }
        Ok(Reply::Done)
    }

    /// How a stream does now; of one that is over nothing more is heard.
    pub(super) fn stream_does(&mut self, id: StreamId, health: StreamHealth) {
        let Some(stream) = self.streams.iter_mut().find(|s| s.id == id && !s.is_over()) else {
            return;
        };
        let was = std::mem::replace(&mut stream.health, health);
        let reported = match (&was, &stream.health) {
            (was, is) if was == is => return,
            (_, StreamHealth::Live) => StreamEvent::Connected,
            (_, StreamHealth::Retrying(_) | StreamHealth::Failed(_)) => StreamEvent::Interrupted,
            (_, StreamHealth::Connecting) => return,
        };
        self.tell_stream(reported, id);
    }

    /// All that run end with the session.
    pub(super) fn end_streams(&mut self, now: Now) {
        let running: Vec<_> = self.running_streams().map(|s| s.id).collect();
        running.into_iter().for_each(|id| self.end_stream(now, id));
    }

    /// All that run end for now: those that stand with the room may begin again in this session.
    pub(super) fn suspend_streams(&mut self, now: Now) {
        let running: Vec<_> = self.running_streams().map(|s| s.id).collect();
        for id in running {
            self.end_stream(now, id);
            let ended = self.streams.iter_mut().filter(|s| s.id == id);
            ended.for_each(|s| s.room_stream = None);
        }
    }

    pub(super) fn end_stream(&mut self, now: Now, id: StreamId) {
        let Some(stream) = self.streams.iter_mut().find(|s| s.id == id) else { return };
        if stream.is_over() {
            return;
        }
        stream.ended_at_ms = Some(now.epoch_ms);
        self.tell_stream(StreamEvent::Ended, id);
        self.put(Output::Stream(id, Cast::Stop));
        if !self.is_streaming() {
            self.announce_room(vec!["streaming"]);
        }
        self.forget_live(id);
        self.tell_live();
    }

    fn running_streams(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().filter(|s| !s.is_over())
    }

    /// Whether anything of the session goes to a server.
    pub(super) fn is_streaming(&self) -> bool {
        self.running_streams().next().is_some()
    }

    pub(super) fn see_running_streams(&self) -> Vec<StreamView> {
        self.running_streams().map(|s| self.see_stream(s)).collect()
    }

    fn see_stream(&self, stream: &Stream) -> StreamView {
        let ran = |ended: i64| u64::try_from(ended - stream.started_at_ms).unwrap_or(0);
        StreamView {
            id: stream.id,
            room: self.origin.room,
            session: self.origin.session,
            target: stream.target.clone(),
            room_stream: stream.room_stream,
            health: stream.health.clone(),
            started_at_ms: stream.started_at_ms,
            ended_at_ms: stream.ended_at_ms,
            duration_ms: stream.ended_at_ms.map(ran),
        }
    }

    /// Keeps it; tells of begin and end those who may stream. Screens and devices hear with their
    /// owner.
    fn tell_stream(&mut self, reported: StreamEvent, id: StreamId) -> Option<StreamView> {
        let view = self.streams.iter().find(|s| s.id == id).map(|s| self.see_stream(s))?;
        self.put(Output::Record(Record::Happened(Event::Stream(reported, view.clone()))));
        if !matches!(reported, StreamEvent::Started | StreamEvent::Ended) {
            return Some(view);
        }
        let hears =
            |m: &&super::Member| m.is_here() && m.parent().is_none() && m.may(RIGHT_TO_START);
        let who: Vec<_> = self.members.iter().filter(hears).map(|m| m.id()).collect();
        for member in who {
            self.tell(To::Only(member), Event::Stream(reported, view.clone()));
        }
        Some(view)
    }

    /// What is remembered is bounded; what somebody started and is over is forgotten first.
    fn forget_oldest_stream(&mut self) {
        if self.streams.len() >= STREAMS_REMEMBERED {
            let over = |s: &Stream| s.is_over() && s.room_stream.is_none();
            let oldest = self.streams.iter().position(over);
            let oldest = oldest.or_else(|| self.streams.iter().position(Stream::is_over));
            oldest.into_iter().for_each(|at| drop(self.streams.remove(at)));
        }
    }
}

/// Named by the code that the REST interface has for it.
fn too_many() -> Refusal {
    let code = "exceeds_platform_stream_limit";
    Refusal::LimitReached(format!("{code}: a session has at most {STREAMS} streams at a time"))
}
