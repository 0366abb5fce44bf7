//! What was asked whether the world allows it.

/// A command for which it was asked, just now, what stands in its way out in the world; whatever does is
/// in the command itself, for the rules to name in their turn. Only [`crate::execute`] makes one, and a
/// session's mailbox takes nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Checked<T>(T);

impl<T> Checked<T> {
    pub(super) fn new(asked: T) -> Self {
        Self(asked)
    }

    /// What was asked for.
    pub fn into_inner(self) -> T {
        self.0
    }
}
