//! The way into one recorder or stream: a queue of what was tapped.
//!
//! **What if it is full?** Pictures are lost up to the next key frame, which is asked for as soon
//! as there is room, and sound is lost frame by frame; both are counted. Nobody waits. Orders are
//! few and always taken, in their place between the pictures.

use crate::aac::AacFrame;
use rotunda_media::AccessUnit;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Some ten seconds of pictures and sound.
const PARTS: usize = 800;
/// What they may hold together.
const BYTES: usize = 16 * 1024 * 1024;

/// What a recorder or stream is given.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Picture(Arc<AccessUnit>),
    Sound(Arc<AacFrame>),
    /// To be done here, at this time of the session (1/90000 s).
    Order(Order, u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Pause,
    Resume,
    Stop,
}

#[derive(Debug, Default)]
struct Queue {
    parts: VecDeque<Part>,
    bytes: usize,
    needs_key: bool,
    lost: u64,
}

#[derive(Debug, Default)]
pub(crate) struct OutputQueue {
    /// Whether it waits for a key frame that comes anyway instead of asking for one.
    is_patient: bool,
    queue: Mutex<Queue>,
    filled: Notify,
}

impl Part {
    fn bytes(&self) -> usize {
        match self {
            Self::Picture(unit) => unit.data.len(),
            Self::Sound(frame) => frame.data.len(),
            Self::Order(..) => 0,
        }
    }
}

impl Queue {
    fn has_room(&self) -> bool {
        self.parts.len() < PARTS && self.bytes < BYTES
    }

    fn put(&mut self, part: Part) {
        self.bytes += part.bytes();
        self.parts.push_back(part);
    }
}

impl OutputQueue {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One that never asks for a key frame: a slow server far away is no reason to spend the room's
    /// bits on one.
    pub fn patient() -> Self {
        Self { is_patient: true, ..Self::default() }
    }

    /// Takes a picture or loses it; answers whether a key frame is needed now.
    pub fn picture(&self, unit: &Arc<AccessUnit>) -> bool {
        let mut queue = self.lock();
        if !queue.has_room() || (queue.needs_key && !unit.keyframe) {
            queue.needs_key = true;
            queue.lost += 1;
            return queue.has_room() && !self.is_patient;
        }
        queue.needs_key = false;
        queue.put(Part::Picture(unit.clone()));
        drop(queue);
        self.filled.notify_one();
        false
    }

    /// Takes 1024 samples or loses them.
    pub fn sound(&self, frame: &Arc<AacFrame>) {
        let mut queue = self.lock();
        if queue.has_room() {
            queue.put(Part::Sound(frame.clone()));
        } else {
            queue.lost += 1;
        }
        drop(queue);
        self.filled.notify_one();
    }

    pub fn order(&self, order: Order, at_90khz: u64) {
        self.lock().put(Part::Order(order, at_90khz));
        self.filled.notify_one();
    }

    /// The next part; waits for one.
    pub async fn next(&self) -> Part {
        loop {
            if let Some(part) = self.try_next() {
                return part;
            }
            self.filled.notified().await;
        }
    }

    fn try_next(&self) -> Option<Part> {
        let mut queue = self.lock();
        let part = queue.parts.pop_front()?;
        queue.bytes -= part.bytes();
        Some(part)
    }

    /// Forgets what waits but orders; pictures begin anew with a key frame.
    pub fn clear(&self) {
        let mut queue = self.lock();
        queue.parts.retain(|part| matches!(part, Part::Order(..)));
        queue.bytes = 0;
        queue.needs_key = true;
    }

    /// Pictures and frames of sound that were lost so far.
    pub fn lost(&self) -> u64 {
        self.lock().lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(n: u64, keyframe: bool, bytes: usize) -> Arc<AccessUnit> {
        let data = vec![1; bytes];
        Arc::new(AccessUnit { ts_90khz: n * 4500, keyframe, width: 16, height: 16, data })
    }

    fn pictures(queue: &OutputQueue) -> Vec<u64> {
        let part = |part| match part {
            Part::Picture(unit) => unit.ts_90khz / 4500,
            other => panic!("{other:?}"),
        };
        std::iter::from_fn(|| queue.try_next()).map(part).collect()
    }

    #[test]
    fn a_full_queue_loses_pictures_up_to_a_key_frame_and_asks_for_one_when_there_is_room() {
        for bytes in [10, 1024 * 1024] {
            let queue = OutputQueue::default();
            let fits = PARTS.min(BYTES / bytes) as u64;
            (0..fits).for_each(|n| assert!(!queue.picture(&unit(n, n == 0, bytes))));
            assert!(!queue.picture(&unit(fits, false, 10)), "no room, so no use in asking");
            assert_eq!(pictures(&queue).len() as u64, fits);
            assert!(queue.picture(&unit(fits + 1, false, 10)), "room, but nothing to build on");
            assert!(!queue.picture(&unit(fits + 2, true, 10)));
            assert!(!queue.picture(&unit(fits + 3, false, 10)));
            assert_eq!((pictures(&queue), queue.lost()), (vec![fits + 2, fits + 3], 2));
        }
    }

    #[test]
    fn an_order_is_taken_even_when_nothing_else_is() {
        let queue = OutputQueue::default();
        (0..2000).for_each(|n| assert!(!queue.picture(&unit(n, true, 1))));
        queue.order(Order::Stop, 7);
        let last = std::iter::from_fn(|| queue.try_next()).last();
        assert!(matches!(last, Some(Part::Order(Order::Stop, 7))));
    }
}
