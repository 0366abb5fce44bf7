//! Which deliveries the client has acknowledged. The SDK asks for it (`event_acks`) and answers every
//! event; of a client that does not, what was written counts as having arrived.

use std::collections::VecDeque;

/// Deliveries on their way; beyond that the oldest counts as arrived.
const REMEMBERED: usize = 512;

/// Deliveries in the order in which they were written.
#[derive(Debug, Default)]
pub struct Receipts {
    /// Whether the client said that it acknowledges events.
    pub are_sent: bool,
    arrived: u64,
    /// The number of each delivery's last frame; they only rise.
    waiting: VecDeque<u64>,
}

impl Receipts {
    /// A delivery was written; its last frame has this number.
    pub fn delivered(&mut self, frame: u64) {
        self.waiting.push_back(frame);
        if !self.are_sent || self.waiting.len() > REMEMBERED {
            self.waiting.pop_front();
            self.arrived += 1;
        }
    }

    /// A frame of ours was acknowledged, and with it all before it: a socket keeps order.
    pub fn acknowledged(&mut self, frame: u64) {
        while self.waiting.front().is_some_and(|first| *first <= frame) {
            self.waiting.pop_front();
            self.arrived += 1;
        }
    }

    /// Deliveries that arrived, from the first on.
    pub fn confirmed(&self) -> u64 {
        self.arrived
    }
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
        [3, 4, 7].into_iter().for_each(|frame| receipts.delivered(frame));
        assert_eq!(receipts.confirmed(), 0);
        receipts.acknowledged(5);
        assert_eq!(receipts.confirmed(), 2);
        receipts.acknowledged(2);
        receipts.acknowledged(u64::MAX);
        assert_eq!(receipts.confirmed(), 3);
    }

    #[test]
    fn without_acknowledgements_written_is_arrived() {
        let mut receipts = receipts(false);
        receipts.delivered(1);
        assert_eq!(receipts.confirmed(), 1);
    }

    #[test]
    fn who_promises_and_never_acknowledges_is_not_remembered_for_ever() {
        let mut receipts = receipts(true);
        (0..10_000).for_each(|frame| receipts.delivered(frame));
        assert_eq!(receipts.confirmed(), 10_000 - REMEMBERED as u64);
    }
}
