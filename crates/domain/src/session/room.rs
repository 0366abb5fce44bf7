//! What a changed room means for the session that runs.

use super::Session;
use crate::command::{Actor, Reply};
use crate::event::Event;
use crate::output::{Output, Record};
use crate::refusal::Refusal;
use crate::room::{RoomSettings, Window};
use crate::time::Now;

impl Session {
    /// Join window, `remove_at`, the member limit and the lobby act at once; a lower limit removes nobody.
    /// Everything else waits for the next session (REST reference §2.1): a time counted from each
    /// one's joining, above all, would throw out those who have been here longer.
    pub(super) fn apply_room(
        &mut self,
        now: Now,
        actor: Actor,
        settings: RoomSettings,
    ) -> Result<Reply, Refusal> {
        if actor != Actor::Project {
            return Err(Refusal::NotPermitted);
        }
        let window =
            Window { remove_after_s: self.settings.window.remove_after_s, ..settings.window };
        let updated = changed(&self.settings, &settings, window);
        self.settings.window = window;
        self.settings.max_members = settings.max_members;
        self.set_lobby(now, settings.lobby);
        if !updated.is_empty() {
            // Kept, so that the session's record shows what holds; no client is shown these fields.
            let session = Box::new(self.view());
            let event = Event::RoomUpdated { session, updated };
            self.put(Output::Record(Record::Happened(event)));
        }
        Ok(Reply::Done)
    }
}

fn changed(held: &RoomSettings, next: &RoomSettings, window: Window) -> Vec<&'static str> {
    [
        ("max_members", held.max_members != next.max_members),
        ("join_from", held.window.join_from != window.join_from),
        ("join_until", held.window.join_until != window.join_until),
        ("remove_at", held.window.remove_at != window.remove_at),
        ("lobby", held.lobby != next.lobby),
    ]
    .into_iter()
    .filter_map(|(name, is_new)| is_new.then_some(name))
    .collect()
}
