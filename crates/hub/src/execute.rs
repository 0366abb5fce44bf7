//! The only way into a session's mailbox: who asks is known by then; here it is asked what stands in the
//! way out in the world, once, whichever door the command came by.

pub(crate) mod checked;

use crate::Hub;
use crate::connections::link::{NO_CONNECTION, NO_SESSION};
use crate::sessions::handle::SessionHandle;
use checked::Checked;
use rotunda_domain::videochat::{LiveStreamRequest, VideochatCommand};
use rotunda_domain::{Actor, Command, Play, ProjectId, Refusal, Reply, SessionId, StreamTarget};

impl Hub {
    /// Runs a command for the connection's member, or for an application, in the session it names.
    ///
    /// # Errors
    /// `NotFound` when the connection has no seat in that session, or what the rules say.
    pub async fn execute(
        &self,
        protocol: &str,
        room_session_id: &str,
        command: Command,
    ) -> Result<Reply, Refusal> {
        // Before anybody is looked up: what is waited for here must not lie between that and the mailbox.
        let command = self.preflight(command).await;
        if let Some(application) = self.inner.services.applications.get(protocol) {
            let reply = self.execute_for(&application, room_session_id, command).await?;
            return self.about_links(reply).await;
        }
        let connection = self.inner.services.connections.get(protocol).ok_or(NO_CONNECTION)?;
        let seat = {
            let state = connection.lock();
            state.seat.clone().filter(|_| state.is_in(room_session_id)).ok_or(NO_SESSION)?
        };
        let reply = seat.session.execute(Actor::Member(seat.member), command).await?;
        self.about_links(reply).await
    }

    /// Runs a command of the project in a session of it that runs; everything is permitted.
    ///
    /// # Errors
    /// `NotFound` for a session that is not the project's or is over, or what the rules say.
    pub async fn execute_of_project(
        &self,
        project: ProjectId,
        session: SessionId,
        command: Command,
    ) -> Result<Reply, Refusal> {
        let handle = self.inner.services.directory.by_id_in(project, session).ok_or(NO_SESSION)?;
        self.command(&handle, Actor::Project, command).await
    }

    /// Runs a command in a session: the one way into a mailbox, whoever asks.
    pub(crate) async fn command(
        &self,
        session: &SessionHandle,
        actor: Actor,
        command: Command,
    ) -> Result<Reply, Refusal> {
        let command = self.preflight(command).await;
        session.execute(actor, command).await
    }

    /// Asks what stands in the way of a command out in the world, for the rules to name in their turn.
    pub(crate) async fn preflight(&self, command: Command) -> Checked<Command> {
        Checked::new(match command {
            Command::StartRecording { recording, .. } => {
                Command::StartRecording { recording, hindrance: self.recording_hindrance().await }
            }
            Command::Play(play) => {
                let memory = self.memory_hindrance("playback");
                let engine =
                    || self.inner.services.engine.playback_hindrance(&play.url).map(Refusal::from);
                let hindrance = memory.or_else(engine);
                Command::Play(Box::new(Play { hindrance, ..*play }))
            }
            Command::StartStream { stream, target } => {
                Command::StartStream { stream, target: self.reachable(target) }
            }
            Command::Videochat(caller, VideochatCommand::StartLiveStream(request)) => {
                let request =
                    LiveStreamRequest { target: self.reachable(request.target), ..request };
                Command::Videochat(caller, VideochatCommand::StartLiveStream(request))
            }
            command => command,
        })
    }

    fn reachable(&self, target: Result<StreamTarget, Refusal>) -> Result<StreamTarget, Refusal> {
        let target = target?;
        let engine = || self.inner.services.engine.stream_hindrance(&target).map(Refusal::from);
        let hindrance = self.memory_hindrance("stream").or_else(engine);
        hindrance.map_or(Ok(target), Err)
    }
}
