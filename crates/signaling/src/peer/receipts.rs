//! Which deliveries the client has acknowledged. The SDK asks for it (`event_acks`) and answers every
//! event; of a client that does not, what was written counts as having arrived.

use std::collections::VecDeque;
use std::sync::Arc;

/// Deliveries on their way; beyond that the oldest counts as arrived.
const REMEMBERED: usize = 512;

/// Deliveries in the order in which they were written.
#[derive(Debug, Default)]
pub struct Receipts {
    /// Whether the client said that it acknowledges events.
    pub are_sent: bool,
    arrived: u64,
    waiting: VecDeque<Waiting>,
}

/// A delivery on its way.
#[derive(Debug)]
struct Waiting {
    /// The number of its last frame; they only rise.
    frame: u64,
    /// The frame, if its text is shared: then its id is of the connection that wrote it first.
    shared: Option<Arc<str>>,
}

impl Receipts {
    /// A delivery was written; its last frame has this number.
    pub fn delivered(&mut self, frame: u64, shared: Option<Arc<str>>) {
        self.waiting.push_back(Waiting { frame, shared });
        if !self.are_sent || self.waiting.len() > REMEMBERED {
            self.waiting.pop_front();
            self.arrived += 1;
        }
    }

    /// A frame of ours was acknowledged, and with it all before it: a socket keeps order.
    pub fn acknowledged(&mut self, frame: u64) {
        while self.waiting.front().is_some_and(|first| first.frame <= frame) {
            self.waiting.pop_front();
            self.arrived += 1;
        }
    }

    /// A frame whose text is shared was acknowledged under the id it bears.
    pub fn acknowledged_shared(&mut self, id: &str) {
        let bears = |w: &Waiting| w.shared.as_deref().and_then(id_of) == Some(id);
        if let Some(frame) = self.waiting.iter().find(|w| bears(w)).map(|w| w.frame) {
            self.acknowledged(frame);
        }
    }

    /// Deliveries that arrived, from the first on.
    pub fn confirmed(&self) -> u64 {
        self.arrived
    }
}

/// The id of a frame of ours: a text without anything to be escaped.
fn id_of(frame: &str) -> Option<&str> {
    let (_, rest) = frame.split_once("\"id\":\"")?;
    Some(rest.split_once('"')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipts(are_sent: bool) -> Receipts {
        Receipts { are_sent, ..Receipts::default() }
    }

    #[test]
    fn an_acknowledgement_covers_all_before_it() {
        let mut receipts = receipts(true);
        [3, 4, 7].into_iter().for_each(|frame| receipts.delivered(frame, None));
        assert_eq!(receipts.confirmed(), 0);
        receipts.acknowledged(5);
        assert_eq!(receipts.confirmed(), 2);
        receipts.acknowledged(2);
        receipts.acknowledged(u64::MAX);
        assert_eq!(receipts.confirmed(), 3);
    }

    #[test]
    fn a_shared_frame_is_acknowledged_by_the_id_it_bears() {
        let mut receipts = receipts(true);
        let text = |id: &str| Some(format!(r#"{{"jsonrpc":"2.0","id":"{id}","m":1}}"#).into());
        receipts.delivered(1, None);
        receipts.delivered(2, text("somebody-9"));
        receipts.delivered(3, text("somebody-10"));
        receipts.acknowledged_shared("somebody-1");
        assert_eq!(receipts.confirmed(), 0);
        receipts.acknowledged_shared("somebody-9");
        assert_eq!(receipts.confirmed(), 2);
    }

    #[test]
    fn without_acknowledgements_written_is_arrived() {
        let mut receipts = receipts(false);
        receipts.delivered(1, None);
        assert_eq!(receipts.confirmed(), 1);
    }

    #[test]
    fn who_promises_and_never_acknowledges_is_not_remembered_for_ever() {
        let mut receipts = receipts(true);
        (0..10_000).for_each(|frame| receipts.delivered(frame, None));
        assert_eq!(receipts.confirmed(), 10_000 - REMEMBERED as u64);
    }
}
