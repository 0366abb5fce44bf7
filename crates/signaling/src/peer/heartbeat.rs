//! Pings: when the next is due, and which were not answered. The ping is also what lets a client on
//! a frozen network notice it, so it never waits for anything else.

use std::collections::VecDeque;

/// The heartbeat of one connection.
#[derive(Debug)]
pub struct Heartbeat {
    next_ms: u64,
    count: u64,
    /// Number and time of pings without answer; bounded, because the oldest ends the connection.
    unanswered: VecDeque<(u64, u64)>,
}

impl Heartbeat {
    /// A pulse whose first beat is at `next_ms`.
    pub fn new(next_ms: u64) -> Self {
        Self { next_ms, count: 0, unanswered: VecDeque::new() }
    }

    /// Whether a ping is to be sent.
    pub fn is_due(&self, now_ms: u64) -> bool {
        self.next_ms <= now_ms
    }

    /// Notes that a ping goes out now; gives its id. Beats that were missed are skipped.
    pub fn sent(&mut self, name: &str, now_ms: u64, every_ms: u64) -> String {
        self.count += 1;
        self.unanswered.push_back((self.count, now_ms));
        self.next_ms = now_ms.saturating_add(every_ms);
        format!("{name}-ping-{}", self.count)
    }

    /// Notes an answer; one that answers a ping answers all before it.
    pub fn answered(&mut self, name: &str, id: &str) {
        let number = id
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix("-ping-"))
            .and_then(|number| number.parse::<u64>().ok());
        if let Some(number) = number {
            self.unanswered.retain(|(ping, _)| *ping > number);
        }
    }

    /// Whether the oldest unanswered ping is `within_ms` old.
    pub fn is_lost(&self, now_ms: u64, within_ms: u64) -> bool {
        self.lost_at(within_ms).is_some_and(|at| at <= now_ms)
    }

    /// When there is something to do: to ping, or to give up.
    pub fn due(&self, within_ms: u64) -> u64 {
        self.lost_at(within_ms).map_or(self.next_ms, |at| at.min(self.next_ms))
    }

    fn lost_at(&self, within_ms: u64) -> Option<u64> {
        self.unanswered.front().map(|(_, sent_ms)| sent_ms.saturating_add(within_ms))
    }
}
