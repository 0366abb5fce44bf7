//! Whom something is aimed at, as it was asked.

use crate::id::MemberId;

/// Whom a command is aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The caller.
    Oneself,
    /// The member with this id, who may not exist.
    Member(MemberId),
    /// An id that cannot be anybody's, because it is no id at all.
    Nobody,
}
