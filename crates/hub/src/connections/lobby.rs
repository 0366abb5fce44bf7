//! Whoever waits before a room: how a connection takes a place in its line, keeps it, and what is remembered
//! of it. Who waits and who is let in is decided in the session.

use crate::auth::FormerPlace;
use crate::connections::connection::{Connection, State};
use crate::connections::delivery::{Delivery, Dispatch};
use crate::connections::door::Before;
use crate::connections::link::NO_CONNECTION;
use crate::sessions::handle::{GONE, SessionHandle};
use crate::{BACK_WITHIN_MS, Hub, unavailable};
use rotunda_domain::{
    Actor, Command, Dismissal, Event, Grant, Knock, LobbyState, MemberId, Outcome, Refusal, Reply,
    SessionId, WaiterId, own_name,
};
use std::sync::{Arc, OnceLock};
use tokio::sync::oneshot;
use uuid::Uuid;

/// Looks for a session that does not end under one's hands; twice is a coincidence already.
const TRIES: usize = 3;

impl State {
    /// What is asked for the bearer of the present token, who calls themself `name`.
    fn knock(&mut self, session: &SessionHandle, name: Option<String>) -> (Knock, Before) {
        let (waits, place) = (self.door.waits.take(), self.door.place.take());
        let name = name.or_else(|| place.as_ref()?.name().map(str::to_owned));
        let name = name.filter(|_| !self.door.is_named);
        let id = waits.as_ref().map(|(_, id)| *id).or(place.as_ref().map(FormerPlace::id));
        let id = id.unwrap_or_else(|| WaiterId(Uuid::new_v4()));
        let since_ms = place.as_ref().and_then(FormerPlace::waits_since_ms);
        let stated = since_ms.unwrap_or_else(|| crate::now().epoch_ms);
        self.door.place = Some(FormerPlace::new(id, stated, name.clone()));
        self.door.waits = Some((session.clone(), id));
        (Knock { id, grant: Grant::clone(&self.grant()), name, since_ms }, (waits, place))
    }
}

impl Connection {
    /// Waits no more: let in to a session, or not.
    pub fn stop_waiting(self: Arc<Self>, id: WaiterId, admitted_in: Option<SessionId>) {
        if self.lock().door.stop(id, admitted_in) {
            self.tell_state();
            self.forget_idle();
        }
    }

    /// The session answered a knock. What became of it since may have come before the answer.
    fn knocked(
        &self,
        (session, id): (SessionId, WaiterId),
        before: Before,
        answer: &Result<Reply, Refusal>,
    ) {
        let door = &mut self.lock().door;
        match answer {
            Ok(Reply::Lobby(LobbyState::Waiting(shown))) => {
                if let Some(place) = door.place.as_mut().filter(|place| place.id() == id) {
                    place.began(shown.since_ms);
                }
            }
            Ok(_) => {
                door.stop(id, Some(session));
            }
            Err(_) if door.waits_at(id) => (door.waits, door.place) = before,
            Err(_) => {}
        }
    }
}

impl Hub {
    /// Has the bearer of a room token wait until a host lets them in, under a name of their own where the
    /// token has none; answers whether that is needed. Asked again it answers the same place.
    ///
    /// # Errors
    /// `Conflict` for who is in already; what stands in the way of a join; `LimitReached` where too many wait
    /// or knock.
    pub async fn enter_lobby(
        &self,
        protocol: &str,
        name: Option<String>,
    ) -> Result<Reply, Refusal> {
        let connection = self.inner.services.connections.get(protocol).ok_or(NO_CONNECTION)?;
        let is_in = |state: &State| state.seat.as_ref().is_some_and(|seat| !seat.session.is_gone());
        if is_in(&connection.lock()) {
            return Err(Refusal::Conflict("you are in the session already".into()));
        }
        if let Some(refusal) = self.memory_hindrance("join") {
            return Err(refusal);
        }
        // Where nobody has to wait it is kept for the join.
        let name = name.map(|name| own_name(&name)).transpose()?;
        self.wait(&connection, name).await
    }

    /// Gives up a place.
    ///
    /// # Errors
    /// `NotFound` for a connection that is not there or does not wait.
    pub fn leave_lobby(&self, protocol: &str) -> Result<(), Refusal> {
        let connection = self.inner.services.connections.get(protocol).ok_or(NO_CONNECTION)?;
        let waits = connection.lock().door.waits();
        let (session, id) = waits.ok_or(Refusal::NotFound("you do not wait to be let in"))?;
        session.outcomes.tell(Outcome::WaiterLeft(id));
        Ok(())
    }

