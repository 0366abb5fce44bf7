//! Packets between the bottleneck and the far end, each with the time at which it arrives.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::time::Instant;

struct Flight<P> {
    due: Instant,
    number: u64,
    packet: P,
}

impl<P> PartialEq for Flight<P> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<P> Eq for Flight<P> {}

impl<P> PartialOrd for Flight<P> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<P> Ord for Flight<P> {
    /// Those that arrive at the same time arrive as they left.
    fn cmp(&self, other: &Self) -> Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

/// All that are under way.
pub(crate) struct Flights<P> {
    heap: BinaryHeap<Reverse<Flight<P>>>,
    number: u64,
    latest: Option<Instant>,
}

impl<P> Flights<P> {
    pub fn new() -> Self {
        Self { heap: BinaryHeap::new(), number: 0, latest: None }
    }

    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Off it goes, to arrive at `due`; or, where the order is kept, not before whatever left earlier.
    pub fn push(&mut self, packet: P, due: Instant, keeps_order: bool) {
        let due = match self.latest {
            Some(latest) if keeps_order => latest.max(due),
            _ => due,
        };
        self.latest = Some(self.latest.map_or(due, |latest| latest.max(due)));
        self.number += 1;
        self.heap.push(Reverse(Flight { due, number: self.number, packet }));
    }

    /// When the next one arrives.
    pub fn due(&self) -> Option<Instant> {
        self.heap.peek().map(|next| next.0.due)
    }

    /// The next one that has arrived by `now`.
    pub fn pop(&mut self, now: Instant) -> Option<P> {
        self.due().filter(|due| *due <= now)?;
        self.heap.pop().map(|next| next.0.packet)
    }
}
