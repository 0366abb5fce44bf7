//! Every picture of a stream since its last key frame, as long as that is short: what a newcomer needs
//! to see the next one. It refuses to know who that is.

use std::sync::Arc;

use crate::Picture;

/// A group longer than this (one second of pictures) is not worth sending to a newcomer.
pub(crate) const MAX_GROUP_PICTURES: usize = 30;
/// Nor one bigger than this: it would take a newcomer's line for most of a second.
pub(crate) const MAX_GROUP_BYTES: usize = 250_000;

#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pictures: Vec<Arc<Picture>>,
    bytes: usize,
}

impl Group {
    /// Adds one more picture; a key frame begins anew.
    pub fn push(&mut self, picture: &Arc<Picture>) {
        if picture.keyframe {
            self.clear();
        } else if self.pictures.is_empty() {
            return;
        }
        self.pictures.push(picture.clone());
        self.bytes += picture.bytes;
        if self.pictures.len() > MAX_GROUP_PICTURES || self.bytes > MAX_GROUP_BYTES {
            self.clear();
        }
    }

    /// It is of no use: newcomers wait for the next key frame.
    pub fn clear(&mut self) {
        self.pictures.clear();
        self.bytes = 0;
    }

    /// The key frame and all after it; empty if of no use.
    pub fn pictures(&self) -> &[Arc<Picture>] {
        &self.pictures
    }
}
