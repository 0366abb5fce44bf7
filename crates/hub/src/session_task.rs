//! A session's own task: mailbox, clock and the only owner of its rules.

use crate::app_connection::{Application, Hearing};
use crate::clock;
use crate::effects::Effects;
use rotunda_domain::{Actor, Command, MemberId, Now, Outcome, Refusal, Reply, Session};
use rotunda_domain::{LegId, LegKey, RoomId, SessionId};
use rotunda_engine::LegRequest;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

use crate::connection::{Connection, Leg};
use crate::leg_places::LegPlace;
use crate::legs::entitle;
use crate::offer;

/// Mail that may wait. Callers wait when it is full, so a flood slows only who floods.
const MAILBOX: usize = 1024;

/// Something for a session.
pub(crate) enum Mail {
    /// A command, and where its answer goes.
    Command { actor: Actor, command: Command, reply: oneshot::Sender<Result<Reply, Refusal>> },
    /// A command that comes with an offer; the answer is an SDP answer.
    Join(Box<Join>),
    /// An application begins to listen; it is shown what is true now, and hears all that follows.
    Introduce { application: Arc<Application>, hearing: Hearing, done: oneshot::Sender<()> },
}

/// Somebody wants a seat, or theirs back on a new leg.
pub(crate) struct Join {
    pub actor: Actor,
    pub command: Command,
    /// The offer; what may flow is said when its turn comes.
    pub request: LegRequest,
    pub member: MemberId,
    pub connection: Arc<Connection>,
    pub place: Arc<LegPlace>,
    pub reply: oneshot::Sender<Result<String, Refusal>>,
}

/// The way to a session's mailbox.
#[derive(Clone)]
pub(crate) struct SessionHandle {
    pub id: SessionId,
    pub room: RoomId,
    /// The channel name its events carry.
    pub channel: Arc<str>,
    mailbox: mpsc::Sender<Mail>,
    /// Unbounded, because an engine thread can neither wait nor lose the end of a leg; bounded all
    /// the same by the legs there are and by gates that open at most about once a second.
    outcomes: mpsc::UnboundedSender<Outcome>,
}

pub(crate) const GONE: Refusal = Refusal::NotFound("the session is over");

impl SessionHandle {
    /// Runs a command and waits for its answer.
    pub async fn execute(&self, actor: Actor, command: Command) -> Result<Reply, Refusal> {
        let (reply, answer) = oneshot::channel();
        let mail = Mail::Command { actor, command, reply };
        self.mailbox.send(mail).await.map_err(|_| GONE)?;
        answer.await.unwrap_or(Err(GONE))
    }

    /// Joins and waits for the answer's SDP.
    pub async fn join(&self, join: impl FnOnce(JoinReply) -> Join) -> Result<String, Refusal> {
        let (reply, answer) = oneshot::channel();
        let mail = Mail::Join(Box::new(join(reply)));
        self.mailbox.send(mail).await.map_err(|_| GONE)?;
        answer.await.unwrap_or(Err(GONE))
    }

    /// Lets an application listen; what happens afterwards it hears.
    pub async fn introduce(
        &self,
        application: Arc<Application>,
        hearing: Hearing,
    ) -> Result<(), Refusal> {
        let (done, heard) = oneshot::channel();
        let mail = Mail::Introduce { application, hearing, done };
        self.mailbox.send(mail).await.map_err(|_| GONE)?;
        heard.await.map_err(|_| GONE)
    }

    /// Tells of an outcome without waiting; in order, and never lost while the session runs.
    pub fn tell(&self, outcome: Outcome) {
        // Fails only when the session is over, and then it is no news.
        let _ = self.outcomes.send(outcome);
    }

    /// Whether the task has ended.
    pub fn is_gone(&self) -> bool {
        self.mailbox.is_closed()
    }
}

pub(crate) type JoinReply = oneshot::Sender<Result<String, Refusal>>;

/// Starts a session's task.
pub(crate) fn spawn(session: Session, effects: Effects) -> SessionHandle {
    let (mailbox, mail) = mpsc::channel(MAILBOX);
    let (outcomes, happened) = mpsc::unbounded_channel();
    let origin = session.origin();
    let (id, room, channel) = (origin.session, origin.room, origin.event_channel.clone());
    let handle = SessionHandle { id, room, channel, mailbox, outcomes };
    rotunda_telemetry::spawn("session", SessionTask { session, effects, mail, happened }.run());
    handle
}

/// What wakes a session.
enum Input {
    Mail(Option<Mail>),
    Outcome(Outcome),
    Due,
}

/// A join when its turn has come.
struct Turn {
    now: Now,
    actor: Actor,
    member: MemberId,
    connection: Arc<Connection>,
    place: Arc<LegPlace>,
}

