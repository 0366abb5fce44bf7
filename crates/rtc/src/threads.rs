//! Network threads by number, and sets of them.

/// The most there can be.
pub(crate) const MAX_THREADS: usize = 16;

/// One network thread: its number, from 0 on.
pub(crate) type Thread = usize;

/// Some of the threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Set(u16);

impl Set {
    pub fn has(self, thread: Thread) -> bool {
        self.0 & Self::bit(thread) != 0
    }

    pub fn set(&mut self, thread: Thread, is_in: bool) {
        self.0 = if is_in { self.0 | Self::bit(thread) } else { self.0 & !Self::bit(thread) };
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    pub fn iter(self) -> impl Iterator<Item = Thread> {
        (0..MAX_THREADS).filter(move |thread| self.has(*thread))
    }

    fn bit(thread: Thread) -> u16 {
        1u16.checked_shl(thread as u32).unwrap_or(0)
    }
}
