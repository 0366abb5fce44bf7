//! What all writers share of the outbox of events: who writes what endpoints are sent, and the bell
//! that is rung after a commit that wrote some.

use crate::{EventRow, MemberRow, RecordingRow, SessionRow, Store};
use rotunda_domain::Room;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// What an event is about, as it is after it.
#[derive(Clone, Debug, PartialEq)]
pub enum Entity {
    /// A room.
    Room(Box<Room>),
    /// A session.
    Session(Box<SessionRow>),
    /// A member.
    Member(MemberRow),
    /// A recording.
    Recording(Box<RecordingRow>),
}

type Shape = dyn Fn(&EventRow, Option<Entity>) -> String + Send + Sync;

/// Writes what endpoints are sent of an event.
#[derive(Clone)]
pub struct BodyShape(Arc<Shape>);

impl BodyShape {
    /// `shape` writes the body.
    pub fn new(
        shape: impl Fn(&EventRow, Option<Entity>) -> String + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(shape))
    }

    /// The body for an event and what it is about.
    pub(crate) fn body(&self, event: &EventRow, entity: Option<Entity>) -> String {
        (self.0)(event, entity)
    }
}

impl fmt::Debug for BodyShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BodyShape")
    }
}

/// What all writers share.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    shape: OnceLock<BodyShape>,
    /// Whether there was ever an endpoint, so that who has none pays nothing.
    endpoints: AtomicBool,
    /// Something was written, and is not yet committed.
    written: AtomicBool,
    /// Something may be due.
    pub wake: Arc<Notify>,
}

impl Outbox {
    /// There are endpoints from now on.
    pub fn has_endpoints(&self) {
        self.endpoints.store(true, Ordering::Relaxed);
    }

    /// A transaction is over, one way or the other; to be called before the next begins.
    pub fn over(&self) {
        if self.written.swap(false, Ordering::Relaxed) {
            self.wake.notify_one();
        }
    }

    /// Something is written that will be committed.
    pub fn filled(&self) {
        self.written.store(true, Ordering::Relaxed);
    }

    /// Who writes bodies, if anybody is sent any.
    pub fn shape(&self) -> Option<&BodyShape> {
        self.shape.get().filter(|_| self.endpoints.load(Ordering::Relaxed))
    }
}

impl Store {
    /// From now on events are written for endpoints, with bodies that `shape` writes; answers what
    /// is notified when some were. The first call counts.
    pub fn fill_outbox(&self, shape: BodyShape) -> Arc<Notify> {
        self.inner.outbox.shape.get_or_init(|| shape);
        self.inner.outbox.wake.clone()
    }
}