struct SessionTask {
    session: Session,
    effects: Effects,
    mail: mpsc::Receiver<Mail>,
    happened: mpsc::UnboundedReceiver<Outcome>,
}

impl SessionTask {
    async fn run(mut self) {
        self.effects.drain(&mut self.session, clock::now());
        while !self.session.is_over() {
            let wait = self.session.next_timeout_ms(clock::now());
            let input = tokio::select! {
                mail = self.mail.recv() => Input::Mail(mail),
                Some(outcome) = self.happened.recv() => Input::Outcome(outcome),
                () = until(wait) => Input::Due,
            };
            let begin = Instant::now();
            self.act(input);
            self.effects.drain(&mut self.session, clock::now());
            self.effects.was_busy(begin.elapsed());
        }
        self.effects.over(self.session.origin());
    }

    fn act(&mut self, input: Input) {
        match input {
            Input::Mail(Some(mail)) => self.take(clock::now(), mail),
            // Every handle is gone: nobody can reach the session, so it ends.
            Input::Mail(None) => self.end(),
            Input::Outcome(outcome) => {
                // A leg that sends is up before its first packet has come.
                if let Outcome::Connected(leg) | Outcome::LinkUp(leg) = outcome {
                    self.effects.connected(leg);
                }
                self.session.outcome(clock::now(), outcome);
            }
            Input::Due => self.session.timeout(clock::now()),
        }
    }

    fn end(&mut self) {
        // Refused only when it is over already.
        let _ = self.session.handle(clock::now(), Actor::Project, Command::End);
    }

    fn take(&mut self, now: Now, mail: Mail) {
        match mail {
            Mail::Command { actor, command, reply } => {
                let answer = self.session.handle(now, actor, command);
                // The answer goes out before the events it causes.
                let _ = reply.send(answer);
            }
            Mail::Join(join) => self.join(now, *join),
            Mail::Introduce { application, hearing, done } => {
                self.effects.introduce(&self.session, now, &application, &hearing);
                let _ = done.send(());
            }
        }
    }

    fn join(&mut self, now: Now, join: Join) {
        let Join { actor, command, request, member, connection, place, reply } = join;
        let turn = Turn { now, actor, member, connection, place };
        let answer = turn.place.check().and_then(|()| match &command {
            Command::Reattach { call_id, .. } => {
                let call_id = call_id.clone();
                self.move_to(turn, call_id, command, request)
            }
            _ => self.seat(turn, command, request),
        });
        let _ = reply.send(answer);
    }

    /// Somebody new, or a screen or device. The rules first, then the engine; what the engine
    /// refuses is undone as if the client had hung up, before anybody knew.
    fn seat(
        &mut self,
        turn: Turn,
        command: Command,
        request: LegRequest,
    ) -> Result<String, Refusal> {
        let Turn { now, actor, member, connection, place } = turn;
        let (call_id, is_child) = match &command {
            Command::Admit(admission) => (admission.call_id.clone(), false),
            Command::AdmitChild(admission) => (admission.call_id.clone(), true),
            _ => return Err(Refusal::Broken),
        };
        let leg = request.leg;
        self.session.handle(now, actor, command)?;
        let request = entitle(request, &connection, is_child);
        if is_child {
            self.effects.expect_child(member, leg, call_id, place);
        } else {
            self.effects.expect(member, leg, call_id, connection, place);
        }
        let answer = self.effects.engine().answer(request);
        if answer.is_err() {
            self.undo(now, leg, member);
        }
        Ok(answer?.sdp)
    }

    /// Somebody who has a seat, on a new leg. The engine first, then the rules: an offer that is
    /// refused changes nothing, and the seat stays on the leg it has.
    fn move_to(
        &mut self,
        turn: Turn,
        call_id: LegId,
        command: Command,
        request: LegRequest,
    ) -> Result<String, Refusal> {
        let Turn { now, actor, member, connection, place } = turn;
        let leg = request.leg;
        let ways = offer::ways(&request.sdp);
        let answer = self.effects.engine().answer(entitle(request, &connection, false))?;
        if let Err(refusal) = self.session.handle(now, actor, command) {
            self.effects.engine().release(leg);
            return Err(refusal);
        }
        connection.move_to(&call_id, Leg { key: leg, member }, ways);
        self.effects.expect(member, leg, call_id, connection, place);
        Ok(answer.sdp)
    }

    fn undo(&mut self, now: Now, leg: LegKey, member: MemberId) {
        let _ = self.session.handle(now, Actor::Member(member), Command::HangUp(leg));
    }
}

async fn until(wait_ms: Option<u64>) {
    match wait_ms {
        Some(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
        None => std::future::pending().await,
    }
}
