//! A session's own task: mailbox, clock and the only owner of its rules.

use crate::connections::leg_places::LegPlace;
use crate::connections::recipient::Recipient;
use crate::now;
use crate::sessions::effects::Effects;
use crate::sessions::handle::{Join, Mail, SessionHandle};
use rotunda_domain::{
    Actor, Command, LegId, LegKey, LobbyState, MemberId, Now, Outcome, Refusal, Reply, Session,
};
use rotunda_engine::LegRequest;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Starts a session's task.
pub(crate) fn spawn(session: Session, effects: Effects) -> SessionHandle {
    let (handle, mail, happened) = SessionHandle::open(session.origin());
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
    recipient: Arc<dyn Recipient>,
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
        self.effects.drain(&mut self.session, now());
        while !self.session.is_over() {
            let wait = self.session.next_timeout_ms(now());
            let input = tokio::select! {
                mail = self.mail.recv() => Input::Mail(mail),
                Some(outcome) = self.happened.recv() => Input::Outcome(outcome),
                () = until(wait) => Input::Due,
            };
            let begin = Instant::now();
            self.act(input);
            self.effects.drain(&mut self.session, now());
            self.effects.was_busy(begin.elapsed());
        }
        self.effects.over(self.session.origin(), now());
    }

    fn act(&mut self, input: Input) {
        match input {
            Input::Mail(Some(mail)) => self.take(now(), mail),
            // Every handle is gone: nobody can reach the session, so it ends.
            Input::Mail(None) => self.end(),
            Input::Outcome(outcome) => {
                // A leg that sends is up before its first packet has come.
                if let Outcome::Connected(leg) | Outcome::LinkUp(leg) = outcome {
                    self.effects.connected(leg);
                }
                self.session.handle_outcome(now(), outcome);
            }
            Input::Due => self.session.handle_timeout(now()),
        }
    }

    fn end(&mut self) {
        // Refused only when it is over already.
        let _ = self.session.handle(now(), Actor::Project, Command::End);
    }

    fn take(&mut self, now: Now, mail: Mail) {
        match mail {
            Mail::Command { actor, command, reply } => {
                let answer = self.session.handle(now, actor, command.into_inner());
                // The answer goes out before the events it causes.
                let _ = reply.send(answer);
            }
            Mail::Join(join) => self.join(now, *join),
            Mail::Knock { command, recipient, over, reply } => {
                let answer = self.session.handle(now, Actor::Project, command.into_inner());
                if let Ok(Reply::Lobby(LobbyState::Waiting(shown))) = &answer {
                    self.effects.await_answer(shown.id, recipient, over);
                }
                let _ = reply.send(answer);
            }
            Mail::Introduce { application, hearing, done } => {
                self.effects.introduce(&self.session, now, &application, &hearing);
                let _ = done.send(());
            }
        }
    }

    fn join(&mut self, now: Now, join: Join) {
        let Join { actor, command, request, member, recipient, place, reply } = join;
        let command = command.into_inner();
        let turn = Turn { now, actor, member, recipient, place };
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
        let Turn { now, actor, member, recipient, place } = turn;
        let (call_id, is_child) = match &command {
            Command::Admit(admission) => (admission.call_id.clone(), false),
            Command::AdmitChild(admission) => (admission.call_id.clone(), true),
            _ => return Err(Refusal::Broken),
        };
        let leg = request.leg;
        self.session.handle(now, actor, command)?;
        let request = recipient.entitle(request, is_child);
        if is_child {
            self.effects.expect_child(member, leg, call_id, place);
        } else {
            self.effects.expect(member, leg, call_id, recipient, place);
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
        let Turn { now, actor, member, recipient, place } = turn;
        let leg = request.leg;
        let sdp = request.sdp.clone();
        let answer = self.effects.engine().answer(recipient.entitle(request, false))?;
        if let Err(refusal) = self.session.handle(now, actor, command) {
            self.effects.engine().release(leg);
            return Err(refusal);
        }
        recipient.moved(&call_id, leg, member, &sdp);
        self.effects.expect(member, leg, call_id, recipient, place);
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
