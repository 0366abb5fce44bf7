//! Carries out what a session wants done: tells people, moves media, keeps history.

use crate::Services;
use crate::connections::app_connection::{Application, Hearing};
use crate::connections::delivery::{Delivery, Dispatch};
use crate::connections::leg_places::LegPlace;
use crate::connections::recipient::Recipient;
use crate::history::HistoryRecord;
use crate::sessions::noted;
use crate::videochat::subscribers::PushEvent;
use rotunda_domain::session::Origin;
use rotunda_domain::{
    Applications, Dismissal, Event, LegId, LegKey, MemberId, Now, Output, Record, Refusal, Session,
    SessionId, To, WaiterId,
};
use rotunda_engine::Engine;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::oneshot;

/// Somebody in the session, as the one who delivers sees them.
struct Person {
    recipient: Arc<dyn Recipient>,
    /// Whether they were told that they are in; before that they hear nothing.
    is_in: bool,
}

/// A leg: who is told of it, under which name, and its place among all.
struct Leg {
    member: MemberId,
    call_id: LegId,
    place: Arc<LegPlace>,
}

/// Somebody who waits to be let in.
struct Waiter {
    recipient: Arc<dyn Recipient>,
    over: oneshot::Sender<Arc<Dispatch>>,
}

pub(crate) struct Effects {
    origin: Origin,
    services: Arc<Services>,
    people: HashMap<MemberId, Person>,
    legs: HashMap<LegKey, Leg>,
    waiting: HashMap<WaiterId, Waiter>,
    /// Why the session will not be recorded though it should be; said when it begins.
    pub unrecorded: Option<Refusal>,
}

impl Effects {
    pub fn new(origin: Origin, services: Arc<Services>) -> Self {
        let (people, legs, waiting) = Default::default();
        Self { origin, services, people, legs, waiting, unrecorded: None }
    }

    pub fn engine(&self) -> &dyn Engine {
        &*self.services.engine
    }

    fn session(&self) -> SessionId {
        self.origin.session
    }

    /// Remembers who is behind a member that was just admitted, and their leg.
    pub fn expect(
        &mut self,
        member: MemberId,
        leg: LegKey,
        call_id: LegId,
        recipient: Arc<dyn Recipient>,
        place: Arc<LegPlace>,
    ) {
        self.legs.insert(leg, Leg { member, call_id, place });
        self.people.entry(member).or_insert(Person { recipient, is_in: false });
    }

    /// Remembers who waits; `over` is used if the session is over first.
    pub fn await_answer(
        &mut self,
        waiter: WaiterId,
        recipient: Arc<dyn Recipient>,
        over: oneshot::Sender<Arc<Dispatch>>,
    ) {
        self.waiting.insert(waiter, Waiter { recipient, over });
    }

    /// Remembers a child's leg; what is told, is told its parent.
    pub fn expect_child(
        &mut self,
        parent: MemberId,
        leg: LegKey,
        call_id: LegId,
        place: Arc<LegPlace>,
    ) {
        self.legs.insert(leg, Leg { member: parent, call_id, place });
    }

    /// A leg is up.
    pub fn connected(&self, leg: LegKey) {
        let Some(leg) = self.legs.get(&leg) else { return };
        leg.place.connected();
        if let Some(person) = self.people.get(&leg.member) {
            person.recipient.settled();
        }
    }

    /// Adds to the time all sessions took to act and to hand out what followed.
    pub fn was_busy(&self, time: Duration) {
        self.services.directory.was_busy(time);
    }

    /// Does everything that is queued.
    pub fn drain(&mut self, session: &mut Session, now: Now) {
        while let Some(output) = session.poll_output() {
            self.carry_out(output, now);
        }
    }

    fn carry_out(&mut self, output: Output, now: Now) {
        match output {
            Output::Send(to, event) => self.tell(to, event, now),
            Output::Show(plan) => self.services.engine.show(self.session(), plan),
            Output::ApplyMedia(media) => {
                let muted = [media.audio_muted, media.video_muted];
                if let Some(person) = self.people.get(&media.member) {
                    person.recipient.muted(media.member, muted);
                }
                self.services.engine.apply_media(self.session(), media);
            }
            Output::Stream(stream, cast) => {
                self.services.engine.stream(self.session(), stream, cast)
            }
            Output::Playback(playback, order) => {
                self.services.engine.playback(self.session(), playback, order);
            }
            Output::Play(tone) => self.services.engine.play(self.session(), tone),
            Output::Hold { leg, held } => self.services.engine.hold(leg, held),
            Output::Release(leg) => self.release(leg),
            Output::HangUp { leg, member, cause } => {
                let (code, cause) = cause.code();
                let known = self.legs.get(&leg);
                let owner = known.map_or(member, |known| known.member);
                if let (Some(known), Some(person)) = (known, self.people.get(&owner)) {
                    let call_id = known.call_id.clone();
                    person.recipient.deliver(Delivery::Bye { call_id, code, cause });
                }
                self.release(leg);
            }
            Output::Regrant { member, grant } => {
                if let Some(person) = self.people.get(&member) {
                    person.recipient.regrant(*grant);
                }
            }
            Output::Recording(recording, order) => {
                let path = self.services.archive.path(self.origin.project, recording);
                self.services.engine.control_recording(self.session(), recording, order, path);
            }
            Output::Forget(member) => self.forget(member),
            Output::Waited { waiter, admitted } => {
                if let Some(gone) = self.waiting.remove(&waiter) {
                    gone.recipient.waited(waiter, admitted.then_some(self.session()));
                }
            }
            Output::Notify(notification) => {
                let event = PushEvent::Session(self.session(), *notification);
                self.services.subscribers.tell(self.origin.room, now.epoch_ms, event);
            }
            Output::Record(record) => self.keep(now, record),
            Output::Over => {}
        }
    }

