//! Streams of the session: those somebody started and those that stand with the room, together
//! bounded; told to those who may stream.
//!
//! Nothing here connects to anybody: what is to be done is an output, and how it goes comes back.

use super::{Origin, Session};
use crate::command::{Actor, Reply};
use crate::event::Event;
use crate::id::{RoomStreamId, StreamId};
use crate::limits::{STREAMS, STREAMS_REMEMBERED};
use crate::output::{Output, Record};
use crate::permission::{Right, STREAM_START as RIGHT_TO_START, Verb};
use crate::refusal::Refusal;
use crate::stream::{Cast, RoomStream, StreamEvent, StreamHealth, StreamTarget, StreamView};
use crate::time::Now;

const RIGHT: Right = Right::OnRoom(Verb::Stream);

/// A stream as the session remembers it.
#[derive(Debug)]
struct Stream {
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

    fn view(&self, origin: &Origin) -> StreamView {
        let ran = |ended: i64| u64::try_from(ended - self.started_at_ms).unwrap_or(0);
        StreamView {
            id: self.id,
            room: origin.room,
            session: origin.session,
            target: self.target.clone(),
            room_stream: self.room_stream,
            health: self.health.clone(),
            started_at_ms: self.started_at_ms,
            ended_at_ms: self.ended_at_ms,
            duration_ms: self.ended_at_ms.map(ran),
        }
    }
}

/// What a change of the streams brings about, in this order.
#[derive(Debug)]
enum Effect {
    /// Kept; of begin and end those who may stream are told.
    Happened(StreamEvent, StreamView),
    /// To be done by whoever sends.
    Cast(StreamId, Cast),
    /// Whether the session is streamed is another.
    RoomChanged,
    /// It is the videochat's live stream no more, if it was.
    NotLive(StreamId),
    /// Who watches the videochat may have to be told.
    LiveChanged,
}

/// The session's streams: those somebody started, those of the room, and what is remembered of both.
#[derive(Debug, Default)]
pub(super) struct Streams {
    all: Vec<Stream>,
}

impl Streams {
    fn running(&self) -> impl Iterator<Item = &Stream> {
        self.all.iter().filter(|stream| !stream.is_over())
    }

    fn running_ids(&self) -> Vec<StreamId> {
        self.running().map(|stream| stream.id).collect()
    }

    fn knows(&self, id: StreamId) -> bool {
        self.all.iter().any(|stream| stream.id == id)
    }

    /// Whether anything of the session goes to a server.
    pub(super) fn is_any_running(&self) -> bool {
        self.running().next().is_some()
    }

    fn has_room(&self) -> bool {
        self.running().count() < STREAMS
    }

    fn begin(
        &mut self,
        now: Now,
        id: StreamId,
        target: StreamTarget,
        room_stream: Option<RoomStreamId>,
        origin: &Origin,
    ) -> (StreamView, Vec<Effect>) {
        let is_first = !self.is_any_running();
        self.forget_oldest();
        let stream = Stream {
            id,
            target: target.clone(),
            room_stream,
            health: StreamHealth::Connecting,
            started_at_ms: now.epoch_ms,
            ended_at_ms: None,
        };
        let view = stream.view(origin);
        self.all.push(stream);
        let mut effects = vec![
            Effect::Happened(StreamEvent::Started, view.clone()),
            Effect::Cast(id, Cast::Start(target)),
        ];
        effects.extend(is_first.then_some(Effect::RoomChanged));
        effects.push(Effect::LiveChanged);
        (view, effects)
    }

    /// What is over stays over.
    fn end(&mut self, now: Now, id: StreamId, origin: &Origin) -> Vec<Effect> {
        let stream = self.all.iter_mut().find(|stream| stream.id == id);
        let Some(stream) = stream.filter(|stream| !stream.is_over()) else { return Vec::new() };
        stream.ended_at_ms = Some(now.epoch_ms);
        let mut effects = vec![
            Effect::Happened(StreamEvent::Ended, stream.view(origin)),
            Effect::Cast(id, Cast::Stop),
        ];
        effects.extend((!self.is_any_running()).then_some(Effect::RoomChanged));
        effects.extend([Effect::NotLive(id), Effect::LiveChanged]);
        effects
    }

    /// It may begin again in this session, though it is over.
    fn loosen(&mut self, is_meant: impl Fn(&Stream) -> bool) {
        let meant = self.all.iter_mut().filter(|stream| is_meant(stream));
        meant.for_each(|stream| stream.room_stream = None);
    }

    /// Those that run and belong to none of these.
    fn gone_from(&self, wanted: &[RoomStream]) -> Vec<StreamId> {
        let stays = |stream: &Stream| {
            stream.room_stream.is_none_or(|id| wanted.iter().any(|one| one.id == id))
        };
        self.running().filter(|stream| !stays(stream)).map(|stream| stream.id).collect()
    }

    /// # Errors
    /// `LimitReached` when those that stay and the new ones among `wanted` are too many.
    fn have_room_for(&self, wanted: &[RoomStream]) -> Result<(), Refusal> {
        let kept = self.running().count() - self.gone_from(wanted).len();
        let stays_as = |stream: &Stream, one: &RoomStream| {
            stream.room_stream == Some(one.id) && !(one.is_renewed && stream.is_over())
        };
        let is_new = |one: &&RoomStream| !self.all.iter().any(|stream| stays_as(stream, one));
        let are_few = kept + wanted.iter().filter(is_new).count() <= STREAMS;
        are_few.then_some(()).ok_or_else(too_many)
    }

