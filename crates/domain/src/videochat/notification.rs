//! What those who watch a room's videochat are told. Values only; their JSON is the door's.

use super::words::{Notify, VideochatMode};
use crate::id::MemberId;
use std::sync::Arc;

/// What sets somebody above the others in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Ranks {
    /// Owner; nobody can take that away.
    pub owner: bool,
    /// Moderator for the time being.
    pub panelist: bool,
    /// The one who presents.
    pub presenter: bool,
    /// Beside the presenter on the board.
    pub co_presenter: bool,
}

impl Ranks {
    /// Whether this one moderates.
    pub fn moderates(self) -> bool {
        self.owner || self.panelist
    }

    /// Whether there is any rank.
    pub fn any(self) -> bool {
        self.owner || self.panelist || self.presenter || self.co_presenter
    }
}

/// Somebody with a seat: one connection, as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityView {
    /// The seat.
    pub id: MemberId,
    /// The seat as a number, for engines that want one; unique in the session, from 1 on.
    pub uid: u32,
    /// Whose it is; several seats may be one user's.
    pub user: Arc<str>,
    /// Their name.
    pub name: Arc<str>,
    /// Their ranks.
    pub ranks: Ranks,
    /// Whether they may speak.
    pub speaks: bool,
    /// Microphone on.
    pub microphone_on: bool,
    /// Hand up.
    pub hand_up: bool,
    /// Asks to be promoted.
    pub asks: bool,
    /// In the background: the seat is kept, nobody is there.
    pub is_away: bool,
}

/// Those who are told of everybody: whose seat it is, and who moderates or presents.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Insiders(pub Arc<[Arc<str>]>);

/// Who is told, of those who watch the room; whoever manages the room is an insider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// All.
    Everybody,
    /// Insiders only.
    Only(Insiders),
    /// All others.
    AllBut(Insiders),
    /// One user.
    One(Arc<str>),
}

impl Recipients {
    /// Whether somebody is told.
    pub fn includes(&self, user: &str, manages: bool) -> bool {
        let is_inside =
            |insiders: &Insiders| manages || insiders.0.iter().any(|one| **one == *user);
        match self {
            Self::Everybody => true,
            Self::Only(insiders) => is_inside(insiders),
            Self::AllBut(insiders) => !is_inside(insiders),
            Self::One(one) => **one == *user,
        }
    }
}

/// A fact about a videochat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotificationKind {
    /// It began.
    Started,
    /// It is over.
    Ended,
    /// What everybody may know of it changed.
    StatusUpdated {
        /// Mode in force.
        mode: VideochatMode,
        /// Whether people without a seat may watch.
        is_stream_enabled: bool,
        /// Identities allowed; 0 is no limit.
        limit: u32,
        /// Where people without a seat see what is streamed, if it is known.
        playback: Option<Arc<str>>,
    },
    /// Somebody is there.
    IdentityConnected(IdentityView),
    /// Somebody is gone, or not to be seen any more.
    IdentityDisconnected(IdentityView),
    /// Somebody changed.
    IdentityUpdated(IdentityView),
    /// Somebody asks to speak.
    PromotionRequested(IdentityView),
    /// They are not to.
    PromotionDeclined(IdentityView),
    /// A screen is shared.
    ShareStarted(MemberId),
    /// It is not any more.
    ShareStopped(MemberId),
    /// The session is streamed, and where people without a seat see it, if that is known.
    LiveStreamStarted(Option<Arc<str>>),
    /// It is not any more.
    LiveStreamStopped,
    /// Another presents, or nobody.
    PresenterChanged(Option<Arc<str>>),
    /// Others are beside the presenter.
    CoPresentersChanged(Vec<Arc<str>>),
}

/// A notice on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// What.
    pub kind: NotificationKind,
    /// To whom.
    pub recipients: Recipients,
    /// What clients are to do about it.
    pub notify: Notify,
}
