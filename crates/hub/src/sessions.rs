//! Sessions that run: where they are found, how one begins, its task, and what it has done.

pub(crate) mod directory;
pub(crate) mod effects;
pub(crate) mod ending;
pub(crate) mod engine_events;
pub(crate) mod handle;
pub(crate) mod noted;
pub(crate) mod outcomes;
pub(crate) mod places;
pub(crate) mod start;
pub(crate) mod task;