    /// One of the room is to be there: it begins, or is moved where it goes elsewhere.
    fn stand(&mut self, now: Now, wanted: RoomStream, origin: &Origin) -> Vec<Effect> {
        let RoomStream { id, target, stream, is_renewed } = wanted;
        if is_renewed {
            self.loosen(|known| known.room_stream == Some(id) && known.is_over());
        }
        match self.all.iter_mut().find(|known| known.room_stream == Some(id)) {
            None => self.begin(now, stream, target, Some(id), origin).1,
            Some(known) if known.is_over() || known.target == target => Vec::new(),
            Some(known) => {
                known.target = target.clone();
                known.health = StreamHealth::Connecting;
                let view = known.view(origin);
                vec![
                    Effect::Cast(known.id, Cast::Move(target)),
                    Effect::Happened(StreamEvent::Moved, view),
                ]
            }
        }
    }

    /// How a stream does now; of one that is over nothing more is heard.
    fn does(&mut self, id: StreamId, health: StreamHealth, origin: &Origin) -> Option<Effect> {
        let stream = self.all.iter_mut().find(|stream| stream.id == id && !stream.is_over())?;
        let was = std::mem::replace(&mut stream.health, health);
        let event = match (&was, &stream.health) {
            (was, is) if was == is => return None,
            (_, StreamHealth::Live) => StreamEvent::Connected,
            (_, StreamHealth::Retrying(_) | StreamHealth::Failed(_)) => StreamEvent::Interrupted,
            (_, StreamHealth::Connecting) => return None,
        };
        Some(Effect::Happened(event, stream.view(origin)))
    }

    /// What is remembered is bounded; what somebody started and is over is forgotten first.
    fn forget_oldest(&mut self) {
        if self.all.len() >= STREAMS_REMEMBERED {
            let over = |stream: &Stream| stream.is_over() && stream.room_stream.is_none();
            let oldest = self.all.iter().position(over);
            let oldest = oldest.or_else(|| self.all.iter().position(Stream::is_over));
            oldest.into_iter().for_each(|at| drop(self.all.remove(at)));
        }
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
        Ok(Reply::Stream(self.begin_stream(now, id, target)))
    }

    /// # Errors
    /// `LimitReached`.
    pub(super) fn has_room_for_a_stream(&self) -> Result<(), Refusal> {
        self.streams.has_room().then_some(()).ok_or_else(too_many)
    }

    pub(super) fn begin_stream(
        &mut self,
        now: Now,
        id: StreamId,
        target: StreamTarget,
    ) -> StreamView {
        let (view, effects) = self.streams.begin(now, id, target, None, &self.origin);
        self.carry_out_streams(effects);
        view
    }

    /// What is over stays over.
    pub(super) fn stop_stream(
        &mut self,
        now: Now,
        actor: Actor,
        id: Option<StreamId>,
    ) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        let known = id.filter(|id| self.streams.knows(*id));
        self.end_stream(now, known.ok_or(Refusal::NotFound("Not Found"))?);
        Ok(Reply::Done)
    }

    pub(super) fn list_streams(&self, actor: Actor) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        Ok(Reply::Streams(self.see_running_streams()))
    }

    /// Makes the streams of the room be those: what is no longer there ends, what goes elsewhere is
    /// moved, what is new begins. One that somebody stopped stays stopped while this session lasts,
    /// unless it is renewed. Before the session has begun they are noted, to begin with it.
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
        self.streams.have_room_for(&room_streams)?;
        if !self.has_begun {
            self.promised.room_streams = room_streams;
            return Ok(Reply::Done);
        }
        let gone = self.streams.gone_from(&room_streams);
        gone.into_iter().for_each(|id| self.end_stream(now, id));
        for wanted in room_streams {
            let effects = self.streams.stand(now, wanted, &self.origin);
            self.carry_out_streams(effects);
        }
        Ok(Reply::Done)
    }

    /// How a stream does now.
    pub(super) fn stream_does(&mut self, id: StreamId, health: StreamHealth) {
        let effect = self.streams.does(id, health, &self.origin);
        self.carry_out_streams(effect);
    }

    /// All that run end with the session.
    pub(super) fn end_streams(&mut self, now: Now) {
        self.streams.running_ids().into_iter().for_each(|id| self.end_stream(now, id));
    }

    /// All that run end for now: those of the room may begin again in this session.
    pub(super) fn suspend_streams(&mut self, now: Now) {
        for id in self.streams.running_ids() {
            self.end_stream(now, id);
            self.streams.loosen(|stream| stream.id == id);
        }
    }

    pub(super) fn end_stream(&mut self, now: Now, id: StreamId) {
        let effects = self.streams.end(now, id, &self.origin);
        self.carry_out_streams(effects);
    }

    pub(super) fn see_running_streams(&self) -> Vec<StreamView> {
        self.streams.running().map(|stream| stream.view(&self.origin)).collect()
    }

    fn carry_out_streams(&mut self, effects: impl IntoIterator<Item = Effect>) {
        for effect in effects {
            match effect {
                Effect::Happened(event, view) => self.stream_happened(event, view),
                Effect::Cast(id, cast) => self.put(Output::Stream(id, cast)),
                Effect::RoomChanged => self.announce_room(vec!["streaming"]),
                Effect::NotLive(id) => self.videochat.forget_live(id),
                Effect::LiveChanged => self.tell_live(),
            }
        }
    }

    fn stream_happened(&mut self, event: StreamEvent, view: StreamView) {
        let is_for_clients = matches!(event, StreamEvent::Started | StreamEvent::Ended);
        let event = Event::Stream(event, view);
        self.put(Output::Record(Record::Happened(event.clone())));
        if is_for_clients {
            self.tell_those_who_may(RIGHT_TO_START, &event);
        }
    }
}

/// Named by the code that the REST interface has for it.
fn too_many() -> Refusal {
    let code = "exceeds_platform_stream_limit";
    Refusal::LimitReached(format!("{code}: a session has at most {STREAMS} streams at a time"))
}
