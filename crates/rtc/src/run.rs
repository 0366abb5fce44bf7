//! Datagrams on their way to the socket: those that leave in one system call, and those that wait because the
//! socket's buffer is full. It refuses to know sockets.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

/// The kernel's limit for one segmented send, headers left aside.
const MAX_SEGMENTED: usize = 60_000;
/// Bytes of pictures that may wait. Legs wait before that (`Outlet::is_full`): what comes all the same are
/// repeats, and the end of what was being sent. Beyond it the newest are lost, and asked for again.
const MOST_PICTURES: usize = 1 << 20;
/// The same of everything else: a tick of sound for two thousand.
const MOST_URGENT: usize = 256 << 10;

/// Where a run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct To {
    pub destination: SocketAddr,
    pub source: Option<IpAddr>,
    /// Anything but pictures.
    pub is_urgent: bool,
}

/// Datagrams of equal size to one peer, not yet sent.
#[derive(Debug)]
pub(crate) struct Run {
    pub to: To,
    pub segment: usize,
    pub count: usize,
    /// A shorter one was the last: the kernel allows no more after it.
    ended: bool,
    pub bytes: Vec<u8>,
}

impl Run {
    /// An empty one, with room for so many bytes.
    pub fn new(destination: SocketAddr, room: usize) -> Self {
        let to = To { destination, source: None, is_urgent: false };
        Self { to, segment: 0, count: 0, ended: true, bytes: Vec::with_capacity(room) }
    }

    /// Whether a datagram may leave with these.
    pub fn fits(&self, to: &To, bytes: &[u8], most: usize) -> bool {
        !self.ended
            && self.to == *to
            && bytes.len() <= self.segment
            && self.count < most
            && self.bytes.len() + bytes.len() <= MAX_SEGMENTED
    }

    /// Begins anew.
    pub fn begin(&mut self, to: To, segment: usize) {
        (self.to, self.segment, self.ended) = (to, segment, false);
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.ended = bytes.len() < self.segment;
        self.count += 1;
        self.bytes.extend_from_slice(bytes);
    }

    /// Is empty, and keeps its memory.
    pub fn end(&mut self) {
        self.bytes.clear();
        (self.count, self.ended) = (0, true);
    }

    /// Its first bytes, whole datagrams, were sent.
    pub fn leave_out(&mut self, bytes: usize) {
        self.bytes.drain(..bytes);
        self.count -= bytes.div_ceil(self.segment);
    }
}

/// Runs that wait for the socket: what is urgent in front of the pictures.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    urgent: VecDeque<Run>,
    pictures: VecDeque<Run>,
    /// Bytes of each.
    bytes: (usize, usize),
}

impl Waiting {
    pub fn is_empty(&self) -> bool {
        self.urgent.is_empty() && self.pictures.is_empty()
    }

    /// Whether anything waits that goes before what comes now.
    pub fn is_before(&self, is_urgent: bool) -> bool {
        !self.urgent.is_empty() || !is_urgent && !self.pictures.is_empty()
    }

    /// Has a run wait. Gives how many datagrams are lost because too much does.
    pub fn push(&mut self, run: &Run) -> usize {
        let (bytes, most) = match run.to.is_urgent {
            true => (&mut self.bytes.0, MOST_URGENT),
            false => (&mut self.bytes.1, MOST_PICTURES),
        };
        if *bytes + run.bytes.len() > most {
            return run.count;
        }
        *bytes += run.bytes.len();
        let Run { to, segment, count, ended, .. } = *run;
        let run = Run { to, segment, count, ended, bytes: run.bytes.clone() };
        self.of(run.to.is_urgent).push_back(run);
        0
    }

    /// The next to be sent.
    pub fn pop(&mut self) -> Option<Run> {
        let run = self.urgent.pop_front().or_else(|| self.pictures.pop_front())?;
        self.count(&run, |bytes, of_run| bytes - of_run);
        Some(run)
    }

    /// It could not be sent, or not all of it.
    pub fn put_back(&mut self, run: Run) {
        self.count(&run, |bytes, of_run| bytes + of_run);
        self.of(run.to.is_urgent).push_front(run);
    }

    fn of(&mut self, is_urgent: bool) -> &mut VecDeque<Run> {
        if is_urgent { &mut self.urgent } else { &mut self.pictures }
    }

    fn count(&mut self, run: &Run, how: impl FnOnce(usize, usize) -> usize) {
        let bytes = if run.to.is_urgent { &mut self.bytes.0 } else { &mut self.bytes.1 };
        *bytes = how(*bytes, run.bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(is_urgent: bool, datagrams: usize, segment: usize) -> Run {
        let mut run = Run::new("192.0.2.1:9".parse().unwrap(), 0);
        run.begin(To { is_urgent, ..run.to }, segment);
        (0..datagrams).for_each(|n| run.push(&vec![n as u8; segment]));
        run
    }

    #[test]
    fn sound_passes_by_pictures_and_each_kind_keeps_its_order() {
        let mut waiting = Waiting::default();
        for (is_urgent, size) in [(false, 100), (true, 11), (false, 101), (true, 12)] {
            assert!(waiting.is_before(is_urgent) || size == 100 || size == 11);
            assert_eq!(waiting.push(&run(is_urgent, 2, size)), 0);
        }
        let order: Vec<usize> =
            std::iter::from_fn(|| waiting.pop()).map(|run| run.segment).collect();
        assert_eq!(order, [11, 12, 100, 101]);
        assert!(waiting.is_empty());
    }

    #[test]
    fn what_is_too_much_is_lost_and_counted_and_sound_has_room_of_its_own() {
        let mut waiting = Waiting::default();
        let lost: usize = (0..2_000).map(|_| waiting.push(&run(false, 10, 1_200))).sum();
        assert_eq!(lost, 20_000 - MOST_PICTURES / 12_000 * 10);
        assert_eq!(waiting.push(&run(true, 1, 100)), 0);
        while waiting.pop().is_some() {}
        assert_eq!(waiting.push(&run(false, 10, 1_200)), 0, "what left has made room");
    }

    #[test]
    fn of_a_run_that_was_sent_in_part_the_rest_goes_first_later() {
        let mut waiting = Waiting::default();
        assert_eq!(waiting.push(&run(false, 3, 50)) + waiting.push(&run(false, 1, 60)), 0);
        let mut first = waiting.pop().unwrap();
        first.leave_out(50);
        assert_eq!((first.count, first.bytes[0], first.bytes.len()), (2, 1, 100));
        waiting.put_back(first);
        let order: Vec<usize> =
            std::iter::from_fn(|| waiting.pop()).map(|run| run.bytes.len()).collect();
        assert_eq!(order, [100, 60]);
    }
}