    /// Takes a place before the session the token opens, which is opened for the first who waits.
    async fn wait(
        &self,
        connection: &Arc<Connection>,
        name: Option<String>,
    ) -> Result<Reply, Refusal> {
        let grant = connection.lock().grant();
        if grant.skips_lobby() {
            return Ok(Reply::Lobby(LobbyState::Admitted));
        }
        let mut answer = Err(GONE);
        for _ in 0..TRIES {
            let session = self.find_or_start(&grant).await?;
            self.let_in_again(connection, &grant).await?;
            answer = self.knock_at(&session, connection, name.clone()).await;
            if !matches!(&answer, Err(refusal) if *refusal == GONE) {
                break;
            }
        }
        answer.inspect(|_| connection.tell_state())
    }

    async fn knock_at(
        &self,
        session: &SessionHandle,
        connection: &Arc<Connection>,
        name: Option<String>,
    ) -> Result<Reply, Refusal> {
        let (knock, before) = connection.lock().knock(session, name);
        let id = knock.id;
        let command = self.preflight(Command::Knock(Box::new(knock))).await;
        let (over, is_over) = oneshot::channel();
        let answer = session.knock(command, connection.clone(), over).await;
        connection.knocked((session.id, id), before, &answer);
        if let Ok(Reply::Lobby(LobbyState::Waiting(_))) = &answer {
            self.wait_on(id, connection, is_over);
            // It may have gone while this was asked, when nobody knew yet that it waits.
            if !connection.has_socket() {
                session.outcomes.tell(Outcome::WaiterGone(id));
            }
        }
        answer
    }

    /// Whoever still waits when a session is over waits for the room's next.
    fn wait_on(
        &self,
        id: WaiterId,
        connection: &Arc<Connection>,
        is_over: oneshot::Receiver<Arc<Dispatch>>,
    ) {
        let (home, connection) = (Arc::downgrade(&self.inner), Arc::downgrade(connection));
        rotunda_telemetry::spawn("somebody who waits", async move {
            // Dropped when they wait no more.
            let Ok(last) = is_over.await else { return };
            let (Some(inner), Some(connection)) = (home.upgrade(), connection.upgrade()) else {
                return;
            };
            Hub { inner }.wait_for_the_next(id, connection, &last).await;
        });
    }

    async fn wait_for_the_next(&self, id: WaiterId, connection: Arc<Connection>, last: &Dispatch) {
        let is_theirs = connection.lock().door.waits_at(id);
        if !is_theirs {
            return;
        }
        if !connection.has_socket() {
            return connection.stop_waiting(id, None);
        }
        // In a box, for it is how this one came to wait.
        let (room, session) = match &last.event {
            Event::LobbyDenied { room, session, .. } => (*room, *session),
            _ => return,
        };
        let event = match Box::pin(self.wait(&connection, None)).await {
            Ok(Reply::Lobby(LobbyState::Waiting(_))) => return,
            Ok(_) => Event::LobbyAdmitted { room, session, id },
            Err(_) => {
                connection.lock().door.stop(id, None);
                Event::LobbyDenied { room, session, id, why: Dismissal::Closed }
            }
        };
        connection.tell_of_lobby(last, event);
    }

    /// Has the session know that the bearer was let in, if they were before the process ended; answers
    /// whether they were.
    pub(crate) async fn let_in_again(
        &self,
        connection: &Connection,
        grant: &Grant,
    ) -> Result<bool, Refusal> {
        if !self.was_let_in(connection).await? {
            return Ok(false);
        }
        let session = self.find_or_start(grant).await?;
        let command = Command::LetInAgain(grant.token_id.clone());
        self.command(&session, Actor::Project, command).await.map(|_| true)
    }

    /// Whether history bears out what is stated: a seat, or a place from which they were let in, in a session
    /// that the end of the process ended a short while ago.
    async fn was_let_in(&self, connection: &Connection) -> Result<bool, Refusal> {
        let stated: Vec<(SessionId, MemberId)> = {
            let state = connection.lock();
            let seat = state.former.as_ref().filter(|seat| seat.is_from_before());
            let seat = seat.map(|seat| (seat.session(), seat.member()));
            let place = state.door.place.as_ref().and_then(FormerPlace::admitted_before);
            seat.into_iter().chain(place).collect()
        };
        let since_ms = crate::now().epoch_ms - BACK_WITHIN_MS;
        for (session, member) in stated {
            let found = self.store().was_cut_off(session, member, since_ms).await;
            if found.map_err(|error| unavailable(&error))? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Connection {
    fn tell_of_lobby(&self, last: &Dispatch, event: Event) {
        let dispatch = Dispatch {
            event,
            at_epoch_ms: crate::now().epoch_ms,
            project: last.project,
            channel: last.channel.clone(),
            text: OnceLock::new(),
            text_with_hands: OnceLock::new(),
        };
        use crate::connections::recipient::Recipient;
        self.deliver(Delivery::Event(Arc::new(dispatch)));
    }
}
