//! The rules of Rotunda as pure values.
//!
//! A **room** is a durable, named place. A **session** is one live occurrence of it, and its
//! **members** (and audience) are the people in it, each connected by **legs**. A command goes in
//! with an explicit *now* and the actor who asks; what must happen in the world comes out as
//! [`Output`]s. Nothing here reads a clock, draws a random number, opens a socket or knows JSON
//! shapes; a refused command changes nothing.

// So that tests inside the crate may share fixtures with those outside.
#[cfg(test)]
extern crate self as rotunda_domain;

pub mod admin;
pub mod chat;
pub mod command;
pub mod conference;
pub mod entry;
pub mod event;
pub mod grant;
pub mod half_open;
pub mod hearers;
pub mod id;
pub mod layout;
pub mod limits;
pub mod line;
pub mod link;
pub mod lobby;
pub mod output;
pub mod permission;
pub mod playback;
pub mod refusal;
pub mod room;
pub mod session;
pub mod stream;
pub mod target;
pub mod text;
pub mod time;
pub mod videochat;
pub mod webhook;
mod words;

pub use chat::{ChatAccess, ChatMessage};
pub use command::{
    Actor, Admission, Asked, Brings, ChildAdmission, Command, Level, MediaKind, MetaChange,
    Outcome, Promotion, RecordingChange, Reply,
};
pub use conference::{Conference, ConferenceRole, ConferenceSettings, ConferenceSize, Theme};
pub use event::{
    Event, LayoutView, LineView, MemberKind, MemberView, RecordingEvent, RecordingState,
    RecordingView, SessionView, To,
};
pub use grant::{Flow, Grant, Identity, JoinAs, MediaAllowed, Terms};
pub use hearers::{Applications, Hearers, InHistory};
pub use id::{
    ChatId, ConferenceTokenId, LegId, LegKey, LinkId, MemberId, PlaybackId, ProjectId, RecordingId,
    RoomId, RoomStreamId, SessionId, StreamId, WaiterId,
};
pub use layout::{Area, CanvasPlan, Cell, PlannedCell, Position, Reservation, Shown, Size};
pub use line::{LineLevel, LineQuality, PictureSize};
pub use link::{AllowedLinkRequest, LinkKey, LinkRequest, LinkRole, LinkTerms, LinkView};
pub use lobby::{Dismissal, Knock, LobbyState, Waiters, Waiting, own_name};
pub use output::{Cause, Output, Record, RecordingOrder};
pub use permission::{Aim, Permissions, Right, Verb};
pub use playback::{
    Play, PlaybackControl, PlaybackEvent, PlaybackFault, PlaybackOrder, PlaybackOutcome,
    PlaybackState, PlaybackView,
};
pub use refusal::Refusal;
pub use room::{Quality, Room, RoomSettings, Window};
pub use session::{Session, SessionOptions};
pub use stream::{
    Cast, RoomStream, StreamEvent, StreamHealth, StreamState, StreamTarget, StreamView,
};
pub use time::Now;