    fn keep(&self, now: Now, record: Record) {
        match &record {
            Record::SessionStarted(view) => {
                tracing::info!(session = %view.id, room = %view.room, "session started");
                if let Some(refusal) = &self.unrecorded {
                    tracing::error!(session = %view.id, %refusal, "a session is not recorded");
                }
                self.tell_applications(now, || Event::RoomStarted(view.clone()));
            }
            Record::Happened(event) => {
                noted::note(event);
                if event.hearers().applications == Applications::WithHistory {
                    self.tell_applications(now, || event.clone());
                }
            }
            // Those are told as events of the session.
            Record::SessionEnded(_) | Record::MemberJoined(_) | Record::MemberLeft(_) => {}
        }
        let (project, at_epoch_ms) = (self.origin.project, now.epoch_ms);
        self.services.history.record(HistoryRecord { project, at_epoch_ms, record });
    }

    fn release(&mut self, leg: LegKey) {
        self.services.engine.release(leg);
        tracing::debug!(leg = leg.0, "leg released");
        if let Some(Leg { member, call_id, .. }) = self.legs.remove(&leg)
            && let Some(person) = self.people.get(&member)
        {
            person.recipient.released(&call_id, leg);
        }
    }

    fn forget(&mut self, member: MemberId) {
        if let Some(person) = self.people.remove(&member) {
            person.recipient.left(member);
        }
    }

    fn tell(&mut self, to: To, event: Event, now: Now) {
        if let (To::Only(id), Event::RoomSubscribed { .. }) = (&to, &event)
            && let Some(person) = self.people.get_mut(id)
        {
            person.is_in = true;
            tracing::info!(session = %self.session(), member = %id, "joined");
        }
        let dispatch = self.dispatch(event, now);
        if !matches!(to, To::Only(_) | To::Waiting(_)) {
            self.services.applications.tell(self.origin.project, self.session(), &dispatch);
        }
        let deliver = |person: &Person| {
            if person.is_in {
                person.recipient.deliver(Delivery::Event(dispatch.clone()));
            }
        };
        match to {
            To::Everyone => self.people.values().for_each(deliver),
            To::AllBut(id) => {
                self.people.iter().filter(|(who, _)| **who != id).for_each(|(_, p)| deliver(p));
            }
            To::Only(id) => self.people.get(&id).into_iter().for_each(deliver),
            To::Those(ids) => {
                ids.iter().filter_map(|id| self.people.get(id)).for_each(deliver);
            }
            To::Waiting(id) => {
                if let Some(waiter) = self.waiting.get(&id) {
                    waiter.recipient.deliver(Delivery::Event(dispatch));
                }
            }
        }
    }

    fn dispatch(&self, event: Event, now: Now) -> Arc<Dispatch> {
        Arc::new(Dispatch {
            event,
            at_epoch_ms: now.epoch_ms,
            project: self.origin.project,
            channel: self.origin.event_channel.clone(),
            text: OnceLock::new(),
            text_with_hands: OnceLock::new(),
        })
    }

    /// Tells those who listen from outside something that nobody in the session is told.
    fn tell_applications(&self, now: Now, event: impl FnOnce() -> Event) {
        let project = self.origin.project;
        if self.services.applications.listen_to(project) {
            self.services.applications.tell(project, self.session(), &self.dispatch(event(), now));
        }
    }

    /// Lets an application listen from now on, and shows it the session as it is.
    pub fn introduce(
        &self,
        session: &Session,
        now: Now,
        application: &Application,
        hearing: &Hearing,
    ) {
        let view = || Box::new(session.view());
        let event = match hearing {
            // It is told when it begins.
            Hearing::AllRooms if !session.has_begun() => return,
            Hearing::AllRooms => Event::RoomStarted(view()),
            Hearing::Session { names, show } => {
                if !application.hear(self.session(), names) || !show {
                    return;
                }
                Event::RoomShown(view())
            }
        };
        application.tell(self.session(), &self.dispatch(event, now));
    }

    /// Whoever still waits is to look for the room's next session.
    fn send_on(&mut self, now: Now) {
        for (id, waiter) in std::mem::take(&mut self.waiting) {
            let (room, session) = (self.origin.room, self.origin.session);
            let why = Dismissal::Closed;
            let event = Event::LobbyDenied { room, session, id, why };
            // Nobody is there to take it when its connection is gone.
            let _ = waiter.over.send(self.dispatch(event, now));
        }
    }

    /// The session is over: its media ends and the directory forgets it.
    pub fn over(&mut self, origin: &Origin, now: Now) {
        for member in self.people.keys().copied().collect::<Vec<_>>() {
            self.forget(member);
        }
        self.services.engine.close(origin.session);
        self.services.previews.end(origin.session);
        self.services.directory.forget(origin.session);
        self.send_on(now);
        tracing::info!(session = %origin.session, "session over");
    }
}
