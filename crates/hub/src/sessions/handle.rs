//! The way to a session's task: what its mailbox takes, and who may put it there.

use crate::Checked;
use crate::connections::app_connection::{Application, Hearing};
use crate::connections::delivery::Dispatch;
use crate::connections::leg_places::LegPlace;
use crate::connections::recipient::Recipient;
use crate::sessions::outcomes::Outcomes;
use rotunda_domain::session::Origin;
use rotunda_domain::{Actor, Command, MemberId, Outcome, Refusal, Reply, RoomId, SessionId};
use rotunda_engine::LegRequest;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Mail that may wait. Callers wait when it is full, so a flood slows only who floods.
const MAILBOX: usize = 1024;

/// Something for a session.
pub(crate) enum Mail {
    /// A command, and where its answer goes.
    Command {
        actor: Actor,
        command: Checked<Command>,
        reply: oneshot::Sender<Result<Reply, Refusal>>,
    },
    /// A command that comes with an offer; the answer is an SDP answer.
    Join(Box<Join>),
    /// Somebody wants to be let in, and will hear of it.
    Knock {
        command: Checked<Command>,
        recipient: Arc<dyn Recipient>,
        /// Where it goes that the session was over while they waited.
        over: oneshot::Sender<Arc<Dispatch>>,
        reply: oneshot::Sender<Result<Reply, Refusal>>,
    },
    /// An application begins to listen; it is shown what is true now, and hears all that follows.
    Introduce { application: Arc<Application>, hearing: Hearing, done: oneshot::Sender<()> },
}

/// Somebody wants a seat, or theirs back on a new leg.
pub(crate) struct Join {
    pub actor: Actor,
    pub command: Checked<Command>,
    /// The offer; what may flow is said when its turn comes.
    pub request: LegRequest,
    pub member: MemberId,
    pub recipient: Arc<dyn Recipient>,
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
    /// What happens in the world goes in here.
    pub outcomes: Outcomes,
}

pub(crate) const GONE: Refusal = Refusal::NotFound("the session is over");

impl SessionHandle {
    /// The way to the session of `origin`, its mailbox, and what is told it.
    pub fn open(origin: &Origin) -> (Self, mpsc::Receiver<Mail>, mpsc::UnboundedReceiver<Outcome>) {
        let (mailbox, mail) = mpsc::channel(MAILBOX);
        let (outcomes, happened) = Outcomes::new();
        let (id, room, channel) = (origin.session, origin.room, origin.event_channel.clone());
        (Self { id, room, channel, mailbox, outcomes }, mail, happened)
    }

    /// Runs a command and waits for its answer.
    pub async fn execute(&self, actor: Actor, command: Checked<Command>) -> Result<Reply, Refusal> {
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

    /// Knocks and waits for the answer; what comes of it is delivered to `recipient`.
    pub async fn knock(
        &self,
        command: Checked<Command>,
        recipient: Arc<dyn Recipient>,
        over: oneshot::Sender<Arc<Dispatch>>,
    ) -> Result<Reply, Refusal> {
        let (reply, answer) = oneshot::channel();
        let mail = Mail::Knock { command, recipient, over, reply };
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

    /// Whether the task has ended.
    pub fn is_gone(&self) -> bool {
        self.mailbox.is_closed()
    }
}

pub(crate) type JoinReply = oneshot::Sender<Result<String, Refusal>>;
