//! What a leg beside a client's own is.

/// What a child is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildKind {
    /// A shared screen.
    Screen,
    /// A further camera or microphone.
    Device,
}
