//! The one vocabulary of commands. Every door translates to it.

use crate::grant::Grant;
use crate::id::{LegId, LegKey, MemberId};
use crate::layout::Position;
use crate::room::RoomSettings;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody in the session; their permissions decide.
    Member(MemberId),
    /// The application, by its API token: everything is permitted.
    Project,
}

/// The two kinds of media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// What a newcomer brings.
#[derive(Clone, Debug)]
pub struct Admission {
    /// The id the newcomer will have; drawn by the caller, because rules draw nothing.
    pub member: MemberId,
    /// The newcomer's main leg.
    pub leg: LegKey,
    /// What the client calls that leg.
    pub call_id: LegId,
    /// What the token grants.
    pub grant: Grant,
    /// Whether the client keeps a member list and wants it seeded (wire protocol §9.4).
    pub wants_roster: bool,
}

/// What can be asked of a session.
#[derive(Clone, Debug)]
pub enum Command {
    /// Take a seat; announced once the leg is connected.
    Admit(Box<Admission>),
    /// Take one's seat again on a new main leg, as a reloaded page does; nothing else changes.
    Return {
        /// The new leg.
        leg: LegKey,
        /// What the client calls it.
        call_id: LegId,
        /// As in [`Admission`].
        wants_roster: bool,
    },
    /// End one's own leg; ending the main leg is leaving.
    HangUp(LegKey),
    /// List the members.
    GetMembers,
    /// List the layouts.
    ListLayouts,
    /// Change the layout and, in the same step, positions.
    SetLayout {
        /// One of the catalogue's names.
        name: String,
        /// Who is to sit where.
        positions: Vec<(Target, Position)>,
    },
    /// Switch somebody's microphone or camera off or on.
    Mute {
        /// Whose.
        target: Target,
        /// Which of the two.
        kind: MediaKind,
        /// Off or on.
        muted: bool,
    },
    /// Take over what a changed room says about a session that runs.
    ApplyRoom(Box<RoomSettings>),
    /// End the session for everybody.
    End,
}

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

/// What a command answers beyond "done".
#[derive(Clone, Debug)]
pub enum Reply {
    /// Done.
    Done,
    /// The members.
    Members(Vec<crate::event::MemberView>),
    /// The layouts.
    Layouts(&'static [&'static str]),
}

/// What the world tells a session unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// ICE and DTLS are up on the leg.
    Connected(LegKey),
    /// The leg did not connect in time after the answer.
    NeverConnected(LegKey),
    /// The leg's media path is lost for good.
    MediaLost(LegKey),
    /// The socket that carried a member's signalling closed.
    SocketGone(MemberId),
    /// A socket carries the member's signalling again.
    SocketBack(MemberId),
    /// The member began or ceased to talk.
    Talking(MemberId, bool),
    /// Events for the member were lost while no socket took them; they need the present state.
    Missed(MemberId),
}
