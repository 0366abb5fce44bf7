//! How good the lines of those in a session are, as an operator asks for it.

use crate::Hub;
use rotunda_domain::{Command, LineView, ProjectId, Refusal, Reply, SessionId};

impl Hub {
    /// The lines of those who are in a session that runs, audience too, as far as they are known.
    ///
    /// # Errors
    /// `NotFound` for a session that is not the project's, has not begun or is over.
    pub async fn lines(
        &self,
        project: ProjectId,
        session: SessionId,
    ) -> Result<Vec<LineView>, Refusal> {
        match self.execute_of_project(project, session, Command::ListLines).await? {
            Reply::Lines(lines) => Ok(lines),
            _ => Err(Refusal::Broken),
        }
    }
}
