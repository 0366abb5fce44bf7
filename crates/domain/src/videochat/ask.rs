//! What can be asked of a session's videochat, by whom, and what it answers.

use super::notification::{IdentityView, Ranks};
use super::settings::VideochatSettings;
use super::words::{EngineName, RoomType, VideochatMode};
use crate::id::{MemberId, StreamId};
use crate::refusal::Refusal;
use crate::stream::StreamTarget;
use std::sync::Arc;

/// What somebody may do in a room; each includes those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoomRight {
    /// See what goes on, and watch.
    View,
    /// Take a seat and ask to speak.
    Comment,
    /// Speak where the settings let everybody.
    Contribute,
    /// Set, moderate, own.
    Manage,
}

impl RoomRight {
    /// The spelling on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Comment => "comment",
            Self::Contribute => "contribute",
            Self::Manage => "manage",
        }
    }

    /// Reads the wire's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::View, Self::Comment, Self::Contribute, Self::Manage]
            .into_iter()
            .find(|right| right.as_str() == text)
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The application's name for the user.
    pub user: Arc<str>,
    /// What they may do in this room.
    pub right: RoomRight,
}

/// A seat somebody wants a token for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatRequest {
    /// What the seat will be called; drawn by the caller, because rules draw nothing.
    pub id: MemberId,
    /// The user's name for people.
    pub name: Arc<str>,
    /// Only to watch: no seat, in nobody's list.
    pub watches: bool,
    /// It was theirs when the server ended. The seats that wait for the same user's other devices stay.
    pub is_back: bool,
}

/// A seat that waits for its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatGranted {
    /// The seat as others see it.
    pub identity: IdentityView,
    /// Who carries the media.
    pub engine: EngineName,
    /// Mode in force.
    pub mode: VideochatMode,
}

/// A change of somebody's standing; what is `None` stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct RankChange {
    /// Moderate.
    pub panelist: Option<bool>,
    /// Present; whoever presented does not any more.
    pub presenter: Option<bool>,
    /// Sit beside the presenter.
    pub co_presenter: Option<bool>,
    /// Speak.
    pub voice: Option<bool>,
    /// Own the videochat; that follows from the room and cannot be changed.
    pub owner: Option<bool>,
}

/// A live stream somebody wants to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveStreamRequest {
    /// What it will be called; drawn by the caller, because rules draw nothing.
    pub stream: StreamId,
    /// Where it goes, or why it cannot: that is said to those only who may begin one.
    pub target: Result<StreamTarget, Refusal>,
    /// Where people without a seat will see it, for all to know.
    pub playback: Option<Arc<str>>,
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VideochatCommand {
    /// Take over what is set for the room now.
    Apply(VideochatSettings),
    /// Keep a seat for a token.
    Reserve(SeatRequest),
    /// Describe the videochat as the caller may see it.
    View,
    /// Change the standing of a user, or of the user of a seat.
    ChangeParticipant(Arc<str>, RankChange),
    /// Ask to speak.
    AskVoice,
    /// Turn down a user who asked; or take back what one asked oneself.
    DeclineVoice(Arc<str>),
    /// Say that one is about to share a screen.
    StartShare,
    /// End a share: one's own, or the one of this seat.
    StopShare(Option<MemberId>),
    /// Begin the live stream.
    StartLiveStream(LiveStreamRequest),
    /// End every stream that runs.
    StopLiveStream,
    /// A seat is connected at the vendor, says its client.
    Connected(MemberId),
    /// It is not any more.
    Disconnected(MemberId),
    /// Nobody is there to say so: it is given up after the grace time.
    Lost(MemberId),
    /// End the videochat.
    End,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VideochatReply {
    /// Done.
    Done,
    /// A seat.
    Seat(Box<SeatGranted>),
    /// The videochat.
    View(Box<VideochatView>),
}

/// A videochat as somebody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideochatView {
    /// Who carries the media of this session.
    pub engine: EngineName,
    /// Topology at Twilio of this session.
    pub room_type: RoomType,
    /// What is set now.
    pub settings: VideochatSettings,
    /// Identities allowed; 0 is no limit.
    pub limit: u32,
    /// Seats taken, those not shown included.
    pub counter: u32,
    /// Seats the caller may see, in the order they came.
    pub identities: Vec<IdentityView>,
    /// Users who ask to speak, oldest first; for insiders.
    pub requests: Vec<Arc<str>>,
    /// Seats that share a screen.
    pub sharing: Vec<MemberId>,
    /// Whether a share is on the board.
    pub board_in_use: bool,
    /// Where people without a seat see what is streamed: nothing while no stream runs, and nothing
    /// within while nobody said where.
    pub live: Option<Option<Arc<str>>>,
    /// The caller's ranks.
    pub ranks: Ranks,
}
