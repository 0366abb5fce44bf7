//! How somebody goes, and what is another afterwards.

use crate::id::MemberId;
use crate::output::Cause;

/// How somebody's leg is let go.
#[derive(Clone, Copy)]
pub(super) enum Parting {
    /// The client ended it and knows.
    ByThem,
    /// We end it and say why.
    ByUs(Cause),
    /// The grace time ended and no socket is there. Nothing waits to be said: whoever is back
    /// after all comes in anew, and is not hung up by an old goodbye.
    Lost,
}

impl Parting {
    /// What is said on legs that the client did not end.
    pub fn cause(self) -> Cause {
        match self {
            Self::ByThem | Self::Lost => Cause::NormalClearing,
            Self::ByUs(cause) => cause,
        }
    }

    /// How the screens and devices of somebody go who goes like this.
    pub fn of_children(self) -> Self {
        match self {
            Self::Lost => Self::Lost,
            how => Self::ByUs(how.cause()),
        }
    }
}

/// What is another when a guest, or several, are gone.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Those who are to sit elsewhere.
    pub moved: Vec<MemberId>,
    /// Whether the layout has another name.
    pub renamed: bool,
}

impl Left {
    /// Together with what another left.
    pub fn and(&mut self, other: Left) {
        for id in other.moved {
            if !self.moved.contains(&id) {
                self.moved.push(id);
            }
        }
        self.renamed |= other.renamed;
    }
}
